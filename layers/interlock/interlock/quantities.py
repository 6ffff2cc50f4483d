"""Quantities as people write them: ``10m``, ``250ms``, ``1%``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

_DURATION_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LATENCY_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000}
_AMOUNT = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*([a-z%]*)\s*")


def _amount(text: object, units: dict[str, int], example: str) -> float:
    match = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[2] not in units:
        raise ValueError(f"write a number and one of {', '.join(units)}, for example {example}; got {text!r}")
    return float(match[1]) * units[match[2]]


def seconds(text: object) -> int:
    """Whole seconds of a duration such as ``90s``, ``10m``, ``24h`` or ``7d``. Raises ValueError."""
    return round(_amount(text, _DURATION_UNITS, "10m"))


def microseconds(text: object) -> int:
    """Microseconds, the unit of ModelLatency, of a latency such as ``250ms``. Raises ValueError."""
    return round(_amount(text, _LATENCY_UNITS, "250ms"))


def fraction(value: object) -> float:
    """A rate from 0 to 1 of ``1%`` or ``0.01``. Raises ValueError."""
    if isinstance(value, str) and value.strip().endswith("%"):
        rate = _amount(value, {"%": 1}, "1%") / 100
    elif isinstance(value, int | float) and not isinstance(value, bool):
        rate = float(value)
    else:
        raise ValueError(f"write a share of requests such as 1% or 0.01; got {value!r}")
    if not 0 <= rate <= 1:
        raise ValueError(f"a share of requests lies between 0 and 1 (or 0% and 100%); got {value!r}")
    return rate


def in_words(duration: float) -> str:
    """``duration`` seconds as a person would say it: ``45 s``, ``10 min``, ``1 h 30 min``, ``2 d``."""
    left = round(duration)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


_WRITTEN_DURATION = Annotated[str, Field(pattern=r"^\s*[0-9]+(\.[0-9]+)?\s*[smhd]\s*$", examples=["10m"])]
Duration = Annotated[int, BeforeValidator(seconds, json_schema_input_type=_WRITTEN_DURATION)]
"""Seconds, written ``10m``."""

Limit = Annotated[
    float,
    WithJsonSchema(
        {
            "description": "For a rate a share such as 1% or 0.01; for a latency a time such as 250ms.",
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(%|us|ms|s)\s*$"},
            ],
        }
    ),
]
"""A share or microseconds, whichever the metric has; the annotation tells editors how each is written."""
