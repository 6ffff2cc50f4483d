"""Whatever a person asked for stands in the journal: who, why, in which execution, what was before and what is now."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.world import World
from tests.rehearsal.stage.quiet import quiet_account

VERSION = {"group": "digits", "version": 1}
FILE = "s3://bucket/results/digits/inputs/2026/01/05/09/constraint_violations.json"


def ask(account: World, action: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    """Ask with a name and a reason; the ARN of the execution of operate, and the request."""
    asked = {"action": action, "by": "ann", "because": "a holiday", **fields}
    started = account.ask(
        "stepfunctions", "StartExecution", stateMachineArn=account.machine("operate"), input=json.dumps(asked)
    )
    account.clock.run(until=account.clock.now + 60)
    return started["executionArn"], asked


def entries(account: World) -> list[dict[str, Any]]:
    """What people asked for that concerns no release under way, the oldest first."""
    found = [each for each in account.ledger() if each["pk"] == "ASKED"]
    assert all(each["sk"].startswith(f"{each['at']}#") for each in found)
    return [json.loads(each["document"]) for each in sorted(found, key=lambda each: each["sk"])]


@pytest.mark.parametrize(
    ("action", "fields", "machine"),
    [
        ("release", VERSION, "deliver"),
        ("dry_run", VERSION, "deliver"),
        ("retrain", {"group": "digits"}, "respond"),
        ("weigh", {"group": "digits", "file": FILE}, "respond"),
    ],
)
def test_a_request_that_starts_something_is_journalled_with_what_it_started(
    action: str, fields: dict[str, Any], machine: str
) -> None:
    account = quiet_account()
    execution, asked = ask(account, action, **fields)

    (entry,) = entries(account)
    assert (entry["asked"], entry["asked_in"]) == (asked, execution)
    assert entry["sentence"] == f"ann asked to {action.replace('_', ' ')} because: a holiday."
    assert f"interlock-{machine}:" in entry["after"]["execution"]
    assert entry["before"] == {}


def test_a_freeze_is_journalled_with_the_one_before() -> None:
    account = quiet_account()
    ask(account, "freeze", group="digits", until="2026-01-06")
    ask(account, "unfreeze", group="digits")
    ask(account, "freeze", everything=True)

    freeze, unfreeze, everything = entries(account)
    first, last = (each for each in account.ledger() if each["pk"] == "FREEZE")
    assert (freeze["before"], freeze["after"]) == ({}, {"frozen": True, "until": "2026-01-06T00:00:00.000Z"})
    assert unfreeze["before"]["until"] == "2026-01-06T00:00:00.000Z"
    assert unfreeze["after"] == {"frozen": False, "until": ""}
    assert (first["sk"], last["sk"]) == ("EVERYTHING", "GROUP#digits")
    assert (first["until"], last["until"]) == ("", last["at"])
    assert everything["sentence"] == first["because"] == "ann asked to freeze because: a holiday."


def test_a_freeze_whose_end_is_past_is_refused_with_the_time_of_the_request() -> None:
    account = quiet_account()
    ask(account, "freeze", group="digits", until="2026-01-05")
    assert not any(each["pk"] == "FREEZE" for each in account.ledger())


def test_a_quarantine_that_is_lifted_is_journalled_with_what_it_was() -> None:
    account = quiet_account()
    item = {"at": "2026-01-04T08:00:00.000Z", "release_id": "digits-v1-1", "reason": "AlarmRaised", "sentence": "x"}
    key = {"pk": {"S": "GROUP#digits"}, "sk": {"S": "QUARANTINE#1"}}
    put = {**key, **{name: {"S": value} for name, value in item.items()}}
    account.ask("dynamodb", "PutItem", TableName=account.stack.outputs["Ledger"], Item=put)
    ask(account, "lift_quarantine", **VERSION)
    ask(account, "lift_quarantine", **VERSION)

    (entry,) = entries(account)
    assert entry["before"] == {"quarantined": item["at"], "quarantined_by": "digits-v1-1"}
    assert entry["after"] == {"quarantined": ""}


def test_what_was_refused_is_journalled_as_it_was_asked() -> None:
    account = quiet_account()
    execution, asked = ask(account, "lift_quarantine", group="digits", version="one")

    (refused,) = [json.loads(each["document"]) for each in account.ledger() if each["pk"] == "REFUSED"]
    assert (refused["event"]["detail"], refused["event"]["asked_in"]) == (asked, execution)
