"""A policy was written to Parameter Store."""

from __future__ import annotations

from interlock.intake.commands import Command, Ignore, ignore
from interlock.intake.events.reading import Detail, EventType, Name
from interlock.model.reasons import Reason


class ParameterDetail(Detail):
    """Parameter Store Change (docs: systems-manager/latest/userguide/sysman-paramstore-cwe)."""

    name: Name
    operation: Name


class CheckPolicy(Command):
    """Read the policy of the group, and keep it if it is good."""

    group: str


def parameter_changed(detail: ParameterDetail) -> CheckPolicy | Ignore:
    """A parameter is named for its group."""
    if detail.operation not in ("Create", "Update"):
        return ignore(f"Parameter {detail.name}: {detail.operation}.")
    group = detail.name.rpartition("/")[2]
    return {
        "kind": "CheckPolicy",
        "reason": str(Reason.ACCEPTED),
        "sentence": f"The policy of {group} was written.",
        "group": group,
    }


PARAMETER = EventType("aws.ssm", "Parameter Store Change", ParameterDetail, parameter_changed)
