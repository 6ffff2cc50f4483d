"""Deterministic names: a release always asks AWS for the same names, so every create can be repeated."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from interlock.model.request import Request

RESOURCE_PREFIX = "interlock-"
"""Models, endpoint configs and alarms of Interlock start with this; the roles in template.yaml may make no others."""

STACK_TAG, GROUP_TAG, VERSION_TAG = "interlock:stack", "interlock:group", "interlock:version"
RELEASE_TAG = "interlock:release"
"""Tags of what Interlock makes. The roles in template.yaml go by the first two."""

SAGEMAKER_NAME_LIMIT = 63
"""Longest model, endpoint config or variant name (botocore: ModelName, EndpointConfigName, VariantName)."""

ALARM_NAME_LIMIT = 255
"""Longest alarm name (botocore: PutMetricAlarm AlarmName)."""

ACTION_NAME_LIMIT = 120
"""Longest name of an action in SageMaker's lineage (botocore: CreateAction ActionName)."""

EXECUTION_NAME_LIMIT = 80
"""Longest name of an execution (botocore: StartExecution name)."""

TAG_VALUE_LIMIT = 256
"""Longest value of a tag (botocore: TagValue)."""

_UNFIT_FOR_TAG = re.compile(r"[^\w .:/=+@-]")

_UNFIT = re.compile(r"[^a-zA-Z0-9-]+")
"""Characters that SageMaker does not allow in a name. A release started in the Step Functions console may have any
name."""


def shortened(name: str, limit: int) -> str:
    """``name`` if it fits ``limit`` characters, else its head and a digest of the whole, so that distinct names stay
    distinct."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - 11].rstrip('-')}-{_digest(name)}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def _fit_for_sagemaker(release: str) -> str:
    """``release`` in letters, digits and hyphens; a digest makes it distinct if characters were removed."""
    fit = _UNFIT.sub("-", release).strip("-")
    return release if fit == release else f"{fit}-{_digest(release)}".lstrip("-")


def fit_for_tag(text: str) -> str:
    """``text`` as a tag's value, which takes fewer characters than the name of an execution (botocore TagValue)."""
    return shortened(_UNFIT_FOR_TAG.sub("-", text), TAG_VALUE_LIMIT)


def as_tags(tags: Mapping[str, str]) -> list[Request]:
    """``tags`` as SageMaker takes and gives them (botocore TagList)."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def release_name(group: str, version: int) -> str:
    """The stem of a release id, at most 69 characters; intake adds ``-<attempt>``."""
    return f"{group}-v{version}"


def following_name(first: str, number: int, stage: str) -> str:
    """The release that takes a version to the next ``stage``, the ``number``-th of its policy, after the release
    ``first`` took it to the first one. Short enough that the name of a recovery (``-r1``) fits."""
    name = f"{first}-{number}-{stage}"
    return name if len(name) <= EXECUTION_NAME_LIMIT - 3 else shortened(f"{first}-{number}", EXECUTION_NAME_LIMIT - 3)


def resource_name(release: str, part: str = "") -> str:
    """Name of a model or endpoint config of ``release``; ``part`` distinguishes several of one release."""
    suffix = f"-{part}" if part else ""
    return shortened(RESOURCE_PREFIX + _fit_for_sagemaker(release), SAGEMAKER_NAME_LIMIT - len(suffix)) + suffix


def variant_name(release: str, part: str = "") -> str:
    """The variant name of the candidate of ``release`` under variant weights, or of another ``part`` that it brings.

    A name used by no earlier release, because CloudWatch dimensions carry it: a fresh alarm must not see the
    datapoints of a candidate that was rolled back minutes ago.
    """
    suffix = f"-{part}" if part else ""
    return shortened(_fit_for_sagemaker(release), SAGEMAKER_NAME_LIMIT - len(suffix)) + suffix


def alarm_name(release: str, signal: str) -> str:
    """Name of an alarm that guards ``release``."""
    return shortened(f"{RESOURCE_PREFIX}{release}-{signal}", ALARM_NAME_LIMIT)


def pointer_name(endpoint: str, group: str) -> str:
    """The end of the name of the parameter that tells callers of ``endpoint`` which version of ``group`` to name."""
    return f"{endpoint}/{group}"


def trial_folder(endpoint: str, release: str) -> str:
    """Where the transform job of ``release`` writes, from the folder of the stack on. The event of the job's end tells
    it, and so whom that concerns."""
    return f"{endpoint}/{resource_name(release)}"


def action_name(kind: str, name: str) -> str:
    """Name of the action that stands for a release or a retraining (``kind``) in SageMaker's lineage."""
    return shortened(f"{RESOURCE_PREFIX}{kind}-{_fit_for_sagemaker(name)}", ACTION_NAME_LIMIT)


def response_name(run: str, limit: int = EXECUTION_NAME_LIMIT) -> str:
    """Name of the execution that weighs what ``run`` told, at most ``limit`` characters. The same run has the same
    name, through whatever channel it was heard of; the digest keeps runs apart whose names differ only in characters
    that a name may not have."""
    fit = _UNFIT.sub("-", run).strip("-")
    head = fit[: limit - 11].rstrip("-")
    return f"{head}-{_digest(run)}".lstrip("-")


def job_name(*parts: str) -> str:
    """Name of a processing job, in letters, digits and hyphens (botocore: ProcessingJobName). The digest of all parts
    keeps jobs apart where characters were replaced or cut."""
    whole = "/".join(parts)
    fit = _UNFIT.sub("-", f"{RESOURCE_PREFIX}{'-'.join(parts)}").strip("-")
    return f"{fit[: SAGEMAKER_NAME_LIMIT - 11].rstrip('-')}-{_digest(whole)}"
