"""A thousand signals within minutes on fifty endpoints: as many decisions, and no more retrainings and notices than
there are groups. What comes later is refused by the cooldown, and after that by the month's budget.

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
BEGIN, COOLING, COOLED = 1200.0, 3300.0, 5400.0
"""Seconds: of the storm, of one more signal for each group, and of a second storm, after the cooldown of an hour."""

SECOND = 4 * GROUPS
"""Signals of the second storm."""

USD_PER_RUN, USD_PER_MONTH = 12.0, 20.0
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
        "retraining": {
            "pipeline": "retrain",
            "cooldown": "1h",
            "budget": {"usd_per_month": USD_PER_MONTH, "usd_per_run": USD_PER_RUN},
        },
    }


def signal(group: str, run: str, at: float) -> dict[str, Any]:
    detail = {"group": group, "run": run, "sentence": "Sales fall."}
    return {"at": at, "send_event": {"source": "team.shop", "detail-type": "Interlock Signal", "detail": detail}}


def storm(groups: list[str], signals: int, second: int = 0, *, live: bool = True, broken: bool = False) -> Rehearsal:
    """``live``: version 1 of each group goes live before. ``broken``: no policy can be read."""
    written = {
        "scenario": "storm",
        "about": "Many signals at once.",
        "start": "2026-01-05T09:00:00Z",
        "lasts": "105m",
        "policies": [policy(group) for group in groups if not broken],
        "timeline": [
            {"at": "1m", "call": {"service": "sagemaker", "operation": "CreatePipeline", "request": PIPELINE}},
            *({"at": "1m", "register": {"group": group, "model": "plain"}} for group in groups),
            *({"at": "2m", "approve": {"group": group, "version": 1}} for group in groups if live),
            *({"at": "2m", "put_policy": {"group": group, "document": {"stages": 3}}} for group in groups if broken),
            *(signal(groups[nth % len(groups)], f"run {nth}", BEGIN + nth * SECONDS_APART) for nth in range(signals)),
            *(signal(group, "again", COOLING) for group in groups),
            *(
                signal(groups[nth % len(groups)], f"late run {nth}", COOLED + nth * SECONDS_APART)
                for nth in range(second)
            ),
        ],
        "expect": [{"dead_letters": 0}],
    }
    return rehearse(Scenario.model_validate(written), Path())


@pytest.fixture(scope="module")
def many() -> Rehearsal:
    return storm([f"model-{number}" for number in range(GROUPS)], SIGNALS, SECOND)


def test_every_signal_is_decided_once(many: Rehearsal) -> None:
    decided = Counter(each.run for each in many.result.decisions)
    assert len(decided) == SIGNALS + GROUPS + SECOND
    assert set(decided.values()) == {1}


def test_each_group_is_retrained_once_and_told_once(many: Rehearsal) -> None:
    retrained = Counter(each.group for each in many.result.decisions if each.remedy == "retrain")
    assert len(retrained) == GROUPS
    assert set(retrained.values()) == {1}
    reasons = Counter(each.reason for each in many.result.decisions if each.remedy != "retrain")
    assert reasons == {"Coalesced": SIGNALS - GROUPS + SECOND - GROUPS, "Cooldown": GROUPS, "BudgetSpent": GROUPS}
    told = Counter(notice.subject for notice in many.result.notices)
    assert set(told.values()) == {1}
    assert sum("is retrained" in subject for subject in told) == GROUPS


def test_no_group_spends_more_than_its_budget_and_each_is_told_so_once(many: Rehearsal) -> None:
    started = [call for call in many.result.calls if call.operation == "StartPipelineExecution" and not call.error]
    assert len(started) == GROUPS
    assert USD_PER_RUN <= USD_PER_MONTH < 2 * USD_PER_RUN, "so that one retraining is all that a month may cost"
    refused = [each for each in many.result.decisions if each.reason == "BudgetSpent"]
    assert len({each.group for each in refused}) == GROUPS
    said = "The retrainings of 2026-01 cost 12.00 USD by the policy's estimate; one more for 12.00 USD would exceed"
    assert all(each.remedy == "notify" and said in each.sentence for each in refused)
    assert sum(said in notice.body for notice in many.result.notices) == GROUPS


def test_nothing_is_lost_and_nothing_fails(many: Rehearsal) -> None:
    assert all(finding.held for finding in many.result.findings)
    assert {each.status for each in many.world.states.executions} <= {"SUCCEEDED", "RUNNING"}


NOTHING_LIVE = {"live": False}, "NothingLive", "No version of model is live"
POLICY_BROKEN = {"live": False, "broken": True}, "PolicyInvalid", "The policy of model is not valid"


def test_signals_of_one_group_do_not_take_turns() -> None:
    """Who loses a race reads everything again; if all had to win one, each would read as often as there are others."""
    played = storm(["model"], 100)
    assert lost_races(played) < 20
    assert Counter(each.reason for each in played.result.decisions) == {
        "RemedyChosen": 1,
        "Coalesced": 99,
        "Cooldown": 1,
    }


@pytest.mark.parametrize(("which", "reason", "said"), [NOTHING_LIVE, POLICY_BROKEN])
def test_nor_do_they_where_nothing_can_be_retrained(which: dict[str, bool], reason: str, said: str) -> None:
    played = storm(["model"], 100, **which)
    assert lost_races(played) < 20
    storm_of = [each for each in played.result.decisions if each.run.rpartition("/")[2] != "again"]
    assert Counter(each.reason for each in storm_of) == {reason: 1, "Coalesced": 99}
    told = [notice for notice in played.result.notices if said in notice.body and "Sales fall." in notice.body]
    assert len(told) == sum(each.remedy == "notify" for each in played.result.decisions)


def lost_races(played: Rehearsal) -> int:
    return sum("ConditionalCheckFailed" in str(call.error) for call in played.result.calls)
