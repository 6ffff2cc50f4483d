"""Who asks operate for status or history gets it as the answer of the execution, and nothing is changed."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
import yaml

from rehearsal.playing import rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.world import World
from tests.rehearsal.proofs.rehearsals import SCENARIOS

FREEZE = "Endpoint digits is frozen until 2026-01-05T11:30:00.000Z. ann asked to freeze because: the shop opens."


@pytest.fixture(scope="module")
def world() -> World:
    path = SCENARIOS["frozen"]
    scenario = Scenario.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    return rehearse(scenario, path.parent).world


def answer(world: World, kind: str) -> dict[str, Any]:
    outputs = (
        json.loads(each.output or "{}")
        for each in world.states.executions
        if each.machine.name.endswith("-operate") and each.status == "SUCCEEDED"
    )
    return next(each for each in outputs if each["kind"] == kind)


def test_a_status_says_what_serves_what_is_under_way_and_what_is_frozen(world: World) -> None:
    """A minute after the person asked to go back."""
    status = answer(world, "Status")
    assert status["sentence"].startswith("Version 2 of digits is live on digits since 2026-01-05T09:")
    assert status["sentence"].endswith(FREEZE)
    found = status["of"]
    assert (found["live"]["version"], found["previous"]["version"]) == (2, 1)
    assert (found["release"]["version"], found["release"]["group"]) == (1, "digits")
    assert found["release"]["step"] and found["release"]["step_since"] > found["release"]["since"]
    assert found["traffic"]["shares"] == {"AllTraffic": 100.0}
    assert [each["where"] for each in found["freezes"]] == ["ENDPOINT#digits"]


def test_a_history_says_what_was_live_when_and_who_changed_it(world: World) -> None:
    lives = answer(world, "History")["of"]["lives"]
    assert [each["version"] for each in lives] == [3, 1, 2, 1]
    assert [each["because"] for each in lives] == [
        "Version 3 of digits is the newest approved one.",
        "ann asked to roll back because: customers complain.",
        "Version 2 of digits was approved.",
        "Version 1 of digits was approved.",
    ]
    assert all(later["since"] == earlier["until"] for later, earlier in pairwise(lives))


def test_the_way_back_is_journalled_with_who_asked_and_its_plan_says_so(world: World) -> None:
    asked = [json.loads(each["document"]) for each in world.ledger() if each["pk"] == "ASKED"]
    (back,) = (each for each in asked if each["asked"]["action"] == "roll_back")
    assert (back["asked"]["by"], back["asked"]["because"]) == ("ann", "customers complain")
    release = back["after"]["execution"].rpartition(":")[2]
    plan = next(each for each in world.ledger() if each["pk"] == f"RELEASE#{release}" and each["sk"] == "PLAN")
    assert json.loads(plan["document"])["warnings"][:2] == [
        "It goes back to this version all at once, without evidence.",
        "ann asked to roll back because: customers complain.",
    ]


def test_nothing_of_the_ledger_is_written_for_a_reader(world: World) -> None:
    readers = [each for each in world.gateway.journal if ":interlock-inspect:" in (each.caller.execution or "")]
    assert {each.operation for each in readers} == {"GetItem", "Query", "Invoke"}
