"""The bounds of an improvement hold as often as they say: counted on drawn evaluations, against the truth."""

from __future__ import annotations

from random import Random
from statistics import stdev
from typing import Any

import pytest

from interlock.retraining.comparison import compare, improvement
from interlock.retraining.evaluation import Estimate, Evaluation, Paired, read_evaluation, share_error
from interlock.retraining.gate_section import BetterBy
from tests.unit.retraining.trained import binary, regression

ROUNDS = 1500
MATRIX = {"0": {"0": 700, "1": 100}, "1": {"0": 50, "1": 150}}


def read(report: dict[str, Any]) -> Evaluation:
    found = read_evaluation(report)
    assert found
    return found


def missed(shares: list[tuple[float, float] | None], truth: float) -> tuple[float, float]:
    """How often the truth lies below the lower bound, and above the upper one."""
    bounds = [each for each in shares if each]
    assert len(bounds) == len(shares)
    return (
        sum(truth < low for low, _ in bounds) / len(bounds),
        sum(truth > high for _, high in bounds) / len(bounds),
    )


@pytest.mark.parametrize(("mine", "theirs", "n"), [(0.8, 0.8, 500), (0.95, 0.9, 300), (0.99, 0.97, 400)])
def test_independent_shares_miss_the_truth_one_time_in_twenty(mine: float, theirs: float, n: int) -> None:
    random = Random(1)

    def drawn(share: float) -> Estimate:
        found = sum(random.random() < share for _ in range(n)) / n
        return Estimate(found, share_error(found, n))

    bounds = [improvement(drawn(mine), drawn(theirs), 1, None) for _ in range(ROUNDS)]
    assert max(missed(bounds, mine - theirs)) < 0.075


def test_paired_counts_miss_the_truth_one_time_in_twenty_and_are_narrower() -> None:
    random = Random(2)
    unused = Estimate(0.8, 0.018)

    def drawn() -> Paired:
        both = mine = theirs = 0
        for _ in range(500):
            place = random.random()
            both, mine, theirs = both + (place < 0.75), mine + (0.75 <= place < 0.82), theirs + (0.82 <= place < 0.87)
        return Paired(both, mine, theirs, 500 - both - mine - theirs)

    bounds = [improvement(unused, unused, 1, drawn()) for _ in range(ROUNDS)]
    assert max(missed(bounds, 0.02)) < 0.075
    low, high = bounds[0] or (0.0, 0.0)
    alone = improvement(Estimate(0.82, share_error(0.82, 500)), Estimate(0.80, share_error(0.80, 500)), 1, None)
    assert alone is not None
    assert high - low < 0.7 * (alone[1] - alone[0])


def test_the_spread_over_five_samples_of_model_monitor_is_read_as_a_standard_error() -> None:
    """Model Monitor's own procedure, on drawn errors: half the standard error, and known from five samples only."""
    random = Random(3)

    def report(mean: float, n: int = 300) -> dict[str, Any]:
        errors = [random.expovariate(1 / mean) for _ in range(n)]
        samples = [sum(random.sample(errors, n * 4 // 5)) / (n * 4 // 5) for _ in range(5)]
        return regression(sum(errors) / n, stdev(samples), n)

    bounds = [improvement(mae(report(1.0)), mae(report(0.9)), -1, None) for _ in range(400)]
    assert max(missed(bounds, -0.1)) < 0.075


def mae(report: dict[str, Any]) -> Estimate:
    return read(report).metrics["mae"]


def test_shares_are_of_the_records_that_they_count() -> None:
    metrics = read(binary(0.85, confusion_matrix=MATRIX, recall={"value": 0.75}, precision={"value": 0.6})).metrics
    assert metrics["recall"].error == pytest.approx(share_error(0.75, 200))
    assert metrics["precision"].error == pytest.approx(share_error(0.6, 250))
    assert metrics["accuracy"].error == pytest.approx(share_error(0.85, 1000))
    assert read(binary(0.85, recall={"value": 0.75})).metrics["recall"].error is None


def test_the_area_under_the_curve_scatters_as_hanley_and_mcneil_say() -> None:
    """Their example: 51 abnormal and 58 normal cases with an area of 0.893 have a standard error of 0.032."""
    matrix = {"0": {"0": 58, "1": 0}, "1": {"0": 0, "1": 51}}
    found = read(binary(0.85, confusion_matrix=matrix, auc={"value": 0.893})).metrics["auc"]
    assert found.error == pytest.approx(0.032, abs=0.001)


def test_a_stated_spread_that_is_larger_than_that_of_the_counts_is_believed() -> None:
    wide = read({"metrics": {"accuracy": {"value": 0.9, "standard_deviation": 0.05}}, "dataset": {"item_count": 2000}})
    assert wide.metrics["accuracy"].error == 0.05
    narrow = read(
        {"metrics": {"accuracy": {"value": 0.9, "standard_deviation": 1e-4}}, "dataset": {"item_count": 2000}}
    )
    assert narrow.metrics["accuracy"].error == pytest.approx(share_error(0.9, 2000))


@pytest.mark.parametrize("champion_version", [None, 7, 6])
def test_paired_counts_count_only_against_the_version_they_were_made_with(champion_version: int | None) -> None:
    counts = {"both_right": 1500, "only_challenger_right": 120, "only_champion_right": 20, "both_wrong": 360}
    report = binary(0.81) | {"paired": counts | {"champion_version": champion_version}}
    rule = BetterBy.model_validate({"metric": "accuracy", "by": "1%"})
    (found,) = compare(read(report), read(binary(0.76)), [rule], [], 7)
    assert found.low is not None
    assert (found.low > 0.04) == (champion_version != 6)
