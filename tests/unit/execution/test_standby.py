"""What people and the ledger are told of a version that is live while the one before it stands by."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.execution.settlement import Ending, Settled, settle_release
from tests.unit.examples import endpoint, found, live

LIVE = {"M": {"version": {"N": "6"}, "release_id": {"S": "churn-v6-1"}}}
EARLIER = {"M": {"version": {"N": "5"}}}
FACTS: dict[str, Any] = {
    "standby": {"from": 9, "seconds": 7200, "before": {"live": LIVE, "previous": EARLIER}},
    "final_config": "final",
    "transition_config": "both",
    "stable_config": "before",
    "candidate_variant": "new",
}
TOGETHER = endpoint("InService", "both", live("old", 100.0), live("new", 0.0))


def settle(ended: str, reason: str = "Delivered", **fields: Any) -> Settled:
    task: Ending = {
        "release": "churn-v7-1",
        "group": "churn",
        "version": 7,
        "endpoint": "churn",
        "ended": ended,
        "reason": reason,
        "sentence": "",
        "further": "",
        "planned": "Accepted",
        "by": "",
        "started": "2026-01-05T09:00:00.000Z",
        "now": "2026-01-05T10:30:00.500Z",
        "left_behind": [],
        "facts": FACTS,
        "seen": {},
    }
    return settle_release({**task, **fields})  # type: ignore[typeddict-item]


def test_people_are_told_that_it_is_live_until_when_it_can_be_taken_back_and_how() -> None:
    told = settle("Live", "InternalError")
    assert told["subject"] == "[Interlock] churn v7 is live"
    assert told["body"].startswith("Live: Version 7 of churn is live on churn with all traffic. The version before it")
    assert "stands by without traffic until 2026-01-05 12:30 UTC" in told["body"]
    assert "abort sends all traffic back to it with one call" in told["body"]
    assert "Outcome" not in told["body"]


def test_when_it_is_live_nothing_is_decided_yet_and_lineage_waits_for_the_end() -> None:
    told = settle("Live")
    assert told["live"]
    assert (told["decides"], told["tracked"], told["quarantine"], told["put_back"]) == (0, False, False, None)


def test_a_recovery_says_that_nothing_stands_by_any_more() -> None:
    assert "is removed now" in settle("Live", planned="RecoveredForward")["body"]


@pytest.mark.parametrize(("ended", "planned"), [("Finished", "Accepted"), ("RolledBack", "RecoveredForward")])
def test_the_end_does_not_make_it_live_once_more(ended: str, planned: str) -> None:
    """The ledger would take the version for the one before it, and its monitors would begin anew."""
    end = settle(ended, planned=planned, reason="ExecutionStopped")
    assert (end["outcome"], end["live"], end["tracked"], end["decides"]) == ("Succeeded", False, True, 1)
    assert settle(ended, planned=planned, reason="ExecutionStopped", facts={})["live"]


@pytest.mark.parametrize("reason", ["AbortedByPerson", "VersionRejected", "AlarmRaised", "EvidenceFailed"])
def test_a_version_that_was_taken_back_is_not_live_any_more(reason: str) -> None:
    end = settle("RolledBack", reason, sentence="Because.")
    assert end["put_back"] == {"live": LIVE, "previous": EARLIER}
    assert (end["lived"] or {})["release"] == "churn-v6-1"
    assert end["quarantine"] == (reason in ("AlarmRaised", "EvidenceFailed"))


@pytest.mark.parametrize(
    ("before", "again"), [({}, {}), ({"live": LIVE}, {"live": LIVE, "previous": LIVE})], ids=["nothing", "first"]
)
def test_the_ledger_says_what_it_said_before(before: dict[str, Any], again: dict[str, Any]) -> None:
    facts = FACTS | {"standby": FACTS["standby"] | {"before": before}}
    assert settle("RolledBack", "AbortedByPerson", facts=facts)["put_back"] == again


def test_a_release_without_standby_leaves_the_ledger_alone() -> None:
    assert settle("RolledBack", "AbortedByPerson", facts={"final_config": "final"})["put_back"] is None


@pytest.mark.parametrize(
    ("seen", "taken"),
    [
        (found(TOGETHER), True),
        (found(endpoint("InService", "both", live("old", 50.0), live("new", 50.0))), False),
        (found(endpoint("InService", "before", live("old", 100.0))), True),
        (found(endpoint("InService", "final", live("new", 100.0))), False),
        (found(endpoint("InService", "of-somebody", live("new", 100.0))), False),
        (found(endpoint("Updating", "both", live("old", 100.0), live("new", 0.0))), False),
        ({"error": "Throttled", "cause": ""}, False),
    ],
)
def test_after_a_failure_the_endpoint_says_whether_it_was_taken_back(seen: dict[str, Any], taken: bool) -> None:
    assert (settle("Held", "RollbackFailed", seen=seen)["put_back"] is not None) == taken
