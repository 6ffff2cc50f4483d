"""Somebody changes the endpoint, its config or the version by hand, at any moment of a release."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rehearsal.playing import Rehearsal
from tests.rehearsal.attacks import invariants
from tests.rehearsal.attacks.plans import ENDPOINT, PLANS, RELEASE, Case, Document, document, entered, undisturbed

ABOUT = "update, weights, scale, bounds, concurrency, delete config, capacity, annotate by hand between any two steps"
OTHER = "other"
_PLANS = 0.5  # seconds from the look at the endpoint until the plan stands in the journal
MORE, CONCURRENCY = 5, 9


def _sagemaker(operation: str, **request: Any) -> Document:
    return {"may_be_refused": True, "call": {"service": "sagemaker", "operation": operation, "request": request}}


def _properties(*changes: Document) -> Document:
    operation = "UpdateEndpointWeightsAndCapacities"
    return _sagemaker(operation, EndpointName=ENDPOINT, DesiredWeightsAndCapacities=list(changes))


_SCALING = {"service": "application-autoscaling"}
_BOUNDS = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": f"endpoint/{ENDPOINT}/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    "MaxCapacity": 9,
}

HANDS: dict[str, Document] = {
    "update": _sagemaker("UpdateEndpoint", EndpointName=ENDPOINT, EndpointConfigName=OTHER),
    "weights": _properties(
        {"VariantName": "AllTraffic", "DesiredWeight": 0.7}, {"VariantName": RELEASE, "DesiredWeight": 0.3}
    ),
    "scale": _properties({"VariantName": "AllTraffic", "DesiredInstanceCount": MORE}),
    "concurrency": _properties(
        {"VariantName": "AllTraffic", "ServerlessUpdateConfig": {"MaxConcurrency": CONCURRENCY}}
    ),
    "delete config": _sagemaker("DeleteEndpointConfig", EndpointConfigName=ENDPOINT),
    "capacity for an update": {"break_next": {"endpoint": ENDPOINT, "change": "update"}, "may_be_refused": True},
    "capacity for weights": {"break_next": {"endpoint": ENDPOINT, "change": "weights"}, "may_be_refused": True},
    "bounds": {"may_be_refused": True, "call": {**_SCALING, "operation": "RegisterScalableTarget", "request": _BOUNDS}},
    "annotate": {"annotate": {"group": ENDPOINT, "version": 1, "metadata": {"owner": "ann"}}},
}
_OTHER = {"name": OTHER, "model": "broken", "initial_instances": 2}
_CALLING = ("Pass", "Choice", "Succeed", "Fail")  # states between which nothing can happen


def cases() -> Iterator[Case]:
    for plan in PLANS:
        serverless = "serverless" in plan
        for number, step in entered(plan):
            if step.type in _CALLING:
                continue
            when = {"machine": "deliver", "execution": RELEASE, "time": number, "later": 0.1}
            for hand, act in HANDS.items():
                if hand == ("scale" if serverless else "concurrency"):
                    continue
                written = document(plan, {"when": when, **act})
                written["endpoints"] = [*written["endpoints"], _OTHER | {"serverless": serverless}]
                yield Case(f"{plan}, {hand} in {number} {step.state}", written, (plan, hand))


def broken(case: Case, played: Rehearsal) -> list[str]:
    """What a person did stands at the end, or nothing of it was done, or a stop came after it and the end tells what
    was overwritten; nobody is blamed for what he did not do."""
    plan, hand = case.notes
    found = invariants.broken(played, (each for each in invariants.ALWAYS if each is not invariants.serves_one))
    ends, usual = (", ".join(invariants.reasons(each)) for each in (played, undisturbed(plan)))
    if hand not in ("update", "weights") or not _changes(played):
        found += invariants.serves_one(played) if "EndpointMoved" not in ends else []
    if hand == "bounds":
        found = [each for each in found if "RegisterScalableTarget" not in each]  # they are not those of before
    if _was_done(played) and not _STANDS[hand](played) and not _is_told(played):
        found.append(f"what the person did is overwritten; it ends as {ends}")
    if played.result.final.quarantined:
        found.append("the version is quarantined, and it did nothing wrong")
    if hand == "annotate" and ends != usual:
        found.append(f"it ends as {ends}, not as {usual}")
    return found


def _changes(played: Rehearsal) -> list[float]:
    """When the person changed the endpoint, and AWS accepted it."""
    return [
        call.at
        for call in played.result.calls
        if call.caller.principal == "person" and not call.error
        if call.operation.startswith("UpdateEndpoint") or call.request == _BOUNDS
    ]


def _was_done(played: Rehearsal) -> bool:
    """Whether the person changed the endpoint after the release had planned from what was before."""
    planned = (entry.at for each in played.result.releases for entry in each.journal if entry.kind == "PLAN")
    since = min(planned, default=played.result.ended)
    return any(at >= since - _PLANS for at in _changes(played))


def _is_told(played: Rehearsal) -> bool:
    """Whether the release was told to stop, and its end says what of another's was overwritten by that."""
    return any("This was overwritten" in each.sentence and each.turned_back for each in played.result.releases)


def _weights(played: Rehearsal) -> list[float]:
    found = played.world.describe_endpoint(ENDPOINT) or {}
    return sorted(each["DesiredWeight"] for each in found.get("ProductionVariants", ()))


def _concurrency(played: Rehearsal) -> int:
    (variant,) = (played.world.describe_endpoint(ENDPOINT) or {})["ProductionVariants"]
    return int(variant["CurrentServerlessConfig"]["MaxConcurrency"])


_STANDS: dict[str, Callable[[Rehearsal], bool]] = {
    "update": lambda played: played.result.final.serving.get(ENDPOINT) == {"broken": 1.0},
    "weights": lambda played: _weights(played) == [0.3, 0.7],
    "bounds": lambda played: any(
        each["target"]["MaxCapacity"] == 9 for each in played.result.final.registered.values()
    ),
    "concurrency": lambda played: _concurrency(played) == CONCURRENCY,
    "scale": lambda played: played.result.final.instances.get(ENDPOINT, 0) >= MORE,
}
