from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.execution.approvals import CLAIM_SECONDS, FIRST_HOUR, Stopped, VersionsReconciled, reconcile_versions
from interlock.execution.settlement import settle_release

NOW = "2026-01-05T12:00:00.000Z"


def ago(seconds: float) -> str:
    return (datetime.fromisoformat(NOW) - timedelta(seconds=seconds)).isoformat()


def decision(version: int, says: str = "Approved", **more: Any) -> dict[str, Any]:
    """A DECISION item; an attribute that is given as None is missing."""
    item = {
        "pk": {"S": f"VERSION#churn/{version}"},
        "decision": {"S": says},
        "decisions": {"N": "1"},
        "claimed_at": {"S": ago(7200)},
        **more,
    }
    return {name: value for name, value in item.items() if value is not None}


def undecided(since: float, claimed: float) -> dict[str, Any]:
    return decision(7, undecided_since={"S": ago(since)}, claimed_at={"S": ago(claimed)})


def reconcile(
    versions: dict[int, str], *decisions: dict[str, Any], freezes: Any = (), written: str = ""
) -> VersionsReconciled:
    """What follows for a group; ``versions`` are written from the newest to the oldest."""
    listed: Any = [
        {"version": version, "arn": f"arn:{version}", "status": status} for version, status in versions.items()
    ]
    group: Any = {"group": "churn", "written": written or ago(86400), "versions": listed, "decisions": list(decisions)}
    return reconcile_versions(
        {"now": NOW, "groups": [group], "freezes": list(freezes), "stopped": [], "died": [], "problems": []}
    )


def told(answer: VersionsReconciled) -> list[tuple[str, int]]:
    return [(event["detail-type"], event["detail"]["version"]) for event in answer["events"]]


def test_the_newest_approved_version_that_nobody_has_heard_of_goes_to_the_door() -> None:
    answer = reconcile({9: "PendingManualApproval", 8: "Approved", 7: "Approved"})
    assert told(answer) == [("Approved Version Found", 8)]


def test_what_is_known_goes_nowhere() -> None:
    assert told(reconcile({8: "Approved", 7: "Rejected"}, decision(8), decision(7, "Rejected"))) == []


def test_an_older_version_that_was_released_before_and_is_approved_again_goes_to_the_door() -> None:
    answer = reconcile({8: "Approved", 7: "Approved"}, decision(8), decision(7, "Rejected"))
    assert told(answer) == [("Approved Version Found", 7)]


def test_an_older_version_that_was_only_registered_does_not() -> None:
    """It may have been approved before there was a policy."""
    pending = decision(7, "PendingManualApproval", decisions=None)
    assert told(reconcile({8: "Approved", 7: "Approved"}, decision(8), pending)) == []


def test_a_rejection_that_nobody_has_heard_of_goes_to_the_door() -> None:
    answer = reconcile({7: "Rejected"}, decision(7))
    assert told(answer) == [("Decision Found", 7)]
    assert answer["events"][0]["detail"] == {"group": "churn", "version": 7, "arn": "arn:7", "status": "Rejected"}


@pytest.mark.parametrize(
    ("since", "claimed", "back"),
    [(1, 1, True), (600, 600, True), (FIRST_HOUR - 1, 300, True), (FIRST_HOUR + 1, 300, False), (86400, 3601, True)],
)
def test_an_approval_without_a_decision_comes_back_every_round_and_after_an_hour_every_hour(
    since: float, claimed: float, back: bool
) -> None:
    answer = reconcile({7: "Approved"}, undecided(since, claimed))
    assert [each["release"] for each in answer["dead"]] == (["churn-v7-1"] if back else [])
    assert answer["events"] == []


@pytest.mark.parametrize(("claimed", "fresh"), [(CLAIM_SECONDS - 1, True), (CLAIM_SECONDS, False)])
def test_a_claim_is_fresh_while_its_release_may_still_be_started(claimed: float, fresh: bool) -> None:
    (found,) = reconcile({7: "Approved"}, undecided(claimed, claimed))["dead"]
    assert found["fresh"] is fresh


def test_a_decided_approval_does_not_come_back() -> None:
    assert reconcile({7: "Approved"}, decision(7))["dead"] == []


def kept(by: str, until: str = "", version: int = 7) -> dict[str, Any]:
    """An approval that was refused in a freeze."""
    waits: Any = {"undecided_since": {"S": ago(7200)}, "frozen_by": {"S": by}, "frozen_until": {"S": until}}
    return decision(version, **waits)


@pytest.mark.parametrize(
    ("until", "back"), [("", False), (ago(-1), False), (NOW, True), (ago(1).replace("+00:00", ".000Z"), True)]
)
def test_an_approval_that_a_person_froze_comes_back_when_the_freeze_has_ended(until: str, back: bool) -> None:
    item = {"sk": {"S": "GROUP#churn"}, "at": {"S": ago(9000)}, "until": {"S": until}}
    answer = reconcile({7: "Approved"}, kept("GROUP#churn"), freezes=[item])
    assert bool(answer["dead"]) is back


def test_an_approval_whose_freeze_nobody_knows_comes_back() -> None:
    other = {"sk": {"S": "ENDPOINT#churn-live"}, "at": {"S": ago(9000)}, "until": {"S": ""}}
    assert reconcile({7: "Approved"}, kept("GROUP#churn"), freezes=[other])["dead"]


@pytest.mark.parametrize(
    ("until", "written", "back"),
    [(ago(-600), 9000, False), (NOW, 9000, True), (ago(-600), 60, True)],
    ids=["not over", "over", "the policy was written since"],
)
def test_an_approval_that_the_calendar_froze_comes_back_at_its_end(until: str, written: float, back: bool) -> None:
    answer = reconcile({7: "Approved"}, kept("POLICY", until), written=ago(written))
    assert bool(answer["dead"]) is back


@pytest.mark.parametrize("by", ["GROUP#churn", "POLICY"])
def test_of_several_approvals_in_a_freeze_the_newest_comes_back_first(by: str) -> None:
    approved = {8: "Approved", 7: "Approved"}
    first = reconcile(approved, kept(by, NOW, version=8), kept(by, NOW))
    assert [each["release"] for each in first["dead"]] == ["churn-v8-1"]
    then = reconcile(approved, decision(8), kept(by, NOW))
    assert [each["release"] for each in then["dead"]] == ["churn-v7-1"]


def test_a_rejection_in_a_freeze_goes_to_the_door() -> None:
    assert told(reconcile({7: "Rejected"}, kept("POLICY", ago(-600)))) == [("Decision Found", 7)]


def test_a_group_with_damaged_items_delays_no_other() -> None:
    damaged: Any = {"pk": {"S": "VERSION#churn/7"}, "decision": {"NULL": True}, "decisions": {"S": "x"}}
    one: Any = {
        "group": "churn",
        "written": "",
        "versions": [{"version": 7, "arn": "arn:7", "status": "Approved"}],
        "decisions": [damaged],
    }
    other: Any = {
        "group": "digits",
        "written": "",
        "versions": [{"version": 2, "arn": "arn:2", "status": "Approved"}],
        "decisions": [],
    }
    answer = reconcile_versions(
        {"now": NOW, "groups": [one, other], "freezes": [], "stopped": [], "died": [], "problems": []}
    )
    assert told(answer) == [("Approved Version Found", 7), ("Approved Version Found", 2)]


_VALUES = some.none() | some.dictionaries(some.sampled_from(["S", "N", "BOOL"]), some.text() | some.none())


@given(some.dictionaries(some.sampled_from([*decision(7), "undecided_since"]), _VALUES))
def test_whatever_an_item_holds_there_is_an_answer(item: dict[str, Any]) -> None:
    answer = reconcile({7: "Approved"}, {**item, "pk": {"S": "VERSION#churn/7"}})
    assert len(answer["events"]) + len(answer["dead"]) <= 1


@pytest.mark.parametrize(
    ("stopped", "count", "again"),
    [
        (ago(0.9), {}, True),
        (ago(3599), {"RedriveCount": 0}, True),
        (ago(3600), {"RedriveCount": 0}, False),
        (ago(1), {"RedriveCount": 1}, False),
        (ago(-1), {}, True),
        ("soon", {}, False),
    ],
)
def test_a_signal_whose_execution_was_stopped_lately_is_brought_back_once(
    stopped: str, count: dict[str, int], again: bool
) -> None:
    execution: Stopped = {"ExecutionArn": "arn:one", "Name": "one", "StopDate": stopped, **count}  # type: ignore[typeddict-item]
    answer = reconcile_versions(
        {"now": NOW, "groups": [], "freezes": [], "stopped": [execution], "died": [], "problems": []}
    )
    assert answer["redrive"] == (["arn:one"] if again else [])


def died(name: str, since: float) -> Stopped:
    return {"ExecutionArn": f"arn:{name}", "Name": name, "StopDate": ago(since)}


def test_a_release_that_was_stopped_lately_may_have_no_end_whoever_asked_for_it() -> None:
    given: Any = [died("churn-v7-1", 1), died("churn-v6-0a1b2c3d", 3599), died("churn-v5-1", 3600)]
    (group,) = [{"group": "churn", "versions": [{"version": 7, "arn": "a", "status": "Approved"}]}]
    groups: Any = [{**group, "written": "", "decisions": [undecided(60, 60)]}]
    answer = reconcile_versions(
        {"now": NOW, "groups": groups, "freezes": [], "stopped": [], "died": given, "problems": []}
    )
    assert [(each["release"], "approval" in each) for each in answer["dead"]] == [
        ("churn-v7-1", True),
        ("churn-v6-0a1b2c3d", False),
    ]


def test_its_end_says_that_nothing_was_changed_and_leaves_the_approval_open() -> None:
    (dead,) = reconcile({7: "Approved"}, undecided(60, 60))["dead"]
    said: Any = {**dead["end"], "group": "churn", "version": 7, "now": NOW, "seen": {}}
    end = settle_release(said)
    assert (end["outcome"], end["reason"], end["decides"]) == ("Cancelled", "ExecutionStopped", 0)
    assert end["sentence"].endswith("Nothing was changed.")
    assert "if it is still approved it is released again" in end["body"]
