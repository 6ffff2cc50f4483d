"""Training jobs: their instances take minutes to come, spot instances may go, and the script really runs.

Operations and statuses: botocore CreateTrainingJob, DescribeTrainingJob, StopTrainingJob.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock, Timer
from rehearsal.sagemaker import refusals
from rehearsal.sagemaker.jobfiles import NoInput
from rehearsal.sagemaker.names import Emit, Names
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.sdk import Call, boto3
from rehearsal.sagemaker.spot import SpotInterrupted
from rehearsal.sagemaker.storage import Storage
from rehearsal.sagemaker.trainingfiles import split, train

_SPOT_ONLY = "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
_SPOT_NEEDS = (
    "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds when "
    "EnableManagedSpotTraining is set to true"
)


@dataclass
class Job:
    """A training job. Times are virtual epoch seconds; `produced` is model.tar.gz while it is not uploaded yet."""

    request: Mapping[str, Any]
    arn: str
    created: float
    status: str = "InProgress"
    failure: str = ""
    interruptions: int = 0
    began: float | None = None
    ended: float | None = None
    produced: bytes = b""
    transitions: list[dict[str, Any]] = field(default_factory=list)
    timer: Timer | None = None

    @property
    def name(self) -> str:
        return str(self.request["TrainingJobName"])

    @property
    def role(self) -> str:
        return str(self.request["RoleArn"])

    @property
    def model(self) -> str:
        """Where model.tar.gz is put (botocore OutputDataConfig)."""
        folder = str(self.request["OutputDataConfig"]["S3OutputPath"]).rstrip("/")
        return f"{folder}/{self.name}/output/model.tar.gz"


class Training:
    """Training jobs by name. They read and write S3 as their role. `call` is how a script's boto3 calls AWS."""

    def __init__(
        self, clock: Clock, emit: Emit, names: Names, options: Options, storage: Storage, call: Call | None
    ) -> None:
        self._clock, self._emit, self._names, self._options = clock, emit, names, options
        self._storage, self._call = storage, call
        self._jobs: dict[str, Job] = {}

    def create_training_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Starts at once. Refused: a name that was used (ResourceInUse), MaxWaitTimeInSeconds without spot (AWS's
        words: aws/sagemaker-python-sdk#4140), spot without it."""
        name = request["TrainingJobName"]
        arn = self._names.arn("training-job", name)
        if name in self._jobs:
            raise refusals.in_use("training job", arn)
        limits = request["StoppingCondition"]
        if "MaxWaitTimeInSeconds" in limits and not request.get("EnableManagedSpotTraining"):
            raise refusals.invalid(_SPOT_ONLY)
        if request.get("EnableManagedSpotTraining") and (
            limits.get("MaxWaitTimeInSeconds", -1) < limits.get("MaxRuntimeInSeconds", 86_400)
        ):
            raise refusals.invalid(_SPOT_NEEDS)
        job = self._jobs[name] = Job(dict(request), arn, self._clock.now)
        self._turn(job, "Starting")
        job.timer = self._clock.after(self._options.training_start_seconds, lambda: self._train(job))
        return {"TrainingJobArn": arn}

    def describe_training_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        job = self._find(request["TrainingJobName"])
        at = self._clock.datetime
        described = {key: value for key, value in job.request.items() if key not in ("Tags", "ModelPackageConfig")}
        described |= {
            "TrainingJobArn": job.arn,
            "TrainingJobStatus": job.status,
            "SecondaryStatus": job.transitions[-1]["Status"],
            "SecondaryStatusTransitions": list(job.transitions),
            "ModelArtifacts": {"S3ModelArtifacts": job.model},  # required by botocore, so it is there before the model
            "CreationTime": at(job.created),
            "LastModifiedTime": job.transitions[-1]["StartTime"],
        }
        if job.began is not None:
            described["TrainingStartTime"] = at(job.began)
        if job.ended is not None:
            described["TrainingEndTime"] = at(job.ended)
            seconds = int(job.ended - (job.began or job.ended))
            described |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": self._billed(job, seconds)}
        return described | ({"FailureReason": job.failure[:1024]} if job.failure else {})

    def stop_training_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The job is Stopping, and Stopped a little later; its model is not kept."""
        job = self._find(request["TrainingJobName"])
        if job.status != "InProgress":
            raise refusals.invalid(f"The request was rejected because the training job is in status {job.status}.")
        if job.timer:
            job.timer.cancel()
        job.status = "Stopping"
        self._turn(job, "Stopping")
        self._clock.after(self._options.training_stop_seconds, lambda: self._end(job, "Stopped"))
        return {}

    def _find(self, name: str) -> Job:
        if name not in self._jobs:
            raise refusals.invalid("Requested resource not found.")
        return self._jobs[name]

    def _train(self, job: Job) -> None:
        """Run the script now; what it made is uploaded when the virtual time of training is over."""
        job.began = job.began if job.began is not None else self._clock.now
        self._turn(job, "Training")
        spot = bool(job.request.get("EnableManagedSpotTraining"))
        interrupt = spot and job.interruptions < self._options.spot_interruptions
        modules = {"boto3": boto3(self._call, job.role)} if self._call else {}
        slept = 0.0
        try:
            trained = train(job.request, job.arn, self._storage, self._clock.now, modules, interrupt)
            job.produced, job.failure, slept = trained.model, trained.failure, trained.slept
        except SpotInterrupted:
            job.interruptions += 1
            self._turn(job, "Interrupted")
            job.timer = self._clock.after(self._options.spot_wait_seconds, lambda: self._train(job))
            return
        except NoInput as missing:
            job.failure = str(missing)
        except AwsError as refused:
            job.failure = f"ClientError: {refused.message}"
        job.timer = self._clock.after(self._options.training_run_seconds + slept, lambda: self._finish(job))

    def _finish(self, job: Job) -> None:
        if not job.failure:
            self._turn(job, "Uploading")
            try:
                self._storage.write(job.role, *split(job.model), job.produced)
            except AwsError as refused:
                job.failure = f"ClientError: Artifact upload failed: {refused.message}"
        self._end(job, "Failed" if job.failure else "Completed")

    def _billed(self, job: Job, seconds: int) -> int:
        """Managed spot training is billed for less than it trains: here for 30 % of it (docs: up to 90 % less)."""
        return int(seconds * 0.3) if job.request.get("EnableManagedSpotTraining") else seconds

    def _end(self, job: Job, status: str) -> None:
        job.status, job.ended = status, self._clock.now
        self._turn(job, status)

    def _turn(self, job: Job, secondary: str) -> None:
        """A new secondary status, and its event (docs: automating-sagemaker-with-eventbridge)."""
        now = self._clock.datetime()
        if job.transitions:
            job.transitions[-1]["EndTime"] = now
        job.transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": secondary})
        shown = ("HyperParameters", "RoleArn", "OutputDataConfig", "ResourceConfig", "StoppingCondition")
        detail: dict[str, Any] = {
            "TrainingJobName": job.name,
            "TrainingJobArn": job.arn,
            "TrainingJobStatus": job.status,
            "SecondaryStatus": secondary,
            **{name: job.request[name] for name in shown if name in job.request},
            "CreationTime": int(job.created * 1000),
            "LastModifiedTime": int(self._clock.now * 1000),
            "Tags": {},
        }
        if job.status == "Completed":
            detail["ModelArtifacts"] = {"S3ModelArtifacts": job.model}
        if job.failure and job.status == "Failed":
            detail["FailureReason"] = job.failure[:1024]
        self._emit("aws.sagemaker", "SageMaker Training Job State Change", detail, [job.arn])
