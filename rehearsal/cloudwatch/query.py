"""MetricDataQueries over a row of periods: what GetMetricData answers and what an alarm looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.cloudwatch.expression import ExpressionError, Scope, Series, evaluate, references
from rehearsal.cloudwatch.metrics import RESOLUTION, Metric, Metrics, statistic

Query = Mapping[str, Any]


def metric_of(stat: Mapping[str, Any]) -> Metric:
    """The metric that a MetricStat names."""
    metric = stat["Metric"]
    return Metric.of(
        metric.get("Namespace", ""), metric.get("MetricName", ""), dimensions_of(metric.get("Dimensions", ()))
    )


def dimensions_of(pairs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """`[{"Name": n, "Value": v}]` as a mapping."""
    return {pair["Name"]: pair["Value"] for pair in pairs}


def period_of(query: Query, queries: Mapping[str, Query]) -> int:
    """The period in seconds; an expression has that of its metrics. Raises ExpressionError when they differ."""
    if "MetricStat" in query:
        return int(query["MetricStat"]["Period"])
    periods = {period_of(_find(name, queries), queries) for name in references(query["Expression"])}
    if query.get("Period"):
        periods.add(int(query["Period"]))
    if len(periods) != 1:
        raise ExpressionError(
            f"{query['Expression']!r}: metrics must share one period, these have {sorted(periods) or 'none'}"
        )
    return periods.pop()


def check(queries: Sequence[Query]) -> None:
    """Raises ValueError, in words, for queries that cannot be evaluated: before any data is looked at.

    Any multiple of 60 s is a period; shorter ones are for high-resolution metrics (botocore MetricStat.Period).
    """
    by_id = {query["Id"]: query for query in queries}
    if len(by_id) != len(queries):
        raise ExpressionError("The value of Id must be unique among the queries")
    for query in queries:
        period = period_of(query, by_id)
        if period < RESOLUTION or period % RESOLUTION:
            raise ExpressionError(f"a period of {period} s is not simulated; multiples of {RESOLUTION} s are")
        if "MetricStat" in query:
            statistic(query["MetricStat"]["Stat"])


def series_of(query: Query, queries: Mapping[str, Query], metrics: Metrics, starts: Sequence[float]) -> Series:
    """The query's value for each period that begins at one of `starts`. Raises ExpressionError."""
    if "MetricStat" in query:
        stat = query["MetricStat"]
        metric, period = metric_of(stat), int(stat["Period"])
        return tuple(metrics.datapoint(metric, stat["Stat"], start, start + period) for start in starts)
    known = {
        name: series_of(_find(name, queries), queries, metrics, starts) for name in references(query["Expression"])
    }
    return evaluate(query["Expression"], Scope(known, period_of(query, queries), len(starts)))


def _find(name: str, queries: Mapping[str, Query]) -> Query:
    if name not in queries:
        raise ExpressionError(f"an expression refers to {name!r}, which no query has as its Id")
    return queries[name]
