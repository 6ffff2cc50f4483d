from __future__ import annotations

from math import exp, log

import pytest

from interlock.evidence.kinds.percentile import TAIL_INDEX
from interlock.statistics.rates import Counts, ratio_bounds
from tests.unit.evidence.weighed import AS_QUICK, EVEN, QUICK, QUICKER, TRAFFIC, errors, latencies, rule_of, weighed


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


@pytest.mark.parametrize(
    ("slow", "beyond", "verdict"),
    [(99.0, 99.8, "Pass"), (100.0, 100.0, "Pass"), (98.9, 99.1, "Inconclusive"), (95.0, 97.0, "Fail"), (0, 0, "Fail")],
)
def test_a_percentile_held_against_stable(slow: float, beyond: float, verdict: str) -> None:
    found = weighed(AS_QUICK, candidate_requests=2000.0, stable_requests=3800.0, **latencies(slow, beyond))
    assert found.verdict == verdict
    assert (found.scale, found.limit) == ("relative", 0.25)


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


def test_the_bounds_of_a_percentile_are_those_of_its_counts_by_how_fast_they_thin_out() -> None:
    """2 % above stable's percentile and 1 % above that and a quarter: half as many, so by log 2 over log 1.25."""
    found = weighed(AS_QUICK, **EVEN, **latencies(98.0, 99.0))
    rule, steep = rule_of(AS_QUICK), (log(40.05) - log(20.05)) / log(1.25)
    slow, beyond = ([Counts(hits, 20.0, 2000.0, 2000.0)] * 10 for hits in (40.0, 20.0))
    chances = TAIL_INDEX * log(1.25), rule["alpha"], rule["beta"]
    (estimate, low, _), (_, _, high) = ratio_bounds(slow, *chances), ratio_bounds(beyond, *chances)
    assert found.difference == pytest.approx(exp(estimate / steep) - 1.0)
    assert found.interval == pytest.approx((exp(low / steep) - 1.0, 1.25 * exp(high / steep) - 1.0))


def test_a_percentile_is_weighted_by_the_requests_it_was_measured_on() -> None:
    values = {"candidate_p99_latency": [1e5, 4e5], "candidate_p99_latency_over": [100.0] * 2}
    assert weighed(QUICK, candidate_requests=[900.0, 100.0], **values).candidate == pytest.approx(130_000.0)
