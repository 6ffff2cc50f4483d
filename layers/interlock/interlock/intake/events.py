"""The events Interlock reads, as far as it reads them. Unknown fields are ignored: AWS adds fields without notice."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Event(BaseModel):
    """The envelope every EventBridge event has (docs: eb-events-structure)."""

    model_config = ConfigDict(frozen=True)

    id: str = ""
    source: Name
    detail_type: Annotated[Name, Field(alias="detail-type")]
    detail: dict[str, Any]


class ModelPackageDetail(BaseModel):
    """SageMaker Model Package State Change (docs: sagemaker/latest/dg/automating-sagemaker-with-eventbridge).

    Older events have no UpdatedModelPackageFields and carry ``ModelPackageName`` as ``<group>/<version>``.
    """

    model_config = ConfigDict(frozen=True)

    ModelPackageGroupName: Name
    ModelPackageVersion: Annotated[int, Field(ge=1, lt=2**31)]
    ModelApprovalStatus: Name
    UpdatedModelPackageFields: list[str] | None = None


class EndpointDetail(BaseModel):
    """SageMaker Endpoint State Change and Endpoint Deployment State Change (same source). Status is UPPER_SNAKE
    here, not CamelCase."""

    model_config = ConfigDict(frozen=True)

    EndpointName: Name
    EndpointStatus: Name
    EndpointConfigName: str = ""


class AlarmState(BaseModel):
    """State of an alarm; ``timestamp`` like ``2019-10-02T17:04:40.989+0000``."""

    model_config = ConfigDict(frozen=True)

    value: Name
    timestamp: Name
    reason: str = ""


class AlarmConfiguration(BaseModel):
    """What the alarm was made with; ``description`` is its AlarmDescription."""

    model_config = ConfigDict(frozen=True)

    description: str = ""


class AlarmDetail(BaseModel):
    """CloudWatch Alarm State Change (docs: AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge)."""

    model_config = ConfigDict(frozen=True)

    alarmName: Name
    state: AlarmState
    configuration: AlarmConfiguration = AlarmConfiguration()


class ExecutionDetail(BaseModel):
    """Step Functions Execution Status Change, cut down by the rule's input transformer: input and output may be
    large."""

    model_config = ConfigDict(frozen=True)

    executionArn: Name
    stateMachineArn: Name
    name: Name
    status: Name


class ParameterDetail(BaseModel):
    """Parameter Store Change (docs: systems-manager/latest/userguide/sysman-paramstore-cwe)."""

    model_config = ConfigDict(frozen=True)

    name: Name
    operation: Name


class FoundVersionDetail(BaseModel):
    """Approved Version Found: the steward's own, for an approval whose event may have been lost."""

    model_config = ConfigDict(frozen=True)

    group: Name
    version: Annotated[int, Field(ge=1)]
