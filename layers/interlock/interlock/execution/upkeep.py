"""What an endpoint with a live version needs now, from what the machine ``monitor`` has read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict

from interlock.execution.ledger_items import attribute, retrainings_of
from interlock.execution.monitors import plan_monitors
from interlock.model.notices import Notice, about_group
from interlock.model.request import Request
from interlock.monitoring.past_runs import Look
from interlock.monitoring.plan import Idle, PlannedRun
from interlock.monitoring.windows import iso, moment
from interlock.policy.document import Policy
from interlock.policy.in_force import PolicyUnusable, usable_policy
from interlock.retraining.outcome import how_to_retrain

RECENT = timedelta(days=1)
"""What Model Monitor found longer ago is not told again."""

BEGINNING = timedelta(minutes=10)
"""How long after its decision a retraining may not have an execution yet."""


class UpkeepTask(TypedDict):
    """``live``: endpoint, group, version, since and config. ``observed``: the answer of ``observe``: policy,
    endpoint_config, packages, monitored. ``runs``: items of the ledger, newest first. ``remedy``: the group's item, or
    {}; ``retraining``: status of the execution that it names; Unknown if there is no such execution, empty if it names
    none."""

    now: str
    live: Mapping[str, Any]
    observed: Mapping[str, Any]
    runs: list[Request]
    remedy: Mapping[str, Any]
    retraining: str
    account: dict[str, str]


class Died(Notice):
    """The notice about a dead retraining, and the ``retrainings`` of the group that still count: one that never began
    has cost nothing. Of one that was stopped nobody knows what it had started, so it counts."""

    retrainings: list[Request]


class Upkeep(TypedDict):
    """``runs``: jobs to create. ``unheard``: jobs to describe. ``events``: to hand to intake. ``nothing``: why there is
    no job. ``died``: tells that the retraining that the group waits for is dead; without it, it is not."""

    runs: list[PlannedRun]
    unheard: list[Look]
    events: list[Request]
    nothing: str
    died: NotRequired[Died]


def plan_upkeep(task: UpkeepTask) -> Upkeep:
    """What is due at ``now``. Never raises for what people or AWS wrote."""
    live, observed = task["live"], task["observed"]
    written = observed.get("policy") or {}
    upkeep: Upkeep = {"runs": [], "unheard": [], "events": [], "nothing": ""}
    died = _died(task)
    if died:
        upkeep["died"] = died
    try:
        policy, _ = usable_policy(live["group"], written.get("document"), written.get("last_good"))
    except PolicyUnusable as unusable:
        return upkeep | {"nothing": str(unusable)}
    if live["endpoint"] in [stage.endpoint for stage in policy.stages[:-1]]:
        return upkeep | {"nothing": "Monitors, remedies and retraining are for the endpoint of the last stage."}
    plan = plan_monitors(
        {
            "now": task["now"],
            "group": live["group"],
            "endpoint": live["endpoint"],
            "document": _in_force(written, policy),
            "live": dict(live),
            "endpoint_config": _found(observed, "endpoint_config"),
            "package": next((each.get("found") or {} for each in observed.get("packages") or ()), {}),
            "runs": [_run(item) for item in task["runs"]],
            "account": task["account"],
        }
    )
    events = [*_monitored(task), *_calendar(task, policy), *_idle(task, plan["idle"])]
    return upkeep | {
        "runs": plan["runs"],
        "unheard": plan["look"],
        "events": events,
        "nothing": " ".join([plan["nothing"], *plan["notes"]]).strip(),
    }


def _run(item: Mapping[str, Any]) -> Request:
    """A run as the ledger has it, in plain words."""
    run = {name: attribute(item, name) for name in ("monitor", "window", "task", "job", "said")}
    key, created, status = (
        attribute(item, "sk").removeprefix("RUN#"),
        attribute(item, "at"),
        attribute(item, "ended_as"),
    )
    return {**run, "key": key, "created_at": created, "status": status}


def _in_force(written: Mapping[str, Any], policy: Policy) -> str:
    """The text that ``policy`` was read from."""
    try:
        usable_policy(policy.model_package_group, written.get("document"), None)
    except PolicyUnusable:
        return str(written["last_good"])
    return str(written["document"])


def _found(observed: Mapping[str, Any], name: str) -> dict[str, Any]:
    return (observed.get(name) or {}).get("found") or {}


def _monitored(task: UpkeepTask) -> Iterator[Request]:
    """What Model Monitor's own list says; events about it may be lost."""
    now = moment(task["now"])
    for each in _found(task["observed"], "monitored").get("MonitoringExecutionSummaries") or ():
        at = moment(each.get("ScheduledTime"))
        if at and now and now - at < RECENT:
            yield _event(
                "Monitor Run Found",
                {
                    "status": each.get("MonitoringExecutionStatus", ""),
                    "endpoint": task["live"]["endpoint"],
                    "monitor": each.get("MonitoringScheduleName", ""),
                    "scheduled": iso(at),
                    "job": str(each.get("ProcessingJobArn") or "").rpartition("/")[2],
                },
            )


def _idle(task: UpkeepTask, idle: list[Idle]) -> Iterator[Request]:
    """The monitors that do not run, once a week."""
    now = moment(task["now"])
    for each in idle if now else ():
        assert now is not None
        year, week, _ = now.isocalendar()
        yield _event(
            "Monitor Cannot Run",
            {
                "endpoint": task["live"]["endpoint"],
                "monitor": each["monitor"],
                "week": f"{year}-{week:02d}",
                "since": iso(now),
                "sentence": each["sentence"],
            },
        )


def _calendar(task: UpkeepTask, policy: Policy) -> Iterator[Request]:
    """The last day on which the policy's calendar asks for a retraining. Each day is told under its own name, so that
    one that was refused is not told again."""
    every = policy.retraining.every if policy.retraining else None
    last, now = _last_retraining(task) or moment(task["live"].get("since")), moment(task["now"])
    if every and last and now:
        periods = int((now - last).total_seconds()) // every
        if periods:
            due = last + timedelta(seconds=periods * every)
            yield _event("Calendar Signal", {"group": task["live"]["group"], "due": iso(due)})


def _last_retraining(task: UpkeepTask) -> datetime | None:
    began = (moment(each.get("at")) for each in retrainings_of(task["remedy"]))
    return max((at for at in began if at), default=None)


def _event(kind: str, detail: Request) -> Request:
    return {"source": "interlock.steward", "detail-type": kind, "detail": detail}


def _died(task: UpkeepTask) -> Died | None:
    """The notice about a retraining whose execution is over and has not freed its group."""
    name, since = attribute(task["remedy"], "retraining"), moment(attribute(task["remedy"], "retraining_since"))
    now, status = moment(task["now"]), task["retraining"]
    if not name or status in ("", "RUNNING", "PENDING_REDRIVE"):
        return None
    if status == "Unknown" and since and now and now - since < BEGINNING:
        return None
    group, counted = task["live"]["group"], retrainings_of(task["remedy"])
    if status == "Unknown":
        counted = counted[:-1]  # the newest is the one that holds the group
        said = (
            f"Retraining {name} of {group} was decided, but never began: the machine respond could not start it. Its"
            " executions that failed say why."
        )
    else:
        said = (
            f"Retraining {name} of {group} ended as {status} before it was done. What it started may still run, and"
            " a version that it registers is left to you. If an earlier notice told how it ended, that one holds."
        )
    body = f"{said}\nThe live version stays as it is.\n\n{how_to_retrain(group)}"
    return {**about_group(group, "was not retrained", body), "retrainings": counted}
