"""A version that is live stands in the ledger at once, and is taken out of it if it is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from rehearsal.playing import rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.world import World
from tests.rehearsal.stage.quiet import HOLDER, ROOT, call, ending, item, quiet_account

BEFORE = {"live": {"M": {"version": {"N": "6"}}}, "previous": {"M": {"version": {"N": "5"}}}}
FACTS = {
    "standby": {"from": 9, "seconds": 3600, "before": BEFORE},
    "final_config": "interlock-digits-v7-1",
    "decided_at": "2026-01-05T08:00:00Z",
    "again": False,
}


def held(**more: Any) -> World:
    """An account in which release digits-v7-1 has the lease, and version 6 is live."""
    account = quiet_account()
    lease = {"holder": {"S": HOLDER}, "release_id": {"S": "digits-v7-1"}, **BEFORE, **more}
    key = {"pk": {"S": "CONTROL"}, "sk": {"S": "digits"}}
    account.ask("dynamodb", "PutItem", TableName=account.stack.outputs["Ledger"], Item=key | lease)
    return account


def settle(account: World, ended: str, **changed: Any) -> list[str]:
    """Release digits-v7-1 settles; the subjects of the notices about it."""
    told: list[str] = []
    account.gateway.watchers.append(
        lambda each: told.append(each.request["Subject"]) if each.operation == "Publish" else None
    )
    call(account, "settle", ending(ended=ended, **{"facts": FACTS, **changed}))
    return told


def control(account: World) -> Any:
    """The item of the endpoint, as DynamoDB has it."""
    key = {"pk": {"S": "CONTROL"}, "sk": {"S": "digits"}}
    return account.ask("dynamodb", "GetItem", TableName=account.stack.outputs["Ledger"], Key=key)["Item"]


def versions(account: World) -> tuple[str, ...]:
    """What the ledger says is live, and was before that."""
    found = control(account)
    return tuple(found[name]["M"]["version"]["N"] for name in ("live", "previous") if name in found)


def test_a_version_is_live_at_once_and_the_release_keeps_its_lease() -> None:
    account = held()

    assert settle(account, "Live") == ["[Interlock] digits v7 is live"]
    assert versions(account) == ("7", "6")
    assert control(account)["holder"] == {"S": HOLDER}
    assert "stands by" in item(account, "RELEASE#digits-v7-1", "LIVE")["document"]
    assert item(account, "RELEASE#digits-v7-1", "END") == {}


def test_a_recovery_that_tells_it_again_changes_nothing() -> None:
    account = held()
    settle(account, "Live")
    since = control(account)["live"]

    assert settle(account, "Live", planned="RecoveredForward") == []
    assert control(account)["live"] == since
    assert versions(account) == ("7", "6")


def test_the_end_leaves_what_is_live_as_it_is() -> None:
    account = held()
    settle(account, "Live")
    since = control(account)["live"]
    settle(account, "Finished", reason="InternalError")

    assert control(account)["live"] == since
    assert versions(account) == ("7", "6")
    assert "holder" not in control(account)


def test_a_version_that_is_taken_back_is_not_live_any_more() -> None:
    account = held()
    settle(account, "Live")
    settle(account, "RolledBack")

    assert versions(account) == ("6", "5")
    assert "holder" not in control(account)


def test_where_nothing_was_live_nothing_is_live_again() -> None:
    account = held()
    facts = FACTS | {"standby": {"from": 9, "seconds": 3600, "before": {}}}
    settle(account, "Live", facts=facts)
    settle(account, "RolledBack", facts=facts)

    assert versions(account) == ()


def test_a_release_that_waits_already_lets_no_standby_begin() -> None:
    """Version 2 is approved while version 1 bakes: when that is live, the version before it is removed at once."""
    written = yaml.safe_load((ROOT / "scenarios/standby-ends.yaml").read_text())
    [begins] = [each for each in written["timeline"] if each.get("approve", {}).get("version") == 2]
    [registered] = [each for each in written["timeline"] if each.get("register", {}).get("model") == "plain"]
    registered["at"], begins["at"], written["lasts"] = "10m", "12m", "45m"
    played = rehearse(Scenario.model_validate(written), Path(ROOT / "scenarios")).result
    first = played.releases[0]

    [live] = [entry.at for entry in first.journal if entry.kind == "LIVE"]
    [end] = [entry.at for entry in first.journal if entry.kind == "END"]
    assert end - live < 600
    assert played.releases[1].started < live


def test_a_failure_of_interlock_itself_takes_no_live_version_back() -> None:
    """The function that judges does not answer while the version is watched."""
    written = yaml.safe_load((ROOT / "scenarios/standby-stopped.yaml").read_text())
    written["timeline"] = [each for each in written["timeline"] if "stop_execution" not in each]
    error = {"code": "ServiceException", "status": 500}
    written["faults"] = [
        {"service": "lambda", "operation": "Invoke", "state": "JudgeEvidence", "at": "27m", "error": error}
    ]
    played = rehearse(Scenario.model_validate(written), Path(ROOT / "scenarios")).result
    [release] = played.releases

    assert (release.outcome, release.reason) == ("Succeeded", "RecoveredForward")
    assert played.final.serving["digits"] == {1: 1.0}
