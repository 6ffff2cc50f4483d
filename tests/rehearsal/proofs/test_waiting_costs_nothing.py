"""Nobody asks SageMaker whether it is done, and a bake costs the same however long it lasts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from rehearsal.report.result import Release
from rehearsal.scenario.model import Scenario
from tests.rehearsal.proofs.rehearsals import Played, Rehearsals, play

HAPPY = ["flagship", "native-canary", "all-at-once", "adoption", "two-approvals"]
"""Scenarios in which releases succeed and nothing else goes wrong."""


@pytest.mark.parametrize("scenario", HAPPY)
def test_a_release_that_succeeds_never_polls(rehearsals: Rehearsals, scenario: str) -> None:
    polls = {each.id: each.polls for each in rehearsals[scenario].result.releases if each.outcome == "Succeeded"}

    assert polls, "no release succeeded"
    assert polls == dict.fromkeys(polls, 0)


TRANSITIONS_PER_LOOK = 6
"""Next step, bake, measure, judge, journal, decision."""


def canary(bake: str, lasts: str, looks: int = 1) -> Scenario:
    """A release by canary, with bakes of any length. There is little traffic, so that ten hours go by quickly; a minute
    of it tells nothing, and the policy then says to go on."""
    stage: dict[str, Any] = {
        "endpoint": "digits",
        "hosting": {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 2},
        "strategy": {"kind": "canary", "steps": [20, 50], "bake": bake, "looks": looks},
        "evidence": [{"metric": "error_rate", "max": "2%", "min_requests": 1}],
        "inconclusive": {"extensions": 0, "then": "promote"},
    }
    document = {
        "scenario": "canary",
        "about": "A canary, with bakes of one length or another.",
        "start": "2026-01-05T09:00:00Z",
        "lasts": lasts,
        "policies": [{"model_package_group": "digits", "stages": [stage]}],
        "traffic": [{"endpoint": "digits", "requests_per_second": 0.3}],
        "timeline": [
            {"at": "0m", "register": {"group": "digits", "model": "plain"}},
            {"at": "1m", "approve": {"group": "digits", "version": 1}},
            {"at": "30m", "register": {"group": "digits", "model": "better"}},
            {"at": "31m", "approve": {"group": "digits", "version": 2}},
        ],
        "expect": [
            {"release": "digits-v2-1", "outcome": "Succeeded", "strategy": "canary", "traffic": "weights"},
            {"polls": 0},
        ],
    }
    return Scenario.model_validate(document)


def calls_of(played: Played, release: Release) -> Counter[str]:
    """How often a release called what."""
    return Counter(
        f"{call.service} {call.operation}" for call in played.calls if call.caller.execution in release.executions
    )


def test_a_canary_costs_the_same_with_bakes_of_a_minute_and_of_ten_hours(rehearsals: Rehearsals) -> None:
    both = [rehearsals.submit(play, canary(*lengths)) for lengths in (("1m", "2h"), ("10h", "34h"))]

    short, long = (run.result() for run in both)
    for played in (short, long):
        assert played.result.passed, [each for each in played.result.findings if not each.held]
    one, other = short.result.releases[-1], long.result.releases[-1]
    assert (other.transitions - one.transitions, other.functions_invoked - one.functions_invoked) == (0, 0)
    assert calls_of(long, other) == calls_of(short, one)
    assert one.ended and other.ended and other.ended - other.started > 20 * 3600 > 3600 > one.ended - one.started


def test_a_look_costs_the_same_whether_an_hour_or_a_minute_after_the_one_before(rehearsals: Rehearsals) -> None:
    lengths = ("5m", "2h", 5), ("5h", "18h", 5), ("5m", "2h", 1)
    runs = [rehearsals.submit(play, canary(*each)) for each in lengths]

    often, seldom, once = (run.result().result.releases[-1] for run in runs)
    further = 4 * 3  # looks in each of three bakes
    assert (often.outcome, seldom.outcome, once.outcome) == ("Succeeded",) * 3
    assert (often.transitions, often.functions_invoked) == (seldom.transitions, seldom.functions_invoked)
    assert often.functions_invoked - once.functions_invoked == further
    assert often.transitions - once.transitions == further * TRANSITIONS_PER_LOOK
