"""The flagship serves what it says it serves, in little memory. How long it takes is measured by bench/flagship.py."""

from __future__ import annotations

import json
import subprocess
import sys

import yaml

from bench.flagship import MEGABYTES
from rehearsal.scenario.reading import read_scenario
from tests.rehearsal.proofs.rehearsals import ROOT, SCENARIOS, Rehearsals, play

TRANSITIONS, FUNCTIONS = 120, 20


def test_the_flagship_takes_less_than_500_megabytes() -> None:
    """In a process of its own, which does not pay for what the tests keep."""
    run = subprocess.run(
        [sys.executable, "-m", "bench.flagship", "--json"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout)["peak_megabytes"] < MEGABYTES == 500


def test_the_flagship_serves_six_hours_of_traffic_at_two_requests_a_second(rehearsals: Rehearsals) -> None:
    result = rehearsals["flagship"].result

    hours = (result.minutes[-1].at - result.minutes[0].at) / 3600
    requests = sum(minute.requests for minute in result.minutes)
    assert hours >= 6
    assert requests / (hours * 3600) >= 2


def test_a_canary_of_four_steps_by_weights_takes_at_most_120_transitions(rehearsals: Rehearsals) -> None:
    """A Standard execution is charged by the transition; what it calls synchronously is Express, and is not. Each look
    costs a few more, so this is about bakes with one."""
    flagship = read_scenario(SCENARIOS["flagship"])
    policy = yaml.safe_load((ROOT / "policies/digits.yaml").read_text(encoding="utf-8"))
    assert policy["stages"][0]["strategy"].pop("looks") == 6
    played = rehearsals.submit(play, flagship.model_copy(update={"policies": [policy]})).result()
    release = next(each for each in played.result.releases if each.id == "digits-v2-1")

    bakes = [step["bake"]["percent"] for step in release.plan["steps"] if step["action"] == "Bake"]
    assert (release.outcome, release.plan["traffic"], bakes) == ("Succeeded", "weights", [5, 25, 50, 100])
    assert 0 < release.transitions <= TRANSITIONS
    assert 0 < release.functions_invoked <= FUNCTIONS
