"""Faults of events between the bus and its rules, as a scenario asks for them: repeated, late, lost or out of order.

EventBridge promises none of the opposite for SageMaker's events: "in some rare cases an event might not be delivered",
and a service may send several for one change (docs: events-ref-sagemaker, automating-sagemaker-with-eventbridge).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rehearsal.clock import Clock
from rehearsal.services.event_patterns import compile_pattern

if TYPE_CHECKING:
    from rehearsal.scenario.model import EventFault

Event = Mapping[str, Any]
_APART = 2.0  # seconds between two copies of one event


def disturber(faults: Sequence[EventFault], clock: Clock) -> Callable[[Event], list[float]]:
    """For an event, the extra delay of each copy that arrives: [0.0] is undisturbed, [] is lost. The first fault that
    matches decides."""
    chosen = [_Chosen(fault, clock) for fault in faults]

    def disturb(event: Event) -> list[float]:
        return next((delays for each in chosen if (delays := each.delays(event)) is not None), [0.0])

    return disturb


class _Chosen:
    """One fault, with how many events it has met and the window in which it turns their order round."""

    def __init__(self, fault: EventFault, clock: Clock) -> None:
        self._fault = fault
        self._clock = clock
        self._matches = compile_pattern(json.dumps(fault.match))
        self._met = 0
        self._window_ends = 0.0

    def delays(self, event: Event) -> list[float] | None:
        fault = self._fault
        if not self._matches(event) or self._met == fault.first:
            return None
        self._met += 1
        if fault.lost:
            return []
        late = (fault.late or 0.0) + self._turned(fault.reversed_within)
        return [late + copy * _APART for copy in range(fault.times or 1)]

    def _turned(self, window: float | None) -> float:
        """The nearer to its window's end an event happens, the sooner after that end it arrives."""
        if window is None:
            return 0.0
        if self._clock.now >= self._window_ends:
            self._window_ends = self._clock.now + window
        return 2 * (self._window_ends - self._clock.now)
