"""Means of a series whose variance is not known, sure at whatever moment somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import inf, sqrt

from interlock.statistics.distributions import normal_tail, student_quantile
from interlock.statistics.sequential import ANYTIME_SHARE, FEWEST_BLOCKS, LATER, Patient

BETWEEN_LOOKS = 0.4
"""Standard deviations of a value by which the patient bound for means lies lower: a bound for a continuous path is
passed less often by one that is seen only at each value (Siegmund 1979: 0.583; the rest is left for a variance that is
not known)."""


@dataclass(frozen=True)
class MeanBounds:
    """Where the mean of a series lies. ``error``: the standard error of the mean; ``blocks``: how many independent
    values it was told from."""

    mean: float
    low: float
    high: float
    error: float
    blocks: int


def mean_bounds(points: Sequence[float], horizon: float, alpha: float, beta: float) -> MeanBounds:
    """The lower bound (wrong with chance ``alpha`` at all looks together) and the upper one (``beta``) of the mean of
    ``points``; ``horizon`` is how many points are planned.

    For points that are independent and roughly normal. A series whose neighbours are alike is judged by the means of
    blocks that are not (batch means), and with wider bounds where there are too few of those. They are infinite while
    a few points are all the same, which says nothing of how far others may lie. What was proven at the end of a
    horizon stays so, as long as the mean itself does not leave the bounds.
    """
    found = _mean_bounds(points, horizon, alpha, beta)
    end = horizon
    while end < len(points):
        then = _mean_bounds(points[: int(end)], horizon, alpha, beta)
        low, high = min(then.low, found.mean), max(then.high, found.mean)
        found = replace(found, low=max(found.low, low), high=min(found.high, high))
        end *= LATER
    return found


def _mean_bounds(points: Sequence[float], horizon: float, alpha: float, beta: float) -> MeanBounds:
    mean = sum(points) / len(points) if points else 0.0
    if len(points) < 3 or (max(points) == min(points) and len(points) < FEWEST_BLOCKS):
        return MeanBounds(mean, -inf, inf, inf, len(points))
    blocks, size, alike = independent_blocks(points)
    n, middle = len(blocks), sum(blocks) / len(blocks)
    variance = sum([(block - middle) ** 2 for block in blocks]) / (n - 1)
    error = sqrt(variance / n * (1.0 + alike) / (1.0 - alike))
    down, up = (_t_needed(n, max(horizon / size, 1.0), chance) * error for chance in (alpha, beta))
    return MeanBounds(middle, middle - down, middle + up, error, n)


@cache
def _t_needed(n: int, horizon: float, alpha: float) -> float:
    """The t that ``n`` values must reach to disprove a mean: by the anytime test or, if sooner, by the patient one."""
    return min(anytime_t(n, alpha * ANYTIME_SHARE), patient_t(n, horizon, alpha * (1.0 - ANYTIME_SHARE)))


def anytime_t(n: int, alpha: float) -> float:
    """The t at which a test martingale for a mean of unknown variance reaches 1/alpha.

    It bets on effects drawn from a standard normal distribution, in standard deviations (Wang and Ramdas 2025, after
    Lai 1976), and holds for whoever decides on the t alone. Infinite for so few values that no t could prove anything.
    """
    spread = 1.0 + n
    ratio = (sqrt(spread) / alpha) ** (2.0 / n)
    return sqrt((n - 1) * (ratio - 1.0) / (1.0 - ratio / spread)) if ratio < spread else inf


SMALLEST_CHANCE = 1e-100
"""No mean of so few values will ever be as far out."""


def patient_t(n: int, horizon: float, alpha: float) -> float:
    """The t at which the patient test rejects after ``n`` values: its normal bound, read as a t of the same chance
    (the significance-level approach of Jennison and Turnbull 2000, 3.8)."""
    tail = normal_tail(Patient(alpha, horizon).limit(n) - BETWEEN_LOOKS / sqrt(n))
    return student_quantile(tail, n - 1) if tail > SMALLEST_CHANCE else inf


BY_CHANCE = 1.28
"""Standard errors by which neighbours may be alike and still be taken for independent: one series in ten is more."""

MOST_ALIKE = 0.98
"""The largest correlation of neighbours that is allowed for."""


def independent_blocks(points: Sequence[float]) -> tuple[list[float], int, float]:
    """``points``, or the means of the smallest blocks of 2, 4, 8 … of them whose neighbours are not alike; the size of
    a block; and how alike neighbours may still be, where blocks of that kind would be too few (as a correlation, one
    standard error above what was seen; the variance of a mean grows by (1 + it) / (1 - it))."""
    size, blocks = 1, list(points)
    while True:
        seen = neighbours(blocks) + 1.0 / len(blocks)
        slack = 1.0 / sqrt(len(blocks))
        if seen <= (BY_CHANCE * slack if size == 1 else 0.0):
            return blocks, size, 0.0
        if len(points) // (size * 2) < FEWEST_BLOCKS:
            return blocks, size, min(seen + slack, MOST_ALIKE)
        size *= 2
        newest = points[len(points) % size :]
        blocks = [sum(newest[at : at + size]) / size for at in range(0, len(newest), size)]


def neighbours(values: Sequence[float]) -> float:
    """The correlation of neighbouring values (lag 1; Box and Jenkins 1970); 0 when they do not vary."""
    mean = sum(values) / len(values)
    apart = [value - mean for value in values]
    squares = sum(value * value for value in apart)
    return sum(one * other for one, other in pairwise(apart)) / squares if squares > 0.0 else 0.0
