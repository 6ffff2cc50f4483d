from __future__ import annotations

from typing import Any

import pytest

from interlock.model.release_input import release_input
from tests.unit.intake.incoming import asked, routed

SAID = "A person asked to roll back."


def item(version: int) -> dict[str, Any]:
    return {"M": {"version": {"N": str(version)}, "model_group": {"S": "churn"}}}


def found(control: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The command after intake has looked up what is live."""
    request = {"action": "roll_back", "endpoint": "churn-live", **fields}
    return routed("interlock.intake", "Live Found", {"asked": request, "control": control})


@pytest.mark.parametrize(("action", "kind"), [("roll_back", "RollBack"), ("status", "Status"), ("history", "History")])
def test_a_person_names_an_endpoint(action: str, kind: str) -> None:
    command = asked({"action": action, "endpoint": "churn-live"})
    assert (command["kind"], command["endpoint"], command["on"]) == (kind, "churn-live", "")


def test_a_history_may_be_of_a_day() -> None:
    assert asked({"action": "history", "endpoint": "churn", "on": "2026-11-20"})["on"] == "2026-11-20"
    said = asked({"action": "history", "endpoint": "churn", "on": "yesterday"})["sentence"]
    assert said.startswith("on: write a day, for example 2026-11-20.")


@pytest.mark.parametrize(("fields", "version"), [({}, 6), ({"version": 3}, 3), ({"version": 9}, 9)])
def test_the_way_back_leads_to_the_version_before_or_to_the_one_that_was_named(
    fields: dict[str, Any], version: int
) -> None:
    command = found({"live": item(7), "previous": item(6)}, **fields)
    assert (command["kind"], command["group"], command["version"]) == ("Release", "churn", version)
    assert command["name"] == f"churn-v{version}"
    assert command["input"] == release_input("churn", version, SAID, roll_back=True, endpoint="churn-live")


@pytest.mark.parametrize(
    ("control", "fields", "reason", "why"),
    [
        ({}, {}, "NothingToDo", "Interlock has brought no version live on endpoint churn-live."),
        ({}, {"version": 3}, "NothingToDo", "Interlock has brought no version live on endpoint churn-live."),
        (
            {"live": item(7), "previous": item(7)},
            {},
            "NoVersionToRollBackTo",
            'No version was live on churn-live before version 7 of churn. Name one: "version": 7.',
        ),
        ({"live": item(7), "previous": item(6)}, {"version": 7}, "AlreadyLive", "Version 7 of churn is live on"),
    ],
)
def test_where_there_is_no_way_back_the_person_is_told_why(
    control: dict[str, Any], fields: dict[str, Any], reason: str, why: str
) -> None:
    command = found(control, **fields)
    assert (command["kind"], command["reason"]) == ("Ignore", reason)
    assert command["sentence"].startswith(f"{SAID} {why}")
