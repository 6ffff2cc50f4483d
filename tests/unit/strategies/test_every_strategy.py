"""What holds for every strategy that a policy may name."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.model.kinds import kinds_of
from interlock.policy.errors import PolicyError
from interlock.strategies.registry import AnyStrategy
from interlock.strategies.strategy import LONGEST_NATIVE_BAKE, Strategy
from tests.unit.awsmodel import limits, unfit
from tests.unit.examples import ALL_AT_ONCE, CANARY, stage
from tests.unit.strategies.written import deployment_config, strategy

WRITTEN: list[dict[str, Any]] = [
    ALL_AT_ONCE,
    CANARY,
    CANARY | {"steps": [1]},
    CANARY | {"steps": [50]},
    CANARY | {"steps": [99]},
    {"kind": "linear", "step": 10},
    {"kind": "linear", "step": 30},
    {"kind": "linear", "step": 99},
    {"kind": "rolling", "batch": 5},
    {"kind": "rolling", "batch": 30, "rollback_batch": 10},
    {"kind": "rolling", "batch": 50},
    {"kind": "shadow", "sampling": "20%"},
    CANARY | {"shadow": "100%"},
    {"kind": "ab_test", "winner": "person", "duration": "7d", "share": 20, "looks": 14},
]
EVERY = pytest.mark.parametrize("written", WRITTEN, ids=str)
BAKED = pytest.mark.parametrize("written", [each for each in WRITTEN if each["kind"] != "ab_test"], ids=str)
"""Those whose steps are watched for a ``bake``. An A/B test has one duration, and guardrails cannot do it."""
BAKES = ("1m", "10m", "1h")


def test_every_kind_is_tried_here() -> None:
    assert {written["kind"] for written in WRITTEN} == set(kinds_of(AnyStrategy))


@EVERY
def test_the_shares_grow_to_100(written: dict[str, Any]) -> None:
    shares = strategy(written).shares
    assert shares[-1] == 100
    assert list(shares) == sorted(set(shares))
    compared = len(shares) > 1 or strategy(written).copied
    assert strategy(written).side_by_side == bool(compared and not strategy(written).weights_obstacles)


@BAKED
@pytest.mark.parametrize("bake", BAKES)
def test_guardrails_are_asked_for_what_they_take_or_the_obstacle_is_named(written: dict[str, Any], bake: str) -> None:
    asked = strategy(written | {"bake": bake})
    if asked.native_obstacles(100):
        return
    config = asked.deployment_config(100)
    assert unfit(deployment_config(), config) == []
    (policy,) = config.values()
    assert _waits(policy, len(asked.shares)) < policy["MaximumExecutionTimeoutInSeconds"]
    assert _waits(policy, len(asked.shares)) <= asked.native_wait(100)


def _waits(policy: dict[str, Any], steps: int) -> int:
    """Seconds that all waits of a deployment take together."""
    if "MaximumBatchSize" in policy:
        return int(policy["WaitIntervalInSeconds"] * steps)
    routing = policy["TrafficRoutingConfiguration"]
    return int(routing["WaitIntervalInSeconds"] * (steps - 1) + policy["TerminationWaitInSeconds"])


@BAKED
def test_guardrails_bake_for_an_hour_at_most(written: dict[str, Any]) -> None:
    """What only guardrails can do is refused when the policy is read."""
    assert limits("sagemaker", "TerminationWaitInSeconds")["max"] == LONGEST_NATIVE_BAKE
    assert limits("sagemaker", "WaitIntervalInSeconds")["max"] == LONGEST_NATIVE_BAKE
    said = "guardrails bake for at most an hour"
    asked = strategy(written | {"bake": "60m"})
    assert said not in asked.native_obstacles(100)
    if asked.weights_obstacles:
        with pytest.raises(PolicyError, match="from 1m to 1h"):
            strategy(written | {"bake": "61m"})
    else:
        assert said in strategy(written | {"bake": "61m"}).native_obstacles(100)


@EVERY
def test_stable_gets_the_rest_and_its_baseline_as_much_as_the_candidate(written: dict[str, Any]) -> None:
    asked: Strategy = strategy(written)
    assert [asked.compared_share(percent) for percent in (5, 50, 80, 100)] == [95, 50, 20, 0]
    if len(asked.shares) == 1 or asked.weights_obstacles or asked.copied:
        return
    rule = {"metric": "error_rate", "margin": "50%"}
    with_baseline = stage(strategy=written | {"baseline": True}, evidence=[rule]).strategy
    assert with_baseline.brings_baseline
    assert [with_baseline.compared_share(percent) for percent in (5, 50, 80, 100)] == [5, 50, 20, 0]
