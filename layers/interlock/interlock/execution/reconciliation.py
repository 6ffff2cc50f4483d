"""The steward's decisions about one lease: events may be lost, and executions may be stopped by hand."""

from __future__ import annotations

import json
from typing import Literal, NotRequired, TypedDict

from interlock.execution.settlement import Unsettled, end_of_dead
from interlock.model.approval_words import behind, is_entrance
from interlock.model.aws_errors import message, says_not_found
from interlock.model.ledger_item import number, text
from interlock.model.names import EXECUTION_NAME_LIMIT, shortened
from interlock.model.quantities import seconds_between
from interlock.model.reasons import Reason
from interlock.model.request import Request

MOST_RECOVERIES = 3
"""How often a dead release is recovered before it is left for a person."""

ALIVE = frozenset({"RUNNING", "PENDING_REDRIVE"})
"""Statuses of an execution that may still hold its lease (botocore sfn ExecutionStatus)."""

NOBODY = "None"
"""In the place of a status: there is no execution to ask for."""


class Problem(TypedDict):
    """An error that the steward met. ``what`` names what it looked at."""

    what: str
    error: str
    cause: NotRequired[str]


class Listed(TypedDict):
    """A version as ListModelPackages has it; ``status`` is its ModelApprovalStatus."""

    version: int
    arn: str
    status: str


class LeaseTask(TypedDict):
    """One CONTROL item. ``lease``: the item as DynamoDB has it; ``holder`` and ``waiting``: the status of the execution
    that holds the lease and of the one that waits for it, ``Unknown`` where Step Functions knows none, ``None`` where
    nobody does. Of a release under way: its ``alarms`` (botocore MetricAlarm), and the newest ``versions`` of its
    group; ``older``: the group may have more. ``problems``: the errors met so far. ``now``: ISO 8601."""

    now: str
    endpoint: str
    lease: Request
    holder: str
    waiting: str
    alarms: list[Request]
    versions: list[Listed]
    older: bool
    problems: list[Problem]


class Recover(TypedDict):
    """The dead release that is taken over; ``sentence`` says why it ends."""

    release: str
    endpoint: str
    owner: str
    status: str
    sentence: str


class RecoveryInput(TypedDict):
    """The input of the execution that recovers a release."""

    group: str
    version: int
    recover: Recover


class Recovery(TypedDict):
    """An execution to start, and the number of recoveries before it. ``machine``: the one that had the lease."""

    machine: Literal["deliver", "advance"]
    recoveries: int
    name: str
    input: RecoveryInput


class LeaseReconciled(TypedDict):
    """What to do about a lease; each list has one item at most, except ``events``, which go to the door. ``abandoned``:
    the end of a release that is left for a person. ``gone``: a dead release that leaves the queue. ``problems`` are
    sentences."""

    recover: list[Recovery]
    abandoned: list[Unsettled]
    gone: list[str]
    events: list[Request]
    problems: list[str]


def reconcile_lease(task: LeaseTask) -> LeaseReconciled:
    """What follows from one lease: a recovery, a person, what events should have told, or nothing."""
    lease, holder = task["lease"], task["holder"]
    answer: LeaseReconciled = {
        "recover": [],
        "abandoned": [],
        "gone": [],
        "events": [],
        "problems": sentences(task["problems"]),
    }
    if task["waiting"] not in (NOBODY, *ALIVE):
        answer["gone"] = [text(lease, "next_release")]
    if holder in ALIVE:
        answer["events"] = [*_raised(task), *_withdrawn(task)]
    elif holder != NOBODY:
        broken = _broken(lease)
        if broken or number(lease, "recoveries") >= MOST_RECOVERIES:
            answer["abandoned"] = [_abandoned(task, broken)]
        else:
            answer["recover"] = [_recovery(task)]
    return answer


def found(what: str, detail: Request) -> Request:
    """An event of Interlock's own, as the door takes it."""
    return {"source": "interlock.steward", "detail-type": what, "detail": detail}


def decision_found(group: str, listed: Listed) -> Request:
    """The event that a version is not approved, with the ARN that the registry gives it."""
    return found("Decision Found", {"group": group, **listed})


def sentences(problems: list[Problem]) -> list[str]:
    """The problems in words. That a group does not exist yet is none: it has nothing to release."""
    return [_sentence(each) for each in problems if not says_not_found(each)]


def _sentence(problem: Problem) -> str:
    said = f"The steward could not look at {problem['what']}: {problem['error']}"
    cause = message(problem.get("cause", "")).rstrip(".")
    return f"{said}, {cause}." if cause else f"{said}."


def _broken(lease: Request) -> list[str]:
    """The attributes without which a release cannot be recovered, and that are missing or of another type."""
    texts = [name for name in ("holder", "release_id", "model_group") if not text(lease, name)]
    return [*texts, *(["model_version"] if not number(lease, "model_version") else [])]


def _raised(task: LeaseTask) -> list[Request]:
    """The alarms of the release that are raised. The door compares their time with that of the lease."""
    return [
        found(
            "Alarm Found",
            {
                "alarmName": alarm["AlarmName"],
                "state": {
                    "value": "ALARM",
                    "timestamp": alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"],
                    "reason": alarm.get("StateReason") or "",
                },
                "configuration": {"description": alarm.get("AlarmDescription") or ""},
            },
        )
        for alarm in task["alarms"]
        if alarm.get("StateValue") == "ALARM"
    ]


def _withdrawn(task: LeaseTask) -> list[Request]:
    """The version that is being released is not approved any more, or gone from the registry."""
    group, version = text(task["lease"], "model_group"), number(task["lease"], "model_version")
    listed = next((each for each in task["versions"] if each["version"] == version), None)
    if listed:
        return [] if listed["status"] == "Approved" else [decision_found(group, listed)]
    return [] if task["older"] or not version else [found("Version Missed", {"group": group, "version": version})]


def _abandoned(task: LeaseTask, broken: list[str]) -> Unsettled:
    """A release without a name gets one of its own, so that people are told of each. At the entrance of a stage
    nothing was touched, and any later release may take the place."""
    lease = task["lease"]
    release = text(lease, "release_id") or f"unknown-{task['now']}"
    why = f"its CONTROL item is damaged ({', '.join(broken)})" if broken else f"{MOST_RECOVERIES} recoveries failed"
    unbegun, left = ("Unbegun", Reason.EXECUTION_STOPPED), ("Abandoned", Reason.ROLLBACK_FAILED)
    ended, reason = unbegun if is_entrance(task["endpoint"]) else left
    return {
        **end_of_dead(release, _began(task), ended=ended, reason=reason),
        "group": text(lease, "model_group") or "unknown",
        "version": number(lease, "model_version"),
        "endpoint": behind(task["endpoint"]),
        "sentence": f"The execution of this release ended as {task['holder']}, and {why}.",
        "facts": _facts(text(lease, "facts")),
    }


def _began(task: LeaseTask) -> str:
    since = text(task["lease"], "held_since")
    try:
        seconds_between(since, task["now"])
    except (ValueError, TypeError):
        return task["now"]
    return since


def _facts(written: str) -> Request:
    """What the plan found, as the ledger has it; nothing if that is damaged."""
    try:
        facts = json.loads(written)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _recovery(task: LeaseTask) -> Recovery:
    """The name is deterministic: the steward may find the same dead lease twice, and only one recovery may run."""
    lease, status = task["lease"], task["holder"]
    recoveries, release = number(lease, "recoveries"), text(lease, "release_id")
    return {
        "machine": "advance" if is_entrance(task["endpoint"]) else "deliver",
        "recoveries": recoveries,
        "name": f"{shortened(release, EXECUTION_NAME_LIMIT - 3)}-r{recoveries + 1}",
        "input": {
            "group": text(lease, "model_group"),
            "version": number(lease, "model_version"),
            "recover": {
                "release": release,
                "endpoint": task["endpoint"],
                "owner": text(lease, "holder"),
                "status": status,
                "sentence": f"The execution of this release ended as {status} before the release was done.",
            },
        },
    }
