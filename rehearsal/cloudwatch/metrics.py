"""Metric data: one-minute buckets that keep every value, so that a percentile is right for whatever period asks for it.

CloudWatch stores standard-resolution data at one minute (docs: publishingMetrics). Values arrive as arrays with
optional counts, as PutMetricData's Values and Counts do; a minute of an endpoint's requests is one call.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

RESOLUTION = 60

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_NUMBER = r"\d+(?:\.\d{1,10})?"
_RANK = re.compile(rf"PR\(({_NUMBER})?:({_NUMBER})?\)")


@dataclass(frozen=True)
class Metric:
    """The identity of a metric: all of its dimensions count, a subset of them is another metric (docs: Dimensions)."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> Metric:
        return cls(namespace, name, frozenset(dimensions.items()))


@dataclass
class Bucket:
    """What arrived for one metric in one minute. `rough` when some of it came as statistics, without its values."""

    count: float = 0.0
    total: float = 0.0
    low: float = float("inf")
    high: float = float("-inf")
    rough: bool = False
    values: list[NDArray[np.float64]] = field(default_factory=list)
    counts: list[NDArray[np.float64]] = field(default_factory=list)

    def include(self, count: float, total: float, low: float, high: float) -> None:
        self.count += count
        self.total += total
        self.low = min(self.low, low)
        self.high = max(self.high, high)

    def first(self, share: float) -> Bucket:
        """What there is when this share of every kind of value has arrived: of each, the first one has."""
        if share >= 1.0 or self.rough:
            return self
        part = Bucket()
        for values, counts in zip(self.values, self.counts, strict=True):
            some = np.ceil(counts * share)
            if counts.size > 1 and counts.max() <= 1:  # a value each: the first of them
                some = np.where(np.arange(counts.size) < math.ceil(counts.size * share), counts, 0.0)
            number, weight = values[some > 0], some[some > 0]
            part.include(float(weight.sum()), float(number @ weight), float(number.min()), float(number.max()))
            part.values.append(number)
            part.counts.append(weight)
        return part


Arrived = Callable[[Metric, float], float]
"""The share (0 to 1) of a metric's values of a minute that CloudWatch shows by now; the minute by its begin (virtual
epoch seconds)."""


def at_once(metric: Metric, minute: float) -> float:
    """Everything is shown as soon as it is there."""
    return 1.0


HIDDEN, UNSETTLED = 120.0, 180.0
"""Seconds after its end until a minute is shown in part, and until it is shown whole, if metrics are late."""


def late(now: Callable[[], float]) -> Arrived:
    """Nothing of the last two minutes, and of the third a quarter, a half, three quarters or all: each metric has its
    own share."""

    def arrived(metric: Metric, minute: float) -> float:
        age = now() - minute - RESOLUTION
        if age < HIDDEN:
            return 0.0
        named = f"{metric.namespace} {metric.name} {sorted(metric.dimensions)}"
        return 1.0 if age >= UNSETTLED else (1 + hashlib.sha256(named.encode()).digest()[0] % 4) / 4

    return arrived


class Metrics:
    """All metric data of the account, by metric and minute. `arrived`: how much of it is shown yet."""

    def __init__(self, arrived: Arrived = at_once) -> None:
        self._series: dict[Metric, dict[int, Bucket]] = {}
        self._arrived = arrived

    def add(self, metric: Metric, at: float, values: ArrayLike, counts: ArrayLike | None = None) -> None:
        """Adds values (each `counts[i]` times) at virtual epoch second `at`. Nothing to add leaves the data missing."""
        number = np.asarray(values, dtype=np.float64)
        if counts is None:
            weight = np.ones_like(number)
        else:
            weight = np.asarray(counts, dtype=np.float64)
            number, weight = number[weight > 0], weight[weight > 0]
        if not number.size:
            return
        bucket = self._bucket(metric, at)
        if number.size == 1:  # most of them: a count of requests, a use of the CPU
            value, count = number.item(), weight.item()
            bucket.include(count, value * count, value, value)
        else:
            bucket.include(float(weight.sum()), float(number @ weight), float(number.min()), float(number.max()))
        bucket.values.append(number)
        bucket.counts.append(weight)

    def add_statistics(self, metric: Metric, at: float, count: float, total: float, low: float, high: float) -> None:
        """Adds a StatisticSet. Its percentiles are known only if all values are equal (docs: Percentiles)."""
        if low == high:
            self.add(metric, at, [low], [count])
            return
        bucket = self._bucket(metric, at)
        bucket.include(count, total, low, high)
        bucket.rough = True

    def datapoint(self, metric: Metric, stat: str, start: float, end: float) -> float | None:
        """The statistic over the minutes that begin in [start, end); None without data, or when it cannot be known.

        What needs the values themselves is not known from statistic sets, nor where a value is negative (docs:
        cloudwatch_concepts, Percentiles).
        """
        buckets = self._within(metric, start, end)
        if not buckets:
            return None
        if stat not in _SIMPLE and any(bucket.rough or bucket.low < 0 for bucket in buckets):
            return None
        return statistic(stat)(buckets)

    def samples(self, metric: Metric, start: float, end: float) -> float:
        """How many values there are in [start, end)."""
        return sum(bucket.count for bucket in self._within(metric, start, end))

    def _bucket(self, metric: Metric, at: float) -> Bucket:
        return self._series.setdefault(metric, {}).setdefault(int(at // RESOLUTION), Bucket())

    def _within(self, metric: Metric, start: float, end: float) -> list[Bucket]:
        series = self._series.get(metric)
        if not series:
            return []
        first, last = int(-(-start // RESOLUTION)), int(-(-end // RESOLUTION))
        found = [
            (series[minute], self._arrived(metric, minute * RESOLUTION))
            for minute in range(first, last)
            if minute in series
        ]
        return [bucket.first(share) for bucket, share in found if share]


Statistic = Callable[[list[Bucket]], float]

_SIMPLE: dict[str, Statistic] = {
    "SampleCount": lambda buckets: sum(bucket.count for bucket in buckets),
    "Sum": lambda buckets: sum(bucket.total for bucket in buckets),
    "Average": lambda buckets: sum(bucket.total for bucket in buckets) / sum(bucket.count for bucket in buckets),
    "Minimum": lambda buckets: min(bucket.low for bucket in buckets),
    "Maximum": lambda buckets: max(bucket.high for bucket in buckets),
}


@lru_cache(maxsize=256)
def statistic(stat: str) -> Statistic:
    """What computes a statistic of the minutes of a period; ValueError for one that is not simulated."""
    if stat in _SIMPLE:
        return _SIMPLE[stat]
    rank = percentile(stat)
    if rank is not None:
        return partial(percentile_of, rank=rank)
    bounds = _RANK.fullmatch(stat)
    if bounds and (bounds[1] or bounds[2]):
        above, up_to = float(bounds[1] or "-inf"), float(bounds[2] or "inf")
        if above < up_to:
            return partial(percentile_rank_of, above=above, up_to=up_to)
    known = f"{', '.join(_SIMPLE)}, p0 to p100, PR(:n), PR(m:) and PR(m:n) are"
    raise ValueError(f"the statistic {stat!r} is not simulated; {known}")


def percentile(stat: str) -> float | None:
    """The number in `p99.9`, None for a statistic that is no percentile."""
    match = _PERCENTILE.fullmatch(stat)
    return float(match[1]) if match else None


def percentile_of(buckets: list[Bucket], rank: float) -> float:
    """The smallest value that has `rank` percent of all at or below it (nearest rank; CloudWatch names no method)."""
    values = np.concatenate([array for bucket in buckets for array in bucket.values])
    counts = np.concatenate([array for bucket in buckets for array in bucket.counts])
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(counts[order])
    wanted = rank / 100.0 * reached[-1]
    return float(values[order][min(int(np.searchsorted(reached, wanted - 1e-9)), values.size - 1)])


def percentile_rank_of(buckets: list[Bucket], above: float, up_to: float) -> float:
    """What percentage of the values, 0 to 100, is more than `above` and at most `up_to`.

    `PR(100:2000)` leaves out 100 and counts 2000: "exclusive on the lower bound and inclusive on the upper bound"
    (docs: Statistics-definitions, Percentile rank).
    """
    values = np.concatenate([array for bucket in buckets for array in bucket.values])
    counts = np.concatenate([array for bucket in buckets for array in bucket.counts])
    return float(100.0 * counts[(values > above) & (values <= up_to)].sum() / counts.sum())
