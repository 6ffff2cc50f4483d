"""Somebody stops an execution in the middle of a state, after its call was made and before the state ended.

The steward brings ``respond`` back, and what follows is what would have followed. A retraining stays stopped.
``monitor`` is an Express machine, whose executions nobody can stop (botocore StopExecution)."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.account.gateway import Call
from rehearsal.playing import Rehearsal, rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.world import World
from tests.rehearsal.proofs.rehearsals import SCENARIOS
from tests.rehearsal.stage.test_storm import HOSTING, PIPELINE

ROOT = Path(__file__).parents[3]
AT = 3600.0

Way = tuple[dict[str, Any], dict[str, Any]]
"""A row of the remedies, and what the section retraining says besides."""

RETRAIN: Way = {"on": "custom", "do": "retrain"}, {}
NOTIFY: Way = {"on": "custom", "do": "notify"}, {}
SCALE: Way = {"on": "custom", "do": "scale"}, {}
WAIT: Way = {"on": "custom", "do": "retrain"}, {"quiet_hours": [{"from": "09:30", "to": "10:30"}]}

WAYS: dict[str, Way] = {
    "FindEndpoint": RETRAIN,
    "Observe": RETRAIN,
    "ReadRemedy": RETRAIN,
    "ReadDecisions": RETRAIN,
    "DecideRemedy": RETRAIN,
    "ClaimRetraining": RETRAIN,
    "JournalDecision": RETRAIN,
    "StartRetraining": RETRAIN,
    "Notify": RETRAIN,
    "ClaimDecision": NOTIFY,
    "TellOfWait": WAIT,
    "WaitUntil": WAIT,
}
"""How a signal gets to each state."""

ELSEWHERE = {
    "ListFreezes": "as ReadDecisions, which it follows",
    "ReadEndpoint": "as FindEndpoint, for a signal that names its endpoint",
    "ReadPolicy": "as FindEndpoint, for a group that is live in several stages",
    "RecordRunEnd": "as JournalDecision, for the run of a monitor",
    "Act": "see test_an_endpoint_is_scaled_once",
    "StartRelease": "as StartRetraining; deliver has the name of the release",
    "ReadAgain": "two seconds between two races; nothing was done yet",
}


def played(way: Way, stop: str = "", times: int = 1, machine: str = "respond", lost: bool = False) -> Rehearsal:
    """``lost``: no event tells that the execution was stopped."""
    row, section = way
    policy = {
        "model_package_group": "churn",
        "stages": [{"endpoint": "churn", "hosting": HOSTING, "strategy": {"kind": "all_at_once", "bake": "5m"}}],
        "remedies": [row],
        "retraining": {"pipeline": "retrain", "cooldown": "1h", **section},
    }
    detail = {"group": "churn", "run": "prices", "sentence": "Sales fall."}
    later = {"at": AT + 600, "stop_execution": {"machine": "respond"}}
    written = {
        "scenario": "stopped",
        "about": "Somebody stops the execution that weighs a signal, or that retrains.",
        "start": "2026-01-05T09:00:00Z",
        "lasts": "177m",
        "policies": [policy],
        "timeline": [
            {"at": "1m", "call": {"service": "sagemaker", "operation": "CreatePipeline", "request": PIPELINE}},
            {"at": "1m", "register": {"group": "churn", "model": "plain"}},
            {"at": "2m", "approve": {"group": "churn", "version": 1}},
            {"at": AT, "send_event": {"source": "team.shop", "detail-type": "Interlock Signal", "detail": detail}},
            *([later] if stop == "WaitUntil" else []),
        ],
        "events": [{"match": {"detail-type": ["Step Functions Execution Status Change"]}, "lost": True}]
        if lost
        else [],
        "expect": [{"dead_letters": 0}],
    }
    return rehearse(Scenario.model_validate(written), Path(), prepare=partial(stopping, machine, stop, times))


def stopping(machine: str, state: str, times: int, world: World) -> None:
    """Stop an execution of ``machine`` so many times, when it has made the call of ``state``."""
    left = [times]

    def watch(call: Call) -> None:
        if call.caller.state == state and f":interlock-{machine}:" in call.caller.execution and left[0]:
            left[0] -= 1
            stop = partial(world.ask, "stepfunctions", "StopExecution", executionArn=call.caller.execution)
            world.clock.after(0.0, stop)

    world.gateway.watchers.append(watch)


def test_every_state_that_calls_or_waits_is_looked_at() -> None:
    states = yaml.safe_load((ROOT / "statemachines/respond.asl.yaml").read_text())["States"]
    assert {name for name, state in states.items() if state["Type"] in ("Task", "Wait")} == {*WAYS, *ELSEWHERE}


@pytest.mark.parametrize("state", WAYS)
def test_a_signal_is_weighed_all_the_same_and_once(state: str) -> None:
    calm, disturbed = played(WAYS[state]), played(WAYS[state], state)

    stopped = [each for each in disturbed.result.calls if each.operation == "StopExecution"]
    assert len(stopped) == 1
    assert followed(disturbed) == followed(calm)
    twice = {"Notify", "TellOfWait"}  # SNS had the notice, and the state had not ended
    told, expected = [sorted(each.subject for each in one.result.notices) for one in (disturbed, calm)]
    assert set(told) == set(expected) and len(told) == len(expected) + (state in twice)
    assert {each.status for each in disturbed.world.states.executions} == {"SUCCEEDED"}


def test_who_stops_it_again_has_stopped_it() -> None:
    twice = played(RETRAIN, "DecideRemedy", times=2)
    assert followed(twice)["decisions"] == []
    assert [each.status for each in twice.world.states.executions if each.machine.name == "interlock-respond"] == [
        "ABORTED"
    ]


def test_an_event_that_is_lost_is_made_up_for_by_the_schedule() -> None:
    assert followed(played(RETRAIN, "ClaimRetraining", lost=True)) == followed(played(RETRAIN))


def test_an_endpoint_is_scaled_once() -> None:
    """SageMaker refuses the request that comes again while the endpoint changes. Its alarm tells that an execution
    failed."""
    disturbed = played(SCALE, "Act")
    scaled = [each for each in disturbed.result.calls if each.operation == "UpdateEndpointWeightsAndCapacities"]
    assert [bool(each.error) for each in scaled] == [False, True]
    assert [each for each in disturbed.result.notices if "RespondFailuresAlarm" in each.subject]


TRAINS = [
    "ReadClaim",
    "Observe",
    "PlanRetraining",
    "Start",
    "Await",
    "Look",
    "ConcludeRetraining",
    "JournalEnd",
    "Notify",
    "FreeGroup",
]


@pytest.mark.parametrize("state", TRAINS)
def test_a_retraining_that_is_stopped_is_told_of_and_its_group_is_free(state: str) -> None:
    """A retraining costs money: who stops it has stopped it, and asks for the next one."""
    disturbed = played(RETRAIN, state, machine="retrain")

    started = [each for each in disturbed.result.calls if each.operation == "StartPipelineExecution"]
    assert len(started) == (state not in TRAINS[:3])
    subjects = [each.subject for each in disturbed.result.notices]
    died, ended = (
        subjects.count("[Interlock] churn was not retrained"),
        sum("without a new version" in s for s in subjects),
    )
    assert (died, ended) == {"Notify": (1, 1), "FreeGroup": (0, 1)}.get(state, (1, 0))
    assert "retraining" not in remedy(disturbed)


@pytest.mark.parametrize("state", ["ReadLive", "ObserveVersions", "CompareModels", "JournalVerdict", "UpdatePackage"])
def test_so_is_one_that_is_stopped_while_its_version_is_judged(state: str) -> None:
    written = yaml.safe_load(SCENARIOS["retraining-stopped-by-hand"].read_text(encoding="utf-8"))
    written["timeline"] = [act for act in written["timeline"][:5] if "stop_execution" not in act]
    written["expect"] = [
        {"retrainings": 1},
        {"notice": "ended as ABORTED before it was done", "times": 1},
        {"releases": 2 if state == "UpdatePackage" else 1},  # an approval that was given is an approval
        {"dead_letters": 0},
    ]
    scenario = Scenario.model_validate(written)
    judged = rehearse(scenario, SCENARIOS["loop"].parent, prepare=partial(stopping, "retrain", state, 1))
    assert [each.text for each in judged.result.findings if not each.held] == []
    assert "retraining" not in remedy(judged)


def remedy(rehearsal: Rehearsal) -> dict[str, Any]:
    table = next(each.request["TableName"] for each in rehearsal.result.calls if each.service == "dynamodb")
    key = {"pk": {"S": "GROUP#churn"}, "sk": {"S": "REMEDY"}}
    item: dict[str, Any] = rehearsal.world.ask("dynamodb", "GetItem", TableName=table, Key=key)["Item"]
    return item


def followed(rehearsal: Rehearsal) -> dict[str, Any]:
    calls = [each for each in rehearsal.result.calls if not each.error]
    decided = {(each.run, each.remedy, each.reason) for each in rehearsal.result.decisions}
    return {
        "decisions": sorted(decided),
        "retrainings": sorted(loop.reason for loop in rehearsal.result.loops),
        "pipelines": sum(each.operation == "StartPipelineExecution" for each in calls),
    }
