"""Durations and shares as people write them in a scenario, and as a report prints them.

Durations are seconds inside the program and `1h30m` outside; shares are fractions inside and `25%` outside.
"""

from __future__ import annotations

import re

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|d|h|m|s))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|d|h|m|s)")


def parse_duration(value: object) -> float:
    """Seconds from `90s`, `5m`, `1h30m`, `2d`, or a bare number of seconds; ValueError says what would be right."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    if isinstance(value, str) and _DURATION.fullmatch(value.strip()):
        return sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(value))
    raise ValueError(f"{value!r} is not a duration; write for example 90s, 5m, 1h30m or 2d")


def parse_share(value: object) -> float:
    """A fraction from `25%` or from a number between 0 and 1; ValueError says what would be right."""
    number: float | None = None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?\s*%", value.strip()):
        number = float(value.strip().rstrip("% ")) / 100
    if number is None or not 0 <= number <= 1:
        raise ValueError(f"{value!r} is not a share; write for example 25%, or a number from 0 to 1")
    return number


def duration(seconds: float) -> str:
    """The two leading units of a duration: `2d 4h`, `1h 05m`, `4m 30s`, `12s`, `0.4s`."""
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f}s"
    whole = round(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    if days:
        return f"{days}d {hours}h"
    if hours:
        return f"{hours}h {minutes:02d}m"
    return f"{minutes}m {rest:02d}s" if minutes else f"{rest}s"


def offset(seconds: float) -> str:
    """A point of a timeline, counted from its start: `+0:04:30`, or `+1d 02:00:00` after the first day."""
    days, rest = divmod(round(seconds), 86_400)
    clock = f"{rest // 3600}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"+{days}d {clock:0>8}" if days else f"+{clock}"


def share(fraction: float) -> str:
    """A share for people: `25%`, and `0.4%` where whole percents would hide it."""
    percent = fraction * 100
    return f"{percent:.0f}%" if percent == 0 or percent >= 1 else f"{percent:.1g}%"


def count(number: float) -> str:
    """A count with thin grouping: `43,200`."""
    return f"{number:,.0f}"


def money(dollars: float) -> str:
    """A sum for people: `$0.0042`, `$12.30`."""
    return f"${dollars:,.2f}" if dollars >= 1 else f"${dollars:.4f}"
