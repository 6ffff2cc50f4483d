from __future__ import annotations

from typing import Any

import pytest

from interlock.strategies.batches import LONGEST_NATIVE
from interlock.strategies.strategy import NATIVE_SPARE
from tests.unit.awsmodel import limits
from tests.unit.strategies.written import strategy

LINEAR: dict[str, Any] = {"kind": "linear", "step": 20, "bake": "10m"}


@pytest.mark.parametrize(
    ("step", "shares"),
    [
        (20, (20, 40, 60, 80, 100)),
        (30, (30, 60, 90, 100)),
        (50, (50, 100)),
        (60, (60, 100)),
        (99, (99, 100)),
        (1, tuple(range(1, 101))),
    ],
)
def test_the_share_grows_by_equal_steps(step: int, shares: tuple[int, ...]) -> None:
    assert strategy(LINEAR | {"step": step}).shares == shares


def test_guardrails_bake_after_each_step_and_are_given_time_for_it() -> None:
    assert strategy(LINEAR).deployment_config(10)["BlueGreenUpdatePolicy"] == {
        "TrafficRoutingConfiguration": {
            "Type": "LINEAR",
            "WaitIntervalInSeconds": 600,
            "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 20},
        },
        "TerminationWaitInSeconds": 600,
        "MaximumExecutionTimeoutInSeconds": 5 * 600 + NATIVE_SPARE,
    }


@pytest.mark.parametrize(
    ("different", "instances", "said"),
    [
        ({}, 5, []),
        ({}, 4, ["a guardrail step must be at least one instance, and 20 % of 4 is less than one"]),
        ({"step": 50}, 2, []),
        (
            {"step": 50},
            1,
            ["a guardrail step must be at least one instance, and 50 % of 1 is less than one"],
        ),
        ({"step": 10}, 10, []),
        ({"step": 9}, 100, ["a guardrail step must be from 10 to 50 %"]),
        ({"step": 51}, 100, ["a guardrail step must be from 10 to 50 %"]),
        ({"step": 10, "bake": "42m"}, 10, []),
        ({"step": 10, "bake": "43m"}, 10, ["guardrails leave 7 h for all bakes together, and these take 7 h 10 min"]),
        ({"step": 50, "bake": "61m"}, 10, ["guardrails bake for at most an hour"]),
        ({"step": 50, "bake": ["10m", "61m"]}, 10, ["guardrails bake for at most an hour"]),
        ({"step": 40, "bake": ["10m", "10m", "1h"]}, 10, []),
        (
            {"step": 40, "bake": ["10m", "20m", "20m"]},
            10,
            ["guardrails wait equally long after each step but the last"],
        ),
    ],
)
def test_what_guardrails_cannot_do_is_told(different: dict[str, Any], instances: int, said: list[str]) -> None:
    assert strategy(LINEAR | different).native_obstacles(instances) == said


def test_the_longest_deployment_is_the_one_that_sagemaker_takes() -> None:
    assert limits("sagemaker", "MaximumExecutionTimeoutInSeconds")["max"] == LONGEST_NATIVE
    longest = strategy(LINEAR | {"step": 10, "bake": "42m"}).deployment_config(10)["BlueGreenUpdatePolicy"]
    assert longest["MaximumExecutionTimeoutInSeconds"] == LONGEST_NATIVE
