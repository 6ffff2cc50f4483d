from __future__ import annotations

from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.model.quantities import fraction, in_words, limit, microseconds, relative, seconds


@pytest.mark.parametrize(
    ("written", "meant"),
    [("90s", 90), ("10m", 600), ("1.5h", 5400), ("24h", 86400), ("7d", 604800), (" 10 m ", 600), ("0s", 0)],
)
def test_a_duration_is_in_seconds(written: str, meant: int) -> None:
    assert seconds(written) == meant


@pytest.mark.parametrize(
    "written", [10, 10.5, None, "10", "m", "10min", "-5m", "1h30m", "", "10M", True, "9" * 400 + "d"]
)
def test_an_invalid_duration_is_refused_with_the_units_and_an_example(written: Any) -> None:
    with pytest.raises(ValueError, match="one of s, m, h, d, for example 10m; got"):
        seconds(written)


@pytest.mark.parametrize(("written", "meant"), [("250ms", 250_000), ("1.5s", 1_500_000), ("800us", 800)])
def test_a_latency_is_in_microseconds_like_the_metric(written: str, meant: int) -> None:
    assert microseconds(written) == meant


@pytest.mark.parametrize("written", [250, "250", "250m", "1h", "5%", None])
def test_an_invalid_latency_is_refused_with_the_units_and_an_example(written: Any) -> None:
    with pytest.raises(ValueError, match="one of us, ms, s, for example 250ms; got"):
        microseconds(written)


@pytest.mark.parametrize(
    ("written", "meant"), [("1%", 0.01), ("0.5 %", 0.005), (0.01, 0.01), (0, 0), (1, 1), ("100%", 1)]
)
def test_a_share_is_between_0_and_1_however_it_is_written(written: Any, meant: float) -> None:
    assert fraction(written) == pytest.approx(meant)


@pytest.mark.parametrize("written", ["0.01", "one", None, True, [1], "%", float("inf"), float("nan"), 10**400])
def test_an_invalid_share_is_refused_with_an_example(written: Any) -> None:
    with pytest.raises(ValueError, match="1%"):
        fraction(written)


@pytest.mark.parametrize("written", [1.01, 5, -0.1, "101%"])
def test_a_share_of_more_than_all_or_less_than_none_is_refused(written: Any) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        fraction(written)


@pytest.mark.parametrize(("written", "meant"), [("10%", 0.1), ("2.5 %", 0.025), ("1000%", 10), ("0%", 0)])
def test_a_difference_is_a_fraction_of_what_is_compared_with(written: str, meant: float) -> None:
    assert relative(written) == meant


@pytest.mark.parametrize("written", [0.1, 10, "0.1", "10", "-10%", "10 percent", None, True, "%"])
def test_a_difference_without_the_sign_for_percent_is_refused(written: Any) -> None:
    with pytest.raises(ValueError, match=r"^write a percentage, for example 10%; got "):
        relative(written)


@pytest.mark.parametrize(
    ("unit", "written", "meant"),
    [
        ("share", "1%", 0.01),
        ("share", 0.01, 0.01),
        ("us", "250ms", 250_000),
        ("us", "1us", 1),
        ("%", "80%", 80),
        ("%", 80, 80),
        ("%", "0.5%", 0.5),
        ("%", 250, 250),
        ("%", 0, 0),
        ("EUR", 20, 20),
        ("EUR", -3.5, -3.5),
        ("", 0, 0),
    ],
)
def test_a_limit_is_held_in_the_unit_of_its_metric(unit: str, written: Any, meant: float) -> None:
    assert limit(unit, written) == meant


@pytest.mark.parametrize(
    ("unit", "written", "said"),
    [
        ("share", 0, "no amount of traffic proves exactly 0% or 100%; write a share between them; got 0"),
        ("share", "100%", "no amount of traffic proves exactly 0% or 100%; write a share between them; got '100%'"),
        ("share", "1ms", "write a share such as 1% or 0.01; got '1ms'"),
        ("us", 250, "write a number and one of us, ms, s, for example 250ms; got 250"),
        ("us", "1%", "write a number and one of us, ms, s, for example 250ms; got '1%'"),
        ("us", "0.4us", "every answer takes some time; write at least 1us; got '0.4us'"),
        ("%", 0.8, "this metric is in percent; write 0.8% or 80%; got 0.8"),
        ("%", -1, "a percentage cannot be negative; got -1"),
        ("%", "80", "write a percentage, for example 80%; got '80'"),
        ("%", float("inf"), "write a percentage, for example 80%; got inf"),
        ("EUR", "20 EUR", "write a number in the metric's unit, for example 20; got '20 EUR'"),
        ("EUR", True, "write a number in the metric's unit, for example 20; got True"),
        ("EUR", float("nan"), "write a number in the metric's unit, for example 20; got nan"),
    ],
)
def test_an_invalid_limit_is_refused_with_what_to_write(unit: str, written: Any, said: str) -> None:
    with pytest.raises(ValueError) as refused:
        limit(unit, written)
    assert str(refused.value) == said


SCALARS = some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20)


@given(some.sampled_from(["share", "us", "%", "EUR"]), SCALARS | some.from_regex(r"\A[0-9]{1,3}(%|us|ms|s)\Z"))
def test_whatever_limit_is_written_it_is_a_number_or_refused_in_words(unit: str, written: Any) -> None:
    try:
        assert isfinite(limit(unit, written))
    except ValueError as problem:
        assert "; got " in str(problem)


@given(some.integers(1, 9999))
def test_percent_with_the_sign_is_a_hundredth_as_a_share_and_itself_where_percent_is_the_unit(hundredths: int) -> None:
    written = f"{hundredths / 100:g}%"
    assert limit("%", written) == pytest.approx(hundredths / 100)
    assert limit("share", written) == relative(written) == pytest.approx(hundredths / 10_000)


@given(some.text() | some.from_regex(r"\A\s*[0-9]+(\.[0-9]+)?\s*[a-z%]*\s*\Z"))
def test_whatever_is_written_is_read_or_refused_in_words(written: str) -> None:
    for read in (seconds, microseconds, fraction, relative):
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
def test_a_duration_is_written_in_its_two_largest_units(duration: float, words: str) -> None:
    assert in_words(duration) == words


@given(some.integers(1, 9999), some.sampled_from("smhd"))
def test_a_duration_in_one_unit_is_written_and_read_alike(count: int, unit: str) -> None:
    said = in_words(seconds(f"{count}{unit}"))
    parts = said.replace("min", "m").split()
    total = sum(seconds(number + word) for number, word in zip(parts[::2], parts[1::2], strict=True))
    assert total <= seconds(f"{count}{unit}") < total + 86400
