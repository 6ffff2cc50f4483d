"""From policy and observed facts to a plan: the way out, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from interlock.awswords import NOT_FOUND
from interlock.hosting import endpoint_config, set_weights, swap_config, tidy
from interlock.names import resource_name
from interlock.observation import Endpoint
from interlock.plan import Decision, Plan, Request, Step
from interlock.policy import Stage, read_policy
from interlock.preflight import Observed, refusal
from interlock.reasons import Reason
from interlock.strategies import PATIENCE, Release, Steps, create, native, native_obstacles, weights

MOST_WAITS = 20
"""How often a busy endpoint is waited for before a release gives up: each wait ends by an event or after PATIENCE."""

LOOK_AGAIN = 20
"""Seconds before a question that AWS could not answer is asked again."""

DELETION_PATIENCE = 120
"""Seconds until a deletion is looked at. Whether an event tells of its end is not documented."""


def plan_delivery(task: Request) -> Request:
    """Compile a plan.

    ``task``: ``intent`` (deliver, or roll_back), ``release`` (its id), ``group``, ``version``, ``document`` (the
    policy in force), ``observed`` (answers, see preflight.Observed), ``role`` (the models' execution role),
    ``waits`` (how often the endpoint was waited for); to roll back also ``facts`` (of the plan that went out) and
    ``reason`` (why it is taken back).
    """
    observed = Observed(task["observed"], task["group"], task["version"])
    if task["intent"] == "roll_back":
        plan = plan_rollback(task["release"], observed, task["facts"], task["reason"])
    else:
        plan = plan_release(task["release"], observed, read_policy(task["document"], task["group"]).stage, task["role"])
    if plan.decision is Decision.WAIT and task["waits"] >= MOST_WAITS:
        decision = Decision.REFUSE if task["intent"] == "deliver" else Decision.HOLD
        plan = Plan(decision, plan.reason, f"{plan.why} It was waited for {task['waits']} times.")
    return plan.as_dict()


def plan_release(name: str, observed: Observed, stage: Stage, role: str) -> Plan:
    """The plan that takes a version to its endpoint, or why not."""
    endpoint = observed.endpoint
    if observed.unreadable():
        return Plan(
            Decision.WAIT,
            Reason.AWS_REFUSED,
            f"AWS could not answer just now: {observed.unreadable()}",
            pause=LOOK_AGAIN,
        )
    refused = refusal(observed, stage)
    if refused:
        return Plan(Decision.REFUSE, *refused)
    if endpoint and not endpoint.settled:
        return Plan(Decision.WAIT, Reason.ENDPOINT_BUSY, f"Endpoint {endpoint.name} is {endpoint.status}.")
    if endpoint and _is_live(observed, endpoint):
        said = f"Version {observed.number} is already live on {endpoint.name}; nothing was changed."
        return Plan(Decision.REFUSE, Reason.ALREADY_LIVE, said)
    version = observed.version
    if version is None:
        raise ValueError("pre-flight lets no release pass without its version")
    release = Release(name, version, stage, role, endpoint)
    traffic, why = choose_traffic(stage, endpoint, observed)
    if not traffic:
        return Plan(Decision.REFUSE, Reason.STRATEGY_IMPOSSIBLE, why)
    steps, restore, facts = TRAFFIC[traffic](release)
    facts = _facts(release, facts)
    return Plan(
        decision=Decision.PROCEED,
        reason=Reason.ACCEPTED,
        why=why,
        strategy=stage.strategy.kind,
        traffic=traffic,
        warnings=tuple(warnings(stage, endpoint, traffic)),
        steps=steps,
        restore=restore,
        facts=facts,
        watched=(*facts["alarms"], *stage.alarms),
    )


TRAFFIC: dict[str, Callable[[Release], tuple[Steps, Request | None, Request]]] = {
    "create": create,
    "native": native,
    "weights": weights,
}
"""The ways to bring a version under traffic."""


def _is_live(observed: Observed, endpoint: Endpoint) -> bool:
    """Whether the ledger says that this version is live, and the endpoint still has the config it went live with."""
    live = ((observed.found("control") or {}).get("Item") or {}).get("live", {}).get("M", {})
    number, config = live.get("version", {}).get("N"), live.get("config", {}).get("S")
    return bool(number == str(observed.number) and config == endpoint.config)


def choose_traffic(stage: Stage, endpoint: Endpoint | None, observed: Observed) -> tuple[str, str]:
    """How traffic will move and why; an empty first part means that no way is open."""
    if endpoint is None:
        return "create", f"Endpoint {stage.endpoint} does not exist yet; it is created with this version."
    asked = stage.strategy.traffic
    against_native = native_obstacles(stage, endpoint)
    against_weights = _weights_obstacles(endpoint, observed)
    obstacles = {"native": against_native, "weights": against_weights}
    if asked != "auto":
        if obstacles[asked]:
            return (
                "",
                (
                    f"The policy asks for traffic: {asked}, but {'; '.join(obstacles[asked])}. "
                    "Change the strategy, or write traffic: auto."
                ),
            )
        return asked, f"The policy asks for traffic: {asked}."
    wants_weights = _better_by_weights(stage)
    if not against_native and not wants_weights:
        return (
            "native",
            "SageMaker's guardrails can carry out this strategy by themselves, and go back on an alarm without us.",
        )
    if not against_weights:
        return "weights", f"Variant weights, because {'; '.join(against_native + wants_weights)}."
    if not against_native:
        return "native", f"SageMaker's guardrails, because {'; '.join(against_weights)}."
    said = (
        f"Guardrails cannot: {'; '.join(against_native)}. Weights cannot: "
        f"{'; '.join(against_weights)}. Change the strategy."
    )
    return "", said


def _weights_obstacles(endpoint: Endpoint, observed: Observed) -> list[str]:
    """Why traffic cannot be moved by variant weights.

    An update that removes a variant registered as a scalable target fails (docs: endpoint-scaling), and the last
    step removes stable.
    """
    targets = (observed.found("scaling") or {}).get("ScalableTargets", [])
    if observed.cause("scaling"):
        return [f"whether the endpoint is autoscaled could not be read ({observed.cause('scaling')})"]
    prefix = f"endpoint/{endpoint.name}/variant/"
    scaled = [target["ResourceId"].removeprefix(prefix) for target in targets]
    return [f"variant {name} is a scalable target, and could not be retired" for name in scaled]


def _better_by_weights(stage: Stage) -> list[str]:
    """What the policy asks for that guardrails can only do in part."""
    wishes = []
    if stage.evidence:
        wishes.append("evidence is judged after every bake")
    if stage.smoke:
        wishes.append("the candidate is smoke-tested before it gets traffic")
    return wishes


def warnings(stage: Stage, endpoint: Endpoint | None, traffic: str) -> list[str]:
    """What a reader of the plan should know, though it stops nothing."""
    found = []
    if traffic == "create" and stage.strategy.kind == "canary":
        found.append("First deployment: there is no stable variant to compare with or to go back to.")
    if traffic == "native" and stage.smoke:
        found.append("No smoke test: guardrails give no way to reach the new fleet before it has traffic.")
    if traffic == "native" and stage.evidence:
        found.append("Evidence rules act as alarms only: guardrails do not wait for a verdict.")
    if not stage.evidence and traffic == "weights":
        found.append("No evidence rules: only alarms can take the candidate back.")
    if not stage.smoke and traffic != "native":
        found.append("No smoke test: the first request the candidate sees is a user's.")
    if endpoint and endpoint.variants[0].instances != stage.hosting.instances:
        live = endpoint.variants[0].instances
        found.append(f"Live capacity is kept: {live} instances, where the policy says {stage.hosting.instances}.")
    return found


def _facts(release: Release, of_strategy: Request) -> Request:
    """What a rollback needs to know of the plan that went out, whoever carries it out and whenever."""
    stable = release.endpoint
    return {
        "endpoint": release.stage.endpoint,
        "model": release.model,
        "final_config": release.config,
        "transition_config": "",
        "alarms": [],
        "stable_config": stable.config if stable else "",
        "stable_variant": stable.variants[0].name if stable else "",
        "stable_settings": stable.config_settings if stable else {},
        **of_strategy,
    }


def plan_rollback(release: str, observed: Observed, facts: Request, reason: str) -> Plan:
    """The plan that puts stable back, compiled from what is true now; it can be compiled and run from any point,
    twice."""
    endpoint = observed.endpoint
    if observed.unreadable():
        return Plan(
            Decision.WAIT,
            Reason.AWS_REFUSED,
            f"AWS could not answer just now: {observed.unreadable()}",
            pause=LOOK_AGAIN,
        )
    if endpoint is None and not NOT_FOUND.search(observed.cause("endpoint")):
        return Plan(
            Decision.HOLD, Reason.ROLLBACK_FAILED, f"The endpoint could not be read: {observed.cause('endpoint')}"
        )
    if endpoint is None and facts["stable_config"]:
        return Plan(
            Decision.HOLD, Reason.ENDPOINT_MOVED, f"Endpoint {facts['endpoint']} is gone; somebody else deleted it."
        )
    if endpoint is None:
        return _back((*_leftovers(facts),), "The endpoint never came to be; what was made for it is removed.")
    if not endpoint.settled:
        return Plan(Decision.WAIT, Reason.ENDPOINT_BUSY, f"Endpoint {endpoint.name} is {endpoint.status}.")
    if not facts["stable_config"]:
        return _undo_creation(endpoint, facts)
    if endpoint.status not in ("InService", "UpdateRollbackFailed"):
        return Plan(
            Decision.HOLD, Reason.ENDPOINT_FAILED, f"Endpoint {endpoint.name} is {endpoint.status}: {endpoint.failure}"
        )
    if (
        endpoint.config == facts["final_config"]
        and endpoint.status == "InService"
        and reason == Reason.EXECUTION_STOPPED
    ):
        steps = tidy(alarms=tuple(facts["alarms"]), config=facts["transition_config"])
        return Plan(
            Decision.PROCEED,
            Reason.RECOVERED_FORWARD,
            "The candidate already has all traffic; what is left is tidying.",
            steps=steps,
        )
    if endpoint.config not in (facts["stable_config"], facts["transition_config"], facts["final_config"]):
        said = (
            f"Endpoint {endpoint.name} is on config {endpoint.config}, which "
            "this release knows nothing of; it is left alone."
        )
        return Plan(Decision.HOLD, Reason.ENDPOINT_MOVED, said)
    if endpoint.config == facts["stable_config"] and endpoint.status == "InService":
        return _back(_leftovers(facts), "Stable is already in force; what the release made is removed.")
    return _back(
        (*_to_stable(release, endpoint, facts), *_leftovers(facts)),
        "All traffic goes back to stable; then the candidate is removed.",
    )


def _back(steps: Steps, why: str) -> Plan:
    return Plan(Decision.PROCEED, Reason.ACCEPTED, why, strategy="roll_back", steps=steps)


def _undo_creation(endpoint: Endpoint, facts: Request) -> Plan:
    """Take away an endpoint that this release created."""
    if endpoint.config != facts["final_config"]:
        said = (
            f"Endpoint {endpoint.name} is on config {endpoint.config}, which "
            "this release did not make; it is left alone."
        )
        return Plan(Decision.HOLD, Reason.ENDPOINT_MOVED, said)
    remove = Step(
        "DeleteEndpoint",
        "Remove the endpoint this release created",
        {"EndpointName": endpoint.name},
        expect={"absent": True},
        patience=DELETION_PATIENCE,
    )
    return _back((remove, *_leftovers(facts)), "There was no endpoint before; the one this release created is removed.")


def _to_stable(release: str, endpoint: Endpoint, facts: Request) -> Steps:
    """Steps from the candidate's or the shared config to stable alone, with the capacity that serves now."""
    stable = facts["stable_variant"]
    live = {variant.name: variant for variant in endpoint.variants}
    shares = endpoint.shares()
    steps: list[Step] = []
    config = facts["stable_config"]
    if stable in live and len(live) > 1 and shares[stable] < 100:
        all_back = {name: 100.0 if name == stable else 0.0 for name in live}
        steps.append(
            Step(
                "UpdateEndpointWeightsAndCapacities",
                "All traffic to stable",
                set_weights(endpoint.name, all_back),
                expect={"config": endpoint.config, "shares": all_back},
                patience=PATIENCE,
            )
        )
    if stable not in live:
        config = resource_name(release, "stable")
        steps.append(_stable_at(config, max(variant.instances for variant in endpoint.variants), facts))
    steps.append(
        swap_config(endpoint.name, config, "Stable alone, at its live capacity", {"shares": {stable: 100.0}}, PATIENCE)
    )
    return tuple(steps)


def _stable_at(config: str, instances: int, facts: Request) -> Step:
    """Stable's config again, at the capacity the candidate serves with now: it may have scaled since."""
    settings: dict[str, Any] = facts["stable_settings"]
    variants = [{**variant, "InitialInstanceCount": instances} for variant in settings["ProductionVariants"]]
    return endpoint_config(config, variants, settings, "Stable's config at today's capacity")


def _leftovers(facts: Request) -> Steps:
    """Remove alarms, configs and model of the release that went out."""
    configs = (facts["transition_config"], facts["final_config"])
    alarms = tidy(alarms=tuple(facts["alarms"]))
    return (*alarms, *(step for config in configs for step in tidy(config=config)), *tidy(model=facts["model"]))
