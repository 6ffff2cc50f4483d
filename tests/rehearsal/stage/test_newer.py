"""A newer version takes the place of a release under way if the policy says so, whatever that release waits for."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.states.execution import Execution
from rehearsal.world import World
from tests.rehearsal.attacks.stopping import account, operate

NEWER = ({"at": 2.0, "register": {"group": "digits", "model": "better"}},)
APPROVED = {"approve": {"group": "digits", "version": 2}}
SOON = 300.0


def releases(world: World) -> dict[str, Execution]:
    return {each.name: each for each in world.states.executions if each.machine.name == "interlock-deliver"}


def after(plan: str, act: dict[str, Any], at: float, until: float = SOON) -> World:
    world = account(plan, *NEWER, {"at": at} | act)
    world.clock.run(until=world.clock.now + at + until)
    return world


@pytest.mark.parametrize(("wait", "at"), [("bring-up", 3 * 60.0), ("bake", 12 * 60.0), ("last step", 35 * 60.0)])
def test_a_newer_version_supersedes_whatever_the_older_one_waits_for(wait: str, at: float) -> None:
    world = after("supersede", APPROVED, at)
    assert world.serving("digits") == {"plain": 1.0}

    world.clock.run(until=world.clock.now + 3 * 3600.0)
    older, newer = releases(world)["digits-v1-1"], releases(world)["digits-v2-1"]
    assert "NewerVersionWaiting" in str(older.cause)
    assert (newer.status, world.serving("digits")) == ("SUCCEEDED", {2: 1.0})


def test_a_pause_does_not_keep_a_newer_version_waiting() -> None:
    world = account("supersede", *NEWER, {"at": 12 * 60.0, **operate("pause")}, {"at": 40 * 60.0} | APPROVED)
    world.clock.run(until=world.clock.now + 40 * 60.0 + SOON)
    assert world.serving("digits") == {"plain": 1.0}


def test_the_same_version_is_not_newer() -> None:
    again = {"operate": {"action": "release", "group": "digits", "version": 1}}
    world = after("supersede", again, 12 * 60.0)
    assert releases(world)["digits-v1-1"].status == "RUNNING"
    assert world.serving("digits") == {1: 0.2, "plain": 0.8}


def test_a_version_that_is_live_already_is_not_taken_back_for_a_newer_one() -> None:
    world = account("supersede", *NEWER)
    world.clock.run(until=world.clock.now + 3600.0)
    retired = [step.at for step in releases(world)["digits-v1-1"].entered if step.state == "SettleRelease"]
    late = account("supersede", *NEWER, {"at": retired[0] - world.clock.now + 3600.0 - 2.0} | APPROVED)
    late.clock.run(until=late.clock.now + 3 * 3600.0)
    assert [each.status for each in releases(late).values()] == ["SUCCEEDED", "SUCCEEDED"]


@pytest.mark.parametrize("newer", ["supersede", "reject"])
def test_a_release_that_only_stands_by_makes_room_for_a_newer_one(newer: str) -> None:
    world = after(f"standby, {newer}", APPROVED, 2 * 3600.0, until=2 * 3600.0)
    older = releases(world)["digits-v1-1"]
    assert (older.status, world.serving("digits")) == ("SUCCEEDED", {2: 1.0})
