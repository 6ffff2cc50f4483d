from __future__ import annotations

import re
from typing import Any

import pytest

from interlock.policy.errors import PolicyError
from interlock.strategies.strategy import NATIVE_SPARE
from tests.unit.examples import CANARY
from tests.unit.strategies.written import strategy


def test_a_canary_goes_through_its_steps() -> None:
    assert strategy(CANARY).shares == (5, 25, 50, 100)


@pytest.mark.parametrize(
    ("different", "instances", "said"),
    [
        ({}, 2, ["guardrails allow only one canary step, and the policy has several"]),
        ({"steps": [51]}, 2, ["a guardrail canary takes at most 50 %"]),
        ({"steps": [50]}, 2, []),
        ({"steps": [50]}, 1, ["a guardrail canary needs at least two instances, and the fleet has one"]),
        (
            {"steps": [5, 51], "bake": "2h"},
            1,
            [
                "guardrails allow only one canary step, and the policy has several",
                "a guardrail canary takes at most 50 %",
                "a guardrail canary needs at least two instances, and the fleet has one",
                "guardrails bake for at most an hour",
            ],
        ),
    ],
)
def test_what_guardrails_cannot_do_is_told_in_full(different: dict[str, Any], instances: int, said: list[str]) -> None:
    assert strategy(CANARY | different).native_obstacles(instances) == said


def test_guardrails_bake_the_canary_and_then_everything() -> None:
    assert strategy(CANARY | {"steps": [20]}).deployment_config(10)["BlueGreenUpdatePolicy"] == {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "WaitIntervalInSeconds": 1800,
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 20},
        },
        "TerminationWaitInSeconds": 1800,
        "MaximumExecutionTimeoutInSeconds": 7200,
    }


def test_each_step_may_have_a_bake_of_its_own() -> None:
    asked = strategy(CANARY | {"steps": [20], "bake": ["10m", "30m"]})
    policy = asked.deployment_config(10)["BlueGreenUpdatePolicy"]
    assert asked.bakes == (600, 1800)
    assert policy["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"] == 600
    assert policy["TerminationWaitInSeconds"] == 1800
    assert policy["MaximumExecutionTimeoutInSeconds"] == 600 + 1800 + NATIVE_SPARE


@pytest.mark.parametrize(
    ("bake", "said"),
    [
        (["10m", "1h"], "4 steps, 100 % included, need 4 bakes, or one for all, for example bake: 10m; got 2"),
        ([], "4 steps, 100 % included, need 4 bakes, or one for all, for example bake: 10m; got 0"),
        (["10m", "1h", "1h", "59s"], "a bake lasts from 1m to 30d, for example 10m; got 59 s"),
        (["10m", "1h", "1h", 60], "write a number and one of s, m, h, d, for example 10m; got 60"),
    ],
)
def test_a_list_of_bakes_that_does_not_fit_is_refused(bake: list[Any], said: str) -> None:
    with pytest.raises(PolicyError, match=re.escape(said)):
        strategy(CANARY | {"bake": bake})


def test_looks_fit_the_shortest_bake() -> None:
    fits = CANARY | {"bake": ["10m", "1h", "1h", "1h"]}
    assert strategy(fits | {"looks": 10}).looks == 10
    with pytest.raises(PolicyError, match="write at most 10 for a bake of 10 min"):
        strategy(fits | {"looks": 11})
