"""Asynchronous endpoints: what a configuration of one cannot have, and what SageMaker tells of its queue.

Sources: docs: async-inference, async-inference-monitor ("an exhaustive list"); that there is one variant, on instances:
aws/aws-cdk-rfcs #433. Messages in our words, as no public report quotes AWS's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.sagemaker.measurements import NAMESPACE, Publish

ASYNC = "AsyncInferenceConfig"
DEFAULT_CONCURRENCY = 4  # "SageMaker chooses an optimal value" (botocore AsyncInferenceClientConfig)


def problem(request: Mapping[str, Any]) -> str:
    """Why an endpoint configuration with an AsyncInferenceConfig is refused, or ""."""
    if ASYNC not in request:
        return ""
    if len(request["ProductionVariants"]) > 1 or request.get("ShadowProductionVariants"):
        return "An asynchronous endpoint takes exactly one production variant."
    return ""


def concurrency(config: Mapping[str, Any]) -> int:
    """Requests that one instance has at a time, by an AsyncInferenceConfig."""
    return int(config.get("ClientConfig", {}).get("MaxConcurrentInvocationsPerInstance", DEFAULT_CONCURRENCY))


@dataclass(frozen=True)
class Queue:
    """An endpoint's queue at the end of a minute: how many requests wait, for how many seconds the oldest one has, and
    the instances behind it."""

    waiting: int
    oldest: float
    instances: int


def report_queue(publish: Publish, endpoint: str, at: float, queue: Queue) -> None:
    """Publishes for EndpointName, the only dimension that these metrics have. Without instances there is no size per
    instance, but whether there is a backlog without capacity (docs: async-inference-autoscale)."""
    told = {
        "ApproximateBacklogSize": float(queue.waiting),
        "ApproximateAgeOfOldestRequest": queue.oldest,
        "HasBacklogWithoutCapacity": float(bool(queue.waiting and not queue.instances)),
    }
    if queue.instances:
        told["ApproximateBacklogSizePerInstance"] = queue.waiting / queue.instances
    for name, value in told.items():
        publish(NAMESPACE, name, {"EndpointName": endpoint}, at, [value])
