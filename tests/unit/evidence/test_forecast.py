"""Before a release begins, its traffic says how long each bake takes and which rule it is too little for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.evidence.forecast import Outlook, forecast
from interlock.evidence.looks import LATE_METRICS
from tests.unit.evidence.weighed import BASKET, FEWER, LIKE_STABLE, MAX, QUICK
from tests.unit.examples import baked

AS_QUICK = {"metric": "p99_latency", "margin": "25%"}
HALF_HOUR, PATIENCE = 1800, 5400 + LATE_METRICS
RULES = [MAX, QUICK, LIKE_STABLE, AS_QUICK]


def outlook(rule: dict[str, Any], rate: float) -> Outlook:
    """The outlook for a single bake of half an hour, which may be repeated twice."""
    (only,) = forecast([baked([rule])], rate)
    return only


@pytest.mark.parametrize("rule", RULES)
def test_with_much_traffic_every_bake_lasts_as_the_policy_says(rule: dict[str, Any]) -> None:
    seen = outlook(rule, rate=500)
    assert (seen.seconds, seen.requests, seen.undecided) == (HALF_HOUR + LATE_METRICS, 45_000, ())


@pytest.mark.parametrize("rule", RULES)
def test_with_little_traffic_the_patience_runs_out(rule: dict[str, Any]) -> None:
    seen = outlook(rule, rate=0.2)
    assert (seen.seconds, seen.requests) == (PATIENCE, 18)
    assert [each.rule["metric"] for each in seen.undecided] == [rule["metric"]]


@pytest.mark.parametrize("rule", RULES)
def test_the_bake_that_would_do_does(rule: dict[str, Any]) -> None:
    bake = baked([rule])
    (undecided,) = forecast([bake], rate=1)[0].undecided
    assert undecided.bake is not None and undecided.bake > HALF_HOUR

    longer, shorter = ({"seconds": undecided.bake - less, "wait": undecided.bake - less} for less in (0, 900))
    assert forecast([bake | longer], rate=1)[0].undecided == ()
    assert forecast([bake | shorter], rate=1)[0].undecided


@pytest.mark.parametrize(("rule", "rates"), [(MAX, (3, 1, 0.01)), (QUICK, (6, 2, 0.01))])
def test_the_less_traffic_the_wider_a_limit_would_have_to_be(rule: dict[str, Any], rates: tuple[float, ...]) -> None:
    found = [outlook(rule, rate).undecided[0].value for rate in rates]
    written = baked([rule])["rules"][0]["value"]
    assert found[0] and found[1] and written < found[0] < found[1]
    assert found[2] is None


@given(some.sampled_from(RULES), some.floats(0.05, 50.0), some.floats(1.1, 20.0))
def test_more_traffic_leaves_no_more_undecided(rule: dict[str, Any], rate: float, times: float) -> None:
    little, much = outlook(rule, rate), outlook(rule, rate * times)
    assert len(much.undecided) <= len(little.undecided)


def test_evidence_adds_up_over_the_steps() -> None:
    bake = baked([QUICK])
    first, second = forecast([bake, bake], rate=6)
    assert first.undecided and not second.undecided
    assert second.seconds < first.seconds == PATIENCE


def test_evidence_begins_anew_after_an_approval() -> None:
    bake = baked([QUICK])
    first, second = forecast([bake, {**bake, "approval": {}}, bake], rate=6)
    assert first == second
    assert first.undecided


def test_nothing_is_said_about_values_that_nobody_can_know() -> None:
    assert outlook(BASKET, rate=5).unknown == ("basket",)
    assert outlook(FEWER, rate=5).unknown == ("server error rate",)
