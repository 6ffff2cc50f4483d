"""Which IAM actions on which resources AWS checks for each operation that this project's roles call.

After the Service Authorization Reference (the machine-readable copy that ships with cfn-lint agrees; a test compares
them). An operation without a row cannot be called by a role here: add the row first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from rehearsal.account.policies import Context

Request = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where calls are made: the Region and the account, for building ARNs."""

    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        """An ARN in this Region and account."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True)
class Need:
    """One permission a call needs: an action on a resource, with the context keys that conditions may ask about."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


# The execution that a request's task token belongs to; the gateway adds it, because a token does not name it.
TOKEN_OWNER = "(execution of the token)"

Arns = Callable[[Place, Request], Iterable[str]]


def needs(place: Place, service: str, operation: str, request: Request) -> list[Need]:
    """The permissions that a call needs, in the order AWS checks them. KeyError for an operation without a row."""
    row = _ROWS[service, operation]
    context: dict[str, str | list[str]] = {"aws:RequestedRegion": place.region}
    tags = request.get("Tags", []) if operation.startswith("Create") or operation == "PutMetricAlarm" else []
    if tags:
        context["aws:TagKeys"] = [tag["Key"] for tag in tags]
        context.update({f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags})
    if service == "s3":
        context["aws:SecureTransport"] = "true"
    if service == "dynamodb" and (keys := _leading_keys(operation, request)):
        context["dynamodb:LeadingKeys"] = keys
    if operation == "ListObjectsV2":
        context["s3:prefix"] = request.get("Prefix", "")
    if (service, operation) == ("cloudwatch", "PutMetricData"):
        context["cloudwatch:namespace"] = request["Namespace"]
    found = [Need(row.action, arn, context) for arns in row.resources for arn in arns(place, request)]
    if tags and row.tagged_by:
        # Tags on create are a second permission (docs: SageMaker Developer Guide, "Control access by using tags").
        # The key says by which call (as in AWS's managed policy AmazonSageMakerHyperPodInferenceAccess).
        found.append(Need(row.tagged_by, found[0].resource, {**context, "sagemaker:TaggingAction": operation}))
    if service == "application-autoscaling" and operation in _VALIDATED:
        found = _scaling(place, operation, request, found[0])
    if (service, operation) == ("s3", "CopyObject"):
        source = unquote(request["CopySource"]).lstrip("/")
        found.append(Need("s3:GetObject", f"arn:aws:s3:::{source}", context))
    passing = _PASSES.get((service, operation), "")
    if passing in request:
        passed: Context = {**context, "iam:PassedToService": "sagemaker.amazonaws.com"}
        found.append(Need("iam:PassRole", request[passing], passed))
    return found


def _scaling(place: Place, operation: str, request: Request, need: Need) -> list[Need]:
    """The need of a scalable target, and what Application Auto Scaling makes sure of."""
    scaled: Context = {
        **need.context,
        "application-autoscaling:service-namespace": request["ServiceNamespace"],
        "application-autoscaling:scalable-dimension": request["ScalableDimension"],
    }
    through: Context = {**need.context, "aws:CalledViaLast": "application-autoscaling.amazonaws.com"}
    linked: Context = {**need.context, "iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"}
    return [
        Need(need.action, need.resource, scaled),
        *(
            Need(action, arn, linked if action.startswith("iam:") else through)
            for action, arns in _VALIDATED[operation]
            for arn in arns(place, request)
        ),
    ]


_PARTITION_KEY = "pk"  # of the one table that roles here touch


def _leading_keys(operation: str, request: Request) -> list[str]:
    """The partition keys that a request names (docs: amazondynamodb, specifying-conditions, "dynamodb:LeadingKeys")."""
    if operation == "Query":
        named = re.match(rf"{_PARTITION_KEY} = (:\w+)", request.get("KeyConditionExpression", ""))
        keys = [request["ExpressionAttributeValues"][named[1]]] if named else []
    elif operation == "BatchGetItem":
        keys = [key[_PARTITION_KEY] for table in request["RequestItems"].values() for key in table["Keys"]]
    else:
        keys = [(request.get("Key") or request.get("Item") or {}).get(_PARTITION_KEY)]
    return [key["S"] for key in keys if key]


# The member of a request that names a role which SageMaker is to take on. Of a pipeline's role nothing else is checked
# than that it may be passed; its steps' jobs act as the role that the step names.
_PASSES = {
    ("sagemaker", "CreateModel"): "ExecutionRoleArn",
    ("sagemaker", "CreateEndpointConfig"): "ExecutionRoleArn",
    ("sagemaker", "CreatePipeline"): "RoleArn",
    ("sagemaker", "CreateProcessingJob"): "RoleArn",
    ("sagemaker", "CreateTrainingJob"): "RoleArn",
    ("sagemaker", "StartPipelineExecution"): "RoleArn",
    ("sagemaker", "UpdatePipeline"): "RoleArn",
}

# What a caller needs on the customer-managed key of what it touches. docs: DynamoDB "Authorizing use of your customer
# managed key" (reading or writing an item decrypts the table key on the caller's behalf); SNS and SQS "Key management".
# By service, or by action where they differ: S3 User Guide, "Using server-side encryption with AWS KMS keys".
KEY_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("kms:Decrypt",),
    "s3:GetObject": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey",),
    "sns": ("kms:GenerateDataKey", "kms:Decrypt"),
    "sqs:DeleteMessage": (),
    "sqs:GetQueueAttributes": (),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "sqs:SendMessage": ("kms:GenerateDataKey", "kms:Decrypt"),
}


@dataclass(frozen=True)
class _Row:
    action: str
    resources: tuple[Arns, ...]
    tagged_by: str = ""


def _anything(place: Place, request: Request) -> list[str]:
    return ["*"]


def _sagemaker(kind: str, member: str) -> Arns:
    """Names are lower-cased in SageMaker's ARNs (aws/aws-cdk, aws-stepfunctions-tasks, update-endpoint.ts)."""

    def arns(place: Place, request: Request) -> list[str]:
        name = request.get(member, "*")
        return [name if name.startswith("arn:") else place.arn("sagemaker", f"{kind}/{name.lower()}")]

    return arns


def _packages_of_group(place: Place, request: Request) -> list[str]:
    """ListModelPackages and CreateModelPackage are checked on packages, not on the group (Service Authorization
    Reference: "model-package")."""
    group = request.get("ModelPackageGroupName", "*").rpartition("/")[2]
    return [place.arn("sagemaker", f"model-package/{group.lower()}/*")]


def _table(place: Place, request: Request) -> list[str]:
    name = request["TableName"]
    table = name if name.startswith("arn:") else place.arn("dynamodb", f"table/{name}")
    return [f"{table}/index/{request['IndexName']}" if "IndexName" in request else table]


def _tables(place: Place, request: Request) -> list[str]:
    return [arn for name in request["RequestItems"] for arn in _table(place, {"TableName": name})]


def _parameter(member: str) -> Arns:
    return lambda place, request: [place.arn("ssm", f"parameter/{request[member].strip('/')}")]


def _function(place: Place, request: Request) -> list[str]:
    name = request["FunctionName"]
    return [name if name.startswith("arn:") else place.arn("lambda", f"function:{name}")]


def _queue(place: Place, request: Request) -> list[str]:
    return [place.arn("sqs", request["QueueUrl"].rpartition("/")[2])]


def _alarms(place: Place, request: Request) -> list[str]:
    names = request.get("AlarmNames") or [request.get("AlarmName", "*")]
    return [place.arn("cloudwatch", f"alarm:{name}") for name in names]


def _object(place: Place, request: Request) -> list[str]:
    return [f"arn:aws:s3:::{request['Bucket']}/{request['Key']}"]


def _bucket(place: Place, request: Request) -> list[str]:
    return [f"arn:aws:s3:::{request['Bucket']}"]


def _log_group(place: Place, request: Request) -> list[str]:
    return [place.arn("logs", f"log-group:{request['logGroupName']}")]


def _repository(place: Place, request: Request) -> list[str]:
    """The repository of an image in a registry of any account, by default the caller's (botocore: registryId)."""
    registry = request.get("registryId", place.account)
    return [f"arn:aws:ecr:{place.region}:{registry}:repository/{request['repositoryName']}"]


def _interface(place: Place, request: Request) -> list[str]:
    return [place.arn("ec2", "network-interface/*")]


def _new_interface(place: Place, request: Request) -> list[str]:
    """An interface is checked on itself, its subnet and its security groups (Service Authorization Reference)."""
    groups = [place.arn("ec2", f"security-group/{group}") for group in request["Groups"]]
    return [*_interface(place, request), place.arn("ec2", f"subnet/{request['SubnetId']}"), *groups]


def _log_stream(place: Place, request: Request) -> list[str]:
    return [place.arn("logs", f"log-group:{request['logGroupName']}:log-stream:{request['logStreamName']}")]


def _machine_of_token(place: Place, request: Request) -> list[str]:
    """A token that nobody gave away is not checked here; the service refuses it."""
    execution = request.get(TOKEN_OWNER, "")
    machine = execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    return [machine] if execution else []


def _named(member: str) -> Arns:
    return lambda place, request: [request[member]]


def _named_component(place: Place, request: Request) -> list[str]:
    """The inference component that a request names, if it names one."""
    return list(_COMPONENT(place, request)) if "InferenceComponentName" in request else []


def _new_artifact(place: Place, request: Request) -> list[str]:
    """An artifact's name is made up by SageMaker."""
    return [place.arn("sagemaker", "artifact/*")]


def _target(place: Place, request: Request) -> list[str]:
    """The ids of scalable targets are made up by Application Auto Scaling."""
    return [place.arn("application-autoscaling", "scalable-target/*")]


def _scaled_endpoint(place: Place, request: Request) -> list[str]:
    return [place.arn("sagemaker", f"endpoint/{request['ResourceId'].split('/')[1].lower()}")]


def _its_config(place: Place, request: Request) -> list[str]:
    return [place.arn("sagemaker", "endpoint-config/*")]


def _tracking_alarms(place: Place, request: Request) -> list[str]:
    return [place.arn("cloudwatch", f"alarm:TargetTracking-{request['ResourceId']}-*")]


def _linked_role(place: Place, request: Request) -> list[str]:
    """Of SageMaker's variants (docs: application-auto-scaling-service-linked-roles)."""
    name = "sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    return [f"arn:aws:iam::{place.account}:role/aws-service-role/{name}"]


# What Application Auto Scaling makes sure that its caller may do, before it does it (docs: application-auto-scaling,
# security_iam_permission_validation; which actions, docs: endpoint-auto-scaling-prerequisites). The role is linked when
# the first variant of an account is registered; here, each time.
_VALIDATED: Mapping[str, tuple[tuple[str, Arns], ...]] = {
    "RegisterScalableTarget": (
        ("iam:CreateServiceLinkedRole", _linked_role),
        ("sagemaker:DescribeEndpoint", _scaled_endpoint),
        ("sagemaker:DescribeEndpointConfig", _its_config),
        ("sagemaker:UpdateEndpointWeightsAndCapacities", _scaled_endpoint),
    ),
    "PutScalingPolicy": (
        ("cloudwatch:DescribeAlarms", _alarms),
        ("cloudwatch:PutMetricAlarm", _tracking_alarms),
        ("cloudwatch:DeleteAlarms", _tracking_alarms),
    ),
    "PutScheduledAction": (),
    "DeleteScalingPolicy": (("cloudwatch:DeleteAlarms", _tracking_alarms),),
    "DeregisterScalableTarget": (),
}

_ENDPOINT = _sagemaker("endpoint", "EndpointName")
_CONFIG = _sagemaker("endpoint-config", "EndpointConfigName")
_MODEL = _sagemaker("model", "ModelName")
_COMPONENT = _sagemaker("inference-component", "InferenceComponentName")
_PROCESSING = _sagemaker("processing-job", "ProcessingJobName")
_PIPELINE = _sagemaker("pipeline", "PipelineName")
_EXECUTION = _sagemaker("pipeline", "PipelineExecutionArn")
_TRANSFORM = _sagemaker("transform-job", "TransformJobName")
_TRAINING = _sagemaker("training-job", "TrainingJobName")
_TAG = "sagemaker:AddTags"

_ROWS: Mapping[tuple[str, str], _Row] = {
    ("application-autoscaling", "DescribeScalableTargets"): _Row(
        "application-autoscaling:DescribeScalableTargets", (_anything,)
    ),
    ("application-autoscaling", "DescribeScalingPolicies"): _Row(
        "application-autoscaling:DescribeScalingPolicies", (_anything,)
    ),
    ("application-autoscaling", "DescribeScheduledActions"): _Row(
        "application-autoscaling:DescribeScheduledActions", (_anything,)
    ),
    **{("application-autoscaling", each): _Row(f"application-autoscaling:{each}", (_target,)) for each in _VALIDATED},
    ("cloudwatch", "DeleteAlarms"): _Row("cloudwatch:DeleteAlarms", (_alarms,)),
    ("cloudwatch", "DescribeAlarms"): _Row("cloudwatch:DescribeAlarms", (_alarms,)),
    ("cloudwatch", "ListTagsForResource"): _Row("cloudwatch:ListTagsForResource", (_named("ResourceARN"),)),
    ("cloudwatch", "GetMetricData"): _Row("cloudwatch:GetMetricData", (_anything,)),
    ("cloudwatch", "PutMetricAlarm"): _Row("cloudwatch:PutMetricAlarm", (_alarms,), "cloudwatch:TagResource"),
    ("cloudwatch", "PutMetricData"): _Row("cloudwatch:PutMetricData", (_anything,)),
    ("dynamodb", "BatchGetItem"): _Row("dynamodb:BatchGetItem", (_tables,)),
    ("dynamodb", "DeleteItem"): _Row("dynamodb:DeleteItem", (_table,)),
    ("dynamodb", "GetItem"): _Row("dynamodb:GetItem", (_table,)),
    ("dynamodb", "PutItem"): _Row("dynamodb:PutItem", (_table,)),
    ("dynamodb", "Query"): _Row("dynamodb:Query", (_table,)),
    ("dynamodb", "UpdateItem"): _Row("dynamodb:UpdateItem", (_table,)),
    ("kms", "CreateGrant"): _Row("kms:CreateGrant", (_named("KeyId"),)),
    ("kms", "Decrypt"): _Row("kms:Decrypt", (_named("KeyId"),)),
    ("lambda", "Invoke"): _Row("lambda:InvokeFunction", (_function,)),
    ("ec2", "CreateNetworkInterface"): _Row("ec2:CreateNetworkInterface", (_new_interface,)),
    ("ec2", "CreateNetworkInterfacePermission"): _Row("ec2:CreateNetworkInterfacePermission", (_interface,)),
    ("ec2", "DeleteNetworkInterface"): _Row("ec2:DeleteNetworkInterface", (_interface,)),
    ("ec2", "DeleteNetworkInterfacePermission"): _Row("ec2:DeleteNetworkInterfacePermission", (_interface,)),
    ("ec2", "DescribeDhcpOptions"): _Row("ec2:DescribeDhcpOptions", (_anything,)),
    ("ec2", "DescribeNetworkInterfaces"): _Row("ec2:DescribeNetworkInterfaces", (_anything,)),
    ("ec2", "DescribeSecurityGroups"): _Row("ec2:DescribeSecurityGroups", (_anything,)),
    ("ec2", "DescribeSubnets"): _Row("ec2:DescribeSubnets", (_anything,)),
    ("ec2", "DescribeVpcs"): _Row("ec2:DescribeVpcs", (_anything,)),
    ("ecr", "GetAuthorizationToken"): _Row("ecr:GetAuthorizationToken", (_anything,)),
    ("ecr", "BatchCheckLayerAvailability"): _Row("ecr:BatchCheckLayerAvailability", (_repository,)),
    ("ecr", "BatchGetImage"): _Row("ecr:BatchGetImage", (_repository,)),
    ("ecr", "GetDownloadUrlForLayer"): _Row("ecr:GetDownloadUrlForLayer", (_repository,)),
    ("logs", "CreateLogGroup"): _Row("logs:CreateLogGroup", (_log_group,)),
    ("logs", "CreateLogStream"): _Row("logs:CreateLogStream", (_log_stream,)),
    ("logs", "PutLogEvents"): _Row("logs:PutLogEvents", (_log_stream,)),
    # Its source is read by whoever copies (botocore CopyObject, Permissions).
    ("s3", "CopyObject"): _Row("s3:PutObject", (_object,)),
    ("s3", "DeleteObject"): _Row("s3:DeleteObject", (_object,)),
    ("s3", "GetObject"): _Row("s3:GetObject", (_object,)),
    ("s3", "HeadObject"): _Row("s3:GetObject", (_object,)),
    ("s3", "ListObjectsV2"): _Row("s3:ListBucket", (_bucket,)),
    ("s3", "PutObject"): _Row("s3:PutObject", (_object,)),
    ("sagemaker", "AddAssociation"): _Row("sagemaker:AddAssociation", (_named("SourceArn"), _named("DestinationArn"))),
    ("sagemaker", "CreateAction"): _Row("sagemaker:CreateAction", (_sagemaker("action", "ActionName"),), _TAG),
    ("sagemaker", "CreateArtifact"): _Row("sagemaker:CreateArtifact", (_new_artifact,), _TAG),
    ("sagemaker", "CreateContext"): _Row("sagemaker:CreateContext", (_sagemaker("context", "ContextName"),), _TAG),
    ("sagemaker", "CreateEndpoint"): _Row("sagemaker:CreateEndpoint", (_ENDPOINT, _CONFIG), _TAG),
    ("sagemaker", "CreateEndpointConfig"): _Row("sagemaker:CreateEndpointConfig", (_CONFIG,), _TAG),
    ("sagemaker", "CreateModel"): _Row("sagemaker:CreateModel", (_MODEL,), _TAG),
    ("sagemaker", "CreateModelPackage"): _Row("sagemaker:CreateModelPackage", (_packages_of_group,)),
    ("sagemaker", "CreatePipeline"): _Row("sagemaker:CreatePipeline", (_PIPELINE,), _TAG),
    ("sagemaker", "CreateProcessingJob"): _Row("sagemaker:CreateProcessingJob", (_PROCESSING,), _TAG),
    ("sagemaker", "CreateTrainingJob"): _Row("sagemaker:CreateTrainingJob", (_TRAINING,), _TAG),
    ("sagemaker", "CreateTransformJob"): _Row("sagemaker:CreateTransformJob", (_TRANSFORM,), _TAG),
    ("sagemaker", "DescribeTransformJob"): _Row("sagemaker:DescribeTransformJob", (_TRANSFORM,)),
    ("sagemaker", "StopTransformJob"): _Row("sagemaker:StopTransformJob", (_TRANSFORM,)),
    **{
        ("sagemaker", f"{verb}InferenceComponent"): _Row(f"sagemaker:{verb}InferenceComponent", (_COMPONENT,))
        for verb in ("Describe", "Update", "Delete")
    },
    ("sagemaker", "CreateInferenceComponent"): _Row(
        "sagemaker:CreateInferenceComponent", (_COMPONENT, _ENDPOINT), _TAG
    ),
    ("sagemaker", "DeleteEndpoint"): _Row("sagemaker:DeleteEndpoint", (_ENDPOINT,)),
    ("sagemaker", "DeleteEndpointConfig"): _Row("sagemaker:DeleteEndpointConfig", (_CONFIG,)),
    ("sagemaker", "DeleteModel"): _Row("sagemaker:DeleteModel", (_MODEL,)),
    ("sagemaker", "DescribeAction"): _Row("sagemaker:DescribeAction", (_sagemaker("action", "ActionName"),)),
    ("sagemaker", "DescribeEndpoint"): _Row("sagemaker:DescribeEndpoint", (_ENDPOINT,)),
    ("sagemaker", "DescribeEndpointConfig"): _Row("sagemaker:DescribeEndpointConfig", (_CONFIG,)),
    ("sagemaker", "DescribeModel"): _Row("sagemaker:DescribeModel", (_MODEL,)),
    ("sagemaker", "DescribeModelPackage"): _Row(
        "sagemaker:DescribeModelPackage", (_sagemaker("model-package", "ModelPackageName"),)
    ),
    ("sagemaker", "DescribePipeline"): _Row("sagemaker:DescribePipeline", (_PIPELINE,)),
    ("sagemaker", "DescribePipelineExecution"): _Row("sagemaker:DescribePipelineExecution", (_EXECUTION,)),
    ("sagemaker", "DescribeProcessingJob"): _Row("sagemaker:DescribeProcessingJob", (_PROCESSING,)),
    ("sagemaker", "DescribeTrainingJob"): _Row("sagemaker:DescribeTrainingJob", (_TRAINING,)),
    **{
        ("sagemaker", each): _Row(f"sagemaker:{each}", (_anything,))
        for each in (
            "ListEndpointConfigs",
            "ListEndpoints",
            "ListInferenceComponents",
            "ListModels",
            "ListTransformJobs",
        )
    },
    ("sagemaker", "ListArtifacts"): _Row("sagemaker:ListArtifacts", (_anything,)),
    ("sagemaker", "ListAssociations"): _Row("sagemaker:ListAssociations", (_anything,)),
    ("sagemaker", "ListModelPackages"): _Row("sagemaker:ListModelPackages", (_packages_of_group,)),
    ("sagemaker", "UpdateModelPackage"): _Row(
        "sagemaker:UpdateModelPackage", (_sagemaker("model-package", "ModelPackageArn"),)
    ),
    ("sagemaker", "ListMonitoringExecutions"): _Row("sagemaker:ListMonitoringExecutions", (_anything,)),
    ("sagemaker", "ListPipelineExecutionSteps"): _Row("sagemaker:ListPipelineExecutionSteps", (_EXECUTION,)),
    ("sagemaker", "ListPipelineExecutions"): _Row("sagemaker:ListPipelineExecutions", (_PIPELINE,)),
    ("sagemaker", "ListTags"): _Row("sagemaker:ListTags", (_named("ResourceArn"),)),
    ("sagemaker", "ListProcessingJobs"): _Row("sagemaker:ListProcessingJobs", (_anything,)),
    ("sagemaker", "StartPipelineExecution"): _Row("sagemaker:StartPipelineExecution", (_PIPELINE,)),
    ("sagemaker", "StopPipelineExecution"): _Row("sagemaker:StopPipelineExecution", (_EXECUTION,)),
    ("sagemaker", "StopProcessingJob"): _Row("sagemaker:StopProcessingJob", (_PROCESSING,)),
    ("sagemaker", "StopTrainingJob"): _Row("sagemaker:StopTrainingJob", (_TRAINING,)),
    ("sagemaker", "UpdateEndpoint"): _Row("sagemaker:UpdateEndpoint", (_ENDPOINT, _CONFIG)),
    ("sagemaker", "UpdateEndpointWeightsAndCapacities"): _Row(
        "sagemaker:UpdateEndpointWeightsAndCapacities", (_ENDPOINT,)
    ),
    ("sagemaker", "UpdatePipeline"): _Row("sagemaker:UpdatePipeline", (_PIPELINE,)),
    ("sagemaker-runtime", "InvokeEndpoint"): _Row("sagemaker:InvokeEndpoint", (_ENDPOINT, _named_component)),
    ("sns", "Publish"): _Row("sns:Publish", (_named("TopicArn"),)),
    ("sqs", "DeleteMessage"): _Row("sqs:DeleteMessage", (_queue,)),
    ("sqs", "GetQueueAttributes"): _Row("sqs:GetQueueAttributes", (_queue,)),
    ("sqs", "ReceiveMessage"): _Row("sqs:ReceiveMessage", (_queue,)),
    ("sqs", "SendMessage"): _Row("sqs:SendMessage", (_queue,)),
    ("ssm", "DeleteParameter"): _Row("ssm:DeleteParameter", (_parameter("Name"),)),
    ("ssm", "GetParameter"): _Row("ssm:GetParameter", (_parameter("Name"),)),
    ("ssm", "GetParametersByPath"): _Row("ssm:GetParametersByPath", (_parameter("Path"),)),
    ("ssm", "PutParameter"): _Row("ssm:PutParameter", (_parameter("Name"),)),
    ("stepfunctions", "DescribeExecution"): _Row("states:DescribeExecution", (_named("executionArn"),)),
    ("stepfunctions", "ListExecutions"): _Row("states:ListExecutions", (_named("stateMachineArn"),)),
    ("stepfunctions", "RedriveExecution"): _Row("states:RedriveExecution", (_named("executionArn"),)),
    # The reference lists no resource for these two, but AWS checks the state machine that the token belongs to: its
    # refusal names it (NOAA-OWP/hydrovis#837), and a grant on it is enough (tried in aws/aws-cdk#8486).
    ("stepfunctions", "SendTaskFailure"): _Row("states:SendTaskFailure", (_machine_of_token,)),
    ("stepfunctions", "SendTaskSuccess"): _Row("states:SendTaskSuccess", (_machine_of_token,)),
    ("stepfunctions", "StartExecution"): _Row("states:StartExecution", (_named("stateMachineArn"),)),
    ("stepfunctions", "StartSyncExecution"): _Row("states:StartSyncExecution", (_named("stateMachineArn"),)),
    ("stepfunctions", "StopExecution"): _Row("states:StopExecution", (_named("executionArn"),)),
}
