"""What the steward makes of the leases it finds: events may be lost, and executions may be stopped by hand."""

from __future__ import annotations

from interlock.model.aws_errors import NOT_FOUND
from interlock.model.names import EXECUTION_NAME_LIMIT, shortened
from interlock.model.plan import Request

MOST_RECOVERIES = 3
"""How often a dead release is recovered before it is left for a person."""

_ALIVE = frozenset({"RUNNING", "PENDING_REDRIVE"})
"""Statuses of an execution that still holds its lease rightly (botocore sfn ExecutionStatus)."""


def reconcile_leases(task: Request) -> Request:
    """Which leases belong to dead executions.

    ``task["leases"]``: items of ``{"endpoint", "release", "owner", "group", "version", "recoveries", "status"}``,
    status being that of the owner's execution, or ``Unknown`` where Step Functions no longer knows it.
    ``task["problems"]``: errors met so far; that a group does not exist yet is none, it has nothing to release.
    Answers ``{"recover": [{"name", "input", "recoveries"}], "abandoned": [{"endpoint", "owner", "sentence"}],
    "problems"}``.
    """
    dead = [lease for lease in task["leases"] if lease["status"] not in _ALIVE]
    recover = [lease for lease in dead if lease["recoveries"] < MOST_RECOVERIES]
    return {
        "recover": [_recovery(lease) for lease in recover],
        "abandoned": [_abandoned(lease) for lease in dead if lease["recoveries"] >= MOST_RECOVERIES],
        "problems": [problem for problem in task["problems"] if not NOT_FOUND.search(problem)],
    }


def _abandoned(lease: Request) -> Request:
    sentence = (
        f"Endpoint {lease['endpoint']}: release {lease['release']} died ({lease['status']}) and {lease['recoveries']}"
        " recoveries did not help. Look at the endpoint, then delete the attribute holder of its CONTROL item in the"
        " ledger."
    )
    return {"endpoint": lease["endpoint"], "owner": lease["owner"], "sentence": sentence}


def _recovery(lease: Request) -> Request:
    """The name is deterministic: the steward may find the same dead lease twice, and only one recovery may run."""
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
                "status": lease["status"],
            },
        },
    }
