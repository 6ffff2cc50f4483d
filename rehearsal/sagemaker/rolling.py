"""A rolling deployment: the instances of an endpoint are replaced batch by batch.

Sources: docs: deployment-guardrails-rolling (a batch of new instances is provisioned, traffic shifts to it, it bakes,
and as many old instances are cleaned up, until all are replaced; a rollback goes in batches, or shifts all traffic);
botocore RollingUpdatePolicy (a rollback brings capacity of the old fleet up, turns traffic on there, and terminates
capacity of the new one), DescribeEndpointOutput.EndpointStatus (UpdateRollbackFailed: in service with a mix).
"""

from __future__ import annotations

import math

from rehearsal.sagemaker.fleets import Endpoint, Fleet, Variant
from rehearsal.sagemaker.lifecycle import (
    Life,
    Surroundings,
    begin,
    enter,
    given,
    provisioning,
    replaced,
    settle,
    shifting,
)
from rehearsal.sagemaker.strategies import Strategy


def rolling(endpoint: Endpoint, fleet: Fleet, plan: Strategy, around: Surroundings) -> Life:
    """Batches of new instances take the place of old ones, or an alarm puts those back."""
    old, new = _only(endpoint.live), _only(fleet)
    before, total = old.desired_instances or 0, fleet.instances
    new.instances = 0
    begin(endpoint, fleet, around)
    for step in range(len(plan.shares)):
        batch = min(plan.batch, total - (new.instances or 0))
        reason = yield from provisioning(endpoint, fleet, batch, around)
        if not reason:
            new.instances = (new.instances or 0) + batch
            share, capacity = new.instances / total, f"{new.instances} of {total} instance(s)"
            reason = yield from shifting(endpoint, step, share, capacity, plan, around)
        if reason:
            yield from _back(endpoint, reason, plan, before, around)
            return
        left = math.ceil(before * (1 - share))
        enter(endpoint, "Deleting", f"Terminating {(old.instances or 0) - left} instance(s) of the old fleet.", around)
        yield around.options.terminate_seconds
        old.instances = left
    replaced(endpoint, fleet, around)


def _back(endpoint: Endpoint, reason: str, plan: Strategy, before: int, around: Surroundings) -> Life:
    """The old fleet gets its instances back, then its traffic, and the new one loses as many: in batches, or all at
    once. It may fail, which leaves a mix in service. `before`: instances of the old fleet."""
    fleet, old = endpoint.pending, _only(endpoint.live)
    assert fleet is not None
    new = _only(fleet)
    total, there = new.desired_instances or 0, new.instances or 0
    if fleet.share and endpoint.take_fault("rollback"):
        _leave_a_mix(endpoint, fleet, reason, around)
        return
    for left in reversed(range(0, there, plan.rollback_batch or there) if there else [0]):
        needed = before - math.floor(before * left / total)
        if (old.instances or 0) < needed:
            lacking = needed - (old.instances or 0)
            enter(endpoint, "Creating", f"Rolling back: launching {lacking} instance(s) of the old fleet.", around)
            yield around.options.provision_seconds
            old.instances = needed
        enter(endpoint, "ActivatingTraffic", "Rolling back: turning on traffic on the old fleet.", around)
        yield around.options.shift_seconds
        around.rerouting(endpoint.name)
        fleet.share = left / total
        ended = f"terminating {(new.instances or 0) - left} instance(s) of the new fleet"
        enter(endpoint, "Deleting", f"Rolling back: {ended}.", around)
        yield around.options.terminate_seconds
        new.instances = left
    endpoint.pending = None
    settle(endpoint, "InService", around, given(reason, around))


def _leave_a_mix(endpoint: Endpoint, fleet: Fleet, reason: str, around: Surroundings) -> None:
    """Both fleets serve. How many instances the old one is said to want then is an open question."""
    around.rerouting(endpoint.name)
    for each in endpoint.serving:
        each.share *= 1 - fleet.share
    old = _only(endpoint.live)
    if around.options.mixed_fleet == "as left":
        old.desired_instances = old.instances
    endpoint.serving, endpoint.pending, fleet.stage = [*endpoint.serving, fleet], None, None
    settle(endpoint, "UpdateRollbackFailed", around, reason)


def _only(fleet: Fleet | None) -> Variant:
    """The variant of a fleet that has one: others do not roll (docs: deployment-guardrails-exclusions)."""
    assert fleet is not None
    (variant,) = fleet.variants.values()
    return variant
