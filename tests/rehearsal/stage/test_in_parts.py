"""A monitor on four instances finds what it finds on one: whole rehearsals, from the capture to the decision."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import yaml

from rehearsal.playing import Rehearsal, rehearse
from rehearsal.sagemaker.processing import Job
from rehearsal.scenario.model import Scenario
from tests.rehearsal.proofs.rehearsals import SCENARIOS

INSTANCES = 4


LASTS = {"monitor-in-parts": "4h30m", "quality-falls": "51h", "bias-drift": "27h"}
"""A little longer than the scenarios: the job that merges runs at the next pass of the steward."""


@cache
def played(scenario: str, instances: int) -> Rehearsal:
    written = yaml.safe_load(SCENARIOS[scenario].read_text(encoding="utf-8"))
    written["policies"][0]["monitoring"]["instances"] = instances
    written["lasts"] = LASTS[scenario]
    written["expect"] = [{"dead_letters": 0}]
    return rehearse(Scenario.model_validate(written), SCENARIOS[scenario].parent)


def judged(rehearsal: Rehearsal) -> dict[str, dict[str, Any]]:
    """The files of each window that was judged, by the folder of the window."""
    windows: dict[str, dict[str, Any]] = {}
    for job in jobs(rehearsal):
        for (_, key), text in job.results.items():
            folder, _, name = key.rpartition("/")
            windows.setdefault(folder, {})[name] = json.loads(text)
    return {folder: files for folder, files in windows.items() if "constraint_violations.json" in files}


def jobs(rehearsal: Rehearsal) -> list[Job]:
    processing = rehearsal.world.sagemaker.processing
    assert processing is not None
    return list(processing.jobs.values())


def without_the_task(files: dict[str, Any]) -> dict[str, Any]:
    """``result.json`` names the task of its job and gives some examples of each problem, in the order of reading."""
    result = {name: each for name, each in files["result.json"].items() if name != "task"}
    result["problems"] = {said: found["count"] for said, found in result["problems"].items()}
    return files | {"result.json": result}


@pytest.mark.parametrize("scenario", LASTS)
def test_four_instances_find_what_one_finds(scenario: str) -> None:
    one, four = played(scenario, 1), played(scenario, INSTANCES)

    shared = [job for job in jobs(four) if job.instances > 1]
    assert shared and {job.instances for job in shared} == {INSTANCES}
    for job in (job for job in shared if job.ended):
        counted = [json.loads(text)["records"] for text in job.results.values()]
        assert len(counted) == INSTANCES and min(counted) > 0, "each instance has read a part"

    together, alone = judged(four), judged(one)
    assert together, "a window was judged"
    for window, files in together.items():
        assert without_the_task(files) == without_the_task(alone[window])
    assert any(files["constraint_violations.json"]["violations"] for files in together.values())

    decided = {each.run: (each.remedy, each.reason, each.subjects) for each in one.result.decisions}
    for each in four.result.decisions:
        assert (each.remedy, each.reason, each.subjects) == decided[each.run]


def test_a_window_that_waits_for_labels_is_tried_again_by_four_instances() -> None:
    tried = [run.status for monitor in played("quality-falls", INSTANCES).result.monitors for run in monitor.runs]
    assert tried == ["WaitingForLabels", "WaitingForLabels", "CompletedWithViolations"]
