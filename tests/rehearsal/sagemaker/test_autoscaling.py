"""Application Auto Scaling around a variant (botocore application-autoscaling; docs: endpoint-scaling)."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws import AwsError
from tests.rehearsal.sagemaker.account import PERSON, Account

OF: dict[str, Any] = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
ONE = {key: each for key, each in OF.items() if key != "ScalableDimension"}
TRACKED = {"PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}
POLICY = {
    "PolicyName": "team",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 900.0, **TRACKED},
}
ACTION = {"ScheduledActionName": "morning", "Schedule": "cron(0 8 * * ? *)", "ScalableTargetAction": {"MinCapacity": 2}}


def scaled(least: int = 1, most: int = 4) -> Account:
    """An endpoint of two instances that is registered."""
    account = Account()
    account.endpoint()
    ask(account, "register_scalable_target", MinCapacity=least, MaxCapacity=most)
    return account


def ask(account: Account, operation: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = getattr(account.autoscaling, operation)(OF | more, PERSON)
    return answer


def instances(account: Account) -> int:
    return int(account.describe()["ProductionVariants"][0]["CurrentInstanceCount"])


def test_a_variant_that_is_not_there_is_not_registered() -> None:
    account = Account()
    account.endpoint()
    with pytest.raises(AwsError, match="doesn't exist: endpoint/digits/variant/other"):
        ask(
            account,
            "register_scalable_target",
            ResourceId="endpoint/digits/variant/other",
            MinCapacity=1,
            MaxCapacity=2,
        )


def test_a_first_registration_needs_both_bounds_and_an_update_changes_what_it_names() -> None:
    account = Account()
    account.endpoint()
    with pytest.raises(AwsError, match="MinCapacity and MaxCapacity are required"):
        ask(account, "register_scalable_target", MaxCapacity=2)
    account = scaled()
    ask(account, "register_scalable_target", SuspendedState={"DynamicScalingInSuspended": True})
    [target] = ask(account, "describe_scalable_targets", ResourceIds=[OF["ResourceId"]])["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    assert [name for name, is_so in target["SuspendedState"].items() if is_so] == ["DynamicScalingInSuspended"]


def test_registrations_are_listed_in_pages_and_by_dimension_only_with_their_ids() -> None:
    """botocore DescribeScalableTargets: a dimension takes a resource id; a page has at most 50."""
    account = scaled()
    account.autoscaling.instances = lambda endpoint, variant: 1
    for number in range(50):
        more = {"ResourceId": f"endpoint/e{number}/variant/A", "MinCapacity": 1, "MaxCapacity": 1}
        ask(account, "register_scalable_target", **more)
    with pytest.raises(AwsError, match="resource ID must be specified"):
        ask(account, "describe_scalable_targets")
    of: dict[str, Any] = {"ServiceNamespace": "sagemaker"}
    first = account.autoscaling.describe_scalable_targets(of, PERSON)
    last = account.autoscaling.describe_scalable_targets(of | {"NextToken": first["NextToken"]}, PERSON)
    assert (len(first["ScalableTargets"]), len(last["ScalableTargets"]), "NextToken" in last) == (50, 1, False)


def test_a_registration_brings_the_capacity_within_its_bounds() -> None:
    before = instances(account := scaled())
    ask(account, "register_scalable_target", MinCapacity=before + 1)
    assert instances(account) == before + 1
    ask(account, "register_scalable_target", MinCapacity=1, MaxCapacity=before)
    assert instances(account) == before


def test_policies_and_scheduled_actions_need_a_target_and_go_with_it() -> None:
    account = Account()
    account.endpoint()
    with pytest.raises(AwsError, match="No scalable target registered for service namespace: sagemaker"):
        ask(account, "put_scaling_policy", **POLICY)
    account = scaled()
    alarms = ask(account, "put_scaling_policy", **POLICY)["Alarms"]
    assert [each["AlarmName"].startswith("TargetTracking-endpoint/digits/") for each in alarms] == [True, True]
    ask(account, "put_scheduled_action", **ACTION)
    assert ask(account, "describe_scaling_policies")["ScalingPolicies"][0].items() >= POLICY.items()
    assert ask(account, "describe_scheduled_actions")["ScheduledActions"][0].items() >= ACTION.items()

    ask(account, "deregister_scalable_target")
    ask(account, "register_scalable_target", MinCapacity=1, MaxCapacity=4)
    assert ask(account, "describe_scaling_policies")["ScalingPolicies"] == []
    assert ask(account, "describe_scheduled_actions")["ScheduledActions"] == []


def test_a_metric_has_one_target_tracking_policy() -> None:
    account = scaled()
    ask(account, "put_scaling_policy", **POLICY)
    with pytest.raises(AwsError, match="Only one TargetTrackingScaling policy for a given metric"):
        ask(account, "put_scaling_policy", **POLICY | {"PolicyName": "another"})
    ask(account, "delete_scaling_policy", PolicyName="team")
    with pytest.raises(AwsError, match="No scaling policy found for service namespace"):
        ask(account, "delete_scaling_policy", PolicyName="team")


def test_where_removing_instances_is_suspended_none_is_removed() -> None:
    account = scaled(most=9)
    ask(account, "register_scalable_target", SuspendedState={"DynamicScalingInSuspended": True})
    account.sagemaker.endpoints.autoscale("digits", "AllTraffic", 7)
    account.sagemaker.endpoints.autoscale("digits", "AllTraffic", 1)
    assert instances(account) == 7


def steps(*adjustments: tuple[float | None, float | None, int], **more: Any) -> dict[str, Any]:
    names = ("MetricIntervalLowerBound", "MetricIntervalUpperBound", "ScalingAdjustment")
    given = [
        {name: value for name, value in zip(names, each, strict=True) if value is not None} for each in adjustments
    ]
    configuration = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": given, **more}
    return {"PolicyName": "steps", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": configuration}


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (steps(), "StepAdjustments are required"),
        (steps(*[(float(at), at + 1.0, 1) for at in range(20)], (20.0, None, 1)), "at most 20 step adjustments"),
        (steps((None, None, 1)), "Both lower and upper bounds of a step adjustment cannot be left unspecified"),
        (steps((0.0, 10.0, 1)), "unspecified upper bound"),
        (steps((-10.0, 0.0, -1)), "unspecified lower bound"),
        (steps((0.0, 10.0, 1), (20.0, None, 2)), "gaps or overlap"),
        (steps((0.0, 10.0, 1), (5.0, None, 2)), "gaps or overlap"),
        (steps((None, -5.0, 1), (-5.0, -9.0, 1), (0.0, None, 1)), "must be greater than the lower bound"),
        (steps((0.0, None, -1), AdjustmentType="ExactCapacity"), "you must specify a non-negative value"),
    ],
)
def test_step_adjustments_are_checked(policy: dict[str, Any], said: str) -> None:
    with pytest.raises(AwsError, match=said):
        ask(scaled(), "put_scaling_policy", **policy)


def test_a_step_policy_has_the_alarms_that_name_it_and_keeps_its_arn() -> None:
    account = scaled()
    account.autoscaling.alarms_of = lambda arn: ["team-alarm"] if arn == first["PolicyARN"] else []
    first = ask(account, "put_scaling_policy", **steps((0.0, None, 1)))
    assert first["Alarms"] == []
    assert ask(account, "put_scaling_policy", **steps((0.0, None, 2)))["PolicyARN"] == first["PolicyARN"]
    [told] = ask(account, "describe_scaling_policies")["ScalingPolicies"]
    assert [each["AlarmName"] for each in told["Alarms"]] == ["team-alarm"]
    account.autoscaling.start(first["PolicyARN"])
    assert account.autoscaling.started == [(OF["ResourceId"], "steps")]
