"""Freezes and quiet hours hold from their first moment on, and no longer than to their last."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from interlock.model.calendar import Calendar
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


FRIDAY = datetime(2026, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        (FRIDAY - MOMENT, False),
        (FRIDAY, True),
        (FRIDAY + timedelta(days=1) - MOMENT, True),
        (FRIDAY + timedelta(days=1), False),
    ],
)
def test_a_quiet_day_is_the_whole_day_in_utc(at: datetime, quiet: bool) -> None:
    calendar = Calendar(quiet_days=frozenset({"friday"}))
    assert calendar.quiet_until(at) == (FRIDAY + timedelta(days=1) if quiet else None)


def test_what_is_closed_ends_when_all_that_touches_has_ended() -> None:
    """A quiet Friday, the night after it, and a freeze that begins in that night."""
    night, frozen = FRIDAY + timedelta(days=1, hours=6), FRIDAY + timedelta(days=4)
    calendar = Calendar(
        quiet=((time(22), time(6)),),
        quiet_days=frozenset({"friday"}),
        freezes=((night - timedelta(hours=1), frozen),),
    )
    assert calendar.closed_until(FRIDAY + timedelta(hours=12)) == frozen + timedelta(hours=6)
    assert calendar.quiet_until(FRIDAY + timedelta(hours=12)) == night
    assert calendar.closed_until(FRIDAY - timedelta(hours=3)) is None
