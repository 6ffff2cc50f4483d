from __future__ import annotations

from typing import Any

import pytest

from tests.unit.examples import CANARY, stage
from tests.unit.strategies.written import strategy

BANDIT = CANARY | {"looks": 2, "allocation": {"kind": "thompson"}}


def test_a_canary_goes_through_its_steps() -> None:
    assert strategy(CANARY).shares == (5, 25, 50, 100)


def test_traffic_is_shared_anew_at_the_last_step_before_100_only() -> None:
    asked = stage(strategy=BANDIT, evidence=[{"metric": "error_rate", "better_by": "20%"}]).strategy
    assert [bool(asked.allocation_at(percent)) for percent in asked.shares] == [False, False, True, False]
    assert [strategy(CANARY).allocation_at(percent) for percent in asked.shares] == [None] * 4


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
    assert strategy(CANARY | {"steps": [20]}).deployment_config["BlueGreenUpdatePolicy"] == {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "WaitIntervalInSeconds": 1800,
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 20},
        },
        "TerminationWaitInSeconds": 1800,
        "MaximumExecutionTimeoutInSeconds": 7200,
    }
