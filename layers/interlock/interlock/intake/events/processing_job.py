"""A processing job ended, which may have been the run of a monitor."""

from __future__ import annotations

from pydantic import Field

from interlock.intake.commands import Ignore, Weigh, ignore, told, weigh
from interlock.intake.events.reading import Detail, EventType, Name
from interlock.model.results_path import VIOLATIONS_FILE, RunFolder, read_folder

ENDED = frozenset({"Completed", "Failed", "Stopped"})
"""Statuses that end a job (botocore ProcessingJobStatus)."""


class Destination(Detail):
    """Where a job's output goes."""

    S3Uri: str = ""


class Output(Detail):
    """One output; one to a feature store has no S3Output."""

    S3Output: Destination | None = None


class OutputConfig(Detail):
    """All outputs of a job."""

    Outputs: tuple[Output, ...] = ()


class ProcessingJobDetail(Detail):
    """SageMaker Processing Job State Change (docs: sagemaker/latest/dg/automating-sagemaker-with-eventbridge). Whether
    it carries the exit message is not documented, so who weighs it asks for that."""

    ProcessingJobName: Name
    ProcessingJobStatus: Name
    FailureReason: str | None = None
    ProcessingOutputConfig: OutputConfig = Field(default_factory=OutputConfig)


def job_changed(detail: ProcessingJobDetail) -> Weigh | Ignore:
    """The end of a monitor's run. Its output URI says which run it was."""
    name, status = detail.ProcessingJobName, detail.ProcessingJobStatus
    if status not in ENDED:
        return ignore(f"Processing job {name} is {status}: not ended.")
    uris = [output.S3Output.S3Uri for output in detail.ProcessingOutputConfig.Outputs if output.S3Output]
    for uri in uris:
        folder = read_folder(uri)
        if folder:
            return _run_ended(folder, uri, detail)
    return ignore(f"Processing job {name} is {status}; it was not a monitor's run.")


def _run_ended(folder: RunFolder, uri: str, detail: ProcessingJobDetail) -> Weigh:
    failed = detail.ProcessingJobStatus != "Completed"
    why = f": {detail.FailureReason}" if detail.FailureReason else ""
    sentence = (
        f"The job of monitor {folder.monitor} of endpoint {folder.endpoint} for {folder.hour} is"
        f" {detail.ProcessingJobStatus}{why}."
    )
    evidence = f"{uri.rstrip('/')}/{VIOLATIONS_FILE}"
    kind = "monitor_failed" if failed else ""
    signal = told(kind, folder.run, folder.hour, "low", sentence, endpoint=folder.endpoint, evidence=evidence)
    return weigh(signal, job=detail.ProcessingJobName)


PROCESSING_JOB = EventType("aws.sagemaker", "SageMaker Processing Job State Change", ProcessingJobDetail, job_changed)
