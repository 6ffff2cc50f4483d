"""The golden events of the contract, each as the machine would route it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from interlock.intake.routing import route_event

ROOT = Path(__file__).parents[2] / "contract/events"
GOLDEN = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in ROOT.rglob("*.json")}
TRANSFORMED = {"awaited_execution_ended": {"detail-type": "Awaited Execution Status Change"}}
"""What the input transformer of a rule makes of an event."""


def command(name: str) -> Any:
    return route_event(GOLDEN[name] | TRANSFORMED.get(name, {}))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("violations_written", "Weigh"),
        ("training_data_written", "Weigh"),
        ("processing_job_ended", "Weigh"),
        ("custom_signal_sent", "Weigh"),
        ("pipeline_ended", "WakeRetraining"),
        ("training_job_ended", "WakeRetraining"),
        ("awaited_execution_ended", "WakeRetraining"),
        ("alarm_raised", "AbortWatchers"),
        ("execution_failed", "Reconcile"),
        ("model_package_approved", "StartRelease"),
        ("model_package_life_cycle", "ApproveInRegistry"),
    ],
)
def test_a_golden_event_leads_to_its_command(name: str, kind: str) -> None:
    assert command(name)["kind"] == kind


def test_the_file_and_the_job_of_a_run_are_one() -> None:
    assert command("violations_written")["name"] == command("processing_job_ended")["name"]
