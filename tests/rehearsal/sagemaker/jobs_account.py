"""An account whose SageMaker has S3 to run jobs with: one bucket, in which every role may do everything."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.aws import AwsError
from rehearsal.sagemaker import SageMaker
from tests.rehearsal.sagemaker.account import ACCOUNT, REGION, Account


@dataclass
class Objects:
    """One bucket of objects in memory."""

    held: dict[tuple[str, str], bytes]
    bucket: str = "models"

    def read(self, role: str, bucket: str, key: str) -> bytes:
        if (bucket, key) not in self.held:
            raise AwsError("s3", "NoSuchKey", "The specified key does not exist.", 404)
        return self.held[bucket, key]

    def write(self, role: str, bucket: str, key: str, body: bytes) -> None:
        self.held[bucket, key] = body

    def keys(self, role: str, bucket: str, prefix: str) -> list[str]:
        if bucket != self.bucket:
            raise AwsError("s3", "NoSuchBucket", "The specified bucket does not exist", 404)
        return sorted(key for place, key in self.held if place == bucket and key.startswith(prefix))


@dataclass
class JobsAccount(Account):
    """`storage` is the S3 of its jobs."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.storage = Objects(self.objects)
        self.sagemaker = SageMaker(
            self.clock,
            self._keep,
            REGION,
            ACCOUNT,
            read_object=lambda bucket, key: self.objects[bucket, key],
            alarm_state=self.cloudwatch.state_of,
            publish=self.cloudwatch.publish,
            autoscaling=self.autoscaling,
            storage=self.storage,
            options=self.options,
        )
