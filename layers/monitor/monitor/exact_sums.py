"""Sums without rounding, so that the sum of the shards' sums is the sum, whatever the order.

A double is a whole number of units of 2 ** -1126; sums are kept as whole numbers of that unit.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf, sqrt

import numpy as np

_UNIT = 1126
_SPLIT = 134217729.0  # 2 ** 27 + 1
LARGEST_SQUARED = 1e150
"""Larger numbers are squared as if they were this one: their squares would not be finite."""


def exact_sum(values: np.ndarray) -> int:
    """The sum of finite doubles (at most 2 ** 26 of them) in units of 2 ** -1126."""
    if not len(values):
        return 0
    mantissas, exponents = np.frexp(values)
    whole = np.ldexp(mantissas, 53).astype(np.int64)
    high = whole >> 27
    low = whole - (high << 27)
    first = int(exponents.min())
    sums = [np.bincount(exponents - first, weights=part) for part in (high, low)]  # below 2 ** 53: exact
    return sum(
        ((int(upper) << 27) + int(lower)) << (first + place - 53 + _UNIT)
        for place, (upper, lower) in enumerate(zip(*sums, strict=True))
    )


def exact_squares(values: np.ndarray) -> int:
    """The sum of the squares. A product of two doubles is the sum of two (Dekker 1971, Numerische Mathematik 18)."""
    values = np.clip(values, -LARGEST_SQUARED, LARGEST_SQUARED)
    squares = values * values
    upper = _SPLIT * values
    upper = upper - (upper - values)
    lower = values - upper
    rest = ((upper * upper - squares) + 2.0 * upper * lower) + lower * lower
    return exact_sum(squares) + exact_sum(rest)


def as_fraction(total: int) -> Fraction:
    """A sum as a number."""
    return Fraction(total, 1 << _UNIT)


def mean(total: int, count: int) -> float:
    """The mean, rounded once."""
    return float(Fraction(total, count << _UNIT))


def deviation(total: int, squares: int, count: int) -> float:
    """The standard deviation of the population, as Model Monitor writes it."""
    variance = Fraction(squares, count << _UNIT) - Fraction(total, count << _UNIT) ** 2
    return sqrt(max(variance, Fraction(0)))


def as_float(total: int) -> float:
    """A sum as a double; infinite where it is larger than any."""
    try:
        return float(as_fraction(total))
    except OverflowError:
        return inf if total > 0 else -inf
