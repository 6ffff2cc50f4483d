"""Quantities as people write them: ``10m``, ``250ms``, ``1%``, ``80``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from textwrap import shorten

_DURATION_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LATENCY_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000}
_LARGEST = 1e15
_AMOUNT = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*([a-z%]*)\s*")


def _amount(text: object, units: dict[str, int], example: str) -> float:
    match = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[2] not in units:
        wanted = f"a number and one of {', '.join(units)}" if len(units) > 1 else "a percentage"
        raise ValueError(f"write {wanted}, for example {example}; got {text!r}")
    return float(match[1]) * units[match[2]]


def _number(value: object, wanted: str) -> float:
    """``value`` if it is a finite number: YAML also has true, .inf, .nan and integers beyond all floats."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return float(value)
    raise ValueError(f"write {wanted}; got {shorten(repr(value), 80)}")


def seconds_between(begin: str, end: str) -> float:
    """Seconds from one time to another, both ISO 8601. Raises ValueError."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


def in_iso(at: datetime) -> str:
    """A time in UTC as the ledger and AWS's APIs write it: ``2026-01-05T09:00:00.000Z``."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(text: object) -> int:
    """Whole seconds of a duration such as ``90s``, ``10m``, ``24h`` or ``7d``. Raises ValueError."""
    return round(_amount(text, _DURATION_UNITS, "10m"))


def microseconds(text: object) -> int:
    """Microseconds, the unit of ModelLatency, of a latency such as ``250ms``. Raises ValueError."""
    return round(_amount(text, _LATENCY_UNITS, "250ms"))


def fraction(value: object) -> float:
    """A share from 0 to 1 of ``1%`` or ``0.01``. Raises ValueError."""
    if isinstance(value, str) and value.strip().endswith("%"):
        share = round(_amount(value, {"%": 1}, "1%") / 100, 12)
    else:
        share = _number(value, "a share such as 1% or 0.01")
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1 (or 0% and 100%); got {value!r}")
    return share


def relative(text: object) -> float:
    """A difference relative to something, as a fraction, of ``10%``. Raises ValueError.

    Only with the sign: a bare 0.1 could mean a tenth, a tenth of a percent, or a tenth of the metric's unit.
    """
    return round(_amount(text, {"%": 1}, "10%") / 100, 12)


def limit(unit: str, value: object) -> float:
    """A limit in the metric's own ``unit`` (see Metric) of what was written. Raises ValueError."""
    return _LIMITS.get(unit, _plain)(value)


def _share_limit(value: object) -> float:
    share = fraction(value)
    if not 0 < share < 1:
        raise ValueError(f"no amount of traffic proves exactly 0% or 100%; write a share between them; got {value!r}")
    return share


def _latency_limit(value: object) -> float:
    latency = microseconds(value)
    if not latency:
        raise ValueError(f"every answer takes some time; write at least 1us; got {value!r}")
    return float(latency)


def _percentage(value: object) -> float:
    """A limit of a metric in percent: ``80%`` and ``80`` are the same, and 0.8 does not mean 80."""
    if isinstance(value, str):
        return _amount(value, {"%": 1}, "80%")
    percent = _number(value, "a percentage, for example 80%")
    if percent < 0:
        raise ValueError(f"a percentage cannot be negative; got {value!r}")
    if 0 < percent < 1:
        raise ValueError(f"this metric is in percent; write {percent:g}% or {percent * 100:g}%; got {value!r}")
    return percent


def _plain(value: object) -> float:
    return _number(value, "a number in the metric's unit, for example 20")


_LIMITS: dict[str, Callable[[object], float]] = {"share": _share_limit, "us": _latency_limit, "%": _percentage}
"""How a limit is read, by the unit of its metric; any other unit is a plain number."""


def in_words(duration: float) -> str:
    """``duration`` seconds as a person would say it: ``45 s``, ``10 min``, ``1 h 30 min``, ``2 d``."""
    left = round(duration)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
