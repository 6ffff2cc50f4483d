"""What endpoints report to CloudWatch about requests and about their instances (docs: monitoring-cloudwatch, SageMaker
AI endpoint invocation metrics; SageMaker AI endpoint metrics).

1 or 0 is sent per request for each kind of error, so that Average is the rate and Sum the number.
What this hides: more than one point a minute, and those of each instance, which an endpoint may ask for (botocore
MetricsConfig).

InvocationModelErrors are all requests without a 2XX answer, the 4XX and 5XX of the container among them. Latencies are
microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from numpy.typing import ArrayLike

from rehearsal.sagemaker.fleets import Route

NAMESPACE = "AWS/SageMaker"
INSTANCES = "/aws/sagemaker/Endpoints"


class Publish(Protocol):
    def __call__(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        at: float,
        values: ArrayLike,
        counts: ArrayLike | None = None,
    ) -> None: ...


@dataclass(frozen=True)
class Served:
    """The requests that one variant answered: how many, how many with which error, how long each took (µs), how long it
    took to start the containers that had to be started for some of them (µs), how long requests were queued (ms), with
    how many for so long, and how long some waited until the model that they named was loaded (µs)."""

    requests: int
    client_errors: int
    server_errors: int
    model_us: ArrayLike
    overhead_us: ArrayLike
    setup_us: Sequence[float] = ()
    waited_ms: Sequence[tuple[float, int]] = ()
    loading_us: Sequence[float] = ()


@dataclass(frozen=True)
class Used:
    """What a variant's instances used, in percent; of the CPU, 100 is one core, so that four reach 400."""

    cpu: float
    memory: float
    disk: float


def report(publish: Publish, route: Route, at: float, served: Served, *, every_fleet: bool) -> None:
    """Publishes for (EndpointName, VariantName), and with EndpointConfigName for the fleets that have it.

    Fleets made by a deployment have it (docs: deployment-guardrails-configuration); with `every_fleet` all have.
    ModelSetupTime is for serverless variants only, and InvocationModelErrors is not for them (docs:
    serverless-endpoints-monitoring, "an exhaustive list"). What asynchronous ones publish: see below.
    """
    shared = {"EndpointName": route.endpoint, "VariantName": route.variant}
    if route.component:
        shared = {"InferenceComponentName": route.component}  # docs: monitoring-cloudwatch
    scoped = [shared | {"EndpointConfigName": route.config}] if route.from_update or every_fleet else []
    scoped = scoped if route.told_apart and not route.component else []
    errors = served.client_errors + served.server_errors
    queued = route.asynchronous is not None
    for dimensions in (shared, *scoped):
        if not queued:
            publish(NAMESPACE, "Invocations", dimensions, at, [1], [served.requests])
        of_model = {} if route.serverless or queued else {"InvocationModelErrors": errors}
        counts = {"Invocation4XXErrors": served.client_errors, "Invocation5XXErrors": served.server_errors, **of_model}
        for name, number in counts.items():
            publish(NAMESPACE, name, dimensions, at, [1, 0], [number, served.requests - number])
        publish(NAMESPACE, "ModelLatency", dimensions, at, served.model_us)
        if not queued:
            publish(NAMESPACE, "OverheadLatency", dimensions, at, served.overhead_us)
        if len(served.setup_us):
            publish(NAMESPACE, "ModelSetupTime", dimensions, at, served.setup_us)

    if route.names_models:
        _report_loading(publish, shared, at, served)
    if queued:
        _report_queued(publish, shared, at, served, errors)


def _report_loading(publish: Publish, dimensions: Mapping[str, str], at: float, served: Served) -> None:
    """Of all models together: "Per-model metrics aren't supported" (docs: multi-model-endpoint-cloudwatch-metrics). A
    wait is told where there was one; half of it was the download."""
    missed = len(served.loading_us)
    publish(NAMESPACE, "ModelCacheHit", dimensions, at, [1, 0], [served.requests - missed, missed])
    if missed:
        halves = [each / 2 for each in served.loading_us]
        publish(NAMESPACE, "ModelLoadingWaitTime", dimensions, at, served.loading_us)
        publish(NAMESPACE, "ModelDownloadingTime", dimensions, at, halves)
        publish(NAMESPACE, "ModelLoadingTime", dimensions, at, halves)


def report_loaded(publish: Publish, route: Route, at: float, models: int) -> None:
    """How many models the containers of a multi-model variant have in memory."""
    dimensions = {"EndpointName": route.endpoint, "VariantName": route.variant}
    publish(INSTANCES, "LoadedModelCount", dimensions, at, [models])


def _report_queued(publish: Publish, dimensions: Mapping[str, str], at: float, served: Served, failed: int) -> None:
    """What a variant of an asynchronous endpoint tells beside errors and latency (docs: async-inference-monitor, "an
    exhaustive list", from which the name with three s is)."""
    publish(NAMESPACE, "InvocationsProcesssed", dimensions, at, [1], [served.requests])
    publish(NAMESPACE, "InvocationFailures", dimensions, at, [1], [failed])
    waited = [1000 * each for each, _ in served.waited_ms]
    if waited:
        publish(NAMESPACE, "TimeInBacklog", dimensions, at, waited, [number for _, number in served.waited_ms])


def report_use(publish: Publish, route: Route, at: float, used: Used) -> None:
    """Publishes one point per minute for (EndpointName, VariantName), the only dimensions these metrics have. Of a
    serverless variant, only the memory is told (docs: serverless-endpoints-monitoring)."""
    dimensions = {"EndpointName": route.endpoint, "VariantName": route.variant}
    for name, percent in (
        ("CPUUtilization", used.cpu),
        ("MemoryUtilization", used.memory),
        ("DiskUtilization", used.disk),
    ):
        if name == "MemoryUtilization" or not route.serverless:
            publish(INSTANCES, name, dimensions, at, [percent])
