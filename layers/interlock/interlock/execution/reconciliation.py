"""The steward's decisions about leases and stopped executions: events may be lost, and executions stopped by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NotRequired, TypedDict

from interlock.model.aws_errors import NOT_FOUND, message
from interlock.model.names import EXECUTION_NAME_LIMIT, shortened
from interlock.monitoring.windows import moment

MOST_RECOVERIES = 3
"""How often a dead release is recovered before it is left for a person."""

FRESH = timedelta(hours=1)
"""An execution that was stopped longer ago is not brought back: what it had read is not true any more."""

_ALIVE = frozenset({"RUNNING", "PENDING_REDRIVE"})
"""Statuses of an execution that may still hold its lease (botocore sfn ExecutionStatus)."""


class Lease(TypedDict):
    """A lease as the ledger has it. ``status`` is that of the owner's execution, or ``Unknown`` where Step Functions
    no longer knows it."""

    endpoint: str
    release: str
    owner: str
    group: str
    version: int
    recoveries: int
    status: str


class Problem(TypedDict):
    """An error that the steward met. ``what`` names the parameter it looked at, or the path of the parameters."""

    what: str
    error: str
    cause: NotRequired[str]


class Stopped(TypedDict):
    """An execution of ``respond`` that somebody stopped (sfn ExecutionListItem)."""

    ExecutionArn: str
    StopDate: str
    RedriveCount: NotRequired[int]


class ReconcileLeasesTask(TypedDict):
    """Every lease that is held, the signals whose execution was stopped, and the errors met so far."""

    now: str
    leases: list[Lease]
    stopped: list[Stopped]
    problems: list[Problem]


class Recover(TypedDict):
    """The dead release that ``deliver`` takes over; ``sentence`` says why it ends."""

    release: str
    endpoint: str
    owner: str
    status: str
    sentence: str


class RecoveryInput(TypedDict):
    """The input of the execution of ``deliver`` that recovers a release."""

    group: str
    version: int
    recover: Recover


class Recovery(TypedDict):
    """An execution to start, and the number of recoveries before it."""

    recoveries: int
    name: str
    input: RecoveryInput


class Abandoned(TypedDict):
    """A dead release that is left for a person, and the notice that says so."""

    endpoint: str
    owner: str
    subject: str
    body: str


class Reconciliation(TypedDict):
    """What to do about the dead releases. ``redrive``: ARNs of executions that go on where they were stopped.
    ``problems`` are sentences."""

    recover: list[Recovery]
    abandoned: list[Abandoned]
    redrive: list[str]
    problems: list[str]


def reconcile_leases(task: ReconcileLeasesTask) -> Reconciliation:
    """Find the leases of dead executions, and put the problems into words."""
    dead = [lease for lease in task["leases"] if lease["status"] not in _ALIVE]
    return {
        "recover": [_recovery(lease) for lease in dead if lease["recoveries"] < MOST_RECOVERIES],
        "abandoned": [_abandoned(lease) for lease in dead if lease["recoveries"] >= MOST_RECOVERIES],
        "redrive": list(_brought_back(task)),
        "problems": [_sentence(problem) for problem in task["problems"] if not _is_absence(problem)],
    }


def _brought_back(task: ReconcileLeasesTask) -> Iterator[str]:
    """A signal is told once, so its execution is brought back, but only once: who stops it again means it."""
    now = moment(task["now"])
    for each in task["stopped"]:
        stopped = moment(each["StopDate"])
        if now and stopped and now - stopped < FRESH and not each.get("RedriveCount"):
            yield each["ExecutionArn"]


def _is_absence(problem: Problem) -> bool:
    """Whether the group does not exist yet. Then it has nothing to release, and this is not a problem."""
    return NOT_FOUND.search(f"{problem['error']} {problem.get('cause', '')}") is not None


def _sentence(problem: Problem) -> str:
    said = f"The steward could not look at {problem['what']}: {problem['error']}"
    cause = message(problem.get("cause", "")).rstrip(".")
    return f"{said}, {cause}." if cause else f"{said}."


def _abandoned(lease: Lease) -> Abandoned:
    return {
        "endpoint": lease["endpoint"],
        "owner": lease["owner"],
        "subject": "[Interlock] a release needs a person",
        "body": (
            f"Endpoint {lease['endpoint']}: release {lease['release']} died ({lease['status']}) and"
            f" {lease['recoveries']} recoveries failed. Look at the endpoint, then delete the attribute holder"
            " of its CONTROL item in the ledger."
        ),
    }


def _recovery(lease: Lease) -> Recovery:
    """The name is deterministic: the steward may find the same dead lease twice, and only one recovery may run."""
    status = lease["status"]
    return {
        "recoveries": lease["recoveries"],
        "name": f"{shortened(lease['release'], EXECUTION_NAME_LIMIT - 3)}-r{lease['recoveries'] + 1}",
        "input": {
            "group": lease["group"],
            "version": lease["version"],
            "recover": {
                "release": lease["release"],
                "endpoint": lease["endpoint"],
                "owner": lease["owner"],
                "status": status,
                "sentence": f"The execution of this release ended as {status} before the release was done.",
            },
        },
    }
