from __future__ import annotations

from typing import Any

import pytest

from tests.unit.intake.events.test_stored_object import KEY, stored
from tests.unit.intake.incoming import Detail, routed


def found(**detail: Any) -> Detail:
    return routed("interlock.steward", "Monitor Run Found", {"status": "CompletedWithViolations"} | detail)


def test_a_run_that_was_found_has_the_name_under_which_it_would_have_been_told() -> None:
    named = found(endpoint="churn-live", monitor="inputs", scheduled="2026-01-05T09:00:00Z")
    by_output = found(output="s3://monitoring/results/churn-live/inputs/2026/01/05/09", job="j")
    assert named["name"] == by_output["name"] == stored(KEY)["name"]
    assert "file" not in named
    assert (by_output["file"]["key"], by_output["job"]) == (KEY, "j")


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_run_that_failed_is_told_as_such(status: str) -> None:
    assert found(status=status, output=f"s3://m/{KEY.rpartition('/')[0]}")["signal"]["kind"] == "monitor_failed"


@pytest.mark.parametrize("status", ["Pending", "InProgress", "Stopping"])
def test_a_run_that_goes_on_is_nothing_to_weigh(status: str) -> None:
    assert found(status=status, output=f"s3://m/{KEY.rpartition('/')[0]}")["kind"] == "Ignore"


@pytest.mark.parametrize("detail", [{}, {"endpoint": "e", "monitor": "m", "scheduled": "soon"}, {"output": "s3://b/c"}])
def test_a_run_without_identity_is_refused(detail: dict[str, str]) -> None:
    assert found(**detail)["reason"] == "EventMalformed"


def due(at: str) -> Detail:
    return routed("interlock.steward", "Calendar Signal", {"group": "churn", "due": at})


def test_the_calendar_asks_once_for_each_time() -> None:
    command = due("2026-01-12T00:00:00Z")
    assert (command["signal"]["kind"], command["signal"]["group"]) == ("calendar", "churn")
    assert command["name"] == due("2026-01-12T01:00:00+01:00")["name"] != due("2026-01-19T00:00:00Z")["name"]
    assert due("monday")["reason"] == "EventMalformed"
