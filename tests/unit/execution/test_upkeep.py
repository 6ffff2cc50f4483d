from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.execution.upkeep import plan_upkeep

LIVE = {"endpoint": "churn", "group": "churn", "version": 7, "since": "2026-01-01T00:00:00Z", "config": "c"}
REMEDY = {"retraining": {"S": "churn-20260105-0a1b2c3d"}, "retraining_since": {"S": "2026-01-05T11:00:00Z"}}


def died(status: str, now: str = "2026-01-05T12:00:00Z", remedy: dict[str, Any] = REMEDY) -> str:
    """What people are told of a retraining with this status; empty if nothing."""
    task: Any = {"now": now, "live": LIVE, "observed": {}, "runs": [], "remedy": remedy, "retraining": status}
    return plan_upkeep(task | {"account": {}}).get("died", {"body": ""})["body"]


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT", "FAILED", "SUCCEEDED"])
def test_a_retraining_that_is_over_and_holds_its_group_has_died(status: str) -> None:
    assert f"ended as {status} before it was done" in died(status)
    assert '{"action": "retrain", "group": "churn"}' in died(status)


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE", ""])
def test_a_retraining_that_runs_has_not_died(status: str) -> None:
    assert died(status) == ""


def test_a_retraining_that_never_began_has_died_after_a_while() -> None:
    assert died("Unknown", now="2026-01-05T11:09:00Z") == ""
    assert "was decided, but never began" in died("Unknown", now="2026-01-05T11:10:00Z")


@pytest.mark.parametrize(("status", "counted"), [("Unknown", 1), ("ABORTED", 2)])
def test_a_retraining_that_never_began_does_not_count(status: str, counted: int) -> None:
    both = [{"at": "2026-01-02T11:00:00Z", "usd": 12}, {"at": "2026-01-05T11:00:00Z", "usd": 12}]
    remedy = REMEDY | {"retrainings": {"S": json.dumps(both)}}
    task: Any = {"now": "2026-01-05T12:00:00Z", "live": LIVE, "observed": {}, "runs": [], "account": {}}
    assert plan_upkeep(task | {"remedy": remedy, "retraining": status})["died"]["retrainings"] == both[:counted]


def test_a_group_that_waits_for_nothing_has_no_dead_retraining() -> None:
    assert died("ABORTED", remedy={}) == ""
