"""Traffic that flows to two variants of one endpoint, and what CloudWatch knows of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from rehearsal.traffic import DAY, Load, Minute, Traffic
from tests.rehearsal.sagemaker.account import PERSON, START, Account, variant

STABLE, CANDIDATE = ("stable", "first"), ("candidate", "first")
BEGIN = START.timestamp()
FOREVER = BEGIN + 10 * DAY


def flowing(kind: str = "better", stable: float = 95, candidate: float = 5, **load: Any) -> tuple[Account, Traffic]:
    """Two requests a second on stable (plain) and candidate, since nine o'clock; in service four minutes later."""
    account = Account()
    account.model("plain")
    if kind != "plain":
        account.model(kind)
    traffic = Traffic(
        account.clock,
        account.sagemaker.endpoints,
        account.cloudwatch.publish,
        [Load("digits", **load)],
    )
    account.endpoint(variant("stable", "plain", stable), variant("candidate", kind, candidate))
    return account, traffic


def requests(minutes: Iterable[Minute], variant: str) -> list[int]:
    return [minute.requests for minute in minutes if minute.variant == variant]


def medians(traffic: Traffic, variant: str) -> list[float]:
    """The variant's median latency by minute, in microseconds."""
    return [minute.latency_p50_us for minute in traffic.minutes if minute.variant == variant]


def of(variant: str, **more: str) -> dict[str, str]:
    return {"EndpointName": "digits", "VariantName": variant, **more}


def values(
    account: Account, name: str, stat: str, period: int, namespace: str = "AWS/SageMaker", **dimensions: str
) -> list[float]:
    """The metric's values since nine o'clock, oldest first."""
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
    answer = account.cloudwatch.get_metric_data(
        {
            "StartTime": START,
            "EndTime": START + timedelta(hours=12),
            "MetricDataQueries": [{"Id": "m", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}],
            "ScanBy": "TimestampAscending",
        },
        PERSON,
    )
    return list(answer["MetricDataResults"][0]["Values"])
