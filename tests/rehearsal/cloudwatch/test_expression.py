"""Metric math, by the examples of the CloudWatch user guide "Using metric math"."""

from __future__ import annotations

import pytest

from rehearsal.cloudwatch.expression import ExpressionError, Scope, Series, evaluate

GUIDE = {"metric1": (30.0, 20.0, 0.0, 0.0), "metric2": (20.0, None, 20.0, None)}
CHOICE = {
    "metric1": (1.0, 1.0, 0.0, 0.0, None),
    "metric2": (30.0, None, 0.0, 0.0, 30.0),
    "metric3": (0.0, 0.0, 20.0, None, 20.0),
}


def value(expression: str, series: dict[str, Series], period: int = 60) -> Series:
    return evaluate(expression, Scope(series, period, len(next(iter(series.values())))))


@pytest.mark.parametrize(
    ("expression", "series", "expected"),
    [
        ("metric1 < metric2", GUIDE, (0, 0, 1, 0)),
        ("metric1 >= 30", GUIDE, (1, 0, 0, 0)),
        ("metric1 > 15 AND metric2 > 15", GUIDE, (1, 0, 0, 0)),
        ("metric1 > 15 && metric2 > 15", GUIDE, (1, 0, 0, 0)),
        ("IF(metric1, metric2, metric3)", CHOICE, (30, 0, 20, None, None)),
        ("IF(metric1, 5, metric3)", CHOICE, (5, 5, 20, None, None)),
        ("IF(metric1, metric2, 5)", CHOICE, (30, 0, 5, 5, None)),
    ],
)
def test_the_examples_of_the_user_guide_come_out_as_printed_there(
    expression: str, series: dict[str, Series], expected: tuple[float | None, ...]
) -> None:
    assert value(expression, series) == expected


def test_an_error_rate_with_a_floor_on_the_count_reads_as_a_rate_only_above_the_floor() -> None:
    series: dict[str, Series] = {"errors": (0.0, 2.0, 3.0, None, None), "requests": (50.0, 10.0, 10.0, 20.0, None)}

    assert value("IF(errors >= 3, errors / requests, 0)", series)[:3] == (0, 0, 0.3)
    assert value("IF(FILL(errors, 0) >= 3, errors / requests, 0)", series) == (0, 0, 0.3, 0, 0)


def test_a_missing_point_counts_as_zero_beside_one_that_exists() -> None:
    assert value("a + b", {"a": (1.0, None, None), "b": (2.0, 2.0, None)}) == (3, 2, None)


def test_what_divides_by_zero_is_dropped() -> None:
    assert value("a / b", {"a": (1.0, 1.0), "b": (0.0, 2.0)}) == (None, 0.5)


def test_fill_repeats_or_inserts() -> None:
    assert value("FILL(a, REPEAT)", {"a": (None, 1.0, None)}) == (None, 1, 1)
    assert value("FILL(a, 7)", {"a": (None, 1.0, None)}) == (7, 1, 7)


def test_a_reduction_of_an_array_is_a_series_and_of_a_series_a_number() -> None:
    series: dict[str, Series] = {"a": (1.0, None, None), "b": (3.0, 5.0, None)}

    assert value("SUM([a, b])", series) == (4, 5, None)
    assert value("a / SUM(b)", series) == (0.125, None, None)
    assert value("a / PERIOD(a)", series, period=4) == (0.25, None, None)


@pytest.mark.parametrize(
    "expression", ["SUM(a)", "unknown + a", "SEARCH('x')", "a +", "a < 1 < 2", "a.b", "FILL(a, LINEAR)"]
)
def test_what_is_not_simulated_is_refused_aloud(expression: str) -> None:
    with pytest.raises(ExpressionError):
        value(expression, {"a": (1.0,)})
