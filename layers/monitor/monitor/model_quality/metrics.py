"""Model Monitor's metrics of model quality, each as an Estimate.

Their names are in the documentation (sagemaker/latest/dg/model-monitor-model-quality-metrics), except ``au_prc``, which
its dashboards draw (aws/sagemaker-python-sdk, model_monitor/dashboards.py).

A best constant classifier gives every record the same answer: in a binary problem always the positive class (the
documentation's own figures are those), in a multiclass problem the most frequent class.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from monitor.exact_sums import as_fraction
from monitor.model_quality import score_histogram
from monitor.model_quality.estimates import Estimate, of_share, share

Confusion = Mapping[str, Mapping[str, int]]
"""Actual class -> predicted class -> how many."""

BETAS = {"f0_5": 0.5, "f1": 1.0, "f2": 2.0}
CONSTANT = "_best_constant_classifier"


def binary(confusion: Confusion, scores: Mapping[str, Any], positive: str) -> dict[str, Estimate]:
    """The metrics of a binary problem. Without both classes among the scores there are no ``auc`` and ``au_prc``."""

    def cell(actual: bool, predicted: bool) -> int:
        return sum(
            count
            for label, row in confusion.items()
            for name, count in row.items()
            if (label == positive) is actual and (name == positive) is predicted
        )

    hits, misses, alarms, rest = cell(True, True), cell(True, False), cell(False, True), cell(False, False)
    records = hits + misses + alarms + rest
    found = {
        "recall": share(hits, hits + misses),
        "precision": share(hits, hits + alarms),
        "accuracy": share(hits + rest, records),
        "true_positive_rate": share(hits, hits + misses),
        "true_negative_rate": share(rest, alarms + rest),
        "false_positive_rate": share(alarms, alarms + rest),
        "false_negative_rate": share(misses, hits + misses),
    }
    found |= {name: f_score(hits, misses, alarms, beta) for name, beta in BETAS.items()}
    found |= {
        "recall" + CONSTANT: share(hits + misses, hits + misses),
        "precision" + CONSTANT: share(hits + misses, records),
        "accuracy" + CONSTANT: share(hits + misses, records),
    }
    found |= {name + CONSTANT: f_score(hits + misses, 0, alarms + rest, beta) for name, beta in BETAS.items()}
    if scores["positive"] and scores["negative"] and scores["graded"]:
        ranked = score_histogram.ranking(scores["positive"], scores["negative"])
        area, error, _ = score_histogram.auc(ranked)
        positives = float(ranked.positive.sum())
        found["auc"] = of_share(area, error, min(positives, float(ranked.negative.sum())))
        # A share of the positives (Boyd, Eng, Page 2013).
        precision = score_histogram.average_precision(ranked)
        found["au_prc"] = share(precision * positives, positives)
    return found


def f_score(hits: int, misses: int, alarms: int, beta: float) -> Estimate:
    """F of true positives, false negatives and false positives; its error by the delta method."""
    size = hits + misses + alarms
    if size == 0:
        return Estimate(math.nan, math.nan)
    weight = 1.0 + beta * beta
    total = weight * hits + beta * beta * misses + alarms
    value = weight * hits / total
    slopes = (weight * (1.0 - value) / total, -value * beta * beta / total, -value / total)
    variance = hits * slopes[0] ** 2 + misses * slopes[1] ** 2 + alarms * slopes[2] ** 2
    return Estimate(value, math.sqrt(variance), "f", size, (misses, alarms, beta))


def multiclass(confusion: Confusion) -> dict[str, Estimate]:
    """The metrics of a multiclass problem; ``weighted`` by how often each class is the true one."""
    names = sorted({*confusion, *(name for row in confusion.values() for name in row)})
    table = np.array([[confusion.get(actual, {}).get(name, 0) for name in names] for actual in names], float)
    constant = np.zeros_like(table)
    constant[:, int(table.sum(axis=1).argmax())] = table.sum(axis=1)
    found = _weighted(table)
    return found | {name + CONSTANT: estimate for name, estimate in _weighted(constant).items()}


def _weighted(table: Any) -> dict[str, Estimate]:
    records, right = float(table.sum()), float(np.trace(table))
    found = {"accuracy": share(right, records), "weighted_recall": share(right, records)}
    for name, metric in WEIGHTED.items():
        value = metric(table)
        found[name] = of_share(value, _jackknife(table, metric, value), records)
    return found


def _precision(table: Any) -> float:
    return _average(table, np.diag(table), table.sum(axis=0))


def _f(beta: float) -> Callable[[Any], float]:
    square = beta * beta

    def metric(table: Any) -> float:
        return _average(table, (1.0 + square) * np.diag(table), square * table.sum(axis=1) + table.sum(axis=0))

    return metric


def _average(table: Any, above: Any, below: Any) -> float:
    """The mean of above / below over the classes, weighted by the true ones; 0 where a class was never predicted."""
    shares = np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
    return float(table.sum(axis=1) @ shares / table.sum())


WEIGHTED: dict[str, Callable[[Any], float]] = {
    "weighted_precision": _precision,
    **{f"weighted_{name}": _f(beta) for name, beta in BETAS.items()},
}


def _jackknife(table: Any, metric: Callable[[Any], float], value: float) -> float:
    """Standard error by leaving out each record; records of one cell are alike, so each cell is left out once."""
    records = float(table.sum())
    if records < 2:
        return math.nan
    total = 0.0
    for cell in zip(*np.nonzero(table), strict=True):
        table[cell] -= 1
        total += (table[cell] + 1) * (metric(table) - value) ** 2
        table[cell] += 1
    return math.sqrt((records - 1.0) / records * total)


SUMS = ("absolute", "squares", "truth", "truth_squares")


def regression(groups: list[dict[str, Any]]) -> dict[str, Estimate]:
    """The metrics of a regression. The error is a jackknife's that leaves out each group of records in turn."""
    used = [
        [Fraction(group["records"]), *(as_fraction(group[name]) for name in SUMS)]
        for group in groups
        if group["records"]
    ]
    whole = [sum(parts, Fraction(0)) for parts in zip(*used, strict=True)]
    values = _of_sums(whole)
    if len(used) < 2:
        return {name: Estimate(value, math.nan, "t", 1.0) for name, value in values.items()}
    without = [_of_sums([total - part for total, part in zip(whole, group, strict=True)]) for group in used]
    found = {}
    for name, value in values.items():
        left = np.array([others[name] for others in without])
        error = math.sqrt((len(used) - 1) / len(used) * float(((left - left.mean()) ** 2).sum()))
        found[name] = Estimate(value, error, "t", len(used) - 1)
    return found


def _of_sums(sums: list[Fraction]) -> dict[str, float]:
    """The metrics, exactly rounded, from the number of records and what ``SUMS`` names."""
    records, absolute, squares, truth, truth_squares = sums
    spread = truth_squares - truth**2 / records
    mse = float(squares / records)
    r2 = float(1 - squares / spread) if spread > 0 else math.nan
    return {"mae": float(absolute / records), "mse": mse, "rmse": math.sqrt(mse), "r2": r2}
