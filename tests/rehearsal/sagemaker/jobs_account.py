"""An account whose SageMaker has S3 to run jobs with: one bucket, in which every role may do everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.aws import AwsError, Caller
from tests.rehearsal.sagemaker.account import Account


@dataclass
class Objects:
    """One bucket of objects in memory."""

    held: dict[tuple[str, str], bytes]
    bucket: str = "models"

    def read(self, role: str, bucket: str, key: str) -> bytes:
        if (bucket, key) not in self.held:
            raise AwsError("s3", "NoSuchKey", "The specified key does not exist.", 404)
        return self.held[bucket, key]

    def write(self, role: str, bucket: str, key: str, body: bytes, kms_key: str = "") -> None:
        self.held[bucket, key] = body

    def keys(self, role: str, bucket: str, prefix: str) -> list[str]:
        if bucket != self.bucket:
            raise AwsError("s3", "NoSuchBucket", "The specified bucket does not exist", 404)
        return sorted(key for place, key in self.held if place == bucket and key.startswith(prefix))

    def begin(self, role: str, image: str, job: str) -> None:
        """Whoever has this S3 may everything."""

    def enter(self, role: str, vpc: Mapping[str, Any]) -> None:
        """And go everywhere."""


@dataclass
class JobsAccount(Account):
    """`storage` is the S3 of its jobs, which their programs read with boto3, too; `readers` are the roles that did."""

    readers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.storage = Objects(self.objects)
        super().__post_init__()

    def connections(self) -> dict[str, Any]:
        return {"storage": self.storage, "call": self.called}

    def called(self, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """A call that a job's program makes."""
        assert (service, operation) == ("s3", "GetObject")
        self.readers.append(caller.principal)
        return {"Body": self.storage.read(caller.principal, request["Bucket"], request["Key"])}
