from __future__ import annotations

import json
from functools import cache
from math import exp, log
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats  # type: ignore[import-untyped]

from interlock.evidence.findings import Finding, Verdict, weigh
from interlock.evidence.judge import read_series
from interlock.evidence.kinds.percentile import TAIL_INDEX
from interlock.evidence.metrics import COMPARING
from interlock.statistics.rates import Counts, ratio_bounds
from tests.unit.examples import answered, baked

Rule = dict[str, Any]
Values = dict[str, Any]

TRAFFIC: Values = {"candidate_requests": 200.0, "stable_requests": 3800.0}
EVEN: Values = {"candidate_requests": 2000.0, "stable_requests": 2000.0}


def rule_of(written: Rule, **fields: Any) -> Rule:
    """``written`` as the plan carries it."""
    carried: Rule = baked([written], **fields)["rules"][0]
    return carried


def weighed(written: Rule, known: Any = True, **values: Any) -> Finding:
    """What a rule finds in ten minutes, or in as many as the lists of ``values`` have. ``known``: stable's percentiles
    before the release."""
    return weigh(_rule_of(json.dumps(written), known), read_series(answered(**values)), 60)


@cache
def _rule_of(written: str, known: bool) -> Rule:
    return rule_of(json.loads(written), references=None if known else {})


def swinging(middle: float, swing: float, length: int = 30, first: int = 1) -> list[float]:
    """A series whose neighbours are not alike."""
    return [middle + first * (-1.0) ** place * swing * (1 + place % 7) for place in range(length)]


def errors(candidate: float, stable: float | None = None) -> Values:
    return {"candidate_error_rate": candidate} | ({} if stable is None else {"stable_error_rate": stable})


MAX: Rule = {"metric": "error_rate", "max": "2%"}
LIKE_STABLE: Rule = {"metric": "error_rate", "margin": "50%"}
FEWER: Rule = {"metric": "error_rate", "better_by": "20%"}
QUICK: Rule = {"metric": "p99_latency", "max": "250ms"}
AS_QUICK: Rule = {"metric": "p99_latency", "margin": "25%"}
QUICKER: Rule = {"metric": "p99_latency", "better_by": "25%"}
MEAN_AS_QUICK: Rule = {"metric": "mean_latency", "margin": "10%"}
CONVERTS: Rule = {"metric": "conversion", "min": "5%"}
CONVERTS_MORE: Rule = {"metric": "conversion", "better_by": "5%"}
CONVERTS_AS_WELL: Rule = {"metric": "conversion", "margin": "20%"}
COMPLAINTS: Rule = {"metric": "complaints", "margin": "50%"}
BASKET: Rule = {"metric": "basket", "min": 20}
BASKET_AS_FULL: Rule = {"metric": "basket", "margin": "10%"}
CPU: Rule = {"metric": "cpu", "max": 80}


# ---------------------------------------------------------------- verdicts of every kind of rule


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


@pytest.mark.parametrize(
    ("rank", "verdict"), [(100.0, "Pass"), (99.5, "Inconclusive"), (99.0, "Inconclusive"), (95.0, "Fail")]
)
def test_a_percentile_with_a_limit_is_a_share_of_slow_requests(rank: float, verdict: str) -> None:
    found = weighed(QUICK, **TRAFFIC, candidate_p99_latency=130_000.0, candidate_p99_latency_over=rank)
    assert found.verdict == verdict
    assert (found.candidate, found.unit, found.scale, found.limit) == (130_000.0, "us", "share", 0.01)
    slow = weighed(
        {"metric": "error_rate", "max": "1%"}, **TRAFFIC, **errors(round(200 * (1 - rank / 100)))
    )  # the same question about as many errors
    assert found.interval == slow.interval


def latencies(slow: float, beyond: float, stable: float = 99.0) -> Values:
    return {
        "candidate_p99_latency": 1.0,
        "stable_p99_latency": 1.0,
        "candidate_p99_latency_slow": slow,
        "candidate_p99_latency_beyond": beyond,
        "stable_p99_latency_slow": stable,
    }


@pytest.mark.parametrize(
    ("slow", "beyond", "verdict"),
    [(99.0, 99.8, "Pass"), (100.0, 100.0, "Pass"), (98.9, 99.1, "Inconclusive"), (95.0, 97.0, "Fail"), (0, 0, "Fail")],
)
def test_a_percentile_held_against_stable(slow: float, beyond: float, verdict: str) -> None:
    found = weighed(AS_QUICK, candidate_requests=2000.0, stable_requests=3800.0, **latencies(slow, beyond))
    assert found.verdict == verdict
    assert (found.scale, found.limit) == ("relative", 0.25)


def test_what_is_proven_worse_by_less_than_half_the_margin_passes() -> None:
    """10 % worse without doubt, and no more: a margin of 50 % lets that through."""
    found = weighed(LIKE_STABLE, candidate_requests=2e5, stable_requests=2e5, **errors(4400.0, 4000.0))
    assert found.interval is not None
    assert found.interval[0] is not None
    assert found.interval[0] > 0.0
    assert found.verdict == "Pass"


def test_a_percentile_is_as_much_slower_as_its_counts_thin_out() -> None:
    """Pareto latencies of index 3, 10 % slower: the count above a threshold t is (1.1 / t) ** 3 times stable's."""
    slow, beyond = (100.0 - 1.0 * (1.1 / threshold) ** 3 for threshold in (1.0, 1.25))
    found = weighed(AS_QUICK, candidate_requests=1e6, stable_requests=1e6, **latencies(slow, beyond))
    assert found.difference == pytest.approx(0.1, abs=0.001)
    assert found.interval is not None
    low, high = found.interval
    assert low is not None
    assert high is not None
    assert 0.0 < low < 0.1 < high < 0.25


@pytest.mark.parametrize(("slow", "beyond", "verdict"), [(99.9, 99.5, "Pass"), (99.0, 95.0, "Fail")])
def test_a_percentile_that_should_be_lower_than_stables(slow: float, beyond: float, verdict: str) -> None:
    """``beyond`` now counts from a threshold below stable's percentile."""
    assert weighed(QUICKER, **EVEN, **latencies(slow, beyond)).verdict == verdict


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


def conversions(candidate: float, stable: float | None = None) -> Values:
    """Of 1000 recommendations a minute each."""
    one: Values = {"candidate_conversion": candidate, "candidate_conversion_of": 1000.0}
    return one if stable is None else one | {"stable_conversion": stable, "stable_conversion_of": 1000.0}


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


def test_the_candidate_is_probably_the_better_one_where_it_has_fewer_errors_or_more_in_the_basket() -> None:
    fewer, more = (weighed(FEWER, **EVEN, **errors(each_minute, 80.0)).best for each_minute in (60.0, 100.0))
    assert fewer is not None
    assert more is not None
    assert more < 0.01 < 0.99 < fewer
    traffic = {"candidate_requests": [2000.0] * 30, "stable_requests": [2000.0] * 30}
    for factor, low, high in ((1.02, 0.5, 1.0), (0.98, 0.0, 0.5)):
        values = [factor * value for value in swinging(30.0, 0.6)]
        stable = swinging(30.0, 0.6, first=-1)
        goal = {"metric": "basket", "better_by": "10%"}
        best = weighed(goal, **traffic, candidate_basket=values, stable_basket=stable).best
        assert best is not None
        assert low < best < high


def test_more_conversions_than_recommendations_are_judged_too() -> None:
    assert weighed(CONVERTS_MORE, **EVEN, **conversions(1200.0, 100.0)).verdict == "Pass"
    assert weighed(CONVERTS, **EVEN, **conversions(1200.0)).verdict == "Pass"


# ---------------------------------------------------------------- what is too little, or not there


@pytest.mark.parametrize(
    ("rule", "values", "verdict", "said"),
    [
        (MAX, {}, "Inconclusive", "The candidate served no request"),
        (MAX, {"candidate_requests": 0.0} | errors(0.0), "Inconclusive", "The candidate served no request"),
        (MAX, TRAFFIC, "Error", "CloudWatch has the server error rate for 0 of the 2000 requests"),
        (MAX, {"candidate_requests": 9.0}, "Inconclusive", "CloudWatch has no server error rate yet for the 90"),
        (MAX, {"candidate_requests": 200.0, "candidate_error_rate": [0.0] * 4}, "Error", "for 800 of the 2000"),
        (LIKE_STABLE, {"candidate_requests": 200.0} | errors(0.0), "Inconclusive", "Stable served no request"),
        (LIKE_STABLE, TRAFFIC | errors(0.0), "Error", "of both variants for 0 of the 2000"),
        (QUICK, TRAFFIC | {"candidate_p99_latency": 1.0}, "Error", "p99 latency for 0 of the 2000"),
        (QUICK, TRAFFIC | {"candidate_p99_latency_over": 100.0}, "Error", "p99 latency for 0 of the 2000"),
        (CONVERTS, {"candidate_requests": 200.0, "candidate_conversion": 200.0}, "Error", "conversion for 0 of the"),
    ],
)
def test_what_is_not_there_does_not_pass(rule: Rule, values: Values, verdict: str, said: str) -> None:
    found = weighed(rule, **values)
    assert found.verdict == verdict
    assert said in found.sentence
    assert (found.candidate, found.interval, found.limit) == (None, None, None)


@pytest.mark.parametrize("bound", [{"margin": "20%"}, {"better_by": "20%"}])
@pytest.mark.parametrize(
    ("metric", "silent", "who"), [("complaints", "candidate", "the candidate"), ("conversion", "stable", "stable")]
)
def test_a_metric_of_ones_own_that_is_not_there_for_one_variant_flatters_nobody(
    metric: str, silent: str, who: str, bound: Rule
) -> None:
    values: Values = {
        f"{each}_{metric}{of}": n for each in ("candidate", "stable") for of, n in (("", 50.0), ("_of", 1000.0))
    }
    del values[f"{silent}_{metric}"]
    found = weighed({"metric": metric, **bound}, **EVEN, **values)
    assert found.verdict == "Error"
    assert f"CloudWatch has no {metric} of {who} at all" in found.sentence
    assert weighed({"metric": metric, **bound}, **EVEN, **values, **{f"{silent}_{metric}": 0.0}).verdict == "Pass"


def test_a_metric_of_ones_own_that_is_missing_where_that_does_not_flatter_is_nothing() -> None:
    values = conversions(0.0, 100.0)
    del values["candidate_conversion"]
    assert weighed(CONVERTS_AS_WELL, **EVEN, **values).verdict == "Fail"


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


def test_a_rank_beyond_all_requests_is_all_of_them() -> None:
    there = latencies(100.0, 100.0) | {"candidate_p99_latency_beyond": 101.0}
    assert weighed(AS_QUICK, **EVEN, **there).verdict == "Pass"


@pytest.mark.parametrize(
    "missing", ["candidate_p99_latency_slow", "candidate_p99_latency_beyond", "stable_p99_latency_slow"]
)
def test_a_count_of_slow_requests_that_is_missing_is_not_none_of_them(missing: str) -> None:
    there = latencies(100.0, 100.0)
    assert weighed(AS_QUICK, **EVEN, **there).verdict == "Pass"
    assert (
        weighed(AS_QUICK, **EVEN, **{name: value for name, value in there.items() if name != missing}).verdict
        == "Error"
    )


def test_a_percentile_that_was_not_known_before_the_release_cannot_be_compared_with() -> None:
    found = weighed(AS_QUICK, known=False, **EVEN, candidate_p99_latency=1.0, stable_p99_latency=1.0)
    assert found.verdict == "Inconclusive"
    assert "was not known when the release was planned" in found.sentence


def test_periods_without_stable_are_left_out_of_a_comparison_and_count_for_a_limit() -> None:
    half = {"candidate_requests": 200.0, "stable_requests": [3800.0] * 5, "stable_error_rate": [76.0] * 5}
    compared = weighed(LIKE_STABLE, **half, candidate_error_rate=[4.0] * 5 + [200.0] * 5)
    assert (compared.verdict, compared.periods, compared.requests) == ("Inconclusive", 5, 2000)
    assert compared.candidate == pytest.approx(0.02)
    assert weighed(MAX, **half, candidate_error_rate=[4.0] * 5 + [200.0] * 5).verdict == "Fail"


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


@pytest.mark.parametrize("requests", [99.0, 100.0])
def test_fewer_requests_than_the_rule_wants_never_pass(requests: float) -> None:
    wide = {"metric": "error_rate", "max": "50%", "min_requests": 100}
    found = weighed(wide, candidate_requests=[requests], candidate_error_rate=[0.0])
    assert found.verdict == ("Pass" if requests >= 100 else "Inconclusive")
    assert found.needs == (None if requests >= 100 else {"requests": 9, "seconds": 5} | (found.needs or {}))


def test_but_a_few_that_fail_are_enough_to_fail() -> None:
    found = weighed(MAX, candidate_requests=[30.0], candidate_error_rate=[15.0])
    assert (found.verdict, found.requests) == ("Fail", 30)


def test_a_candidate_that_nearly_always_fails_fails() -> None:
    for failed in (57.0, 58.0, 59.0, 60.0):
        assert weighed(MAX, candidate_requests=[60.0], candidate_error_rate=[failed]).verdict == "Fail"


# ---------------------------------------------------------------- the numbers of a finding


def test_a_latency_is_told_by_the_requests_it_was_measured_on_and_a_mean_by_its_periods() -> None:
    requests = [900.0, 100.0]
    latency = weighed(
        QUICK, candidate_requests=requests, candidate_p99_latency=[1e5, 4e5], candidate_p99_latency_over=[100.0] * 2
    )
    assert latency.candidate == pytest.approx(130_000.0)
    assert weighed(CPU, candidate_requests=requests, candidate_cpu=[10.0, 40.0]).candidate == pytest.approx(25.0)


def test_the_interval_of_a_comparison_is_the_one_of_the_ratio_of_rates() -> None:
    found = weighed(LIKE_STABLE, **TRAFFIC, **errors(4.0, 76.0))
    rule = rule_of(LIKE_STABLE)
    estimate, low, high = ratio_bounds([Counts(4.0, 76.0, 200.0, 3800.0)] * 10, log(1.5), rule["alpha"], rule["beta"])
    assert found.difference == pytest.approx(exp(estimate) - 1)
    assert found.interval == pytest.approx((exp(low) - 1, exp(high) - 1))


def test_the_bounds_of_a_percentile_are_those_of_its_counts_by_how_fast_they_thin_out() -> None:
    """2 % above stable's percentile and 1 % above that and a quarter: half as many, so by log 2 over log 1.25."""
    found = weighed(AS_QUICK, **EVEN, **latencies(98.0, 99.0))
    rule, steep = rule_of(AS_QUICK), (log(40.05) - log(20.05)) / log(1.25)
    slow, beyond = ([Counts(hits, 20.0, 2000.0, 2000.0)] * 10 for hits in (40.0, 20.0))
    chances = TAIL_INDEX * log(1.25), rule["alpha"], rule["beta"]
    (estimate, low, _), (_, _, high) = ratio_bounds(slow, *chances), ratio_bounds(beyond, *chances)
    assert found.difference == pytest.approx(exp(estimate / steep) - 1.0)
    assert found.interval == pytest.approx((exp(low / steep) - 1.0, 1.25 * exp(high / steep) - 1.0))


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


def test_how_much_more_would_tell_grows_as_the_square_of_what_is_missing() -> None:
    found = weighed(MAX, **TRAFFIC, **errors(3.2))
    assert found.verdict == "Inconclusive"
    assert found.interval is not None
    assert found.candidate is not None
    high = found.interval[1]
    assert high is not None
    wider = (high - found.candidate) / (0.02 - found.candidate)
    assert found.needs == {"requests": round(2000 * (wider**2 - 1)), "seconds": round(600 * (wider**2 - 1))}
    assert weighed(MAX, **TRAFFIC, **errors(4.0)).needs is None  # on the limit, no amount tells
    enough = weighed(MAX, candidate_requests=10.0, **errors(0.0)).needs
    assert enough is not None
    assert enough["seconds"] == enough["requests"] * 6


def test_how_much_more_is_at_least_what_the_rule_wants() -> None:
    wide = {"metric": "error_rate", "max": "50%", "min_requests": 1000}
    assert weighed(wide, candidate_requests=10.0, **errors(0.0)).needs == {"requests": 900, "seconds": 5400}


# ---------------------------------------------------------------- properties

hits = some.lists(some.integers(0, 40), min_size=1, max_size=12)
COMPARED = [LIKE_STABLE, FEWER]


def of_minutes(candidate: list[int], stable: list[int], n: float = 200.0, m: float = 1000.0) -> Values:
    length = min(len(candidate), len(stable))
    return {
        "candidate_requests": [n] * length,
        "stable_requests": [m] * length,
        "candidate_error_rate": [float(value) for value in candidate[:length]],
        "stable_error_rate": [float(value) for value in stable[:length]],
    }


@given(hits, hits, some.sampled_from([MAX, *COMPARED]))
def test_the_estimate_lies_in_the_interval_and_the_interval_says_what_the_verdict_says(
    candidate: list[int], stable: list[int], rule: Rule
) -> None:
    found = weighed(rule, **of_minutes(candidate, stable))
    assert found.interval is not None
    low, high = found.interval
    middle = found.candidate if found.difference is None else found.difference
    assert middle is not None
    assert low is None or low <= middle + 1e-9
    assert high is None or high >= middle - 1e-9
    assert found.limit is not None
    if found.verdict == "Fail":
        assert (high is not None and high < found.limit) if rule is FEWER else (low is not None and low > 0.0)
    if found.verdict == "Pass" and rule is not LIKE_STABLE:
        assert (low is not None and low > 0.0) if rule is FEWER else (high is not None and high <= found.limit)
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["verdict"] == found.verdict


@pytest.mark.parametrize("stable", range(2, 60, 3))
def test_whichever_test_proves_it_the_interval_lies_below_the_margin(stable: int) -> None:
    """With few hits it is the anytime test, which the bounds are not made from."""
    rule = COMPLAINTS | {"margin": "900%"}
    per = {"candidate_complaints_of": 1e5, "stable_complaints_of": 1e5}
    found = weighed(rule, **EVEN, **per, candidate_complaints=0.0, stable_complaints=[float(stable)] + [0.0] * 9)
    assert found.interval is not None
    high = found.interval[1]
    assert (found.verdict == "Pass") == (high is not None and high < 9.0)


@given(hits, hits, some.sampled_from([MAX, LIKE_STABLE]), some.integers(0, 11), some.integers(1, 100))
def test_more_harm_never_makes_a_pass_of_a_fail(
    candidate: list[int], stable: list[int], rule: Rule, place: int, more: int
) -> None:
    before = weighed(rule, **of_minutes(candidate, stable))
    worse = list(candidate)
    worse[place % min(len(candidate), len(stable))] += more
    after = weighed(rule, **of_minutes(worse, stable))
    assert (before.verdict, after.verdict) != ("Fail", "Pass")
    assert (before.verdict, after.verdict) != ("Inconclusive", "Pass")


@given(hits, some.sampled_from([MAX, QUICK, CPU, CONVERTS, BASKET]), some.integers(1, 9))
def test_too_few_requests_never_pass(values: list[int], rule: Rule, each_minute: int) -> None:
    name = f"candidate_{rule['metric']}"
    series: Values = {name: [float(value) for value in values], f"{name}_over": 100.0, f"{name}_of": 1000.0}
    found = weighed(rule | {"min_requests": 109}, candidate_requests=[float(each_minute)] * 12, **series)
    assert found.verdict != "Pass"


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


@given(hits, hits)
def test_what_is_better_one_way_round_is_worse_the_other(one: list[int], other: list[int]) -> None:
    """Both variants with the same traffic, so that swapping their errors swaps their parts."""
    found = weighed(LIKE_STABLE, **of_minutes(one, other, 1000.0))
    swapped = weighed(LIKE_STABLE, **of_minutes(other, one, 1000.0))
    assert found.difference is not None
    assert swapped.difference is not None
    assert (1 + found.difference) * (1 + swapped.difference) == pytest.approx(1.0)
    assert {found.verdict, swapped.verdict} != {Verdict.FAIL}


def test_the_rules_that_compare_are_those_with_a_margin() -> None:
    assert COMPARING == ("margin", "better_by")
    assert {rule_of(rule)["bound"] for rule in (LIKE_STABLE, FEWER)} == set(COMPARING)
