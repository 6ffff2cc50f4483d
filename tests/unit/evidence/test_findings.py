from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.evidence.findings import Verdict
from tests.unit.evidence.weighed import (
    BASKET,
    CONVERTS,
    CONVERTS_AS_WELL,
    CPU,
    EVEN,
    FEWER,
    LIKE_STABLE,
    MAX,
    QUICK,
    TRAFFIC,
    Rule,
    Values,
    conversions,
    errors,
    of_minutes,
    weighed,
)


def test_what_is_proven_worse_by_less_than_half_the_margin_passes() -> None:
    """10 % worse without doubt, and no more: a margin of 50 % lets that through."""
    found = weighed(LIKE_STABLE, candidate_requests=2e5, stable_requests=2e5, **errors(4400.0, 4000.0))
    assert found.interval is not None
    assert found.interval[0] is not None
    assert found.interval[0] > 0.0
    assert found.verdict == "Pass"


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


def test_periods_without_stable_are_left_out_of_a_comparison_and_count_for_a_limit() -> None:
    half = {"candidate_requests": 200.0, "stable_requests": [3800.0] * 5, "stable_error_rate": [76.0] * 5}
    compared = weighed(LIKE_STABLE, **half, candidate_error_rate=[4.0] * 5 + [200.0] * 5)
    assert (compared.verdict, compared.periods, compared.requests) == ("Inconclusive", 5, 2000)
    assert compared.candidate == pytest.approx(0.02)
    assert weighed(MAX, **half, candidate_error_rate=[4.0] * 5 + [200.0] * 5).verdict == "Fail"


@pytest.mark.parametrize("requests", [99.0, 100.0])
def test_fewer_requests_than_the_rule_wants_never_pass(requests: float) -> None:
    wide = {"metric": "error_rate", "max": "50%", "min_requests": 100}
    found = weighed(wide, candidate_requests=[requests], candidate_error_rate=[0.0])
    assert found.verdict == ("Pass" if requests >= 100 else "Inconclusive")
    assert found.needs == (None if requests >= 100 else {"requests": 9, "seconds": 5} | (found.needs or {}))


def test_but_a_few_that_fail_are_enough_to_fail() -> None:
    found = weighed(MAX, candidate_requests=[30.0], candidate_error_rate=[15.0])
    assert (found.verdict, found.requests) == ("Fail", 30)


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


hits = some.lists(some.integers(0, 40), min_size=1, max_size=12)
COMPARED = [LIKE_STABLE, FEWER]


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


@given(hits, hits)
def test_what_is_better_one_way_round_is_worse_the_other(one: list[int], other: list[int]) -> None:
    """Both variants with the same traffic, so that swapping their errors swaps their parts."""
    found = weighed(LIKE_STABLE, **of_minutes(one, other, 1000.0))
    swapped = weighed(LIKE_STABLE, **of_minutes(other, one, 1000.0))
    assert found.difference is not None
    assert swapped.difference is not None
    assert (1 + found.difference) * (1 + swapped.difference) == pytest.approx(1.0)
    assert {found.verdict, swapped.verdict} != {Verdict.FAIL}
