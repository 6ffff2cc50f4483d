"""Durations and shares survive the way into a program and out to a person."""

from __future__ import annotations

import pytest

from rehearsal.scenario.quantities import duration, money, offset, parse_duration, parse_share, share


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("1h30m", 5400), ("2d", 172_800), ("250ms", 0.25), (7, 7)])
def test_durations_are_read_in_every_unit(text: object, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "5", "-3m", "5m later", True, None, -1])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["101%", "half", 2, True, None])
def test_what_is_no_share_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        parse_share(text)


def test_quantities_are_written_in_their_two_leading_units() -> None:
    assert [duration(each) for each in (0.4, 12, 270, 3_900, 180_000)] == ["0.4s", "12s", "4m 30s", "1h 05m", "2d 2h"]
    assert [offset(each) for each in (270, 93_600)] == ["+0:04:30", "+1d 02:00:00"]
    assert [share(each) for each in (0, 0.004, 0.25, 1)] == ["0%", "0.4%", "25%", "100%"]
    assert [money(each) for each in (0, 0.00423, 12.3)] == ["$0.0000", "$0.0042", "$12.30"]
