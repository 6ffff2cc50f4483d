"""From which run, and from which moment on, something is said about a monitor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from interlock.monitoring.past_runs import TOO_THIN, PastRun, never_judges
from tests.unit.monitoring.watched import INPUTS, planned

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def thin(hours: float) -> PastRun:
    """A run of so many hours ago that found too little to judge."""
    at = NOW - timedelta(hours=hours)
    return PastRun("inputs", at.isoformat(), "job", TOO_THIN, at)


@pytest.mark.parametrize(
    ("hours", "never"),
    [((24, 12, 1), True), ((23.9, 12, 1), False), ((24, 1), False)],
    ids=["three in a day", "three in less", "two in a day"],
)
def test_three_thin_runs_in_a_day_are_no_ordinary_night(hours: tuple[float, ...], never: bool) -> None:
    assert never_judges("inputs", map(thin, hours), NOW) is never


@pytest.mark.parametrize(("since", "looked_at"), [("2026-01-05T09:00:00Z", True), ("2026-01-05T09:00:01Z", False)])
def test_a_window_that_began_with_the_version_is_all_its_own(since: str, looked_at: bool) -> None:
    plan = planned(INPUTS, live={"version": "7", "since": since, "config": "c"}, now="2026-01-05T10:05:00Z")

    assert [run["window"] for run in plan["runs"]] == (["2026-01-05T09:00:00Z"] if looked_at else [])
