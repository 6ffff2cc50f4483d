from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.monitoring.windows import LATE_CAPTURE, iso, moment, months, newest, window_at

times = some.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(some.sampled_from([3600, 86400]), times, some.integers(0, 10**6).map(lambda s: timedelta(seconds=s)))
def test_the_newest_window_is_whole_aligned_and_wholly_past(every: int, now: datetime, after: timedelta) -> None:
    window = newest(every, now, after)
    assert window.end - window.start == timedelta(seconds=every)
    assert window.end + after <= now < window.end + after + timedelta(seconds=every)
    assert (window.start.minute, window.start.second, window.start.microsecond) == (0, 0, 0)
    assert every == 3600 or window.start.hour == 0
    assert window_at(window.key, every) == window


def test_a_window_is_due_five_minutes_after_its_end() -> None:
    ten = datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert newest(3600, ten + timedelta(minutes=4, seconds=59), LATE_CAPTURE).key == "2026-01-05T08:00:00Z"
    assert newest(3600, ten + timedelta(minutes=5), LATE_CAPTURE).key == "2026-01-05T09:00:00Z"


def test_a_window_lies_where_sagemaker_puts_its_capture() -> None:
    now = datetime(2026, 1, 5, 10, 5, tzinfo=UTC)
    assert newest(3600, now, LATE_CAPTURE).folder == "2026/01/05/09/"
    assert newest(86400, now, LATE_CAPTURE).folder == "2026/01/04/"


@pytest.mark.parametrize("written", ["2026-01-05T09:30:00Z", "baseline-v7-bias", "", "2026-13-01T00:00:00Z"])
def test_what_is_no_start_of_a_window_is_none(written: str) -> None:
    assert window_at(written, 3600) is None


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-01-05T09:00:00.123Z", "2026-01-05T09:00:00Z"),
        ("2026-01-05T11:00:00+02:00", "2026-01-05T09:00:00Z"),
        ("2026-01-05T09:00:00", "2026-01-05T09:00:00Z"),
    ],
)
def test_a_time_is_read_in_utc(written: str, at: str) -> None:
    found = moment(written)
    assert found and iso(found) == at


@pytest.mark.parametrize("written", [None, 7, "", "yesterday", "9999-12-31T23:59:59-12:00"])
def test_what_is_no_time_is_none(written: object) -> None:
    assert moment(written) is None


def test_months_run_over_the_year() -> None:
    start = datetime(2025, 12, 30, tzinfo=UTC)
    assert months(start, start) == ["2025/12/"]
    assert months(start, start + timedelta(days=40)) == ["2025/12/", "2026/01/", "2026/02/"]
