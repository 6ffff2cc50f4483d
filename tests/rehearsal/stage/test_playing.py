"""How a scenario is played: its seed matters, and a file that cannot be used ends without a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rehearsal.playing import rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.scenario.reading import read_scenario

ROOT = Path(__file__).parents[3]


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
