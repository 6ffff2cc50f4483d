"""Freezes and quiet hours hold from their first moment on, and no longer than to their last."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from interlock.model.limits import Limits

MOMENT = timedelta(microseconds=1)
FIRST, UNTIL = datetime(2026, 12, 20, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC)
EVENING, MORNING = datetime(2026, 1, 5, 22, tzinfo=UTC), datetime(2026, 1, 6, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "frozen"), [(FIRST - MOMENT, False), (FIRST, True), (UNTIL - MOMENT, True), (UNTIL, False)]
)
def test_on_the_day_that_a_freeze_names_as_its_end_retrainings_may_start(at: datetime, frozen: bool) -> None:
    assert Limits(freezes=((FIRST, UNTIL),)).frozen_until(at) == (UNTIL if frozen else None)


@pytest.mark.parametrize(
    ("at", "quiet"), [(EVENING - MOMENT, False), (EVENING, True), (MORNING - MOMENT, True), (MORNING, False)]
)
def test_quiet_hours_begin_and_end_on_the_minute(at: datetime, quiet: bool) -> None:
    """A decision that waits comes back just when they end, and must not wait for another day."""
    assert Limits(quiet=((time(22), time(6)),)).quiet_until(at) == (MORNING if quiet else None)


def test_periods_that_touch_are_one() -> None:
    later = UNTIL + timedelta(days=3)

    assert Limits(freezes=((FIRST, UNTIL), (UNTIL, later))).frozen_until(FIRST) == later
