"""The metrics that evidence may name, their kinds, and how to ask CloudWatch for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

INVOCATIONS = "AWS/SageMaker"
"""Namespace of a variant's requests, errors and latencies (docs: sagemaker/latest/dg/monitoring-cloudwatch)."""

INSTANCES = "/aws/sagemaker/Endpoints"
"""Namespace of the utilisation of a variant's instances (docs: sagemaker/latest/dg/monitoring-cloudwatch)."""


class Kind(NamedTuple):
    """A kind of metric, as far as a policy must know it.

    How its metrics are measured, judged and told is in the module of its name in ``evidence.kinds``. This is plain data
    apart from that, because checking a policy must not load the statistics: they would make it start 7 % slower. It is
    a tuple because a dataclass takes longer to make.

    ``parts``: what Interlock puts behind a metric's name when it asks CloudWatch for the parts of it. ``negligible``:
    whether a rule may name a level below which differences do not matter. ``allocates``: whether an allocation of
    traffic can follow it. ``banded``: whether a rule may ask for both a min and a max. ``tailed``: whether requests
    beyond the metric are counted, so that a comparison needs stable's own value from before the release.
    """

    name: str
    parts: tuple[str, ...] = ()
    negligible: bool = False
    allocates: bool = False
    banded: bool = False
    tailed: bool = False


RATE = Kind("rate", parts=("of",), negligible=True, allocates=True)
"""A share of requests: hits over requests."""

PERCENTILE = Kind("percentile", parts=("over", "slow", "beyond"), tailed=True)
"""A latency that all but a given share of the requests stay below."""

MEAN = Kind("mean", banded=True)
"""An average per period."""

SELDOM = Kind("seldom")
"""What not every request has, such as a cold start: the mean of those that there were."""

KINDS = (RATE, PERCENTILE, MEAN, SELDOM)

COMPARING = ("margin", "better_by")
"""The bounds of rules that hold the candidate against stable; the others hold it against a number."""


@dataclass(frozen=True)
class Metric:
    """A metric of a variant. ``name``, ``statistic`` and ``namespace`` as CloudWatch knows them.

    ``unit``: ``share`` (0 to 1, shown as percent), ``us`` (microseconds, shown as milliseconds), or the text that
    follows a number. ``better``: ``lower`` or ``higher``. ``per``: for a rate, the metric that it is a share of, unless
    that is the variant's requests.
    ``dimensions``: beside EndpointName and VariantName. ``each``: whether SageMaker has a value for each request,
    so that an alarm can act on a single minute.
    """

    name: str
    statistic: str
    kind: Kind
    title: str
    unit: str
    better: str = "lower"
    namespace: str = INVOCATIONS
    per: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    each: bool = False


def _rate(name: str, title: str) -> Metric:
    return Metric(name, "Sum", RATE, title, "share", each=True)


def _percentile(statistic: str, title: str) -> Metric:
    return Metric("ModelLatency", statistic, PERCENTILE, title, "us", each=True)


def _use(name: str, title: str) -> Metric:
    return Metric(name, "Average", MEAN, title, "%", namespace=INSTANCES)


METRICS: dict[str, Metric] = {
    "error_rate": _rate("Invocation5XXErrors", "server error rate"),
    "client_error_rate": _rate("Invocation4XXErrors", "client error rate"),
    "model_error_rate": _rate("InvocationModelErrors", "model error rate"),
    "mean_latency": Metric("ModelLatency", "Average", MEAN, "mean latency", "us", each=True),
    "p50_latency": _percentile("p50", "median latency"),
    "p90_latency": _percentile("p90", "p90 latency"),
    "p95_latency": _percentile("p95", "p95 latency"),
    "p99_latency": _percentile("p99", "p99 latency"),
    "p99_9_latency": _percentile("p99.9", "p99.9 latency"),
    "mean_overhead": Metric("OverheadLatency", "Average", MEAN, "mean overhead", "us", each=True),
    "cold_start": Metric("ModelSetupTime", "Average", SELDOM, "cold start", "us"),
    "model_loading_wait": Metric("ModelLoadingWaitTime", "Average", SELDOM, "wait for a model to load", "us"),
    "cache_hit_rate": Metric("ModelCacheHit", "Average", MEAN, "cache hit rate", "share", better="higher"),
    "invocations": Metric("Invocations", "Sum", MEAN, "requests per period", "requests", better="higher"),
    "cpu": _use("CPUUtilization", "CPU utilisation"),
    "memory": _use("MemoryUtilization", "memory utilisation"),
    "disk": _use("DiskUtilization", "disk utilisation"),
    "gpu": _use("GPUUtilization", "GPU utilisation"),
    "gpu_memory": _use("GPUMemoryUtilization", "GPU memory utilisation"),
}
"""Latencies and set-up times are in microseconds; only ModelLatency has percentiles; the error metrics are 0 or 1 for
each request; utilisation is in percent, summed over the cores or devices of an instance (docs:
monitoring-cloudwatch)."""


def tail(metric: Metric) -> float:
    """The share of requests above ``metric``, which is a percentile."""
    return round(1.0 - float(metric.statistic[1:]) / 100.0, 12)


def metric_stat(
    name: str, namespace: str, dimensions: Mapping[str, str], period: int, statistic: str
) -> dict[str, Any]:
    """The ``MetricStat`` of a query or an alarm: ``statistic`` of a metric of one variant over ``period`` seconds."""
    return {
        "Metric": {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        },
        "Period": period,
        "Stat": statistic,
    }


def in_unit(unit: str, value: float) -> str:
    """``value`` as people read it: a share in percent, microseconds in milliseconds, from ten seconds on in seconds."""
    if unit == "share":
        return f"{value * 100:.3g} %"
    if unit == "us" and value >= 10e6:
        return f"{value / 1e6:.4g} s"
    if unit == "us":
        return f"{value / 1000:.4g} ms"
    return f"{value:.4g} {unit}".rstrip()
