"""Simulated traffic of two variants, minute by minute, as CloudWatch would answer about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float64]
"""Simulated releases by minutes."""

PER_MINUTE = 1000.0
"""Requests to both variants together, unless a case says otherwise."""

PERCENT = 10.0
"""Of them, the candidate's."""

P99 = 0.99


@dataclass(frozen=True)
class Traffic:
    """``columns``: what CloudWatch answers, by the Id of Interlock's query. ``references``: stable's percentiles before
    each release, by metric. ``levels``: what the metrics of stable truly are, which only the fixed threshold is told.
    """

    columns: dict[str, Grid]
    levels: dict[str, float]
    references: dict[str, Grid] = field(default_factory=dict)

    @property
    def runs(self) -> int:
        return int(self.columns["candidate_requests"].shape[0])

    def __or__(self, other: Traffic) -> Traffic:
        """The same requests, measured by the metrics of both; of a metric that both have, by the first."""
        references = other.references | self.references
        return Traffic(other.columns | self.columns, other.levels | self.levels, references)

    def part(self, runs: slice = slice(None), minutes: int | None = None) -> Traffic:
        """Some of the releases, or the first minutes of all."""
        columns = {name: column[runs, :minutes] for name, column in self.columns.items()}
        return Traffic(columns, self.levels, {name: known[runs] for name, known in self.references.items()})


def together(*metrics: Traffic) -> Traffic:
    """One release measured by several metrics."""
    return reduce(lambda one, other: one | other, metrics)


def split(
    chance: np.random.Generator,
    runs: int,
    minutes: int,
    per_minute: float | Grid = PER_MINUTE,
    percent: float | Grid = PERCENT,
) -> dict[str, Grid]:
    """How many requests each variant got: a Poisson number around its share."""
    share = np.broadcast_to(np.asarray(percent) / 100.0 * per_minute, (runs, minutes))
    rest = np.broadcast_to((1.0 - np.asarray(percent) / 100.0) * per_minute, (runs, minutes))
    return {
        "candidate_requests": chance.poisson(share).astype(float),
        "stable_requests": chance.poisson(rest).astype(float),
    }


def errors(
    chance: np.random.Generator,
    requests: dict[str, Grid],
    rate: float | Grid,
    ratio: float = 1.0,
    metric: str = "error_rate",
    burst: int = 1,
) -> Traffic:
    """Requests that fail with chance ``rate``, the candidate's ``ratio`` times as often; ``burst`` at a time."""
    found = dict(requests)
    for role, times in (("candidate", ratio), ("stable", 1.0)):
        served = requests[f"{role}_requests"]
        bursts = chance.binomial((served // burst if burst > 1 else served).astype(int), np.asarray(rate) * times)
        found[f"{role}_{metric}"] = np.minimum(bursts * burst, served).astype(float)
    return Traffic(found, {metric: float(np.mean(rate))})


def values(requests: dict[str, Grid], candidate: Grid, stable: Grid, metric: str = "mean_latency") -> Traffic:
    """One value a minute of both, whose level is 1 with stable."""
    level = 100_000.0 if metric.endswith("latency") else 40.0
    columns = {f"candidate_{metric}": level * candidate, f"stable_{metric}": level * stable}
    return Traffic(requests | columns, {metric: level})


def normal_values(
    chance: np.random.Generator,
    requests: dict[str, Grid],
    ratio: float = 1.0,
    metric: str = "mean_latency",
    noise: float = 0.2,
) -> Traffic:
    """Values that scatter by ``noise`` of stable's level, independently from minute to minute."""
    shape = requests["candidate_requests"].shape
    return values(requests, chance.normal(ratio, noise, shape), chance.normal(1.0, noise, shape), metric)


def neighbours(chance: np.random.Generator, runs: int, minutes: int, alike: float) -> Grid:
    """Standard normal noise of which a minute keeps ``alike`` of the one before."""
    fresh = chance.normal(size=(runs, minutes))
    for minute in range(1, minutes):
        fresh[:, minute] = alike * fresh[:, minute - 1] + np.sqrt(1.0 - alike**2) * fresh[:, minute]
    return fresh


@dataclass(frozen=True)
class Latencies:
    """How the latencies of single requests scatter: from uniform chances, by the inverse of their distribution."""

    draw: Callable[[np.random.Generator, tuple[int, ...]], Grid]
    inverse: Callable[[Grid], Grid]


def log_normal(sigma: float) -> Latencies:
    """Around 1 (median)."""
    deviate = np.vectorize(NormalDist().inv_cdf)
    return Latencies(
        lambda chance, shape: np.exp(sigma * chance.standard_normal(shape)), lambda u: np.exp(sigma * deviate(u))
    )


def pareto(index: float) -> Latencies:
    """Above 1; the larger ``index``, the rarer are long ones. Below 2 the variance is infinite."""
    return Latencies(
        lambda chance, shape: chance.random(shape) ** (-1.0 / index), lambda u: (1.0 - np.asarray(u)) ** (-1.0 / index)
    )


WINDOW = 24
"""Hours before the release of which stable's percentile is the median."""

BATCH = 20
"""Releases whose single requests are held in memory at once."""


def latencies(
    chance: np.random.Generator,
    runs: int,
    minutes: int,
    kind: Latencies,
    ratio: float = 1.0,
    margin: float = 0.5,
    per_minute: float = PER_MINUTE,
    percent: float = PERCENT,
) -> Traffic:
    """Every single request's latency, of which CloudWatch tells the mean and p99 of each minute and the percentage at
    or below a threshold. ``ratio``: how much longer those of the candidate are, all alike. The number of requests in a
    minute is fixed here."""
    hourly = 60.0 * per_minute
    rank = np.ceil(P99 * hourly)
    known = np.median(kind.inverse(chance.beta(rank, hourly + 1.0 - rank, (runs, WINDOW))), axis=1)
    served = {"candidate": round(per_minute * percent / 100.0), "stable": round(per_minute * (1.0 - percent / 100.0))}
    columns = {f"{role}_requests": np.full((runs, minutes), float(count)) for role, count in served.items()}
    names = [f"{role}_{name}" for role in served for name in ("mean_latency", "p99_latency", "p99_latency_slow")]
    columns |= {name: np.empty((runs, minutes)) for name in [*names, "candidate_p99_latency_beyond"]}
    for start in range(0, runs, BATCH):
        some = slice(start, min(start + BATCH, runs))
        for role, count in served.items():
            took = kind.draw(chance, (some.stop - start, minutes, count)) * (ratio if role == "candidate" else 1.0)
            slow = known[some, None, None]
            columns[f"{role}_mean_latency"][some] = 1e5 * took.mean(axis=2)
            columns[f"{role}_p99_latency"][some] = 1e5 * np.quantile(took, P99, axis=2)
            columns[f"{role}_p99_latency_slow"][some] = 100.0 * (took <= slow).mean(axis=2)
            if role == "candidate":
                columns["candidate_p99_latency_beyond"][some] = 100.0 * (took <= slow * (1.0 + margin)).mean(axis=2)
    middle = float(kind.inverse((np.arange(100_000) + 0.5) / 100_000).mean())
    levels = {"p99_latency": 1e5 * float(kind.inverse(np.array(P99))), "mean_latency": 1e5 * middle}
    return Traffic(columns, levels, {"p99_latency": 1e5 * known})


def slow_counts(chance: np.random.Generator, requests: dict[str, Grid], sigma: float, margin: float = 0.5) -> Traffic:
    """The p99 of log-normal latencies where requests come as they like: how many are slow is drawn, not how slow each
    is. The p99 of a minute is that of as many requests."""
    normal = NormalDist()
    known = normal.inv_cdf(P99)
    shape = requests["candidate_requests"].shape
    columns = dict(requests)
    for role in ("candidate", "stable"):
        served = np.maximum(requests[f"{role}_requests"], 1.0)
        slow = chance.binomial(served.astype(int), 1.0 - P99)
        beyond = chance.binomial(slow, (1.0 - normal.cdf(known + np.log1p(margin) / sigma)) / (1.0 - P99))
        rank = np.ceil(P99 * served)
        share = chance.beta(rank, served + 1.0 - rank)
        columns[f"{role}_p99_latency"] = 1e5 * log_normal(sigma).inverse(share)
        columns[f"{role}_p99_latency_slow"] = 100.0 * (1.0 - slow / served)
        columns[f"{role}_p99_latency_beyond"] = 100.0 * (1.0 - beyond / served)
    level = 1e5 * np.exp(sigma * known)
    return Traffic(columns, {"p99_latency": float(level)}, {"p99_latency": np.full(shape[0], level)})
