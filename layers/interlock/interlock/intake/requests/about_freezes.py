"""Requests that begin and end a freeze: ``{"action": "freeze", "group": "churn", "until": "2026-12-27"}``."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from interlock.intake.commands import Command
from interlock.intake.events.reading import in_utc
from interlock.intake.requests.asking import Action, Asked
from interlock.model.fields import SageMakerName
from interlock.model.freezes import key
from interlock.model.quantities import in_iso
from interlock.model.reasons import Reason
from interlock.model.request import Request


class AboutFreeze(Asked):
    """A request that names what is frozen: an endpoint, a group, or everything."""

    endpoint: SageMakerName | None = None
    group: SageMakerName | None = None
    everything: Literal[True] | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(each is not None for each in (self.endpoint, self.group, self.everything)) != 1:
            raise ValueError('write one of "endpoint": "churn", "group": "churn" and "everything": true')
        return self

    @property
    def where(self) -> str:
        """The sort key of the freeze in the ledger."""
        return key(group=self.group or "", endpoint=self.endpoint or "")


class AboutFreezeUntil(AboutFreeze):
    """A request that may also say when the freeze ends by itself."""

    until: Annotated[str, Field(max_length=40)] = ""

    @field_validator("until")
    @classmethod
    def _is_to_come(cls, until: str, info: ValidationInfo) -> str:
        try:
            ends = in_iso(in_utc(until)) if until else ""
        except (ValueError, OverflowError):
            raise ValueError("write a day or a time in UTC, for example 2026-12-27 or 2026-12-27T08:00Z") from None
        if ends and ends <= (info.context or {}).get("now", ""):
            raise ValueError(f"{ends} is over already; write a time to come")
        return ends


class Freeze(Command):
    """Begin or end a freeze. ``where``: its sort key in the ledger; ``until``: when it ends (ISO 8601), empty if nobody
    knows. ``after``: what holds when it is done, for the journal."""

    where: str
    until: str
    after: Request


def freeze(asked: AboutFreezeUntil) -> Freeze:
    """Let nothing begin by itself until the freeze ends."""
    return _freeze("Freeze", asked, asked.until)


def unfreeze(asked: AboutFreeze) -> Freeze:
    """End the freeze of the same."""
    return _freeze("Unfreeze", asked, "")


def _freeze(kind: str, asked: AboutFreeze, until: str) -> Freeze:
    return {
        "kind": kind,
        "reason": str(Reason.ACCEPTED),
        "sentence": asked.sentence,
        "where": asked.where,
        "until": until,
        "after": {"frozen": kind == "Freeze", "until": until},
    }


_EXAMPLE = '"group": "churn"'
FREEZE = Action("freeze", AboutFreezeUntil, freeze, _EXAMPLE)
UNFREEZE = Action("unfreeze", AboutFreeze, unfreeze, _EXAMPLE)
