"""Whether an endpoint still stands as the release left it, looked at before the release changes it again.

A bake may last for days, and nothing locks the endpoint meanwhile. What somebody else did to it is not overwritten.
"""

from __future__ import annotations

from interlock.model.observation import Endpoint
from interlock.model.plan import Step
from interlock.model.registration import change, read_registration
from interlock.model.request import Request
from interlock.model.traffic import set_capacity

LEFT = "It is left as it is; decide what should be live, then release again."


def difference(before: Request, endpoint: Endpoint) -> str:
    """How the endpoint differs from how it stood ``before`` (see Endpoint.standing), in words; empty if it does not.
    More instances than before are no difference: they are kept. Another concurrency is one: the config that the
    release made would take it back."""
    if endpoint.status != "InService":
        return f"it is {endpoint.status}"
    if endpoint.config != before["config"]:
        return f"it is in service on {endpoint.config}, not on {before['config']}"
    if endpoint.reweighted(before):
        return f"its traffic is split {endpoint.split()}"
    counts = endpoint.standing()["instances"]
    fewer = [name for name, count in before["instances"].items() if counts[name] < count]
    said = [f"{name} has {counts[name]} instances, not {before['instances'][name]}" for name in fewer]
    was, now = before.get("serverless", {}), endpoint.standing().get("serverless", {})
    told = was.keys() & now.keys()  # SageMaker may not tell the concurrency; the plan then had that of the config
    said += [f"{name} has {now[name]}, not {was[name]}" for name in sorted(told) if now[name] != was[name]]
    return ", ".join(said)


def rescaled(expected: Request, described: Request, name: str) -> str:
    """What somebody else did to the autoscaling of a variant, as a sentence; empty if nothing. ``expected``: the
    variant of endpoint ``name``, and the registration with which the release was planned."""
    variant = expected["variant"]
    said = change(expected["registration"], read_registration(described, name, variant))
    changed = f"Somebody else changed how {variant} scales during the release: {said}."
    return f"{changed} {LEFT}" if said else ""


def growth(endpoint: Endpoint, expect: Request, patience: int) -> Request | None:
    """The step that comes first where a step leaves all traffic to one of several variants, and another one was scaled
    out beyond it meanwhile: the capacity that serves now is kept. None if nothing has to grow."""
    counts = endpoint.standing()["instances"]
    stays = [name for name, share in expect.get("shares", {}).items() if share]
    if len(stays) != 1 or len(counts) == 1 or stays[0] not in counts or counts[stays[0]] >= max(counts.values()):
        return None
    largest = max(counts.values())
    return Step(
        "UpdateEndpointWeightsAndCapacities",
        f"{stays[0]} gets {largest} instances, as many as serve now",
        set_capacity(endpoint.name, stays[0], largest),
        expect={"config": endpoint.config, "shares": endpoint.shares()},
        patience=patience,
    ).as_dict()
