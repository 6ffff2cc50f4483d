"""Metric alarms: what PutMetricAlarm stores, how a stored alarm is evaluated, what an event says of it.

Event shapes: docs "cloudwatch-and-eventbridge". State reasons follow the samples there and in DescribeAlarms'
documentation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rehearsal.clock import Clock
from rehearsal.cloudwatch.evaluation import COMPARISONS, Rule, State, judge
from rehearsal.cloudwatch.metrics import Metrics, percentile
from rehearsal.cloudwatch.query import Query, check, metric_of, period_of, series_of

Json = dict[str, Any]

# What PutMetricAlarm takes and DescribeAlarms gives back unchanged (botocore MetricAlarm).
_KEPT = (
    *("AlarmDescription", "OKActions", "AlarmActions", "InsufficientDataActions", "Metrics", "MetricName", "Namespace"),
    *("Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm"),
    *("Threshold", "ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile"),
)


@dataclass(frozen=True)
class Standing:
    """A state an alarm is or was in, why, and since when (virtual epoch seconds)."""

    value: State
    reason: str
    data: str
    since: float

    def detail(self, clock: Clock) -> Json:
        """As in an event; `reasonData` is absent on the first evaluation."""
        said = {"value": self.value, "reason": self.reason, "timestamp": stamp(clock, self.since)}
        return said | ({"reasonData": self.data} if self.data else {})


@dataclass
class Alarm:
    """One metric alarm. `request` is the PutMetricAlarm request as last put."""

    name: str
    arn: str
    request: Mapping[str, Any]
    configured: float
    standing: Standing
    transitioned: float

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        return queries_of(self.request)

    @cached_property
    def rule(self) -> Rule:
        periods = int(self.request["EvaluationPeriods"])
        return Rule(
            comparison=self.request["ComparisonOperator"],
            threshold=float(self.request["Threshold"]),
            periods=periods,
            datapoints=int(self.request.get("DatapointsToAlarm", periods)),
            missing=self.request.get("TreatMissingData", "missing"),
        )

    def describe(self, clock: Clock) -> Json:
        """As DescribeAlarms returns it."""
        kept = {key: self.request[key] for key in _KEPT if key in self.request}
        return (
            kept
            | {
                "AlarmName": self.name,
                "AlarmArn": self.arn,
                "AlarmConfigurationUpdatedTimestamp": clock.datetime(self.configured),
                "ActionsEnabled": self.request.get("ActionsEnabled", True),
                "StateValue": self.standing.value,
                "StateReason": self.standing.reason,
                "StateUpdatedTimestamp": clock.datetime(self.standing.since),
                "StateTransitionedTimestamp": clock.datetime(self.transitioned),
            }
            | ({"StateReasonData": self.standing.data} if self.standing.data else {})
        )

    def configuration(self) -> Json:
        """The `configuration` of an event: every query, exactly one of which returns data."""
        described = {"metrics": [_query_detail(query) for query in self.queries]}
        text = self.request.get("AlarmDescription")
        return ({"description": text} if text else {}) | described


def queries_of(request: Mapping[str, Any]) -> tuple[Query, ...]:
    """The alarm's queries; an alarm on one plain metric is a single query."""
    if "Metrics" in request:
        return tuple(request["Metrics"])
    metric = {key: request[key] for key in ("Namespace", "MetricName", "Dimensions") if key in request}
    stat = request.get("ExtendedStatistic") or request.get("Statistic")
    return ({"Id": "m1", "MetricStat": {"Metric": metric, "Period": request.get("Period"), "Stat": stat}},)


def refusal(request: Mapping[str, Any]) -> str:
    """Why PutMetricAlarm refuses a request, or "" when it does not (B: PutMetricAlarm; messages in our words)."""
    single = [key for key in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period") if key in request]
    if ("Metrics" in request) == bool(single):
        return "An alarm watches either Metrics or one metric given by MetricName, Namespace, a statistic and Period"
    if "Metrics" not in request and ("Statistic" in request) == ("ExtendedStatistic" in request):
        return "Exactly one of Statistic and ExtendedStatistic must be given"
    for key in ("EvaluationPeriods", "ComparisonOperator", "Threshold"):
        if key not in request:
            return f"{key} is required; anomaly detection and Metrics Insights alarms are not simulated"
    if request["ComparisonOperator"] not in COMPARISONS:
        return f"ComparisonOperator {request['ComparisonOperator']} is not simulated"
    if int(request.get("DatapointsToAlarm", 1)) > int(request["EvaluationPeriods"]):
        return "DatapointsToAlarm must be less than or equal to EvaluationPeriods"
    queries = queries_of(request)
    if sum(query.get("ReturnData", True) for query in queries) != 1:
        return "Exactly one element of the metrics list should return data"
    try:
        check(queries)
    except ValueError as error:
        return str(error)
    return ""


def evaluate(alarm: Alarm, metrics: Metrics, clock: Clock, extra_periods: int) -> Standing | None:
    """The standing that the data calls for now, or None to keep the present one.

    Periods slide: an alarm with a period of 5 minutes looks, every minute, at the 5 minutes that have just ended
    (docs: AlarmThatSendsEmail, "Evaluating an alarm").
    """
    rule, queries = alarm.rule, {query["Id"]: query for query in alarm.queries}
    watched = next(query for query in queries.values() if query.get("ReturnData", True))
    period, end = period_of(watched, queries), clock.now // 60 * 60
    starts = [end - period * back for back in range(rule.periods + extra_periods, 0, -1)]
    points = series_of(watched, queries, metrics, starts)
    state = judge(rule, points)
    if state in (None, alarm.standing.value) or _too_few_samples(alarm, watched, metrics, starts, period):
        return None
    used = [(start, point) for start, point in zip(starts, points, strict=True) if point is not None][-rule.periods :]
    data = {
        "version": "1.0",
        "queryDate": stamp(clock, clock.now),
        "startDate": stamp(clock, used[0][0] if used else starts[-rule.periods]),
        "period": period,
        "recentDatapoints": [point for _, point in used],
        "threshold": rule.threshold,
    } | ({"statistic": watched["MetricStat"]["Stat"]} if "MetricStat" in watched else {})
    return Standing(state, _reason(rule, state, used, clock), json.dumps(data), clock.now)


def _too_few_samples(alarm: Alarm, watched: Query, metrics: Metrics, starts: Sequence[float], period: int) -> bool:
    """EvaluateLowSampleCountPercentile=ignore: under 10/(1-p) samples decide nothing (docs: AlarmThatSendsEmail)."""
    if alarm.request.get("EvaluateLowSampleCountPercentile") != "ignore" or "MetricStat" not in watched:
        return False
    rank = percentile(watched["MetricStat"]["Stat"])
    if rank is None or not 0 < rank < 100:
        return False
    share = rank / 100
    needed = 10 / (1 - share) if share >= 0.5 else 10 / share
    begin = starts[-alarm.rule.periods]
    return metrics.samples(metric_of(watched["MetricStat"]), begin, starts[-1] + period) < needed


def _reason(rule: Rule, state: State, used: Sequence[tuple[float, float]], clock: Clock) -> str:
    words = COMPARISONS[rule.comparison][1]
    if state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_counted(rule.periods - len(used))} unknown."
    if not used:
        treated = "Breaching" if rule.missing == "breaching" else "NonBreaching"
        return (
            f"Threshold Crossed: no datapoints were received for {rule.periods} period{'s' * (rule.periods > 1)} and "
            f"{rule.periods} missing datapoint{'s were' if rule.periods > 1 else ' was'} treated as [{treated}]."
        )
    shown = [(start, point) for start, point in used if rule.breaches(point) == (state == "ALARM")] or list(used)
    listed = ", ".join(f"{point} ({clock.datetime(start):%d/%m/%y %H:%M:%S})" for start, point in reversed(shown))
    if state == "ALARM":
        return (
            f"Threshold Crossed: {len(shown)} out of the last {rule.periods} datapoints [{listed}] "
            f"{'were' if len(shown) > 1 else 'was'} {words} the threshold ({rule.threshold}) "
            f"(minimum {rule.datapoints} datapoint{'s' * (rule.datapoints > 1)} for OK -> ALARM transition)."
        )
    return (
        f"Threshold Crossed: {len(shown)} datapoint{'s' * (len(shown) > 1)} [{listed}] "
        f"{'were' if len(shown) > 1 else 'was'} not {words} the threshold ({rule.threshold})."
    )


def _counted(number: int) -> str:
    return f"{number} datapoint{'s were' if number > 1 else ' was'}"


def _query_detail(query: Query) -> Json:
    """A query in an event's configuration; names start in lower case there, dimensions are a mapping."""
    detail: Json = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    if "Label" in query:
        detail["label"] = query["Label"]
    if "Expression" in query:
        return detail | {"expression": query["Expression"]}
    metric, stat = metric_of(query["MetricStat"]), query["MetricStat"]
    named = {"namespace": metric.namespace, "name": metric.name, "dimensions": dict(sorted(metric.dimensions))}
    return detail | {"metricStat": {"metric": named, "period": int(stat["Period"]), "stat": stat["Stat"]}}


def stamp(clock: Clock, at: float) -> str:
    """A time as alarm events spell it: "2019-10-02T17:04:40.989+0000"."""
    return clock.iso(at).replace("Z", "+0000")
