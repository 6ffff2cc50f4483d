"""After success: the version is live, and stable stays beside it without traffic, so that one call takes it back."""

from __future__ import annotations

from interlock.delivery.bakes import Variants, Wait, watched
from interlock.delivery.observed import Observed
from interlock.delivery.release import Release
from interlock.delivery.scaling import registered
from interlock.delivery.steps import PATIENCE, Steps, swap_config
from interlock.evidence.looks import LATE_METRICS
from interlock.model.observation import Endpoint
from interlock.model.plan import ABORT, PROMOTE, Step
from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.policy.stage import Stage

MOST_LOOKS = 48
"""Looks of a watch. Each takes up to 30 of the 25,000 history events that an execution may have (docs:
step-functions/latest/dg/service-quotas); the bakes before may take 20,000."""


def stand_by(release: Release, alarms: tuple[str, ...]) -> Steps:
    """The steps between success and the removal of stable: the version goes live, is watched, and stable waits for the
    rest of the time. In both waits an alarm takes the version back; in the first, a broken rule does, too. A release
    that comes next ends them, as a person's promote does."""
    asked = release.stage.rollback
    if not asked.stays:
        return ()
    rest = asked.stays - (asked.watch + LATE_METRICS if asked.watch else 0)
    return (
        Step("None", "The version is live", hears=(ABORT,), live=True),
        *([_watch(release, alarms)] if asked.watch else []),
        *([_rest(release, alarms, rest)] if rest > 0 else []),
    )


def _watch(release: Release, alarms: tuple[str, ...]) -> Step:
    """Looked at as often as in the last bake."""
    stage, seconds = release.stage, release.stage.rollback.watch
    between = stage.strategy.bakes[-1] // stage.strategy.looks
    looks = min(max(seconds // between, 1), MOST_LOOKS)
    judged = _judged(release, stage, alarms, Wait(seconds, looks, planned=seconds, longest=seconds))
    return _beside(f"Watch the live version for {in_words(seconds)}, with stable beside it", judged)


def _rest(release: Release, alarms: tuple[str, ...], seconds: int) -> Step:
    """One look at its end, at the alarms, which need not wait for metrics."""
    unruled, longest = release.stage.model_copy(update={"evidence": ()}), release.stage.rollback.stays
    judged = _judged(release, unruled, alarms, Wait(seconds, looks=1, planned=seconds, longest=longest))
    return _beside(f"Stable stands by for {in_words(seconds)}", {**judged, "first": seconds})


def _judged(release: Release, stage: Stage, alarms: tuple[str, ...], wait: Wait) -> Request:
    alone = Variants(stage.endpoint, release.candidate)
    return watched(stage, release.catalog, alone, alarms, release.references, wait)


def _beside(note: str, judged: Request) -> Step:
    """A wait with the candidate live. ``yields``: it ends when another release waits for the endpoint."""
    ends: Request = {"percent": 100, "split": {}, "bakes": 1, "then": "stay", "yields": True}
    return Step("Bake", note, bake={**judged, **ends}, hears=(ABORT, PROMOTE))


def remembered_standby(release: Release, steps: Steps, observed: Observed) -> Request:
    """What a rollback and the end must know: the step ``from`` which the version is live, for how many ``seconds``
    stable then stands by, and what the ledger said of the endpoint ``before`` (``live`` and ``previous``, as items of
    DynamoDB). Empty if the plan has no standby."""
    live = next((index for index, step in enumerate(steps) if step.live), None)
    if live is None:
        return {}
    item = (observed.found("control") or {}).get("Item") or {}
    before = {name: item[name] for name in ("live", "previous") if name in item}
    return {"standby": {"from": live, "seconds": release.stage.rollback.stays, "before": before}}


def stands_by(endpoint: Endpoint, facts: Request, reached: int) -> bool:
    """Whether the version is live with all traffic, and stable beside it."""
    standby = facts.get("standby")
    return bool(
        standby
        and reached >= standby["from"]
        and endpoint.status == "InService"
        and endpoint.config == facts["transition_config"]
        and endpoint.shares().get(facts["candidate_variant"]) == 100
    )


def end_standby(facts: Request) -> Steps:
    """The version is live, whether that was told already or not; and stable is removed."""
    expect = {"shares": {facts["candidate_variant"]: 100.0}}
    note = "Retire stable, which stood by"
    return (
        Step("None", "The version is live", live=True),
        swap_config(facts["endpoint"], facts["final_config"], note, expect, PATIENCE),
    )


def standby_obstacles(stage: Stage, endpoint: Endpoint, observed: Observed) -> list[str]:
    """Why stable cannot stand by on ``endpoint``: without traffic it does not grow with the load."""
    if not stage.rollback.stays or not registered(endpoint, observed):
        return []
    said = "the endpoint is autoscaled, and stable without traffic would not grow with the load that it may get back"
    return [f"{said}; leave rollback out"]


def standby_warnings(stage: Stage) -> list[str]:
    """What a standby costs, and what its watch does not see."""
    asked = stage.rollback
    if not asked.stays:
        return []
    company = "stable and its copy stay" if stage.strategy.brings_baseline else "stable stays"
    paid = f"Standby: {company} for {in_words(asked.stays)} after success, and the instances are paid for so long."
    blind = asked.watch and all(rule.compares for rule in stage.evidence)
    unseen = "No rule with max or min: while the version is watched, only alarms take it back."
    return [paid, *([unseen] if blind else [])]
