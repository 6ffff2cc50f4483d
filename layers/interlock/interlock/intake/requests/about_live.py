"""Requests about what is live on an endpoint: go back to a version of before, and read what the ledger knows."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, field_validator

from interlock.intake.commands import Command
from interlock.intake.requests.about_endpoint import AboutEndpoint
from interlock.intake.requests.asking import Action
from interlock.model.approval_words import entrance
from interlock.model.fields import LAST_VERSION
from interlock.model.reasons import Reason


class AboutWayBack(AboutEndpoint):
    """A request to go back on an endpoint: to a version, or to the one before the live one."""

    version: Annotated[int, Field(ge=1, le=LAST_VERSION)] | None = None


class AboutDay(AboutEndpoint):
    """A request that may name a day (UTC)."""

    on: Annotated[str, Field(max_length=10)] = ""

    @field_validator("on")
    @classmethod
    def _is_a_day(cls, on: str) -> str:
        try:
            return date.fromisoformat(on).isoformat() if on else ""
        except ValueError:
            raise ValueError("write a day, for example 2026-11-20") from None


class OfEndpoint(Command):
    """Look up in the ledger what is live on the endpoint. For a way back the machine then tells *Live Found*; ``on``
    is the day of a history, empty if none was named. ``entrance``: where the ledger has the entrance of its stage."""

    endpoint: str
    entrance: str
    on: str


def roll_back(asked: AboutWayBack) -> OfEndpoint:
    """Release a version of before at once, without analysis."""
    return _of("RollBack", asked)


def status(asked: AboutEndpoint) -> OfEndpoint:
    """What serves, what is under way, and what keeps it from going on."""
    return _of("Status", asked)


def history(asked: AboutDay) -> OfEndpoint:
    """What was live when, and why that changed."""
    return _of("History", asked, asked.on)


def _of(kind: str, asked: AboutEndpoint, on: str = "") -> OfEndpoint:
    return {
        "kind": kind,
        "reason": str(Reason.ACCEPTED),
        "sentence": asked.sentence,
        "endpoint": asked.endpoint,
        "entrance": entrance(asked.endpoint),
        "on": on,
    }


_EXAMPLE = '"endpoint": "churn"'
ROLL_BACK = Action("roll_back", AboutWayBack, roll_back, _EXAMPLE)
STATUS = Action("status", AboutEndpoint, status, _EXAMPLE)
HISTORY = Action("history", AboutDay, history, _EXAMPLE)
