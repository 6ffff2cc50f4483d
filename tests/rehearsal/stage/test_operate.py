"""A person gets an answer to everything that may be asked for: a green execution of operate, or a red one that says
why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from rehearsal.playing import Rehearsal, rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.states.execution import Execution
from tests.rehearsal.proofs.rehearsals import SCENARIOS

ROOT = Path(__file__).parents[3]

ASKED = [
    ("20m", {"action": "abort", "endpoint": "digits"}),
    ("21m", {"action": "pause", "endpoint": "digits"}),
    ("22m", {"action": "resume", "endpoint": "digits"}),
    ("23m", {"action": "promote", "endpoint": "digits"}),
    ("24m", {"action": "lift_quarantine", "group": "digits", "version": 1}),
    ("50m", {"action": "pause", "endpoint": "digits"}),
    ("60m", {"action": "abort", "endpoint": "digits", "because": "wrong week"}),
]


def play(*faults: object) -> Rehearsal:
    """Version 1 is live after a few minutes; version 2 is in a long bake from 35 minutes on."""
    scenario = {
        "scenario": "answers",
        "about": "A person asks for things that apply to nothing, and for some that do.",
        "start": "2026-01-05T09:00:00Z",
        "lasts": "70m",
        "policies": ["policies/patient.yaml"],
        "traffic": [{"endpoint": "digits", "requests_per_second": 3}],
        "timeline": [
            {"at": "0m", "register": {"group": "digits", "model": "plain"}},
            {"at": "1m", "approve": {"group": "digits", "version": 1}},
            {"at": "30m", "register": {"group": "digits", "model": "better"}},
            {"at": "31m", "approve": {"group": "digits", "version": 2}},
            *({"at": at, "operate": asked} for at, asked in ASKED),
        ],
        "faults": list(faults),
        "expect": [{"requests_lost": 0}],
    }
    return rehearse(Scenario.model_validate(scenario), ROOT / "scenarios")


@pytest.fixture(scope="module")
def played() -> Rehearsal:
    return play()


def answers(rehearsal: Rehearsal) -> list[Execution]:
    return [each for each in rehearsal.world.states.executions if each.machine.name.endswith("-operate")]


NOTHING = "There is nothing it could apply to."
NO_BAKE = (
    "No bake on digits can be promoted now. A release that asks for an approval needs approve, with its version and "
    "its step, as the notice says."
)
NO_PAUSE = (
    "No release on digits can be paused now. A pause means something only while Interlock shifts the traffic step by "
    "step: not while SageMaker's guardrails do, not in a first deployment or a rollback, and not when the version "
    "already has all traffic."
)


@pytest.mark.parametrize(
    ("number", "words", "why"),
    [
        (0, "abort", NOTHING),
        (1, "pause", NO_PAUSE),
        (2, "resume", NOTHING),
        (3, "promote", NO_BAKE),
        (4, "lift quarantine", NOTHING),
    ],
)
def test_a_request_that_applies_to_nothing_is_red_and_says_so(
    played: Rehearsal, number: int, words: str, why: str
) -> None:
    answer = answers(played)[number]
    said = f"A person asked to {words}. {why}"
    assert (answer.status, answer.error, answer.cause) == ("FAILED", "Interlock.NothingToDo", said)


def test_an_abort_is_green_and_journalled_once(played: Rehearsal) -> None:
    answer = answers(played)[-1]
    done = {
        "kind": "Abort",
        "reason": "AbortedByPerson",
        "sentence": "A person asked to abort because: wrong week.",
        "endpoint": "digits",
    }
    assert (answer.status, json.loads(answer.output or "{}")) == ("SUCCEEDED", done)
    journal = next(each for each in played.result.releases if each.id == "digits-v2-1").journal
    assert [each.document for each in journal if each.kind == "PERSON"][-1].items() >= done.items()
    assert len([each for each in journal if each.kind == "PERSON"]) == 2


def test_a_request_that_intake_cannot_carry_out_fails_with_its_error() -> None:
    error = {"code": "InternalServerError", "message": "Internal server error", "status": 500}
    answer = answers(play({"service": "dynamodb", "operation": "DeleteItem", "error": error}))[4]
    assert (answer.status, answer.error) == ("FAILED", "Interlock.InternalError")
    assert "DynamoDb.InternalServerErrorException" in (answer.cause or "")


def test_a_machine_of_the_loop_that_is_started_with_garbage_says_what_to_do_instead() -> None:
    path = SCENARIOS["garbage-from-the-console"]
    scenario = Scenario.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    found = rehearse(scenario, path.parent).world.states.executions
    red = [each for each in found if each.status == "FAILED" and not each.machine.name.endswith("-operate")]
    assert {each.error for each in red} == {"Interlock.InputInvalid", "Interlock.NothingToDo"}
    assert {each.machine.name for each in red} == {"interlock-respond", "interlock-retrain", "interlock-monitor"}
    for each in red:
        assert "start the machine" in (each.cause or "")


def test_a_file_that_is_not_there_is_named() -> None:
    played = rehearse(
        Scenario.model_validate(
            {
                "scenario": "no-file",
                "about": "A person asks what would follow from a file that does not exist.",
                "start": "2026-01-05T09:00:00Z",
                "lasts": "10m",
                "policies": ["policies/churn-retrained.yaml"],
                "timeline": [{"at": "1m", "operate": {"action": "weigh", "group": "churn", "file": NO_FILE}}],
                "expect": [{"dead_letters": 0}],
            }
        ),
        ROOT / "scenarios",
    )
    (respond,) = [each for each in played.world.states.executions if each.machine.name.endswith("-respond")]
    assert respond.status == "SUCCEEDED"
    said = f"{NO_FILE} could not be read: there is no such file, or Interlock may not read it."
    assert json.loads(respond.output or "{}")["sentence"] == said


NO_FILE = "s3://interlock-monitoring/results/churn/inputs/2026/01/05/09/constraint_violations.json"


def test_the_journal_says_in_which_execution_a_person_asked_and_how_the_release_stood(played: Rehearsal) -> None:
    (release,) = (each for each in played.result.releases if each.id == "digits-v2-1")
    asked = [entry.document for entry in release.journal if entry.kind == "PERSON"]

    assert [each["asked_in"] for each in asked] == [each.arn for each in answers(played)[-2:]]
    bake = next(number for number, step in enumerate(release.plan["steps"]) if step["action"] == "Bake")
    assert [each["before"] for each in asked] == [{"step": bake, "paused": False}, {"step": bake, "paused": True}]
    assert [each["asked"] for each in asked] == [asked for _, asked in ASKED[-2:]]
    assert [each["after"] for each in asked] == [{"paused": True}, {"aborted": True}]
