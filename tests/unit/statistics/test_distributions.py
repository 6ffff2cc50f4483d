from __future__ import annotations

from math import inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import special, stats

from interlock.statistics.distributions import (
    incomplete_beta,
    log_beta,
    log_sum,
    normal_quantile,
    normal_tail,
    student_quantile,
    student_tail,
)

NINE_DIGITS = 1e-9
TAILS = [0.5, 0.4999, 0.3, 0.1, 0.05, 0.025, 0.01, 1e-3, 1e-6, 1e-12, 1e-50, 1e-100]
FREEDOMS = [1, 2, 3, 5, 11, 29, 100, 299, 1439, 10_000]


def close(found: float, reference: float) -> bool:
    return found == pytest.approx(reference, rel=NINE_DIGITS, abs=1e-300)


@pytest.mark.parametrize("z", [-8.0, -1.96, -0.3, 0.0, 0.1, 1.0, 1.96, 3.0, 8.0, 20.0, 37.0])
def test_the_tail_of_the_normal_distribution_is_scipys(z: float) -> None:
    assert close(normal_tail(z), stats.norm.sf(z))


@pytest.mark.parametrize("tail", [*TAILS, 1e-300, 0.6, 0.975, 0.999999])
def test_the_quantile_of_the_normal_distribution_is_scipys(tail: float) -> None:
    assert close(normal_quantile(tail), stats.norm.isf(tail)) or abs(normal_quantile(tail)) < 1e-12


@given(some.floats(1e-300, 0.999))
def test_the_normal_quantile_of_a_tail_has_that_tail(tail: float) -> None:
    assert close(normal_tail(normal_quantile(tail)), tail)


@pytest.mark.parametrize("freedom", FREEDOMS)
@pytest.mark.parametrize("t", [-30.0, -2.0, -0.01, 0.0, 0.01, 0.5, 1.0, 2.0, 5.0, 30.0, 200.0])
def test_the_tail_of_students_t_is_scipys(t: float, freedom: int) -> None:
    assert close(student_tail(t, freedom), stats.t.sf(t, freedom))


@pytest.mark.parametrize("freedom", FREEDOMS)
@pytest.mark.parametrize("tail", TAILS)
def test_the_quantile_of_students_t_is_scipys(tail: float, freedom: int) -> None:
    found = student_quantile(tail, freedom)
    assert close(found, stats.t.isf(tail, freedom)) or abs(found) < 1e-12


@given(some.floats(1e-100, 0.5), some.integers(1, 3000))
def test_the_quantile_of_a_students_tail_has_that_tail(tail: float, freedom: int) -> None:
    assert close(student_tail(student_quantile(tail, freedom), freedom), tail)


@pytest.mark.parametrize(
    ("a", "b"), [(0.5, 0.5), (1, 1), (2, 3), (50, 1), (1, 50), (0.5, 4), (100, 9900), (1e4, 1e5), (1e5, 1e5)]
)
@pytest.mark.parametrize("place", [1e-6, 0.1, 0.5, 0.9, 1.0, 1.1, 1.5])
def test_the_incomplete_beta_function_is_scipys(a: float, b: float, place: float) -> None:
    x = min(place * a / (a + b), 0.9999)
    assert close(incomplete_beta(x, a, b), special.betainc(a, b, x)) or special.betainc(a, b, x) < 1e-290


@pytest.mark.parametrize(("x", "chance"), [(-1.0, 0.0), (0.0, 0.0), (1.0, 1.0), (2.0, 1.0)])
def test_all_of_a_beta_variable_lies_between_0_and_1(x: float, chance: float) -> None:
    assert incomplete_beta(x, 2.0, 3.0) == chance


@given(some.floats(0.5, 1e5), some.floats(0.5, 1e5), some.floats(0.0, 1.0))
def test_the_incomplete_beta_function_is_a_chance_whose_other_side_is_the_rest(a: float, b: float, x: float) -> None:
    below, above = incomplete_beta(x, a, b), incomplete_beta(1.0 - x, b, a)
    assert 0.0 <= below <= 1.0
    assert below + above == pytest.approx(1.0, abs=1e-6)  # 1 - x itself is rounded


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (1, 1), (3, 1e8), (1e6, 0.5), (1e6, 1e6), (1e3, 1e7), (0.01, 40)])
def test_the_beta_function_is_scipys(a: float, b: float) -> None:
    assert close(log_beta(a, b), special.betaln(a, b)) or abs(special.betaln(a, b)) < 1e-9


@given(some.lists(some.floats(-1000.0, 1000.0), min_size=1, max_size=8))
def test_the_sum_of_logarithms_is_scipys(logs: list[float]) -> None:
    assert close(log_sum(logs), float(special.logsumexp(logs))) or abs(log_sum(logs)) < 1e-9


def test_the_sum_of_nothing_is_nothing() -> None:
    assert log_sum([]) == log_sum([-inf, -inf]) == -inf
    assert log_sum([-inf, log(2.0)]) == pytest.approx(log(2.0))
