"""Cases in which the candidate is worse: who sees it, with how little, and how soon."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from bench.evidence import rivals
from bench.evidence.nothing_wrong import any_metric
from bench.evidence.release import ERRORS, FIVE, MEAN, P99, Release, Request, judged
from bench.evidence.table import Row, Table, mean, share
from bench.evidence.traffic import (
    PER_MINUTE,
    PERCENT,
    Grid,
    Traffic,
    errors,
    latencies,
    log_normal,
    normal_values,
    slow_counts,
    split,
    together,
)

Chance = np.random.Generator

POWER, DELAY = 0.8, 1.5
LONGER = 3
"""How many times as long as planned a release goes on while it cannot tell."""

SPREAD, NOISE = 0.6, 0.2


@dataclass(frozen=True)
class Worse:
    """A candidate that is worse by the margin of ``rule``. ``tests``: for Wald's test, the log-likelihood ratios of the
    minutes, to one who knows stable's level too, and to one who must compare."""

    name: str
    rule: Request
    traffic: Traffic
    tests: tuple[Grid, Grid]

    @property
    def metric(self) -> str:
        return str(self.rule["metric"])

    @property
    def margin(self) -> float:
        return float(self.rule["margin"].strip("%")) / 100.0

    @property
    def minutes(self) -> int:
        return int(self.traffic.columns["candidate_requests"].shape[1])


def worse(chance: Chance, runs: int) -> tuple[Worse, ...]:
    """The three candidates."""
    requests = split(chance, runs, 200)
    doubled = errors(chance, requests, 0.01, 2.0)
    slower = normal_values(chance, requests, 1.15, noise=NOISE)
    found, stable = rivals.points(slower, "mean_latency")
    level = slower.levels["mean_latency"]
    stretched = latencies(chance, runs, 30, log_normal(SPREAD), 1.5)
    known = NormalDist().inv_cdf(0.99)
    tail = 1.0 - NormalDist().cdf(known - float(np.log(1.5)) / SPREAD)
    return (
        Worse(
            "error rate 1 % to 2 %",
            ERRORS,
            doubled,
            (
                rivals.gains_of_hits(doubled, "error_rate", 0.01, 0.02),
                rivals.gains_of_share(doubled, "error_rate", 2.0),
            ),
        ),
        Worse(
            "mean latency + 15 %, sd 20 %",
            MEAN,
            slower,
            (
                rivals.gains_of_values(found / level, 1.15, NOISE, 1.0),
                rivals.gains_of_values((found - stable) / level, 0.15, NOISE * 2**0.5),
            ),
        ),
        Worse(
            "p99 x 1.5, log-normal",
            P99,
            stretched,
            (
                rivals.gains_of_hits(stretched, "p99_latency", 0.01, tail),
                rivals.gains_of_share(stretched, "p99_latency", tail / 0.01),
            ),
        ),
    )


def kayenta_needs(case: Worse) -> int:
    """The fewest minutes with which Kayenta's rule reaches POWER (its power grows with them)."""
    low, high = 1, case.minutes
    while high - low > 1:
        middle = (low + high) // 2
        enough = rivals.kayenta(case.traffic.part(minutes=middle), case.metric).mean() >= POWER
        low, high = (low, middle) if enough else (middle, high)
    return high


def half_as_much(chance: Chance, runs: int) -> tuple[Table, Table]:
    """Power with half of what Kayenta needs, and how long detection takes when a release goes on until it can tell."""
    power, delay = [], []
    for case in worse(chance, runs):
        needed = kayenta_needs(case)
        half = needed // 2
        traffic = case.traffic.part(minutes=half * LONGER)
        found = judged(Release((case.rule,), half), traffic, range(1, half * LONGER + 1)).when()
        alarm = rivals.first(rivals.threshold(traffic, case.metric, case.margin))
        peeked = rivals.first(rivals.peeked(traffic, case.metric))
        power.append(_power(case, needed, found, alarm, peeked))
        delay.append(_delay(case, half, found, alarm, peeked))
    return (
        Table(
            "2a. A worse candidate: releases rolled back, with at most half of the minutes that Kayenta needs for 80 %",
            "at least 80 %",
            ("Interlock", "with", "threshold 3 of 5", "peeked test 5 %", "Kayenta with as many", "Kayenta needs"),
            tuple(power),
            (
                f"A minute is {PER_MINUTE:,.0f} requests, {PERCENT:.0f} % of them to the candidate; one point each.",
                "Threshold and peeked test see much and take good candidates back as well: table 1.",
            ),
        ),
        Table(
            "2b. The same: minutes until detection",
            "at most 1.5 times Wald's test that knows both hypotheses and, like Interlock, compares the variants",
            (
                "Interlock",
                "times",
                "detected",
                "Wald, beta 5 %",
                "beta 20 %",
                "times Wald told stable's",
                "threshold",
                "peeked",
            ),
            tuple(delay),
            (
                f"Means where detected, all looking each minute. Interlock's test is made for the half of table 2a "
                f"and goes on {LONGER} times as long; Wald's (alpha 5 %) has no end.",
                "Who knows stable's exact level besides needs no comparison: half of the noise is gone. That is "
                "another question, shown for reference.",
            ),
        ),
    )


def _power(case: Worse, needed: int, found: Grid, alarm: Grid, peeked: Grid) -> Row:
    half = needed // 2
    seen = found <= half
    with_half, with_all = (rivals.kayenta(case.traffic.part(minutes=n), case.metric) for n in (half, needed))
    others = share(alarm <= half), share(peeked <= half), share(with_half), f"{needed} min, {share(with_all)}"
    return Row(case.name, (share(seen), f"{half} min", *others), bool(seen.mean() >= POWER))


def _delay(case: Worse, half: int, found: Grid, alarm: Grid, peeked: Grid) -> Row:
    told, compared = case.tests
    wald, lenient = rivals.sprt(compared), rivals.sprt(compared, beta=0.2)
    ratio = _mean(found) / _mean(wald)
    surer = _mean(found) / _mean(rivals.sprt(told))
    detected = share(np.isfinite(found))
    cells = (
        mean(found),
        f"{ratio:.2f}",
        detected,
        mean(wald),
        mean(lenient),
        f"{surer:.2f}",
        mean(alarm),
        mean(peeked),
    )
    within = _mean(np.where(found <= half, found, np.inf))
    return Row(f"{case.name} ({within:.1f} of those within {half} min)", cells, bool(ratio <= DELAY))


def _mean(minutes: Grid) -> float:
    """Of the releases that were rolled back."""
    return float(minutes[np.isfinite(minutes)].mean())


REQUESTS, BROKEN, SOON = 30, 0.5, 0.99
"""Of the candidate; the share of them that fail; of releases that are to be rolled back by then."""


def broken(chance: Chance, runs: int) -> Table:
    """Half of the candidate's requests fail, on an endpoint so quiet that it gets one a minute."""
    rows = []
    limited: Request = {"metric": "error_rate", "max": "2%"}
    sets: tuple[tuple[str, tuple[Request, ...]], ...] = (
        ("one rule", (ERRORS,)),
        ("five rules", FIVE),
        ("one limit of 2 %", (limited,)),
    )
    for percent in (5, 10):
        traffic = _one_a_minute(chance, runs, percent)
        for name, rules in sets:
            found = judged(Release(rules, REQUESTS, (percent,)), traffic, range(1, REQUESTS + 1))
            compared = [rule for rule in rules if "margin" in rule] or [ERRORS]
            alarm = any_metric(rivals.threshold, compared, traffic)
            test = any_metric(lambda given, metric, _: rivals.peeked(given, metric), compared, traffic)
            high = any_metric(lambda given, metric, _: rivals.kayenta(given, metric), compared, traffic)
            rows.append(
                Row(
                    f"{percent} % of the traffic, {name}",
                    (
                        share(found.ever()),
                        mean(found.when()),
                        share(rivals.ever(alarm)),
                        mean(rivals.first(alarm)),
                        share(rivals.ever(test)),
                        mean(rivals.first(test)),
                        share(high),
                    ),
                    bool(found.ever().mean() >= SOON),
                )
            )
    return Table(
        f"3. {BROKEN * 100:.0f} % errors where stable has 1 %: rolled back within {REQUESTS} requests of the candidate",
        "at least 99 %",
        ("Interlock", "after", "threshold 3 of 5", "after", "peeked test 5 %", "after", "Kayenta, at the end"),
        tuple(rows),
        (
            f"One request a minute to the candidate, {REQUESTS} minutes, judged after each. "
            "After: how many of its requests, on average.",
        ),
    )


def _one_a_minute(chance: Chance, runs: int, percent: float) -> Traffic:
    requests = {
        "candidate_requests": np.ones((runs, REQUESTS)),
        "stable_requests": chance.poisson(100.0 / percent - 1.0, (runs, REQUESTS)).astype(float),
    }
    return together(
        errors(chance, requests, 0.01, BROKEN / 0.01),
        errors(chance, requests, 0.01, metric="client_error_rate"),
        normal_values(chance, requests),
        normal_values(chance, requests, metric="cpu"),
        slow_counts(chance, requests, SPREAD),
    )
