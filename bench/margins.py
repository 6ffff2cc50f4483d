"""How much traffic a rule takes until it can pass or fail: the tables of docs/evidence.md, by the judge's own code.

Run it with ``PYTHONPATH=layers/interlock .venv/bin/python -m bench.margins``; it takes some minutes. Each
pair of figures is the traffic (or time) by which half, and nine of ten, seeded releases of a policy with two rules had
their verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import exp, inf, log
from typing import Any

import numpy as np

from interlock.delivery.bakes import FALSE_PASS, FALSE_ROLLBACK
from interlock.evidence.findings import weigh
from interlock.evidence.measurements import Series
from interlock.statistics.distributions import normal_quantile, normal_tail

RELEASES = 100
RULES = 2
QUANTILES = (0.5, 0.9)
STEPS, FINE = 80, 10
"""Looks by which half of the releases are to have their verdict: at most so many, and no fewer."""

HORIZON = 90
"""Periods of a minute that candidate and stable have side by side: three bakes of half an hour."""

Minute = dict[str, float]
Release = Callable[[np.random.Generator], Minute]


def rule(kind: str, bound: str, value: float, **more: Any) -> dict[str, Any]:
    """A rule as a bake carries it."""
    return {
        "metric": "x",
        "kind": kind,
        "title": "x",
        "unit": "share" if kind == "rate" else "us",
        "better": "lower",
        "own": False,
        "bound": bound,
        "value": value,
        "min_requests": 1,
        "ignore_below": 0.005 if kind == "rate" else None,
        "tail": 0.01,
        "reference": 1.0,
        "alpha": FALSE_ROLLBACK / RULES,
        "beta": FALSE_PASS,
        "horizon": HORIZON,
    } | more


def decided(asked: dict[str, Any], verdict: str, release: Release, looks: int) -> list[float]:
    """The numbers of periods by which QUANTILES of the releases have come to ``verdict``."""
    found = sorted(_first(asked, verdict, release, np.random.default_rng(seed), looks) for seed in range(RELEASES))
    return [found[round(quantile * RELEASES) - 1] for quantile in QUANTILES]


def _first(asked: dict[str, Any], verdict: str, release: Release, chance: np.random.Generator, looks: int) -> float:
    series: Series = {}
    for look in range(1, looks + 1):
        for name, value in release(chance).items():
            series.setdefault(name, {})[f"{look:04}"] = value
        if weigh(asked, series, 60).verdict == verdict:
            return look
    return inf


def errors(requests: float, split: float, rate: float, ratio: float) -> Release:
    """Periods with ``requests`` to the candidate, whose share of the traffic is ``split``."""

    def minute(chance: np.random.Generator) -> Minute:
        other = requests * (1.0 - split) / split
        return {
            "candidate_requests": requests,
            "stable_requests": other,
            "candidate_x": float(chance.poisson(requests * rate * ratio)),
            "stable_x": float(chance.poisson(other * rate)),
        }

    return minute


def latencies(requests: float, split: float, spread: float, margin: float, ratio: float) -> Release:
    """As ``errors``; latencies are log-normal with a sigma of ``spread``, and 1 % of stable's are slow."""
    slow = normal_quantile(0.01)

    def minute(chance: np.random.Generator) -> Minute:
        found: Minute = {}
        for role, count, times in (("candidate", requests, ratio), ("stable", requests * (1.0 - split) / split, 1.0)):
            over = normal_tail(slow - log(times) / spread)
            beyond = normal_tail(slow + log((1.0 + margin) / times) / spread)
            hits = chance.binomial(round(count), over)
            ranks = {"slow": hits, "beyond": chance.binomial(hits, beyond / over)}
            found |= {f"{role}_x_{name}": 100.0 * (1.0 - n / round(count)) for name, n in ranks.items()}
            found |= {f"{role}_requests": float(round(count)), f"{role}_x": 1.0}
        return found

    return minute


def means(noise: float, ratio: float) -> Release:
    """A minute's value of both variants; ``noise``: the standard deviation of their ratio."""

    def minute(chance: np.random.Generator) -> Minute:
        ratios = ratio * exp(chance.normal(0.0, noise))
        return {"candidate_requests": 100.0, "stable_requests": 100.0, "candidate_x": ratios, "stable_x": 1.0}

    return minute


def counted(asked: dict[str, Any], verdict: str, release: Callable[[float], Release], first: float) -> str:
    """Requests to the candidate until the verdict, looked at in steps that are small beside the answer."""
    step = max(round(first), 1)
    while (half := decided(asked, verdict, release(step), STEPS)[0]) == inf or (half < FINE and step > 1):
        step = step * 3 if half == inf else max(round(step * half / FINE / 1.6), 1)
    return " to ".join(rounded(looks * step) for looks in decided(asked, verdict, release(step), 3 * STEPS))


def rounded(value: float) -> str:
    """Two digits, since more would not be known; a dash where it takes longer than was looked."""
    if value == inf:
        return "-"
    digits = max(len(str(int(value))) - 2, 0)
    return f"{round(value / 10**digits) * 10**digits:,}"


SPLITS = (0.1, 0.5)
LIMITED = ((0.0, "Pass"), (0.002, "Pass"), (0.005, "Pass"), (0.02, "Fail"), (0.05, "Fail"), (0.5, "Fail"))


def limits(limit: float) -> Iterator[list[str]]:
    """A row for each true error rate: how many requests prove it on its side of ``limit``."""
    for rate, verdict in LIMITED:
        found = counted(rule("rate", "max", limit), verdict, partial(errors, split=0.5, rate=rate, ratio=1.0), 20.0)
        yield [f"{rate * 100:g} %", verdict, found]


def rates(rate: float) -> Iterator[list[str]]:
    """A row for each margin on an error rate that is ``rate`` with stable."""
    for margin in (0.25, 0.5, 1.0):
        make = partial(errors, rate=rate)
        yield [f"{margin * 100:g} %", *_compared(rule("rate", "margin", margin), make, 0.4 / rate / margin**2)]


def percentiles() -> Iterator[list[str]]:
    """A row for each spread of latencies and each margin on their p99."""
    for spread in (0.3, 0.6):
        for margin in (0.1, 0.25, 0.5):
            make = partial(latencies, spread=spread, margin=margin)
            found = _compared(rule("percentile", "margin", margin), make, 10.0 / margin)
            yield [f"{spread}", f"{margin * 100:g} %", *found]


def _compared(asked: dict[str, Any], make: Callable[..., Release], first: float) -> list[str]:
    """Requests to pass and to fail, for each of SPLITS."""
    return [
        counted(asked, verdict, partial(make, split=split, ratio=ratio), first)
        for split in SPLITS
        for verdict, ratio in (("Pass", 1.0), ("Fail", 1.0 + asked["value"]))
    ]


def averages() -> Iterator[list[str]]:
    """A row for each noise: the minutes to pass, then to fail, for each margin."""
    for noise in (0.05, 0.1, 0.2, 0.4):
        row = [f"{noise * 100:g} %"]
        for margin in (0.05, 0.1, 0.25, 0.5):
            asked, both = rule("mean", "margin", margin), (("Pass", 1.0), ("Fail", 1.0 + margin))
            found = [decided(asked, verdict, means(noise, ratio), 300) for verdict, ratio in both]
            row.append(", ".join(" to ".join(map(rounded, minutes)) for minutes in found))
        yield row


if __name__ == "__main__":
    for table in (limits(0.01), rates(0.01), averages(), percentiles()):
        for cells in table:
            print("|", " | ".join(cells), "|", flush=True)
        print()
