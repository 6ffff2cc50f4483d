"""Start a retraining and judge what it brought, under the policy in force."""

from __future__ import annotations

from interlock.model.reasons import Reason
from interlock.policy.in_force import PolicyUnusable, usable_policy
from interlock.retraining.gate import Judged, judge_challenger, judged
from interlock.retraining.plan import PlanFacts, RetrainingPlan, plan, refused
from interlock.retraining.verdict import GateFacts, Opinion


class PlanRetrainingTask(PlanFacts):
    """A retraining that was decided, and the policies of its group (each null when there is none)."""

    document: str | None
    last_good: str | None


class CompareModelsTask(GateFacts):
    """The new version and the live one, and the policies of their group (each null when there is none)."""

    document: str | None
    last_good: str | None


NO_SECTION = (
    "The policy has no retraining section any more; write retraining: {pipeline: <name>} to have Interlock do it."
)


def plan_retraining(task: PlanRetrainingTask) -> RetrainingPlan:
    """The call that starts a retraining. The same task gets the same answer."""
    try:
        policy, _ = usable_policy(task["group"], task["document"], task["last_good"])
    except PolicyUnusable as unusable:
        return refused(task, unusable.reason, str(unusable))
    if policy.retraining is None:
        return refused(task, Reason.RETRAINING_NOT_CONFIGURED, NO_SECTION)
    return plan(task, policy.retraining)


def compare_models(task: CompareModelsTask) -> Judged:
    """The verdict about a new version. Without a policy that can be used, a person decides."""
    try:
        policy, _ = usable_policy(task["group"], task["document"], task["last_good"])
    except PolicyUnusable as unusable:
        return judged(task, Opinion("Leave", unusable.reason, f"{unusable} So a person decides."))
    if policy.retraining is None:
        return judged(task, Opinion("Leave", Reason.RETRAINING_NOT_CONFIGURED, f"{NO_SECTION} So a person decides."))
    return judge_challenger(task, policy.retraining.gate)
