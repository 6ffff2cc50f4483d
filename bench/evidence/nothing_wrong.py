"""Cases in which the candidate is as good as stable: who takes it back all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.evidence import rivals
from bench.evidence.release import ERRORS, FIVE, MEAN, P99, Release, Request, judged
from bench.evidence.rivals import Flags
from bench.evidence.table import Row, Table, share
from bench.evidence.traffic import (
    PER_MINUTE,
    PERCENT,
    Latencies,
    Traffic,
    errors,
    latencies,
    log_normal,
    neighbours,
    normal_values,
    pareto,
    slow_counts,
    split,
    together,
    values,
)

Chance = np.random.Generator

FALSE_ROLLBACK = 0.05
MINUTES, SPREAD = 100, 0.6
LOOKS = 20
"""Of a release in the cases of robustness: every five minutes."""

COLUMNS = ("Interlock", "passes", "threshold 3 of 5", "peeked test 5 %", "Kayenta, at the end")


def any_metric(rule: Callable[[Traffic, str, float], Flags], rules: Sequence[Request], traffic: Traffic) -> Flags:
    """Whether a rival flags any of the metrics that ``rules`` are about."""
    found: list[Flags] = [rule(traffic, asked["metric"], float(asked["margin"].strip("%")) / 100.0) for asked in rules]
    return np.asarray(np.any(found, axis=0))


def beside(rules: Sequence[Request], traffic: Traffic, looks: Sequence[int]) -> tuple[str, ...]:
    """The rivals' cells: threshold, peeked test (at ``looks``), Kayenta (at the end)."""
    at = [look - 1 for look in looks]
    alarm = rivals.ever(any_metric(rivals.threshold, rules, traffic))
    peeked = any_metric(lambda seen, metric, _: rivals.peeked(seen, metric)[:, at], rules, traffic)
    high = any_metric(lambda seen, metric, _: rivals.kayenta(seen, metric), rules, traffic)
    return share(alarm), share(rivals.ever(peeked)), share(high)


@dataclass(frozen=True)
class Case:
    """A release in which nothing is wrong. ``looks``: the minutes at which it is judged."""

    name: str
    release: Release
    traffic: Traffic
    looks: tuple[int, ...]

    def row(self) -> Row:
        found = judged(self.release, self.traffic, self.looks)
        return _row(self.name, found.ever(), found.share("Pass"), beside(self.release.rules, self.traffic, self.looks))


def _row(name: str, failed: Flags, passed: float | None, others: tuple[str, ...]) -> Row:
    passes = "" if passed is None else f"{passed * 100:.0f} %"
    return Row(name, (share(failed), passes, *others), bool(failed.mean() <= FALSE_ROLLBACK))


def looked_at(chance: Chance, runs: int) -> Table:
    """The same releases, looked at once, ten times and a hundred times."""
    requests = split(chance, runs, MINUTES)
    slow = latencies(chance, runs, MINUTES, log_normal(SPREAD))
    served = {name: slow.columns[name] for name in requests}
    five = together(
        normal_values(chance, served),
        normal_values(chance, served, metric="cpu"),
        errors(chance, served, 0.01),
        errors(chance, served, 0.01, metric="client_error_rate"),
        slow,
    )
    cases = (
        ("error rate 1 %", (ERRORS,), errors(chance, requests, 0.01)),
        ("mean, sd 20 %", (MEAN,), normal_values(chance, requests)),
        ("p99, log-normal", (P99,), slow),
        ("five metrics", FIVE, five.part(slice(runs // 2))),
    )
    every = tuple(range(1, MINUTES + 1))
    rows = []
    for name, rules, traffic in cases:
        found = judged(Release(rules, MINUTES), traffic, every, go_on=True)
        for looks in (1, 10, 100):
            apart = MINUTES // looks
            others = beside(rules, traffic, every[apart - 1 :: apart])
            title = f"{name}, looked at {'once' if looks == 1 else f'{looks} times'}"
            rows.append(_row(title, found.ever(apart), found.share("Pass") if looks == 1 else None, others))
    steps = Release(FIVE, MINUTES // 4, (5, 10, 25, 50))
    rows.append(
        Case(
            "five metrics, steps of 5, 10, 25, 50 %, looked at 100 times",
            steps,
            _stepped(chance, runs // 2, steps),
            every,
        ).row()
    )
    return Table(
        "1. No difference: releases rolled back",
        "at most 5 % over the whole release and all metrics",
        COLUMNS,
        tuple(rows),
        (
            f"{MINUTES} minutes of {PER_MINUTE:,.0f} requests, {PERCENT:.0f} % to the candidate. "
            "Margins: errors 100 %, mean and cpu 15 %, p99 50 %.",
            "The threshold is an alarm: it looks each minute, however often others do. It is told stable's true level.",
        ),
    )


def _stepped(chance: Chance, runs: int, release: Release) -> Traffic:
    """Five metrics of a canary in steps; slow requests drawn as counts, since their number changes with the step."""
    percent = np.repeat(np.array(release.steps, float), release.minutes)
    requests = split(chance, runs, len(percent), PER_MINUTE, percent)
    return together(
        normal_values(chance, requests),
        normal_values(chance, requests, metric="cpu"),
        errors(chance, requests, 0.01),
        errors(chance, requests, 0.01, metric="client_error_rate"),
        slow_counts(chance, requests, SPREAD),
    )


def robust(chance: Chance, runs: int) -> Table:
    """Traffic that is not as textbooks have it."""
    rows = [case.row() for case in (*_tails(chance, runs), *_alike(chance, runs), *_counts(chance, runs))]
    return Table(
        "4. No difference, in traffic that is not as textbooks have it: releases rolled back",
        "at most 5 %, or Inconclusive",
        COLUMNS,
        tuple(rows),
        (
            f"{MINUTES} minutes, looked at {LOOKS} times, unless said otherwise. What neither passes nor is taken "
            "back is Inconclusive.",
        ),
    )


def _spaced(minutes: int, looks: int = LOOKS) -> tuple[int, ...]:
    return tuple(range(minutes // looks, minutes + 1, minutes // looks))


def _tails(chance: Chance, runs: int) -> Iterator[Case]:
    """Latencies of single requests; CloudWatch tells the mean and the p99 of each minute."""
    kinds: dict[str, Latencies] = {
        "log-normal, sigma 1": log_normal(1.0),
        "Pareto, index 2.5": pareto(2.5),
        "Pareto, index 1.5": pareto(1.5),
    }
    for name, kind in kinds.items():
        traffic = latencies(chance, runs, MINUTES, kind)
        for title, rule in (("mean", MEAN), ("p99", P99)):
            yield Case(f"{title} of {name}", Release((rule,), MINUTES), traffic, _spaced(MINUTES))


def _alike(chance: Chance, runs: int) -> Iterator[Case]:
    """Minutes that resemble the one before."""
    release = Release((MEAN,), MINUTES)
    requests = split(chance, runs, MINUTES)
    for alike in (0.3, 0.6, 0.9):
        candidate, stable = (np.exp(0.2 * neighbours(chance, runs, MINUTES, alike)) for _ in range(2))
        yield Case(f"mean, AR(1) {alike}, each its own", release, values(requests, candidate, stable), _spaced(MINUTES))
    for alike in (0.3, 0.6, 0.9):
        both = np.exp(0.2 * neighbours(chance, runs, MINUTES, alike))
        candidate, stable = (both * np.exp(0.05 * chance.normal(size=both.shape)) for _ in range(2))
        yield Case(f"mean, AR(1) {alike}, shared", release, values(requests, candidate, stable), _spaced(MINUTES))
    rule = Release((ERRORS,), MINUTES)
    for alike in (0.6, 0.9):
        rates = [0.01 * np.exp(0.5 * neighbours(chance, runs, MINUTES, alike) - 0.125) for _ in range(2)]
        shared = errors(chance, requests, rates[0])
        yield Case(f"error rate, AR(1) {alike}, shared", rule, shared, _spaced(MINUTES))
        apart = shared.columns | {
            "candidate_error_rate": errors(chance, requests, rates[1]).columns["candidate_error_rate"]
        }
        yield Case(f"error rate, AR(1) {alike}, each its own", rule, Traffic(apart, shared.levels), _spaced(MINUTES))


DAY, BURST = 1440, 5


def _counts(chance: Chance, runs: int) -> Iterator[Case]:
    """Errors by the minute."""
    rule, release = (ERRORS,), Release((ERRORS,), MINUTES)
    hours = 2.0 * np.pi * np.arange(DAY) / DAY
    load, rate = 100.0 * (1.0 + 0.8 * np.sin(hours)), 0.01 * (1.0 + 0.8 * np.cos(hours))
    yield Case(
        "error rate and load in a daily cycle, 24 h",
        Release(rule, DAY),
        errors(chance, split(chance, runs, DAY, load), rate),
        _spaced(DAY),
    )
    percent = np.repeat([5.0, 25.0, 50.0], DAY // 3)
    yield Case(
        "the same, steps of 5, 25, 50 % in 24 h",
        Release(rule, DAY // 3, (5, 25, 50)),
        errors(chance, split(chance, runs, DAY, load, percent), rate),
        _spaced(DAY),
    )
    yield Case(
        "error rate, split 1:10",
        Release(rule, MINUTES, (9,)),
        errors(chance, split(chance, runs, MINUTES, PER_MINUTE, 100 / 11), 0.01),
        _spaced(MINUTES),
    )
    yield Case(
        "error rate, split 1:1",
        Release(rule, MINUTES, (50,)),
        errors(chance, split(chance, runs, MINUTES, PER_MINUTE, 50.0), 0.01),
        _spaced(MINUTES),
    )
    for minutes in (MINUTES, DAY):
        sparse = errors(chance, split(chance, runs, minutes, 10.0), 0.01)
        yield Case(
            f"error rate, one request a minute, {minutes} minutes", Release(rule, minutes), sparse, _spaced(minutes)
        )
    for per_minute in (PER_MINUTE / 10, PER_MINUTE):
        clustered = errors(chance, split(chance, runs, MINUTES, per_minute), 0.01, burst=BURST)
        yield Case(
            f"errors in bursts of {BURST}, {per_minute:,.0f} requests a minute", release, clustered, _spaced(MINUTES)
        )
