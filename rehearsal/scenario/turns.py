"""Who goes first among what falls together, as a scenario asks for it.

AWS promises neither how long a call, a state or an event takes nor which of two comes first. The rehearsal gives
everything a usual time, so one order of what happens at once is played. A scenario may ask for another one: acts that
have a `name`, with all that follows from them, and everything else take turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field, PositiveInt

from rehearsal.scenario.entries import Duration, Entry

if TYPE_CHECKING:
    from rehearsal.clock import Timer
    from rehearsal.world import World


class Turn(Entry):
    """What follows from one act goes on alone: so many steps (a state entered, a call made, an event arriving), or
    until it has nothing to do for longer than others may be kept waiting."""

    of: str = Field("", description="the name of an act; everything that follows from no named act when absent")
    steps: PositiveInt | None = None


class Turns(Entry):
    """From a time on, for a time, what is due `within` so long of the first thing due takes turns in this order. After
    the last turn everything goes on by time again."""

    at: Duration
    lasts: Duration
    within: Duration = Field(description="how late anything may become by having to wait for its turn")
    turns: list[Turn] = Field(min_length=1)

    def put_in_place(self, world: World, start: float) -> None:
        """Let the clock of an account choose so, at a time counted from `start` (epoch seconds)."""
        taken = _Taken(self.turns)
        world.clock.at(start + self.at, lambda: world.clock.let_choose(taken.first, self.within))
        world.clock.at(start + self.at + self.lasts, lambda: world.clock.let_choose(None))


class _Taken:
    """How far the turns have come."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._left = [(turn.of, turn.steps) for turn in turns]

    def first(self, due: Sequence[Timer]) -> Timer:
        """The next of what is due: that of the first turn which has anything to do."""
        while self._left:
            of, steps = self._left[0]
            chosen = next((timer for timer in due if timer.cause == of), None)
            if chosen is None or steps == 0:
                self._left.pop(0)
                continue
            self._left[0] = of, None if steps is None else steps - 1
            return chosen
        return due[0]
