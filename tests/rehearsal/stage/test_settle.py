"""A release ends once, is told of once, and frees no lease but its own, however often it is settled."""

from __future__ import annotations

from typing import Any

from rehearsal.world import World
from tests.rehearsal.stage.quiet import HOLDER, call, ending, hold, item, quiet_account


def settle(account: World, **changed: Any) -> Any:
    """Release digits-v7-1 ends; nothing was found that would speak against the version."""
    return call(account, "settle", ending(**{"sentence": "A person said so.", **changed}))


def test_who_has_lost_the_lease_does_not_free_it() -> None:
    account = quiet_account()
    hold(account, holder="another", release_id="digits-v8-1")
    settle(account)

    assert item(account, "CONTROL", "digits")["holder"] == "another"


def test_who_has_the_lease_frees_it() -> None:
    account = quiet_account()
    hold(account, holder=HOLDER, release_id="digits-v7-1")
    settle(account)

    assert "holder" not in item(account, "CONTROL", "digits")


def test_the_first_end_is_the_end() -> None:
    account = quiet_account()
    settle(account)
    settle(account, reason="AlarmRaised", sentence="An alarm was raised.")

    assert '"reason":"AbortedByPerson"' in item(account, "RELEASE#digits-v7-1", "END")["document"].replace(" ", "")


def test_people_are_told_of_it_once() -> None:
    account = quiet_account()
    told: list[str] = []
    account.gateway.watchers.append(lambda call: told.append(call.operation) if call.service == "sns" else None)
    settle(account)
    settle(account)

    assert told == ["Publish"]


def test_a_lease_that_nobody_can_free_is_told_even_after_an_end() -> None:
    """Only a person can free it then."""
    account = quiet_account()
    hold(account, holder=HOLDER, release_id="digits-v7-1")
    told: list[str] = []
    account.gateway.watchers.append(lambda call: told.append(call.operation) if call.service == "sns" else None)
    settle(account, holder="")
    settle(account, holder="", ended="Abandoned", reason="RollbackFailed")

    assert told == ["Publish", "Publish"]
    assert '"reason":"AbortedByPerson"' in item(account, "RELEASE#digits-v7-1", "END")["document"].replace(" ", "")
    assert item(account, "CONTROL", "digits")["holder"] == HOLDER
