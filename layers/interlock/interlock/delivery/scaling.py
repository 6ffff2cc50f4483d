"""Autoscaling around a release: the registration with Application Auto Scaling follows the variant that serves.

An update that removes a registered variant fails (docs: endpoint-scaling). So a candidate that serves beside stable is
registered before it gets traffic, and stable is deregistered just before it is removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from interlock.delivery.observed import Observed
from interlock.delivery.release import Release
from interlock.delivery.steps import Steps
from interlock.hosting.autoscaling import METRIC, POLICY_NAME
from interlock.model.observation import Endpoint
from interlock.model.plan import Step
from interlock.model.registration import of_variant, read_registration
from interlock.model.request import Request
from interlock.model.step_policies import is_own, starting_alarm

AT_ONCE = 5
"""Seconds until a step is checked that changes nothing on the endpoint, so that no event tells of it."""

NOTHING_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}

_TAKING = "DeregisterScalableTarget"
_ACTIONS = (
    "RegisterScalableTarget",
    "PutScalingPolicy",
    "PutStepScalingPolicy",
    "PutScheduledAction",
    "DeleteScalingPolicy",
    _TAKING,
)


def registered(endpoint: Endpoint | None, observed: Observed) -> Request:
    """How the variant that serves is registered (see registration); empty if it is not."""
    if endpoint is None or not endpoint.variants:
        return {}
    return read_registration(observed.found("scaling") or {}, endpoint.name, endpoint.variants[0].name)


def is_scalable(endpoint: str, variant: str, observed: Observed) -> bool:
    """Whether anything of ``variant`` is a scalable target: its instances, or its provisioned concurrency."""
    targets = (observed.found("scaling") or {}).get("ScalableTargets", ())
    return any(target["ResourceId"] == of_variant(endpoint, variant)["ResourceId"] for target in targets)


def scaling_unread(observed: Observed) -> str:
    """The sentence for an endpoint whose autoscaling could not be read."""
    return f"whether the endpoint is autoscaled could not be read ({observed.cause('scaling')})"


def unmovable(live: Request) -> list[str]:
    """What of the registration ``live`` another variant could not be given, one reason each."""
    if not live:
        return []
    reasons = [
        f"scaling policy {policy['PolicyName']} is started by alarms of somebody else's, which name it by its ARN"
        " (delete it, and write by_steps under hosting.autoscaling)"
        for policy in live["policies"]
        if policy["PolicyType"] != "TargetTrackingScaling" and not is_own(policy)
    ]
    once = [each["ScheduledActionName"] for each in live["schedules"] if each["Schedule"].startswith("at(")]
    return reasons + [f"scheduled action {name} acts once, at a time that may be over by then" for name in once]


def followed(release: Release, variant: str) -> Request:
    """The registration of ``variant`` that takes over from stable's: as that is now, with what the policy asks for. The
    bounds leave room for the instances that serve now: Application Auto Scaling removes at once what is above the
    maximum (botocore RegisterScalableTarget)."""
    asked, live = release.stage.hosting.scaling, release.scaling
    if asked is None and not live:
        return {}
    stable = release.stable.name if release.endpoint else ""
    instances = release.stable.instances if release.endpoint else release.stage.hosting.most_instances
    bounds = {**live.get("target", {"SuspendedState": NOTHING_SUSPENDED}), **(asked.target if asked else {})}
    others = [policy for policy in live.get("policies", ()) if not (asked and _is_replaced(policy))]
    return {
        "target": with_room(bounds, instances),
        "policies": [*(_of_variant(policy, stable, variant) for policy in others), *(asked.policies if asked else [])],
        "schedules": live.get("schedules", []),
    }


def with_room(target: Request, instances: int) -> Request:
    """The bounds of ``target``, with a maximum that is not below ``instances``."""
    return {**target, "MaxCapacity": max(target["MaxCapacity"], instances)}


def _is_replaced(policy: Request) -> bool:
    """Whether ``policy`` is what those of Interlock's own replace: the ones that it made before, and a target tracking
    policy of the same metric, of which Application Auto Scaling takes one."""
    tracked = policy.get("TargetTrackingScalingPolicyConfiguration", {}).get("PredefinedMetricSpecification", {})
    return POLICY_NAME in policy.values() or METRIC in tracked.values() or is_own(policy)


def _of_variant(value: Any, stable: str, variant: str) -> Any:
    """``value`` with the dimension of a customized metric that names ``stable`` naming ``variant``."""
    if value == {"Name": "VariantName", "Value": stable}:
        return {"Name": "VariantName", "Value": variant}
    if isinstance(value, Mapping):
        return {name: _of_variant(each, stable, variant) for name, each in value.items()}
    return [_of_variant(each, stable, variant) for each in value] if isinstance(value, list) else value


def register(endpoint: str, variant: str, registration: Request, held: bool = False) -> Steps:
    """Steps that give ``variant`` a ``registration``. ``held``: no instance is removed until ``release_hold``."""
    of = of_variant(endpoint, variant)
    target = {**registration["target"], **(_held(registration) if held else {})}
    return (
        Step("RegisterScalableTarget", f"{variant} is a scalable target", {**of, **target}),
        *(_put(endpoint, variant, each) for each in registration["policies"]),
        *(
            Step("PutScheduledAction", f"Scheduled action {each['ScheduledActionName']}", {**of, **each})
            for each in registration["schedules"]
        ),
    )


def _put(endpoint: str, variant: str, policy: Request) -> Step:
    """A step policy of Interlock's own comes with the alarm that starts it, which names the policy by the ARN that it
    gets. A policy that is put again keeps its ARN."""
    note, request = f"Scaling policy {policy['PolicyName']}", {**of_variant(endpoint, variant), **policy}
    if not is_own(policy):
        return Step("PutScalingPolicy", note, request)
    alarm = starting_alarm(endpoint, variant, policy)
    return Step("PutStepScalingPolicy", f"{note}, and its alarm", {"Policy": request, "Alarm": alarm})


def _alarms_removed(endpoint: str, variant: str, policies: Iterable[Request]) -> Steps:
    """A step policy leaves its alarm behind (botocore DeleteScalingPolicy). One a call: an alarm that is gone must not
    keep another one."""
    alarms = (starting_alarm(endpoint, variant, policy)["AlarmName"] for policy in policies if is_own(policy))
    return tuple(
        Step("DeleteAlarms", "Remove the alarm of a scaling policy", {"AlarmNames": [each]}) for each in alarms
    )


def hold(endpoint: str, variant: str, registration: Request) -> Step:
    """No instance of ``variant`` is removed while the traffic moves: with less traffic it would lose its capacity, and
    may get all of it a moment later (docs: application-auto-scaling-suspend-resume-scaling)."""
    note = f"Autoscaling removes no instance of {variant} while the traffic moves"
    return Step("RegisterScalableTarget", note, {**of_variant(endpoint, variant), **_held(registration)})


def release_hold(endpoint: str, variant: str, registration: Request) -> Step:
    """What was suspended of ``variant`` before ``hold``, and nothing else of its registration."""
    suspended = {"SuspendedState": registration["target"].get("SuspendedState", NOTHING_SUSPENDED)}
    return Step(
        "RegisterScalableTarget",
        f"Autoscaling may remove instances of {variant} again",
        {**of_variant(endpoint, variant), **suspended},
    )


def _held(registration: Request) -> Request:
    suspended = registration["target"].get("SuspendedState", NOTHING_SUSPENDED)
    return {"SuspendedState": {**suspended, "DynamicScalingInSuspended": True}}


def deregister(endpoint: str, variant: str, registration: Request) -> Steps:
    """``variant`` is not a scalable target any more. Its scaling policies and scheduled actions go with the target, so
    nothing is ever half registered (botocore DeregisterScalableTarget); the alarms of ``registration`` go after it."""
    note = f"{variant} is no scalable target any more"
    return (
        Step("DeregisterScalableTarget", note, of_variant(endpoint, variant)),
        *_alarms_removed(endpoint, variant, registration.get("policies", ())),
    )


def adjust(endpoint: str, variant: str, before: Request, after: Request) -> Steps:
    """Steps from one registration of the same variant to another; nothing where both are the same."""
    if before == after:
        return ()
    if not after:
        return deregister(endpoint, variant, before)
    of = of_variant(endpoint, variant)
    stay = {policy["PolicyName"] for policy in after["policies"]}
    gone = [policy for policy in before.get("policies", ()) if policy["PolicyName"] not in stay]
    new = {
        kind: [each for each in after[kind] if each not in before.get(kind, ())] for kind in ("policies", "schedules")
    }
    removed = (
        Step("DeleteScalingPolicy", f"Remove scaling policy {name}", {**of, "PolicyName": name})
        for name in (policy["PolicyName"] for policy in gone)
    )
    return (*removed, *_alarms_removed(endpoint, variant, gone), *register(endpoint, variant, {**after, **new}))


def remembered(release: Release, steps: Steps, variant: str) -> Request:
    """What a rollback must know: the ``variant`` that the plan registers, how stable is registered ``before`` and the
    variant ``after``, the step ``from`` which the plan changes that, and the one from which it takes it from stable
    (``until``). Empty if the plan changes nothing."""
    touching = [index for index, step in enumerate(steps) if step.action in _ACTIONS]
    if not touching:
        return {}
    taking = [index for index in touching if steps[index].action == _TAKING]
    stable = release.endpoint.variants[0].name if release.endpoint else ""
    return {
        "variant": variant,
        "before": release.scaling,
        "after": followed(release, variant),
        "from": touching[0],
        "until": taking[0] if taking else len(steps),
        **({"stable": stable} if stable else {}),
    }
