"""From policy and observed facts to a plan: the way out, and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TypedDict

from interlock.delivery.guard_alarms import is_guarded
from interlock.delivery.latency_references import compared_percentiles, reference_queries, references, unmeasured
from interlock.delivery.notices import held, notices
from interlock.delivery.observed import Observed
from interlock.delivery.preflight import refusal
from interlock.delivery.release import Compiled, Release, create, native, native_obstacles, weights
from interlock.delivery.rollback import facts, plan_rollback
from interlock.model.observation import Endpoint
from interlock.model.plan import Decision, Plan, PlanDocument, Request
from interlock.model.reasons import Reason
from interlock.policy.document import Policy, Stage, read_policy

MOST_WAITS = 20
"""How often a busy endpoint is waited for before a release gives up: each wait ends by an event or after PATIENCE."""

MOST_LOOKS = 600
"""How often one release may look at its evidence: a look takes some 35 of the 25,000 events that the history of an
execution holds (docs: step-functions/latest/dg/service-quotas)."""

LARGEST_PLAN = 200 * 1024
"""Characters of a plan. States hand over at most 256 KiB (docs: step-functions/latest/dg/service-quotas), and in the
journal's request the plan is a string, in which each quotation mark takes two."""

LOOK_AGAIN = 20
"""Seconds before a question that AWS could not answer is asked again."""


class PlanTask(TypedDict):
    """What a plan is compiled from. ``intent``: deliver, or roll_back; ``release``: its id; ``document``: the policy in
    force, and ``policy_sentence`` what people should know of it; ``role``: the models' execution role; ``now``: ISO
    8601; ``waits``: how often the endpoint was waited for; ``by_event``: whether no person asked for the release;
    ``observed``: what ``observe`` answered (see Observed). To roll back: ``facts`` of the plan that went out,
    ``reason`` why, and ``reached``, the index of the step that the release had come to."""

    intent: str
    release: str
    group: str
    version: int
    document: str
    policy_sentence: str
    role: str
    now: str
    waits: int
    by_event: bool
    reason: str
    reached: int
    facts: Request
    observed: Request


def plan_delivery(task: PlanTask) -> PlanDocument:
    """Compile a plan: what will be done, or why nothing is, or what has to be known or waited for first."""
    observed = Observed(task["observed"], task["group"], task["version"], task["by_event"])
    if observed.unreadable():
        said = f"AWS could not answer just now: {observed.unreadable()}"
        plan = Plan(Decision.WAIT, Reason.AWS_REFUSED, said, pause=LOOK_AGAIN)
    elif task["intent"] == "roll_back":
        plan = plan_rollback(task["release"], observed, task["facts"], task["reason"], task["reached"])
    else:
        policy = read_policy(task["document"], task["group"])
        plan = plan_release(task["release"], observed, policy, task["role"], task["now"])
    if plan.decision is Decision.WAIT and task["waits"] >= MOST_WAITS:
        decision = Decision.REFUSE if task["intent"] == "deliver" else Decision.HOLD
        plan = Plan(decision, plan.reason, f"{plan.why} It was waited for {task['waits']} times.")
    if plan.decision is Decision.PROCEED and task["intent"] == "deliver":
        plan = _announced(plan, task)
    return plan.as_dict()


def _announced(plan: Plan, task: PlanTask) -> Plan:
    """The plan with what people will be told on the way."""
    about = task["release"], task["group"], task["version"]
    opening = held(plan, *about)
    steps = tuple(
        replace(step, bake=step.bake | {"held": opening}) if step.bake and step.bake["then"] == "hold" else step
        for step in plan.steps
    )
    return replace(plan, steps=steps, notices=notices(plan, *about, task["policy_sentence"]))


def plan_release(name: str, observed: Observed, policy: Policy, role: str, now: str) -> Plan:
    """The plan that takes a version to its endpoint, or why not, or what has to be measured ``now`` to make it."""
    stage, endpoint = policy.stage, observed.endpoint
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
    traffic, why = choose_traffic(stage, endpoint, observed)
    if not traffic:
        return Plan(Decision.REFUSE, Reason.STRATEGY_IMPOSSIBLE, why)
    catalog = policy.catalog()
    slow = compared_percentiles(stage, catalog) if traffic == "weights" else ()
    if endpoint and slow and not observed.answered("measured"):
        said = "Stable's own latency has to be measured first: the policy compares with it."
        queries = reference_queries(slow, catalog, endpoint, now)
        return Plan(Decision.MEASURE, Reason.ACCEPTED, said, measure=queries)
    known = references(slow, observed)
    release = Release(name, version, stage, role, endpoint, catalog, known)
    unknown = unmeasured(slow, known, catalog, observed)
    plan = _compiled(release, traffic, why, (*warnings(stage, endpoint, traffic), *unknown))
    size = len(json.dumps(plan.as_dict(), separators=(",", ":")))
    if size > LARGEST_PLAN:
        said = f"The plan would take {size // 1024} KiB, where {LARGEST_PLAN // 1024} can be handed over."
        return Plan(Decision.REFUSE, Reason.STRATEGY_IMPOSSIBLE, f"{said} Write fewer steps or rules.")
    return plan


def _compiled(release: Release, traffic: str, why: str, warned: tuple[str, ...]) -> Plan:
    stage = release.stage
    steps, restore = TRAFFIC[traffic](release)
    guards = tuple(step.request["AlarmName"] for step in steps if step.action == "PutMetricAlarm")
    return Plan(
        decision=Decision.PROCEED,
        reason=Reason.ACCEPTED,
        why=why,
        strategy=stage.strategy.kind,
        traffic=traffic,
        warnings=warned,
        steps=steps,
        restore=restore,
        facts=facts(release, steps),
        watched=(*guards, *stage.alarms),
    )


TRAFFIC: dict[str, Callable[[Release], Compiled]] = {
    "create": create,
    "native": native,
    "weights": weights,
}
"""The ways to bring a version under traffic."""


def _is_live(observed: Observed, endpoint: Endpoint) -> bool:
    """Whether the ledger says that this version is live, and the endpoint still has the config it went live with."""
    live = observed.live
    return live.get("version") == str(observed.number) and live.get("config") == endpoint.config


def choose_traffic(stage: Stage, endpoint: Endpoint | None, observed: Observed) -> tuple[str, str]:
    """How traffic will move and why; an empty first part means that no way is open."""
    if endpoint is None:
        return "create", f"Endpoint {stage.endpoint} does not exist yet; it is created with this version."
    asked = stage.strategy.traffic
    against_native = native_obstacles(stage, endpoint) + _retyping_obstacles(stage, endpoint, observed)
    against_weights = _weights_obstacles(stage, endpoint, observed)
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


def _weights_obstacles(stage: Stage, endpoint: Endpoint, observed: Observed) -> list[str]:
    """Why traffic cannot be moved by variant weights.

    An update that removes a variant registered as a scalable target fails (docs: endpoint-scaling), and the last
    step removes stable.
    """
    strategy = stage.strategy
    # To share the traffic anew takes as many events as a look.
    watched = len(strategy.steps) + (1 if strategy.allocation is None else 2)
    looks = watched * strategy.looks * stage.inconclusive.bakes
    too_many = f"{looks} looks, extensions included, are more than the {MOST_LOOKS} that one execution can take"
    obstacles = [too_many] if looks > MOST_LOOKS else []
    if observed.cause("scaling"):
        return [*obstacles, _scaling_unread(observed)]
    scaled = _scaled(endpoint, observed)
    return [*obstacles, *(f"variant {name} is a scalable target, and could not be retired" for name in scaled)]


def _retyping_obstacles(stage: Stage, endpoint: Endpoint, observed: Observed) -> list[str]:
    """Why guardrails cannot bring another instance type: an update that changes that of a scalable target fails (docs:
    endpoint-scaling)."""
    live, wanted = endpoint.variants[0].settings.get("InstanceType"), stage.hosting.instance_type
    if live == wanted:
        return []
    if observed.cause("scaling"):
        return [_scaling_unread(observed)]
    said = f"is a scalable target, and could not change from {live} to {wanted}"
    return [f"variant {name} {said}" for name in _scaled(endpoint, observed)]


def _scaled(endpoint: Endpoint, observed: Observed) -> list[str]:
    targets = (observed.found("scaling") or {}).get("ScalableTargets", [])
    prefix = f"endpoint/{endpoint.name}/variant/"
    return [target["ResourceId"].removeprefix(prefix) for target in targets]


def _scaling_unread(observed: Observed) -> str:
    return f"whether the endpoint is autoscaled could not be read ({observed.cause('scaling')})"


def _better_by_weights(stage: Stage) -> list[str]:
    """What the policy asks for that guardrails can only do in part. What they cannot do at all is an obstacle."""
    wishes = []
    if stage.evidence and not stage.compares:
        wishes.append("evidence is judged after every bake")
    if stage.smoke:
        wishes.append("the candidate is smoke-tested before it gets traffic")
    return wishes


def warnings(stage: Stage, endpoint: Endpoint | None, traffic: str) -> list[str]:
    """What a reader of the plan should know, though it stops nothing."""
    found = []
    if traffic == "create" and stage.strategy.kind == "canary":
        found.append("First deployment: there is no stable variant to compare with or to go back to.")
    if traffic == "create" and stage.compares:
        names = ", ".join(dict.fromkeys(rule.metric for rule in stage.evidence if rule.compares))
        found.append(f"First deployment: the rules that compare with stable cannot be judged ({names}).")
    if traffic == "native" and stage.smoke:
        found.append("No smoke test: guardrails give no way to reach the new fleet before it has traffic.")
    if traffic == "native" and stage.evidence:
        found.append("Evidence rules act as alarms only: guardrails do not wait for a verdict.")
        unseen = ", ".join(f"{rule.metric} {rule.bound}" for rule in stage.evidence if not is_guarded(rule))
        found += [f"No alarm can watch {unseen}, so nothing judges it."] if unseen else []
    if not stage.evidence and traffic == "weights":
        found.append("No evidence rules: only alarms can take the candidate back.")
    if not stage.smoke and traffic != "native":
        found.append("No smoke test: the first request the candidate sees is a user's.")
    if endpoint and endpoint.variants[0].instances != stage.hosting.instances:
        live = endpoint.variants[0].instances
        found.append(f"Live capacity is kept: {live} instances, where the policy says {stage.hosting.instances}.")
    return found
