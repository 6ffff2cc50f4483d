"""How a variant is registered with Application Auto Scaling: its bounds, scaling policies and scheduled actions.

A registration is ``{"target", "policies", "schedules"}``, each as RegisterScalableTarget, PutScalingPolicy and
PutScheduledAction take it, without what names the variant; empty if the variant is not registered.
"""

from __future__ import annotations

from collections.abc import Iterable

from interlock.model.request import Request

_TARGET = ("MinCapacity", "MaxCapacity", "SuspendedState")
_POLICY = ("PolicyName", "PolicyType", "TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration")
_SCHEDULE = ("ScheduledActionName", "Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")


def of_variant(endpoint: str, variant: str) -> Request:
    """The fields that name a variant's instances to Application Auto Scaling (botocore RegisterScalableTarget)."""
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def read_registration(described: Request, endpoint: str, variant: str) -> Request:
    """The registration of ``variant`` in what DescribeScalableTargets, DescribeScalingPolicies and
    DescribeScheduledActions answered."""
    named = of_variant(endpoint, variant)
    own = {
        kind: [each for each in described.get(kind, ()) if named.items() <= each.items()]
        for kind in ("ScalableTargets", "ScalingPolicies", "ScheduledActions")
    }
    if not own["ScalableTargets"]:
        return {}
    return {
        "target": _only(_TARGET, own["ScalableTargets"][0]),
        "policies": [_only(_POLICY, each) for each in own["ScalingPolicies"]],
        "schedules": [_only(_SCHEDULE, each) for each in own["ScheduledActions"]],
    }


def _only(names: Iterable[str], described: Request) -> Request:
    return {name: described[name] for name in names if name in described}


def change(before: Request, now: Request) -> str:
    """How a registration differs from how it was ``before``, in words; empty if it does not. What is suspended does not
    count, nor does a bound that a scheduled action sets."""
    if not now:
        return "it is not registered as a scalable target any more"
    said = [_bound(name, before, now) for name in ("MinCapacity", "MaxCapacity")]
    for kind, name, words in (
        ("policies", "PolicyName", "scaling policy"),
        ("schedules", "ScheduledActionName", "scheduled action"),
    ):
        was, are = ({each[name]: each for each in registration[kind]} for registration in (before, now))
        said += [f"{words} {each} is new" for each in are.keys() - was.keys()]
        said += [f"{words} {each} is gone" for each in was.keys() - are.keys()]
        said += [f"{words} {each} is another one" for each in was.keys() & are.keys() if was[each] != are[each]]
    return ", ".join(sorted(filter(None, said)))


def _bound(name: str, before: Request, now: Request) -> str:
    was, is_now = before["target"][name], now["target"][name]
    scheduled = [each.get("ScalableTargetAction", {}).get(name) for each in before["schedules"]]
    return f"its {name} is {is_now}, not {was}" if is_now not in (was, *scheduled) else ""
