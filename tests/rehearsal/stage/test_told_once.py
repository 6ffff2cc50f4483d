"""People are told of the end of a release once, whenever its execution dies while it settles."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import yaml

from rehearsal.account.gateway import Call
from rehearsal.playing import Rehearsal, rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.world import World

ROOT = Path(__file__).parents[3]
WRITTEN = {
    "scenario": "told-once",
    "about": "A release dies while it settles.",
    "start": "2026-01-05T09:00:00Z",
    "lasts": "1h",
    "policies": [
        {
            "model_package_group": "digits",
            "stages": [
                {
                    "endpoint": "digits",
                    "hosting": {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 1},
                    "strategy": {"kind": "all_at_once", "bake": "5m"},
                }
            ],
        }
    ],
    "timeline": [
        {"at": "1m", "register": {"group": "digits", "model": "plain"}},
        {"at": "2m", "approve": {"group": "digits", "version": 1}},
    ],
    "faults": [
        {
            "service": "dynamodb",
            "operation": "UpdateItem",
            "request": "REMOVE holder, release_id",
            "first": 4,
            "error": {"code": "ThrottlingException"},
        }
    ],
    "expect": [{"requests_lost": 0}],
}
"""The lease is freed late, so that the steward finds the dead release before."""


def played(state: str) -> Rehearsal:
    """Somebody stops the release when `settle` has made the call of `state`."""
    return rehearse(Scenario.model_validate(WRITTEN), Path(), prepare=partial(stopping, state))


def stopping(state: str, world: World) -> None:
    left = [1]

    def watch(call: Call) -> None:
        if call.caller.state != state or ":interlock-settle:" not in call.caller.execution or not left[0]:
            return
        left[0] -= 1
        [release] = [each for each in world.states.executions if each.name == "digits-v1-1"]
        world.clock.after(0.0, partial(world.ask, "stepfunctions", "StopExecution", executionArn=release.arn))

    world.gateway.watchers.append(watch)


def calling_states() -> list[str]:
    """The states of `settle` that a good release goes through and that call somebody."""
    states = yaml.safe_load((ROOT / "statemachines/settle.asl.yaml").read_text())["States"]
    others = {"LookAtEndpoint", "Quarantine", "KeepDecision", "WakeNext"}
    return [name for name, state in states.items() if state["Type"] == "Task" and name not in others]


@pytest.mark.parametrize("state", calling_states())
def test_a_release_that_dies_while_it_settles_is_told_once(state: str) -> None:
    result = played(state).result
    ends = [notice for notice in result.notices if "digits v1 succeeded" in notice.subject]

    assert len(ends) == 1
    assert [release.outcome for release in result.releases] == ["Succeeded"]
