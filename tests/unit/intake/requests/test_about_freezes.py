from __future__ import annotations

from typing import Any

import pytest

from interlock.intake.routing import route_event
from tests.unit.intake.incoming import asked, event


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"group": "churn"}, "GROUP#churn"),
        ({"endpoint": "churn"}, "ENDPOINT#churn"),
        ({"everything": True}, "EVERYTHING"),
    ],
)
@pytest.mark.parametrize(("action", "frozen"), [("freeze", True), ("unfreeze", False)])
def test_a_person_may_freeze_and_unfreeze(action: str, frozen: bool, fields: dict[str, Any], where: str) -> None:
    command = asked({"action": action, **fields})
    assert (command["kind"], command["where"], command["until"]) == (action.title(), where, "")
    assert command["after"] == {"frozen": frozen, "until": ""}


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        ("2026-12-27", "2026-12-27T00:00:00.000Z"),
        ("2026-12-27T08:00Z", "2026-12-27T08:00:00.000Z"),
        ("2026-12-27T08:00:00+02:00", "2026-12-27T06:00:00.000Z"),
    ],
)
def test_a_freeze_may_end_by_itself(until: str, ends: str) -> None:
    assert asked({"action": "freeze", "group": "churn", "until": until})["until"] == ends


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, 'write one of "endpoint": "churn", "group": "churn" and "everything": true.'),
        ({"group": "churn", "everything": True}, 'write one of "endpoint": "churn"'),
        ({"everything": False}, "everything: Input should be True."),
        ({"group": "churn", "until": "soon"}, "until: write a day or a time in UTC, for example 2026-12-27 or"),
        ({"group": "churn", "version": 7}, "version: no such field."),
    ],
)
def test_a_mistake_is_answered_with_what_would_be_right(fields: dict[str, Any], said: str) -> None:
    command = asked({"action": "freeze", **fields})
    assert (command["kind"], command["reason"]) == ("Refuse", "InputInvalid")
    assert command["sentence"].startswith(said)


def test_a_freeze_whose_end_is_past_is_refused() -> None:
    request = {"action": "freeze", "group": "churn", "until": "2026-01-05"}
    told = event("interlock.operate", "Operator Request", request) | {"time": "2026-01-05T00:00:00.000Z"}
    assert "2026-01-05T00:00:00.000Z is over already" in route_event(told)["sentence"]


def test_who_ends_a_freeze_says_no_time() -> None:
    assert asked({"action": "unfreeze", "group": "churn", "until": "2026-12-27"})["kind"] == "Refuse"
