"""Requests that flow to endpoints: how many, with which body, to which variant, and how long each takes.

A virtual minute's requests to one variant are answered by its model as one batch, and cut where the endpoint's routes
change inside the minute. How many come, and how they split over variants, is exact arithmetic and not drawn: 5 % of
120 requests a minute are 6, every minute, so what a rehearsal shows follows from weights and models, not from luck
with a small sample.
Which rows are sent, and the latencies, are drawn from seeded streams of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from rehearsal.clock import Clock
from rehearsal.models import Row
from rehearsal.sagemaker.endpoints import Endpoints
from rehearsal.sagemaker.fleets import Route
from rehearsal.sagemaker.measurements import Publish, Served, report

MINUTE = 60.0
DAY = 86_400.0
BUSIEST = 15 * 3_600.0  # the time of day, in UTC, at which a daily cycle peaks
OVERHEAD_MS, OVERHEAD_SPREAD_MS = 1.5, 0.5
MALFORMED = b"not,a,row"


@dataclass(frozen=True)
class Behaviour:
    """How a variant's container behaves beside what its model does: median and standard deviation of its latency in
    milliseconds, a factor on both, and the share of requests on which it breaks (status 500)."""

    latency: float = 12.0
    spread: float = 4.0
    slower: float = 1.0
    failing: float = 0.0


@dataclass(frozen=True)
class Load:
    """The traffic of one endpoint, from the moment it first serves.

    `requests_per_second`: constant, or steps (from this many seconds after the start of the rehearsal, this rate).
    `daily_cycle`: how far the rate swings around its mean over a day (0 to 1). `malformed`: share of unreadable
    requests.
    `variants`: by a pattern (`*` and `?`) that a variant's name, configuration, model or artifact URL matches; the
    first match holds, `usual` where there is none.
    """

    endpoint: str
    requests_per_second: float | Sequence[tuple[float, float]] = 2.0
    daily_cycle: float = 0.0
    malformed: float = 0.0
    usual: Behaviour = field(default_factory=Behaviour)
    variants: Mapping[str, Behaviour] = field(default_factory=dict)

    def requests(self, begin: float, until: float) -> float:
        """How many requests came from `begin`, the start of the rehearsal, to `until` (virtual epoch seconds)."""
        rate = self.requests_per_second
        steps = [(0.0, rate)] if isinstance(rate, (int, float)) else list(rate)
        ends = [begin + start for start, _ in steps[1:]] + [math.inf]
        return sum(
            per_second * self._effective(begin + start, min(end, until))
            for (start, per_second), end in zip(steps, ends, strict=True)
            if begin + start < until
        )

    def behaviour(self, route: Route) -> Behaviour:
        known = (route.variant, route.config, route.model, route.model_data)
        matching = (
            behaviour
            for pattern, behaviour in self.variants.items()
            if any(fnmatchcase(name, pattern) for name in known)
        )
        return next(matching, self.usual)

    def _effective(self, begin: float, end: float) -> float:
        """The integral of 1 + daily_cycle * cos(angle from the busiest time) over [begin, end), in seconds."""
        turn = 2 * math.pi / DAY
        swing = math.sin(turn * (end - BUSIEST)) - math.sin(turn * (begin - BUSIEST))
        return end - begin + self.daily_cycle * swing / turn


@dataclass(frozen=True)
class Minute:
    """What one variant of one configuration answered in the minute that began at `at` (virtual epoch seconds).

    `share` of the endpoint's requests in that minute; `errors` are answers other than 200; `correct` predictions among
    the rest.
    """

    endpoint: str
    at: float
    variant: str
    config: str
    share: float
    requests: int
    errors: int
    correct: int
    latency_p50_us: float
    latency_p99_us: float


@dataclass(frozen=True)
class Lost:
    """Requests in the minute that began at `at` that no variant could answer, though the endpoint had served before."""

    endpoint: str
    at: float
    requests: int


@dataclass
class _Tally:
    """One variant's answers so far in this minute."""

    route: Route
    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0
    correct: int = 0
    model_us: list[NDArray[np.float64]] = field(default_factory=list)
    overhead_us: list[NDArray[np.float64]] = field(default_factory=list)


class _Stream:
    """The traffic of one endpoint as it goes on: where it was last cut, its random streams, the running minute."""

    def __init__(self, load: Load, clock: Clock) -> None:
        self.load = load
        self.begun = False
        self.cut = clock.now
        self.owed: dict[tuple[str, str], float] = {}
        self.tallies: dict[tuple[str, str], _Tally] = {}
        self.lost = 0
        self.draws = _generator(clock, f"traffic/{load.endpoint}/requests")
        self.times = _generator(clock, f"traffic/{load.endpoint}/latency")


class Traffic:
    """Sends every load's requests to `endpoints`, and reports to CloudWatch at the end of each minute.

    `minutes` and `lost` are the record. `every_fleet` as in `measurements.report`.
    """

    def __init__(
        self,
        clock: Clock,
        endpoints: Endpoints,
        publish: Publish,
        rows: Sequence[Row],
        loads: Iterable[Load],
        *,
        every_fleet: bool = False,
    ) -> None:
        self._clock, self._endpoints, self._publish = clock, endpoints, publish
        self._rows, self._every_fleet = rows, every_fleet
        self._start = clock.now
        self._streams = {load.endpoint: _Stream(load, clock) for load in loads}
        self.minutes: list[Minute] = []
        self.lost: list[Lost] = []
        endpoints.watch(self._serve_until_now)
        self._wait_for_minute()

    def finish(self) -> None:
        """Serves and records what the running minute has brought so far: call it when a rehearsal ends."""
        for name, stream in self._streams.items():
            self._serve_until_now(name)
            self._close(stream, self._clock.now // MINUTE * MINUTE)

    def _wait_for_minute(self) -> None:
        self._clock.at((self._clock.now // MINUTE + 1) * MINUTE, self._end_minute)

    def _end_minute(self) -> None:
        self._wait_for_minute()
        for name, stream in self._streams.items():
            self._serve_until_now(name)
            self._close(stream, self._clock.now - MINUTE)

    def _serve_until_now(self, endpoint: str) -> None:
        """Serves what came since the last cut, by the routes that have held since then."""
        stream = self._streams.get(endpoint)
        if stream is None:
            return
        load, now = stream.load, self._clock.now
        came = math.floor(load.requests(self._start, now) + 1e-6) - math.floor(
            load.requests(self._start, stream.cut) + 1e-6
        )
        stream.cut = now
        routes = [route for route in self._endpoints.routes(endpoint) if route.share > 0]
        stream.begun = stream.begun or bool(routes)
        if not stream.begun or not came:
            return
        if not routes:
            stream.lost += came
            return
        chosen = stream.draws.integers(0, len(self._rows), came)
        first = 0
        for route, number in zip(routes, _split(stream.owed, routes, came), strict=True):
            if number:
                self._answer(stream, route, [self._rows[index] for index in chosen[first : first + number]])
            first += number

    def _answer(self, stream: _Stream, route: Route, rows: Sequence[Row]) -> None:
        tally = stream.tallies.setdefault((route.variant, route.config), _Tally(route))
        behaviour = stream.load.behaviour(route)
        unreadable = stream.draws.random(len(rows)) < stream.load.malformed
        broken = (stream.draws.random(len(rows)) < behaviour.failing) & ~unreadable
        asked = [row for row, bad, out in zip(rows, unreadable, broken, strict=True) if not bad and not out]
        replies = route.container.answer_rows([row.body for row in asked]) if asked else []
        refused = route.container.answer(MALFORMED).status if unreadable.any() else 0
        statuses = [reply.status for reply in replies] + [refused] * int(unreadable.sum()) + [500] * int(broken.sum())
        tally.requests += len(rows)
        tally.client_errors += sum(400 <= status < 500 for status in statuses)
        tally.server_errors += sum(status >= 500 for status in statuses)
        tally.correct += sum(
            reply.status == 200 and reply.body.decode() == row.label for row, reply in zip(asked, replies, strict=True)
        )
        factor = behaviour.slower
        tally.model_us.append(
            _latencies(stream.times, behaviour.latency * factor, behaviour.spread * factor, len(rows))
        )
        tally.overhead_us.append(_latencies(stream.times, OVERHEAD_MS, OVERHEAD_SPREAD_MS, len(rows)))

    def _close(self, stream: _Stream, at: float) -> None:
        """Reports and records the minute that began at `at`."""
        name = stream.load.endpoint
        total = sum(tally.requests for tally in stream.tallies.values()) + stream.lost
        for tally in stream.tallies.values():
            model_us = np.concatenate(tally.model_us)
            errors = tally.client_errors + tally.server_errors
            served = Served(
                tally.requests, tally.client_errors, tally.server_errors, model_us, np.concatenate(tally.overhead_us)
            )
            report(self._publish, tally.route, at, served, every_fleet=self._every_fleet)
            median, high = np.percentile(model_us, [50, 99], method="inverted_cdf")
            self.minutes.append(
                Minute(
                    endpoint=name,
                    at=at,
                    variant=tally.route.variant,
                    config=tally.route.config,
                    share=tally.requests / total,
                    requests=tally.requests,
                    errors=errors,
                    correct=tally.correct,
                    latency_p50_us=float(median),
                    latency_p99_us=float(high),
                )
            )
        if stream.lost:
            self.lost.append(Lost(name, at, stream.lost))
        stream.tallies, stream.lost = {}, 0


@dataclass(frozen=True)
class Total:
    """A variant's answers over some minutes."""

    requests: int = 0
    errors: int = 0
    correct: int = 0


def totals(minutes: Iterable[Minute], endpoint: str, since: float, until: float) -> dict[tuple[str, str], Total]:
    """Answers by (variant, configuration) over the minutes that overlap [since, until)."""
    found: dict[tuple[str, str], Total] = {}
    for minute in minutes:
        if minute.endpoint == endpoint and minute.at + MINUTE > since and minute.at < until:
            key = (minute.variant, minute.config)
            so_far = found.get(key, Total())
            found[key] = Total(
                so_far.requests + minute.requests, so_far.errors + minute.errors, so_far.correct + minute.correct
            )
    return found


def _split(owed: dict[tuple[str, str], float], routes: Sequence[Route], number: int) -> list[int]:
    """Requests per route: its share, with what rounding left over carried to the next batch in `owed`."""
    keys = [(route.variant, route.config) for route in routes]
    whole = sum(route.share for route in routes)
    due = {key: owed.get(key, 0.0) + number * route.share / whole for key, route in zip(keys, routes, strict=True)}
    given = {key: max(0, math.floor(value + 1e-9)) for key, value in due.items()}
    while (left := number - sum(given.values())) != 0:
        step = 1 if left > 0 else -1
        most = max((key for key in keys if step > 0 or given[key]), key=lambda key: step * (due[key] - given[key]))
        given[most] += step
    owed.clear()
    owed.update({key: due[key] - given[key] for key in keys})
    return [given[key] for key in keys]


def _latencies(stream: np.random.Generator, median: float, spread: float, number: int) -> NDArray[np.float64]:
    """Log-normal, in whole microseconds, from a median and a standard deviation in milliseconds."""
    sigma = math.sqrt(math.log((1 + math.sqrt(1 + 4 * (spread / median) ** 2)) / 2))
    return np.rint(stream.lognormal(math.log(median * 1000), sigma, number))


def _generator(clock: Clock, name: str) -> np.random.Generator:
    return np.random.default_rng(clock.random(name).getrandbits(64))
