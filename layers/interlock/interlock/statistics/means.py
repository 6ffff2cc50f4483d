"""Bounds of the mean of a series whose variance is unknown. They hold at every look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import inf, sqrt

from interlock.statistics.distributions import normal_tail, student_quantile
from interlock.statistics.sequential import ANYTIME_SHARE, FEWEST_BLOCKS, LATER, Patient

BETWEEN_LOOKS = 0.4
"""Standard deviations of a value by which the patient bound for means is lowered: the bound is made for a continuous
path, and a path that is seen only at each value passes it less often (Siegmund 1979: 0.583; the rest is left for the
unknown variance)."""


@dataclass(frozen=True)
class MeanBounds:
    """Where the mean of a series lies. ``error``: its standard error; ``blocks``: how many independent values it was
    computed from."""

    mean: float
    low: float
    high: float
    error: float
    blocks: int


def mean_bounds(points: Sequence[float], horizon: float, alpha: float, beta: float) -> MeanBounds:
    """The mean of ``points`` with a lower and an upper bound, wrong with chance ``alpha`` and ``beta`` over all looks
    together. ``horizon``: how many points are planned.

    The points should be independent and roughly normal. If neighbours are alike, the means of blocks that are not alike
    are used instead (batch means), with wider bounds where there are too few blocks. The bounds are infinite while
    there are few points and all are the same, as these say nothing about the variance. What was proven at the end of a
    horizon stays proven as long as the mean does not leave the bounds.
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
    Lai 1976), and holds for decisions that use only the t. It is infinite for so few values that no t proves anything.
    """
    spread = 1.0 + n
    ratio = (sqrt(spread) / alpha) ** (2.0 / n)
    return sqrt((n - 1) * (ratio - 1.0) / (1.0 - ratio / spread)) if ratio < spread else inf


SMALLEST_CHANCE = 1e-100
"""For a smaller chance the t counts as infinite: no mean of so few values will ever be as far out."""


def patient_t(n: int, horizon: float, alpha: float) -> float:
    """The t at which the patient test rejects after ``n`` values: its normal bound, read as a t of the same chance
    (the significance-level approach of Jennison and Turnbull 2000, 3.8)."""
    tail = normal_tail(Patient(alpha, horizon).limit(n) - BETWEEN_LOOKS / sqrt(n))
    return student_quantile(tail, n - 1) if tail > SMALLEST_CHANCE else inf


BY_CHANCE = 1.28
"""Standard errors by which neighbours may be alike and still count as independent; one independent series in ten is
beyond it."""

MOST_ALIKE = 0.98
"""The largest correlation of neighbours that is allowed for."""


def independent_blocks(points: Sequence[float]) -> tuple[list[float], int, float]:
    """``(blocks, size, correlation)``: ``points`` themselves, or the means of the smallest blocks of 2, 4, 8 … points
    whose neighbours are not alike; the points per block; and the correlation of neighbours that is left where larger
    blocks would be too few (one standard error above what was seen; it multiplies the variance of the mean by
    (1 + correlation) / (1 - correlation))."""
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
