"""The answer of a call between machines may be lost after the call was made; what is repeated then must do no harm."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.world import World
from tests.rehearsal.stage.quiet import call, quiet_account

HOLDER = "arn:aws:states:eu-west-1:123456789012:execution:interlock-deliver:digits-v7-1"


@pytest.fixture
def account() -> World:
    return quiet_account()


def admit(account: World, version: int = 7, holder: str = HOLDER, release: str = "", **asked: Any) -> dict[str, Any]:
    """What admit answers to a release of a version."""
    given = {
        "asked": {"group": "digits", "version": version, **asked},
        "release": release or f"digits-v{version}-1",
        "holder": holder,
        "queued": False,
    }
    found: dict[str, Any] = call(account, "admit", given)
    return found


def control(account: World) -> dict[str, str]:
    return next(item for item in account.ledger() if item["pk"] == "CONTROL")


def test_a_release_that_is_admitted_twice_keeps_what_was_written_in_between(account: World) -> None:
    first = admit(account)
    key = {"pk": {"S": "CONTROL"}, "sk": {"S": "digits"}}
    account.ask(
        "dynamodb",
        "UpdateItem",
        TableName=account.stack.outputs["Ledger"],
        Key=key,
        UpdateExpression="SET abort_reason = :reason",
        ExpressionAttributeValues={":reason": {"S": "AlarmRaised"}},
    )
    second = admit(account)

    assert (first["next"], second["next"]) == ("Proceed", "Proceed")
    assert second["control"]["abort_reason"] == {"S": "AlarmRaised"}
    assert control(account)["holder"] == HOLDER


def test_another_release_waits_and_a_third_of_an_older_version_is_superseded(account: World) -> None:
    admit(account)

    assert admit(account, 9, "another")["next"] == "Wait"
    ended = admit(account, 8, "a third")
    assert (ended["next"], ended["end"]["by"]) == ("End", "digits-v9-1")


@pytest.mark.parametrize("left_out", ["owner", "release", "endpoint"])
def test_a_recovery_that_does_not_say_of_what_is_refused(account: World, left_out: str) -> None:
    whole = {"owner": HOLDER, "release": "digits-v7-1", "endpoint": "digits"}
    ended = admit(account, recover={name: said for name, said in whole.items() if name != left_out})

    assert (ended["next"], ended["end"]["reason"]) == ("End", "InputInvalid")


def test_a_second_release_of_the_version_that_waits_does_not_take_its_place(account: World) -> None:
    admit(account)
    admit(account, 9, "another")
    ended = admit(account, 9, "a third", release="digits-v9-2")

    assert (ended["next"], ended["end"]["by"]) == ("End", "digits-v9-1")


def test_a_dry_run_goes_ahead_without_the_lease(account: World) -> None:
    assert admit(account, dry_run=True)["next"] == "Proceed"
    assert [each for each in account.ledger() if each["pk"] == "CONTROL"] == []


@pytest.mark.parametrize(
    ("owner", "follows"), [(HOLDER, "Recover"), ("arn:aws:states:eu-west-1:123456789012:execution:d:older", "Leave")]
)
def test_a_lease_passes_on_only_from_the_execution_that_died(account: World, owner: str, follows: str) -> None:
    admit(account)
    recover = {"owner": owner, "release": "digits-v7-1", "endpoint": "digits"}
    taken = admit(account, 7, "the recovery", recover=recover)

    assert taken["next"] == follows
    assert control(account)["holder"] == ("the recovery" if follows == "Recover" else HOLDER)
