"""While the traffic is shared anew a release can be paused, aborted, stopped and rolled back as at any other time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from rehearsal.scenario.model import Scenario
from tests.rehearsal.proofs.rehearsals import SCENARIOS, Played, Rehearsals, play

BAKING, MOVING, LATER = "27m", "28m", "48m"
"""The first look is 27 min 54 s after the start, and the endpoint then takes a minute to have other weights."""

Act = dict[str, Any]
ABORT, PAUSE, RESUME, PROMOTE = (
    {"operate": {"action": action, "endpoint": "digits"}} for action in ("abort", "pause", "resume", "promote")
)
STOP: Act = {"stop_execution": {"machine": "deliver"}}
ALARM: Act = {
    "call": {
        "service": "cloudwatch",
        "operation": "SetAlarmState",
        "request": {
            "AlarmName": "interlock-digits-v1-1-error-rate",
            "StateValue": "ALARM",
            "StateReason": "By hand",
        },
    }
}


def interrupted(lasts: str, expected: Sequence[Act], *acts: Act) -> Scenario:
    """The scenario of the bandit with ``acts`` in it, to the time it ``lasts``."""
    bandit = yaml.safe_load(SCENARIOS["ab-bandit"].read_text(encoding="utf-8"))
    return Scenario.model_validate(
        bandit | {"lasts": lasts, "timeline": [*bandit["timeline"], *acts], "expect": list(expected)}
    )


def weights_set(played: Played) -> list[float]:
    """What the candidate's weight was set to, one after the other."""
    calls = [call for call in played.calls if call.operation == "UpdateEndpointWeightsAndCapacities" and not call.error]
    return [call.request["DesiredWeightsAndCapacities"][-1]["DesiredWeight"] for call in calls]


@pytest.fixture
def better(rehearsals: Rehearsals) -> float:
    """The candidate's weight after the first look, if nobody interrupts."""
    return weights_set(rehearsals["ab-bandit"])[1]


def shown(played: Played) -> list[str]:
    return [f"{each.text}: {each.seen}" for each in played.result.findings if not each.held]


@pytest.mark.parametrize(
    ("act", "reason"), [(ABORT, "AbortedByPerson"), (ALARM, "AlarmRaised"), (STOP, "ExecutionStopped")]
)
def test_stable_gets_all_traffic_back(rehearsals: Rehearsals, better: float, act: Act, reason: str) -> None:
    expected: list[Act] = [
        {"release": "digits-v1-1", "outcome": "RolledBack", "reason": reason},
        {"endpoint": "digits", "serves": "plain", "share": "100%", "status": "InService"},
        {"requests_lost": 0},
        {"lease": "free", "endpoint": "digits"},
        {"running": 0},
    ]
    played = rehearsals.submit(play, interrupted("1h55m", expected, {"at": MOVING} | act)).result()

    assert shown(played) == []
    assert weights_set(played) == [50.0, better, 0.0]


@pytest.mark.parametrize("when", [BAKING, MOVING])
def test_after_a_pause_the_bake_goes_on_with_the_new_shares(rehearsals: Rehearsals, better: float, when: str) -> None:
    anew = f"gets {better:g} % of the traffic"
    expected: list[Act] = [{"notice": "is paused"}, {"journal": anew}, {"requests_lost": 0}]
    acts = {"at": when} | PAUSE, {"at": LATER} | RESUME
    played = rehearsals.submit(play, interrupted("1h10m", expected, *acts)).result()

    assert shown(played) == []
    assert weights_set(played)[:2] == [50.0, better]
    looks = [entry.document for entry in played.result.releases[-1].journal if entry.kind == "VERDICT"]
    assert [look["percent"] for look in looks[:2]] == [50.0, better]
    assert "Error" not in {look["verdict"] for look in looks}


@pytest.mark.parametrize(("act", "reason"), [(ABORT, "AbortedByPerson"), (ALARM, "AlarmRaised")])
def test_a_pause_is_ended_by_an_abort_and_by_an_alarm(rehearsals: Rehearsals, act: Act, reason: str) -> None:
    """The token of the bake before the pause is a token of nobody."""
    expected: list[Act] = [
        {"release": "digits-v1-1", "outcome": "RolledBack", "reason": reason},
        {"lease": "free", "endpoint": "digits"},
        {"running": 0},
    ]
    acts = {"at": BAKING} | PAUSE, {"at": LATER} | act
    played = rehearsals.submit(play, interrupted("1h55m", expected, *acts)).result()

    assert shown(played) == []


def test_there_is_nothing_to_promote_meanwhile_and_the_bake_goes_on(rehearsals: Rehearsals, better: float) -> None:
    expected: list[Act] = [{"journal": "gets 90 % of the traffic"}, {"requests_lost": 0}]
    played = rehearsals.submit(play, interrupted("50m", expected, {"at": MOVING} | PROMOTE)).result()

    assert shown(played) == []
    assert weights_set(played) == [50.0, better, 90.0]
