"""Whatever happens between two stages: nothing of a stage begins that was refused, and no approval is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.world import World
from tests.rehearsal.stage.staged import NEXT, NO, PRODUCTION, REJECT, STAGING, YES, account, executions, played, run

IN_REGISTRY = {
    "call": {
        "service": "sagemaker",
        "operation": "UpdateModelPackage",
        "request": {
            "ModelPackageArn": "arn:aws:sagemaker:us-east-1:111122223333:model-package/digits/1",
            "ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"},
        },
    }
}


def end(world: World, release: str = NEXT) -> dict[str, Any]:
    """How a release ended; empty if it has not."""
    items = (each for each in world.ledger() if (each["pk"], each["sk"]) == (f"RELEASE#{release}", "END"))
    return next((json.loads(each["document"]) for each in items), {})


def serving(world: World) -> tuple[Any, Any]:
    """What serves in staging and in production."""
    (staging,), (production,) = world.serving("digits-staging"), world.serving("digits")
    return staging, production


def waits(world: World) -> bool:
    """Whether somebody is asked before production, or anything else holds its entrance."""
    found = [each for each in world.ledger() if (each["pk"], each["sk"]) == ("CONTROL", "digits/stage")]
    return bool(found) and "holder" in found[0]


def test_production_begins_when_a_person_says_yes_and_not_before() -> None:
    world = played(1, {"at": "50m", **YES})
    assert (end(world)["outcome"], serving(world), waits(world)) == ("Succeeded", (1, 1), False)
    assert serving(played(49 / 60, {"at": "50m", **YES})) == (1, "plain")


def test_without_a_question_production_follows_by_itself() -> None:
    world = played(1, stages=(STAGING, {**PRODUCTION, "approval": None}))
    assert (end(world)["outcome"], serving(world), waits(world)) == ("Succeeded", (1, 1), False)


@pytest.mark.parametrize(
    ("act", "reason"),
    [(None, "ApprovalExpired"), ({"at": "1h", **NO}, "AbortedByPerson"), ({"at": "1h", **REJECT}, "VersionRejected")],
    ids=["silence", "no", "rejection"],
)
def test_no_answer_a_no_and_a_rejection_keep_production_as_it_is(act: Any, reason: str) -> None:
    world = played(4, *([act] if act else []), {"at": "3h30m", **YES})
    assert (end(world)["outcome"], end(world)["reason"]) == ("Refused", reason)
    assert NEXT not in executions(world, "deliver")
    assert (serving(world), waits(world)) == ((1, "plain"), False)


def test_a_rejection_whose_event_is_lost_is_found_by_the_steward() -> None:
    world = run(account({"at": "1h", **REJECT}), 59 / 60)
    world.bus.disturb = lambda event: []
    run(world, 1)
    assert (end(world)["reason"], waits(world)) == ("VersionRejected", False)


def test_the_registry_can_say_yes() -> None:
    assert end(played(1.2, {"at": "50m", **IN_REGISTRY}))["outcome"] == "Succeeded"


def test_staging_that_fails_leads_nowhere_and_disturbs_no_question() -> None:
    crashes = {"at": "2s", "register": {"group": "digits", "model": "crash"}}
    world = played(2, crashes, {"at": "40m", "approve": {"group": "digits", "version": 3}})
    assert end(world, "digits-v3-1")["outcome"] == "RolledBack"
    assert (list(executions(world, "advance")), waits(world), serving(world)) == ([NEXT], True, (1, "plain"))


def test_a_newer_version_that_passed_staging_takes_the_place_of_the_one_that_asks() -> None:
    world = played(3, {"at": "40m", "approve": {"group": "digits", "version": 2}}, {"at": "1h30m", **YES})
    assert (end(world)["outcome"], end(world)["reason"]) == ("Superseded", "NewerVersionWaiting")
    assert executions(world, "advance")["digits-v2-1-2-production"].status == "FAILED"
    assert serving(world) == (2, "plain")


def stopped(machine: str, at: str) -> dict[str, Any]:
    return {"at": at, "stop_execution": {"machine": machine}}


def test_who_stops_the_question_does_not_lose_it() -> None:
    world = played(2, stopped("advance", "50m"), {"at": "1h", **YES})
    assert executions(world, "advance")[NEXT].status == "ABORTED"
    assert (end(world)["outcome"], serving(world)) == ("Succeeded", (1, 1))


def test_the_time_for_the_answer_does_not_begin_anew_with_another_execution() -> None:
    world = played(2.6, stopped("advance", "2h"))
    assert end(world)["reason"] == "ApprovalExpired"


def test_a_no_to_a_question_whose_execution_is_dead_counts() -> None:
    world = played(1.5, stopped("advance", "50m"), {"at": "50m1s", **NO}, {"at": "1h10m", **YES})
    assert (end(world).get("reason"), serving(world)) == ("AbortedByPerson", (1, "plain"))


def test_production_that_a_freeze_stops_begins_when_the_freeze_ends() -> None:
    freeze = {"operate": {"action": "freeze", "endpoint": "digits"}}
    thaw = {"operate": {"action": "unfreeze", "endpoint": "digits"}}
    world = account({"at": "45m", **freeze}, {"at": "50m", **YES}, {"at": "2h", **thaw}, {"at": "2h30m", **YES})
    run(world, 1.9)
    assert (end(world)["reason"], serving(world)) == ("ReleasesFrozen", (1, "plain"))
    run(world, 1.2)
    again = "digits-v1-2-2-production"
    assert (end(world, "digits-v1-2")["reason"], end(world, again).get("outcome")) == ("AlreadyLive", "Succeeded")


def test_a_version_that_is_live_everywhere_asks_nobody_again() -> None:
    again = {"operate": {"action": "release", "group": "digits", "version": 1}}
    world = played(3, {"at": "50m", **YES}, {"at": "2h", **again})
    ends = [json.loads(each["document"])["reason"] for each in world.ledger() if each["sk"] == "END"]
    assert sorted(ends) == ["AlreadyLive", "AlreadyLive", "Delivered", "Delivered"]


def test_a_way_back_in_production_stays_there() -> None:
    newer, yes = {"approve": {"group": "digits", "version": 2}}, {**YES["operate"], "version": 2}
    back = {"operate": {"action": "roll_back", "endpoint": "digits"}}
    until = {"at": "50m", **YES}, {"at": "1h", **newer}, {"at": "1h50m", "operate": yes}
    assert serving(played(2.4, *until)) == (2, 2)
    world = played(3, *until, {"at": "2h25m", **back})
    assert (serving(world), waits(world)) == ((2, 1), False)


def test_what_is_said_of_the_group_is_said_of_the_last_stage() -> None:
    """In staging, whose name comes first in the ledger, a newer version is live."""
    stages = ({**STAGING, "endpoint": "a-staging"}, PRODUCTION)
    newer = {"at": "1h", "approve": {"group": "digits", "version": 2}}
    world = played(2, {"at": "50m", **YES}, newer, {"at": "1h40m", **REJECT}, stages=stages)
    answers = [json.loads(each.output or "{}")["reason"] for each in executions(world, "respond").values()]
    assert answers[0] == "RemedyChosen"


def test_the_status_of_production_says_who_asks() -> None:
    status = {"operate": {"action": "status", "endpoint": "digits"}}
    (asked,) = executions(played(0.9, {"at": "50m", **status}), "operate").values()
    assert "Release digits-v1-1-2-production asks since" in (asked.output or "")


def test_a_question_that_cannot_be_put_comes_back_with_the_approval() -> None:
    """Somebody stops every execution that asks, until the steward gives up."""
    stops = [stopped("advance", at) for at in ("50m", "1h", "1h10m", "1h20m")]
    world = played(2, *stops, {"at": "1h50m", **YES})
    assert (end(world)["outcome"], end(world)["reason"]) == ("Cancelled", "ExecutionStopped")
    again = end(world, "digits-v1-2-2-production")
    assert (again["outcome"], serving(world)) == ("Succeeded", (1, 1))


def test_a_release_that_a_recovery_finished_goes_on_to_the_next_stage() -> None:
    world = played(1, stopped("deliver", "6m"), {"at": "50m", **YES})
    assert end(world, "digits-v1-1")["reason"] == "RecoveredForward"
    assert (end(world)["outcome"], serving(world)) == ("Succeeded", (1, 1))
