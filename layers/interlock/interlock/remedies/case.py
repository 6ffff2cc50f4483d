"""What a remedy is decided from, and what a decision says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from interlock.model.freezes import Freeze
from interlock.model.limits import Limits
from interlock.model.reasons import Reason
from interlock.model.signal import Signal
from interlock.remedies.memory import Memory

AGAIN = timedelta(hours=1)
"""When a decision that waits for something without a known end is weighed again. A turn of ``respond`` takes some sixty
events of its history, and Standard executions end at 25,000 (docs: step-functions/latest/dg/service-quotas): an hour
makes that 17 days."""


@dataclass(frozen=True)
class Case:
    """A signal and what is true when it is weighed, ``at`` a time. ``limits`` is None if the policy has no retraining
    section. ``live``: the live version and since when, None if there is none; ``previous``: the version that was live
    before it and still exists; ``freeze``: a person's, that holds for the group; ``instances``: of the endpoint, 0 if
    nobody knows."""

    at: datetime
    group: str
    endpoint: str
    signal: Signal
    limits: Limits | None
    live: int | None
    live_since: datetime | None
    previous: int | None
    releasing: bool
    memory: Memory
    freeze: Freeze | None = None
    instances: int = 0
    most_instances: int = 0

    @property
    def version(self) -> int | None:
        """The version that the signal is about: the live one, if the signal names none."""
        return self.live if self.signal.version is None else self.signal.version

    @property
    def by_person(self) -> bool:
        """Whether a person asked."""
        return self.signal.kind == "person"


@dataclass(frozen=True)
class Decision:
    """What follows from a signal. ``until``: when a decision that waits is weighed again. ``needs``: what the machine
    needs to carry it out; ``remember``: what changes in the group's item of the ledger; ``advice``: what a person can
    do, for the notice."""

    remedy: str
    reason: Reason
    sentence: str
    until: datetime | None = None
    needs: dict[str, Any] = field(default_factory=dict)
    remember: dict[str, Any] = field(default_factory=dict)
    advice: str = ""

    def with_sentence(self, *more: str) -> Decision:
        """The same decision with sentences added."""
        return replace(self, sentence=" ".join((self.sentence, *filter(None, more))))


def ignored(reason: Reason, sentence: str) -> Decision:
    """Nothing follows."""
    return Decision("ignore", reason, sentence)


def waits(reason: Reason, sentence: str, until: datetime) -> Decision:
    """The same signal is weighed again at ``until``."""
    return Decision("wait", reason, sentence, until=until)
