"""How far each permission reaches: to what is Interlock's own, by name, and no further.

That each grant is used is shown by the rehearsals. A grant that is too wide is used, too, so here the names are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from interlock.delivery.guard_alarms import VETO_NAMESPACE
from interlock.model.names import RESOURCE_PREFIX
from tests.contract.documents import Resource, of_type, references, resolved, statements

Statement = dict[str, Any]

NAMED_BY_INTERLOCK = {
    "sagemaker:CreateModel": "model/",
    "sagemaker:DeleteModel": "model/",
    "sagemaker:CreateEndpointConfig": "endpoint-config/",
    "sagemaker:DeleteEndpointConfig": "endpoint-config/",
    "sagemaker:CreateProcessingJob": "processing-job/",
    "sagemaker:CreateTrainingJob": "training-job/",
    "sagemaker:CreateAction": "action/",
    "cloudwatch:PutMetricAlarm": "alarm:",
    "cloudwatch:DeleteAlarms": "alarm:",
}
"""Calls that make, replace or remove something whose name Interlock chooses, and how its ARN goes on."""

OF_OTHERS = {
    "sagemaker:DeleteEndpoint": "the policy names the endpoint; only one with the tag of the stack is removed",
    "sagemaker:DeleteInferenceComponent": "the policy names it; only one with the tag of the stack is removed",
    "ec2:DeleteNetworkInterface": "of a job in the policy's subnets; EC2 names it",
    "ec2:DeleteNetworkInterfacePermission": "of the same",
    "dynamodb:DeleteItem": "of the ledger",
    "ssm:DeleteParameter": "what callers of a multi-model endpoint are told, under the path of the stack",
    "sqs:DeleteMessage": "of our queues",
    "logs:DeleteLogDelivery": "has no resource type",
}
"""Calls that remove something under a name that is not chosen by Interlock."""

GUARDED_SERVICES = {"states.amazonaws.com", "sagemaker.amazonaws.com", "pipes.amazonaws.com"}
"""Services that say for which account they act when they assume a role (docs: step-functions, sagemaker and
eventbridge, confused deputy prevention)."""


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def grants(wanted: str) -> Iterator[tuple[str, Statement, Any]]:
    """Role, statement and one resource of every grant of the actions that the pattern fits."""
    for name, role in of_type("AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            for statement in statements(policy):
                if any(re.fullmatch(wanted, action) for action in listed(statement["Action"])):
                    yield from ((name, statement, resource) for resource in listed(statement["Resource"]))


def test_a_role_is_passed_to_sagemaker_by_its_name_and_to_nothing_else() -> None:
    """Who may pass a role to any service may have that service do whatever the role may: a function of Lambda, say,
    that reads the artifacts of all models (docs: IAM, id_roles_use_passrole)."""
    passed = list(grants("iam:PassRole"))

    assert passed
    for role, statement, resource in passed:
        assert statement.get("Condition") == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}, role
        assert set(resource) <= {"Ref", "Fn::GetAtt"}, f"{role} passes roles by a pattern"


def through_scaling(statement: Statement) -> bool:
    """Whether only Application Auto Scaling may use a statement, for the alarms of a scaling policy, which it names."""
    return "aws:CalledViaLast" in statement.get("Condition", {}).get("StringEquals", {})


def test_what_application_auto_scaling_does_for_interlock_is_about_its_own_alarms() -> None:
    of_alarms = [each for action in ("PutMetricAlarm", "DeleteAlarms") for each in grants(f"cloudwatch:{action}")]
    through = [(statement, str(resolved(arn))) for _, statement, arn in of_alarms if through_scaling(statement)]
    assert len(through) == 2
    for statement, arn in through:
        assert statement["Condition"] == {
            "StringEquals": {"aws:CalledViaLast": "application-autoscaling.amazonaws.com"}
        }
        assert arn.endswith(":alarm:TargetTracking-endpoint/*")


@pytest.mark.parametrize("action", NAMED_BY_INTERLOCK)
def test_what_interlock_makes_and_removes_has_its_own_prefix(action: str) -> None:
    """A fault in a plan must not reach the models, configs, alarms and jobs of others in the account."""
    kind = NAMED_BY_INTERLOCK[action]
    found = [str(resolved(resource)) for _, statement, resource in grants(action) if not through_scaling(statement)]
    of_kind = [arn for arn in found if f":{kind}" in arn]  # a statement may speak of several kinds, each with its calls

    assert of_kind and "*" not in found
    for arn in of_kind:
        assert arn.endswith(f":{kind}{RESOURCE_PREFIX}*"), arn


def test_nothing_else_is_removed_than_what_is_known_here() -> None:
    removing = {
        action
        for _, statement, _ in grants(r"\w+:(Batch)?Delete\w+")
        for action in listed(statement["Action"])
        if re.match(r"\w+:(Batch)?Delete", action)
    }

    assert removing == {action for action in NAMED_BY_INTERLOCK if ":Delete" in action} | set(OF_OTHERS)


def test_policies_of_another_stack_and_other_parameters_are_not_read() -> None:
    read = [str(resolved(resource)) for _, _, resource in grants(r"ssm:Get\w+")]

    assert read
    assert [
        arn for arn in read if not re.search(r":parameter/interlock/interlock/(policies(/\*)?|live/\*)$", arn)
    ] == []


def test_no_policy_is_written_and_nothing_else_than_what_callers_are_told() -> None:
    written = [str(resolved(resource)) for _, _, resource in grants(r"ssm:(Put|Delete)\w+")]

    assert written
    assert [arn for arn in written if not arn.endswith(":parameter/interlock/interlock/live/*")] == []


def test_models_are_written_only_where_multi_model_endpoints_find_them() -> None:
    written = [resource for role, _, resource in grants("s3:PutObject") if role == "ActRole"]

    assert [each for each in written if "ArtifactBucket" in str(each)] == [
        {"Fn::Sub": "arn:${AWS::Partition}:s3:::${ArtifactBucket}/${MultiModelFolder}/*"}
    ]


def test_executions_are_those_of_one_machine() -> None:
    """Their input and output may hold anything; `execution:*` is every machine of the account."""
    seen = [str(resolved(resource)) for _, _, resource in grants(r"states:(DescribeExecution|RedriveExecution)")]

    assert seen
    assert [arn for arn in seen if not re.search(r":execution:(interlock-[a-z]+|TeamsTraining):\*$", arn)] == []


def test_metrics_are_written_in_the_namespace_of_the_veto_only() -> None:
    """PutMetricData has no resource. Whoever may write any metric may raise, or calm, any alarm of the account."""
    ((_, statement, _),) = grants("cloudwatch:PutMetricData")

    assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": VETO_NAMESPACE}}


def test_who_judges_captured_traffic_cannot_write_it() -> None:
    written = {str(resolved(resource)) for role, _, resource in grants("s3:PutObject") if role == "MonitorRole"}

    assert {arn.partition("/")[2] for arn in written} == {"results/*", "baselines/*", "runs/*/summaries/*"}


@pytest.mark.parametrize("role", of_type("AWS::IAM::Role").values(), ids=of_type("AWS::IAM::Role"))
def test_a_service_assumes_a_role_for_this_account_only(role: Resource) -> None:
    """Otherwise it would do so for whoever in another account gives it the ARN of the role."""
    (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    if statement["Principal"]["Service"] in GUARDED_SERVICES:
        assert references(statement["Condition"]["StringEquals"]["aws:SourceAccount"]) == {"AWS::AccountId"}
