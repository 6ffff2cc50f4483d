"""A team's own metrics: the outcomes of a variant's answers, published to CloudWatch by the minute.

Only answers lead to anything: a request that failed (any status but 200) publishes nothing here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rehearsal.clock import Clock
from rehearsal.sagemaker.fleets import Route
from rehearsal.sagemaker.measurements import Publish
from rehearsal.traffic.latency import generator


@dataclass(frozen=True)
class Happens:
    """Something that a share of the answers leads to: 1 is published for each that does, 0 for each that does not."""

    rate: float
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Amount:
    """An amount that each answer leads to: log-normal, from a mean and a standard deviation."""

    mean: float
    spread: float = 0.0
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Counted:
    """1 is published for each answer: the base of a rate."""

    dimensions: Mapping[str, str] = field(default_factory=dict)


Outcome = Happens | Amount | Counted


class OutcomePublisher:
    """Draws the outcomes of answers, each metric of an endpoint from a stream of its own, and publishes it."""

    def __init__(self, clock: Clock, publish: Publish) -> None:
        self._clock, self._publish = clock, publish
        self._streams: dict[tuple[str, str], np.random.Generator] = {}

    def report(self, route: Route, at: float, answers: int, outcomes: Mapping[str, Outcome]) -> None:
        """Publishes for (EndpointName, VariantName) and the further dimensions of an outcome."""
        if not answers:
            return
        for key, outcome in outcomes.items():
            namespace, _, name = key.rpartition("/")
            dimensions = {"EndpointName": route.endpoint, "VariantName": route.variant, **outcome.dimensions}
            stream = self._streams.get((route.endpoint, key))
            if stream is None:
                # The stream keeps the name that the scenario's key had once: another name would be another history.
                stream = generator(self._clock, f"traffic/{route.endpoint}/business/{key}")
                self._streams[route.endpoint, key] = stream
            match outcome:
                case Counted():
                    self._publish(namespace, name, dimensions, at, [1], [answers])
                case Happens(rate=rate):
                    times = int(stream.binomial(answers, rate))
                    self._publish(namespace, name, dimensions, at, [1, 0], [times, answers - times])
                case Amount(mean=mean, spread=spread):
                    sigma = math.sqrt(math.log(1 + (spread / mean) ** 2))
                    amounts = stream.lognormal(math.log(mean) - sigma**2 / 2, sigma, answers)
                    self._publish(namespace, name, dimensions, at, np.round(amounts, 2))
