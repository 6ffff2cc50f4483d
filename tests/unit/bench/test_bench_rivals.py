"""The rivals of the bench decide as they are described: held against scipy, or against their definition."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest
from scipy import stats

from bench.evidence import rivals
from bench.evidence.traffic import Grid, Traffic, errors, normal_values, split


def chance(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def of_rates(candidate: list[float], served: float = 100.0) -> Traffic:
    """One release with so many errors of the candidate in each minute, and as many requests to both."""
    hits, requests = np.array([candidate]), np.full((1, len(candidate)), served)
    columns = {"candidate_requests": requests, "stable_requests": requests, "candidate_error_rate": hits}
    return Traffic(columns | {"stable_error_rate": np.ones_like(hits)}, {"error_rate": 0.01})


@pytest.mark.parametrize(
    ("hits", "alarm"),
    [
        ([3, 3, 3, 0, 0, 0], [False, False, True, True, True, False]),
        ([3, 0, 3, 0, 3, 0], [False, False, False, False, True, False]),
        ([3, 0, 0, 3, 0, 3], [False, False, False, False, False, False]),
        ([2, 2, 2, 2, 2, 2], [False] * 6),
    ],
)
def test_an_alarm_takes_three_of_five_minutes_above_its_limit(hits: list[float], alarm: list[bool]) -> None:
    assert rivals.threshold(of_rates(hits), "error_rate", 1.0).tolist() == [alarm]


def test_a_minute_without_requests_does_not_breach() -> None:
    assert not rivals.threshold(of_rates([0.0] * 6, served=0.0), "error_rate", 1.0).any()


def test_the_peeked_test_of_means_is_students_at_each_look() -> None:
    traffic = normal_values(chance(), split(chance(), 50, 12), ratio=1.1)
    candidate, stable = rivals.points(traffic, "mean_latency")
    flagged = rivals.peeked(traffic, "mean_latency")
    assert not flagged[:, 0].any()
    for look in range(2, 13):
        p = stats.ttest_ind(candidate[:, :look], stable[:, :look], axis=1, alternative="greater").pvalue
        assert flagged[:, look - 1].tolist() == (p < 0.05).tolist()


def test_the_peeked_test_of_rates_is_the_pooled_one_of_two_proportions() -> None:
    traffic = errors(chance(), split(chance(), 50, 5), 0.01, 1.5)
    flagged = rivals.peeked(traffic, "error_rate")
    for run in range(50):
        hits, served = (
            [traffic.columns[f"{role}_{name}"][run].sum() for role in ("candidate", "stable")]
            for name in ("error_rate", "requests")
        )
        squared = stats.chi2_contingency(
            [hits, [n - k for k, n in zip(hits, served, strict=True)]], correction=False
        ).statistic
        worse = hits[0] / served[0] > hits[1] / served[1]
        assert flagged[run, -1] == (worse and sqrt(squared) > stats.norm.isf(0.05))


def standardised(x: Grid, y: Grid, moved: float) -> float:
    """The Mann-Whitney statistic of ``x`` moved down, corrected for continuity and ties (wilcox.test of R)."""
    ranks = stats.rankdata(np.concatenate([x - moved, y]))
    apart = ranks[: x.size].sum() - x.size * (x.size + 1) / 2 - x.size * y.size / 2
    both, ties = x.size + y.size, np.unique(ranks, return_counts=True)[1]
    spread = sqrt(x.size * y.size / 12 * (both + 1 - (ties**3 - ties).sum() / (both * (both - 1))))
    return float((apart - np.sign(apart) * 0.5) / spread)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("whole", [False, True])
def test_the_interval_of_the_shift_ends_where_the_moved_samples_stop_differing(seed: int, whole: bool) -> None:
    x, y = chance(seed).normal(1.2, 1.0, 30), chance(seed + 100).normal(0.0, 1.0, 25)
    if whole:
        x, y = np.round(2 * x), np.round(2 * y)
    low, estimate = rivals.shift(x, y)
    critical, step = stats.norm.ppf(0.99), 1e-6
    assert standardised(x, y, low - step) > critical >= standardised(x, y, low + step)
    assert standardised(x, y, estimate - step) >= 0 >= standardised(x, y, estimate + step)
    assert estimate == np.median(np.subtract.outer(x, y))


def test_the_interval_does_not_leave_the_differences_of_the_samples() -> None:
    x, y = np.array([2.0, 3.0]), np.array([0.0, 0.5])
    assert rivals.shift(x, y)[0] == x.min() - y.max()


@pytest.mark.parametrize(("minutes", "least", "most"), [(5, 0.01, 0.04), (20, 0.15, 0.23), (60, 0.77, 0.87)])
def test_kayentas_rule_rarely_sees_a_slow_down_in_few_points(minutes: int, least: float, most: float) -> None:
    traffic = normal_values(chance(), split(chance(), 1000, minutes), ratio=1.15)
    assert least < rivals.kayenta(traffic, "mean_latency").mean() < most


def test_kayentas_rule_on_two_points_is_the_coin_it_is() -> None:
    traffic = normal_values(chance(), split(chance(), 4000, 2))
    assert 0.11 < rivals.kayenta(traffic, "mean_latency").mean() < 0.17


def test_samples_that_are_all_the_same_are_not_high() -> None:
    assert rivals.shift(np.zeros(5), np.zeros(5)) == (0.0, 0.0)


def test_walds_test_keeps_its_errors_and_takes_as_long_as_he_says() -> None:
    size = 0.4
    null, harm = (chance().normal(mean, 1.0, (4000, 300)) for mean in (0.0, size))
    assert np.isfinite(rivals.sprt(rivals.gains_of_values(null, size, 1.0))).mean() <= 0.05
    found = rivals.sprt(rivals.gains_of_values(harm, size, 1.0))
    assert np.isfinite(found).mean() >= 0.95
    expected = (0.95 * log(19) - 0.05 * log(19)) / (size**2 / 2)
    assert expected < found[np.isfinite(found)].mean() < 1.25 * expected


def test_the_gains_of_wald_are_log_likelihood_ratios() -> None:
    traffic = errors(chance(), split(chance(), 1, 4), 0.01, 2.0)
    hits, others, served, rest = (
        traffic.columns[name][0]
        for name in ("candidate_error_rate", "stable_error_rate", "candidate_requests", "stable_requests")
    )
    known = stats.binom.logpmf(hits, served, 0.02) - stats.binom.logpmf(hits, served, 0.01)
    assert rivals.gains_of_hits(traffic, "error_rate", 0.01, 0.02)[0] == pytest.approx(known, abs=1e-9)
    share, worse = served / (served + rest), 2 * served / (2 * served + rest)
    compared = stats.binom.logpmf(hits, hits + others, worse) - stats.binom.logpmf(hits, hits + others, share)
    assert rivals.gains_of_share(traffic, "error_rate", 2.0)[0] == pytest.approx(compared, abs=1e-9)
