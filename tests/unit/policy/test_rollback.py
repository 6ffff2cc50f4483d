"""A policy says for how long one call takes a version back; where nothing can stand by, it is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError

REALTIME = {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 2}
CANARY = {"kind": "canary", "steps": [20], "bake": "10m"}


def problems(rollback: dict[str, Any], **stage: Any) -> list[str]:
    written = {"endpoint": "churn", "hosting": REALTIME, "strategy": CANARY, "rollback": rollback} | stage
    try:
        read_policy(json.dumps({"model_package_group": "churn", "stages": [written]}), "churn")
    except PolicyError as error:
        return [said for said, _, _ in error.problems]
    return []


@pytest.mark.parametrize(
    ("rollback", "stays"),
    [
        ({}, 0),
        ({"standby": "2h"}, 7200),
        ({"watch": "1h"}, 3600),
        ({"watch": "1h", "standby": "1h"}, 3600),
        ({"standby": "2h", "watch": "1h"}, 7200),
    ],
)
def test_stable_stays_for_the_standby_or_else_while_the_version_is_watched(
    rollback: dict[str, str], stays: int
) -> None:
    written = {"endpoint": "churn", "hosting": REALTIME, "strategy": CANARY, "rollback": rollback}
    policy = read_policy(json.dumps({"model_package_group": "churn", "stages": [written]}), "churn")
    assert policy.stage.rollback.stays == stays


@pytest.mark.parametrize(
    ("rollback", "said"),
    [
        ({"standby": "30s"}, "rollback.standby: write from 1m to 7d, for example 2h; got 30 s"),
        ({"standby": "8d"}, "rollback.standby: write from 1m to 7d, for example 2h; got"),
        ({"watch": "0m"}, "rollback.watch: write from 1m to 7d"),
        ({"watch": "2h", "standby": "1h"}, "rollback.standby: stable stays while the version is watched; write 2"),
        ({"standby": 2}, "rollback.standby: write a number and one of s, m, h, d"),
        ({"stand_by": "2h"}, "rollback.stand_by: no such field; allowed here: watch, standby"),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(rollback: dict[str, Any], said: str) -> None:
    found = problems(rollback)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ({"strategy": CANARY | {"traffic": "native"}}, "guardrails end stable; write traffic: weights, or leave"),
        (
            {"strategy": {"kind": "rolling", "batch": 25}},
            "variant weights cannot replace the instances of a fleet in batches; leave rollback out",
        ),
        (
            {
                "hosting": {"kind": "serverless", "memory_mb": 2048, "max_concurrency": 20},
                "strategy": {"kind": "all_at_once"},
            },
            "kind: serverless has one variant; leave rollback out",
        ),
        (
            {
                "hosting": {"kind": "async", "instance_type": "ml.m5.large", "output": "s3://results/churn"},
                "strategy": {"kind": "all_at_once"},
            },
            "kind: async has one variant; leave rollback out",
        ),
        (
            {
                "hosting": REALTIME | {"kind": "multi_model", "prefix": "s3://models/churn/"},
                "strategy": {"kind": "all_at_once"},
                "smoke": {"body": "1,2"},
            },
            "kind: multi_model has one variant; leave rollback out",
        ),
        (
            {"hosting": REALTIME | {"autoscaling": {"min": 1, "max": 4, "invocations_per_instance": 100}}},
            "it would not grow with the load, as hosting.autoscaling says; leave rollback out",
        ),
    ],
)
def test_where_nothing_can_stand_by_it_is_refused_with_what_to_write(stage: dict[str, Any], said: str) -> None:
    for rollback in ({"standby": "2h"}, {"watch": "1h"}):
        found = problems(rollback, **stage)
        assert len(found) == 1
        assert "rollback: stable cannot stand by, because" in found[0]
        assert said in found[0]


@pytest.mark.parametrize(
    "strategy",
    [CANARY, {"kind": "linear", "step": 20}, {"kind": "all_at_once"}, {"kind": "shadow", "sampling": "50%"}],
)
def test_where_weights_move_the_traffic_it_is_taken(strategy: dict[str, Any]) -> None:
    assert problems({"watch": "1h", "standby": "2h"}, strategy=strategy) == []
