"""The queue of an asynchronous endpoint: requests wait until an instance has a place (docs: async-inference)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from rehearsal.sagemaker.asynchronous import Queue, concurrency
from rehearsal.sagemaker.fleets import Route


class Backlog:
    """Requests in the order in which they came, as (when, how many)."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, int]] = deque()
        self.wait = 0.0  # milliseconds, on average, of the requests that were taken last

    def taken(self, came: int, routes: Sequence[Route], begin: float, end: float, latency: float) -> int:
        """How many requests `routes` take from the queue from `begin` to `end`, to which `came` requests come, when
        one takes `latency` milliseconds."""
        if came:
            self._waiting.append((begin, came))
        places = sum((route.instances or 0) * concurrency(route.asynchronous or {}) for route in routes)
        free = math.floor(places * (end - begin) * 1000 / latency)
        number, waited = 0, 0.0
        while self._waiting and free > number:
            at, waiting = self._waiting.popleft()
            now = min(waiting, free - number)
            waited += max(0.0, (begin - at) * 1000) * now
            number += now
            if now < waiting:
                self._waiting.appendleft((at, waiting - now))
        self.wait = waited / number if number else 0.0
        return number

    def queue(self, routes: Sequence[Route], now: float) -> Queue:
        """How it stands."""
        oldest = now - self._waiting[0][0] if self._waiting else 0.0
        return Queue(sum(number for _, number in self._waiting), oldest, sum(route.instances or 0 for route in routes))
