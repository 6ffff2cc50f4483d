"""What others decide by, as they describe it, on all simulated releases at once.

Each takes grids of releases by minutes, and each is asked only whether the candidate is *worse*.
"""

from __future__ import annotations

from functools import cache
from math import floor, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bench.evidence.traffic import Grid, Traffic
from interlock.statistics.distributions import student_quantile

Flags = NDArray[np.bool_]

RATES = ("error_rate", "client_error_rate", "model_error_rate")

BREACHING, OF = 3, 5
"""Datapoints that must breach, of so many, before a CloudWatch alarm is raised."""

PEEKED = 0.05
"""Level of the test that is looked at again and again."""

CONFIDENCE, TOLERANCE = 0.98, 0.25
"""Of Kayenta's judge (NetflixACAJudge)."""


def points(traffic: Traffic, metric: str) -> tuple[Grid, Grid]:
    """The metric of candidate and stable in each minute; not a number where a variant had no request."""
    pair = []
    for role in ("candidate", "stable"):
        found, served = traffic.columns[f"{role}_{metric}"], traffic.columns[f"{role}_requests"]
        with np.errstate(divide="ignore", invalid="ignore"):
            pair.append(found / served if metric in RATES else np.where(served > 0, found, np.nan))
    return pair[0], pair[1]


def first(flags: Flags) -> Grid:
    """The minute (from 1) at which each release is first flagged, infinite if never."""
    return np.where(flags.any(axis=1), flags.argmax(axis=1) + 1.0, np.inf)


def ever(flags: Flags) -> Flags:
    """Whether each release is flagged at any minute."""
    return np.asarray(flags.any(axis=1))


def threshold(traffic: Traffic, metric: str, margin: float) -> Flags:
    """An alarm on BREACHING of OF minutes above stable's true level plus the margin, evaluated each minute. A minute
    without data does not breach."""
    breaches = np.nan_to_num(points(traffic, metric)[0]) > traffic.levels[metric] * (1.0 + margin)
    total = np.cumsum(breaches, axis=1)
    before = np.concatenate([np.zeros((total.shape[0], OF), dtype=total.dtype), total[:, :-OF]], axis=1)
    return np.asarray(total - before[:, : total.shape[1]] >= BREACHING)


def peeked(traffic: Traffic, metric: str) -> Flags:
    """A one-sided test of all data so far at PEEKED, for each minute: of two proportions for a rate, Student's for
    the values of minutes."""
    return _proportions(traffic, metric) if metric in RATES else _student(traffic, metric)


def _proportions(traffic: Traffic, metric: str) -> Flags:
    hits, served = (
        [np.cumsum(traffic.columns[f"{role}_{name}"], axis=1) for role in ("candidate", "stable")]
        for name in (metric, "requests")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (hits[0] + hits[1]) / (served[0] + served[1])
        spread = np.sqrt(pooled * (1.0 - pooled) * (1.0 / served[0] + 1.0 / served[1]))
        z = (hits[0] / served[0] - hits[1] / served[1]) / spread
    return np.nan_to_num(z) > NormalDist().inv_cdf(1.0 - PEEKED)


def _student(traffic: Traffic, metric: str) -> Flags:
    candidate, stable = points(traffic, metric)
    n = np.arange(1, candidate.shape[1] + 1)
    sums = [np.cumsum(each, axis=1) for each in (candidate, stable)]
    squares = [np.cumsum(each**2, axis=1) - total**2 / n for each, total in zip((candidate, stable), sums, strict=True)]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (sums[0] - sums[1]) / n / np.sqrt((squares[0] + squares[1]) / (2 * n - 2) * 2.0 / n)
    needed = np.array([np.inf, *(_t_needed(2 * int(count) - 2) for count in n[1:])])
    return np.nan_to_num(t) > needed


@cache
def _t_needed(freedom: int) -> float:
    return student_quantile(PEEKED, freedom)


def kayenta(traffic: Traffic, metric: str) -> Flags:
    """Whether Kayenta's judge calls the metric High, for each release, from all its minutes, once.

    The Mann-Whitney confidence interval of the shift (normal approximation, corrected for continuity and for ties)
    must lie above TOLERANCE times the shift as estimated. Its ends are sought between the least and the most that the
    samples differ (spinnaker/kayenta: MannWhitney.scala, MannWhitneyClassifier.scala).
    """
    candidate, stable = points(traffic, metric)
    return np.array([_high(x[~np.isnan(x)], y[~np.isnan(y)]) for x, y in zip(candidate, stable, strict=True)])


def _high(x: Grid, y: Grid) -> bool:
    low, estimate = shift(x, y)
    return low > TOLERANCE * abs(estimate)


def shift(x: Grid, y: Grid) -> tuple[float, float]:
    """The lower end of the interval of how far ``x`` lies above ``y``, and the estimate (Hodges and Lehmann 1963).

    As ``x`` is moved down, the number of pairs in which it is still the larger one falls; the end is where that number
    is just no longer too many to be chance.
    """
    if not x.size or not y.size or np.unique(np.concatenate([x, y])).size == 1:
        return 0.0, 0.0
    pairs, both = x.size * y.size, x.size + y.size
    repeats = np.concatenate([np.unique(each, return_counts=True)[1] for each in (x, y)]).astype(float)
    spread = sqrt(pairs / 12.0 * (both + 1.0 - (repeats**3 - repeats).sum() / (both * (both - 1.0))))
    by_chance = pairs / 2.0 + 0.5 + NormalDist().inv_cdf((1.0 + CONFIDENCE) / 2.0) * spread
    place = min(max(pairs - floor(by_chance), 1), pairs) - 1
    middle = pairs // 2
    ordered = np.partition(np.subtract.outer(x, y).ravel(), sorted({place, middle, (pairs - 1) // 2}))
    return float(ordered[place]), float(ordered[middle] + ordered[(pairs - 1) // 2]) / 2.0


def sprt(gains: Grid, alpha: float = 0.05, beta: float = 0.05) -> Grid:
    """The minute at which Wald's sequential probability ratio test decides for the difference; infinite where it
    decides against it, or not in time. ``gains``: the log-likelihood ratios of the minutes."""
    total = np.cumsum(gains, axis=1)
    found, cleared = first(total >= log((1.0 - beta) / alpha)), first(total <= log(beta / (1.0 - alpha)))
    return np.where(found < cleared, found, np.inf)


def gains_of_hits(traffic: Traffic, metric: str, rate: float, worse: float) -> Grid:
    """For one who knows both rates: what the candidate's hits alone say."""
    hits, misses = _hits(traffic, "candidate", metric)
    return hits * log(worse / rate) + misses * log((1.0 - worse) / (1.0 - rate))


def gains_of_share(traffic: Traffic, metric: str, ratio: float) -> Grid:
    """For one who knows only by what ratio the rates may differ: what the candidate's part of the hits says."""
    hits, others = _hits(traffic, "candidate", metric)[0], _hits(traffic, "stable", metric)[0]
    candidate, stable = traffic.columns["candidate_requests"], traffic.columns["stable_requests"]
    share, worse = candidate / (candidate + stable), ratio * candidate / (ratio * candidate + stable)
    return np.nan_to_num(hits * np.log(worse / share) + others * np.log((1.0 - worse) / (1.0 - share)))


def _hits(traffic: Traffic, role: str, metric: str) -> tuple[Grid, Grid]:
    """Errors, or slow requests, and the others."""
    served = traffic.columns[f"{role}_requests"]
    if metric in RATES:
        hits = traffic.columns[f"{role}_{metric}"]
    else:
        hits = np.round(served * (1.0 - traffic.columns[f"{role}_{metric}_slow"] / 100.0))
    return hits, served - hits


def gains_of_values(found: Grid, worse: float, deviation: float, level: float = 0.0) -> Grid:
    """For one who knows the deviation of normal ``found``, and that their mean is ``level`` or ``worse``."""
    return (found - (worse + level) / 2.0) * (worse - level) / deviation**2
