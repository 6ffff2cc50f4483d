"""A seed decides a rehearsal: two runs print the same but for the seconds they took, and no outcome hangs on a seed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from rehearsal.report.result import as_json
from rehearsal.scenario.reading import read_scenario
from tests.rehearsal.proofs.rehearsals import ROOT, SCENARIOS, Rehearsals, play

CHOSEN = ["flagship", "native-canary-rolled-back-silent", "two-approvals"]
"""All traffic that there is; SageMaker's own deployments and alarms; executions that wait for each other."""

OTHER_SEEDS = (1, 20_260_105)


def printed(scenario: str, hash_seed: str) -> str:
    """What `--json` prints, without the seconds. A hash seed of its own lets no order of a set hide."""
    run = subprocess.run(
        [sys.executable, "-m", "rehearsal", "run", str(SCENARIOS[scenario]), "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout, run.stderr
    return without_wall_seconds(run.stdout)


def without_wall_seconds(text: str) -> str:
    shortened, number = re.subn(r'"wall_seconds": [0-9.]+, ', "", text)
    assert number == 1, text[:200]
    return shortened


def difference(one: str, other: str) -> str:
    """Where two texts part, and what stands around there; nothing when they are the same."""
    if one == other:
        return ""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    around = slice(max(0, at - 150), at + 80)
    return f"they part at character {at}:\n  {one[around]}\n  {other[around]}"


@pytest.mark.parametrize("scenario", CHOSEN)
def test_two_processes_print_the_same_bytes(rehearsals: Rehearsals, scenario: str) -> None:
    with ThreadPoolExecutor() as both:
        one, other = both.map(printed, [scenario] * 2, ["1", "2"])
    assert difference(one, other) == ""

    # And once more, in a process that has played others before.
    among_others = without_wall_seconds(json.dumps(as_json(rehearsals[scenario].result), ensure_ascii=False))
    assert difference(one.rstrip("\n"), among_others) == ""


@pytest.mark.parametrize("scenario", CHOSEN)
def test_every_expectation_holds_with_other_seeds(rehearsals: Rehearsals, scenario: str) -> None:
    written = read_scenario(SCENARIOS[scenario])
    runs = {seed: rehearsals.submit(play, written.model_copy(update={"seed": seed})) for seed in OTHER_SEEDS}

    outcomes = {seed: run.result().result for seed, run in runs.items()}
    missed = [(seed, each) for seed, result in outcomes.items() for each in result.findings if not each.held]
    assert missed == []
    latencies = {
        tuple(minute.latency_p99_us for minute in result.minutes)
        for result in (rehearsals[scenario].result, *outcomes.values())
    }
    assert len(latencies) == 1 + len(OTHER_SEEDS), "another seed must mean other traffic"
