"""Sums that do not depend on the order of the numbers, nor on how they were dealt out to shards."""

from __future__ import annotations

import math
from collections.abc import Iterable

Sum = list[float]
"""The exact sum as a few floats: the nearest float, then the nearest to what is left, and so on (Shewchuk 1997)."""


def exact(values: Iterable[float]) -> Sum:
    """The exact sum of finite numbers. Sums of shards, added as numbers, give the same list as all numbers at once."""
    left = list(values)
    parts: Sum = []
    while True:
        part = math.fsum(left)
        if part == 0.0 or not math.isfinite(part):
            return parts if part == 0.0 else [part]
        parts.append(part)
        left.append(-part)


def added(sums: Iterable[Sum]) -> Sum:
    """The exact sum of exact sums."""
    return exact(part for total in sums for part in total)
