"""The windows of time that monitors look at: whole hours or days of UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LATE_CAPTURE = timedelta(minutes=5)
"""How long after a window its captured records may still arrive: the capture is written in batches."""


@dataclass(frozen=True)
class Window:
    """From ``start`` to before ``end``, in UTC."""

    start: datetime
    end: datetime

    @property
    def key(self) -> str:
        """The window as the ledger names it: its start, ``2026-01-05T09:00:00Z``."""
        return iso(self.start)

    def as_dict(self) -> dict[str, str]:
        """The window as the program is told it."""
        return {"start": iso(self.start), "end": iso(self.end)}

    @property
    def whole_day(self) -> bool:
        return self.end - self.start == timedelta(days=1)

    @property
    def folder(self) -> str:
        """Where SageMaker puts the capture of the window, below the variant's folder."""
        return f"{self.start:%Y/%m/%d}/" if self.whole_day else f"{self.start:%Y/%m/%d/%H}/"


def newest(every: int, now: datetime, after: timedelta) -> Window:
    """The newest window of ``every`` seconds that ended at least ``after`` before ``now``."""
    last = int((now - after).timestamp()) // every * every
    end = datetime.fromtimestamp(last, UTC)
    return Window(end - timedelta(seconds=every), end)


def window_at(start: str, every: int) -> Window | None:
    """The window of ``every`` seconds whose start is ``start`` (ISO 8601); None if it is none."""
    begin = moment(start)
    if begin is None or int(begin.timestamp()) % every or begin.microsecond:
        return None
    return Window(begin, begin + timedelta(seconds=every))


def moment(written: object) -> datetime | None:
    """``written`` (ISO 8601) in UTC, also without an offset; None if it is no time."""
    try:
        at = datetime.fromisoformat(str(written))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def iso(at: datetime) -> str:
    """``2026-01-05T09:00:00Z``."""
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def months(first: datetime, last: datetime) -> list[str]:
    """The months from ``first`` to ``last`` as folders: ``2026/01/``."""
    count = (last.year - first.year) * 12 + last.month - first.month
    indexes = (first.year * 12 + first.month - 1 + step for step in range(count + 1))
    return [f"{index // 12:04d}/{index % 12 + 1:02d}/" for index in indexes]
