"""When a schedule is due next: `rate(…)`, `cron(…)` and `at(…)`, as EventBridge and its Scheduler write them.

After the EventBridge Scheduler User Guide, "Schedule types on EventBridge Scheduler". Cron has six fields (minutes,
hours, day of month, month, day of week, year); L, W and # are not understood here and refused loudly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = {name: str(i) for i, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
_DAYS = {name: str(i) for i, name in enumerate("SUN MON TUE WED THU FRI SAT".split(), 1)}
_SEARCH_LIMIT = timedelta(days=366 * 5)


def next_after(expression: str, after: float, created: float, timezone: str = "UTC") -> float | None:
    """The first moment later than `after` at which a schedule is due, in epoch seconds; None when there is none.

    A rate counts from when the schedule was `created`. ValueError for an expression that cannot be read.
    """
    kind, _, inside = expression.rstrip(")").partition("(")
    if kind == "rate":
        period = _period(inside, expression)
        return created + (int((after - created) // period) + 1) * period
    zone = ZoneInfo(timezone)
    if kind == "at":
        due = datetime.fromisoformat(inside).replace(tzinfo=zone).timestamp()
        return due if due > after else None
    if kind == "cron":
        return _next_cron(inside, datetime.fromtimestamp(after, zone))
    raise ValueError(f"schedule expression {expression!r} is neither rate(…), cron(…) nor at(…)")


def _period(inside: str, expression: str) -> int:
    # docs: EventBridge "Rate expressions reference": 1 takes the singular, everything else the plural
    found = re.fullmatch(r"(?:1 (?=\w+[^s]$)|(?!0|1 )(\d+) (?=\w+s$))(minute|hour|day)s?", inside)
    if not found:
        raise ValueError(f"{expression!r} is not rate(1 minute|hour|day) or rate(<number> minutes|hours|days)")
    return int(found[1] or 1) * _UNITS[found[2]]


def _next_cron(inside: str, after: datetime) -> float | None:
    fields = inside.split()
    if len(fields) != 6:
        raise ValueError(f"cron({inside}) does not have six fields")
    minutes, hours = _values(fields[0], 0, 59), _values(fields[1], 0, 23)
    start = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for day in _days(start, fields):
        first = start if day.date() == start.date() else day
        for hour in sorted(h for h in hours if h >= first.hour):
            for minute in sorted(minutes):
                due = day.replace(hour=hour, minute=minute)
                if due >= first:
                    return due.timestamp()
    return None


def _days(start: datetime, fields: list[str]) -> Iterator[datetime]:
    dates, months = _values(fields[2], 1, 31), _values(_named(fields[3], _MONTHS), 1, 12)
    weekdays, years = _values(_named(fields[4], _DAYS), 1, 7), _values(fields[5], 1970, 2199)
    day = start.replace(hour=0, minute=0)
    while day - start < _SEARCH_LIMIT:
        # cron's Sunday is 1; Python's isoweekday has Sunday 7
        if day.day in dates and day.month in months and day.isoweekday() % 7 + 1 in weekdays and day.year in years:
            yield day
        day += timedelta(days=1)


def _named(field: str, names: dict[str, str]) -> str:
    return re.sub(r"[A-Za-z]{3}", lambda word: names.get(word[0].upper(), word[0]), field)


@cache
def _values(field: str, least: int, most: int) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span = re.fullmatch(r"(\*|\?|\d+)(?:-(\d+))?(?:/(\d+))?", part)
        if span is None:
            raise ValueError(f"cron field {field!r} is not understood")
        anything = span[1] in ("*", "?")
        low = least if anything else int(span[1])
        high = int(span[2]) if span[2] else most if anything or span[3] else low
        found.update(range(low, high + 1, int(span[3] or 1)))
    return frozenset(found)


def utc(moment: float) -> str:
    """A moment as Scheduler writes it into a target's input, "2026-01-05T09:00:00Z"."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
