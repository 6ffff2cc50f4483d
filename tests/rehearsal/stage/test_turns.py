"""A scenario says who goes first among what falls together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rehearsal.playing import rehearse
from rehearsal.scenario.model import Scenario

FOLDER = Path(__file__).parents[3] / "scenarios"


def scenario(*turns: dict[str, Any]) -> Scenario:
    """Two people change the same text at the same time."""

    def says(name: str) -> dict[str, Any]:
        put = {"Name": "/text", "Value": name, "Type": "String", "Overwrite": True}
        return {"at": "1m", "name": name, "call": {"service": "ssm", "operation": "PutParameter", "request": put}}

    order = {"at": "59s", "lasts": "10s", "within": "2s", "turns": list(turns)}
    return Scenario.model_validate(
        {
            "scenario": "turns",
            "about": "Two people write.",
            "start": "2026-01-05T09:00:00Z",
            "lasts": "2m",
            "timeline": [says("ann"), says("ben")],
            "order": order,
            "expect": [{"running": 0}],
        }
    )


def written(*turns: dict[str, Any]) -> list[str]:
    """Who wrote, in order."""
    calls = rehearse(scenario(*turns), FOLDER).result.calls
    return [call.request["Value"] for call in calls if call.operation == "PutParameter"]


def test_acts_take_turns_as_asked() -> None:
    assert written({"of": "ann"}) == ["ann", "ben"]
    assert written({"of": "ben"}, {"of": "ann"}) == ["ben", "ann"]


def test_a_turn_may_be_some_steps_long() -> None:
    assert written({"of": "ben", "steps": 1}, {}, {"of": "ann"}) == ["ben", "ann"]


def test_a_turn_of_an_act_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValidationError, match="no act with a time has the name 'bob'"):
        scenario({"of": "bob"})
