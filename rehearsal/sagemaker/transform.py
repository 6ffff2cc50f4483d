"""Transform jobs: instances come, each starts the model's container, and its answers to the input's records reach S3.

Operations, statuses and errors: botocore CreateTransformJob, DescribeTransformJob, StopTransformJob. A job reads and
writes S3 as the role of its model (docs: step-functions/latest/dg/sagemaker-iam; there is no RoleArn in the request).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rehearsal.account.gateway import NotSimulated
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker import refusals
from rehearsal.sagemaker.containers import Containers, Unhealthy
from rehearsal.sagemaker.hosting import Hosting
from rehearsal.sagemaker.keys import Keys
from rehearsal.sagemaker.listing import listed
from rehearsal.sagemaker.names import Emit, Names
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.storage import Storage
from rehearsal.sagemaker.tags import Tags

STOPPING_SECONDS = 30.0
NO_PING = (
    "AlgorithmError: Model container failed to respond to ping. Please ensure /ping endpoint is implemented and"
    " responds with an HTTP 200 status code"
)
"""aws/amazon-sagemaker-examples #852."""

CLIENT, SERVER = (f"{side}: See job logs for more information" for side in ("ClientError", "AlgorithmError"))
"""The container answered a record with 4xx, or with 5xx (aws/amazon-sagemaker-examples #1620, aws/
deep-learning-containers #586)."""


@dataclass
class Job:
    """A transform job. Times are virtual epoch seconds."""

    name: str
    arn: str
    request: Mapping[str, Any]
    created: float
    status: str = "InProgress"
    started: float | None = None
    ended: float | None = None
    failure: str = ""
    results: dict[tuple[str, str], bytes] = field(default_factory=dict)


class Failed(Exception):
    """Why a job fails."""


class Transforms:
    """The operations of transform jobs; `jobs` by name."""

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        names: Names,
        options: Options,
        storage: Storage,
        hosting: Hosting,
        containers: Containers,
        keys: Keys,
        tags: Tags,
    ) -> None:
        self._clock, self._emit, self._names, self._options = clock, emit, names, options
        self._storage, self._hosting, self._containers = storage, hosting, containers
        self._keys, self._tags = keys, tags
        self.jobs: dict[str, Job] = {}

    def create_transform_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Errors: ResourceInUse for a name that was used before, ValidationException for a model that is not there."""
        name = request["TransformJobName"]
        arn = self._names.arn("transform-job", name)
        if name.lower() in {each.lower() for each in self.jobs}:
            raise refusals.in_use("transform job", arn)
        if self._hosting.sources(request["ModelName"])[0].etag:
            raise refusals.invalid("ModelDataSource is not supported for batch transform.")  # botocore; words are ours
        if "BatchStrategy" in request and request["TransformInput"].get("SplitType", "None") == "None":
            raise refusals.invalid("BatchStrategy needs a SplitType of Line, RecordIO or TFRecord.")  # words are ours
        if volume_key := request["TransformResources"].get("VolumeKmsKeyId"):
            self._keys.grant(caller, volume_key)
        job = self.jobs[name] = Job(name, arn, dict(request), self._clock.now)
        self._tags.made(arn, request)
        self._say(job)
        self._clock.after(self._options.transform_start_seconds, partial(self._start, job))
        return {"TransformJobArn": arn}

    def describe_transform_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        job = self._find(request["TransformJobName"])
        described = {key: value for key, value in job.request.items() if key != "Tags"}
        described |= {"TransformJobArn": job.arn, "TransformJobStatus": job.status}
        described |= {name: self._clock.datetime(at) for name, at in _times(job).items()}
        return described | ({"FailureReason": job.failure} if job.failure else {})

    def list_transform_jobs(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        asked = {name: job for name, job in self.jobs.items() if job.status == request.get("StatusEquals", job.status)}
        return listed(request, asked, "TransformJobSummaries", self._summary)

    def _summary(self, name: str, job: Job) -> dict[str, Any]:
        created = self._clock.datetime(job.created)
        return {
            "TransformJobName": name,
            "TransformJobArn": job.arn,
            "CreationTime": created,
            "TransformJobStatus": job.status,
        }

    def stop_transform_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Stopping, and Stopped soon after, without output (botocore StopTransformJob)."""
        job = self._find(request["TransformJobName"])
        if job.status != "InProgress":
            raise refusals.invalid(f"The request was rejected because the transform job is in status {job.status}.")
        job.results.clear()
        job.status = "Stopping"
        self._say(job)
        self._clock.after(STOPPING_SECONDS, partial(self._end, job, "Stopped"))
        return {}

    def _find(self, name: str) -> Job:
        if name not in self.jobs:
            raise refusals.not_found("transform job", self._names.arn("transform-job", name))
        return self.jobs[name]

    def _start(self, job: Job) -> None:
        if job.status != "InProgress":
            return
        job.started = self._clock.now
        try:
            job.results = self._answers(job)
        except Failed as failure:
            job.failure = str(failure)
        self._clock.after(self._options.transform_run_seconds, partial(self._finish, job))

    def _finish(self, job: Job) -> None:
        """An output is there only if the whole input was answered (botocore TransformOutput.S3OutputPath)."""
        if job.status != "InProgress":
            return
        role, key = self._role(job), job.request["TransformOutput"].get("KmsKeyId", "")
        try:
            for place, body in job.results.items():
                self._storage.write(role, *place, body, key)
        except AwsError as refused:
            job.failure = f"ClientError: Failed to upload data: {refused.message}"  # words are ours
        self._end(job, "Failed" if job.failure else "Completed")

    def _answers(self, job: Job) -> dict[tuple[str, str], bytes]:
        """What the container makes of each object, by the bucket and key of the output. Raises Failed."""
        given = job.request["TransformInput"]
        source, uri = given["DataSource"]["S3DataSource"], given["DataSource"]["S3DataSource"]["S3Uri"]
        if source["S3DataType"] != "S3Prefix" or given.get("CompressionType", "None") != "None":
            raise NotSimulated(f"{job.name}: inputs other than plain objects under a prefix")
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        role, answer = self._role(job), self._container(job)
        try:
            found = {key: self._storage.read(role, bucket, key) for key in self._storage.keys(role, bucket, prefix)}
        except AwsError as refused:
            raise Failed(f"ClientError: Failed to download data: {refused.message}") from refused  # words are ours
        if not found:
            raise Failed(f"ClientError: No S3 objects found under S3 URL {uri}")
        return {self._output(job, key): self._answered(job, body, answer) for key, body in found.items()}

    def _container(self, job: Job) -> Callable[[bytes, str, str], Any]:
        """The model's container. Raises Failed."""
        source = self._hosting.sources(job.request["ModelName"])[0]
        try:
            return self._containers.start("", source.model_data, source.etag).answer
        except Unhealthy as reason:
            raise Failed(NO_PING if reason.crash_loop else f"ClientError: {reason}") from reason

    def _answered(self, job: Job, body: bytes, answer: Callable[[bytes, str, str], Any]) -> bytes:
        """The answers in their order. MultiRecord puts as many records into a request as fit; here, all."""
        given, wanted = job.request["TransformInput"], job.request["TransformOutput"]
        split, lines = given.get("SplitType", "None"), [line for line in body.split(b"\n") if line.strip()]
        if split not in ("None", "Line"):
            raise NotSimulated(f"{job.name}: SplitType {split}")
        several = split == "Line" and job.request.get("BatchStrategy") == "SingleRecord"
        end = b"\n" if wanted.get("AssembleWith") == "Line" else b""
        answered = b""
        for request in lines if several else [b"\n".join(lines) if split == "Line" else body]:
            reply = answer(request, given.get("ContentType", ""), wanted.get("Accept", "text/csv"))
            if reply.status != 200:
                raise Failed(CLIENT if reply.status < 500 else SERVER)
            answered += reply.body + end
        return answered

    def _output(self, job: Job, key: str) -> tuple[str, str]:
        """Bucket and key of an output (option transform_outputs)."""
        path = job.request["TransformOutput"]["S3OutputPath"].removeprefix("s3://").rstrip("/")
        bucket, _, folder = path.partition("/")
        kept = 2 if self._options.transform_outputs == "with folder" else 1
        return bucket, "/".join([folder, *key.split("/")[-kept:]]) + ".out"

    def _role(self, job: Job) -> str:
        return self._hosting.sources(job.request["ModelName"])[0].role

    def _end(self, job: Job, status: str) -> None:
        job.ended, job.status = self._clock.now, status
        self._say(job)

    def _say(self, job: Job) -> None:
        """Transform Job State Change (docs: automating-sagemaker-with-eventbridge); its sample has no tags."""
        detail = {key: value for key, value in job.request.items() if key != "Tags"}
        detail |= {"TransformJobArn": job.arn, "TransformJobStatus": job.status, "Tags": {}}
        detail |= {name: int(at * 1000) for name, at in _times(job).items()}
        if job.failure and job.ended is not None:
            detail["FailureReason"] = job.failure
        self._emit("aws.sagemaker", "SageMaker Transform Job State Change", detail, [job.arn])


def _times(job: Job) -> dict[str, float]:
    times = {"CreationTime": job.created, "TransformStartTime": job.started, "TransformEndTime": job.ended}
    return {name: at for name, at in times.items() if at is not None}
