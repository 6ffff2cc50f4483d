"""A thousand signals within minutes on fifty endpoints: as many decisions, and no more retrainings and notices than
there are groups.

It takes some 20 s of processor time, of which a quarter is moto's Query.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rehearsal.playing import Rehearsal, rehearse
from rehearsal.scenario.model import Scenario

GROUPS, SIGNALS, SECONDS_APART = 50, 1000, 0.2
BEGIN, LATER = 1200.0, 3300.0  # seconds: once more, one signal for each group
HOSTING = {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 1}
PIPELINE = {
    "PipelineName": "retrain",
    "RoleArn": "arn:aws:iam::123456789012:role/model",
    "ClientRequestToken": "retrain-".ljust(32, "0"),
    "PipelineDefinition": '{"Version": "2020-12-01", "Parameters": [], "Steps": []}',
}


def policy(group: str) -> dict[str, Any]:
    return {
        "model_package_group": group,
        "stages": [{"endpoint": group, "hosting": HOSTING, "strategy": {"kind": "all_at_once", "bake": "5m"}}],
        "remedies": [{"on": "custom", "do": "retrain"}],
        "retraining": {"pipeline": "retrain"},
    }


def signal(group: str, run: str, at: float) -> dict[str, Any]:
    detail = {"group": group, "run": run, "sentence": "Sales fall."}
    return {"at": at, "send_event": {"source": "team.shop", "detail-type": "Interlock Signal", "detail": detail}}


def storm(groups: list[str], signals: int) -> Rehearsal:
    written = {
        "scenario": "storm",
        "about": "Many signals at once.",
        "start": "2026-01-05T09:00:00Z",
        "lasts": "75m",
        "policies": [policy(group) for group in groups],
        "timeline": [
            {"at": "1m", "call": {"service": "sagemaker", "operation": "CreatePipeline", "request": PIPELINE}},
            *({"at": "1m", "register": {"group": group, "model": "plain"}} for group in groups),
            *({"at": "2m", "approve": {"group": group, "version": 1}} for group in groups),
            *(signal(groups[nth % len(groups)], f"run {nth}", BEGIN + nth * SECONDS_APART) for nth in range(signals)),
            *(signal(group, "again", LATER) for group in groups),
        ],
        "expect": [{"dead_letters": 0}],
    }
    return rehearse(Scenario.model_validate(written), Path())


@pytest.fixture(scope="module")
def many() -> Rehearsal:
    return storm([f"model-{number}" for number in range(GROUPS)], SIGNALS)


def test_every_signal_is_decided_once(many: Rehearsal) -> None:
    decided = Counter(each.run for each in many.result.decisions)
    assert len(decided) == SIGNALS + GROUPS
    assert set(decided.values()) == {1}


def test_each_group_is_retrained_once_and_told_once(many: Rehearsal) -> None:
    retrained = Counter(each.group for each in many.result.decisions if each.remedy == "retrain")
    assert len(retrained) == GROUPS
    assert set(retrained.values()) == {1}
    reasons = Counter(each.reason for each in many.result.decisions if each.remedy != "retrain")
    assert reasons["Coalesced"] == SIGNALS - GROUPS
    assert reasons["Cooldown"] + reasons["RetrainingUnderWay"] == GROUPS
    told = Counter(notice.subject for notice in many.result.notices)
    assert set(told.values()) == {1}
    assert sum("is retrained" in subject for subject in told) == GROUPS


def test_nothing_is_lost_and_nothing_fails(many: Rehearsal) -> None:
    assert all(finding.held for finding in many.result.findings)
    assert {each.status for each in many.world.states.executions} <= {"SUCCEEDED", "RUNNING"}


def test_signals_of_one_group_do_not_take_turns() -> None:
    """Who loses a race reads everything again; if all had to win one, each would read as often as there are others."""
    played = storm(["model"], 100)
    lost = [call for call in played.result.calls if "ConditionalCheckFailed" in str(call.error)]
    assert len(lost) < 20
    assert Counter(each.reason for each in played.result.decisions) == {
        "RemedyChosen": 1,
        "Coalesced": 99,
        "Cooldown": 1,
    }
