"""An account in which nothing happens but what a test asks for: one item of the ledger, one call of a machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rehearsal.playing import rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.world import World

ROOT = Path(__file__).parents[3]

Item = dict[str, Any]


def quiet_account(**parameters: str) -> World:
    """With a policy for digits and these parameters of the template; nobody approves anything."""
    scenario = {
        "scenario": "quiet",
        "about": "Nobody approves anything.",
        "start": "2026-01-05T09:00:00Z",
        "lasts": "1m",
        "parameters": parameters,
        "policies": ["../policies/digits.yaml"],
        "expect": [{"requests_lost": 0}],
    }
    return rehearse(Scenario.model_validate(scenario), ROOT / "scenarios").world


HOLDER = "arn:aws:states:eu-west-1:123456789012:execution:interlock-deliver:digits-v7-1"


def ending(**changed: Any) -> Item:
    """What `settle` is given when release digits-v7-1 was rolled back because a person said so."""
    return {
        "release": "digits-v7-1",
        "holder": HOLDER,
        "group": "digits",
        "version": 7,
        "endpoint": "digits",
        "dry_run": False,
        "ended": "RolledBack",
        "reason": "AbortedByPerson",
        "sentence": "",
        "further": "",
        "planned": "Accepted",
        "by": "",
        "started": "2026-01-05T09:00:00.000Z",
        "left_behind": [],
        "facts": {},
        **changed,
    }


def hold(account: World, endpoint: str = "digits", **attributes: str) -> None:
    """Write the item of an endpoint's lease, as a release that has it would have left it."""
    item: Item = {"pk": {"S": "CONTROL"}, "sk": {"S": endpoint}}
    item |= {name: {"S": value} for name, value in attributes.items()}
    account.ask("dynamodb", "PutItem", TableName=account.stack.outputs["Ledger"], Item=item)


def call(account: World, machine: str, given: dict[str, Any]) -> Any:
    """What an Express machine answers to an input. It must succeed."""
    request = {"stateMachineArn": account.machine(machine), "input": json.dumps(given)}
    answer = account.ask("stepfunctions", "StartSyncExecution", **request)
    assert answer["status"] == "SUCCEEDED", answer
    return json.loads(answer["output"])


def item(account: World, pk: str, sk: str) -> dict[str, str]:
    """An item of the ledger, its attributes as plain text; empty if there is none."""
    return next((each for each in account.ledger() if (each["pk"], each["sk"]) == (pk, sk)), {})
