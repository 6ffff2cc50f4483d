"""Requests that name a version of a group: ``{"action": "release", "group": "churn", "version": 7}``."""

from __future__ import annotations

from typing import Annotated, NotRequired, Self

from pydantic import Field, model_validator

from interlock.intake.commands import Command, IfNothingToDo, if_nothing_to_do
from interlock.intake.requests.asking import Action, Asked
from interlock.model.fields import LAST_VERSION, SageMakerName
from interlock.model.names import EXECUTION_NAME_LIMIT, release_name, shortened
from interlock.model.reasons import Reason
from interlock.model.release_input import release_input
from interlock.model.request import Request


class AboutVersion(Asked):
    """A request that names a version."""

    group: SageMakerName
    version: Annotated[int, Field(ge=1, le=LAST_VERSION)]


class AboutRelease(AboutVersion):
    """A request that names a version to release, and what does not keep it from that."""

    despite_freeze: bool = False
    despite_alarms: Annotated[list[Annotated[str, Field(min_length=1, max_length=255)]], Field(max_length=5)] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.despite_freeze or self.despite_alarms) and not self.because:
            raise ValueError('despite_freeze and despite_alarms need a reason; write "because": "..."')
        return self


class StartAsked(Command):
    """Start a release or a dry run with ``input``; ``name`` is the stem of its execution's name. The machine adds
    ``execution``, an ARN."""

    group: str
    version: int
    name: str
    input: Request
    execution: NotRequired[str]


class LiftQuarantine(Command):
    """Let a version that was rolled back be released again. ``after``: what holds when it is done, for the journal."""

    after: Request
    group: str
    version: int
    otherwise: IfNothingToDo


def release(asked: AboutRelease) -> StartAsked:
    """Release an approved version."""
    return _start("Release", asked, release_name(asked.group, asked.version))


def dry_run(asked: AboutRelease) -> StartAsked:
    """Compile the plan of a release and change nothing."""
    return _start("DryRun", asked, shortened(f"{release_name(asked.group, asked.version)}-dry-run", _STEM_LIMIT))


def lift_quarantine(asked: AboutVersion) -> LiftQuarantine:
    """The opposite of a quarantine."""
    return {
        "kind": "LiftQuarantine",
        "reason": str(Reason.ACCEPTED),
        "sentence": asked.sentence,
        "after": {"quarantined": ""},
        "group": asked.group,
        "version": asked.version,
        "otherwise": if_nothing_to_do(asked.sentence),
    }


def _start(kind: str, asked: AboutRelease, name: str) -> StartAsked:
    despite: Request = {"despite_freeze": asked.despite_freeze, "despite_alarms": asked.despite_alarms}
    goes = release_input(asked.group, asked.version, asked.sentence, dry_run=kind == "DryRun", **despite)
    return start_asked(kind, asked.sentence, name, goes)


def start_asked(kind: str, sentence: str, name: str, goes: Request) -> StartAsked:
    """The command that starts what a person asked for, with the input ``goes``."""
    return {
        "kind": kind,
        "reason": str(Reason.ACCEPTED),
        "sentence": sentence,
        "group": goes["group"],
        "version": goes["version"],
        "name": name,
        "input": goes,
    }


_STEM_LIMIT = EXECUTION_NAME_LIMIT - 9
"""The machine adds a hyphen and the beginning of its own name, which is a UUID: eight characters."""

_EXAMPLE = '"group": "churn", "version": 7'
RELEASE = Action("release", AboutRelease, release, _EXAMPLE)
DRY_RUN = Action("dry_run", AboutRelease, dry_run, _EXAMPLE)
LIFT_QUARANTINE = Action("lift_quarantine", AboutVersion, lift_quarantine, _EXAMPLE)
