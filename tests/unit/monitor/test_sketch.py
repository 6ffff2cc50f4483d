"""The sketch: exact while small, the same however the numbers were divided, and never further off than it says."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import reduce
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from monitor import exact_sums as moments
from monitor import sketch
from monitor.data_quality import features
from monitor.sketch import LIMIT, Sketch

Numbers = np.ndarray

numbers = st.floats(allow_nan=False, allow_infinity=False)
SHAPES = {
    "normal": lambda chance, n: chance.normal(size=n),
    "far from zero": lambda chance, n: 1.7e9 + chance.uniform(0, 86_400, n),
    "heavy tail": lambda chance, n: chance.pareto(0.3, n),
    "both signs, many sizes": lambda chance, n: np.exp(chance.uniform(-600, 600, n)) * chance.choice([-1, 1], n),
    "half zeros": lambda chance, n: chance.normal(size=n) * chance.integers(0, 2, n),
    "whole numbers": lambda chance, n: chance.poisson(3, n).astype(float),
}


def same(one: Sketch, other: Sketch) -> bool:
    return (
        one.shift == other.shift and np.array_equal(one.keys, other.keys) and np.array_equal(one.counts, other.counts)
    )


def draw(shape: str, n: int, seed: int = 0) -> Numbers:
    return np.asarray(SHAPES[shape](np.random.default_rng([seed, n]), n))


@given(st.lists(numbers, min_size=4, max_size=60), st.lists(numbers, min_size=4, max_size=60))
def test_distances_equal_scipys_while_the_sketch_is_exact(one: list[float], other: list[float]) -> None:
    found, bound = sketch.distance(sketch.sketch(np.array(one)), sketch.sketch(np.array(other)))
    assert found == pytest.approx(stats.ks_2samp(one, other, method="asymp").statistic, abs=1e-9)
    assert bound == 0.0


@pytest.mark.parametrize("shape", SHAPES)
def test_distances_of_a_window_equal_scipys(shape: str) -> None:
    one, other = draw(shape, 2000), draw(shape, 3000, 1) * 1.05
    found, bound = sketch.distance(sketch.sketch(one), sketch.sketch(other))
    assert (found, bound) == (pytest.approx(stats.ks_2samp(one, other, method="asymp").statistic, abs=1e-9), 0.0)


@pytest.mark.parametrize("n", [1000, 30_000])
@pytest.mark.parametrize("shape", SHAPES)
def test_shards_in_any_order_and_division_give_the_sketch_of_one(shape: str, n: int) -> None:
    values = draw(shape, n)
    whole = sketch.sketch(values)
    for seed in range(5):
        chance = np.random.default_rng(seed)
        cuts = np.sort(chance.integers(0, n, 3))
        parts = [sketch.sketch(part) for part in np.split(chance.permutation(values), cuts)]
        assert same(reduce(sketch.merged, parts), whole)
        assert same(sketch.merged(sketch.merged(parts[3], parts[1]), sketch.merged(parts[0], parts[2])), whole)
    assert len(whole.keys) <= LIMIT and whole.total == n


@pytest.mark.parametrize("shape", SHAPES)
def test_errors_stay_below_what_is_stated(shape: str) -> None:
    values, other = draw(shape, 60_000), draw(shape, 40_000, 1) * 1.01
    held = sketch.sketch(values)
    ranks = np.linspace(0.001, 1, 700)
    exact = np.sort(values)[np.ceil(ranks * len(values) - 1e-9).astype(int) - 1]
    assert (np.abs(sketch.quantiles(held, ranks.tolist()) - exact) <= 2.0 ** (held.shift - 52) * np.abs(exact)).all()
    found, bound = sketch.distance(held, sketch.sketch(other))
    true = stats.ks_2samp(values, other, method="asymp").statistic
    assert found - 1e-12 <= true <= found + bound + 1e-12


def test_bounds_are_useful_where_logarithmic_bins_would_not_be() -> None:
    """All of these numbers are within a twentieth of a thousandth of each other."""
    now, before = draw("far from zero", 50_000), draw("far from zero", 50_000, 1) + 8640
    found, bound = sketch.distance(sketch.sketch(now), sketch.sketch(before))
    assert found == pytest.approx(0.1, abs=0.02) and bound < 0.003


@given(st.lists(st.tuples(numbers, st.integers(1, 10**9)), min_size=1, max_size=50), st.integers(0, 52))
def test_a_sketch_survives_json(values: list[tuple[float, int]], shift: int) -> None:
    found = sketch.sketch(
        np.array([value for value, _ in values], float), np.array([count for _, count in values], np.int64)
    )
    found = sketch.coarser(found, shift)
    assert same(sketch.from_kll(json.loads(json.dumps(sketch.to_kll(found)))), found)


def test_model_monitors_own_sketch_is_read() -> None:
    found = sketch.from_kll({"parameters": {"c": 0.64, "k": 2048.0}, "data": [[3.0, 1.0], [2.0, 5.0], [4.0]]})
    assert found.total == 2 * 1 + 2 * 2 + 4
    assert dict(zip(sketch.middles(found).tolist(), found.counts.tolist(), strict=True)) == {
        1: 1,
        2: 2,
        3: 1,
        4: 4,
        5: 2,
    }


@pytest.mark.parametrize(
    "document", [{}, {"data": [["a"]]}, {"data": [[[1]]]}, {"data": [[1.0]], "parameters": {"shift": 99}}]
)
def test_what_is_no_sketch_is_refused(document: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        sketch.from_kll(document)


@given(st.lists(st.floats(-1e120, 1e120), min_size=1, max_size=50))
def test_moments_are_rounded_once(values: list[float]) -> None:
    exact = [Fraction(value) for value in values]
    array = np.array(values)
    assert moments.mean(moments.exact_sum(array), len(values)) == float(sum(exact) / len(exact))
    around = sum((value - sum(exact) / len(exact)) ** 2 for value in exact) / len(exact)
    found = moments.deviation(moments.exact_sum(array), moments.exact_squares(array), len(values))
    assert found == pytest.approx(sqrt(around), rel=1e-6, abs=1e-150)


@given(st.lists(st.one_of(numbers, st.text(max_size=4), st.none(), st.integers()), max_size=40), st.integers(0, 40))
def test_the_summary_of_a_column_depends_on_its_values_only(values: list[object], cut: int) -> None:
    whole = features.feature(pd.Series(values, dtype=object))
    parts = [features.feature(pd.Series(part, dtype=object)) for part in (values[cut:], values[:cut])]
    assert features.to_json(features.merged(*parts)) == features.to_json(whole)
    assert features.to_json(features.from_json(json.loads(json.dumps(features.to_json(whole))))) == features.to_json(
        whole
    )
    assert whole.present == sum(value is not None for value in values)


@settings(max_examples=10)
@given(st.integers(0, 100), st.integers(1, 3))
def test_too_many_texts_are_sampled_alike_on_every_shard(seed: int, pieces: int) -> None:
    chance = np.random.default_rng(seed)
    texts = np.array([f"id-{number}" for number in chance.integers(0, 40_000, 60_000)], dtype=object)
    whole = features.feature(pd.Series(texts)).texts
    parts = [features.feature(pd.Series(part)).texts for part in np.array_split(chance.permutation(texts), pieces)]
    merged = reduce(features.merged_texts, parts)
    assert dict(merged.counts) == dict(whole.counts) and (merged.level, merged.rest) == (whole.level, whole.rest)
    assert len(whole.counts) <= features.CATEGORIES and whole.total == 60_000
    different, counts = np.unique(texts.astype(str), return_counts=True)
    exact = dict(zip(different.tolist(), counts.tolist(), strict=True))
    assert all(exact[text] == count for text, count in whole.counts.items())
    assert whole.distinct == pytest.approx(len(different), rel=0.05)
