"""A histogram of numbers that merges exactly, holds a bounded number of bins, and is exact while there are few values.

A bin is a set of numbers whose binary form begins alike: sign, exponent and the first bits of the mantissa. ``shift``
says how many of the last bits are left out; with 0 each number is a bin of its own. Bins of one shift are unions of
bins of a smaller one. A sketch has the smallest shift with which the numbers fill at most ``LIMIT`` bins, so it
depends only on the numbers it saw: neither on their order nor on how they were divided among machines. Merging is
therefore associative and commutative, and the sketch of four shards is the sketch of one. (Exponent bins alone, shift
52, are at most 4,093; so there is always such a shift.)

Errors. A quantile is off by at most 2 ** (shift - 52) of itself (numbers smaller than 1e-300 aside). A KS distance is
never too large, and too small by at most the largest share that a bin holds of either side; ``distance`` answers that
bound, and it is 0 where both sketches have shift 0.

The idea of bins that nest, coarsened when there are too many: UDDSketch (Epicoco et al., 2020, IEEE Access 8), after
DDSketch (Masson, Rim, Lee 2019, VLDB 12).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

LIMIT = 4096
"""Bins. At least 4,093, see above; a window of 2,000 records is always held exactly."""

BUCKETS = 10
"""Of equal width, in statistics.json (docs: sagemaker/latest/dg/model-monitor-interpreting-statistics)."""

_MAGNITUDE = np.int64(0x7FFFFFFFFFFFFFFF)


@dataclass(frozen=True)
class Sketch:
    """``keys``: of the bins, ascending; ``counts``: of the numbers in each."""

    shift: int
    keys: np.ndarray
    counts: np.ndarray

    @property
    def total(self) -> int:
        return int(self.counts.sum())


EMPTY = Sketch(0, np.empty(0, np.int64), np.empty(0, np.int64))


def sketch(values: np.ndarray, counts: np.ndarray | None = None) -> Sketch:
    """The sketch of finite numbers; ``counts`` says how often each occurs (once, when absent)."""
    bits = (np.asarray(values, dtype=np.float64) + 0.0).view(np.int64)  # + 0.0: there is one zero
    magnitudes = bits & _MAGNITUDE
    keys = np.where(bits < 0, -magnitudes, magnitudes)
    if counts is None:
        keys, counts = np.unique(keys, return_counts=True)
        return _fitting(Sketch(0, keys, counts.astype(np.int64)))
    return _fitting(_gathered(0, keys, counts))


def merged(one: Sketch, other: Sketch) -> Sketch:
    """The sketch of the numbers of both."""
    shift = max(one.shift, other.shift)
    parts = coarser(one, shift), coarser(other, shift)
    keys, counts = (np.concatenate([getattr(part, name) for part in parts]) for name in ("keys", "counts"))
    return _fitting(_gathered(shift, keys, counts))


def coarser(given: Sketch, shift: int) -> Sketch:
    """The sketch that the same numbers have with this shift, which must not be smaller."""
    if shift == given.shift:
        return given
    keys = _shifted(given.keys, shift - given.shift)
    starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1)) if len(keys) else keys
    return Sketch(shift, keys[starts], np.add.reduceat(given.counts, starts) if len(keys) else given.counts)


def _shifted(keys: np.ndarray, by: int) -> np.ndarray:
    return np.sign(keys) * (np.abs(keys) >> by)


def _gathered(shift: int, keys: np.ndarray, counts: np.ndarray) -> Sketch:
    keys, places = np.unique(keys, return_inverse=True)
    sums = np.zeros(len(keys), np.int64)
    np.add.at(sums, places, counts)
    return Sketch(shift, keys, sums)


def _fitting(given: Sketch) -> Sketch:
    """Coarsened by as little as brings it to LIMIT bins, found by bisection."""
    if len(given.keys) <= LIMIT:
        return given
    low, high = 0, 52 - given.shift
    while high - low > 1:
        middle = (low + high) // 2
        bins = 1 + np.count_nonzero(np.diff(_shifted(given.keys, middle)))
        low, high = (low, middle) if bins <= LIMIT else (middle, high)
    return coarser(given, given.shift + high)


def edges(given: Sketch) -> np.ndarray:
    """The number of each bin that lies nearest to zero."""
    return _floats(given.keys, np.abs(given.keys) << given.shift)


def middles(given: Sketch) -> np.ndarray:
    """A number in the middle of each bin; with shift 0 the number itself. The bin of zero stands for zero."""
    half = np.int64(1 << given.shift >> 1)
    return _floats(given.keys, (np.abs(given.keys) << given.shift) + half * (given.keys != 0))


def _floats(keys: np.ndarray, magnitudes: np.ndarray) -> np.ndarray:
    values = magnitudes.astype(np.int64).view(np.float64)
    return np.where(keys < 0, -values, values)


def quantiles(given: Sketch, ranks: Sequence[float]) -> np.ndarray:
    """The numbers below which these shares of all lie (the smallest with at least that share, as in inverse CDF)."""
    places = np.searchsorted(np.cumsum(given.counts), np.ceil(np.asarray(ranks) * given.total - 1e-9), side="left")
    return middles(given)[np.clip(places, 0, len(given.keys) - 1)]


def distance(one: Sketch, other: Sketch) -> tuple[float, float]:
    """The two-sample KS distance (the largest difference of the distribution functions), and how much it may be too
    small."""
    _, first, second = _side_by_side(one, other)
    if not first.sum() or not second.sum():
        return 0.0, 1.0
    shares = first / first.sum(), second / second.sum()
    apart = np.abs(np.cumsum(first) / first.sum() - np.cumsum(second) / second.sum())
    bound = 0.0 if max(one.shift, other.shift) == 0 else float(np.maximum(*shares).max())
    return float(apart.max()), bound


def psi(one: Sketch, base: Sketch) -> float:
    """The population stability index over the tenths of the baseline; half a count is added to each, so that none is
    empty.

    Source of the formula: Yurdakul, Naranjo 2020, Journal of Risk Model Validation 14(4).
    """
    keys, now, before = _side_by_side(one, base)
    ends = np.searchsorted(np.cumsum(before), np.ceil(np.arange(1, BUCKETS) / BUCKETS * before.sum()), side="left")
    tenths = np.searchsorted(np.unique(ends), np.arange(len(keys)), side="left")
    return shares_psi(*(np.bincount(tenths, weights=counts, minlength=BUCKETS) for counts in (now, before)))


def shares_psi(now: np.ndarray, before: np.ndarray) -> float:
    """The same over counts of given classes; a class that both have not is left out."""
    some = (now + before) > 0
    shares = [(counts[some] + 0.5) / (counts[some] + 0.5).sum() for counts in (now, before)]
    return float(((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum())


def _side_by_side(one: Sketch, other: Sketch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The bins that either has, and the counts of each."""
    shift = max(one.shift, other.shift)
    one, other = coarser(one, shift), coarser(other, shift)
    keys = np.union1d(one.keys, other.keys)
    counts = np.zeros((2, len(keys)))
    counts[0, np.searchsorted(keys, one.keys)] = one.counts
    counts[1, np.searchsorted(keys, other.keys)] = other.counts
    return keys, counts[0], counts[1]


def buckets(given: Sketch, low: float, high: float) -> list[dict[str, Any]]:
    """Ten buckets of equal width from the smallest to the largest number, as statistics.json has them."""
    bounds = 2 * np.linspace(low / 2, high / 2, BUCKETS + 1)  # the whole width may be more than any double
    places = np.clip(np.searchsorted(bounds, middles(given), side="right") - 1, 0, BUCKETS - 1)
    counts = np.bincount(places, weights=given.counts, minlength=BUCKETS)
    return [
        {"lower_bound": float(bounds[place]), "upper_bound": float(bounds[place + 1]), "count": float(counts[place])}
        for place in range(BUCKETS)
    ]


def to_kll(given: Sketch) -> dict[str, Any]:
    """As the ``sketch`` of ``kll`` in statistics.json. Numbers on level i of ``data`` count 2 ** i times, as in every
    KLL sketch, so whoever reads Model Monitor's can read this one. ``c`` and ``k`` are what Model Monitor writes;
    ``shift`` is ours."""
    values = edges(given)
    levels = int(given.counts.max()).bit_length() if len(given.counts) else 0
    data = [values[(given.counts >> level) & 1 == 1].tolist() for level in range(levels)]
    return {"parameters": {"c": 0.64, "k": 2048.0, "shift": given.shift}, "data": data}


def from_kll(document: Mapping[str, Any]) -> Sketch:
    """Reads ours exactly, and Model Monitor's with the accuracy that it has. Raises ValueError, TypeError or KeyError
    when it is neither."""
    levels = [np.asarray(level, dtype=np.float64) for level in document["data"]]
    if any(level.ndim != 1 or not np.isfinite(level).all() for level in levels):
        raise ValueError("the levels are not lists of numbers")
    if not levels:
        return EMPTY
    shift = int(document.get("parameters", {}).get("shift", 0))
    if not 0 <= shift <= 52:
        raise ValueError("shift is not between 0 and 52")
    weights = np.concatenate([np.full(len(level), 1 << place, np.int64) for place, level in enumerate(levels)])
    return coarser_at_least(sketch(np.concatenate(levels), weights), shift)


def coarser_at_least(given: Sketch, shift: int) -> Sketch:
    return coarser(given, max(shift, given.shift))


def kolmogorov_argument(apart: float, first: int, second: int) -> float:
    """What the Kolmogorov distribution is asked for (Stephens 1970, JRSS B 32: good for samples of four and more)."""
    root = sqrt(first * second / (first + second))
    return (root + 0.12 + 0.11 / root) * apart
