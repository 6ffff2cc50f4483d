"""How often Interlock looks where no event wakes it."""

from __future__ import annotations

SHORTEST_LOOK, LONGEST_LOOK = 60, 300
"""Seconds between two looks: at first, and when it has been waiting for long."""


def next_look(waited: float) -> int:
    """Seconds until the next look after having ``waited`` for so many. So the longest wait of a release
    (plan.LONGEST_WAIT) has some three hundred looks: an execution may have 25,000 events in its history (docs:
    step-functions/latest/dg/service-quotas), and a look has some twenty of them."""
    return min(max(SHORTEST_LOOK, int(waited) // 10), LONGEST_LOOK)
