"""Autoscaling on the way back: stable is registered as it was, and the candidate is not any more.

What a person has changed meanwhile stays: it is their decision how the variant that serves is scaled.
"""

from __future__ import annotations

from interlock.delivery.observed import Observed
from interlock.delivery.scaling import adjust, deregister, register, release_hold, with_room
from interlock.delivery.steps import Steps
from interlock.model.observation import Endpoint
from interlock.model.registration import read_registration
from interlock.model.request import Request
from interlock.model.step_policies import is_own


def candidate_deregistered(facts: Request, reached: int) -> Steps:
    """Steps before the candidate's variant is removed. They are none where the plan registered no variant of its own up
    to the step that it ``reached``."""
    scaling = facts.get("scaling")
    if not scaling or reached < scaling["from"] or scaling["variant"] == scaling.get("stable"):
        return ()
    return deregister(facts["endpoint"], scaling["variant"], scaling["after"])


def candidate_registered(facts: Request) -> Steps:
    """Steps that complete the registration of a variant that stays. They may be repeated."""
    scaling = facts.get("scaling")
    if not scaling or "stable" in scaling:
        return ()
    return register(facts["endpoint"], scaling["variant"], scaling["after"])


def stable_registered(facts: Request, reached: int, observed: Observed, endpoint: Endpoint) -> Steps:
    """Steps that put back how stable was registered. ``endpoint`` tells how many instances serve now."""
    scaling = facts.get("scaling")
    if not scaling or reached < scaling["from"] or "stable" not in scaling:
        return ()
    name, stable, before = facts["endpoint"], scaling["stable"], scaling["before"]
    described = observed.found("scaling")
    now = None if described is None else read_registration(described, name, stable)
    instances = max((variant.instances for variant in endpoint.variants), default=0)
    if scaling["variant"] == stable:
        return _as_before(name, stable, scaling, now, instances)
    if not before:
        return ()
    again, taken = _with_room(before, instances), reached >= scaling["until"]
    if now and taken and _bounds(now) in (_bounds(before), _bounds(again)):
        return (release_hold(name, stable, before), *register(name, stable, _missing(again, now))[1:])
    if now or (now is None and not taken):
        return (release_hold(name, stable, before),)
    return register(name, stable, again) if taken else ()  # else a person has deregistered it


def _missing(registration: Request, now: Request) -> Request:
    """What of a registration is not there ``now``: a rollback before this one died after it registered the target. A
    step policy may be there without its alarm, so it is put again."""
    parts = {"policies": "PolicyName", "schedules": "ScheduledActionName"}
    there = {part: [each[name] for each in now[part] if not _has_alarm(each)] for part, name in parts.items()}
    return registration | {
        part: [each for each in registration[part] if each[name] not in there[part]] for part, name in parts.items()
    }


def _has_alarm(part: Request) -> bool:
    return "PolicyType" in part and is_own(part)


def _as_before(name: str, stable: str, scaling: Request, now: Request | None, instances: int) -> Steps:
    """Where the variant kept its name, the plan gave it what the policy asks for. Bounds that are neither those nor the
    ones before were set by a person."""
    before, after = scaling["before"], scaling["after"]
    ours = [_bounds(each) for each in (before, after)]
    if now is not None and _bounds(now) not in ours:
        return ()
    return adjust(name, stable, after, _with_room(before, instances) if before else {})


def _bounds(registration: Request) -> tuple[int, int] | None:
    target = registration.get("target")
    return (target["MinCapacity"], target["MaxCapacity"]) if target else None


def _with_room(registration: Request, instances: int) -> Request:
    return {**registration, "target": with_room(registration["target"], instances)}
