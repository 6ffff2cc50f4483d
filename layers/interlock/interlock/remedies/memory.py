"""What the ledger remembers of a group: the decisions about its signals, and its retrainings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from interlock.model.reasons import Reason

CLEAN = frozenset({Reason.NO_VIOLATIONS, Reason.DRIFT_WENT_AWAY})
"""Reasons of runs that found nothing."""

SAYS_NOTHING = frozenset({Reason.EVENT_DUPLICATE, Reason.EVENT_MALFORMED})
"""Reasons of decisions that say nothing about a run."""


@dataclass(frozen=True)
class Past:
    """A decision that was made: when, about which run, and what the run had shown. ``until``: of one that waits."""

    at: datetime
    run: str
    kind: str
    remedy: str
    reason: str
    version: int | None
    subjects: tuple[str, ...]
    checks: tuple[str, ...]
    severity: str
    until: str = ""

    @property
    def clean(self) -> bool:
        """Whether the run found nothing."""
        return self.reason in CLEAN


@dataclass(frozen=True)
class Memory:
    """``decisions``: newest first. ``retraining``: the execution that is under way, or None, and since when.
    ``retrainings``: when each began and its dollars. ``unread``: how many entries could not be read."""

    decisions: tuple[Past, ...] = ()
    revision: int = 0
    retraining: tuple[str, datetime] | None = None
    retrainings: tuple[tuple[datetime, float | None], ...] = ()
    unread: int = 0

    def of_kind(self, kind: str, version: int | None) -> Iterator[Past]:
        """The newest decision of each run of a kind about a version, newest first."""
        seen = set()
        for past in self.decisions:
            fits = past.kind == kind and past.version == version and past.reason not in SAYS_NOTHING
            if fits and past.run not in seen:
                seen.add(past.run)
                yield past

    def about(self, run: str) -> Past | None:
        """The newest decision about ``run``."""
        return next((past for past in self.decisions if past.run == run and past.reason not in SAYS_NOTHING), None)


def moment(written: object) -> datetime:
    """A time in UTC of ISO 8601 text. Raises ValueError."""
    at = datetime.fromisoformat(str(written))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def as_text(at: datetime) -> str:
    """``2026-01-05T09:00:00Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_memory(written: Mapping[str, Any] | None) -> Memory:
    """The memory as the ledger has it; nothing in it is needed. An entry that cannot be read is
    counted; the retraining that is under way counts even then."""
    written = written or {}
    remedy = written.get("remedy") or {}
    decisions = [_past(each) for each in written.get("decisions") or ()]
    retrainings = [_started(each) for each in remedy.get("retrainings") or ()]
    known = sorted((past for past in decisions if past), key=lambda past: past.at, reverse=True)
    retraining = remedy.get("retraining")
    return Memory(
        decisions=tuple(known),
        revision=int(remedy.get("revision") or 0),
        retraining=_under_way(retraining) if retraining else None,
        retrainings=tuple(each for each in retrainings if each),
        unread=decisions.count(None) + retrainings.count(None),
    )


def _past(written: Any) -> Past | None:
    try:
        version = written.get("version")
        return Past(
            at=moment(written["at"]),
            run=str(written["run"]),
            kind=str(written["kind"]),
            remedy=str(written["remedy"]),
            reason=str(written["reason"]),
            version=None if version is None else int(version),
            subjects=tuple(str(each) for each in written.get("subjects") or ()),
            checks=tuple(str(each) for each in written.get("checks") or ()),
            severity=str(written.get("severity") or "high"),
            until=str(written.get("until") or ""),
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _under_way(written: Any) -> tuple[str, datetime]:
    """What stands there is a retraining, even if it cannot be read: two at a time would be worse than none."""
    try:
        return str(written["execution"]), moment(written["started_at"])
    except (KeyError, ValueError, TypeError):
        return "of an unknown name", datetime.min.replace(tzinfo=UTC)


def _started(written: Any) -> tuple[datetime, float | None] | None:
    try:
        usd = written.get("usd")
        return moment(written["at"]), None if usd is None else float(usd)
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
