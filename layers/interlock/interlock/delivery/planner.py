"""From a policy and observed facts to a plan: of a release, or of its rollback."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import NotRequired, TypedDict

from interlock.delivery.asked import Asked, read_asked
from interlock.delivery.component_back import component_facts, plan_component_back
from interlock.delivery.following import continued
from interlock.delivery.freezes import not_begun
from interlock.delivery.latency_references import (
    compared_percentiles,
    reference_queries,
    references,
    unanswered,
    unmeasured,
)
from interlock.delivery.moves.choice import choose_traffic, move, warnings
from interlock.delivery.moves.create import FIRST_VARIANT
from interlock.delivery.notices import held, notices
from interlock.delivery.observed import Observed
from interlock.delivery.ownership import Owner, pinned, tagged
from interlock.delivery.pointer import is_live, read_pointer
from interlock.delivery.pointer_back import plan_pointer_back, pointer_facts
from interlock.delivery.preflight import refusal
from interlock.delivery.protection import less_protected, network
from interlock.delivery.release import Release
from interlock.delivery.rollback import facts, only_tidies, plan_rollback
from interlock.delivery.scaling import registered, remembered
from interlock.delivery.standby import remembered_standby
from interlock.delivery.step_approval import addressed, approval_warnings
from interlock.delivery.step_gate import started_by, unstartable
from interlock.model.looks import next_look
from interlock.model.names import resource_name
from interlock.model.observation import may_lag
from interlock.model.plan import LONGEST_WAIT, Decision, Plan, PlanDocument
from interlock.model.quantities import in_words, seconds_between
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.policy.document import Policy, read_policy

LARGEST_PLAN = 200 * 1024
"""Characters of a plan. A state can hand over 256 KiB (docs: step-functions/latest/dg/service-quotas). In the request
to the journal the plan is a string, in which each quotation mark takes two characters."""

LOOK_AGAIN, LOOK_AGAIN_AT_MOST = 20, 300
"""Seconds before a question that AWS could not answer is asked again: at first, and when it has been so for long."""


class PlanTask(TypedDict):
    """What a plan is compiled from. ``intent``: deliver, or roll_back; ``release``: its id; ``document``: the policy in
    force, and ``policy_sentence`` what people should know of it; ``role``: the models' execution role; ``now``: ISO
    8601; ``waiting_since``: when it began to wait for the endpoint, ISO 8601, or empty; ``decided_at``, ``approved``:
    see Observed; ``asked``: the input of the release (see Asked); ``observed``: what ``observe`` answered (see
    Observed). To roll back: ``facts`` of the plan that went out, ``reason`` why, ``reached``, the index of the step
    that the release had come to, and ``since``, when it began that step (empty if it began none); ``before``: see
    plan_rollback. ``stack``: the name of the stack; ``started``: when the release began, ISO 8601.
    ``monitoring_bucket``: the bucket into which traffic is captured, where the stack has one; ``models_prefix``: the S3
    URI under which it may write models, and ``trials_prefix`` that under which transform jobs write. ``gate_machine``:
    ARN of the state machine that hands a release to a gate, and ``gate_targets``: the ARNs that it may start, with
    commas between; both empty if the stack names none."""

    intent: str
    release: str
    group: str
    version: int
    document: str
    policy_sentence: str
    role: str
    now: str
    waiting_since: str
    decided_at: str | None
    approved: NotRequired[list[Request]]
    reason: str
    reached: int
    since: str
    facts: Request
    observed: Request
    stack: str
    started: str
    monitoring_bucket: NotRequired[str]
    models_prefix: NotRequired[str]
    trials_prefix: NotRequired[str]
    gate_machine: NotRequired[str]
    gate_targets: NotRequired[str]
    asked: NotRequired[object]
    before: NotRequired[Request | None]


def plan_delivery(task: PlanTask) -> PlanDocument:
    """Compile a plan: what will be done; or why nothing will be done; or what must be measured or awaited first."""
    approved = task.get("approved") or []
    about = task["group"], task["version"], task["decided_at"], task["stack"], task["started"], approved
    observed = Observed(task["observed"], *about)
    waited = seconds_between(task["waiting_since"], task["now"]) if task["waiting_since"] else 0.0
    asked = read_asked(task.get("asked"))
    if observed.unreadable():
        said = f"AWS could not answer just now: {observed.unreadable()}"
        pause = min(max(LOOK_AGAIN, int(waited) // 10), LOOK_AGAIN_AT_MOST)
        plan = Plan(Decision.WAIT, Reason.AWS_UNAVAILABLE, said, pause=pause)
    elif task["intent"] == "roll_back":
        of_component = plan_component_back if "component" in task["facts"] else plan_rollback
        compiled = plan_pointer_back if "pointer" in task["facts"] else of_component
        plan = compiled(task["release"], observed, task["facts"], task["reason"], task["reached"], task.get("before"))
        if only_tidies(plan) and _may_be_old(task):
            said = "The change that was asked for last may not be told of yet."
            plan = Plan(Decision.WAIT, Reason.ENDPOINT_BUSY, said, pause=LOOK_AGAIN)
    else:
        written = read_policy(task["document"], task["group"])
        policy = written.at(asked.endpoint)
        places = task.get("monitoring_bucket", ""), task.get("models_prefix", ""), task.get("trials_prefix", "")
        plan = plan_release(task["release"], observed, policy, task["role"], task["now"], asked, *places)
        said = unstartable(asked.changed(policy).stage, task.get("gate_targets", ""))
        if said and plan.decision is not Decision.REFUSE:
            plan = Plan(Decision.REFUSE, Reason.STRATEGY_IMPOSSIBLE, said)
        plan = continued(plan, task["release"], observed, written, policy.stage.endpoint, asked)
    if plan.decision is Decision.WAIT and observed.released == "component":
        plan = replace(plan, pause=min(plan.pause, next_look(waited)))
    if plan.decision is Decision.WAIT and waited >= LONGEST_WAIT:
        decision = Decision.REFUSE if task["intent"] == "deliver" else Decision.HOLD
        plan = Plan(decision, plan.reason, f"{plan.why} Interlock waited for {in_words(waited)}.")
    if plan.decision is Decision.PROCEED and task["intent"] == "deliver":
        plan = _announced(plan, task)
    elif plan.decision is Decision.WAIT and task["intent"] == "deliver":
        policy = read_policy(task["document"], task["group"]).at(asked.endpoint)
        plan = replace(plan, watched=asked.changed(policy).stage.alarms)
    owner = Owner(task["stack"], task["group"], task["version"], task["release"])
    standing = observed.endpoint.standing() if observed.endpoint else {}
    return replace(plan, steps=tagged(plan.steps, owner), standing=standing).as_dict()


def _may_be_old(task: PlanTask) -> bool:
    """Whether the endpoint may be described as it was before the release's last step, if that may have changed it."""
    changed = task["since"] and task["reached"] >= task["facts"].get("moves_from", 0)
    return bool(changed) and may_lag(task["since"], task["now"])


def _announced(plan: Plan, task: PlanTask) -> Plan:
    """The plan with the notices that will be sent on the way."""
    about = task["release"], task["group"], task["version"]
    opening = held(plan, *about)
    startable = (started_by(step, task.get("gate_machine", ""), task["group"]) for step in plan.steps)
    steps = tuple(
        replace(step, bake=step.bake | {"held": opening}) if step.bake and step.bake["then"] == "hold" else step
        for step in (addressed(each, plan.facts, task["stack"], *about) for each in startable)
    )
    return replace(plan, steps=steps, notices=notices(plan, *about, task["policy_sentence"]))


def plan_release(
    name: str,
    observed: Observed,
    written: Policy,
    role: str,
    now: str,
    asked: Asked,
    bucket: str = "",
    writable: str = "",
    trials: str = "",
) -> Plan:
    """The plan that releases a version to its endpoint under the policy as ``written``; or why not; or what must be
    measured ``now`` first. ``bucket``: where captured traffic goes; ``writable``: the S3 URI under which models may be
    written; ``trials``: that under which transform jobs write."""
    if stopped := not_begun(observed, written, asked, now):
        return stopped
    policy = asked.changed(written)
    stage, endpoint = policy.stage, observed.endpoint
    refused = refusal(observed, stage) or less_protected(observed, policy, bucket)
    if refused:
        return Plan(Decision.REFUSE, *refused)
    if busy := next((each for each in (observed.host, endpoint) if each and not each.settled), None):
        return Plan(Decision.WAIT, Reason.ENDPOINT_BUSY, f"{busy.title} is {busy.status}.")
    version = observed.version
    if version is None:
        raise ValueError("pre-flight lets no release pass without its version")
    prefix = stage.hosting.shared_prefix
    pointer = (
        read_pointer(observed, version, stage.endpoint, prefix, resource_name(name))
        if stage.hosting.published
        else None
    )
    if endpoint and is_live(observed, endpoint, pointer if prefix else None):
        said = f"Version {observed.number} is already live on {endpoint.name}; nothing was changed."
        return Plan(Decision.REFUSE, Reason.ALREADY_LIVE, said)
    if stage.hosting.captures and not bucket:
        said = "The policy asks for data_capture, and this stack has no bucket for it; update the stack."
        return Plan(Decision.REFUSE, Reason.STRATEGY_IMPOSSIBLE, said)
    traffic, why = choose_traffic(stage, endpoint, observed, policy.protection, writable, trials)
    if not traffic:
        return Plan(Decision.REFUSE, Reason.STRATEGY_IMPOSSIBLE, why)
    catalog = policy.catalog()
    slow = compared_percentiles(stage, catalog) if traffic == "weights" else ()
    if endpoint and slow and not observed.answered("measured"):
        said = "Stable's own latency must be measured first, because the policy compares with it."
        queries = reference_queries(slow, catalog, endpoint, now)
        return Plan(Decision.MEASURE, Reason.ACCEPTED, said, measure=queries)
    if partial := unanswered(slow, observed):
        return Plan(Decision.WAIT, Reason.AWS_REFUSED, partial, pause=LOOK_AGAIN)
    known = references(slow, observed, now)
    protected = policy.protection, network(observed, policy.protection)
    scales = registered(endpoint, observed)
    release = Release(
        name, version, stage, role, endpoint, catalog, known, bucket, *protected, scales, pointer, observed.host, trials
    )
    unknown = unmeasured(slow, known, catalog, observed)
    again = observed.live.get("version") == str(observed.number)  # with another config: no other version is replaced
    warned = (*asked.warnings, *warnings(stage, endpoint, traffic), *unknown, *approval_warnings(release))
    plan = _compiled(release, traffic, why, warned)
    plan = replace(plan, steps=pinned(plan.steps, [dict(each) for each in observed.artifacts]))
    decided = {"again": again, "decided_at": observed.decided_at or now, "because": asked.because}
    decided |= remembered_standby(release, plan.steps, observed)
    plan = replace(plan, facts={**plan.facts, **decided})
    size = len(json.dumps(plan.as_dict(), separators=(",", ":")))
    if size > LARGEST_PLAN:
        said = f"The plan has {size // 1024} KiB; at most {LARGEST_PLAN // 1024} KiB are possible."
        return Plan(Decision.REFUSE, Reason.STRATEGY_IMPOSSIBLE, f"{said} Write fewer steps or rules.")
    return plan


def _compiled(release: Release, traffic: str, why: str, warned: tuple[str, ...]) -> Plan:
    stage = release.stage
    steps, restore = move(stage, traffic).compiled(release)
    known = facts(release, steps) | {"scaling": remembered(release, steps, _registers(release, traffic))}
    known |= component_facts(release)
    if release.pointer:
        known |= pointer_facts(release, steps)
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
        facts=known,
        watched=(*guards, *stage.alarms),
    )


def _registers(release: Release, traffic: str) -> str:
    """The variant that the plan registers as a scalable target, if it registers one."""
    if release.endpoint is None:
        return FIRST_VARIANT
    return release.candidate if traffic == "weights" else release.stable.name
