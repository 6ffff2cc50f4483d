"""The steward works on each lease and each group alone, however many there are, and however broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.account.gateway import Fault
from rehearsal.states import Execution
from rehearsal.world import World
from tests.rehearsal.stage.quiet import quiet_account

ROOT = Path(__file__).parents[3]
DEAD = "arn:aws:states:eu-west-1:123456789012:execution:interlock-deliver:{}"
POLICY = (ROOT / "scenarios/policies/weights.yaml").read_text(encoding="utf-8")

Item = dict[str, Any]


@pytest.fixture
def account() -> World:
    return quiet_account()


def put(account: World, endpoint: str, **attributes: Item) -> None:
    item = {"pk": {"S": "CONTROL"}, "sk": {"S": endpoint}, **attributes}
    account.ask("dynamodb", "PutItem", TableName=account.stack.outputs["Ledger"], Item=item)


def dead_lease(endpoint: str) -> Item:
    """What a release left behind whose execution is gone."""
    release = f"{endpoint}-v7-1"
    return {
        "holder": {"S": DEAD.format(release)},
        "release_id": {"S": release},
        "model_group": {"S": endpoint},
        "model_version": {"N": "7"},
        "held_since": {"S": "2026-01-05T08:00:00.000Z"},
        "recoveries": {"N": "0"},
    }


def lose_events(account: World) -> None:
    """From now on no event arrives, so whatever follows was found by the steward."""
    account.bus.disturb = lambda event: []


def begin(account: World, **given: Any) -> list[Execution]:
    """A round of the steward, and what it started: every execution of the next two minutes."""
    before = len(account.states.executions)
    machine = account.machine("steward")
    account.ask("stepfunctions", "StartExecution", stateMachineArn=machine, input=json.dumps(given))
    account.clock.run(until=account.clock.now + 120)
    return account.states.executions[before:]


def names(executions: list[Execution], machine: str) -> list[str]:
    return [each.name for each in executions if each.machine.name == f"interlock-{machine}"]


def control(account: World, endpoint: str) -> dict[str, str]:
    return next(item for item in account.ledger() if (item["pk"], item["sk"]) == ("CONTROL", endpoint))


def test_a_broken_lease_delays_no_other(account: World) -> None:
    whole = dead_lease("digits")
    put(account, "a-number", **{**whole, "holder": {"N": "7"}})
    put(account, "b-no-arn", **{**whole, "holder": {"S": "rubbish"}})
    put(account, "c-nothing-else", holder=whole["holder"])
    put(account, "d-long", **{**whole, "model_group": {"S": "x" * 300_000}})
    put(account, "digits", **whole)
    put(account, "e-many", **{**dead_lease("e-many"), "recoveries": {"S": "many"}, "alarms": {"M": {}}})

    started = begin(account)

    assert "digits-v7-1-r1" in names(started, "deliver")
    assert "abandoned" in control(account, "a-number")
    assert "abandoned" in control(account, "c-nothing-else")
    broken = [
        json.loads(each.input)["endpoint"] for each in started if each.status == "FAILED" and "endpoint" in each.input
    ]
    assert {"b-no-arn", "d-long"} <= set(broken), "an alarm tells of these"


def test_however_many_endpoints_and_groups_there_are_each_is_looked_at(account: World) -> None:
    """More than DynamoDB, Parameter Store and the ledger's own pages answer at once."""
    filling = {"note": {"S": "x" * 900}}
    for number in range(1200):
        put(account, f"m-{number:05}", **filling)
    held = ["a-first", "m-00600x", "z-last"]
    for endpoint in held:
        put(account, endpoint, **dead_lease(endpoint))
    for number in range(24):
        account.put_policy(f"empty-{number}", POLICY.replace("digits", f"empty-{number}"))
    account.put_policy("zebra", POLICY.replace("digits", "zebra"))
    account.clock.run(until=account.clock.now + 60)
    lose_events(account)
    account.register("zebra", "plain", "Approved")

    started = begin(account)

    assert {f"{endpoint}-v7-1-r1" for endpoint in held} | {"zebra-v1-1"} <= set(names(started, "deliver"))
    mine = [each for each in started if each.machine.name == "interlock-steward"]
    assert {each.status for each in mine} == {"SUCCEEDED"}
    assert max(len(each.entered) for each in mine) < 200


def test_a_rejection_of_an_older_version_that_nobody_heard_of_is_found(account: World) -> None:
    """It is among the ten newest, though a newer one waits for its approval."""
    decided = {"pk": {"S": "VERSION#digits/1"}, "sk": {"S": "DECISION"}, "decision": {"S": "Approved"}}
    account.ask("dynamodb", "PutItem", TableName=account.stack.outputs["Ledger"], Item=decided)
    lose_events(account)
    account.register("digits", "plain", "Rejected")
    account.register("digits", "plain", "PendingManualApproval")

    begin(account)

    (found,) = (each for each in account.ledger() if each["pk"] == "VERSION#digits/1")
    assert found["decision"] == "Rejected"


def test_every_live_version_is_looked_after_once(account: World) -> None:
    live = {"model_group": {"S": "none"}, "version": {"N": "1"}, "since": {"S": "2026-01-05T08:00:00.000Z"}}
    for number in range(230):
        put(account, f"m-{number:05}", live={"M": {**live, "config": {"S": "config"}}})
    put(account, "m-00100x", live={"S": "rubbish"})

    started = begin(account, upkeep=True)

    given = [json.loads(each.input)["endpoint"] for each in started if each.machine.name == "interlock-monitor"]
    assert sorted(set(given)) == sorted(given)
    assert len([endpoint for endpoint in given if endpoint != "m-00100x"]) == 230


def test_a_round_without_news_starts_nothing_and_writes_nothing(account: World) -> None:
    started = begin(account)
    (mine,) = [each for each in started if each.status == "SUCCEEDED"]
    calls = [call.operation for call in account.gateway.journal if call.caller.execution == mine.arn]
    read = ["GetParametersByPath", *2 * ["ListExecutions"], "ListModelPackages", *2 * ["Query"]]
    assert sorted(calls) == sorted([*read, "Invoke"])


def test_a_list_of_stopped_executions_that_cannot_be_read_delays_nothing(account: World) -> None:
    account.gateway.inject([Fault("stepfunctions", "ListExecutions", "AccessDeniedException", "not authorized")])

    (failed,) = [each for each in begin(account) if each.status == "FAILED"]

    calls = [call.operation for call in account.gateway.journal if call.caller.execution == failed.arn]
    assert {"GetParametersByPath", "ListModelPackages"} <= set(calls)
    assert "interlock-respond: Sfn.SfnException, not authorized" in str(failed.cause), "an alarm tells of it"
