"""Many generators on one clock: how executions, and the branches inside one, run at the same time.

A generator that runs as a `Fiber` yields what it waits for: a number of seconds, or a `Signal`. It is resumed when the
time has passed or with the signal's value.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Any

from rehearsal.clock import Clock, Timer

Steps = Generator[Any, Any, Any]


class Signal:
    """Something that happens once, with a value. Firing it again has no effect: the first one counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[Callable[[Any], None]] = []
        self.fired = False
        self.value: Any = None

    def fire(self, value: Any = None) -> bool:
        """Whether this was the first time. Whoever waits goes on in this instant, but after what is going on now."""
        if self.fired:
            return False
        self.fired, self.value = True, value
        for resume in self._waiting:
            self._clock.after(0, lambda resume=resume: resume(value))  # type: ignore[misc]
        return True

    def notify(self, resume: Callable[[Any], None]) -> None:
        if self.fired:
            self._clock.after(0, lambda: resume(self.value))
        else:
            self._waiting.append(resume)


class Fiber:
    """A generator that runs on the clock from now on. `ended` is told its result, or the exception that ended it."""

    def __init__(self, clock: Clock, steps: Steps, ended: Callable[[Any, Exception | None], None]) -> None:
        self._clock = clock
        self._steps = steps
        self._ended = ended
        self._timer: Timer | None = clock.after(0, lambda: self._resume(None))
        self._cancelled = False
        self._resuming = False

    def cancel(self) -> None:
        """Ends the generator where it waits, or will wait next; its `finally` clauses run, `ended` is not told."""
        self._cancelled = True
        if self._timer:
            self._timer.cancel()
        if not self._resuming:
            self._steps.close()

    def _resume(self, value: Any) -> None:
        if self._cancelled:
            return
        result, error, wanted = None, None, None
        self._resuming = True
        try:
            wanted = self._steps.send(value)
        except StopIteration as stop:
            result = stop.value
        except Exception as problem:
            error = problem
        self._resuming = False
        self._go_on(wanted, result, error)

    def _go_on(self, wanted: Any, result: Any, error: Exception | None) -> None:
        if self._cancelled:  # it has stopped itself, by what it called
            self._steps.close()
        elif isinstance(wanted, Signal):
            wanted.notify(self._resume)
        elif wanted is not None:
            self._timer = self._clock.after(wanted, lambda: self._resume(None))
        else:
            self._ended(result, error)


def gather(clock: Clock, makers: Iterable[Callable[[], Steps]], at_once: int) -> Steps:
    """Runs generators side by side, at most `at_once` of them; gives their results in the order they were given in.

    The first one that fails ends the others and is raised.
    """
    waiting = deque(enumerate(makers))
    results: dict[int, Any] = {}
    running: dict[int, Fiber] = {}
    finished: deque[tuple[int, Any, Exception | None]] = deque()
    changed = Signal(clock)

    def start() -> None:
        index, make = waiting.popleft()

        def ended(result: Any, error: Exception | None) -> None:
            finished.append((index, result, error))
            changed.fire()

        running[index] = Fiber(clock, make(), ended)

    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                start()
            yield changed
            changed = Signal(clock)
            while finished:
                index, result, error = finished.popleft()
                del running[index]
                if error:
                    raise error
                results[index] = result
    finally:
        for fiber in running.values():
            fiber.cancel()
    return [results[index] for index in sorted(results)]
