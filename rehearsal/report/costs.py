"""Counts everything that AWS charges a release for: its executions, the ones they called, and the calls of them all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rehearsal.report import prices
from rehearsal.report.prices import Cost
from rehearsal.states.execution import FUNCTION_SECONDS

if TYPE_CHECKING:
    from rehearsal.account.gateway import Call
    from rehearsal.services.dynamodb import Consumed
    from rehearsal.states import Execution

FUNCTION_MB = 256  # template.yaml, Globals
NOTICE_BYTES = 64 * 1024  # "each 64KB chunk of published data is billed as 1 request" (aws.amazon.com/sns/pricing)
HOUR = 3600.0


def costs(
    executions: Iterable[Execution],
    calls: Sequence[Call],
    consumed: Iterable[Consumed],
    all_calls: Sequence[Call],
    ended: float,
) -> tuple[Cost, ...]:
    """The costs of executions and of their `calls`, without those that are zero. DynamoDB metered `consumed` for them.
    An alarm costs until one of `all_calls` deletes it, or until the release has `ended`."""
    executions, consumed = list(executions), list(consumed)
    express = [each for each in executions if each.type == "EXPRESS"]
    answered = [call for call in calls if not call.error]
    functions = sum(_is(call, "lambda", "Invoke") for call in answered)
    written = [call for call in answered if _is(call, "cloudwatch", "PutMetricData")]
    found = (
        Cost(prices.TRANSITION, sum(each.transitions for each in executions)),
        Cost(prices.EXPRESS_REQUEST, len(express)),
        Cost(
            prices.EXPRESS_GB_SECOND, sum(each.billed_milliseconds / 1000 * each.billed_mb / 1024 for each in express)
        ),
        Cost(prices.FUNCTION_REQUEST, functions),
        Cost(prices.FUNCTION_GB_SECOND, functions * FUNCTION_SECONDS * FUNCTION_MB / 1024),
        Cost(prices.WRITE_UNIT, sum(each.write_units for each in consumed)),
        Cost(prices.READ_UNIT, sum(each.read_units for each in consumed)),
        Cost(prices.NOTICE, sum(_requests(call) for call in answered if _is(call, "sns", "Publish"))),
        Cost(prices.METRIC_READ, sum(_metrics_read(call) for call in answered)),
        Cost(prices.METRIC_REQUEST, len(written)),
        Cost(prices.METRIC_HOUR, len(set(_metric_hours(written)))),
        Cost(prices.ALARM_HOUR, _alarm_hours(answered, all_calls, ended)),
    )
    return tuple(each for each in found if each.amount)


def _is(call: Call, service: str, operation: str) -> bool:
    return (call.service, call.operation) == (service, operation)


def _requests(publish: Call) -> int:
    return max(1, math.ceil(len(publish.request["Message"].encode()) / NOTICE_BYTES))


def _metrics_read(call: Call) -> int:
    """GetMetricData is charged for each metric it asks for, each time; expressions of them are free."""
    if not _is(call, "cloudwatch", "GetMetricData"):
        return 0
    return sum("MetricStat" in query for query in call.request["MetricDataQueries"])


def _metric_hours(written: Iterable[Call]) -> Iterable[tuple[str, int]]:
    """Each metric in each hour in which it was written: "metered only when you send metrics"."""
    for call in written:
        for datum in call.request["MetricData"]:
            dimensions = sorted((each["Name"], each["Value"]) for each in datum.get("Dimensions", ()))
            yield f"{call.request['Namespace']} {datum['MetricName']} {dimensions}", int(call.at // HOUR)


def _alarm_hours(calls: Iterable[Call], all_calls: Sequence[Call], ended: float) -> int:
    """Every metric under an alarm costs for every hour begun, from when the alarm is put until it is deleted."""
    put: dict[str, Call] = {}
    for call in calls:
        if _is(call, "cloudwatch", "PutMetricAlarm"):
            put.setdefault(call.request["AlarmName"], call)
    hours = 0
    for name, call in put.items():
        metrics = sum("MetricStat" in query for query in call.request.get("Metrics", ())) or 1
        deleted = (
            other.at
            for other in all_calls
            if _is(other, "cloudwatch", "DeleteAlarms") and not other.error and name in other.request["AlarmNames"]
        )
        end = min(next((at for at in deleted if at >= call.at), ended), ended)
        hours += metrics * max(1, math.ceil((end - call.at) / HOUR))
    return hours
