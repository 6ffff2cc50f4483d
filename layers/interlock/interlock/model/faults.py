"""Where the fault lies when SageMaker refuses a change, or rolls it back: read from AWS's words.

SageMaker has no error codes for this. FailureReason, and the messages of refused calls, are the only source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from interlock.model.reasons import Reason

_AGAIN = "Then release the version again."


@dataclass(frozen=True)
class Fault:
    """``words`` of AWS, the ``reason`` that they mean, and what a person can do about it."""

    words: str
    reason: Reason
    advice: str


def _fault(words: str, reason: Reason, advice: str = "") -> Fault:
    return Fault(f"(?i){words}", reason, advice)


OF_THE_ACCOUNT = (
    _fault(
        # aws/deep-learning-containers #6673; DIAGNijmegen/rse-grand-challenge #2631
        r"InsufficientInstanceCapacity|CapacityError|unable to provision|(not enough|insufficient)[\w ]* capacity",
        Reason.INSUFFICIENT_CAPACITY,
        "AWS has too few instances of this type just now. Wait, or choose another instance type. " + _AGAIN,
    ),
    _fault(
        # "There is not enough hardware resources on the instances for this endpoint to create a copy of the inference
        # component." (public code quotes it)
        r"not enough hardware resources",
        Reason.INSUFFICIENT_CAPACITY,
        "The copies need more than is free on the endpoint's instances: ask for less memory, or allow more instances. "
        + _AGAIN,
    ),
    _fault(
        # aws/amazon-sagemaker-examples #307
        r"ResourceLimitExceeded|service limit|quota",
        Reason.QUOTA_EXCEEDED,
        f"Ask for a higher quota in Service Quotas. {_AGAIN}",
    ),
    _fault(
        # aws/sagemaker-python-sdk #2002, #1835; aws/deep-learning-containers #5657
        r"BatchGetImage|GetDownloadUrlForLayer|images included in the model|(cannot|unable to) pull",
        Reason.IMAGE_UNREADABLE,
        "Check that the image exists and that the role of the models, and the policy of its repository, let SageMaker "
        f"pull it. {_AGAIN}",
    ),
    _fault(
        # aws-solutions-library-samples/fraud-detection-using-machine-learning #9
        r"(failed to download|could not (find|access)) model data",
        Reason.ARTIFACT_UNREADABLE,
        f"Check that the artifact is there and that the role of the models may read it. {_AGAIN}",
    ),
)
"""Faults of AWS or of the account, whatever the version is. Calls are refused with the same words."""

FAULTS = (
    *OF_THE_ACCOUNT,
    _fault(
        # aws/sagemaker-tensorflow-training-toolkit #347; aws/deep-learning-containers #569
        r"health check|CannotStartContainer|extract model data|container\b.*\b(exited|crashed|failed to start)",
        Reason.CANDIDATE_FAILED_TO_START,
        "Read the log group {log_group} in CloudWatch.",
    ),
    _fault(r"\balarm", Reason.ALARM_RAISED),
    _fault(
        # philschmid/cdk-samples #6; aws-controllers-k8s/sagemaker-controller #7
        r"request to service failed|internal ?(service|server)? ?(error|failure)|throttl|rate exceeded"
        r"|too many requests|service ?unavailable",
        Reason.AWS_REFUSED,
        "SageMaker itself failed. Release the version again.",
    ),
)
"""What FailureReason can mean. The first that fits counts."""

_VARIANT = r"production variant (\S+)"


def fault_in(words: str, faults: tuple[Fault, ...] = FAULTS) -> Fault | None:
    """The fault that AWS's words name, or None if they name none that is known."""
    return next((fault for fault in faults if re.search(fault.words, words)), None)


def failed_variant(words: str) -> str:
    """The production variant whose container AWS says did not start, or an empty string."""
    named = re.search(_VARIANT, words)
    return named[1] if named else ""
