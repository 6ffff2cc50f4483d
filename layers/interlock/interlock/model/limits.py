"""When a retraining may start: how often, for how much money, and when not. All times are UTC."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.model.calendar import Calendar

DAY = 86400


@dataclass(frozen=True)
class Limits(Calendar):
    """What a policy allows. ``cooldown`` and ``window`` in seconds; ``at_most`` retrainings within ``window``, or None;
    ``usd_per_month`` dollars in a calendar month, or None; ``regulated``: features about which a person decides."""

    cooldown: int = DAY
    at_most: int | None = None
    window: int = 0
    usd_per_month: float | None = None
    usd_per_run: float = 0.0
    regulated: frozenset[str] = frozenset()
