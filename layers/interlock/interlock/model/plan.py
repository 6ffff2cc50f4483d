"""A release as data: the steps, each with its exact API request, and the request that restores stable."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NotRequired, TypedDict

from interlock.model.notices import Notice
from interlock.model.quantities import in_words
from interlock.model.reasons import Reason
from interlock.model.request import Request

LONGEST_WAIT = 86_400
"""Seconds for which a release waits for an endpoint: for what somebody else changes there, for maintenance, or for a
change of its own, which may take 8 hours (botocore MaximumExecutionTimeoutInSeconds). What wakes it does not count."""

HELD = 86_400
"""Seconds that a release is held for a person when its evidence was inconclusive."""

LONGEST_PAUSE = 86_400
"""Seconds that a release may be paused before it is rolled back."""

PAUSE_EXPIRED = {
    "reason": str(Reason.PAUSE_EXPIRED),
    "sentence": f"The release was paused for {in_words(LONGEST_PAUSE)} and nobody resumed it.",
}
"""Why a release is rolled back if nobody ends its pause."""


class Decision(StrEnum):
    """What to do with a plan."""

    PROCEED = "Proceed"
    REFUSE = "Refuse"
    WAIT = "Wait"
    """The endpoint is busy with something else: look again when it has settled."""
    MEASURE = "Measure"
    """Stable has to be measured first: ask ``measure`` of CloudWatch, then for a plan again."""
    HOLD = "Hold"
    """No safe step is known; a person is needed."""


ABORT, PAUSE, PROMOTE = "Abort", "Pause", "Promote"
"""Words that end or stop a release on its way, or end its bake: the kinds of the commands that bring them."""


@dataclass(frozen=True)
class Step:
    """One action of a release.

    ``action`` is the API operation, or ``Bake``; ``note`` says in words what it is for. ``expect`` is what must be
    true of the endpoint afterwards (see ``verification.Verification``), and makes the machine wait
    until the endpoint has settled, looking by itself after ``patience`` seconds if no event comes. ``bake``
    describes a watched wait. ``hears``: the words that the release obeys from this step on. ``live``: the version is
    live when this is done, so the ledger, its package and people are told, although the release goes on.
    """

    action: str
    note: str
    request: Request = field(default_factory=dict)
    expect: Request | None = None
    patience: int = 0
    bake: Request | None = None
    hears: tuple[str, ...] = (ABORT, PAUSE)
    live: bool = False

    def as_dict(self) -> Request:
        """The step as the state machine reads it."""
        step: Request = {
            "action": self.action,
            "note": self.note,
            "request": self.request,
            "awaits": self.expect is not None,
            "hears": "".join(f"|{word}" for word in self.hears) + "|",
        }
        if self.expect is not None:
            step |= {"expect": self.expect, "patience": self.patience}
        if self.bake is not None:
            step["bake"] = self.bake
        if self.live:
            step["live"] = True
        return step


class Frozen(TypedDict):
    """What keeps a release from beginning: ``by``, the ``where`` of a freeze (see Freeze), and ``until`` when, ISO
    8601; empty if nobody knows."""

    by: str
    until: str


class PlanDocument(TypedDict):
    """A plan as the state machine, the journal and a reader of a dry run see it. Each step says which one comes
    ``next``, by index; ``restore_from`` is the first step after which ``restore`` has something to put back."""

    decision: str
    reason: str
    why: str
    strategy: str
    traffic: str
    warnings: list[str]
    steps: list[Request]
    restore: Request
    restore_from: int
    facts: Request
    watched: str
    pause: int
    notices: dict[str, Notice]
    standing: Request
    longest_pause: int
    pause_expired: dict[str, str]
    measure: NotRequired[Request]
    frozen: NotRequired[Frozen]


_MOVED_BY = {"weights": ("UpdateEndpointWeightsAndCapacities",), "pointer": ("PutParameter",)}
"""The action by which a way of moving traffic moves it, where it is not an update."""


@dataclass(frozen=True)
class Plan:
    """What Interlock is about to do and why. ``restore`` puts all traffic on stable in one request."""

    decision: Decision
    reason: str
    why: str
    strategy: str = ""
    traffic: str = ""
    warnings: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    restore: Step | None = None
    facts: Request = field(default_factory=dict)
    """What a later rollback must know: stable's config and the candidate's names."""
    watched: tuple[str, ...] = ()
    """Names of the alarms that end this release."""
    pause: int = 1800
    """Seconds to wait for an event when the decision is to wait."""
    measure: Request | None = None
    """``{"queries", "start", "end"}`` of GetMetricData when the decision is to measure."""
    notices: dict[str, Notice] = field(default_factory=dict)
    """The notices of a release on its way, ``{"subject", "body"}`` by occasion: ``started`` and ``paused``."""
    standing: Request = field(default_factory=dict)
    """How the endpoint stands now (see Endpoint.standing); empty if there is none."""
    frozen: Frozen | None = None
    """The freeze that the release does not begin in, if it is refused for one."""

    @property
    def restore_from(self) -> int:
        """Index of the first step after which ``restore`` has something to put back; past the last step if there is
        none."""
        moves = _MOVED_BY.get(self.traffic, ("UpdateEndpoint", "UpdateInferenceComponent"))
        actions = [step.action for step in self.steps]
        return next((index for index, action in enumerate(actions) if self.restore and action in moves), len(actions))

    def as_dict(self) -> PlanDocument:
        """The plan as the state machine, the journal and a reader of a dry run see it."""
        plan: PlanDocument = {
            "decision": str(self.decision),
            "reason": str(self.reason),
            "why": self.why,
            "strategy": self.strategy,
            "traffic": self.traffic,
            "warnings": list(self.warnings),
            "steps": [step.as_dict() | {"next": index + 1} for index, step in enumerate(self.steps)],
            "restore": self.restore.as_dict() if self.restore else {"action": "None", "request": {}},
            "restore_from": self.restore_from,
            "facts": self.facts,
            "watched": "".join(f"|{name}" for name in self.watched) + "|",
            "pause": self.pause,
            "notices": self.notices,
            "standing": self.standing,
            "longest_pause": LONGEST_PAUSE,
            "pause_expired": PAUSE_EXPIRED,
        }
        if self.frozen is not None:
            plan["frozen"] = self.frozen
        return plan if self.measure is None else {**plan, "measure": self.measure}
