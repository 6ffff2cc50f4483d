from __future__ import annotations

from math import exp, sqrt

import pytest
from scipy import integrate, stats

from interlock.statistics.sequential import (
    LATER,
    LATER_SHARE,
    POWER,
    Patient,
    crossing,
    deviations,
    information_to_find,
)

ALPHA = 0.025


def test_the_bounds_of_all_horizons_together_spend_the_chance_of_a_false_alarm() -> None:
    spent = [2.0 * stats.norm.sf(deviations(ALPHA, later)) for later in range(60)]
    assert spent[0] == pytest.approx(ALPHA * (1.0 - LATER_SHARE), rel=1e-9)
    assert sum(spent) == pytest.approx(ALPHA, rel=1e-9)


def test_a_release_that_ends_in_time_pays_little_for_what_may_come_after() -> None:
    """Most releases end by their horizon. What is kept for later must not make them longer: the data needed grow with
    the square of the bound."""
    assert (deviations(0.05) / float(stats.norm.isf(0.025))) ** 2 < 1.02


@pytest.mark.parametrize("information", [1.0, 10.0, 99.9, 100.0])
def test_up_to_the_horizon_the_sum_of_scores_has_one_bound(information: float) -> None:
    bound = Patient(ALPHA, 100.0).limit(information) * sqrt(information)
    assert bound == pytest.approx(stats.norm.isf(ALPHA * (1.0 - LATER_SHARE) / 2.0) * 10.0, rel=1e-9)


@pytest.mark.parametrize(("information", "later"), [(100.1, 1), (200.0, 1), (200.1, 2), (400.0, 2), (401.0, 3)])
def test_after_it_there_are_later_horizons(information: float, later: int) -> None:
    bound = Patient(ALPHA, 100.0).limit(information) * sqrt(information)
    assert LATER == 2.0
    assert bound == pytest.approx(deviations(ALPHA, later) * 10.0 * sqrt(2.0) ** later, rel=1e-9)


def test_a_skewed_sum_needs_what_cornish_and_fisher_say_of_its_tail() -> None:
    """A Poisson sum of mean 100 has a skewness of 0.1."""
    usual, skewed = (Patient(ALPHA, 100.0).limit(100.0, skewness) for skewness in (0.0, 1.0))
    assert skewed - usual == pytest.approx(0.1 * (usual**2 - 1.0) / 6.0, rel=1e-9)
    exact = stats.gamma(100.0)  # continuous, of the same mean and variance, with twice the skewness
    expected = (exact.isf(stats.norm.sf(usual)) - 100.0) / 10.0
    assert Patient(ALPHA, 100.0).limit(100.0, 2.0) == pytest.approx(expected, rel=0.02)
    assert Patient(ALPHA, 100.0).limit(100.0, -1.0) == usual


@pytest.mark.parametrize(("bound", "drift"), [(2.0, 0.0), (2.5, 1.0), (2.5, 3.0), (1.0, -1.0), (3.0, 5.0)])
def test_the_chance_of_crossing_is_the_integral_of_the_density_of_the_first_passage(bound: float, drift: float) -> None:
    """The inverse Gaussian density (Schrödinger 1915)."""

    def first_passage(time: float) -> float:
        return bound / sqrt(2.0 * 3.141592653589793 * time**3) * exp(-((bound - drift * time) ** 2) / (2.0 * time))

    assert crossing(bound, drift) == pytest.approx(integrate.quad(first_passage, 0.0, 1.0, epsrel=1e-12)[0], rel=1e-9)


def test_a_drift_that_nothing_could_hold_back_crosses() -> None:
    assert crossing(3.0, 60.0) == pytest.approx(1.0)


@pytest.mark.parametrize(("effect", "alpha"), [(0.1, 0.05), (0.4, 0.01), (1.0, 0.05)])
def test_the_horizon_is_where_the_effect_is_found_with_the_power(effect: float, alpha: float) -> None:
    found = information_to_find(effect, alpha)
    assert POWER == 0.8  # the usual one: four of five bad candidates are found by the horizon
    assert crossing(deviations(alpha), effect * sqrt(found)) == pytest.approx(POWER, abs=1e-9)
    assert found * effect**2 == pytest.approx(information_to_find(1.0, alpha))
