"""How a scenario is played: its seed matters, and a file that cannot be used ends without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rehearsal import playing
from rehearsal.__main__ import TERMINATED, main
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


REFUSED = """\
scenario: refused
about: A version is approved that nobody registered.
start: 2026-01-05T09:00:00Z
lasts: 10m
timeline:
  - {at: 0m, register: {group: digits, model: plain}}
  - {at: 1m, approve: {group: digits, version: 2}}
expect:
  - {requests_lost: 0}
"""


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("approve: {group: digits, version: 2}", "timeline[1] (approve digits 2): sagemaker ValidationException: "),
        ("start: {machine: nothing}", "timeline[1] (start nothing): the template has no state machine nothing; it has"),
    ],
)
def test_what_aws_refuses_a_person_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], second: str, said: str
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(REFUSED.replace("approve: {group: digits, version: 2}", second), encoding="utf-8")

    assert main(["run", str(file), "--json"]) == 2
    told = capsys.readouterr()
    assert told.err.startswith(f"{file}: {said}") and told.err.count("\n") == 1
    assert told.out == ""


def test_a_report_that_cannot_be_written_is_told_before_anything_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "taken"
    file.touch()

    assert main(["run", str(ROOT / "scenarios/metadata-loop.yaml"), "--html", str(file)]) == 2
    told = capsys.readouterr()
    assert told == ("", f"--html {file}: cannot be written: File exists\n")


def test_a_run_that_is_interrupted_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(playing, "rehearse", interrupted)

    assert main(["run", str(ROOT / "scenarios/metadata-loop.yaml")]) == 130
    assert capsys.readouterr().err == "stopped\n"


def test_a_run_that_is_terminated_leaves_nothing_in_the_temporary_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rehearsal", "run", "scenarios/loop.yaml", "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.DEVNULL
    ) as run:
        while not list(tmp_path.glob("rehearsal-*")) and run.poll() is None:
            time.sleep(0.05)
        run.terminate()

    assert run.returncode == TERMINATED
    assert list(tmp_path.iterdir()) == []
