"""What holds of every rehearsal: the same seed gives the same history, and waiting costs nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from rehearsal.playing import Rehearsal, rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.scenario.reading import read_scenario

ROOT = Path(__file__).parents[3]


def canary(bake: str, lasts: str) -> Rehearsal:
    policy = {
        "model_package_group": "digits",
        "stages": [
            {
                "endpoint": "digits",
                "hosting": {"instance_type": "ml.m5.large", "instances": 2},
                "strategy": {"kind": "canary", "steps": [20, 50], "bake": bake},
            }
        ],
    }
    document: dict[str, Any] = {
        "scenario": "two-canaries",
        "about": "One canary, with bakes of any length.",
        "start": "2026-01-05T09:00:00Z",
        "lasts": lasts,
        "policies": [policy],
        "traffic": [{"endpoint": "digits", "requests_per_second": 0.2}],
        "timeline": [
            {"at": "0m", "register": {"group": "digits", "model": "plain"}},
            {"at": "1m", "approve": {"group": "digits", "version": 1}},
            {"at": "30m", "register": {"group": "digits", "model": "better"}},
            {"at": "31m", "approve": {"group": "digits", "version": 2}},
        ],
        "expect": [{"release": "digits-v2-1", "outcome": "Succeeded"}],
    }
    return rehearse(Scenario.model_validate(document), ROOT)


def test_a_canary_costs_the_same_with_bakes_of_a_minute_and_of_ten_hours() -> None:
    short, long = canary("1m", "2h").result, canary("10h", "34h").result

    assert short.passed and long.passed
    cost = [(each.transitions, each.functions_invoked, each.polls) for each in (short.releases[1], long.releases[1])]
    assert cost[0] == cost[1]
    assert cost[0][2] == 0


def test_the_same_seed_prints_the_same_json_in_another_process() -> None:
    """Another process has another hash seed, so that no order of a set can hide."""
    printed = []
    for hash_seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-m", "rehearsal", "run", "scenarios/native-canary.yaml", "--json"],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        document = json.loads(run.stdout)
        document.pop("wall_seconds")
        printed.append(document)

    assert printed[0] == printed[1]


def test_another_seed_gives_other_traffic() -> None:
    first, second = (rehearse(_seeded(seed), ROOT / "scenarios").result.minutes[10].latency_p99_us for seed in (1, 2))

    assert first != second


def _seeded(seed: int) -> Scenario:
    return read_scenario(ROOT / "scenarios/metadata-loop.yaml").model_copy(update={"seed": seed})


def test_a_scenario_that_cannot_be_used_ends_with_status_2_and_its_line() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "rehearsal", "run", "Makefile"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.returncode == 2
    assert run.stderr.startswith("Makefile:") and "Traceback" not in run.stderr
