"""Estimates with an interval, from counts alone. Each has a closed form, so no chance is involved.

``z`` is the quantile of the normal distribution that goes with the level: 1.96 for 95 %. A share 0/0 is 0, as in
Clarify's library, but its interval is everything possible: it can prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, hypot, inf, isfinite, log, sqrt
from statistics import NormalDist
from typing import NamedTuple


class Estimate(NamedTuple):
    """A value and the interval around it. The ends may be infinite."""

    value: float
    low: float
    high: float


def quantile(level: float, tests: int = 1) -> float:
    """``z`` of an interval of this level (0.99), so that ``tests`` of them hold together (Bonferroni)."""
    return NormalDist().inv_cdf(1.0 - (1.0 - level) / (2.0 * max(1, tests)))


def shared(z: float, tests: int) -> float:
    """``z`` for each of ``tests`` intervals that have to hold together as one of ``z`` would alone (Bonferroni)."""
    return quantile(2.0 * NormalDist().cdf(z) - 1.0, tests)


def divide(top: float, bottom: float) -> float:
    """The ratio of two counts as Clarify's library has it: 0/0 is 0, x/0 is infinite (smclarify, ``common.divide``)."""
    if bottom == 0:
        return inf if top > 0 else 0.0
    return top / bottom


def wilson(share: float, total: float, z: float) -> tuple[float, float]:
    """The score interval of a share of ``total`` records, which must be some (Wilson 1927, JASA 22:209)."""
    spread = z * z / total
    middle = (share + spread / 2.0) / (1.0 + spread)
    half = z * sqrt(max(0.0, share * (1.0 - share)) / total + spread / (4.0 * total)) / (1.0 + spread)
    return min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half))


def proportion(hits: float, total: float, z: float) -> Estimate:
    """A share with Wilson's interval."""
    if total <= 0:
        return Estimate(0.0, 0.0, 1.0)
    return Estimate(hits / total, *wilson(hits / total, total, z))


def odds(yes: float, no: float, z: float) -> Estimate:
    """``yes / no`` of two counts of one group; the ends are those of Wilson's interval of ``yes / (yes + no)``."""
    _, low, high = proportion(yes, yes + no, z)
    return Estimate(
        divide(yes, no),
        low / (1.0 - low) if low < 1.0 else inf,
        high / (1.0 - high) if no and high < 1.0 else inf,
    )


def paired_ratio(both: float, first_only: float, second_only: float, z: float) -> Estimate:
    """``(both + first_only) / (both + second_only)``: how many are of the first kind, for one of the second.

    The logarithm's variance is ``(first_only + second_only) / (first * second)`` (delta method on a multinomial); one
    more discordant pair is assumed than seen, so that none seen is not a proof of none.
    """
    first, second = both + first_only, both + second_only
    value = divide(first, second)
    if first == 0 or second == 0:
        return Estimate(value, 0.0, inf) if first == second else _around_zero(first, second, z)
    half = z * sqrt((first_only + second_only + 1.0) / (first * second))
    return Estimate(value, value * exp(-half), value * exp(half))


def _around_zero(top: float, bottom: float, z: float) -> Estimate:
    """A ratio of two counts one of which is 0: half a count is added to each (Haldane 1956)."""
    half = z * sqrt(1.0 / (top + 0.5) + 1.0 / (bottom + 0.5))
    middle, value = (top + 0.5) / (bottom + 0.5), divide(top, bottom)
    return Estimate(value, min(value, middle * exp(-half)), max(value, middle * exp(half)))


def ratio(hits: float, total: float, base_hits: float, base_total: float, z: float) -> Estimate:
    """One share over another, of two groups; the interval is symmetric on the log scale.

    Katz et al. 1978, Biometrics 34:469. Where a group has no hits, half a hit is added to each for the interval
    (Walter 1975, Biometrika 62:371).
    """
    value = divide(divide(hits, total), divide(base_hits, base_total))
    if hits == 0 and base_hits == 0:
        return Estimate(value, 0.0, inf)
    extra = 0.5 if hits == 0 or base_hits == 0 else 0.0
    x, n, y, m = hits + extra, total + extra, base_hits + extra, base_total + extra
    half = z * sqrt(max(0.0, 1.0 / x - 1.0 / n + 1.0 / y - 1.0 / m))
    middle = (x / n) / (y / m)
    return Estimate(value, min(value, middle * exp(-half)), max(value, middle * exp(half)))


def minus(x: Estimate, y: Estimate) -> Estimate:
    """The difference of two independent estimates. Infinite minus infinite is 0, as in Clarify's library.

    The interval combines the two (MOVER: Zou, Donner 2008, Stat. Med. 27:1693; for shares with Wilson's intervals it is
    Newcombe's method 10: Newcombe 1998, Stat. Med. 17:873). Where a value is infinite the ends are simply subtracted,
    which is wider.
    """
    if isfinite(x.value) and isfinite(y.value):
        value = x.value - y.value
        return Estimate(
            value, value - hypot(x.value - x.low, y.high - y.value), value + hypot(x.high - x.value, y.value - y.low)
        )
    value = 0.0 if x.value == y.value else x.value - y.value
    return Estimate(value, min(value, _subtract(x.low, y.high, -inf)), max(value, _subtract(x.high, y.low, inf)))


def _subtract(x: float, y: float, otherwise: float) -> float:
    return otherwise if x == y and not isfinite(x) else x - y


def weighted_mean(parts: Iterable[tuple[float, Estimate]]) -> Estimate:
    """The mean of independent estimates with known weights, by MOVER."""
    rows = [(weight, estimate) for weight, estimate in parts if weight > 0]
    total = sum(weight for weight, _ in rows)
    value = sum(weight * part.value for weight, part in rows) / total
    down = sqrt(sum((weight * (part.value - part.low)) ** 2 for weight, part in rows)) / total
    up = sqrt(sum((weight * (part.high - part.value)) ** 2 for weight, part in rows)) / total
    return Estimate(value, value - down, value + up)


def apart(one: Estimate, other: Estimate) -> tuple[tuple[float, float], tuple[float, float]]:
    """Of two intervals: the two points that lie closest (equal, if they overlap), and the two that lie farthest."""
    if one.low > other.high:
        return (one.low, other.high), (one.high, other.low)
    if other.low > one.high:
        return (one.high, other.low), (one.low, other.high)
    far = (one.high, other.low) if one.high - other.low >= other.high - one.low else (one.low, other.high)
    return (one.value, one.value), far


def logarithm(x: float) -> float:
    """The natural logarithm, minus infinity at 0 and infinite at infinity."""
    return -inf if x <= 0.0 else inf if x == inf else log(x)
