"""Train the next version, as often and for as much money as the policy allows, one at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from interlock.model.limits import Limits
from interlock.model.names import SAGEMAKER_NAME_LIMIT, shortened
from interlock.model.quantities import in_words
from interlock.model.reasons import Reason
from interlock.remedies.case import AGAIN, Case, Decision, ignored, waits
from interlock.remedies.kinds.remedy import EVERY_KIND, Remedy, seen
from interlock.remedies.memory import as_text, moment

JUST_BEGUN = timedelta(minutes=15)
"""How long a decision to retrain counts as a retraining that is under way, even if nothing else says so."""

KEPT = timedelta(days=400)
MOST_KEPT = 200
"""How long, and how many of, the retrainings that began are kept in the ledger. The longest window is 366 days."""


def weigh(case: Case) -> Decision:
    """The first obstacle decides; without one, the retraining starts."""
    if case.limits is None:
        said = "The policy has no retraining section; write retraining: {pipeline: <name>} to have Interlock do it."
        return Decision("notify", Reason.RETRAINING_NOT_CONFIGURED, f"{seen(case)} {said}")
    for obstacle in _OBSTACLES:
        found = obstacle(case, case.limits)
        if found is not None:
            return found
    return _start(case, case.limits)


def _freeze(case: Case, limits: Limits) -> Decision | None:
    if case.freeze:
        ends = moment(case.freeze.until) if case.freeze.until else case.at + AGAIN
        return waits(Reason.RETRAINING_FROZEN, f"{seen(case)} {case.freeze.sentence}", ends)
    until = limits.frozen_until(case.at)
    if until is None:
        return None
    return waits(Reason.RETRAINING_FROZEN, f"{seen(case)} Retrainings are frozen until {_words(until)}.", until)


def _under_way(case: Case, limits: Limits) -> Decision | None:
    if case.memory.retraining:
        name = case.memory.retraining[0]
    else:
        began = _began(case)
        if began is None or case.at - began >= JUST_BEGUN:
            return None
        name = f"that began at {_words(began)}"
    said = f"{seen(case)} Retraining {name} is under way, and a group has one at a time."
    return ignored(Reason.RETRAINING_UNDER_WAY, said)


def _release(case: Case, limits: Limits) -> Decision | None:
    if not case.releasing:
        return None
    said = f"{seen(case)} A release is changing endpoint {case.endpoint}, so this waits until it is over."
    return waits(Reason.RELEASE_IN_PROGRESS, said, case.at + AGAIN)


def _nothing_live(case: Case, limits: Limits) -> Decision | None:
    """Without a live version there is nothing to compare with, and nobody looks after the retraining (``upkeep``)."""
    if case.live is not None:
        return None
    said = f"{seen(case)} No version of {case.group} is live, so there is nothing to retrain."
    advice = "Start the training yourself, and approve the version that it registers; from then on Interlock retrains."
    return Decision("notify", Reason.NOTHING_LIVE, said, advice=advice)


def _quiet(case: Case, limits: Limits) -> Decision | None:
    until = limits.quiet_until(case.at)
    if until is None or case.by_person:
        return None
    return waits(Reason.QUIET_HOURS, f"{seen(case)} Quiet hours last until {_words(until)}; this waits.", until)


def _cooldown(case: Case, limits: Limits) -> Decision | None:
    began = _began(case)
    if began is None or case.by_person or case.at - began >= timedelta(seconds=limits.cooldown):
        return None
    said = (
        f"{seen(case)} A retraining began at {_words(began)}; the cooldown of {in_words(limits.cooldown)} lasts until"
        f" {_words(began + timedelta(seconds=limits.cooldown))}. A run after that can start the next one."
    )
    return ignored(Reason.COOLDOWN, said)


def _too_many(case: Case, limits: Limits) -> Decision | None:
    if limits.at_most is None:
        return None
    window = timedelta(seconds=limits.window)
    recent = [at for at, _ in case.memory.retrainings if case.at - window < at]
    if len(recent) < limits.at_most:
        return None
    said = (
        f"{seen(case)} {len(recent)} retrainings began within {in_words(limits.window)}, and the policy allows"
        f" {limits.at_most}; the next may start at {_words(sorted(recent)[-limits.at_most] + window)}."
    )
    return Decision("notify", Reason.TOO_MANY_RETRAININGS, said, advice="Find out why retraining does not help.")


def _budget(case: Case, limits: Limits) -> Decision | None:
    if limits.usd_per_month is None:
        return None
    month = (case.at.year, case.at.month)
    spent = sum(
        limits.usd_per_run if usd is None else usd
        for at, usd in case.memory.retrainings
        if (at.year, at.month) == month
    )
    if spent + limits.usd_per_run <= limits.usd_per_month + 1e-9:
        return None
    said = (
        f"{seen(case)} The retrainings of {case.at:%Y-%m} cost {spent:.2f} USD by the policy's estimate; one more for"
        f" {limits.usd_per_run:.2f} USD would exceed the budget of {limits.usd_per_month:.2f} USD."
    )
    return Decision("notify", Reason.BUDGET_SPENT, said, advice="Raise the budget, or wait for the next month.")


_OBSTACLES: tuple[Callable[[Case, Limits], Decision | None], ...] = (
    _freeze,
    _under_way,
    _release,
    _nothing_live,
    _quiet,
    _cooldown,
    _too_many,
    _budget,
)


def _began(case: Case) -> datetime | None:
    """When the newest retraining began, by all that the memory says."""
    decided = [past.at for past in case.memory.decisions if past.remedy == "retrain"]
    return max([*decided, *(at for at, _ in case.memory.retrainings)], default=None)


def _start(case: Case, limits: Limits) -> Decision:
    signal, now = case.signal, as_text(case.at)
    kept = [(at, usd) for at, usd in case.memory.retrainings if case.at - at < KEPT]
    begun = [{"at": as_text(at), "usd": usd} for at, usd in sorted(kept, key=lambda each: each[0])]
    name = retraining_name(case.group, f"{signal.run} {now}" if case.by_person else signal.run, signal.since or now)
    told: dict[str, Any] = {
        "name": name,
        "group": case.group,
        "endpoint": case.endpoint,
        "champion": _champion(case),
        "began": now,
        "earlier": begun[-MOST_KEPT:],
        "signal": {
            "kind": signal.kind,
            "run": signal.run,
            "since": signal.since,
            "severity": signal.severity,
            "sentence": signal.sentence[:1000],
            "evidence": signal.evidence,
            "version": case.version,
        },
    }
    return Decision(
        "retrain",
        Reason.REMEDY_CHOSEN,
        f"{seen(case)} Retraining {name} starts.",
        needs={"retrain": {"name": name, "input": told}},
        remember={
            "retraining": {"execution": name, "started_at": now},
            "retrainings": [*begun, {"at": now, "usd": _estimate(limits)}][-MOST_KEPT:],
        },
    )


def _estimate(limits: Limits) -> float | None:
    """What one retraining costs; None without a budget: should there be one later, its estimate counts."""
    return None if limits.usd_per_month is None else limits.usd_per_run


def _champion(case: Case) -> dict[str, Any] | None:
    """The live version and since when, if the ledger says it."""
    if case.live is None:
        return None
    return {"version": case.live} | ({"since": as_text(case.live_since)} if case.live_since else {})


def retraining_name(group: str, run: str, since: str) -> str:
    """The name of the retraining that a run led to: fit for executions, pipelines and training jobs (botocore
    TrainingJobName, at most 63), and the same whenever the run is weighed."""
    day = "".join(char for char in since[:10] if char.isdigit())
    digest = hashlib.sha256(run.encode()).hexdigest()[:8]
    return shortened(group, SAGEMAKER_NAME_LIMIT - len(day) - 10) + f"-{day}-{digest}"


def _words(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


REMEDY = Remedy("retrain", EVERY_KIND - {"monitor_failed"}, weigh)
