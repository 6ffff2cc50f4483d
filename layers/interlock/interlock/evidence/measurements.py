"""The measurements that one rule is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from interlock.evidence.looks import LATE_METRICS
from interlock.evidence.metrics import COMPARING
from interlock.model.request import Request

Series = dict[str, dict[str, float]]
"""Datapoints by query id, then by timestamp."""


def whole_periods(series: Series, period: int, until: str) -> Series:
    """``series`` without the periods of ``period`` seconds that were not whole yet at ``until`` (ISO 8601), each query
    in its own way: of one minute there may be all errors and a part of the requests."""
    last = datetime.fromisoformat(until) - timedelta(seconds=period + LATE_METRICS)
    is_whole = cache(lambda at: datetime.fromisoformat(at) <= last)
    return {name: {at: value for at, value in found.items() if is_whole(at)} for name, found in series.items()}


class Seen:
    """The measurements that one rule is about, by period.

    ``needed``: the series that must have a datapoint in a period for it to count, beside the requests and, unless the
    metric is the team's own, the metric itself. A period without an answer is not a period without hits.
    """

    def __init__(self, rule: Request, series: Series, needed: Sequence[str] = ()) -> None:
        self.rule, self.series = rule, series
        self.compares = rule["bound"] in COMPARING
        self.served = series.get("candidate_requests", {})
        self.requests = round(sum(self.served.values()))
        self.variants = ("candidate", "stable") if self.compares else ("candidate",)
        measured = [self.denominators(variant) for variant in self.variants]
        if not rule["own"]:
            measured += map(self.datapoints, self.variants)
        measured += [series.get(name, {}) for name in needed]
        self.times = sorted(set(measured[0]).intersection(*measured[1:]))
        self.measured = round(sum([self.served.get(at, 0.0) for at in self.times]))
        self.shared = self._shared_weights()

    def datapoints(self, variant: str, part: str = "") -> dict[str, float]:
        """The metric of a variant, or a part of it such as ``_slow``, by period."""
        return self.series.get(f"{variant}_{self.rule['metric']}{part}", {})

    def denominators(self, variant: str) -> dict[str, float]:
        """Requests of a variant by period; of a rate of the team's own, what the rate is a share of."""
        if self.rule["own"]:
            return self.datapoints(variant, "_of")
        return self.series.get(f"{variant}_requests", {})

    def values(self, variant: str) -> list[float]:
        """The metric in each period; of the team's own, a period without a datapoint has the value 0."""
        found = self.datapoints(variant)
        if self.rule["own"]:
            return [found.get(at, 0.0) for at in self.times]
        return list(map(found.__getitem__, self.times))

    def weights(self, variant: str) -> list[float]:
        """The denominators in each period."""
        return list(map(self.denominators(variant).__getitem__, self.times))

    def negative(self, *, hits: bool) -> bool:
        """Whether CloudWatch counted anything below zero: requests, what a rate is a share of, or its ``hits``."""
        counted = [self.series.get(f"{each}_requests", {}) for each in self.variants]
        counted += map(self.denominators, self.variants)
        counted += map(self.datapoints, self.variants) if hits else []
        return any(min(found.values(), default=0.0) < 0.0 for found in counted)

    def _shared_weights(self) -> list[float]:
        """How much each period counts: its requests or, in a comparison, c s / (c + s) of them for both variants, as
        their ratio is weighted (Mantel and Haenszel 1959). Traffic that moves from one variant to the other then cannot
        look like a difference."""
        weights = self.weights("candidate")
        if not self.compares:
            return weights
        both = zip(weights, self.weights("stable"), strict=True)
        return [mine * other / (mine + other) if mine + other else 0.0 for mine, other in both]


def average(values: Sequence[float], weights: Sequence[float]) -> float | None:
    """The weighted mean of ``values``; None if the weights add up to nothing."""
    whole = sum(weights)
    return sum([value * weight for value, weight in zip(values, weights, strict=True)]) / whole if whole else None
