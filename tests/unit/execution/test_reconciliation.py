from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.execution.reconciliation import (
    MOST_RECOVERIES,
    LeaseReconciled,
    Listed,
    Problem,
    reconcile_lease,
    sentences,
)
from interlock.execution.settlement import Ending, settle_release
from interlock.intake.routing import route_event
from tests.unit.awsmodel import values
from tests.unit.examples import endpoint, found, live

STATUSES = [*values("stepfunctions", "ExecutionStatus"), "Unknown"]
NOW = "2026-01-05T12:00:00.000Z"
HOLDER = "arn:aws:states:eu-west-1:111122223333:execution:deliver:churn-v7-1"
RAISED = {
    "AlarmName": "churn-errors",
    "StateValue": "ALARM",
    "StateReason": "Threshold Crossed",
    "StateUpdatedTimestamp": "2026-01-05T09:30:00.000Z",
}


def lease(**changed: Any) -> dict[str, Any]:
    """A CONTROL item; an attribute that is changed to None is missing."""
    item = {
        "holder": {"S": HOLDER},
        "release_id": {"S": "churn-v7-1"},
        "model_group": {"S": "churn"},
        "model_version": {"N": "7"},
        "recoveries": {"N": "0"},
        **changed,
    }
    return {name: value for name, value in item.items() if value is not None}


def reconcile(
    holder: str = "RUNNING",
    item: dict[str, Any] | None = None,
    waiting: str = "None",
    alarms: tuple[dict[str, Any], ...] = (),
    versions: tuple[Listed, ...] = ({"version": 7, "arn": "arn:7", "status": "Approved"},),
    older: bool = False,
    endpoint: str = "churn-live",
) -> LeaseReconciled:
    return reconcile_lease(
        {
            "now": NOW,
            "endpoint": endpoint,
            "lease": lease() if item is None else item,
            "holder": holder,
            "waiting": waiting,
            "alarms": list(alarms),
            "versions": list(versions),
            "older": older,
            "problems": [],
        }
    )


@pytest.mark.parametrize("status", STATUSES)
def test_a_lease_stays_with_an_execution_that_lives_and_is_recovered_from_a_dead_one(status: str) -> None:
    alive = status in ("RUNNING", "PENDING_REDRIVE")
    assert len(reconcile(status)["recover"]) == (0 if alive else 1)


def test_a_recovery_says_whose_release_it_takes_over() -> None:
    (recovery,) = reconcile("ABORTED")["recover"]
    assert recovery == {
        "machine": "deliver",
        "recoveries": 0,
        "name": "churn-v7-1-r1",
        "input": {
            "group": "churn",
            "version": 7,
            "recover": {
                "release": "churn-v7-1",
                "endpoint": "churn-live",
                "owner": HOLDER,
                "status": "ABORTED",
                "sentence": "The execution of this release ended as ABORTED before the release was done.",
            },
        },
    }


def test_the_same_dead_lease_found_twice_gives_the_same_recovery_and_the_next_one_another() -> None:
    found = [reconcile("FAILED", lease(recoveries={"N": str(done)})) for done in (0, 0, 1)]
    assert [each["recover"][0]["name"] for each in found] == ["churn-v7-1-r1", "churn-v7-1-r1", "churn-v7-1-r2"]


def test_the_longest_release_still_has_room_for_its_recovery() -> None:
    found = [reconcile("FAILED", lease(release_id={"S": "x" * 78 + end})) for end in ("-1", "-2")]
    names = {each["recover"][0]["name"] for each in found}
    assert len(names) == 2
    assert all(len(name) <= 80 for name in names)


def test_recoveries_end_with_a_person() -> None:
    answer = reconcile("FAILED", lease(recoveries={"N": str(MOST_RECOVERIES)}))
    assert answer["recover"] == []
    (abandoned,) = answer["abandoned"]
    assert (abandoned["release"], abandoned["group"], abandoned["version"]) == ("churn-v7-1", "churn", 7)
    assert abandoned["sentence"] == "The execution of this release ended as FAILED, and 3 recoveries failed."
    assert abandoned["holder"] == "", "its lease is not freed"


def test_at_the_entrance_of_a_stage_nothing_was_touched_however_often_it_died() -> None:
    (recovery,) = reconcile("ABORTED", endpoint="churn-live/stage")["recover"]
    assert (recovery["machine"], recovery["input"]["recover"]["endpoint"]) == ("advance", "churn-live/stage")
    (left,) = reconcile("ABORTED", lease(recoveries={"N": "3"}), endpoint="churn-live/stage")["abandoned"]
    assert (left["ended"], left["reason"], left["endpoint"]) == ("Unbegun", "ExecutionStopped", "churn-live")


def test_the_end_of_an_abandoned_release_says_who_serves_and_what_to_do() -> None:
    facts = {"final_config": "new", "made": [{"step": 0, "kind": "config", "name": "new"}]}
    given = lease(recoveries={"N": "3"}, held_since={"S": "2026-01-05T11:00:00.000Z"}, facts={"S": json.dumps(facts)})
    (abandoned,) = reconcile("TIMED_OUT", given)["abandoned"]
    seen = found(endpoint("InService", "new", live("AllTraffic", 100.0)))
    end = settle_release(cast(Ending, {**abandoned, "now": NOW, "seen": seen}))
    assert (end["outcome"], end["reason"]) == ("Failed", "RollbackFailed")
    assert "AllTraffic has 100 % of the traffic with version 7" in end["sentence"]
    assert "Put the endpoint right, then delete the attribute holder" in end["sentence"]
    assert end["document"]["left_behind"] == ["As far as they were made: config new. Delete what nothing uses."]
    assert end["document"]["seconds"] == 3600


@pytest.mark.parametrize("since", ["", "yesterday", "2026-01-05T11:00:00"])
def test_a_lease_without_a_time_is_as_old_as_the_look_at_it(since: str) -> None:
    (abandoned,) = reconcile("FAILED", lease(recoveries={"N": "3"}, held_since={"S": since}))["abandoned"]
    assert abandoned["started"] == NOW


def test_a_release_without_a_name_gets_one_so_that_it_has_an_end_of_its_own() -> None:
    (abandoned,) = reconcile("FAILED", lease(release_id=None))["abandoned"]
    assert abandoned["release"] == f"unknown-{NOW}"


def test_the_last_recovery_is_still_tried() -> None:
    assert len(reconcile("FAILED", lease(recoveries={"N": str(MOST_RECOVERIES - 1)}))["recover"]) == 1


@pytest.mark.parametrize("name", ["release_id", "model_group", "model_version"])
@pytest.mark.parametrize("value", [None, {"BOOL": True}, {"S": ""}, {"N": "x"}])
def test_a_damaged_lease_is_left_to_a_person_who_is_told_what_is_wrong(name: str, value: Any) -> None:
    answer = reconcile("ABORTED", lease(**{name: value}))
    assert answer["recover"] == []
    assert f"its CONTROL item is damaged ({name})" in answer["abandoned"][0]["sentence"]


def test_a_raised_alarm_that_the_release_watches_is_told_as_its_event_would_have_been() -> None:
    (event,) = reconcile(alarms=(RAISED, {**RAISED, "StateValue": "OK"}))["events"]
    command: Any = route_event(event)
    assert (command["kind"], command["alarm"], command["at"]) == (
        "AbortWatchers",
        "churn-errors",
        "2026-01-05T09:30:00.000Z",
    )


def test_the_time_of_an_alarm_is_that_of_its_transition() -> None:
    """StateUpdatedTimestamp also changes with the evaluation state (botocore MetricAlarm)."""
    (event,) = reconcile(alarms=({**RAISED, "StateTransitionedTimestamp": "2026-01-05T09:10:00.000Z"},))["events"]
    assert event["detail"]["state"]["timestamp"] == "2026-01-05T09:10:00.000Z"


def test_a_version_that_is_not_approved_any_more_ends_its_release() -> None:
    (event,) = reconcile(versions=({"version": 7, "arn": "arn:7", "status": "Rejected"},))["events"]
    command: Any = route_event(event)
    assert command["kind"] == "RecordDecision"
    assert (command["version"], command["arn"], command["decision"]) == (7, "arn:7", "Rejected")


@pytest.mark.parametrize(("older", "events"), [(False, 1), (True, 0)])
def test_a_version_is_only_gone_if_every_version_was_listed(older: bool, events: int) -> None:
    answer = reconcile(versions=({"version": 8, "arn": "arn:8", "status": "Approved"},), older=older)
    assert len(answer["events"]) == events
    for event in answer["events"]:
        assert route_event(event)["kind"] == "Withdraw"


def test_a_dead_release_is_recovered_and_not_aborted() -> None:
    assert reconcile("FAILED", alarms=(RAISED,), versions=())["events"] == []


@pytest.mark.parametrize("status", STATUSES)
def test_a_dead_release_leaves_the_queue(status: str) -> None:
    gone = reconcile(item=lease(next_release={"S": "churn-v8-1"}), waiting=status)["gone"]
    assert gone == ([] if status in ("RUNNING", "PENDING_REDRIVE") else ["churn-v8-1"])


def test_nobody_holds_and_somebody_dead_waits() -> None:
    answer = reconcile("None", {"next_release": {"S": "churn-v8-1"}}, waiting="FAILED")
    assert answer == {"recover": [], "abandoned": [], "gone": ["churn-v8-1"], "events": [], "problems": []}


def test_a_healthy_lease_needs_nothing() -> None:
    assert reconcile() == {"recover": [], "abandoned": [], "gone": [], "events": [], "problems": []}


_VALUES = some.none() | some.dictionaries(some.sampled_from(["S", "N", "BOOL", "M"]), some.text() | some.none())


@given(
    some.dictionaries(some.sampled_from([*lease(), "next_release", "facts", "held_since"]), _VALUES),
    some.sampled_from(STATUSES),
)
def test_whatever_an_item_holds_there_is_an_answer(item: dict[str, Any], status: str) -> None:
    answer = reconcile(status, item)
    for end in answer["abandoned"]:
        settle_release(cast(Ending, {**end, "now": NOW, "seen": {}}))
    assert len(answer["recover"]) + len(answer["abandoned"]) == (status not in ("RUNNING", "PENDING_REDRIVE"))


def problem(error: str, cause: str) -> Problem:
    return {"what": "/interlock/policies/churn", "error": error, "cause": cause}


def test_a_group_that_does_not_exist_yet_is_not_a_problem() -> None:
    absent = problem("SageMaker.SageMakerException", "Could not find group churn. (Service: SageMaker)")
    throttled = problem("SageMaker.SageMakerException", "Rate exceeded (Service: SageMaker, Status Code: 400)")
    assert sentences([absent, throttled]) == [
        "The steward could not look at /interlock/policies/churn: SageMaker.SageMakerException, Rate exceeded."
    ]


def test_a_problem_without_a_cause_is_described_by_its_error() -> None:
    """Step Functions gives none for a time-out."""
    told = sentences([{"what": "/interlock/policies", "error": "States.Timeout"}])
    assert told == ["The steward could not look at /interlock/policies: States.Timeout."]
