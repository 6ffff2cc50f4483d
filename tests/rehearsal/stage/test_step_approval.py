"""A release that waits for a person goes on at a yes to this step of this version, and at nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.world import World
from tests.rehearsal.attacks.stopping import account, operate, release

ASKED = 25 * 60.0  # virtual seconds after which the release of the plan "asks" waits
LATER = 90 * 60.0
YES = {"action": "approve", "endpoint": "digits", "version": 1, "before": 50}


def played(*acts: dict[str, Any], plan: str = "asks", until: float = LATER) -> World:
    world = account(plan, *acts)
    world.clock.run(until=world.clock.now + until)
    return world


def answers(world: World) -> list[str]:
    return [each.status for each in world.states.executions if "operate" in each.machine.name]


def said(at: float, request: dict[str, Any]) -> dict[str, Any]:
    return {"at": at, "operate": request}


def written(at: float, status: str) -> dict[str, Any]:
    arn = "arn:aws:sagemaker:us-east-1:111122223333:model-package/digits/1"
    request = {"ModelPackageArn": arn, "ModelLifeCycle": {"Stage": "Production", "StageStatus": status}}
    return {"at": at, "call": {"service": "sagemaker", "operation": "UpdateModelPackage", "request": request}}


def test_an_approval_lets_the_release_go_on_to_its_end() -> None:
    world = played(said(ASKED, YES))
    assert answers(world) == ["SUCCEEDED"]
    assert (release(world).status, world.serving("digits")) == ("SUCCEEDED", {1: 1.0})


@pytest.mark.parametrize(
    "request_",
    [
        {"action": "promote", "endpoint": "digits"},
        {**YES, "version": 2},
        {**YES, "before": 100},
        {**YES, "endpoint": "other"},
    ],
)
def test_nothing_else_is_taken_for_an_approval(request_: dict[str, Any]) -> None:
    world = played(said(ASKED, request_))
    assert answers(world) == ["FAILED"]
    assert (release(world).status, world.serving("digits")) == ("RUNNING", {1: 0.2, "plain": 0.8})


def test_an_approval_that_nobody_asked_for_is_not_kept() -> None:
    world = played(said(12 * 60.0, YES))
    assert answers(world) == ["FAILED"]
    assert release(world).status == "RUNNING"


def test_a_pause_during_the_wait_holds_before_the_step_that_was_approved() -> None:
    pause, resume = said(ASKED, operate("pause")["operate"]), said(ASKED + 600, operate("resume")["operate"])
    paused = played(pause, said(ASKED + 60, YES), until=ASKED + 300)
    assert paused.serving("digits") == {1: 0.2, "plain": 0.8}
    world = played(pause, said(ASKED + 60, YES), resume)
    assert answers(world) == ["SUCCEEDED"] * 3
    assert world.serving("digits") == {1: 1.0}


@pytest.mark.parametrize(("at", "asks"), [(12 * 60.0, 0), (ASKED, 1)])
def test_the_registry_may_say_yes_before_the_release_asks_or_while_it_waits(at: float, asks: int) -> None:
    world = played(written(at, "Approved"), plan="asks the registry")
    assert (release(world).status, world.serving("digits")) == ("SUCCEEDED", {1: 1.0})
    assert sum(each.state == "NotifyHeld" for each in release(world).entered) == asks


def test_what_the_registry_said_before_the_release_is_no_yes() -> None:
    world = played(written(30.0, "Approved"), plan="asks the registry")
    assert release(world).status == "RUNNING"
