"""An execution of one of Interlock's state machines ended badly."""

from __future__ import annotations

from interlock.intake.commands import Command
from interlock.intake.events.reading import Detail, EventType, Name
from interlock.model.names import EXECUTION_NAME_LIMIT, shortened
from interlock.model.reasons import Reason


class ExecutionDetail(Detail):
    """Step Functions Execution Status Change, cut down by the rule's input transformer: input and output may be
    large."""

    executionArn: Name
    stateMachineArn: Name
    name: Name
    status: Name


class Reconcile(Command):
    """Start the steward, once for each execution that ended; ``name`` is the name of the steward's execution."""

    name: str


def execution_ended(detail: ExecutionDetail) -> Reconcile:
    """The steward looks whether the execution held an endpoint."""
    return {
        "kind": "Reconcile",
        "reason": str(Reason.ACCEPTED),
        "sentence": f"Execution {detail.name} ended as {detail.status}.",
        "name": shortened(f"after-{detail.name}", EXECUTION_NAME_LIMIT),
    }


EXECUTION = EventType("aws.states", "Step Functions Execution Status Change", ExecutionDetail, execution_ended)
