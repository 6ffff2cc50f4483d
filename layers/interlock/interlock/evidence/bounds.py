"""What the kinds of metric share: the shape of their results, the scale of comparisons, and counts of hits.

The statistics are imported where they are used. A plan asks a kind for its queries and its alarm alone, and loading
the tests with them would make a twelfth of its start.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log
from typing import TYPE_CHECKING, NamedTuple

from interlock.evidence.measurements import Seen
from interlock.evidence.metrics import Metric
from interlock.model.request import Request

if TYPE_CHECKING:
    from interlock.statistics.rates import Counts

MOST_PERIODS = 300
"""Periods that counts are judged by; more are added up in groups. A plan asks for fewer."""


class Known(NamedTuple):
    """The quantity that a rule bounds: an estimate between two bounds, all on ``scale``. That is the metric's unit;
    ``share``, of the requests that count against it; or ``relative``, the oriented logarithm of the ratio to stable.

    ``above`` and ``below`` say what is proven: that the quantity lies above the lower of the ``edges``, or below the
    upper one. A comparison has two edges, no difference (0) and the margin; for a limit both are the same.
    ``slight``: whether the candidate was measured below the level at which differences start to matter;
    ``negligible``: whether that is proven.
    """

    estimate: float
    low: float
    high: float
    above: bool
    below: bool
    edges: tuple[float, float]
    scale: str
    slight: bool = False
    negligible: bool = False


class Method(NamedTuple):
    """How metrics of one kind are measured, judged and told: what a module of ``evidence.kinds`` defines.

    ``value``: the metric of a variant over all periods, None where it has no requests.
    ``limited``, ``compared``: the bounds of the candidate against a number, and against stable.
    ``alarm``: the fields of PutMetricAlarm that say when the metric (its ``MetricStat``) is plainly above a threshold.
    ``queries``: the parts to ask CloudWatch for beside the value, each as the name of a metric and a statistic, by the
    ending of the query's name (see Kind.parts); for a compiled rule and a role, ``candidate`` or ``stable``.
    ``needed``: the series without which a period does not count (see Seen).
    ``unknown``: why a compiled rule cannot be compared at all, empty if it can be.
    ``better``: the probability that the candidate is the better variant, None where that cannot be told.
    ``hits``: whether the metric is a count, which is never negative.
    ``seldom``: whether only some requests have the metric, so that silence is no missing measurement.
    ``counted``: the requests that a limit is about, in words; empty where it is about the metric itself.
    """

    value: Callable[[Seen, str], float | None]
    limited: Callable[[Seen], Known]
    compared: Callable[[Seen], Known]
    alarm: Callable[[Metric, Request], Request]
    queries: Callable[[Metric, Request, str], dict[str, tuple[str, str]]] = lambda metric, rule, role: {}
    needed: Callable[[Request], list[str]] = lambda rule: []
    unknown: Callable[[Request], str] = lambda rule: ""
    better: Callable[[Seen], float | None] = lambda seen: None
    hits: bool = False
    seldom: bool = False
    counted: str = ""


def chances(rule: Request) -> tuple[float, float]:
    """The chances of error of the lower and of the upper bound: ``alpha`` where a candidate fails, ``beta`` where it
    passes."""
    fails_above = rule["bound"] in ("max", "margin")
    return (rule["alpha"], rule["beta"]) if fails_above else (rule["beta"], rule["alpha"])


def orientation(rule: Request) -> float:
    """1 where the rule asks about a larger ratio of candidate to stable, -1 where it asks about a smaller one."""
    return 1.0 if (rule["bound"] == "margin") == (rule["better"] == "lower") else -1.0


def edge(rule: Request) -> float:
    """The margin on the scale of a comparison: the logarithm of a ratio, oriented."""
    side = orientation(rule)
    return side * log(1.0 + side * rule["value"])


def relative(rule: Request, known: float) -> float:
    """A place on that scale as a difference that people read: 0.1 is ten percent."""
    side = orientation(rule)
    return side * (exp(max(min(side * known, 50.0), -50.0)) - 1.0)


def limited_share(rule: Request, hits: list[float], requests: list[float], limit: float) -> Known:
    """The share of the ``requests`` (by period) that are ``hits``, against ``limit``."""
    from interlock.statistics.rates import rate_bounds

    low, high = rate_bounds(sum(hits), sum(requests), limit, *chances(rule))
    estimate = sum(hits) / sum(requests) if sum(requests) else 0.0
    return Known(estimate, low, high, low > limit, high <= limit, (limit, limit), "share")


def compared_ratio(rule: Request, bounds: tuple[float, float, float], *, above: bool, below: bool) -> Known:
    """``bounds``: the logarithm of the ratio to stable, and the lower and the upper bound of it. Bounds and proofs come
    from different tests; where they disagree, the proofs hold."""
    margin, (estimate, low, high) = edge(rule), bounds
    low = max(low, 1e-9) if above else min(low, 0.0)
    high = min(high, margin - 1e-9) if below else max(high, margin)
    return Known(estimate, low, high, above, below, (0.0, margin), "relative")


def counts(seen: Seen, candidate: list[float], stable: list[float]) -> list[Counts]:
    """The hits of both variants by period; exchanged, if the rule asks about a smaller ratio."""
    from interlock.statistics.rates import Counts, swapped

    size = -(-len(seen.times) // MOST_PERIODS)
    columns = [_summed(each, size) for each in (candidate, stable, seen.weights("candidate"), seen.weights("stable"))]
    periods = list(map(Counts, *columns))
    return periods if orientation(seen.rule) > 0 else swapped(periods)


def _summed(values: list[float], size: int) -> list[float]:
    return values if size == 1 else [sum(values[at : at + size]) for at in range(0, len(values), size)]
