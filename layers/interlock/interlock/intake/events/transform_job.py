"""A transform job ended, which may have been the trial of a release."""

from __future__ import annotations

from pydantic import Field

from interlock.intake.commands import Ignore, if_nothing_to_do, ignore
from interlock.intake.events.endpoint import WakeEndpoint
from interlock.intake.events.reading import Detail, EventType, Name
from interlock.model.names import RESOURCE_PREFIX
from interlock.model.reasons import Reason

ENDED = frozenset({"Completed", "Failed", "Stopped"})
"""Statuses that end a job (botocore TransformJobStatus)."""


class TransformOutput(Detail):
    """Where a job writes."""

    S3OutputPath: str = ""


class TransformJobDetail(Detail):
    """SageMaker Transform Job State Change (docs: sagemaker/latest/dg/automating-sagemaker-with-eventbridge)."""

    TransformJobName: Name
    TransformJobStatus: Name
    TransformOutput_: TransformOutput = Field(default_factory=TransformOutput, alias="TransformOutput")


def transform_job_changed(detail: TransformJobDetail) -> WakeEndpoint | Ignore:
    """The end of a trial. Its output path says of which release it was (see trial_folder)."""
    name, status = detail.TransformJobName, detail.TransformJobStatus
    if status not in ENDED:
        return ignore(f"Transform job {name} is {status}: not ended.")
    *_, endpoint, folder = ("", "", *detail.TransformOutput_.S3OutputPath.rstrip("/").split("/"))
    if not endpoint or folder != name or not name.startswith(RESOURCE_PREFIX):
        return ignore(f"Transform job {name} is {status}; it was not a release's.")
    sentence = f"Transform job {name} has ended as {status}."
    return {
        "kind": "WakeEndpoint",
        "reason": str(Reason.ACCEPTED),
        "sentence": sentence,
        "endpoint": endpoint,
        "otherwise": if_nothing_to_do(sentence),
    }


TRANSFORM_JOB = EventType(
    "aws.sagemaker", "SageMaker Transform Job State Change", TransformJobDetail, transform_job_changed
)
