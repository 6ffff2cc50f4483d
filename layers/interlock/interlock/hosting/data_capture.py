"""Data capture: a part of the requests and answers is kept, so that monitors have something to look at."""

from typing import Annotated

from pydantic import Field

from interlock.model.fields import KMS_KEY, Part
from interlock.model.request import Request

FOLDER = "capture"
"""Where captures lie in the monitoring bucket; SageMaker adds ``<endpoint>/<variant>/YYYY/MM/DD/HH/`` (docs:
model-monitor-data-capture-endpoint)."""


class DataCapture(Part):
    """How much of the traffic is captured."""

    sampling: Annotated[int, Field(ge=1, le=100)] = Field(description="Per cent of the requests, for example 20.")
    kms_key: Annotated[str, Field(pattern=KMS_KEY, max_length=2048)] | None = Field(
        None, description="Key that encrypts the capture, an ARN or id; by default the bucket's own."
    )

    def config(self, bucket: str) -> Request:
        """The capture into ``bucket`` (botocore DataCaptureConfig). Content types that are not named here are captured
        in base64, so CSV and JSON are named."""
        encrypted = {"KmsKeyId": self.kms_key} if self.kms_key else {}
        return {
            "EnableCapture": True,
            "InitialSamplingPercentage": self.sampling,
            "DestinationS3Uri": f"s3://{bucket}/{FOLDER}",
            **encrypted,
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {
                "CsvContentTypes": ["text/csv"],
                "JsonContentTypes": ["application/json"],
            },
        }
