from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest

from rehearsal.account import authorization, shapes
from rehearsal.account.authorization import Need, Place, needs

PLACE = Place("eu-west-1", "123456789012")
REFERENCE = json.loads((files("cfnlint.data") / "AdditionalSpecs" / "Policies.json").read_text())
# Of the resource types that the reference lists for these, the one an ordinary call is checked against.
OPTIONAL = {
    "s3:GetObject": {"accesspointobject"},
    "sagemaker:InvokeEndpoint": {"inference-component"},
    "dynamodb:Query": {"index"},
    "ec2:CreateNetworkInterface": {"ipv4pool-ec2", "ipv6pool-ec2"},
    "cloudwatch:PutMetricAlarm": {"dataset"},
    "cloudwatch:GetMetricData": {"dataset"},
    "cloudwatch:PutMetricData": {"dataset"},
    "states:DescribeExecution": {"express"},
}
EXAMPLE = {
    "AlarmName": "a", "Bucket": "b", "EndpointConfigName": "c", "EndpointName": "e", "FunctionName": "f", "Key": "k",
    "CopySource": "b/k", "ModelName": "m", "ModelPackageGroupName": "g",
    "ModelPackageName": "arn:aws:sagemaker:eu-west-1:123456789012:model-package/g/1",
    "DestinationArn": "arn:aws:sagemaker:eu-west-1:123456789012:action/a",
    "SourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:artifact/b",
    "ResourceARN": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a",
    "ResourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/e",
    "Name": "/n", "Namespace": "N", "Path": "/p", "QueueUrl": "https://sqs/1/q", "RequestItems": {"t": {"Keys": []}},
    "ResourceId": "endpoint/e/variant/v", "ServiceNamespace": "sagemaker",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    "TableName": "t",
    "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t",
    "executionArn": "arn:aws:states:eu-west-1:123456789012:execution:m:x",
    "logGroupName": "l", "logStreamName": "s", "registryId": "123456789012", "repositoryName": "r",
    "stateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:m",
    "SubnetId": "subnet-1", "Groups": ["sg-1"],
    "KeyId": "arn:aws:kms:eu-west-1:123456789012:key/1",
}  # fmt: skip


# The reference lists no resource for answering a task token, but AWS checks the token's state machine.
ANSWERS = {("stepfunctions", "SendTaskFailure"), ("stepfunctions", "SendTaskSuccess")}


def rows() -> list[tuple[str, str]]:
    return sorted(set(authorization._ROWS) - ANSWERS)


@pytest.mark.parametrize(("service", "operation"), rows())
def test_every_row_is_an_operation_and_agrees_with_the_service_authorization_reference(
    service: str, operation: str
) -> None:
    assert shapes.operation_model(service, operation)
    key: dict[str, object] = {"Key": {}} if service == "dynamodb" else {}  # text in S3
    for need in needs(PLACE, service, operation, EXAMPLE | key):
        formats = arn_formats(need.action)
        if formats:
            assert any(re.fullmatch(pattern, need.resource) for pattern in formats), f"{need} is none of {formats}"
        else:
            assert need.resource == "*", f"{need.action} knows no resource, so only * can grant it"


def arn_formats(action: str) -> list[str]:
    """The ARNs that the reference says an action is checked against, as regular expressions."""
    prefix, _, name = action.partition(":")
    reference = REFERENCE[prefix]
    about = reference["Actions"].get(name) or reference["Actions"].get(name.lower(), {})
    kinds = set(about.get("Resources", [])) - OPTIONAL.get(action, set())
    resources = {name.lower(): each for name, each in reference["Resources"].items()}
    listed = [arn for kind in kinds for arn in resources[kind.lower()]["ARNFormats"]]
    return [re.sub(r"\$\{\w+\}", "[^:]*", arn) for arn in listed]


def test_sagemaker_arns_are_lower_cased() -> None:
    [need] = needs(PLACE, "sagemaker", "DescribeEndpoint", {"EndpointName": "Churn-Production"})
    assert need.resource == "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn-production"


def test_whoever_registers_a_variant_may_do_what_scaling_it_needs() -> None:
    """docs: application-auto-scaling, security_iam_permission_validation; endpoint-auto-scaling-prerequisites."""
    register = needs(PLACE, "application-autoscaling", "RegisterScalableTarget", EXAMPLE)
    assert register[0].context["application-autoscaling:scalable-dimension"] == "sagemaker:variant:DesiredInstanceCount"
    assert [need.action for need in register[1:]] == [
        "iam:CreateServiceLinkedRole",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
    ]
    put = needs(PLACE, "application-autoscaling", "PutScalingPolicy", EXAMPLE)
    assert {need.action for need in put[1:]} == {
        f"cloudwatch:{each}" for each in ("DescribeAlarms", "PutMetricAlarm", "DeleteAlarms")
    }


def test_an_update_is_checked_on_the_endpoint_and_on_the_config() -> None:
    request = {"EndpointName": "churn", "EndpointConfigName": "churn-v2"}
    assert [need.resource.rpartition(":")[2] for need in needs(PLACE, "sagemaker", "UpdateEndpoint", request)] == [
        "endpoint/churn",
        "endpoint-config/churn-v2",
    ]


def test_who_copies_an_object_may_read_the_one_and_write_the_other() -> None:
    request = {"Bucket": "to", "Key": "k.tar.gz", "CopySource": "from/a%20model.tar.gz"}
    asked = {need.action: need.resource for need in needs(PLACE, "s3", "CopyObject", request)}
    assert asked == {"s3:PutObject": "arn:aws:s3:::to/k.tar.gz", "s3:GetObject": "arn:aws:s3:::from/a model.tar.gz"}


def test_tags_on_create_need_permission_to_tag() -> None:
    request = {"EndpointConfigName": "c", "Tags": [{"Key": "release", "Value": "r1"}]}
    create, tag = needs(PLACE, "sagemaker", "CreateEndpointConfig", request)
    assert (create.action, tag.action) == ("sagemaker:CreateEndpointConfig", "sagemaker:AddTags")
    assert tag.resource == create.resource
    assert create.context["aws:RequestTag/release"] == "r1"
    assert "sagemaker:TaggingAction" not in create.context
    assert tag.context["sagemaker:TaggingAction"] == "CreateEndpointConfig"


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("GetItem", {"Key": {"pk": {"S": "CONTROL"}, "sk": {"S": "churn"}}}),
        ("UpdateItem", {"Key": {"pk": {"S": "CONTROL"}, "sk": {"S": "churn"}}}),
        ("DeleteItem", {"Key": {"pk": {"S": "CONTROL"}, "sk": {"S": "churn"}}}),
        ("PutItem", {"Item": {"pk": {"S": "CONTROL"}, "sk": {"S": "churn"}}}),
        (
            "Query",
            {
                "KeyConditionExpression": "pk = :control AND sk > :after",
                "ExpressionAttributeValues": {":control": {"S": "CONTROL"}, ":after": {"S": ""}},
            },
        ),
        ("BatchGetItem", {"RequestItems": {"t": {"Keys": [{"pk": {"S": "CONTROL"}, "sk": {"S": "churn"}}]}}}),
    ],
)
def test_a_request_to_a_table_tells_its_partition_keys(operation: str, request_: dict[str, object]) -> None:
    [need] = needs(PLACE, "dynamodb", operation, {"TableName": "t", **request_})
    assert need.context["dynamodb:LeadingKeys"] == ["CONTROL"]


def test_a_model_passes_its_role_to_sagemaker() -> None:
    request = {"ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/serving"}
    passed = needs(PLACE, "sagemaker", "CreateModel", request)[-1]
    assert isinstance(passed, Need)
    assert (passed.action, passed.resource) == ("iam:PassRole", "arn:aws:iam::123456789012:role/serving")
    assert passed.context["iam:PassedToService"] == "sagemaker.amazonaws.com"


@pytest.mark.parametrize(
    "operation", ["CreatePipeline", "CreateTrainingJob", "UpdatePipeline", "StartPipelineExecution"]
)
def test_jobs_and_pipelines_pass_their_role_to_sagemaker(operation: str) -> None:
    role = "arn:aws:iam::123456789012:role/training"
    passed = needs(PLACE, "sagemaker", operation, {"PipelineName": "p", "TrainingJobName": "t", "RoleArn": role})[-1]
    assert (passed.action, passed.resource) == ("iam:PassRole", role)


def test_an_execution_is_checked_on_its_own_arn() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p/execution/abc"
    [need] = needs(PLACE, "sagemaker", "DescribePipelineExecution", {"PipelineExecutionArn": arn})
    assert need.resource == arn


def test_a_query_on_an_index_is_checked_on_the_index() -> None:
    [need] = needs(PLACE, "dynamodb", "Query", {"TableName": "t", "IndexName": "i"})
    assert need.resource.endswith(":table/t/index/i")
