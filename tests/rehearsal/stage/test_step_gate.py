"""A release that asks a gate goes on if the gate passes it, and goes back whatever else the gate does."""

from __future__ import annotations

import json
import runpy
import textwrap
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from rehearsal.account.gateway import Fault
from rehearsal.sagemaker.sdk import boto3
from rehearsal.world import World
from tests.rehearsal.attacks.stopping import FUNCTION, account, operate, release, words

ROOT = Path(__file__).parents[3]
ASKED = 25 * 60.0  # virtual seconds after which the release of the plan "gate" waits
LATER = 90 * 60.0


def gate(**does: Any) -> dict[str, Any]:
    """The team's function is there from the start, and does this."""
    return {"at": "2s", "make_function": {"name": "check", **does}}


def played(*acts: dict[str, Any], until: float = LATER) -> World:
    world = account("gate", *acts)
    world.clock.run(until=world.clock.now + until)
    return world


def told(world: World) -> list[dict[str, Any]]:
    return [each.event for each in world.functions.invocations if each.function == "check"]


def test_a_gate_that_passes_lets_the_release_go_on_to_its_end() -> None:
    world = played(gate(says=['{"pass": true, "why": "all 40 tests hold"}'], after="10m"))
    assert (release(world).status, world.serving("digits")) == ("SUCCEEDED", {1: 1.0})
    assert "The gate check passed the step to 50 %: all 40 tests hold." in words(world)
    assert len(told(world)) == 1


def test_it_is_told_which_release_asks_and_what_has_been_seen() -> None:
    [asked] = told(played(gate()))
    seen, token = asked.pop("seen"), asked.pop("token")
    assert asked == {
        "release": "digits-v1-1",
        "group": "digits",
        "version": 1,
        "package": "arn:aws:sagemaker:eu-west-1:123456789012:model-package/digits/1",
        "endpoint": "digits",
        "variants": {"candidate": "digits-v1-1", "stable": "AllTraffic"},
        "percent": 20,
        "before": 50,
    }
    assert (seen["verdict"], token != "") == ("Pass", True)


@pytest.mark.parametrize(
    ("does", "reason", "said"),
    [
        ({"says": ['{"pass": false, "why": "2 of 40 fail"}']}, "GateRefused", "check refused the step to 50 %: 2 of"),
        ({}, "GateExpired", "did not answer with its token within 30 min. No answer is a refusal"),
        ({"says": ['{"pass": true}'], "after": "40m"}, "GateExpired", "did not answer with its token"),
        ({"says": ["{}"]}, "GateBroken", 'cannot be read: {}. Right is {"pass": true}, or'),
        ({"fails": "NoData"}, "GateBroken", "could not tell: NoData: As the scenario says. Nothing is held against"),
        ({"raises": "No such table"}, "GateBroken", "could not tell: RuntimeError: No such table."),
    ],
)
def test_whatever_else_it_does_is_a_refusal(does: dict[str, Any], reason: str, said: str) -> None:
    world = played(gate(**does))
    assert (release(world).status, world.serving("digits")) == ("FAILED", {"plain": 1.0})
    assert str(release(world).cause).startswith(f"{reason}: ")
    assert said in str(release(world).cause)
    quarantined = [each for each in world.ledger() if each["sk"].startswith("QUARANTINE#")]
    assert bool(quarantined) == (reason == "GateRefused")


def test_a_gate_that_is_not_there_is_not_the_fault_of_the_version() -> None:
    world = account("gate")
    world.clock.run(until=world.clock.now + 300)
    del world.functions.functions["check"]
    world.clock.run(until=world.clock.now + LATER)
    assert str(release(world).cause).startswith("GateBroken: The gate check is not there: Function not found")
    assert not [each for each in world.ledger() if each["sk"].startswith("QUARANTINE#")]


def test_the_example_of_the_documentation_passes_a_candidate_that_reads_digits() -> None:
    world = account("gate")
    world.clock.run(until=world.clock.now + 300)
    module = {"boto3": boto3(world.gateway.call, "person")}
    with mock.patch.dict("sys.modules", module):
        example = runpy.run_path(str(ROOT / "examples/gate/app.py"))
    world.functions.add_own("check", example["handler"])
    world.clock.run(until=world.clock.now + LATER)
    assert (release(world).status, world.serving("digits")) == ("SUCCEEDED", {1: 1.0})
    assert any(said.startswith("The gate check passed the step to 50 %: it read ") for said in words(world))


def test_the_documentation_shows_the_example_as_it_is() -> None:
    shown = (ROOT / "docs/gates.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("   ```")[0]
    code = (ROOT / "examples/gate/app.py").read_text(encoding="utf-8")
    assert textwrap.dedent(shown) in code


def test_a_second_answer_does_nothing() -> None:
    world = played(gate(says=['{"pass": true}', '{"pass": false, "why": "no"}']))
    assert (release(world).status, world.serving("digits")) == ("SUCCEEDED", {1: 1.0})


def test_a_promote_is_not_taken_for_its_answer() -> None:
    world = played(gate(), {"at": ASKED, **operate("promote")}, until=ASKED + 300)
    assert (release(world).status, world.serving("digits")) == ("RUNNING", {1: 0.2, "plain": 0.8})


@pytest.mark.parametrize("at", [ASKED - 600, ASKED])
def test_a_pause_holds_before_the_step_that_was_passed(at: float) -> None:
    """A pause in the bake before keeps the gate from being asked; one during the wait does not lose its answer."""
    passes, pause = gate(says=['{"pass": true}'], after="10m"), {"at": at, **operate("pause")}
    paused = played(passes, pause, until=ASKED + 1500)
    assert (len(told(paused)), paused.serving("digits")) == (int(at == ASKED), {1: 0.2, "plain": 0.8})
    world = played(passes, pause, {"at": ASKED + 1500, **operate("resume")})
    assert (len(told(world)), world.serving("digits")) == (1, {1: 1.0})


def test_a_call_whose_answer_was_lost_asks_once() -> None:
    world = account("gate", gate(says=['{"pass": true}'], after="10m"))
    world.gateway.inject([Fault("stepfunctions", "StartExecution", call=1, request="-gate", answer_lost=True)])
    world.clock.run(until=world.clock.now + LATER)
    assert (len(told(world)), world.serving("digits")) == (1, {1: 1.0})


def test_a_stack_that_does_not_name_it_refuses_the_release_and_names_the_parameter() -> None:
    world = account("gate", gate(), parameters={})
    world.clock.run(until=world.clock.now + 600)
    assert str(release(world).cause).startswith(f"StrategyImpossible: gates: Interlock may not start {FUNCTION}.")
    assert "GateFunctionArns" in str(release(world).cause)
    assert json.dumps(told(world)) == "[]"


def test_the_evidence_is_measured_at_every_look_while_the_gate_is_asked() -> None:
    verdicts = [each for each in played(gate()).ledger() if each["sk"].startswith("VERDICT#")]
    documents = [json.loads(each["document"]) for each in verdicts]
    waits = [each for each in documents if "gate" in each["given"]["bake"]]
    assert {each["verdict"] for each in waits} == {"Pass"}
    assert [each["given"]["gate"].get("Status", "") for each in waits[:2]] == ["", "RUNNING"]
    assert {len(each["given"]["alarms"]) for each in waits} == {len(waits[0]["given"]["bake"]["alarms"])}
