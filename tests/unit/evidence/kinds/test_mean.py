from __future__ import annotations

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.unit.evidence.weighed import BASKET, BASKET_AS_FULL, CPU, MEAN_AS_QUICK, Values, swinging, weighed


@pytest.mark.parametrize(
    ("factor", "verdict"), [(0.8, "Pass"), (1.0, "Pass"), (1.05, "Inconclusive"), (1.2, "Fail"), (3.0, "Fail")]
)
def test_a_mean_held_against_stable(factor: float, verdict: str) -> None:
    stable = swinging(20_000.0, 350.0, first=-1)
    candidate = [factor * value for value in swinging(20_000.0, 350.0)]
    found = weighed(
        MEAN_AS_QUICK,
        candidate_requests=[200.0] * 30,
        stable_requests=[3800.0] * 30,
        candidate_mean_latency=candidate,
        stable_mean_latency=stable,
    )
    assert found.verdict == verdict
    assert found.difference == pytest.approx(factor - 1, abs=0.005)


def test_values_of_which_there_is_no_ratio_are_compared_by_their_difference() -> None:
    """A minute without any: then the difference, as a part of stable's mean."""
    stable = [0.0, 200.0] * 15
    values = {"candidate_mean_latency": [value + 10.0 for value in stable], "stable_mean_latency": stable}
    traffic = {"candidate_requests": [200.0] * 30, "stable_requests": [3800.0] * 30}
    assert weighed(MEAN_AS_QUICK, **traffic, **values).difference == pytest.approx(exp(0.1) - 1.0)


@pytest.mark.parametrize(("middle", "verdict"), [(50.0, "Pass"), (79.5, "Inconclusive"), (95.0, "Fail")])
def test_a_mean_with_a_limit(middle: float, verdict: str) -> None:
    found = weighed(CPU, candidate_requests=[200.0] * 30, candidate_cpu=swinging(middle, 1.0))
    assert found.verdict == verdict
    assert (found.unit, found.scale, found.limit) == ("%", "%", 80.0)
    assert found.candidate == pytest.approx(middle, abs=0.1)


@pytest.mark.parametrize(("middle", "verdict"), [(10.0, "Fail"), (20.0, "Inconclusive"), (30.0, "Pass")])
def test_a_mean_with_a_minimum(middle: float, verdict: str) -> None:
    assert weighed(BASKET, candidate_requests=[200.0] * 30, candidate_basket=swinging(middle, 1.0)).verdict == verdict


@pytest.mark.parametrize(
    ("middle", "verdict"), [(20.0, "Fail"), (28.5, "Inconclusive"), (33.0, "Pass"), (60.0, "Pass")]
)
def test_a_mean_of_which_more_is_better_held_against_stable(middle: float, verdict: str) -> None:
    found = weighed(
        BASKET_AS_FULL,
        candidate_requests=[200.0] * 30,
        stable_requests=[3800.0] * 30,
        candidate_basket=swinging(middle, 0.6),
        stable_basket=swinging(30.0, 0.6, first=-1),
    )
    assert found.verdict == verdict
    assert found.difference == pytest.approx(1 - middle / 30, abs=0.01)


def test_what_is_proven_worse_by_more_than_half_the_margin_fails() -> None:
    """8 % worse without doubt, where the margin is 10 %."""
    stable = swinging(20_000.0, 20.0, first=-1)
    traffic = {"candidate_requests": [200.0] * 30, "stable_requests": [3800.0] * 30}
    candidate = [1.08 * value for value in swinging(20_000.0, 20.0)]
    found = weighed(MEAN_AS_QUICK, **traffic, candidate_mean_latency=candidate, stable_mean_latency=stable)
    assert found.interval is not None
    low, high = found.interval
    assert low is not None and high is not None and 0.05 < low < 0.08 < high < 0.1
    assert found.verdict == "Fail"


def test_a_mean_latency_is_weighted_by_the_requests_it_was_measured_on_and_nothing_else_is() -> None:
    requests = [900.0, 100.0]
    latency = {"metric": "mean_latency", "max": "1s"}
    assert weighed(latency, candidate_requests=requests, candidate_mean_latency=[1e5, 4e5]).candidate == 130_000.0
    assert weighed(BASKET, candidate_requests=requests, candidate_basket=[10.0, 40.0]).candidate == 25.0


def test_how_much_more_would_tell_is_measured_from_the_limit() -> None:
    found = weighed(CPU, candidate_requests=[200.0] * 30, candidate_cpu=swinging(79.5, 1.0))
    assert found.candidate is not None and found.interval is not None
    low, high = found.interval
    assert low is not None and high is not None
    wider = (high - found.candidate) / (80.0 - found.candidate)
    assert found.needs == {"requests": round(6000 * (wider**2 - 1)), "seconds": round(1800 * (wider**2 - 1))}
    above = weighed(CPU, candidate_requests=[200.0] * 30, candidate_cpu=swinging(80.5, 1.0))
    assert above.candidate is not None and above.interval is not None and above.interval[0] is not None
    wider = (above.candidate - above.interval[0]) / (above.candidate - 80.0)
    assert above.verdict == "Inconclusive"
    assert above.needs == {"requests": round(6000 * (wider**2 - 1)), "seconds": round(1800 * (wider**2 - 1))}


def test_a_utilisation_has_no_lower_bound_below_nothing() -> None:
    found = weighed(CPU, candidate_requests=[200.0] * 30, candidate_cpu=swinging(1.0, 1.0))
    assert found.interval is not None
    low, high = found.interval
    assert (low, high is not None) == (None, True)
    own = weighed(BASKET, candidate_requests=[200.0] * 30, candidate_basket=swinging(1.0, 1.0))
    assert own.interval is not None and own.interval[0] is not None and own.interval[0] < 0.0


@pytest.mark.parametrize(("factor", "low", "high"), [(1.02, 0.5, 1.0), (0.98, 0.0, 0.5)])
def test_the_candidate_is_probably_the_better_one_where_it_has_more_in_the_basket(
    factor: float, low: float, high: float
) -> None:
    traffic = {"candidate_requests": [2000.0] * 30, "stable_requests": [2000.0] * 30}
    values = [factor * value for value in swinging(30.0, 0.6)]
    stable = swinging(30.0, 0.6, first=-1)
    goal = {"metric": "basket", "better_by": "10%"}
    best = weighed(goal, **traffic, candidate_basket=values, stable_basket=stable).best
    assert best is not None
    assert low < best < high


latency = some.lists(some.floats(1e3, 1e6), min_size=3, max_size=20)


@given(latency, latency, some.sampled_from([0.001, 0.5, 7.0, 1e6]))
def test_the_unit_of_what_is_compared_does_not_matter(one: list[float], other: list[float], unit: float) -> None:
    length = min(len(one), len(other))
    traffic: Values = {"candidate_requests": [200.0] * length, "stable_requests": [300.0] * length}
    found, scaled = (
        weighed(
            MEAN_AS_QUICK,
            **traffic,
            candidate_mean_latency=[by * value for value in one[:length]],
            stable_mean_latency=[by * value for value in other[:length]],
        )
        for by in (1.0, unit)
    )
    assert scaled.verdict == found.verdict
    assert scaled.difference == pytest.approx(found.difference, rel=1e-6, abs=1e-9)
