from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.quantities import fraction, in_words, microseconds, seconds


@pytest.mark.parametrize(
    ("written", "meant"),
    [("90s", 90), ("10m", 600), ("1.5h", 5400), ("24h", 86400), ("7d", 604800), (" 10 m ", 600), ("0s", 0)],
)
def test_a_duration_is_in_seconds(written: str, meant: int) -> None:
    assert seconds(written) == meant


@pytest.mark.parametrize(
    "written", [10, 10.5, None, "10", "m", "10min", "-5m", "1h30m", "", "10M", True, "9" * 400 + "d"]
)
def test_what_is_no_duration_is_refused_with_the_units_and_an_example(written: Any) -> None:
    with pytest.raises(ValueError, match="one of s, m, h, d, for example 10m; got"):
        seconds(written)


@pytest.mark.parametrize(("written", "meant"), [("250ms", 250_000), ("1.5s", 1_500_000), ("800us", 800)])
def test_a_latency_is_in_microseconds_like_the_metric(written: str, meant: int) -> None:
    assert microseconds(written) == meant


@pytest.mark.parametrize("written", [250, "250", "250m", "1h", "5%", None])
def test_what_is_no_latency_is_refused_with_the_units_and_an_example(written: Any) -> None:
    with pytest.raises(ValueError, match="one of us, ms, s, for example 250ms; got"):
        microseconds(written)


@pytest.mark.parametrize(
    ("written", "meant"), [("1%", 0.01), ("0.5 %", 0.005), (0.01, 0.01), (0, 0), (1, 1), ("100%", 1)]
)
def test_a_share_is_between_0_and_1_however_it_is_written(written: Any, meant: float) -> None:
    assert fraction(written) == pytest.approx(meant)


@pytest.mark.parametrize("written", ["0.01", "one", None, True, [1], "%", "1%%"])
def test_what_is_no_share_is_refused_with_an_example(written: Any) -> None:
    with pytest.raises(ValueError, match="1%"):
        fraction(written)


@pytest.mark.parametrize("written", [1.01, 5, -0.1, "101%", float("inf"), float("nan")])
def test_a_share_of_more_than_all_or_less_than_none_is_refused(written: Any) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        fraction(written)


@given(some.text() | some.from_regex(r"\A\s*[0-9]+(\.[0-9]+)?\s*[a-z%]*\s*\Z"))
def test_whatever_is_written_is_read_or_refused_in_words(written: str) -> None:
    for read in (seconds, microseconds, fraction):
        try:
            assert read(written) >= 0
        except ValueError as problem:
            assert "got" in str(problem)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (59.6, "1 min"),
        (600, "10 min"),
        (5400, "1 h 30 min"),
        (172800, "2 d"),
        (90061, "1 d 1 h"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(duration: float, words: str) -> None:
    assert in_words(duration) == words


@given(some.integers(1, 9999), some.sampled_from("smhd"))
def test_a_duration_in_one_unit_is_said_and_read_alike(count: int, unit: str) -> None:
    said = in_words(seconds(f"{count}{unit}"))
    parts = said.replace("min", "m").split()
    total = sum(seconds(number + word) for number, word in zip(parts[::2], parts[1::2], strict=True))
    assert total <= seconds(f"{count}{unit}") < total + 86400
