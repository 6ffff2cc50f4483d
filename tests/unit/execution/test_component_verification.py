"""What a look at an inference component shows, where no event ever tells of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from interlock.execution.failures import interpret_failure
from interlock.execution.serving import serving
from interlock.execution.verdicts import Verified
from interlock.execution.verification import verify_endpoint
from interlock.model.looks import LONGEST_LOOK, SHORTEST_LOOK
from interlock.model.observation import read_component
from interlock.model.plan import LONGEST_WAIT
from tests.unit.examples import COMPONENT, ENDPOINT, NO_COMPONENT, NOW, component, endpoint, found

CANDIDATE, STABLE = "interlock-churn-v7-1", "churn-6"
EXPECT = {"component": COMPONENT, "config": CANDIDATE, "candidate": COMPONENT}
PING = "The primary container for production variant AllTraffic did not pass the ping health check."
MOST_EVENTS, EVENTS_OF_A_LOOK = 25_000, 25


def verify(answer: dict[str, Any], seconds: int = 600, mode: str = "deliver", **fields: Any) -> Verified:
    now = (datetime.fromisoformat(NOW) + timedelta(seconds=seconds)).isoformat()
    task = {"expect": EXPECT, "endpoint": answer, "since": NOW, "now": now, "mode": mode, "patience": 60} | fields
    return verify_endpoint(task)  # type: ignore[arg-type]


def shown(*described: Any, **fields: Any) -> dict[str, Any]:
    return found(component(*described, **fields))


@pytest.mark.parametrize(
    ("answer", "following", "reason"),
    [
        (shown("InService", CANDIDATE), "Advance", "Accepted"),
        (shown("Updating", STABLE), "Await", "EndpointBusy"),
        (shown("Creating", CANDIDATE), "Await", "EndpointBusy"),
        (shown("InService", STABLE), "RollBack", "SageMakerRolledBack"),
        (shown("InService", STABLE, FailureReason="Alarm(s) a went into ALARM"), "RollBack", "AlarmRaised"),
        (shown("InService", STABLE, FailureReason=PING), "RollBack", "CandidateFailedToStart"),
        (shown("Failed", CANDIDATE, FailureReason=PING), "RollBack", "CandidateFailedToStart"),
        (shown("Failed", CANDIDATE), "RollBack", "EndpointFailed"),
        (
            shown("Failed", CANDIDATE, FailureReason="There is not enough hardware resources on the instances"),
            "RollBack",
            "InsufficientCapacity",
        ),
        (NO_COMPONENT, "RollBack", "EndpointMoved"),
    ],
)
def test_what_is_seen_says_what_follows(answer: dict[str, Any], following: str, reason: str) -> None:
    seen = verify(answer)
    assert (seen["next"], seen["reason"]) == (following, reason)
    assert "nference component" in seen["sentence"]


def test_a_component_that_failed_names_its_own_log_group() -> None:
    assert f"/aws/sagemaker/InferenceComponents/{COMPONENT}" in verify(shown("Failed", FailureReason=PING))["sentence"]


@pytest.mark.parametrize("answer", [shown("InService", STABLE), shown("Failed", STABLE), NO_COMPONENT])
def test_shortly_after_a_step_it_may_be_described_as_before(answer: dict[str, Any]) -> None:
    assert verify(answer, seconds=60)["next"] == "Await"


def test_looks_become_rarer_so_that_an_execution_can_hold_all_of_them() -> None:
    assert verify(shown("Updating"), seconds=30)["patience"] == SHORTEST_LOOK
    assert verify(shown("Updating"), seconds=1000)["patience"] == 100
    waited = looks = 0
    while waited < LONGEST_WAIT:
        waited += verify(shown("Updating"), seconds=waited)["patience"]
        looks += 1
    assert looks * EVENTS_OF_A_LOOK < MOST_EVENTS / 2
    assert verify(shown("Updating"), seconds=waited - 1)["patience"] in (60, LONGEST_LOOK)


def test_before_a_step_a_change_by_somebody_else_is_seen_and_more_copies_are_none() -> None:
    before = read_component(component(copies=2)).standing()
    assert verify(shown("InService", STABLE, copies=1), before=before)["next"] == "Act"
    moved = verify(shown("InService", "somebody-elses"), before=before)
    assert (moved["next"], moved["reason"]) == ("Hold", "EndpointMoved")
    gone = verify(NO_COMPONENT, before=before)
    assert gone["sentence"].startswith("The inference component is gone")


def test_how_the_endpoint_stands_says_nothing_of_the_component_to_come() -> None:
    host = found(endpoint("InService", CANDIDATE, {"VariantName": "AllTraffic", "CurrentInstanceCount": 1}))
    seen = verify(host, expect={"config": CANDIDATE, "hosts": True})
    assert (seen["next"], seen["standing"]) == ("Advance", {})


def test_a_component_is_gone_when_it_is_described_no_more() -> None:
    removed = {"component": COMPONENT, "absent": True}
    assert verify(shown("Deleting"), expect=removed, mode="roll_back")["next"] == "Await"
    assert verify(NO_COMPONENT, expect=removed, mode="roll_back")["next"] == "Advance"


def failed(action: str, cause: str, existing: Any = None) -> tuple[str, int]:
    request = {"InferenceComponentName": COMPONENT, "Specification": {"ModelName": CANDIDATE}, "Tags": []}
    answer = interpret_failure(
        {
            "action": action,
            "request": request | {"RuntimeConfig": {"CopyCount": 2}},
            "error": "SageMaker.SageMakerException",
            "cause": cause,
            "existing": existing or {},
            "mode": "deliver",
            "since": NOW,
            "now": NOW,
        }
    )
    return answer["next"], answer["pause"]


@pytest.mark.parametrize(
    ("action", "cause", "following"),
    [
        ("UpdateInferenceComponent", "Cannot update … while it is in state UPDATE_RC_IN_PROGRESS.", ("Await", 60)),
        ("DeleteInferenceComponent", "Cannot delete … while it is in state CREATE_IN_PROGRESS.", ("Await", 60)),
        ("UpdateInferenceComponent", 'Could not find inference component "…".', ("RollBack", 5)),
        ("UpdateInferenceComponent", 'Could not find model "…".', ("Retry", 5)),
        ("DeleteInferenceComponent", 'Could not find inference component "…".', ("Accept", 5)),
        ("CreateInferenceComponent", "Cannot create already existing inference component.", ("Compare", 5)),
        ("CreateInferenceComponent", 'Could not find endpoint "…".', ("Retry", 5)),
    ],
)
def test_what_a_refusal_means(action: str, cause: str, following: tuple[str, int]) -> None:
    assert failed(action, cause) == following


def test_a_component_of_the_name_is_ours_if_it_runs_what_was_asked_for() -> None:
    taken = "Cannot create already existing inference component."
    assert failed("CreateInferenceComponent", taken, {"component": shown("Creating", CANDIDATE)})[0] == "Sent"
    assert failed("CreateInferenceComponent", taken, {"component": shown("InService", STABLE)})[0] == "RollBack"


def test_a_person_is_told_what_the_component_runs() -> None:
    facts = {"final_config": CANDIDATE, "stable_config": STABLE}
    said = f"Now inference component {COMPONENT} has 2 copies with the model from before version 7."
    assert serving(ENDPOINT, 7, facts, shown("InService", STABLE)) == said
