from __future__ import annotations

import pytest

from tests.unit.examples import ALL_AT_ONCE
from tests.unit.strategies.written import strategy


def test_all_traffic_moves_in_one_step() -> None:
    asked = strategy(ALL_AT_ONCE)
    assert (asked.shares, asked.side_by_side, asked.brings_baseline, asked.allocation_at(100)) == (
        (100,),
        False,
        False,
        None,
    )


def test_guardrails_shift_everything_and_keep_stable_for_one_bake() -> None:
    assert strategy(ALL_AT_ONCE).deployment_config(10)["BlueGreenUpdatePolicy"] == {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
        "TerminationWaitInSeconds": 600,
        "MaximumExecutionTimeoutInSeconds": 4800,
    }


@pytest.mark.parametrize("instances", [1, 2, 100])
def test_guardrails_do_it_with_a_fleet_of_any_size(instances: int) -> None:
    assert strategy(ALL_AT_ONCE).native_obstacles(instances) == []
