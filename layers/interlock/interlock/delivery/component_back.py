"""The way back of an inference component: stable's specification again, or nothing where there was no component."""

from __future__ import annotations

from interlock.delivery.observed import Observed
from interlock.delivery.release import Release
from interlock.delivery.rollback import done, forward, leftovers
from interlock.delivery.steps import Steps, back, delete_endpoint
from interlock.model.looks import SHORTEST_LOOK
from interlock.model.observation import Endpoint
from interlock.model.plan import Decision, Plan, Step
from interlock.model.reasons import Reason
from interlock.model.request import Request


def component_facts(release: Release) -> Request:
    """What a rollback must know of an inference component: its name, stable's specification as an update takes it, and
    whether the release makes the endpoint, too. Empty if the release changes none."""
    hosting, stable = release.stage.hosting, release.endpoint
    if not hosting.inference_component:
        return {}
    live = hosting.specification(stable.config, stable.config_settings["Specification"]) if stable else {}
    name = hosting.inference_component
    return {"component": {"name": name, "stable": live, "makes_endpoint": release.host is None}}


def plan_component_back(
    release: str, observed: Observed, facts: Request, reason: str, reached: int, before: Request | None = None
) -> Plan:
    """The plan that puts stable back on an inference component (see plan_rollback)."""
    component = observed.endpoint
    if component and done(component, facts, reached) and reason == Reason.EXECUTION_STOPPED:
        return forward(facts, reached, "The candidate already has all requests; only tidying is left.")
    return _back(observed, facts, facts["component"], leftovers(facts, reached, reason))


def _back(observed: Observed, facts: Request, of: Request, left: Steps) -> Plan:
    """The plan that puts stable back. ``of``: see component_facts; ``left``: what removes what the release made.

    While an update is under way, SageMaker takes no other (public code quotes "Cannot update inference component …
    while it is in state …"), so this waits for its end. What a failed update leaves is not documented: the component
    may be Failed, or in service as before.
    """
    component, name, stable = observed.endpoint, of["name"], facts["stable_config"]
    if component is None:
        return _without(observed, facts, of, left)
    if not component.settled:
        return Plan(Decision.WAIT, Reason.ENDPOINT_BUSY, f"{component.title} is {component.status}.")
    if component.config not in (stable, facts["final_config"]):
        said = f"{component.title} runs model {component.config}, not one of this release; it is left alone."
        return Plan(Decision.HOLD, Reason.ENDPOINT_MOVED, said)
    if not stable:
        said = "There was no inference component before; the one this release created is removed."
        return back((_delete(name), *_endpoint(observed, facts, of), *left), said)
    if component.status == "InService" and component.config == stable:
        return back(left, "Stable is already in force; what the release made is removed.")
    return back((_update(name, of["stable"], stable), *left), "Stable's model comes back; the candidate is removed.")


def _without(observed: Observed, facts: Request, of: Request, left: Steps) -> Plan:
    if not observed.absent("component"):
        said = f"Inference component {of['name']} could not be read: {observed.cause('component')}"
        return Plan(Decision.HOLD, Reason.ROLLBACK_FAILED, said)
    if facts["stable_config"]:
        said = f"Inference component {of['name']} is gone; somebody else deleted it."
        return Plan(Decision.HOLD, Reason.ENDPOINT_MOVED, said)
    if observed.host and not observed.host.settled:
        return Plan(Decision.WAIT, Reason.ENDPOINT_BUSY, f"{observed.host.title} is {observed.host.status}.")
    said = "The inference component was never created; what was made for it is removed."
    return back((*_endpoint(observed, facts, of), *left), said)


def _endpoint(observed: Observed, facts: Request, of: Request) -> Steps:
    """Remove the endpoint, if the release made it. Whether SageMaker deletes one that has components, and what becomes
    of these, is told differently, so this comes after the component."""
    host: Endpoint | None = observed.host
    made = of["makes_endpoint"] and host is not None and host.config == facts["final_config"]
    return (delete_endpoint(facts["endpoint"]),) if made else ()


def _update(component: str, specification: Request, model: str) -> Step:
    """Stable's ``specification`` again, at once: what the rollback waits for is not watched by alarms, which may still
    be raised by what the candidate did."""
    return Step(
        "UpdateInferenceComponent",
        "Stable's model again, with as many copies as serve now",
        {"InferenceComponentName": component, "Specification": specification},
        expect={"component": component, "config": model},
        patience=SHORTEST_LOOK,
    )


def _delete(name: str) -> Step:
    return Step(
        "DeleteInferenceComponent",
        "Remove the inference component this release created",
        {"InferenceComponentName": name},
        expect={"component": name, "absent": True},
        patience=SHORTEST_LOOK,
    )
