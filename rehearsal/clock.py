"""Virtual time: one clock and one queue of things to do, for the whole simulated account.

Nothing in a rehearsal sleeps. Anything that takes time puts an action on the queue, and `run` performs the actions in
the order of their time (of their arrival, when times are equal), moving `now` as it goes. Randomness and ids come from
here too, so that a seed decides a rehearsal completely.
"""

from __future__ import annotations

import heapq
import random
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _datetime(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


@lru_cache(maxsize=1000)  # the same instant is written many times
def _iso(milliseconds: int) -> str:
    return _datetime(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Timer:
    """An action that waits for its time; `cancel` removes it, before or (without effect) after it ran. `cause` names
    what it follows from, however many actions lie between."""

    __slots__ = ("action", "cause", "when")

    def __init__(self, when: float, action: Callable[[], object], cause: str = "") -> None:
        self.when = when
        self.action: Callable[[], object] | None = action
        self.cause = cause

    def cancel(self) -> None:
        self.action = None


class Clock:
    """Virtual time in epoch seconds (`now`), starting at `start` (an aware datetime)."""

    def __init__(self, start: datetime, seed: int) -> None:
        self.now = (start - _EPOCH).total_seconds()
        self.seed = seed
        self._queue: list[tuple[float, int, Timer]] = []
        self._sequence = 0
        self._uuids = self.random("uuid")
        self._cause = ""
        self._choose: Callable[[Sequence[Timer]], Timer] | None = None
        self._slack = 0.0

    def datetime(self, at: float | None = None) -> datetime:
        """`at` (default: now) as an aware datetime in UTC, to the millisecond, the finest that AWS reports."""
        return _datetime(round((self.now if at is None else at) * 1000))

    def iso(self, at: float | None = None) -> str:
        """`at` (default: now) as "2026-01-05T09:00:00.000Z"."""
        return _iso(round((self.now if at is None else at) * 1000))

    def at(self, when: float, action: Callable[[], object], cause: str = "") -> Timer:
        """Perform `action` at `when` (epoch seconds). ValueError if that time is past. `cause` names what will follow
        from it; without a name it has the cause of what is going on now."""
        if when < self.now:
            raise ValueError(f"cannot act at {self.iso(when)}: it is {self.iso()} already")
        timer = Timer(when, action, cause or self._cause)
        self._sequence += 1
        heapq.heappush(self._queue, (when, self._sequence, timer))
        return timer

    def after(self, seconds: float, action: Callable[[], object]) -> Timer:
        """Perform `action` after so many seconds; 0 means in this instant, but after what is going on now."""
        return self.at(self.now + seconds, action)

    def let_choose(self, choose: Callable[[Sequence[Timer]], Timer] | None, within: float = 0.0) -> None:
        """From now on, of all that is due within so many seconds of the first, `choose` says what is performed next.
        What has to wait for it is late, by that much at most. None: the order of time again.

        AWS promises neither how long a call, a state or an event takes nor which of two comes first.
        """
        self._choose, self._slack = choose, within

    def run(self, until: float) -> None:
        """Perform everything that is due up to and including `until` (epoch seconds); `now` is `until` afterwards."""
        while self._queue and self._queue[0][0] <= until:
            self._perform_next()
        self.now = max(self.now, until)

    def run_while(self, condition: Callable[[], bool]) -> None:
        """Perform what is due, one action after the other, while `condition()` holds and there is anything to do."""
        while condition() and self._queue:
            self._perform_next()

    def _perform_next(self) -> None:
        timer = self._take_chosen(self._choose) if self._choose else heapq.heappop(self._queue)[2]
        if timer.action is not None:  # a cancelled timer does not even move the time
            self.now = max(self.now, timer.when)
            before, self._cause = self._cause, timer.cause
            timer.action()
            self._cause = before

    def _take_chosen(self, choose: Callable[[Sequence[Timer]], Timer]) -> Timer:
        latest = self._queue[0][0] + self._slack
        due = []
        while self._queue and self._queue[0][0] <= latest:
            due.append(heapq.heappop(self._queue))
        if not (waiting := [timer for _, _, timer in due if timer.action is not None]):
            return due[0][2]
        chosen = choose(waiting)
        for entry in due:
            if entry[2] is not chosen and entry[2].action is not None:
                heapq.heappush(self._queue, entry)
        return chosen

    def random(self, name: str) -> random.Random:
        """A stream of random numbers for `name` alone: the draws of one part do not change those of another.

        The stream depends on the clock's seed and the name only. (A string seed is hashed with SHA-512 by the standard
        library, so it is the same in every process, unlike `hash()`.)
        """
        return random.Random(f"{self.seed}/{name}")

    def uuid(self) -> str:
        """The next id of this rehearsal, in the form of a version 4 UUID."""
        return str(uuid.UUID(int=self._uuids.getrandbits(128), version=4))
