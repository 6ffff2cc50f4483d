"""The rollback, compiled from what is true now, not from what was planned."""

from __future__ import annotations

from typing import Any

from interlock.delivery.observed import Observed
from interlock.delivery.release import Release
from interlock.delivery.scaling_back import candidate_deregistered, candidate_registered, stable_registered
from interlock.delivery.standby import end_standby, stands_by
from interlock.delivery.steps import (
    LIVE,
    PATIENCE,
    Steps,
    back,
    deaf,
    delete_endpoint,
    endpoint_config,
    swap_config,
    tidy,
)
from interlock.model.capacity import Capacity, configured_capacity
from interlock.model.names import RESOURCE_PREFIX, resource_name
from interlock.model.observation import Endpoint
from interlock.model.plan import Decision, Plan, Step
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.model.traffic import set_capacity, set_weights

_CREATED = {
    "CreateModel": ("model", "ModelName"),
    "CreateEndpointConfig": ("config", "EndpointConfigName"),
    "PutMetricAlarm": ("alarm", "AlarmName"),
    "CreateTransformJob": ("job", "TransformJobName"),
}
"""Steps that leave something behind: what it is, and which field of the request has its name."""


def facts(release: Release, steps: Steps) -> Request:
    """What a rollback needs to know of the plan that was carried out, in whichever execution and whenever it runs.

    ``made`` lists what the plan creates, each with the index of its step, so that only what was reached is removed.
    """
    stable = release.endpoint
    made = [
        {"step": index, "kind": _CREATED[step.action][0], "name": step.request[_CREATED[step.action][1]]}
        for index, step in enumerate(steps)
        if step.action in _CREATED
    ]
    return {
        "endpoint": release.stage.endpoint,
        "made": made,
        "judged_last": _is_judged_last(release, steps),
        "last_step": max((index for index, step in enumerate(steps) if step.action != "None"), default=0),
        "moves_from": next((index for index, step in enumerate(steps) if step.expect), len(steps)),
        "package": release.version.arn,
        **({"batch": True} if not release.stage.hosting.served else {}),
        "final_config": release.config,
        "transition_config": release.transition,
        **({"shadow_config": release.shadow} if release.shadow else {}),
        "stable_config": stable.config if stable else "",
        "candidate_variant": release.candidate,
        "stable_variant": stable.variants[0].name if stable else "",
        "stable_instances": stable.variants[0].instances if stable else 0,
        "stable_settings": stable.config_settings if stable else {},
    }


def _is_judged_last(release: Release, steps: Steps) -> bool:
    """Whether the candidate is judged only when it has all traffic: a bake comes after its own config is in force."""
    alone = (index for index, step in enumerate(steps) if (step.expect or {}).get("config") == release.config)
    return any(step.action == "Bake" for step in steps[next(alone, len(steps)) :])


def leftovers(facts: Request, reached: int, reason: str) -> Steps:
    """Remove what the release made up to the step it ``reached``: alarms, then jobs and configs, then the model.

    The step at which it stopped may have been carried out although its answer was lost, so what it creates is removed
    too, unless that name belongs to something else.
    """
    last = reached - 1 if reason == Reason.NAME_TAKEN else reached
    made: dict[str, list[str]] = {"alarm": [], "job": [], "config": [], "model": []}
    for thing in facts["made"]:
        if thing["step"] <= last:
            made[thing["kind"]].append(thing["name"])
        if thing["kind"] == "job" and thing["step"] < last:
            made["job"].clear()  # it has ended, or the release would still wait for it
    return tidy(**{f"{kind}s": tuple(names) for kind, names in made.items()})


def plan_rollback(
    release: str, observed: Observed, facts: Request, reason: str, reached: int, before: Request | None = None
) -> Plan:
    """The plan that puts stable back. It can be compiled and run from any point, twice.

    ``reason`` is why the release is rolled back, ``reached`` the index of the step that it had reached. ``before``: how
    the endpoint stood when the release was told to stop during a bake. The request that then puts all traffic on stable
    is sent without a look; while SageMaker carries it out, the current weights are still those from before.
    """
    endpoint = observed.endpoint
    left, gone_with_it = leftovers(facts, reached, reason), candidate_deregistered(facts, reached)
    if endpoint is None:
        return _without_endpoint(observed, facts, (*gone_with_it, *left))
    others = before and endpoint.reweighted(before) and endpoint.shares().get(facts["stable_variant"]) != 100
    if others and endpoint.status == "InService":
        said = f"Somebody else changed the traffic of endpoint {endpoint.name} during the rollback: {endpoint.split()}."
        return Plan(Decision.HOLD, Reason.ENDPOINT_MOVED, f"{said} It is left as it is.")
    if others and not endpoint.settled:
        said = f"Somebody else had changed the traffic of endpoint {endpoint.name} before: {endpoint.split()}."
        return Plan(Decision.WAIT, Reason.ENDPOINT_MOVED, f"{said} This was overwritten, because a stop comes first.")
    if not endpoint.settled:
        return Plan(Decision.WAIT, Reason.ENDPOINT_BUSY, f"Endpoint {endpoint.name} is {endpoint.status}.")
    stable_again = endpoint.config in (facts["stable_config"], _restored(release, endpoint))
    own = (facts["transition_config"], facts["final_config"], facts.get("shadow_config"))
    if not stable_again and endpoint.config not in own:
        said = f"Endpoint {endpoint.name} is on config {endpoint.config}, not one of this release; it is left alone."
        return Plan(Decision.HOLD, Reason.ENDPOINT_MOVED, said)
    if reason == Reason.EXECUTION_STOPPED:
        if done(endpoint, facts, reached):
            return forward(facts, reached, "The candidate already has all traffic; only tidying is left.")
        if stands_by(endpoint, facts, reached):
            said = "The version is live already; stable, which stood by, is removed."
            return forward(facts, reached, said, end_standby(facts))
    if not facts["stable_config"]:
        said = "There was no endpoint before; the one this release created is removed."
        return back((*gone_with_it, delete_endpoint(endpoint.name), *left), said)
    if endpoint.status not in ("InService", "UpdateRollbackFailed"):
        said = f"Endpoint {endpoint.name} is {endpoint.status}: {endpoint.failure}"
        return Plan(Decision.HOLD, Reason.ENDPOINT_FAILED, said)
    scales = stable_registered(facts, reached, observed, endpoint)
    if endpoint.status == "InService" and stable_again:
        again = _remembered(endpoint, facts) if observed.absent("stable_config") else ()
        said = "Stable is already in force; what the release made is removed."
        return back((*again, *gone_with_it, *scales, *left), said)
    said = "All traffic goes to stable; then the candidate is removed."
    gone = observed.absent("stable_config")
    *first, alone = _to_stable(release, endpoint, facts, gone)
    return back((*first, *gone_with_it, alone, *scales, *left), said)


def only_tidies(plan: Plan) -> bool:
    """Whether ``plan`` only removes what nothing uses, because the endpoint is as it should be."""
    return plan.decision is Decision.PROCEED and not any(step.expect for step in plan.steps)


def done(endpoint: Endpoint, facts: Request, reached: int) -> bool:
    """Whether the candidate alone serves. On an endpoint that the release created, or where it is judged last, this
    proves nothing before the last step was reached: the smoke test of a new endpoint, if there is one, or what follows
    the bake. Elsewhere the candidate was judged before it got all traffic."""
    proved = (facts["stable_config"] and not facts.get("judged_last")) or reached >= facts["last_step"]
    return bool(endpoint.status == "InService" and endpoint.config == facts["final_config"] and proved)


def forward(facts: Request, reached: int, said: str, first: Steps = ()) -> Plan:
    """The execution died after the candidate got all traffic. There is nothing against the candidate, so only the steps
    ``first`` and tidying are left."""
    serving = {facts["final_config"]}
    steps = tuple(
        step
        for step in leftovers(facts, reached, Reason.EXECUTION_STOPPED)
        if step.action != "DeleteModel" and step.request.get("EndpointConfigName") not in serving
    )
    steps = deaf((*first, *candidate_registered(facts), *steps)) or (LIVE,)
    return Plan(Decision.PROCEED, Reason.RECOVERED_FORWARD, said, strategy="roll_back", steps=steps)


def _without_endpoint(observed: Observed, facts: Request, left: Steps) -> Plan:
    if not observed.absent("endpoint"):
        said = f"The endpoint could not be read: {observed.cause('endpoint')}"
        return Plan(Decision.HOLD, Reason.ROLLBACK_FAILED, said)
    if facts["stable_config"]:
        said = f"Endpoint {facts['endpoint']} is gone; somebody else deleted it."
        return Plan(Decision.HOLD, Reason.ENDPOINT_MOVED, said)
    return back(left, "The endpoint was never created; what was made for it is removed.")


def _remembered(endpoint: Endpoint, facts: Request) -> Steps:
    """The config in force again, which somebody has deleted: SageMaker updates no endpoint whose config is gone. Only a
    name of Interlock's own may be made again."""
    if endpoint.config != facts["stable_config"] or not endpoint.config.startswith(RESOURCE_PREFIX):
        return ()
    return (_stable_at(endpoint.config, endpoint.capacity, facts),)


def _to_stable(release: str, endpoint: Endpoint, facts: Request, gone: bool) -> Steps:
    """Steps from the candidate's or the shared config to stable alone, with the capacity that serves now. ``gone``:
    somebody has deleted stable's config, so it is made again from what was remembered.

    After a failed rollback UpdateEndpoint is the only way out (botocore EndpointStatus UpdateRollbackFailed). A rolling
    deployment has ended instances of stable by then, so its capacity is what was remembered, and no live count is
    retained."""
    stable, mixed = facts["stable_variant"], endpoint.status == "UpdateRollbackFailed"
    live = {variant.name: variant for variant in endpoint.variants}
    all_back = {name: 100.0 if name == stable else 0.0 for name in live}
    capacity = endpoint.capacity
    if mixed:
        capacity = max(capacity, Capacity(facts.get("stable_instances", 0)))
    steps: list[Step] = []
    config = facts["stable_config"]

    def change(note: str, request: Request) -> Step:
        expect = {"config": endpoint.config, "shares": all_back}
        return Step("UpdateEndpointWeightsAndCapacities", note, request, expect=expect, patience=PATIENCE)

    if endpoint.status == "InService" and stable in live:
        if len(live) > 1 and endpoint.shares()[stable] < 100:
            steps.append(change("All traffic to stable", set_weights(endpoint.name, all_back)))
        if live[stable].instances < capacity.instances:
            note = f"Stable gets {capacity}, as many as the candidate was scaled out to"
            steps.append(change(note, set_capacity(endpoint.name, stable, capacity.instances)))
    if gone or mixed or (stable not in live and not _asks_for(facts, capacity)):
        config = _restored_at(release, capacity)
        steps.append(_stable_at(config, capacity, facts))
    note = "Stable alone, as large as before" if mixed else "Stable alone, at its live capacity"
    retain = not capacity.concurrency
    alone = swap_config(endpoint.name, config, note, {"shares": {stable: 100.0}}, PATIENCE, retain)
    if mixed and retain:
        alone.request["ExcludeRetainedVariantProperties"].append({"VariantPropertyType": "DesiredInstanceCount"})
    return (*steps, alone)


def _restored_at(release: str, capacity: Capacity) -> str:
    """Name of stable's config at ``capacity``, which is part of it: a second rollback may find another fleet than the
    first, and must not collide with the first one's config."""
    return resource_name(release, f"stable-{capacity.label}")


def _restored(release: str, endpoint: Endpoint) -> str:
    """The name that the config in force would have if an earlier rollback of ``release`` had made it."""
    configured = (configured_capacity(variant.settings) for variant in endpoint.variants)
    return _restored_at(release, max(configured, default=Capacity()))


def _asks_for(facts: Request, capacity: Capacity) -> bool:
    """Whether stable's own config asks for this concurrency, so that it can be in force again as it is."""
    variants = facts["stable_settings"]["ProductionVariants"]
    return capacity.concurrency > 0 and all(configured_capacity(variant) == capacity for variant in variants)


def _stable_at(config: str, capacity: Capacity, facts: Request) -> Step:
    """Stable's config again, at the capacity the candidate serves with now: it may have scaled since."""
    settings: dict[str, Any] = facts["stable_settings"]
    variants = [capacity.of(variant) for variant in settings["ProductionVariants"]]
    return endpoint_config(config, variants, settings, "Stable's config at today's capacity")
