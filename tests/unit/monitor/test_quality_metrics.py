"""Tests of the metrics of model quality against scikit-learn and scipy, and of how sure they are."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats
from sklearn import metrics

from monitor.exact_sums import as_fraction, exact_sum
from monitor.model_quality import score_histogram
from monitor.model_quality.constraints import Constraint, is_small, judge, suggested
from monitor.model_quality.estimates import Estimate, share
from monitor.model_quality.metrics import binary, f_score, multiclass, regression
from monitor.model_quality.summary import of_joined
from monitor.problems import Problems
from monitor.reading.output_form import REGRESSION, OutputForm
from monitor.reading.outputs import Prediction

NO_SCORES: dict[str, Any] = {"positive": {}, "negative": {}, "graded": False}


def confusion(truth: Any, said: Any) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (actual, predicted), count in Counter(zip(map(str, truth), map(str, said), strict=True)).items():
        found.setdefault(actual, {})[predicted] = count
    return found


def drawn(count: int, seed: int = 3, classes: int = 2) -> tuple[Any, Any]:
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, classes, count)
    return truth, np.where(chance.random(count) < 0.7, truth, chance.integers(0, classes, count))


def of_regression(truth: Any, said: Any) -> dict[str, Estimate]:
    rows = [
        (f"e{place}", Prediction("", float(guess)), repr(float(value)))
        for place, (value, guess) in enumerate(zip(truth, said, strict=True))
    ]
    return regression(of_joined(rows, OutputForm(REGRESSION), Problems())["groups"])


def test_binary_metrics_are_scikit_learns() -> None:
    truth, said = drawn(997)
    found = binary(confusion(truth, said), NO_SCORES, "1")
    expected = {
        "recall": metrics.recall_score(truth, said),
        "precision": metrics.precision_score(truth, said),
        "accuracy": metrics.accuracy_score(truth, said),
        "true_negative_rate": metrics.recall_score(truth, said, pos_label=0),
        "false_negative_rate": 1 - metrics.recall_score(truth, said),
        "f0_5": metrics.fbeta_score(truth, said, beta=0.5),
        "f1": metrics.f1_score(truth, said),
        "f2": metrics.fbeta_score(truth, said, beta=2),
        "f2_best_constant_classifier": metrics.fbeta_score(truth, np.ones(997), beta=2),
        "accuracy_best_constant_classifier": metrics.accuracy_score(truth, np.ones(997)),
    }
    assert {name: found[name].value for name in expected} == pytest.approx(expected, abs=1e-12)
    assert "auc" not in found


def test_multiclass_metrics_are_scikit_learns() -> None:
    truth, said = drawn(997, classes=5)
    said[said == 4] = 3  # a class that is never predicted
    found = multiclass(confusion(truth, said))
    options: dict[str, Any] = {"average": "weighted", "zero_division": 0}
    expected = {
        "accuracy": metrics.accuracy_score(truth, said),
        "weighted_recall": metrics.recall_score(truth, said, **options),
        "weighted_precision": metrics.precision_score(truth, said, **options),
        "weighted_f0_5": metrics.fbeta_score(truth, said, beta=0.5, **options),
        "weighted_f1": metrics.f1_score(truth, said, **options),
        "weighted_f2": metrics.fbeta_score(truth, said, beta=2, **options),
    }
    assert {name: found[name].value for name in expected} == pytest.approx(expected, abs=1e-12)
    constant = np.full(997, np.bincount(truth).argmax())
    assert found["weighted_f1_best_constant_classifier"].value == pytest.approx(
        metrics.f1_score(truth, constant, **options), abs=1e-12
    )


def test_the_documented_examples_are_reproduced() -> None:
    """docs: sagemaker/latest/dg/model-monitor-model-quality-metrics."""
    found = binary({"0": {"0": 1, "1": 2}, "1": {"1": 1}}, NO_SCORES, "1")
    documented = {
        "recall": 1.0,
        "precision": 1 / 3,
        "false_positive_rate": 2 / 3,
        "f0_5": 0.38461538461538464,
        "f2": 0.7142857142857143,
        "accuracy_best_constant_classifier": 0.25,
        "precision_best_constant_classifier": 0.25,
        "f0_5_best_constant_classifier": 0.29411764705882354,
        "f2_best_constant_classifier": 0.625,
    }
    assert {name: found[name].value for name in documented} == pytest.approx(documented, abs=1e-12)
    found = multiclass({"0": {"0": 1180, "1": 510}, "1": {"0": 268, "1": 138}})
    documented = {
        "accuracy": 0.6288167938931297,
        "weighted_precision": 0.6983172269629505,
        "weighted_f0_5": 0.6803947317178771,
        "weighted_f1": 0.6571162346664904,
        "weighted_f2": 0.6384024354394601,
    }
    assert {name: found[name].value for name in documented} == pytest.approx(documented, abs=1e-12)


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_regression_metrics_are_scikit_learns(offset: float) -> None:
    chance = np.random.default_rng(5)
    truth = offset + chance.normal(size=1000)
    said = truth + 0.3 * chance.normal(size=1000)
    found = of_regression(truth, said)
    expected = {
        "mae": metrics.mean_absolute_error(truth, said),
        "mse": metrics.mean_squared_error(truth, said),
        "rmse": math.sqrt(metrics.mean_squared_error(truth, said)),
        "r2": metrics.r2_score(truth, said),
    }
    assert {name: found[name].value for name in expected} == pytest.approx(expected, rel=1e-9)
    errors = np.abs(truth - said)
    assert found["mae"].error == pytest.approx(errors.std(ddof=1) / math.sqrt(1000), rel=0.4)


@pytest.mark.parametrize(("right", "wrong"), [((6, 2), (2, 6)), ((0.3, 60), (0.1, 90)), ((60, 0.3), (40, 1))])
def test_the_histogram_ranks_like_scikit_learn(right: tuple[float, float], wrong: tuple[float, float]) -> None:
    chance = np.random.default_rng(7)
    truth = chance.random(20_000) < 0.2
    scores = np.where(truth, chance.beta(*right, 20_000), chance.beta(*wrong, 20_000))
    ranked = score_histogram.ranking(score_histogram.counted(scores[truth]), score_histogram.counted(scores[~truth]))
    area, _, tied = score_histogram.auc(ranked)
    assert abs(area - metrics.roc_auc_score(truth, scores)) <= tied < 1e-3
    assert score_histogram.average_precision(ranked) == pytest.approx(
        metrics.average_precision_score(truth, scores), abs=1e-3
    )
    drawn_curve = score_histogram.curves(ranked)["receiver_operating_characteristic_curve"]
    rates, hits = drawn_curve["false_positive_rates"], drawn_curve["true_positive_rates"]
    assert len(rates) <= 101
    assert (rates[-1], hits[-1]) == (1.0, 1.0)
    assert metrics.auc(rates, hits) == pytest.approx(area, abs=0.01)


def test_scores_that_repeat_are_ranked_exactly() -> None:
    chance = np.random.default_rng(9)
    truth, scores = chance.random(999) < 0.5, chance.choice([0.0, 1e-12, 0.2, 0.201, 0.5, 0.999, 1.0], 999)
    scores[scores == 1e-12] = 0.1
    ranked = score_histogram.ranking(score_histogram.counted(scores[truth]), score_histogram.counted(scores[~truth]))
    assert score_histogram.auc(ranked)[0] == pytest.approx(metrics.roc_auc_score(truth, scores), abs=1e-12)


@given(some.lists(some.floats(0.0, 1.0), min_size=2))
def test_a_higher_score_has_no_lower_bin(scores: list[float]) -> None:
    places = score_histogram.bins(sorted(scores))
    assert (np.diff(places) >= 0).all()
    assert places[0] >= 0 and places[-1] < score_histogram.BINS


FINITE = some.floats(-1e100, 1e100)


@given(some.lists(FINITE), some.lists(FINITE))
def test_sums_of_shards_are_the_sum_of_all(left: list[float], right: list[float]) -> None:
    one, other = (exact_sum(np.array(values, float)) for values in (left, right))
    assert as_fraction(one + other) == sum(map(Fraction, left + right))


def misses(estimates: list[Estimate], true: float, chance: float) -> tuple[float, float]:
    """How often the upper bound lies below the true value, and the lower one above it."""
    bounds = [estimate.bounds(chance) for estimate in estimates]
    return float(np.mean([high < true for _, high in bounds])), float(np.mean([low > true for low, _ in bounds]))


@pytest.mark.parametrize("size", [40, 200, 2000])
@pytest.mark.parametrize("beta", [0.5, 2.0])
@pytest.mark.parametrize("cells", [(0.35, 0.1, 0.1, 0.45), (0.04, 0.02, 0.03, 0.91), (0.45, 0.01, 0.01, 0.53)])
def test_bounds_of_f_err_as_often_as_they_say(size: int, beta: float, cells: tuple[float, ...]) -> None:
    chance = np.random.default_rng(11)
    hit, missed, raised = cells[:3]
    true = (1 + beta**2) * hit / ((1 + beta**2) * hit + beta**2 * missed + raised)
    draws = chance.multinomial(size, cells, 2000)
    estimates = [f_score(int(a), int(b), int(c), beta) for a, b, c, _ in draws if a + b + c]
    assert max(misses(estimates, true, 0.05)) < (0.08 if size < 200 else 0.07)  # few records: few possible bounds


def test_bounds_of_a_share_are_wilsons() -> None:
    low, high = share(7, 40).bounds(0.025)
    expected = stats.binomtest(7, 40).proportion_ci(0.95, method="wilson")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_bounds_of_the_auc_err_as_often_as_they_say() -> None:
    chance = np.random.default_rng(13)
    found = []
    for _ in range(600):
        high, low = chance.normal(1.0, 1.0, 60), chance.normal(0.0, 1.0, 200)
        sides = [score_histogram.counted(1 / (1 + np.exp(-side))) for side in (high, low)]
        found.append(binary({"1": {"1": 1}}, {"positive": sides[0], "negative": sides[1], "graded": True}, "1")["auc"])
    assert max(misses(found, float(stats.norm.cdf(1 / math.sqrt(2))), 0.05)) < 0.085


@pytest.mark.parametrize(("name", "true"), [("mae", 0.3 * math.sqrt(2 / math.pi)), ("rmse", 0.3), ("r2", 0.91)])
def test_bounds_of_a_regression_err_as_often_as_they_say(name: str, true: float) -> None:
    chance = np.random.default_rng(17)
    found = []
    for _ in range(300):
        truth = chance.normal(size=300)
        found.append(of_regression(truth, truth + 0.3 * chance.normal(size=300))[name])
    assert max(misses(found, true, 0.05)) < 0.1


def test_the_spread_of_weighted_metrics_is_that_of_new_draws() -> None:
    chance = np.random.default_rng(19)
    cells = np.array([[0.3, 0.05, 0.05], [0.04, 0.2, 0.06], [0.02, 0.08, 0.2]])
    values, errors = [], []
    for _ in range(400):
        table = chance.multinomial(500, cells.ravel()).reshape(3, 3)
        found = multiclass({str(a): {str(b): int(table[a, b]) for b in range(3)} for a in range(3)})["weighted_f1"]
        values.append(found.value)
        errors.append(found.error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.1)


def test_the_deviation_is_that_of_samples_of_80_per_cent() -> None:
    truth, said = drawn(2096)
    chance = np.random.default_rng(23)
    samples = [
        metrics.accuracy_score(truth[kept], said[kept])
        for kept in (chance.choice(2096, int(0.8 * 2096), replace=False) for _ in range(2000))
    ]
    found = binary(confusion(truth, said), NO_SCORES, "1")["accuracy"]
    assert found.deviation(2096) == pytest.approx(np.std(samples), rel=0.05)
    assert found.deviation(199) == "NaN"


def test_a_model_as_good_as_its_constraints_rarely_violates_one() -> None:
    """All eleven constraints together err in at most 5 % of the runs."""
    chance = np.random.default_rng(29)
    cells = (0.3, 0.1, 0.1, 0.5)

    def estimates(hit: float, missed: float, raised: float, rest: float) -> dict[str, Estimate]:
        return binary({"1": {"1": hit, "0": missed}, "0": {"1": raised, "0": rest}}, NO_SCORES, "1")  # type: ignore[dict-item]

    written = suggested("binary_classification", estimates(*cells))["binary_classification_constraints"]
    constraints = [Constraint(name, **_renamed(one)) for name, one in written.items()]
    violated = 0
    for draw in chance.multinomial(400, cells, 1000):
        violated += any(found.violated for found in judge(constraints, estimates(*map(int, draw))))
    assert 0 < violated <= 50


def test_metrics_that_ask_the_same_share_one_chance_of_error() -> None:
    found = binary({"1": {"1": 80, "0": 20}, "0": {"0": 100}}, NO_SCORES, "1")
    recall = Constraint("recall", 0.9, "LessThanThreshold")
    same = [
        recall,
        recall._replace(metric="true_positive_rate"),
        Constraint("false_negative_rate", 0.1, "GreaterThanThreshold"),
    ]
    (alone,) = judge([recall], found)
    assert {(one.low, one.high) for one in judge(same[:2], found)} == {(alone.low, alone.high)}
    together = {one.constraint.metric: one for one in judge(same, found)}
    assert together["recall"].high == alone.high
    assert together["false_negative_rate"].low == pytest.approx(1.0 - alone.high)


def _renamed(constraint: dict[str, Any]) -> dict[str, Any]:
    return {"threshold": constraint["threshold"], "operator": constraint["comparison_operator"]}


@given(some.floats(0.001, 0.999), some.floats(0.001, 0.999), some.floats(0.0, 0.1))
def test_what_asks_the_same_is_small_alike(threshold: float, value: float, smallest: float) -> None:
    recall = Constraint("recall", threshold, "LessThanThreshold")
    missed = Constraint("false_negative_rate", 1.0 - threshold, "GreaterThanThreshold")
    mse, rmse = (
        Constraint(name, t, "GreaterThanThreshold") for name, t in (("mse", threshold**2), ("rmse", threshold))
    )
    hypothesis.assume(abs(abs(value - threshold) - smallest) > 1e-6)
    assert is_small(recall, value, smallest) == is_small(missed, 1.0 - value, smallest)
    hypothesis.assume(abs(abs(value - threshold) - smallest * threshold) > 1e-6)
    assert is_small(mse, value**2, smallest) == is_small(rmse, value, smallest)
