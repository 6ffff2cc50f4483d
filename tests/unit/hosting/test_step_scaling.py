"""Step scaling in a policy: what is asked of AWS, and what AWS would refuse and is refused by name."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.hosting.step_scaling import StepScaling
from interlock.model.step_policies import METRICS, is_own, policy_name, starting_alarm
from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from tests.unit import examples

UP = {"metric": "cpu", "above": 70, "steps": [{"adjust": 1}, {"beyond": 20, "adjust": 3}]}
DOWN = {"metric": "cpu", "below": 20.5, "minutes": 15, "steps": [{"adjust": -1}, {"beyond": 10, "adjust": -2}]}


def refused(*by_steps: dict[str, Any], **more: Any) -> str:
    autoscaling = {"min": 1, "max": 4, "by_steps": list(by_steps), **more}
    hosting = {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 2, "autoscaling": autoscaling}
    try:
        read_policy(examples.document(hosting=hosting), examples.GROUP)
    except PolicyError as error:
        return str(error)
    return ""


def test_the_steps_lie_beyond_the_threshold_on_the_side_of_the_alarm() -> None:
    up, down = (StepScaling.model_validate(each).policy["StepScalingPolicyConfiguration"] for each in (UP, DOWN))
    assert up == {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [
            {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 20.0, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 20.0, "ScalingAdjustment": 3},
        ],
        "Cooldown": 300,
        "MetricAggregationType": "Average",
    }
    assert down["StepAdjustments"] == [
        {"MetricIntervalUpperBound": 0.0, "MetricIntervalLowerBound": -10.0, "ScalingAdjustment": -1},
        {"MetricIntervalUpperBound": -10.0, "ScalingAdjustment": -2},
    ]


def test_the_name_of_a_policy_says_its_alarm() -> None:
    policy = StepScaling.model_validate(DOWN).policy
    assert policy["PolicyName"] == "interlock-cpu-below-20.5-for-15m"
    assert is_own(policy)
    alarm = starting_alarm("churn-live", "blue", policy)
    assert alarm["AlarmName"] == "interlock-scaling-churn-live-blue-cpu-below-20.5-for-15m"
    assert alarm["ComparisonOperator"] == "LessThanOrEqualToThreshold"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["MetricName"]) == (20.5, 15, "CPUUtilization")
    assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == {
        "EndpointName": "churn-live",
        "VariantName": "blue",
    }


@given(
    some.sampled_from(sorted(METRICS)),
    some.sampled_from(["above", "below"]),
    some.integers(1, 10**12 - 1),
    some.integers(1, 60),
)
def test_every_threshold_is_read_from_the_name_as_it_was_written(
    metric: str, side: str, thousandths: int, minutes: int
) -> None:
    threshold = thousandths / 1000
    name = policy_name(metric, side, threshold, minutes)
    alarm = starting_alarm("e", "v", {"PolicyName": name, "PolicyType": "StepScaling"})
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (threshold, minutes)


@pytest.mark.parametrize(
    "policy",
    [
        {"PolicyName": "team-steps", "PolicyType": "StepScaling"},
        {"PolicyName": "interlock-cpu-above-70-for-3m", "PolicyType": "TargetTrackingScaling"},
        {"PolicyName": "interlock-disk-above-70-for-3m", "PolicyType": "StepScaling"},
    ],
)
def test_a_policy_of_somebody_else_is_not_taken_for_an_own_one(policy: dict[str, str]) -> None:
    assert not is_own(policy)


@pytest.mark.parametrize(
    ("by_steps", "said"),
    [
        ([], "nothing says when to scale; write invocations_per_instance, or by_steps"),
        ([{**UP, "below": 20}], "write above or below, the threshold at which it starts, and not both"),
        ([{**UP, "above": None}], "write above or below"),
        ([{**UP, "steps": [{"beyond": 5, "adjust": 1}]}], "the first step is beyond: 0"),
        ([{**UP, "steps": [{"adjust": 1}, {"adjust": 2}]}], "each further one is beyond more"),
        ([{**UP, "steps": [{"adjust": -1}]}], "above adds instances and below removes some"),
        ([{**DOWN, "steps": [{"adjust": 1}]}], "above adds instances and below removes some"),
        ([{**UP, "steps": [{"adjust": 0}]}], "got 0"),
        ([{**UP, "adjustment": "exact", "steps": [{"adjust": 0}]}], "exact says how many instances there are then"),
        ([{**UP, "steps": []}], "write 1 to 20 steps"),
        ([{**UP, "steps": [{"beyond": at, "adjust": 1} for at in range(21)]}], "write 1 to 20 steps"),
        ([{**UP, "above": 0.0001}], "with at most three decimals"),
        ([{**UP, "metric": "disk"}], "write 'invocations_per_instance', 'cpu', 'gpu' or 'memory'"),
        ([{**UP, "steps": [{"add": 1}]}], "a step has adjust, a whole number, and perhaps beyond"),
        ([UP, {**UP, "cooldown": "1m"}], "two of by_steps start at the same threshold"),
    ],
)
def test_what_aws_would_refuse_is_refused_by_name(by_steps: list[dict[str, Any]], said: str) -> None:
    assert said in refused(*by_steps)


@given(some.lists(some.integers(1, 1000), min_size=0, max_size=19, unique=True), some.booleans())
def test_steps_have_neither_gap_nor_overlap(further: list[int], above: bool) -> None:
    steps = [{"beyond": at, "adjust": 1 if above else -1} for at in (0, *sorted(further))]
    written = {"metric": "cpu", "above" if above else "below": 50, "steps": steps}
    made = StepScaling.model_validate(written).policy["StepScalingPolicyConfiguration"]["StepAdjustments"]
    near, far = ("Lower", "Upper") if above else ("Upper", "Lower")
    assert made[0][f"MetricInterval{near}Bound"] == 0
    assert all(one[f"MetricInterval{far}Bound"] == other[f"MetricInterval{near}Bound"] for one, other in pairwise(made))
    assert f"MetricInterval{far}Bound" not in made[-1]
