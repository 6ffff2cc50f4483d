"""What happens to an endpoint over time, each as a generator that yields the seconds until its next step.

Sources: botocore DescribeEndpoint, UpdateEndpoint, UpdateEndpointWeightsAndCapacities; docs:
deployment-guardrails-blue-green,
-canary, -linear, -rolling, -configuration. That a rollback ends InService on the old configuration, with or without a
reason:
terraform-provider-aws #39099, #46663, #48997.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.clock import Clock
from rehearsal.sagemaker.containers import Container, Containers, Unhealthy
from rehearsal.sagemaker.fleets import Endpoint, Fleet, Stage, Variant
from rehearsal.sagemaker.multimodel import SharedContainer
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.several import Direct, Serial
from rehearsal.sagemaker.strategies import Strategy

Life = Iterator[float]


@dataclass(frozen=True)
class Surroundings:
    """What a life needs besides its endpoint. `rerouting` is told before an endpoint's traffic goes elsewhere;
    `say` and `say_stage` send the endpoint's and the deployment's event; `alarm_state` is None for an unknown alarm."""

    clock: Clock
    options: Options
    containers: Containers
    alarm_state: Callable[[str], str | None]
    rerouting: Callable[[str], None]
    say: Callable[[Endpoint], None]
    say_stage: Callable[[Endpoint], None]
    gone: Callable[[Endpoint], None]


def drive(clock: Clock, life: Life) -> None:
    """Lets a life run to its end on the clock."""
    wait = next(life, None)
    if wait is not None:
        clock.after(wait, lambda: drive(clock, life))


def settle(endpoint: Endpoint, status: str, around: Surroundings, failure: str = "") -> None:
    """A change is over."""
    endpoint.status, endpoint.failure, endpoint.modified = status, failure, around.clock.now
    around.say(endpoint)


def creating(endpoint: Endpoint, around: Surroundings) -> Life:
    """Creating, then InService; or Failed, slowly when the container crashes again and again."""
    fleet = endpoint.pending
    assert fleet is not None
    around.say(endpoint)
    yield around.options.create_seconds
    if unhealthy := _start(fleet, around):
        if unhealthy.crash_loop:
            yield max(0.0, around.options.crash_loop_seconds - around.options.create_seconds)
        endpoint.pending = None
        settle(endpoint, "Failed", around, str(unhealthy))
        return
    around.rerouting(endpoint.name)
    fleet.share, fleet.stage = 1.0, None
    endpoint.serving, endpoint.pending = [fleet], None
    settle(endpoint, "InService", around)


def deploying(endpoint: Endpoint, fleet: Fleet, plan: Strategy, around: Surroundings) -> Life:
    """Blue/green: provision, then shift and bake step by step, then end the old fleet; or roll back."""
    begin(endpoint, fleet, around)
    failed = yield from provisioning(endpoint, fleet, fleet.instances, around)
    if failed:
        yield from _rolling_back(endpoint, failed, around)
        return
    for step, share in enumerate(plan.shares):
        reason = yield from shifting(endpoint, step, share, _capacity(fleet, share), plan, around)
        if reason:
            yield from _rolling_back(endpoint, reason, around)
            return
    enter(endpoint, "Deleting", "Terminating the old fleet.", around)
    yield around.options.terminate_seconds
    replaced(endpoint, fleet, around)


def begin(endpoint: Endpoint, fleet: Fleet, around: Surroundings) -> None:
    """An update to a new fleet begins."""
    now = around.clock.now
    fleet.began, endpoint.pending = now, fleet
    endpoint.status, endpoint.modified, endpoint.failure = "Updating", now, ""
    around.say(endpoint)


def provisioning(endpoint: Endpoint, fleet: Fleet, instances: int, around: Surroundings) -> Generator[float, None, str]:
    """New instances start. Returns why they could not, or ""."""
    options = around.options
    enter(endpoint, "Creating", f"Launching {instances} instance(s).", around)
    yield options.provision_seconds
    unhealthy = _start(fleet, around)
    if unhealthy and unhealthy.crash_loop:
        yield max(0.0, options.crash_loop_seconds - options.provision_seconds)
    return str(unhealthy or "") or endpoint.take_fault("update")


def shifting(
    endpoint: Endpoint, step: int, share: float, capacity: str, plan: Strategy, around: Surroundings
) -> Generator[float, None, str]:
    """The new fleet gets a share of the traffic, and bakes. Returns why to roll back, or ""."""
    fleet = endpoint.pending
    assert fleet is not None
    enter(endpoint, "ActivatingTraffic", f"Turning on traffic on {capacity}.", around)
    yield around.options.shift_seconds
    around.rerouting(endpoint.name)
    fleet.share = share
    seconds, setting = plan.bake(step)
    if seconds:
        message = f"Baking for {seconds:.0f} seconds ({setting}) with traffic enabled on {capacity}."
        enter(endpoint, "Baking", message, around)
    reason = yield from _baking(seconds, plan, fleet.began, around)
    return reason


def replaced(endpoint: Endpoint, fleet: Fleet, around: Surroundings) -> None:
    """Only the new fleet serves."""
    around.rerouting(endpoint.name)
    fleet.share, fleet.stage = 1.0, None
    endpoint.serving, endpoint.pending, endpoint.config = [fleet], None, fleet.config
    settle(endpoint, "InService", around)


@dataclass(frozen=True)
class Wanted:
    """What a variant shall have (botocore DesiredWeightAndCapacity); None, and empty, is as it has it."""

    weight: float | None = None
    instances: int | None = None
    serverless: Mapping[str, Any] | None = None


def changing(endpoint: Endpoint, wanted: Mapping[str, Wanted], around: Surroundings) -> Life:
    """Weights and capacities, by variant: desired at once, current when it is done."""
    fleet = endpoint.live
    assert fleet is not None
    resized = False
    for name, each in wanted.items():
        variant, instances = fleet.variants[name], each.instances
        if each.weight is not None:
            variant.desired_weight = each.weight
        if each.serverless and variant.serverless:
            variant.desired_serverless = {**variant.serverless, **each.serverless}
        if instances is not None and instances != variant.instances:
            variant.desired_instances, resized = instances, True
            direction = "out" if instances > (variant.instances or 0) else "in"
            message = f"Scaling {direction} desired instance count to {instances}."
            variant.stage = Stage("Updating", message, around.clock.now)
    endpoint.status, endpoint.modified = "Updating", around.clock.now
    around.say(endpoint)
    if resized:
        around.say_stage(endpoint)
    yield around.options.capacity_seconds if resized else around.options.weights_seconds
    failed = endpoint.take_fault("weights")
    if failed:
        endpoint.status = "RollingBack"
        around.say(endpoint)
        yield around.options.terminate_seconds
    around.rerouting(endpoint.name)
    for variant in fleet.variants.values():
        variant.stage = None
        if failed:
            variant.desired_weight, variant.desired_instances = variant.weight, variant.instances
            variant.desired_serverless = variant.serverless
        variant.weight, variant.instances = variant.desired_weight, variant.desired_instances
        variant.serverless = variant.desired_serverless
    settle(endpoint, "InService", around, given(failed, around))


def deleting(endpoint: Endpoint, around: Surroundings) -> Life:
    """Stops serving at once."""
    around.rerouting(endpoint.name)
    endpoint.status, endpoint.serving, endpoint.modified = "Deleting", [], around.clock.now
    around.say(endpoint)
    yield around.options.delete_seconds
    around.gone(endpoint)


def maintaining(endpoint: Endpoint, seconds: float, around: Surroundings) -> Life:
    """AWS's own maintenance: it serves, and nothing may be changed."""
    endpoint.status, endpoint.modified = "SystemUpdating", around.clock.now
    around.say(endpoint)
    yield seconds
    settle(endpoint, "InService", around)


def _start(fleet: Fleet, around: Surroundings) -> Unhealthy | None:
    for variant in () if fleet.hosts else fleet.started:
        try:
            variant.container = _container(variant, around.containers)
        except Unhealthy as reason:
            return reason
    return None


def _container(variant: Variant, containers: Containers) -> Container:
    source = variant.source
    if source.shared:
        return SharedContainer(containers, source.model_data, source.keeps)
    started = {
        each.hostname: containers.start(variant.name, each.model_data, each.etag, each.hostname)
        for each in variant.sources
    }
    if len(started) == 1:
        return started[source.hostname]
    return Direct(started) if variant.direct else Serial(started)


def _baking(seconds: float, plan: Strategy, began: float, around: Surroundings) -> Generator[float, None, str]:
    """Waits, looking at the alarms. Returns why to roll back, or ""."""
    end = around.clock.now + seconds
    while seconds:
        tripped = [name for name in plan.alarms if around.alarm_state(name) == "ALARM"]
        if tripped:
            return f"Alarm(s) {', '.join(tripped)} went into ALARM while baking; the deployment was rolled back."
        if around.clock.now - began > plan.limit:
            return "The deployment took longer than MaximumExecutionTimeoutInSeconds; it was rolled back."
        if around.clock.now >= end:
            break
        yield min(around.options.alarm_poll_seconds, end - around.clock.now)
    return ""


def _rolling_back(endpoint: Endpoint, reason: str, around: Surroundings) -> Life:
    """All traffic back to the old fleet at once."""
    fleet = endpoint.pending
    assert fleet is not None
    around.rerouting(endpoint.name)
    fleet.share = 0.0
    enter(endpoint, "Deleting", "Rolling back: terminating the new fleet.", around)
    yield around.options.terminate_seconds
    endpoint.pending = None
    settle(endpoint, "InService", around, given(reason, around))


def given(reason: str, around: Surroundings) -> str:
    """The FailureReason of a rollback, which SageMaker may leave out."""
    return reason if around.options.rollback_reason == "given" else ""


def enter(endpoint: Endpoint, status: str, message: str, around: Surroundings) -> None:
    """The fleet that is being deployed enters a stage."""
    assert endpoint.pending is not None
    endpoint.pending.stage = Stage(status, message, around.clock.now)
    around.say_stage(endpoint)


def _capacity(fleet: Fleet, share: float) -> str:
    if share >= 1:
        return f"full capacity of {fleet.instances} instance(s)"
    return f"canary capacity of {max(1, round(share * fleet.instances))} instance(s)"
