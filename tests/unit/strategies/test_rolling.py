from __future__ import annotations

from typing import Any

import pytest

from interlock.strategies.batches import BATCH_SPARE, LARGEST_BATCH, LONGEST_NATIVE, SMALLEST_BATCH
from rehearsal.account.shapes import service_model
from tests.unit.strategies.written import strategy

ROLLING: dict[str, Any] = {"kind": "rolling", "batch": 20, "bake": "10m"}


def sizes(instances: int, **different: Any) -> dict[str, int]:
    """The numbers of instances that guardrails are asked for."""
    policy = strategy(ROLLING | different).deployment_config(instances)["RollingUpdatePolicy"]
    batches = {name: size for name, size in policy.items() if name.endswith("BatchSize")}
    assert {size["Type"] for size in batches.values()} == {"INSTANCE_COUNT"}
    return {name: size["Value"] for name, size in batches.items()}


def test_guardrails_are_asked_for_batches_of_whole_instances() -> None:
    assert strategy(ROLLING).deployment_config(10) == {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 2},
            "WaitIntervalInSeconds": 600,
            "MaximumExecutionTimeoutInSeconds": LONGEST_NATIVE,
        }
    }


def test_a_rollback_goes_in_batches_only_if_the_policy_says_so() -> None:
    assert "RollbackMaximumBatchSize" not in sizes(10)
    assert sizes(10, rollback_batch=50) == {"MaximumBatchSize": 2, "RollbackMaximumBatchSize": 5}


@pytest.mark.parametrize("batch", [SMALLEST_BATCH, 7, 20, 33, LARGEST_BATCH])
def test_a_batch_is_what_sagemaker_takes_of_a_fleet_of_any_size(batch: int) -> None:
    """Of 39 instances 5 % are 1.95: one instance would be less than 5 %, and is refused."""
    policy: Any = service_model("sagemaker").shape_for("RollingUpdatePolicy")
    said = policy.members["MaximumBatchSize"].documentation
    assert f"between {SMALLEST_BATCH}% to {LARGEST_BATCH}%" in said
    for instances in range(2, 200):
        assert SMALLEST_BATCH <= 100 * sizes(instances, batch=batch)["MaximumBatchSize"] / instances <= LARGEST_BATCH


@pytest.mark.parametrize(
    ("instances", "batch", "share", "course"),
    [
        (2, 50, 50.0, "replace 2 instances, 1 at a time, bake each batch for 10 min"),
        (5, 50, 40.0, "replace 5 instances, 2 at a time, bake each batch for 10 min"),
        (10, 20, 20.0, "replace 10 instances, 2 at a time, bake each batch for 10 min"),
        (39, 5, 100 * 2 / 39, "replace 39 instances, 2 at a time, bake each batch for 10 min"),
    ],
)
def test_the_first_batch_is_the_share_of_the_traffic_at_first(
    instances: int, batch: int, share: float, course: str
) -> None:
    asked = strategy(ROLLING | {"batch": batch})
    assert asked.native_share(instances) == share
    assert asked.native_course(instances) == course


@pytest.mark.parametrize(
    ("different", "instances", "said"),
    [
        ({}, 5, []),
        ({}, 4, ["a batch must be at least one instance, and 20 % of 4 is less than one (write batch: 25 or more)"]),
        ({"batch": 25}, 4, []),
        ({"batch": 50}, 2, []),
        ({"batch": 50}, 1, ["a rolling deployment needs at least two instances, and there is one"]),
        ({}, 0, ["a rolling deployment replaces instances, and there are none"]),
        ({"batch": 5, "bake": "14m"}, 20, []),
        (
            {"batch": 5, "bake": "15m"},
            20,
            ["guardrails have 8 h, and 20 batches take 8 h 20 min (write a larger batch, or a shorter bake)"],
        ),
        ({"batch": 50, "bake": "1h"}, 20, []),
    ],
)
def test_what_guardrails_cannot_do_is_told_with_what_would_do(
    different: dict[str, Any], instances: int, said: list[str]
) -> None:
    assert strategy(ROLLING | different).native_obstacles(instances) == said


def test_weights_cannot_do_it_at_all() -> None:
    assert strategy(ROLLING).weights_obstacles == ["variant weights cannot replace the instances of a fleet in batches"]
    assert strategy({"kind": "linear", "step": 20}).weights_obstacles == []


def test_every_batch_is_given_time_to_start() -> None:
    assert strategy(ROLLING).native_wait(10) == 5 * (600 + BATCH_SPARE)
