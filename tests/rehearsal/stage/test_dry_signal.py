"""Who asks what would follow from a file gets the answer, and nothing follows."""

from __future__ import annotations

import json
from typing import Any

from rehearsal.account.gateway import Call
from tests.rehearsal.stage.quiet import quiet_account

FILE = "s3://bucket/results/digits/inputs/2026/01/05/09/constraint_violations.json"


def changes(request: dict[str, Any]) -> list[str]:
    """What `respond` writes, sends and starts after a person asked for something."""
    account = quiet_account()
    made: list[str] = []

    def watch(call: Call) -> None:
        if ":interlock-respond:" in call.caller.execution and not call.operation.startswith(("Get", "Query", "Invoke")):
            made.append(call.operation)

    account.gateway.watchers.append(watch)
    given = json.dumps(request)
    account.ask("stepfunctions", "StartExecution", stateMachineArn=account.machine("operate"), input=given)
    account.clock.run(until=account.clock.now + 300)
    ends = [each.status for each in account.states.executions if each.machine.name.endswith("-respond")]
    assert ends == ["SUCCEEDED"]
    return [each for each in made if each != "StartSyncExecution"]


def test_a_question_writes_sends_and_starts_nothing() -> None:
    assert changes({"action": "weigh", "group": "digits", "file": FILE}) == []


def test_a_word_of_a_person_is_remembered_and_answered() -> None:
    assert changes({"action": "retrain", "group": "digits"}) == ["UpdateItem", "PutItem", "Publish"]
