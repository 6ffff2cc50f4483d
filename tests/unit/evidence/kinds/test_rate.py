from __future__ import annotations

from math import exp, log

import pytest
from scipy import stats

from interlock.statistics.rates import Counts, ratio_bounds
from tests.unit.evidence.weighed import (
    COMPLAINTS,
    CONVERTS,
    CONVERTS_AS_WELL,
    CONVERTS_MORE,
    EVEN,
    FEWER,
    LIKE_STABLE,
    MAX,
    TRAFFIC,
    Rule,
    Values,
    conversions,
    errors,
    rule_of,
    weighed,
)


@pytest.mark.parametrize(("each_minute", "verdict"), [(0, "Pass"), (1, "Pass"), (4, "Inconclusive"), (40, "Fail")])
def test_a_rate_with_a_limit(each_minute: float, verdict: str) -> None:
    found = weighed(MAX, **TRAFFIC, **errors(each_minute))
    assert found.verdict == verdict
    assert found.candidate == pytest.approx(each_minute / 200)
    assert (found.stable, found.difference, found.scale, found.limit) == (None, None, "share", 0.02)


@pytest.mark.parametrize(
    ("candidate", "stable", "verdict"),
    [
        (0, 76, "Pass"),
        (1, 76, "Pass"),
        (4, 76, "Inconclusive"),
        (9, 76, "Fail"),
        (200, 3800, "Pass"),
        (200, 76, "Fail"),
    ],
)
def test_a_rate_held_against_stable(candidate: float, stable: float, verdict: str) -> None:
    found = weighed(LIKE_STABLE, **TRAFFIC, **errors(candidate, stable))
    assert found.verdict == verdict
    assert (found.candidate, found.stable) == (pytest.approx(candidate / 200), pytest.approx(stable / 3800))
    assert (found.scale, found.limit) == ("relative", 0.5)


@pytest.mark.parametrize(
    ("candidate", "stable", "verdict"), [(40, 80, "Pass"), (160, 80, "Fail"), (72, 80, "Inconclusive")]
)
def test_a_rate_that_should_be_lower_than_stables(candidate: float, stable: float, verdict: str) -> None:
    found = weighed(FEWER, **EVEN, **errors(candidate, stable))
    assert found.verdict == verdict
    assert found.difference == pytest.approx(1 - candidate / stable, abs=0.002)


@pytest.mark.parametrize(("hits", "verdict"), [(20, "Fail"), (50, "Inconclusive"), (100, "Pass")])
def test_a_rate_of_the_teams_own_counts_per_what_the_policy_says(hits: float, verdict: str) -> None:
    found = weighed(CONVERTS, candidate_requests=2000.0, **conversions(hits))
    assert (found.verdict, found.candidate) == (verdict, pytest.approx(hits / 1000))


@pytest.mark.parametrize(("hits", "verdict"), [(0, "Fail"), (80, "Fail"), (100, "Inconclusive"), (150, "Pass")])
def test_a_rate_that_should_be_higher_than_stables(hits: float, verdict: str) -> None:
    found = weighed(CONVERTS_MORE, **EVEN, **conversions(hits, 100.0))
    assert found.verdict == verdict
    assert found.best is not None
    assert found.best == pytest.approx(
        float(stats.norm.cdf((hits - 100) / (hits * 0.9 + 90) ** 0.5 * 10**0.5)), abs=0.03
    )


@pytest.mark.parametrize(("hits", "verdict"), [(0, "Fail"), (60, "Fail"), (90, "Inconclusive"), (105, "Pass")])
def test_a_rate_of_which_more_is_better_held_against_stable(hits: float, verdict: str) -> None:
    found = weighed(CONVERTS_AS_WELL, **EVEN, **conversions(hits, 100.0))
    assert found.verdict == verdict
    assert found.best is None


def test_the_candidate_is_probably_the_better_one_where_it_has_fewer_errors() -> None:
    fewer, more = (weighed(FEWER, **EVEN, **errors(each_minute, 80.0)).best for each_minute in (60.0, 100.0))
    assert fewer is not None
    assert more is not None
    assert more < 0.01 < 0.99 < fewer


def test_more_conversions_than_recommendations_are_judged_too() -> None:
    assert weighed(CONVERTS_MORE, **EVEN, **conversions(1200.0, 100.0)).verdict == "Pass"
    assert weighed(CONVERTS, **EVEN, **conversions(1200.0)).verdict == "Pass"


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        (CONVERTS, {"candidate_requests": 2000.0} | conversions(-3.0)),
        (CONVERTS_AS_WELL, EVEN | conversions(100.0, -3.0)),
        (CONVERTS_MORE, EVEN | conversions(100.0, 100.0) | {"stable_conversion_of": -1.0}),
        (MAX, TRAFFIC | errors(-1.0)),
    ],
)
def test_less_than_nothing_is_not_counted(rule: Rule, values: Values) -> None:
    found = weighed(rule, **values)
    assert found.verdict == "Error"
    assert "CloudWatch counts less than nothing" in found.sentence


def test_without_a_hit_on_either_side_only_a_level_that_does_not_matter_can_pass() -> None:
    assert weighed(LIKE_STABLE, **TRAFFIC, **errors(0.0, 0.0)).verdict == "Pass"
    few = {"candidate_requests": 20.0, "stable_requests": 380.0}
    assert weighed(LIKE_STABLE, **few, **errors(0.0, 0.0)).verdict == "Inconclusive"
    none = {"candidate_complaints": 0.0, "stable_complaints": 0.0}
    per = {"candidate_complaints_of": 1000.0, "stable_complaints_of": 1000.0}
    found = weighed(COMPLAINTS, **EVEN, **none, **per)
    assert (found.verdict, found.interval) == ("Inconclusive", (None, None))


@pytest.mark.parametrize(("each_minute", "verdict"), [(0.9, "Inconclusive"), (1.1, "Fail")])
def test_below_the_level_that_matters_nothing_fails(each_minute: float, verdict: str) -> None:
    """200 requests a minute: the level is one error."""
    minutes = [0.0, each_minute * 2] * 10
    traffic: Values = {"candidate_requests": [200.0] * 20, "stable_requests": [38_000.0] * 20}
    found = weighed(LIKE_STABLE, **traffic, candidate_error_rate=minutes, stable_error_rate=[0.0, 2.0] * 10)
    assert found.verdict == verdict


def test_nor_where_a_level_of_the_teams_own_says_so() -> None:
    own = COMPLAINTS | {"ignore_below": "1%"}
    per = {"candidate_complaints_of": 1000.0, "stable_complaints_of": 1000.0}
    several = {"candidate_complaints": 4.0, "stable_complaints": 1.0}
    assert weighed(COMPLAINTS, **EVEN, **several, **per).verdict == "Fail"
    assert weighed(own, **EVEN, **several, **per).verdict == "Pass"
    assert weighed(COMPLAINTS | {"ignore_below": 0}, **EVEN, **several, **per).verdict == "Fail"


def test_a_candidate_that_nearly_always_fails_fails() -> None:
    for failed in (57.0, 58.0, 59.0, 60.0):
        assert weighed(MAX, candidate_requests=[60.0], candidate_error_rate=[failed]).verdict == "Fail"


def test_the_interval_of_a_comparison_is_the_one_of_the_ratio_of_rates() -> None:
    found = weighed(LIKE_STABLE, **TRAFFIC, **errors(4.0, 76.0))
    rule = rule_of(LIKE_STABLE)
    estimate, low, high = ratio_bounds([Counts(4.0, 76.0, 200.0, 3800.0)] * 10, log(1.5), rule["alpha"], rule["beta"])
    assert found.difference == pytest.approx(exp(estimate) - 1)
    assert found.interval == pytest.approx((exp(low) - 1, exp(high) - 1))


@pytest.mark.parametrize(
    ("rule", "values", "interval"),
    [
        (LIKE_STABLE, TRAFFIC | errors(100.0, 0.0), (True, False)),
        (LIKE_STABLE, TRAFFIC | errors(0.0, 1000.0), (False, True)),
        (FEWER, EVEN | errors(0.0, 100.0), (True, False)),
        (FEWER, EVEN | errors(2000.0, 0.0), (False, True)),
        (CONVERTS_AS_WELL, EVEN | conversions(0.0, 100.0), (True, False)),
        (CONVERTS_MORE, EVEN | conversions(100.0, 0.0), (True, False)),
    ],
)
def test_a_side_without_hits_bounds_the_ratio_on_one_side(
    rule: Rule, values: Values, interval: tuple[bool, bool]
) -> None:
    found = weighed(rule, **values)
    assert found.interval is not None
    assert tuple(bound is not None for bound in found.interval) == interval


@pytest.mark.parametrize("stable", range(2, 60, 3))
def test_whichever_test_proves_it_the_interval_lies_below_the_margin(stable: int) -> None:
    """With few hits it is the anytime test, which the bounds are not made from."""
    rule = COMPLAINTS | {"margin": "900%"}
    per = {"candidate_complaints_of": 1e5, "stable_complaints_of": 1e5}
    found = weighed(rule, **EVEN, **per, candidate_complaints=0.0, stable_complaints=[float(stable)] + [0.0] * 9)
    assert found.interval is not None
    high = found.interval[1]
    assert (found.verdict == "Pass") == (high is not None and high < 9.0)
