from __future__ import annotations

from math import inf, sqrt
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from scipy import integrate, stats

from interlock.statistics.means import (
    BETWEEN_LOOKS,
    MOST_ALIKE,
    anytime_t,
    independent_blocks,
    mean_bounds,
    neighbours,
    patient_t,
)
from interlock.statistics.sequential import ANYTIME_SHARE, FEWEST_BLOCKS, Patient

ALPHA = 0.025


@pytest.mark.parametrize("n", [8, 12, 30, 120])
@pytest.mark.parametrize("alpha", [0.05, 0.002])
def test_the_anytime_t_is_where_a_mixture_of_noncentral_ts_explains_it_better(n: int, alpha: float) -> None:
    t = anytime_t(n, alpha)
    law = stats.nct

    def mixed(effect: float) -> float:
        return float(law.pdf(t, n - 1, sqrt(n) * effect) * stats.norm.pdf(effect))

    whole = integrate.quad(mixed, -10.0, 10.0, points=[0.0, t / sqrt(n)], epsabs=0.0, epsrel=1e-11, limit=200)[0]
    assert whole / stats.t.pdf(t, n - 1) == pytest.approx(1.0 / alpha, rel=1e-9)


def test_so_few_values_that_no_t_proves_anything() -> None:
    assert anytime_t(3, 0.01) == inf
    assert anytime_t(2, 0.5) == inf
    assert anytime_t(50, 0.01) < inf


@pytest.mark.parametrize(("n", "horizon"), [(3, 30), (10, 30), (30, 30), (31, 30), (500, 30)])
def test_the_patient_t_has_the_chance_of_its_normal_bound(n: int, horizon: float) -> None:
    limit = Patient(ALPHA, horizon).limit(n) - BETWEEN_LOOKS / sqrt(n)
    assert patient_t(n, horizon, ALPHA) == pytest.approx(stats.t.isf(stats.norm.sf(limit), n - 1), rel=1e-9)


@pytest.mark.parametrize("horizon", range(100, 900, 10))
def test_a_horizon_that_is_far_away_asks_for_more_than_any_t(horizon: int) -> None:
    assert patient_t(3, horizon, 0.001) > 1e20


def test_a_mean_lies_between_its_bounds_by_the_test_that_is_sooner() -> None:
    points = [10.0 + (-1.0) ** place * (place % 7) for place in range(30)]
    found = mean_bounds(points, 30.0, 0.05, 0.1)
    assert found.mean == pytest.approx(sum(points) / 30)
    assert found.error == pytest.approx(stats.sem(points), rel=1e-9)
    for wrong, bound in ((0.05, found.mean - found.low), (0.1, found.high - found.mean)):
        needed = min(
            anytime_t(30, wrong * ANYTIME_SHARE),
            patient_t(30, 30.0, wrong * (1.0 - ANYTIME_SHARE)),
        )
        assert bound == pytest.approx(needed * found.error, rel=1e-9)
    assert found.blocks == 30


def alternating(length: int, middle: float = 10.0) -> list[float]:
    return [middle + (-1.0) ** place * (1 + place % 7) for place in range(length)]


@pytest.mark.parametrize("end", [30, 120])
def test_what_was_proven_of_a_mean_at_the_end_of_a_horizon_stays_so(end: int) -> None:
    at_the_end, later = (mean_bounds(alternating(length), 30.0, 0.05, 0.1) for length in (end, end + 2))
    assert later.low >= at_the_end.low
    assert later.high <= at_the_end.high
    assert later.blocks == end + 2
    assert patient_t(end + 2, 30.0, 0.05) > 1.2 * patient_t(end, 30.0, 0.05)


def test_unless_the_mean_went_elsewhere() -> None:
    moved = mean_bounds(alternating(30) + alternating(60, middle=0.0), 30.0, 0.05, 0.1)
    assert mean_bounds(alternating(30), 30.0, 0.05, 0.1).low > moved.mean
    assert moved.low <= moved.mean <= moved.high


def test_early_on_a_plain_difference_is_the_anytime_tests() -> None:
    assert anytime_t(12, 0.05 * ANYTIME_SHARE) < patient_t(12, 300.0, 0.05 * (1.0 - ANYTIME_SHARE))
    assert anytime_t(300, 0.05 * ANYTIME_SHARE) > patient_t(300, 300.0, 0.05 * (1.0 - ANYTIME_SHARE))


@pytest.mark.parametrize(("points", "mean"), [([], 0.0), ([7.0], 7.0), ([7.0, 8.0], 7.5)])
def test_two_points_bound_nothing(points: list[float], mean: float) -> None:
    found = mean_bounds(points, 30.0, 0.05, 0.1)
    assert (found.mean, found.low, found.high, found.error) == (mean, -inf, inf, inf)


def test_a_few_equal_points_bound_nothing_and_many_are_what_they_are() -> None:
    """Three quiet minutes would else prove that nothing ever happens."""
    few, many = (mean_bounds([0.0] * n, 30.0, 0.05, 0.1) for n in (FEWEST_BLOCKS - 1, FEWEST_BLOCKS))
    assert (few.mean, few.low, few.high) == (0.0, -inf, inf)
    assert (many.low, many.high, many.error) == (0.0, 0.0, 0.0)


@given(some.lists(some.floats(-1e3, 1e3), min_size=3, max_size=40), some.floats(1e-3, 1e6), some.floats(-1e3, 1e3))
def test_bounds_of_a_mean_keep_their_place_when_the_unit_changes(points: list[float], unit: float, zero: float) -> None:
    assume(len(set(points)) > 1 and stats.sem(points) > 1e-3)
    found = mean_bounds(points, 12.0, 0.05, 0.1)
    assert found.low <= found.mean <= found.high
    moved = mean_bounds([unit * point + zero for point in points], 12.0, 0.05, 0.1)
    assume(moved.blocks == found.blocks)  # at the edge of being alike, rounding decides
    for before, after in ((found.low, moved.low), (found.high, moved.high)):
        assert after == pytest.approx(unit * before + zero, rel=1e-6, abs=1e-5 * max(unit, 1.0))


# ---------------------------------------------------------------- periods that are alike


def test_neighbours_are_compared_as_box_and_jenkins_do() -> None:
    values = [1.0, 2.0, 4.0, 3.0]  # apart from their mean: -1.5, -0.5, 1.5, 0.5
    assert neighbours(values) == pytest.approx((0.75 - 0.75 + 0.75) / 5.0)
    assert neighbours([2.0] * 5) == 0.0


def test_points_that_are_not_alike_are_left_as_they_are() -> None:
    chance = Random(1)
    points = [chance.gauss(0.0, 1.0) for _ in range(100)]
    assert independent_blocks(points) == (points, 1, 0.0)
    assert independent_blocks([1.0, 2.0, 3.0]) == ([1.0, 2.0, 3.0], 1, 0.0)


def test_points_that_go_in_pairs_are_judged_by_the_pair_and_the_newest_count() -> None:
    pairs = [7.0, 4.0, 4.0] * 7
    points = [pair for pair in pairs for _ in range(2)]
    assert independent_blocks(points) == (pytest.approx(pairs), 2, 0.0)
    assert independent_blocks([5.0, *points]) == (pytest.approx(pairs), 2, 0.0)


def test_a_horizon_in_points_is_one_in_blocks() -> None:
    pairs = [7.0, 4.0, 4.0] * 7
    by_point, by_pair = (
        mean_bounds([pair for pair in pairs for _ in range(2)], 80.0, 0.05, 0.1),
        mean_bounds(pairs, 40.0, 0.05, 0.1),
    )
    assert (by_point.low, by_point.high) == (pytest.approx(by_pair.low), pytest.approx(by_pair.high))


@pytest.mark.parametrize("length", [20, 60, 300])
def test_a_trend_is_as_alike_as_can_be_and_bounded_as_widely(length: int) -> None:
    trend = [float(place) for place in range(length)]
    blocks, _, alike = independent_blocks(trend)
    assert len(blocks) >= min(length, FEWEST_BLOCKS)
    assert alike > 0.8
    assert mean_bounds(trend, 300.0, 0.05, 0.1).low < 0.0


def test_how_alike_neighbours_may_be_is_one_standard_error_above_what_was_seen() -> None:
    points = [1.0, 2.0, 3.0, 4.0, 5.0]
    assert independent_blocks(points) == (points, 1, MOST_ALIKE)
    points = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    assert independent_blocks(points)[2] == pytest.approx(neighbours(points) + 1 / 12 + 1 / sqrt(12))


def test_a_series_that_wanders_is_told_from_fewer_blocks_with_wider_bounds() -> None:
    chance, wandering = Random(5), [0.0]
    for _ in range(400):
        wandering.append(0.9 * wandering[-1] + chance.gauss(0.0, 1.0))
    shuffled = [wandering[place * 149 % 401] for place in range(401)]
    alike, apart = (mean_bounds(points, 400.0, 0.05, 0.1) for points in (wandering, shuffled))
    assert alike.blocks <= 401 / 8
    assert apart.blocks == 401
    assert alike.high - alike.low > 2.0 * (apart.high - apart.low)
