"""Requests that name a version of a group: ``{"action": "release", "group": "churn", "version": 7}``."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import Field

from interlock.intake.commands import Command, IfNothingToDo, if_nothing_to_do
from interlock.intake.requests.asking import Action, Asked
from interlock.model.fields import LAST_VERSION, SageMakerName
from interlock.model.names import EXECUTION_NAME_LIMIT, release_name, shortened
from interlock.model.reasons import Reason
from interlock.model.request import Request


class AboutVersion(Asked):
    """A request that names a version."""

    group: SageMakerName
    version: Annotated[int, Field(ge=1, le=LAST_VERSION)]


class StartAsked(Command):
    """Start a release or a dry run; ``name`` is the stem of its execution's name. The machine adds ``execution``, an
    ARN."""

    group: str
    version: int
    name: str
    execution: NotRequired[str]


class LiftQuarantine(Command):
    """Let a version that was rolled back be released again. ``after``: what holds when it is done, for the journal."""

    after: Request
    group: str
    version: int
    otherwise: IfNothingToDo


def release(asked: AboutVersion) -> StartAsked:
    """Release an approved version."""
    return _start("Release", asked, release_name(asked.group, asked.version))


def dry_run(asked: AboutVersion) -> StartAsked:
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


def _start(kind: str, asked: AboutVersion, name: str) -> StartAsked:
    return {
        "kind": kind,
        "reason": str(Reason.ACCEPTED),
        "sentence": asked.sentence,
        "group": asked.group,
        "version": asked.version,
        "name": name,
    }


_STEM_LIMIT = EXECUTION_NAME_LIMIT - 9
"""The machine adds a hyphen and the beginning of its own name, which is a UUID: eight characters."""

_EXAMPLE = '"group": "churn", "version": 7'
RELEASE = Action("release", AboutVersion, release, _EXAMPLE)
DRY_RUN = Action("dry_run", AboutVersion, dry_run, _EXAMPLE)
LIFT_QUARANTINE = Action("lift_quarantine", AboutVersion, lift_quarantine, _EXAMPLE)
