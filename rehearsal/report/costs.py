"""Counts everything that AWS charges a release for: its executions, the ones they called, and the calls of them all;
and what it charges for jobs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.report import prices
from rehearsal.report.prices import Cost
from rehearsal.states.execution import FUNCTION_SECONDS

if TYPE_CHECKING:
    from rehearsal.account.gateway import Call
    from rehearsal.sagemaker.processing import Job
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


@dataclass(frozen=True)
class JobUse:
    """What a job of a `kind` ("processing", "training") used: its instances, for so many seconds from when it had them
    until its end. `discount`: the part that spot instances save (0 to 1)."""

    kind: str
    instance_type: str
    instances: int
    seconds: float
    discount: float = 0.0


def job_costs(uses: Iterable[JobUse]) -> tuple[Cost, ...]:
    """The costs of jobs, by kind and instance type in the order of first use: whole seconds of each instance, without
    those of waiting for it (botocore DescribeTrainingJobResponse.BillableTimeInSeconds: "Multiply … by the number of
    instances"; of processing jobs nothing else is said). Their volumes are not counted."""
    hours: dict[prices.Price, float] = {}
    for use in uses:
        price = prices.instance_hour(use.kind, use.instance_type)
        billed = math.ceil(use.seconds) * use.instances * (1 - use.discount) / HOUR
        hours[price] = hours.get(price, 0.0) + billed
    return tuple(Cost(price, amount) for price, amount in hours.items() if amount)


def processing_uses(jobs: Iterable[Job], now: float) -> list[JobUse]:
    """What processing jobs have used until `now` (virtual epoch seconds)."""
    return [
        JobUse("processing", job.instance_type, job.instances, (now if job.ended is None else job.ended) - job.started)
        for job in jobs
        if job.started is not None
    ]


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
