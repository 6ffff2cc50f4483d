"""The rollback of a release that tells callers which key or model to name: the pointer names stable's again."""

from __future__ import annotations

from dataclasses import replace

from interlock.delivery.moves.pointer import back
from interlock.delivery.observed import Observed
from interlock.delivery.pointer import live_key
from interlock.delivery.release import Release
from interlock.delivery.rollback import leftovers, plan_rollback
from interlock.delivery.steps import LIVE, Steps, deaf
from interlock.model.plan import Decision, Plan
from interlock.model.reasons import Reason
from interlock.model.request import Request


def plan_pointer_back(
    release: str, observed: Observed, facts: Request, reason: str, reached: int, before: Request | None = None
) -> Plan:
    """The plan that publishes stable again, and removes what the release made. It can be compiled and run from
    any point, twice. The candidate's key stays: callers may have read it a moment ago."""
    pointer, published = facts["pointer"], reached >= facts["publishes"]
    if observed.cause("pointer") and not observed.absent("pointer"):
        said = f"The parameter {pointer['parameter']} could not be read: {observed.cause('pointer')}"
        return Plan(Decision.HOLD, Reason.ROLLBACK_FAILED, said)
    now = live_key(observed)
    if published and now not in (pointer["stable"], pointer["candidate"]):
        said = f"Somebody else has set {pointer['parameter']} to {now or 'nothing'}; it is left as it is."
        return Plan(Decision.HOLD, Reason.ENDPOINT_MOVED, said)
    if reason == Reason.EXECUTION_STOPPED and reached >= facts["proved"] and now == pointer["candidate"]:
        return _forward(facts, reached)
    # Even where the parameter names stable's key now: how old an answer of Parameter Store may be is not documented.
    first = deaf((back(pointer["parameter"], pointer["stable"]),)) if published else ()
    if not facts["stable_config"] and "batch" not in facts:
        rest = plan_rollback(release, observed, facts, reason, min(reached, facts["publishes"] - 1), before)
        return replace(rest, steps=(*first, *rest.steps)) if rest.decision is Decision.PROCEED else rest
    said = "Callers are told again what they were told before." if published else "Nothing was published."
    steps = (*first, *leftovers(facts, reached, reason))
    return Plan(Decision.PROCEED, Reason.ACCEPTED, said, strategy="roll_back", steps=steps)


def _forward(facts: Request, reached: int) -> Plan:
    """The execution died after the candidate was judged. There is nothing against it, so only tidying is left."""
    said = "The candidate is published and was judged; only tidying is left."
    left = leftovers(facts, reached, Reason.EXECUTION_STOPPED)
    steps = deaf(step for step in left if step.action == "DeleteAlarms") or (LIVE,)
    return Plan(Decision.PROCEED, Reason.RECOVERED_FORWARD, said, strategy="roll_back", steps=steps)


def pointer_facts(release: Release, steps: Steps) -> Request:
    """What that rollback needs to know beside the facts of every release: the pointer before and after; the step that
    ``publishes``, and the one from which the candidate is ``proved``; and that an endpoint keeps its config."""
    actions, pointer = [step.action for step in steps], release.published
    publishes = actions.index("PutParameter")
    proved = actions.index("Bake") + 1 if "Bake" in actions else publishes
    return {
        "pointer": {
            "name": pointer.name,
            "parameter": pointer.parameter,
            "stable": pointer.live,
            "candidate": pointer.key,
        },
        "publishes": publishes,
        "proved": proved,
        **({"final_config": release.endpoint.config} if release.endpoint and pointer.prefix else {}),
    }
