"""Shapley values by sampling against enumeration, the ``shap`` package and closed forms; NDCG against its page."""

from __future__ import annotations

import json
from itertools import combinations
from math import factorial, log2
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.attribution.shapley import Background, Model, calls_of_a_row, explain, ndcg, ndcg_interval, walks
from tests.unit.monitor.record_shap import WEIGHTS, data, models

HERE = Path(__file__).parent
REFERENCE = json.loads((HERE / "shap_reference.json").read_text())["models"]
ROWS, BACKGROUND = data()


def known(model: Model, rows: np.ndarray) -> Background:
    return Background(rows.tolist(), model(rows.tolist()))


def by_rows(function: object) -> Model:
    return lambda rows: function(np.array(rows, dtype=float))  # type: ignore[operator]


def enumerated(model: Model, row: list[float], background: list[list[float]]) -> np.ndarray:
    """The definition: every subset of the other features, with its weight."""
    features = range(len(row))

    def worth(subset: tuple[int, ...]) -> float:
        mixed = [[row[i] if i in subset else start[i] for i in features] for start in background]
        return float(np.mean(model(mixed)))

    shares = np.zeros(len(row))
    for feature in features:
        others = [i for i in features if i != feature]
        for size in range(len(row)):
            weight = factorial(size) * factorial(len(row) - size - 1) / factorial(len(row))
            for subset in combinations(others, size):
                shares[feature] += weight * (worth((*subset, feature)) - worth(subset))
    return shares


@pytest.mark.parametrize("name", REFERENCE)
def test_enumeration_equals_the_shap_package(name: str) -> None:
    """So that the oracle of the other tests is right itself."""
    model = by_rows(models()[name])
    for row, expected in zip(ROWS.tolist(), REFERENCE[name]["values"], strict=True):
        assert enumerated(model, row, BACKGROUND.tolist()) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", REFERENCE)
def test_sampling_comes_near_the_shap_package(name: str) -> None:
    model = by_rows(models()[name])
    background = known(model, BACKGROUND)
    found = [explain(row, background, model, 4000, seed) for seed, row in enumerate(ROWS.tolist())]
    values = np.array([explained[0] for explained in found if explained])
    assert values == pytest.approx(np.array(REFERENCE[name]["values"]), abs=0.05)
    sizes, expected = np.abs(values).mean(axis=0), np.abs(np.array(REFERENCE[name]["values"])).mean(axis=0)
    assert np.argsort(-sizes).tolist() == np.argsort(-expected).tolist()


@pytest.mark.parametrize("features", range(1, 9))
def test_the_mean_over_many_seeds_is_the_enumerated_value(features: int) -> None:
    """No bias: for up to 8 features, with an interaction of all of them."""
    chance = np.random.Generator(np.random.PCG64(features))
    row, start = chance.normal(size=features).tolist(), chance.normal(size=(1, features))

    def scores(x: np.ndarray) -> np.ndarray:
        return np.tanh(x.sum(axis=1)) + np.prod(x, axis=1)

    model = by_rows(scores)
    background = known(model, start)
    drawn = np.array([explained[0] for seed in range(300) if (explained := explain(row, background, model, 4, seed))])
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert np.all(np.abs(drawn.mean(axis=0) - enumerated(model, row, start.tolist())) <= 4.5 * error + 1e-9)


def test_a_linear_model_has_a_closed_form_and_needs_one_pair() -> None:
    model = by_rows(lambda x: x @ np.array(WEIGHTS) + 5.0)
    explained = explain(ROWS[0].tolist(), known(model, BACKGROUND[:1]), model, 1, 3)
    assert explained is not None
    assert explained[0] == pytest.approx(np.array(WEIGHTS) * (ROWS[0] - BACKGROUND[0]))
    assert explained[1] == pytest.approx(float(ROWS[0] @ np.array(WEIGHTS)) + 5.0)


@settings(max_examples=50)
@given(st.integers(1, 7), st.integers(1, 3), st.integers(1, 2), st.integers(0, 2**40))
def test_the_shares_add_up_to_the_difference_from_the_background(
    features: int, starts: int, rounds: int, seed: int
) -> None:
    """Efficiency, exactly, when every row of the background is used equally often."""
    chance = np.random.Generator(np.random.PCG64(seed))
    model = by_rows(lambda x: np.sin(3 * x).sum(axis=1) * np.cos(x[:, 0]) + np.prod(x, axis=1))
    background, row = known(model, chance.normal(size=(starts, features))), chance.normal(size=features).tolist()
    explained = explain(row, background, model, starts * rounds, seed)
    assert explained is not None
    assert explained[0].sum() == pytest.approx(explained[1] - background.scores.mean())


@settings(max_examples=30)
@given(st.integers(2, 6), st.integers(0, 2**40))
def test_a_feature_that_changes_nothing_has_no_share(features: int, seed: int) -> None:
    chance = np.random.Generator(np.random.PCG64(seed))
    model = by_rows(lambda x: np.exp(x[:, 1:].sum(axis=1) / 3))
    background, row = known(model, chance.normal(size=(1, features))), chance.normal(size=features).tolist()
    explained = explain(row, background, model, 2, seed)
    assert explained is not None
    assert explained[0][0] == 0.0


def test_the_calls_are_those_that_were_planned_and_a_missing_answer_is_no_explanation() -> None:
    asked: list[int] = []

    def counting(rows: object) -> np.ndarray:
        asked.append(len(rows))  # type: ignore[arg-type]
        return np.array(rows, dtype=float).sum(axis=1)

    assert explain([1.0] * 6, Background([[0.0] * 6], np.zeros(1)), counting, 5, 1) is not None
    assert sum(asked) == calls_of_a_row(6, 5) == 51
    silent = explain([1.0] * 6, Background([[0.0] * 6], np.zeros(1)), lambda rows: np.full(len(rows), np.nan), 5, 1)
    assert silent is None


def test_orders_are_antithetic_and_the_same_for_the_same_seed() -> None:
    orders = walks(5, 3, 11)
    assert [list(order) for order in orders] == [list(order) for order in walks(5, 3, 11)]
    assert all(list(orders[i]) == list(orders[i + 1])[::-1] for i in (0, 2, 4))


def test_ndcg_of_the_page_is_that_of_college_admissions() -> None:
    """Docs, clarify-model-monitor-feature-attribution-drift: "the NDCG value is 0.69"."""
    training = {"SAT score": 0.70, "GPA": 0.50, "Class rank": 0.05}
    live = {"SAT score": 0.10, "GPA": 0.20, "Class rank": 0.70}
    assert ndcg(training, live) == pytest.approx(0.69, abs=0.005)
    assert ndcg(training, training) == pytest.approx(1.0)


attributions = st.lists(st.floats(0.001, 1.0), min_size=2, max_size=8)


@given(attributions, st.randoms(use_true_random=False))
def test_ndcg_is_one_for_the_same_order_and_least_for_the_reversed(values: list[float], chance: object) -> None:
    baseline = {f"f{i}": value for i, value in enumerate(sorted(values, reverse=True))}
    order = list(baseline)
    reverse = {name: float(place) for place, name in enumerate(order)}
    chance.shuffle(order)  # type: ignore[attr-defined]
    shuffled = ndcg(baseline, {name: -float(place) for place, name in enumerate(order)})
    by_hand = sum(baseline[name] / log2(place + 2) for place, name in enumerate(order))
    ideal = sum(value / log2(place + 2) for place, value in enumerate(baseline.values()))
    assert shuffled == pytest.approx(by_hand / ideal)
    assert ndcg(baseline, {name: 3 * value for name, value in baseline.items()}) == pytest.approx(1.0)
    assert ndcg(baseline, reverse) - 1e-12 <= shuffled <= 1.0 + 1e-12


def test_a_baseline_of_zeros_has_no_order() -> None:
    with pytest.raises(ValueError, match="no attribution"):
        ndcg({"a": 0.0, "b": 0.0}, {"a": 1.0, "b": 0.0})


def test_the_interval_is_wide_where_the_rows_disagree_and_a_point_where_they_agree() -> None:
    baseline = {"a": 1.0, "b": 0.1}
    agree, split = np.tile([0.9, 0.1], (50, 1)), np.array([[0.9, 0.1], [0.1, 0.9]] * 25)
    assert ndcg_interval(baseline, ["a", "b"], agree, 0.99) == pytest.approx((1.0, 1.0))
    low, high = ndcg_interval(baseline, ["a", "b"], split, 0.99)
    assert (low, high) == pytest.approx((ndcg(baseline, {"a": 0.1, "b": 0.9}), 1.0))
    assert ndcg_interval(baseline, ["a", "b"], split, 0.99) == (low, high)
