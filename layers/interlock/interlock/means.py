"""Means of a series whose variance is not known, sure at whatever moment somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, sqrt

from interlock.distributions import normal_tail, student_quantile
from interlock.sequential import ANYTIME_SHARE, FEWEST_BLOCKS, LATER, Patient

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
    blocks that are not (batch means); without enough blocks the bounds are infinite. So they are while a few points
    are all the same, which says nothing of how far others may lie. What was proven at the end of a horizon stays so,
    as long as the mean itself does not leave the bounds.
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
    blocks, size = independent_blocks(points)
    if len(blocks) < 3:
        return MeanBounds(mean, -inf, inf, inf, len(blocks))
    n, middle = len(blocks), sum(blocks) / len(blocks)
    error = sqrt(sum((block - middle) ** 2 for block in blocks) / (n - 1) / n)
    if max(blocks) == min(blocks) and n < FEWEST_BLOCKS:
        return MeanBounds(middle, -inf, inf, inf, n)
    down, up = (_t_needed(n, max(horizon / size, 1.0), chance) * error for chance in (alpha, beta))
    return MeanBounds(middle, middle - down, middle + up, error, n)


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


def independent_blocks(points: Sequence[float]) -> tuple[list[float], int]:
    """``points``, or the means of the smallest blocks of 2, 4, 8 … of them whose neighbours are not alike, and the
    size of a block. Empty when too few blocks are left to tell."""
    size, blocks = 1, list(points)
    while size == 1 or len(blocks) >= FEWEST_BLOCKS:
        allowed = 1.0 / sqrt(len(blocks)) if size == 1 and blocks else 0.0
        if len(blocks) < 4 or neighbours(blocks) + 1.0 / len(blocks) <= allowed:
            return blocks, size
        size *= 2
        newest = points[len(points) % size :]
        blocks = [sum(newest[at : at + size]) / size for at in range(0, len(newest), size)]
    return [], size


def neighbours(values: Sequence[float]) -> float:
    """The correlation of neighbouring values (lag 1; Box and Jenkins 1970); 0 when they do not vary."""
    mean = sum(values) / len(values)
    apart = [value - mean for value in values]
    squares = sum(value * value for value in apart)
    return sum(one * other for one, other in pairwise(apart)) / squares if squares > 0.0 else 0.0
