"""Types of the fields that people write, with what an editor should know about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from interlock.model.quantities import seconds


class Section(BaseModel):
    """A part of a policy. An unknown field is a mistake of the author.

    Modules of sections do without ``from __future__ import annotations``: with it, pydantic compiles each annotation
    again for each class that inherits it, which was a twentieth of all calls at start-up."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(Section, defer_build=True):
    """A section that is only read as part of another one. It needs no validator of its own, which saves time at
    start-up."""


NAME = r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"
INSTANCE_TYPE = r"^ml\.[a-z0-9-]+\.[a-z0-9]+$"
STAGE_NAME = r"^[a-z][a-z0-9-]{0,30}$"
METRIC_NAME = r"^[a-z][a-z0-9_]{0,40}$"
S3_FOLDER = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$"
S3_JSON = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+\.json$"
S3_OBJECT = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/(.*[^/])$"
SHA256 = r"^[0-9a-f]{64}$"
CLARIFY_IMAGE = (
    r"^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/sagemaker-clarify-processing(:[a-zA-Z0-9._-]+)?$"
)
KMS_KEY = r"^[a-zA-Z0-9:/_-]+$"
TOPIC = r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_.-]+$"
FUNCTION = r"^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?$"
STATE_MACHINE = r"^arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[A-Za-z0-9_-]{1,80}$"
SUBNET = r"^subnet-[0-9a-f]{8,17}$"
SECURITY_GROUP = r"^sg-[0-9a-f]{8,17}$"

PATTERNS_IN_WORDS = {
    NAME: "write letters, digits and hyphens, with a letter or digit first and last",
    INSTANCE_TYPE: "write an instance type for hosting, for example ml.m5.large",
    STAGE_NAME: "write lower-case letters, digits and hyphens, at most 31 and a letter first, for example production",
    METRIC_NAME: "write lower-case letters, digits and underscores, at most 41, a letter first, for example basket",
    S3_FOLDER: "write an S3 URI with a folder, for example s3://bucket/training-data/churn/",
    S3_JSON: "write the S3 URI of a JSON file, for example s3://bucket/folder/constraint_violations.json",
    S3_OBJECT: "write the S3 URI of an object, for example s3://bucket/samples/churn.csv",
    SHA256: "write the 64 hexadecimal digits that sha256sum prints for the object",
    CLARIFY_IMAGE: (
        "write the URI of the image sagemaker-clarify-processing in your Region, for example"
        " 205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
    ),
    KMS_KEY: "write the ARN or the id of a KMS key",
    TOPIC: "write the ARN of an SNS topic, for example arn:aws:sns:eu-west-1:123456789012:results",
    FUNCTION: "write the ARN of a Lambda function, for example arn:aws:lambda:eu-west-1:123456789012:function:check",
    STATE_MACHINE: (
        "write the ARN of a state machine, without a version or alias, for example"
        " arn:aws:states:eu-west-1:123456789012:stateMachine:check"
    ),
    SUBNET: "write the id of a subnet, for example subnet-0123456789abcdef0",
    SECURITY_GROUP: "write the id of a security group, for example sg-0123456789abcdef0",
}
"""What to write instead, because a regular expression does not help a person."""

SageMakerName = Annotated[str, Field(pattern=NAME, max_length=63)]
"""Names of endpoints and model package groups (botocore: EndpointName, ModelPackageGroupName)."""

LAST_VERSION = 2**31 - 1
"""Highest version of a group (botocore ModelPackageVersion is a 32-bit integer)."""


class Written:
    """How people write a field: ``read`` makes its value of what was written, and ``schema`` tells editors.

    It costs a quarter of pydantic's PlainValidator when a function starts, since nothing is derived from the type.
    """

    def __init__(self, read: Callable[[Any], Any], schema: Mapping[str, Any]) -> None:
        self._read, self._schema = read, schema

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self._schema)


DURATION_SCHEMA = {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*[smhd]\s*$", "examples": ["10m"]}
Duration = Annotated[int, Written(seconds, DURATION_SCHEMA)]
"""Seconds, written ``10m``."""


def _one_or_several(written: object) -> int | tuple[int, ...]:
    return tuple(seconds(each) for each in written) if isinstance(written, list) else seconds(written)


Durations = Annotated[
    int | tuple[int, ...],
    Written(_one_or_several, {"anyOf": [DURATION_SCHEMA, {"type": "array", "items": DURATION_SCHEMA}]}),
]
"""Seconds, written ``10m``; or several, written ``[10m, 1h]``."""

SHARE_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*%\s*$"},
    ]
}
_RELATIVE_SCHEMA = {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*%\s*$", "examples": ["10%"]}
_LIMIT_SCHEMA = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(%|us|ms|s)\s*$"}]
}

Limit = Annotated[float | None, WithJsonSchema(_LIMIT_SCHEMA)]
"""A limit in the unit of its metric; the annotation tells editors how to write it."""

Relative = Annotated[float | None, WithJsonSchema(_RELATIVE_SCHEMA)]
"""A fraction, written ``10%``."""

Share = Annotated[float | None, WithJsonSchema(SHARE_SCHEMA)]
"""A fraction, written ``1%`` or ``0.01``."""
