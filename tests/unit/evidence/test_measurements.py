from __future__ import annotations

import pytest

from interlock.evidence.judge import read_series
from interlock.evidence.measurements import Seen, average, whole_periods
from tests.unit.evidence.weighed import CONVERTS_AS_WELL, LIKE_STABLE, MAX, Rule, Values, rule_of
from tests.unit.examples import answered, minute

TRAFFIC: Values = {"candidate_requests": [100.0, 300.0, 0.0], "stable_requests": [300.0, 100.0, 50.0]}


def seen(written: Rule, *needed: str, **values: list[float]) -> Seen:
    return Seen(rule_of(written), read_series(answered(**values)), needed)


@pytest.mark.parametrize(
    ("period", "until", "whole"),
    [(60, "10:05:00.000", 2), (60, "10:05:59.999", 2), (60, "10:06:00.000", 3), (300, "10:09:59.000", 2)],
)
def test_a_period_counts_three_minutes_after_its_end(period: int, until: str, whole: int) -> None:
    series = read_series(answered(candidate_requests=[1.0] * 9, candidate_error_rate=[0.0] * 9))
    found = whole_periods(series, period, f"2026-01-05T{until}Z")
    assert [list(times) for times in found.values()] == [[minute(number) for number in range(whole)]] * 2


def test_a_limit_counts_a_period_by_its_requests() -> None:
    assert seen(MAX, **TRAFFIC, candidate_error_rate=[0.0] * 3).shared == [100.0, 300.0, 0.0]


def test_a_comparison_counts_a_period_the_same_for_both_variants() -> None:
    errors = {"candidate_error_rate": [0.0] * 3, "stable_error_rate": [0.0] * 3}
    assert seen(LIKE_STABLE, **TRAFFIC, **errors).shared == [75.0, 75.0, 0.0]


def test_a_period_counts_only_with_all_that_is_needed() -> None:
    errors: Values = {"candidate_error_rate": [1.0, 2.0, 3.0], "candidate_other": [1.0]}
    assert seen(MAX, **TRAFFIC, **errors).times == [minute(0), minute(1), minute(2)]
    some = seen(MAX, "candidate_other", **TRAFFIC, **errors)
    assert (some.times, some.measured, some.requests) == ([minute(0)], 100, 400)


def test_of_a_rate_of_the_teams_own_what_it_is_a_share_of_says_which_periods_count() -> None:
    own = {"candidate_conversion": [7.0], "candidate_conversion_of": [9.0, 8.0], "stable_conversion_of": [5.0, 6.0]}
    found = seen(CONVERTS_AS_WELL, **TRAFFIC, **own)
    assert (found.values("candidate"), found.weights("candidate")) == ([7.0, 0.0], [9.0, 8.0])
    assert (found.values("stable"), found.weights("stable")) == ([0.0, 0.0], [5.0, 6.0])


@pytest.mark.parametrize(("hits", "negative"), [(True, True), (False, False)])
def test_only_what_is_counted_must_not_be_negative(hits: bool, negative: bool) -> None:
    found = seen(MAX, **TRAFFIC, candidate_error_rate=[-1.0] * 3)
    assert found.negative(hits=hits) is negative


def test_an_average_of_nothing_is_none() -> None:
    assert average([1.0, 4.0], [2.0, 1.0]) == 2.0
    assert average([], []) is None
    assert average([1.0], [0.0]) is None
