"""How long answers take: log-normal times, minutes that are slower than others, and rare answers that take for ever."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rehearsal.clock import Clock
from rehearsal.traffic.minutes import MINUTE

TAIL_INDEX = 1.5  # Pareto: so heavy that the variance is infinite, and a mean never settles
LONGEST_US = 60e6  # a model container must answer within 60 seconds (docs: API_runtime_InvokeEndpoint)


@dataclass(frozen=True)
class SharedNoise:
    """A factor on the latency of all variants that changes from minute to minute.

    Its logarithm is an AR(1) process around 0: `spread` is its standard deviation over a long time, `memory` its
    correlation from one minute to the next (0 to less than 1).
    """

    spread: float
    memory: float = 0.8


class SlowMinutes:
    """The factor of a SharedNoise at each minute since the clock's present one, whether there is traffic or not."""

    def __init__(self, noise: SharedNoise | None, clock: Clock, name: str) -> None:
        self._noise = noise
        self._draws = generator(clock, name)
        self._minute = clock.now // MINUTE
        self._level = noise.spread * self._draws.standard_normal() if noise else 0.0

    def factor(self, at: float) -> float:
        """The factor in the minute of `at`, which is not before the one asked for last."""
        if self._noise is None:
            return 1.0
        memory = self._noise.memory
        while self._minute < at // MINUTE:
            shock = self._noise.spread * math.sqrt(1 - memory**2) * self._draws.standard_normal()
            self._level = memory * self._level + shock
            self._minute += 1
        return math.exp(self._level)


def latencies(stream: np.random.Generator, median: float, spread: float, number: int) -> NDArray[np.float64]:
    """Log-normal, in whole microseconds, from a median and a standard deviation in milliseconds."""
    sigma = math.sqrt(math.log((1 + math.sqrt(1 + 4 * (spread / median) ** 2)) / 2))
    return np.rint(stream.lognormal(math.log(median * 1000), sigma, number))


def with_tail(stream: np.random.Generator, times: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """The times, a share of them multiplied by a Pareto factor."""
    if not share:
        return times
    slow = stream.random(times.size) < share
    factors = 1 + stream.pareto(TAIL_INDEX, times.size)
    return np.rint(np.minimum(np.where(slow, times * factors, times), LONGEST_US))


def generator(clock: Clock, name: str) -> np.random.Generator:
    """A stream of its own for `name`, so that what one thing draws does not change what another gets."""
    return np.random.default_rng(clock.random(name).getrandbits(64))
