"""When a retraining may start: how often, for how much money, and when not. All times are UTC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

DAY = 86400


@dataclass(frozen=True)
class Limits:
    """What a policy allows. ``cooldown`` and ``window`` in seconds; ``at_most`` retrainings within ``window``, or None;
    ``usd_per_month`` dollars in a calendar month, or None; ``quiet``: (from, to) in each day, where ``to`` may lie on
    the next one; ``freezes``: (from, until), ``until`` excluded; ``regulated``: features about which a person
    decides."""

    cooldown: int = DAY
    at_most: int | None = None
    window: int = 0
    usd_per_month: float | None = None
    usd_per_run: float = 0.0
    quiet: tuple[tuple[time, time], ...] = ()
    freezes: tuple[tuple[datetime, datetime], ...] = ()
    regulated: frozenset[str] = frozenset()

    def frozen_until(self, now: datetime) -> datetime | None:
        """The end of the freeze that ``now`` lies in; None if it lies in none. Freezes that touch are one."""
        return _end_of_all(now, lambda at: [until for begin, until in self.freezes if begin <= at < until])

    def quiet_until(self, now: datetime) -> datetime | None:
        """The end of the quiet hours that ``now`` lies in; None if it lies in none."""
        return _end_of_all(now, lambda at: [end for hours in self.quiet if (end := _quiet_end(hours, at))])


MOST_PERIODS = 100
"""Periods that follow one another and are still joined: quiet hours may cover the whole day."""


def _end_of_all(now: datetime, ends: Callable[[datetime], list[datetime]]) -> datetime | None:
    at = now
    for _ in range(MOST_PERIODS):
        later = [end for end in ends(at) if end > at]
        if not later:
            break
        at = max(later)
    return at if at > now else None


def _quiet_end(hours: tuple[time, time], at: datetime) -> datetime | None:
    """The end of the quiet hours of this day or of those that began the day before."""
    begin, end = hours
    for day in (at.date() - timedelta(days=1), at.date()):
        first = datetime.combine(day, begin, UTC)
        last = datetime.combine(day + timedelta(days=1 if end <= begin else 0), end, UTC)
        if first <= at < last:
            return last
    return None
