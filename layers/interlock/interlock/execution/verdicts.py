"""What a look at an endpoint or an inference component shows, and what follows from it."""

from __future__ import annotations

from enum import StrEnum
from typing import NotRequired, TypedDict

from interlock.model.observation import DESCRIBED_LATE
from interlock.model.reasons import Reason
from interlock.model.request import Request


class Status(StrEnum):
    """How an endpoint compares with what was asked for."""

    REACHED = "Reached"
    PENDING = "Pending"
    NOT_REACHED = "NotReached"
    STUCK = "Stuck"


LOOK_AGAIN = DESCRIBED_LATE // 4
"""Seconds until the next look at an endpoint that may be described as it was before."""


class Verified(TypedDict):
    """What was seen, and what follows: ``next`` is one of Advance, Await, RollBack and Hold; before a step also Act,
    Grow (carry out ``step`` first) and Plan (plan the rollback again). ``standing``: see Endpoint.standing;
    ``patience``: seconds until the next look if no event comes; ``evidence``: what the release's end should tell."""

    status: str
    next: str
    reason: str
    sentence: str
    standing: NotRequired[Request]
    patience: NotRequired[int]
    step: NotRequired[Request]
    evidence: NotRequired[str]


_FOLLOWS = {
    Status.REACHED: "Advance",
    Status.PENDING: "Await",
    Status.NOT_REACHED: "RollBack",
    Status.STUCK: "Hold",
}


def verified(status: Status, reason: Reason, sentence: str) -> Verified:
    """The verdict, with what follows from the ``status``."""
    return {"status": str(status), "next": _FOLLOWS[status], "reason": str(reason), "sentence": sentence}
