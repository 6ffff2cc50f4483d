"""Acts that wait for something to happen, faults of some callers only, and answers that are lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rehearsal.playing import ActRefused, Rehearsal, rehearse
from rehearsal.scenario.model import Scenario

ENDPOINT = {"name": "digits", "model": "plain"}
DELETE = {"call": {"service": "sagemaker", "operation": "DeleteEndpoint", "request": {"EndpointName": "digits"}}}
UPDATE = {
    "call": {
        "service": "sagemaker",
        "operation": "UpdateEndpoint",
        "request": {"EndpointName": "digits", "EndpointConfigName": "digits"},
    }
}
ASK = {"operate": {"action": "status"}}


def play(*timeline: dict[str, Any], faults: list[dict[str, Any]] | None = None) -> Rehearsal:
    written = {
        "scenario": "moments",
        "about": "Something happens when something else does.",
        "start": "2026-01-05T09:00:00Z",
        "lasts": "20m",
        "endpoints": [ENDPOINT],
        "timeline": list(timeline),
        "faults": faults or [],
        "expect": [{"releases": 0}],
    }
    return rehearse(Scenario.model_validate(written), Path())


def called(rehearsal: Rehearsal, operation: str) -> list[tuple[float, str]]:
    """When, in seconds from the start, and the error's code."""
    result = rehearsal.result
    found = [each for each in result.calls if each.operation == operation]
    return [(round(each.at - result.started, 1), each.error.partition(":")[0]) for each in found]


def test_an_act_is_done_when_an_endpoint_gets_a_status_for_the_nth_time() -> None:
    when = {"endpoint": "digits", "status": "InService", "time": 2, "later": "1m"}
    played = play({"at": "1m", **UPDATE}, {"at": "10m", **UPDATE}, {"when": when, **DELETE})

    (deleted,) = called(played, "DeleteEndpoint")
    assert deleted[0] > 11 * 60 and deleted[1] == ""


def test_an_act_is_done_when_an_execution_enters_a_state() -> None:
    played = play({"at": "1m", **ASK}, {"when": {"machine": "operate", "state": "AskIntake"}, **DELETE})
    entered = [
        step.at - played.result.started
        for each in played.world.states.executions
        for step in each.entered
        if "operate" in each.machine.name and step.state == "AskIntake"
    ]
    assert [at for at, _ in called(played, "DeleteEndpoint")] == [round(at, 1) for at in entered] != []


def test_an_act_that_may_be_refused_is_tried_and_the_rehearsal_goes_on() -> None:
    acts = ({"at": "1m", **UPDATE}, {"at": "1m1s", **DELETE})
    with pytest.raises(ActRefused):
        play(*acts)

    assert called(play(acts[0], {**acts[1], "may_be_refused": True}), "DeleteEndpoint") == [
        (61.0, "ValidationException")
    ]


def test_a_call_whose_answer_is_lost_was_made() -> None:
    lost = {"service": "sagemaker", "operation": "DeleteEndpoint", "answer_lost": True}
    with pytest.raises(ActRefused, match="Read timed out"):
        play({"at": "1m", **DELETE}, faults=[lost])

    played = play({"at": "1m", **DELETE, "may_be_refused": True}, faults=[lost])
    assert played.world.describe_endpoint("digits") is None


def test_an_outage_refuses_every_call_to_a_service_for_a_time() -> None:
    down = {"service": "sagemaker", "at": "2m", "lasts": "5m", "error": {"code": "ServiceUnavailable", "status": 503}}
    acts = [{"at": at, **DELETE, "may_be_refused": True} for at in ("3m", "6m", "8m")]
    played = play(*acts, faults=[down])
    assert [error for _, error in called(played, "DeleteEndpoint")] == ["ServiceUnavailable", "ServiceUnavailable", ""]


@pytest.mark.parametrize(("caller", "error"), [("person", "No"), ("interlock-act", "")])
def test_a_fault_meets_the_caller_that_it_names(caller: str, error: str) -> None:
    fault = {"service": "sagemaker", "operation": "DeleteEndpoint", "caller": caller, "error": {"code": "No"}}
    played = play({"at": "1m", **DELETE, "may_be_refused": True}, faults=[fault])
    assert called(played, "DeleteEndpoint") == [(60.0, error)]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({}, "write either machine, or endpoint and status"),
        ({"endpoint": "digits"}, "write either machine, or endpoint and status"),
        ({"machine": "deliver", "endpoint": "digits", "status": "InService"}, "write either machine"),
    ],
)
def test_a_moment_is_of_one_kind(when: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        play({"when": when, **DELETE})


def test_an_act_has_one_moment() -> None:
    with pytest.raises(ValidationError, match="exactly one of at and when"):
        play(DELETE)
