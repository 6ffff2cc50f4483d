"""How many requests are copied to a candidate that is stable's shadow, and answers nobody."""

from __future__ import annotations

from typing import Annotated

from interlock.model.fields import SHARE_SCHEMA, Written
from interlock.model.quantities import fraction

SMALLEST_SAMPLING = 0.01
"""With fewer copies, hardly anything can be told of a shadow."""


def _sampled(written: object) -> float:
    sampling = fraction(written)
    if sampling < SMALLEST_SAMPLING:
        raise ValueError(f"write from 1% to 100%, for example 20%; got {written!r}")
    return sampling


Sampling = Annotated[float, Written(_sampled, SHARE_SCHEMA)]
"""The share of the requests of which a shadow gets copies, written ``20%`` or ``0.2``."""


def in_percent(sampling: float) -> float:
    """A sampling in per cent, without what the multiplication adds to the last digits."""
    return round(100.0 * sampling, 9)
