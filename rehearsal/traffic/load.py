"""An endpoint's traffic in a scenario: how much of it comes, and how each variant behaves under it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from rehearsal.models import Requests
from rehearsal.sagemaker.fleets import Route
from rehearsal.traffic.custom_metrics import Outcome
from rehearsal.traffic.latency import SharedNoise

DAY = 86_400.0
BUSIEST = 15 * 3_600.0  # the time of day, in UTC, at which a daily cycle peaks


@dataclass(frozen=True)
class Behaviour:
    """The behaviour of a variant's container, beside that of its model.

    `latency`, `spread`: median and standard deviation in milliseconds, `slower` multiplies both. `failing`: share of
    requests on which it breaks (status 500). `tail`: share of requests that take much longer, without a typical length.
    `minute_noise`: how far its minutes are slower or quicker than each other. `cpu`: its use without a request,
    in percent of one core. `custom_metrics`: the outcomes of its answers, by metric, where they differ from the load's.
    """

    latency: float = 12.0
    spread: float = 4.0
    slower: float = 1.0
    failing: float = 0.0
    tail: float = 0.0
    minute_noise: float = 0.0
    cpu: float = 10.0
    custom_metrics: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True)
class Drifting:
    """Requests that are not as they were: from `begins` to `ends`, in seconds after the start of the rehearsal."""

    begins: float
    ends: float
    drift: str


@dataclass(frozen=True)
class Labelled:
    """True labels that are known `delay` seconds after the hour of the requests, for a `share` of them (0 to 1), and
    published for a model package group. `bucket`: where, "" for the stack's own."""

    group: str
    delay: float
    share: float = 1.0
    bucket: str = ""


def matches(pattern: str, route: Route) -> bool:
    """Whether the pattern of a variant's behaviour means this route."""
    return any(fnmatchcase(name, pattern) for name in (route.variant, route.config, route.model, route.model_data))


@dataclass(frozen=True)
class Load:
    """The traffic of one endpoint, from the moment it first serves.

    `requests_per_second`: constant, or steps (from this many seconds after the start of the rehearsal, this rate).
    `daily_cycle`: how far the rate swings around its mean over a day (0 to 1). `malformed`: share of unreadable
    requests.
    `variants`: by a pattern (`*` and `?`) that a variant's name, configuration, model or artifact URL matches; the
    first match holds, `usual` where there is none.
    `shared_noise`: minutes that are slow or quick for all variants alike.
    `custom_metrics`: the outcomes of answers, by metric as "Namespace/Name".
    `pinned`: by variant, the share of the requests that name it as their TargetVariant.
    `data`: its requests, or the demo data set (`models.DATA`) that they are from, which `drifts` changes for a time.
    `labels`: how the true labels of captured requests come to be known, None when nobody learns them.
    `component`: the inference component that the requests name, and `container` the container, "" for none.
    """

    endpoint: str
    requests_per_second: float | Sequence[tuple[float, float]] = 2.0
    daily_cycle: float = 0.0
    malformed: float = 0.0
    usual: Behaviour = field(default_factory=Behaviour)
    variants: Mapping[str, Behaviour] = field(default_factory=dict)
    shared_noise: SharedNoise | None = None
    custom_metrics: Mapping[str, Outcome] = field(default_factory=dict)
    pinned: Mapping[str, float] = field(default_factory=dict)
    data: str | Requests = "digits"
    drifts: Sequence[Drifting] = ()
    labels: Labelled | None = None
    component: str = ""
    container: str = ""

    def drift(self, begin: float, at: float) -> str:
        """The drift `at` a time, when the rehearsal began at `begin` (virtual epoch seconds)."""
        found = (each.drift for each in self.drifts if begin + each.begins <= at < begin + each.ends)
        return next(found, "none")

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
        matching = (behaviour for pattern, behaviour in self.variants.items() if matches(pattern, route))
        return next(matching, self.usual)

    def addressed(self, routes: Sequence[Route]) -> list[Route]:
        """The routes with the shares that they really get: who names a TargetVariant reaches it whatever its weight,
        all others go by weight (docs: model-ab-testing). While there is no such variant nobody names it. Requests reach
        the inference component that they name, or the endpoint's own models."""
        routes = [route for route in routes if route.component == self.component]
        weights: dict[str, float] = {}
        for route in routes:
            weights[route.variant] = weights.get(route.variant, 0.0) + route.share
        fleets = Counter(route.variant for route in routes)
        free = 1.0 - sum(self.pinned.get(name, 0.0) for name in fleets)

        def named(route: Route) -> float:
            whole = weights[route.variant]
            return self.pinned.get(route.variant, 0.0) * (route.share / whole if whole else 1 / fleets[route.variant])

        return [replace(route, share=free * route.share + named(route)) for route in routes]

    def _effective(self, begin: float, end: float) -> float:
        """The integral of 1 + daily_cycle * cos(angle from the busiest time) over [begin, end), in seconds."""
        turn = 2 * math.pi / DAY
        swing = math.sin(turn * (end - BUSIEST)) - math.sin(turn * (begin - BUSIEST))
        return end - begin + self.daily_cycle * swing / turn
