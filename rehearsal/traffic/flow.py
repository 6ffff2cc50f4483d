"""Requests that flow to endpoints: how many, with which body, to which variant, and how long each takes.

A virtual minute's requests to one variant are answered by its model as one batch, and cut where the endpoint's routes
change inside the minute. How many come, and how they split over variants, is exact arithmetic and not drawn: 5 % of
120 requests a minute are 6, every minute, so what a rehearsal shows follows from weights and models, not from luck
with a small sample.
Which rows are sent, and the latencies, are drawn from seeded streams of their own. An endpoint that captures its data
captures a sample of the requests with the answers that they really got.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from rehearsal.clock import Clock
from rehearsal.models import DATA, Requests, Row
from rehearsal.sagemaker.asynchronous import report_queue
from rehearsal.sagemaker.capture import Asked, Capture
from rehearsal.sagemaker.containers import Container, Reply, Unhealthy
from rehearsal.sagemaker.endpoints import Endpoints
from rehearsal.sagemaker.fleets import Route
from rehearsal.sagemaker.measurements import Publish, Served, Used, report, report_loaded, report_use
from rehearsal.sagemaker.multimodel import NotLoaded, SharedContainer
from rehearsal.sagemaker.several import Direct
from rehearsal.traffic.backlog import Backlog
from rehearsal.traffic.cold_starts import ColdStarts
from rehearsal.traffic.custom_metrics import OutcomePublisher
from rehearsal.traffic.labels import Labels
from rehearsal.traffic.latency import SlowMinutes, generator, latencies, with_tail
from rehearsal.traffic.load import Load, matches
from rehearsal.traffic.minutes import MINUTE, Lost, Minute

OVERHEAD_MS, OVERHEAD_SPREAD_MS = 1.5, 0.5
MALFORMED = b"not,a,row"
MEMORY, DISK = 35.0, 12.0  # percent, of every variant
USE_SPREAD = 0.05  # of what a variant uses without a request


@dataclass
class _Tally:
    """One variant's answers so far in this minute."""

    route: Route
    slowness: float = 1.0
    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0
    correct: int = 0
    model_us: list[NDArray[np.float64]] = field(default_factory=list)
    overhead_us: list[NDArray[np.float64]] = field(default_factory=list)
    setup_us: list[float] = field(default_factory=list)
    copies: bool = False
    waited_ms: list[tuple[float, int]] = field(default_factory=list)
    loading_us: list[float] = field(default_factory=list)


class _Stream:
    """The traffic of one endpoint as it goes on: where it was last cut, its random streams, the running minute."""

    def __init__(self, load: Load, clock: Clock) -> None:
        self.load = load
        self.begun = False
        self.cut = clock.now
        self.owed: dict[tuple[str, str], float] = {}
        self.uncopied: dict[tuple[str, str], float] = {}
        self.tallies: dict[tuple[str, str, str], _Tally] = {}
        self.met: dict[tuple[str, str, str], Route] = {}
        self.lost = 0
        self.cold_starts = ColdStarts()
        self.backlog = Backlog()
        self.slow_minutes = SlowMinutes(load.shared_noise, clock, f"traffic/{load.endpoint}/shared_noise")
        self.draws = generator(clock, f"traffic/{load.endpoint}/requests")
        self.times = generator(clock, f"traffic/{load.endpoint}/latency")
        self.tails = generator(clock, f"traffic/{load.endpoint}/tail")
        self.use = generator(clock, f"traffic/{load.endpoint}/use")
        self._clock = clock
        self._noises: dict[tuple[str, str], np.random.Generator] = {}

    def tally(self, route: Route, begin: float, *, copies: bool = False) -> _Tally:
        """The route's tally in the minute that `begin` lies in; a new one is as slow as that minute is. `copies`: no
        user gets its answers."""
        key = (route.variant, route.config, route.model_data)
        if key not in self.tallies:
            self.met.setdefault(key, route)
            slowness = self.slow_minutes.factor(begin) * self._minute_noise(route)
            self.tallies[key] = _Tally(route, slowness, copies=copies)
        return self.tallies[key]

    def _minute_noise(self, route: Route) -> float:
        spread = self.load.behaviour(route).minute_noise
        if not spread:
            return 1.0
        key = (route.variant, route.config)
        if key not in self._noises:
            name = f"traffic/{self.load.endpoint}/minute_noise/{route.config}/{route.variant}"
            self._noises[key] = generator(self._clock, name)
        return math.exp(spread * self._noises[key].standard_normal())


class Traffic:
    """Sends every load's requests to `endpoints`, and reports to CloudWatch at the end of each minute.

    `minutes` and `lost` are the record. `every_fleet` as in `measurements.report`. `told(endpoint)` is the model that
    callers of a multi-model endpoint name, "" while they know none. `capture` keeps a sample of the
    requests, and `labels` publishes their true labels.
    """

    def __init__(
        self,
        clock: Clock,
        endpoints: Endpoints,
        publish: Publish,
        loads: Iterable[Load],
        *,
        every_fleet: bool = False,
        capture: Capture | None = None,
        labels: Labels | None = None,
        told: Callable[[str], str] = lambda endpoint: "",
        loading: float = 0.0,
    ) -> None:
        self._told, self._loading = told, loading
        self._clock, self._endpoints, self._publish = clock, endpoints, publish
        self._every_fleet = every_fleet
        self._capture, self._labels = capture, labels
        self._start = clock.now
        self._outcomes = OutcomePublisher(clock, publish)
        self._streams = {load.endpoint: _Stream(load, clock) for load in loads}
        self.minutes: list[Minute] = []
        self.lost: list[Lost] = []
        endpoints.watch(self.serve_until_now)
        self._wait_for_minute()

    def finish(self) -> None:
        """Serves and records what the running minute has brought so far: call it when a rehearsal ends."""
        for name, stream in self._streams.items():
            self.serve_until_now(name)
            self._close(stream, self._clock.now // MINUTE * MINUTE)

    def unmet(self) -> list[tuple[str, str]]:
        """Endpoints and patterns of variants that no request has met."""
        return [
            (name, pattern)
            for name, stream in self._streams.items()
            for pattern in stream.load.variants
            if not any(matches(pattern, route) for route in stream.met.values())
        ]

    def _wait_for_minute(self) -> None:
        self._clock.at((self._clock.now // MINUTE + 1) * MINUTE, self._end_minute)

    def _end_minute(self) -> None:
        self._wait_for_minute()
        for name, stream in self._streams.items():
            self.serve_until_now(name)
            self._close(stream, self._clock.now - MINUTE)

    def serve_until_now(self, endpoint: str) -> None:
        """Serves what came since the last cut, by the routes that have held since then, before they, or what callers
        name, change."""
        stream = self._streams.get(endpoint)
        if stream is None:
            return
        load, now = stream.load, self._clock.now
        came = math.floor(load.requests(self._start, now) + 1e-6) - math.floor(
            load.requests(self._start, stream.cut) + 1e-6
        )
        begin, stream.cut = stream.cut, now
        routes = [route for route in load.addressed(self._routes(endpoint)) if route.share > 0]
        stream.begun = stream.begun or bool(routes)
        if not stream.begun:
            return
        if routes and routes[0].asynchronous is not None:
            behaviour = load.behaviour(routes[0])
            routes = [route for route in routes if route.instances]
            came = stream.backlog.taken(came, routes, begin, now, behaviour.latency * behaviour.slower)
        if not came:
            return
        if not routes:
            stream.lost += came
            return
        sent = self._requests(load, begin)
        chosen = stream.draws.integers(0, len(sent.rows), came)
        first = 0
        for route, number in zip(routes, _split(stream.owed, routes, came), strict=True):
            if number and _refuses(route, load.container):
                stream.lost += number
            elif number:
                rows = [sent.rows[index] for index in chosen[first : first + number]]
                self._answer(stream, stream.tally(route, begin), rows, begin, sent)
            first += number
        for shadow in self._endpoints.shadows(endpoint):
            if number := _copied(stream.uncopied, shadow, came):
                rows = [sent.rows[index] for index in chosen[:number]]
                self._answer(stream, stream.tally(shadow, begin, copies=True), rows, begin, sent)

    def _routes(self, endpoint: str) -> list[Route]:
        """The routes; of a multi-model variant, with the URL of the model that callers name, if they know one."""
        key, routes = self._told(endpoint), self._endpoints.routes(endpoint)
        named = [replace(each, model_data=each.model_data + key) if each.names_models else each for each in routes]
        return [each for each in named if key or not each.names_models]

    def _model(self, tally: _Tally) -> Container:
        """What answers. Callers repeat a request that comes before the model is ready, so each is answered."""
        container = tally.route.container
        if isinstance(container, Direct):
            return container.named[self._streams[tally.route.endpoint].load.container]
        if not isinstance(container, SharedContainer):
            return container
        try:
            named = container.named(tally.route.model_data.removeprefix(container.prefix), self._loading)
        except Unhealthy as reason:
            return NotLoaded(reason)
        tally.loading_us += [] if named.waited_us is None else [named.waited_us]
        return named.container

    def _requests(self, load: Load, at: float) -> Requests:
        """What is sent to a load's endpoint at a time."""
        if isinstance(load.data, Requests):
            return load.data
        return Requests(DATA[load.data](load.drift(self._start, at)))

    def _answer(self, stream: _Stream, tally: _Tally, rows: Sequence[Row], begin: float, sent: Requests) -> None:
        route, behaviour = tally.route, stream.load.behaviour(tally.route)
        unreadable = stream.draws.random(len(rows)) < stream.load.malformed
        broken = (stream.draws.random(len(rows)) < behaviour.failing) & ~unreadable
        asked = [row for row, bad, out in zip(rows, unreadable, broken, strict=True) if not bad and not out]
        pool = lambda: (row.body for row in sent.rows)  # noqa: E731
        kind, accept = sent.content_type, sent.accept
        model = self._model(tally)
        replies = model.answer_rows([row.body for row in asked], pool, kind, accept) if asked else []
        refused = model.answer(MALFORMED, kind, accept).status if unreadable.any() else 0
        statuses = [reply.status for reply in replies] + [refused] * int(unreadable.sum()) + [500] * int(broken.sum())
        tally.requests += len(rows)
        tally.client_errors += sum(400 <= status < 500 for status in statuses)
        tally.server_errors += sum(status >= 500 for status in statuses)
        tally.correct += sum(
            reply.status == 200 and row.agrees(reply.body.decode(errors="replace"))
            for row, reply in zip(asked, replies, strict=True)
        )
        self._keep(stream, route, begin, asked, replies, kind, tally.copies)
        factor = behaviour.slower * tally.slowness
        times = latencies(stream.times, behaviour.latency * factor, behaviour.spread * factor, len(rows))
        tally.model_us.append(with_tail(stream.tails, times, behaviour.tail))
        overhead = latencies(stream.times, OVERHEAD_MS, OVERHEAD_SPREAD_MS, len(rows))
        setup = stream.cold_starts.of(route, begin, self._clock.now, len(rows))
        overhead[: len(setup)] += setup
        tally.setup_us += setup.tolist()
        tally.overhead_us.append(overhead)
        tally.waited_ms.append((stream.backlog.wait, len(rows)))

    def _keep(
        self,
        stream: _Stream,
        route: Route,
        begin: float,
        asked: Sequence[Row],
        replies: Sequence[Reply],
        kind: str,
        copies: bool,
    ) -> None:
        """Captures of what reached the model, and tells what the true labels are. A shadow's answers are captured, too
        (docs: shadow-tests-create)."""
        if self._capture is None or not route.capture or not asked:
            return
        requests = [Asked(row.body, kind) for row in asked]
        kept = self._capture.keep(route, begin, self._clock.now, requests, replies)
        if copies:
            return
        if self._labels is not None and stream.load.labels is not None:
            known = [(event_id, asked[index].label or "") for index, event_id in kept]
            self._labels.learn(stream.load.endpoint, stream.load.labels, begin, known)

    def _close(self, stream: _Stream, at: float) -> None:
        """Reports and records the minute that began at `at`."""
        name, labelled = stream.load.endpoint, self._requests(stream.load, at).labelled
        total = sum(tally.requests for tally in stream.tallies.values() if not tally.copies) + stream.lost
        for tally in stream.tallies.values():
            model_us = np.concatenate(tally.model_us)
            errors = tally.client_errors + tally.server_errors
            overhead_us = np.concatenate(tally.overhead_us)
            errors_told = tally.client_errors, tally.server_errors
            served = Served(
                tally.requests,
                *errors_told,
                model_us,
                overhead_us,
                setup_us=tally.setup_us,
                waited_ms=tally.waited_ms,
                loading_us=tally.loading_us,
            )
            report(self._publish, tally.route, at, served, every_fleet=self._every_fleet)
            if tally.copies:
                continue  # nobody saw its answers
            outcomes = {**stream.load.custom_metrics, **stream.load.behaviour(tally.route).custom_metrics}
            self._outcomes.report(tally.route, at, tally.requests - errors, outcomes)
            ordered = np.sort(model_us)
            self.minutes.append(
                Minute(
                    endpoint=name,
                    at=at,
                    variant=tally.route.variant,
                    config=tally.route.config,
                    share=tally.requests / total,
                    requests=tally.requests,
                    errors=errors,
                    correct=tally.correct if labelled else None,
                    latency_p50_us=_percentile(ordered, 50),
                    latency_p99_us=_percentile(ordered, 99),
                    named=tally.route.model_data if tally.route.names_models else "",
                )
            )
        self._report_use(stream, at)
        routes = self._endpoints.routes(name)
        if routes and routes[0].asynchronous is not None:
            report_queue(self._publish, name, at, stream.backlog.queue(routes, self._clock.now))
        if stream.lost:
            self.lost.append(Lost(name, at, stream.lost))
        stream.tallies, stream.lost = {}, 0

    def _report_use(self, stream: _Stream, at: float) -> None:
        """What the instances used in the minute that began at `at`: a base that varies, and each core that was busy
        with a request. A variant that has instances and no traffic uses its base."""
        standing = (*self._routes(stream.load.endpoint), *self._endpoints.shadows(stream.load.endpoint))
        routes = {(route.variant, route.config, route.model_data): route for route in standing}
        routes |= {key: tally.route for key, tally in stream.tallies.items()}
        for key, route in routes.items():
            if route.instances == 0 or route.component:
                continue
            tally = stream.tallies.get(key)
            busy = sum(float(times.sum()) for times in tally.model_us) / (MINUTE * 1e6) if tally else 0.0
            cpu, memory, disk = np.maximum(1 + USE_SPREAD * stream.use.standard_normal(3), 0)
            used = Used(stream.load.behaviour(route).cpu * cpu + 100 * busy, MEMORY * memory, DISK * disk)
            report_use(self._publish, route, at, used)
            if isinstance(route.container, SharedContainer):
                report_loaded(self._publish, route, at, route.container.loaded)


def _refuses(route: Route, container: str) -> bool:
    """Whether requests that name this container, or none, are refused (docs: multi-container-direct)."""
    named = route.container.named if isinstance(route.container, Direct) else {"": None}
    return container not in named


def _percentile(ordered: NDArray[np.float64], rank: int) -> float:
    """The smallest of the ordered values that has `rank` percent of them at or below it."""
    return float(ordered[math.ceil(ordered.size * rank / 100) - 1])


def _copied(uncopied: dict[tuple[str, str], float], shadow: Route, came: int) -> int:
    """How many of the requests that `came` are copied to a shadow: its share in whole ones, the rest next time."""
    key = (shadow.variant, shadow.config)
    due = uncopied.get(key, 0.0) + came * shadow.share
    number = math.floor(due + 1e-9)
    uncopied[key] = due - number
    return number


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
