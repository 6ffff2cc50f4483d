"""When nothing may begin, by the calendar. All times are UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""In the order of datetime.weekday()."""


@dataclass(frozen=True)
class Calendar:
    """``quiet``: (from, to) in each day, where ``to`` may lie on the next one; ``quiet_days``: names of weekdays;
    ``freezes``: (from, until), ``until`` excluded."""

    quiet: tuple[tuple[time, time], ...] = ()
    quiet_days: frozenset[str] = frozenset()
    freezes: tuple[tuple[datetime, datetime], ...] = ()

    def frozen_until(self, now: datetime) -> datetime | None:
        """The end of the freeze that ``now`` lies in; None if it lies in none. Freezes that touch are one."""
        return _end_of_all(now, self._freeze_ends)

    def quiet_until(self, now: datetime) -> datetime | None:
        """The end of the quiet hours and days that ``now`` lies in; None if it lies in none."""
        return _end_of_all(now, self._quiet_ends)

    def closed_until(self, now: datetime) -> datetime | None:
        """The end of all that ``now`` lies in: freezes, quiet hours and quiet days that touch are one."""
        return _end_of_all(now, lambda at: [*self._freeze_ends(at), *self._quiet_ends(at)])

    def _freeze_ends(self, at: datetime) -> Iterable[datetime]:
        return [until for begin, until in self.freezes if begin <= at < until]

    def _quiet_ends(self, at: datetime) -> Iterable[datetime]:
        hours = [end for each in self.quiet if (end := _quiet_end(each, at))]
        tomorrow = datetime.combine(at.date() + timedelta(days=1), time(), UTC)
        return [*hours, tomorrow] if WEEKDAYS[at.weekday()] in self.quiet_days else hours


MOST_PERIODS = 100
"""Periods that follow one another and are still joined: quiet hours may cover the whole day."""


def _end_of_all(now: datetime, ends: Callable[[datetime], Iterable[datetime]]) -> datetime | None:
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
