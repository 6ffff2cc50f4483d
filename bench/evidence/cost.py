"""What one judgement costs: time in this process, memory in a fresh one that has nothing but the judge."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np

from bench.evidence.release import Request, stamp
from bench.evidence.table import Row, Table
from interlock.delivery.bakes import Variants, bake
from interlock.evidence.judge import judge
from interlock.evidence.looks import Look
from interlock.policy.document import read_policy

POINTS, ROUNDS = 1440, 15
MILLISECONDS, MEGABYTES = 50.0, 64.0

FRESH = """
import json, sys, tracemalloc
from interlock.evidence.judge import judge
tracemalloc.start()
judge(json.load(sys.stdin))
print(tracemalloc.get_traced_memory()[1])
"""

RULES: tuple[Request, ...] = (
    *({"metric": name, "margin": "100%"} for name in ("error_rate", "client_error_rate", "model_error_rate")),
    *({"metric": f"p{rank}_latency", "margin": "50%"} for rank in ("50", "90", "99")),
    *({"metric": name, "margin": "15%"} for name in ("mean_latency", "cpu", "memory", "disk")),
)


def task(chance: np.random.Generator) -> Look:
    """Ten metrics of both variants, a point for each minute of a day. (A plan asks for at most 4,000 values in all.)"""
    strategy = {"kind": "canary", "steps": [10], "bake": f"{POINTS}m"}
    hosting = {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 1}
    stage = {"endpoint": "bench", "hosting": hosting, "strategy": strategy, "evidence": RULES}
    policy = read_policy(json.dumps({"model_package_group": "bench", "stages": [stage]}), "bench")
    references = {f"p{rank}_latency": 1e5 for rank in ("50", "90", "99")}
    variants = Variants("bench", "candidate", "stable")
    planned = bake(policy.stage, policy.catalog(), 10, variants, (), references, 60 * POINTS).bake or {}
    times = [stamp(minute) for minute in range(POINTS)]
    found = [_answer(chance, query["Id"], times) for query in planned["queries"]]
    since = stamp(-1)
    return {"bake": planned | {"period": 60}, "results": found, "alarms": [], "error": "", "looks": 0, "since": since}


def _answer(chance: np.random.Generator, name: str, times: list[str]) -> dict[str, Any]:
    served = 100.0 if name.startswith("candidate") else 900.0
    if name.endswith("requests"):
        values = chance.poisson(served, POINTS).astype(float)
    elif name.endswith("error_rate"):
        values = chance.poisson(served * 0.01, POINTS).astype(float)
    elif name.endswith(("slow", "beyond")):
        share = 1.0 - float(name.split("_")[1][1:]) / 100.0
        hits = chance.binomial(int(served), share if name.endswith("slow") else share / 4, POINTS)
        values = 100.0 * (1.0 - hits / served)
    else:
        values = chance.normal(40.0, 8.0, POINTS)
    return {"Id": name, "StatusCode": "Complete", "Timestamps": times, "Values": [float(value) for value in values]}


def one_judgement(chance: np.random.Generator) -> Table:
    """Time and memory beside what they may be."""
    given = task(chance)
    judge(given)
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        judge(given)
        taken.append(1000.0 * (time.perf_counter() - began))
    fresh = [sys.executable, "-c", FRESH]
    said = subprocess.run(fresh, input=json.dumps(given), capture_output=True, text=True, check=True).stdout
    grown = float(said) / 2**20
    values = sum(len(result["Values"]) for result in given["results"])
    return Table(
        "5. One judgement of ten metrics x 1,440 points of both variants",
        f"under {MILLISECONDS:.0f} ms and {MEGABYTES:.0f} MB",
        ("Interlock", "fastest"),
        (
            Row(
                "time, median",
                (f"{statistics.median(taken):.1f} ms", f"{min(taken):.1f} ms"),
                statistics.median(taken) < MILLISECONDS,
            ),
            Row("memory", (f"{grown:.1f} MB", ""), grown < MEGABYTES),
        ),
        (
            f"{values:,} values in {len(given['results'])} queries, {ROUNDS} rounds, one core.",
            "Memory: the most that a fresh process held from imports to verdict, its input included (tracemalloc).",
        ),
    )
