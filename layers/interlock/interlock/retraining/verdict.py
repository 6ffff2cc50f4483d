"""What a gate judges, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict

from interlock.model.reasons import Reason
from interlock.retraining.comparison import Finding


class Contender(TypedDict):
    """A version with its reports: ``report`` the evaluation, ``bias`` analysis.json, each null if there is none.
    ``unread``: why its reports cannot be used, as sentences, empty if nothing is wrong. ``arn`` and ``status``
    (ModelApprovalStatus) are needed of the challenger."""

    version: int
    arn: NotRequired[str]
    status: NotRequired[str]
    report: NotRequired[Any]
    bias: NotRequired[Any]
    unread: NotRequired[str]


class GateFacts(TypedDict):
    """The new version and the version that is live now, null if none is. ``champion_at_start``: the version that was
    live when the retraining began, null if none was. ``retraining``: its name; ``signal``: what it answered."""

    now: str
    group: str
    endpoint: str
    retraining: str
    signal: Mapping[str, Any]
    challenger: Contender
    champion: Contender | None
    champion_at_start: int | None


Word = Literal["Approve", "Leave", "Reject"]


@dataclass(frozen=True)
class Opinion:
    """A verdict with its reason and sentence, and what was found about each rule."""

    verdict: Word
    reason: Reason
    sentence: str
    findings: tuple[Finding, ...] = ()
