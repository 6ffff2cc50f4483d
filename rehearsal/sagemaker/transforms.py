"""Batch transform jobs that others run, as far as whether they need a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rehearsal.aws import Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker import refusals
from rehearsal.sagemaker.hosting import Hosting
from rehearsal.sagemaker.listing import paged
from rehearsal.sagemaker.names import Names


@dataclass(frozen=True)
class Transform:
    """A job as requested; it is in progress for good."""

    arn: str
    model: str
    created: float


class Transforms:
    """Transform jobs by name."""

    def __init__(self, clock: Clock, names: Names, hosting: Hosting) -> None:
        self._clock, self._names, self._hosting = clock, names, hosting
        self._jobs: dict[str, Transform] = {}

    def create_transform_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Of a model that exists (botocore CreateTransformJob ModelName)."""
        name = request["TransformJobName"]
        arn = self._names.arn("transform-job", name)
        if name in self._jobs:
            raise refusals.exists("transform job", arn)
        self._hosting.sources(request["ModelName"])
        self._jobs[name] = Transform(arn, request["ModelName"], self._clock.now)
        return {"TransformJobArn": arn}

    def describe_transform_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        name = request["TransformJobName"]
        if name not in self._jobs:
            raise refusals.unknown("transform job", self._names.arn("transform-job", name))
        job = self._jobs[name]
        return {
            **self._summary(name, job),
            "ModelName": job.model,
            "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://"}}},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        }

    def list_transform_jobs(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """By status, and by when they were created."""
        since = request["CreationTimeAfter"].timestamp() if "CreationTimeAfter" in request else float("-inf")
        asked = request.get("StatusEquals", "InProgress") == "InProgress"
        jobs = [self._summary(name, job) for name, job in self._jobs.items() if asked and job.created > since]
        return paged(request, "TransformJobSummaries", jobs)

    def _summary(self, name: str, job: Transform) -> dict[str, Any]:
        return {
            "TransformJobName": name,
            "TransformJobArn": job.arn,
            "CreationTime": self._clock.datetime(job.created),
            "TransformJobStatus": "InProgress",
        }
