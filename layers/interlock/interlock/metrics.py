"""The metrics of a variant that evidence may speak of, and how CloudWatch is asked for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NAMESPACE = "AWS/SageMaker"
"""docs: sagemaker/latest/dg/monitoring-cloudwatch."""


@dataclass(frozen=True)
class Metric:
    """``name`` and ``statistic`` as CloudWatch knows them. ``per_request``: a count to be divided by Invocations."""

    name: str
    statistic: str
    per_request: bool
    title: str


METRICS: dict[str, Metric] = {
    "error_rate": Metric("Invocation5XXErrors", "Sum", True, "server error rate"),
    "client_error_rate": Metric("Invocation4XXErrors", "Sum", True, "client error rate"),
    "mean_latency": Metric("ModelLatency", "Average", False, "mean latency"),
    "p50_latency": Metric("ModelLatency", "p50", False, "median latency"),
    "p90_latency": Metric("ModelLatency", "p90", False, "p90 latency"),
    "p95_latency": Metric("ModelLatency", "p95", False, "p95 latency"),
    "p99_latency": Metric("ModelLatency", "p99", False, "p99 latency"),
}
"""ModelLatency is in microseconds and has percentiles; the error metrics are 0 or 1 for each request (docs:
monitoring-cloudwatch)."""

REQUESTS = Metric("Invocations", "Sum", False, "requests")

RATES = frozenset(name for name, metric in METRICS.items() if metric.per_request)


def metric_stat(metric: Metric, dimensions: dict[str, str], period: int) -> dict[str, Any]:
    """The ``MetricStat`` of a query or an alarm: ``metric`` over ``period`` seconds of one variant."""
    return {
        "Metric": {
            "Namespace": NAMESPACE,
            "MetricName": metric.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        },
        "Period": period,
        "Stat": metric.statistic,
    }


def in_unit(metric: str, value: float) -> str:
    """``value`` as a person reads it: a rate as percent, a latency (microseconds) as milliseconds."""
    return f"{value * 100:.3g} %" if metric in RATES else f"{value / 1000:.4g} ms"
