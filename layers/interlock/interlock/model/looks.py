"""How often Interlock looks where no event wakes it."""

from __future__ import annotations

SHORTEST_LOOK, LONGEST_LOOK = 60, 300
"""Seconds between two looks: at first, and when it has been waiting for long."""


def next_look(waited: float) -> int:
    """Seconds until the next look after having ``waited`` for so many. So the longest wait of a release
    (plan.LONGEST_WAIT) has some three hundred looks: an execution may have 25,000 events in its history (docs:
    step-functions/latest/dg/service-quotas), and a look has some twenty of them."""
    return min(max(SHORTEST_LOOK, int(waited) // 10), LONGEST_LOOK)


def rarer_look(number: int) -> int:
    """Seconds after which the look of that number comes where a wait may last for days: each comes a minute after the
    one before, or a tenth of the time that has passed. The longest wait for a gate has less than ninety."""
    seconds = 0
    for _ in range(number):
        seconds += max(SHORTEST_LOOK, seconds // 10)
    return seconds


def looks_within(seconds: int) -> int:
    """How many rarer looks come within so many seconds, with the one that ends them."""
    number = 0
    while rarer_look(number) < seconds:
        number += 1
    return number + 1
