"""Interlock's own verdicts on simulated traffic: the plan's bakes and the deployed judge, at every look."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

import numpy as np

from bench.evidence.rivals import Flags
from bench.evidence.traffic import Grid, Traffic
from interlock.delivery.bakes import Variants, bake
from interlock.evidence.judge import judge
from interlock.evidence.looks import Look
from interlock.policy.document import Policy, read_policy

Request = dict[str, Any]

ERRORS: Request = {"metric": "error_rate", "margin": "100%"}
MEAN: Request = {"metric": "mean_latency", "margin": "15%"}
P99: Request = {"metric": "p99_latency", "margin": "50%"}
FIVE: tuple[Request, ...] = (
    ERRORS,
    {"metric": "client_error_rate", "margin": "100%"},
    MEAN,
    P99,
    {"metric": "cpu", "margin": "15%"},
)


@dataclass(frozen=True)
class Release:
    """A policy: its rules, the canary's steps in percent, and the minutes that each is baked."""

    rules: tuple[Request, ...]
    minutes: int
    steps: tuple[int, ...] = (10,)

    def policy(self) -> Policy:
        strategy = {"kind": "canary", "steps": self.steps, "bake": f"{self.minutes}m"}
        stage = {
            "endpoint": "bench",
            "hosting": {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 1},
            "strategy": strategy,
            "evidence": self.rules,
            "inconclusive": {"extensions": 0},
        }
        return read_policy(json.dumps({"model_package_group": "bench", "stages": [stage]}), "bench")


@dataclass(frozen=True)
class Outcomes:
    """``failed``: whether the judge said Fail, by release and look. ``last``: its verdict at the last look."""

    looks: tuple[int, ...]
    failed: Flags
    last: tuple[str, ...]

    def ever(self, every: int = 1) -> Flags:
        """Whether a release was rolled back, looked at only every so many looks."""
        return np.asarray(self.failed[:, every - 1 :: every].any(axis=1))

    def when(self) -> Grid:
        """The minute at which each release was rolled back, infinite if never."""
        return np.where(self.ever(), np.array(self.looks, float)[self.failed.argmax(axis=1)], np.inf)

    def share(self, verdict: str) -> float:
        return sum(each == verdict for each in self.last) / len(self.last)


START = datetime(2026, 1, 5, 10, tzinfo=UTC)


@cache
def stamp(minute: int) -> str:
    return (START + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def judged(release: Release, traffic: Traffic, looks: Sequence[int], *, go_on: bool = False) -> Outcomes:
    """Each release judged after each of ``looks`` (minutes). A Fail ends a release, unless it is to ``go_on``."""
    batch = max(traffic.runs // 40, 1)
    batches = [traffic.part(slice(start, start + batch)) for start in range(0, traffic.runs, batch)]
    one = partial(_judge_some, release, tuple(looks), go_on)
    with ProcessPoolExecutor() as pool:  # A Pool is killed at its end, and may wait for ever for one that had a lock.
        found = [each for some in pool.map(one, batches) for each in some]
    flags = np.array([failed for failed, _ in found], dtype=bool)
    return Outcomes(tuple(looks), flags, tuple(verdict for _, verdict in found))


def _judge_some(
    release: Release, looks: tuple[int, ...], go_on: bool, traffic: Traffic
) -> list[tuple[list[bool], str]]:
    policy = release.policy()
    return [_judge(policy, release, looks, go_on, traffic, run) for run in range(traffic.runs)]


def _judge(
    policy: Policy, release: Release, looks: tuple[int, ...], go_on: bool, traffic: Traffic, run: int
) -> tuple[list[bool], str]:
    references = {name: float(known[run]) for name, known in traffic.references.items()}
    variants = Variants("bench", "candidate", "stable")
    planned = 60 * release.minutes * len(release.steps)
    bakes = [
        bake(policy.stage, policy.catalog(), percent, variants, (), references, planned).bake
        for percent in release.steps
    ]
    period = bakes[0]["period"] // 60 if bakes[0] else 1
    measured = _results(bakes[0] or {}, traffic, run, period)
    flags, verdict = [False] * len(looks), ""
    for look, minute in enumerate(looks):
        step = min((minute - 1) // release.minutes, len(bakes) - 1)
        seen = [
            {"Id": name, "StatusCode": "Complete", "Timestamps": times[:ended], "Values": found[:ended]}
            for name, times, found in measured
            for ended in (bisect_left(times, stamp(minute // period * period)),)
        ]
        task: Look = {
            "bake": bakes[step] or {},
            "results": seen,
            "alarms": [],
            "error": "",
            "looks": 0,
            "since": stamp(step * release.minutes - 1),
        }
        verdict = judge(task)["verdict"]
        flags[look] = verdict == "Fail"
        if flags[look] and not go_on:
            break
    return flags, verdict


def _results(planned: Request, traffic: Traffic, run: int, period: int) -> list[tuple[str, list[str], list[float]]]:
    """What CloudWatch has for each query of the plan; periods without requests have no values."""
    found = []
    for query in planned["queries"]:
        name, total = query["Id"], query["MetricStat"]["Stat"] == "Sum"
        role = name.split("_")[0]
        whole = traffic.columns[name][run], traffic.columns[f"{role}_requests"][run]
        used = len(whole[0]) // period * period
        values, served = (column[:used].reshape(-1, period) for column in whole)
        shown, any_served = values.sum(axis=1) if total else values.mean(axis=1), served.sum(axis=1) > 0
        times = [stamp(int(index) * period) for index in np.flatnonzero(any_served)]
        found.append((name, times, [float(value) for value in shown[any_served]]))
    return found
