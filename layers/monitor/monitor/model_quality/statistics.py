"""statistics.json of model quality, in Model Monitor's format, and the details of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from monitor.config import Config
from monitor.model_quality import score_histogram
from monitor.model_quality.constraints import CHANCE, GROUPS
from monitor.model_quality.estimates import Estimate
from monitor.model_quality.metrics import binary, multiclass, regression
from monitor.reading.output_form import BINARY, MULTICLASS, REGRESSION, OutputForm


def estimates_of(summary: Mapping[str, Any], form: OutputForm) -> dict[str, Estimate]:
    """The metrics of the problem."""
    if form.problem == REGRESSION:
        return regression(summary["groups"])
    if form.problem == MULTICLASS:
        return multiclass(summary["confusion"])
    return binary(summary["confusion"], summary["scores"], form.positive)


def statistics_of(
    summary: Mapping[str, Any], estimates: Mapping[str, Estimate], form: OutputForm, config: Config
) -> dict[str, Any]:
    """statistics.json (docs: model-monitor-model-quality-metrics; ``dataset``: aws-samples, custom metrics)."""
    group: dict[str, Any] = {}
    if form.problem != REGRESSION:
        group["confusion_matrix"] = _matrix(summary["confusion"], form)
    for name, estimate in estimates.items():
        value = estimate.value if math.isfinite(estimate.value) else "NaN"
        group[name] = {"value": value, "standard_deviation": estimate.deviation(summary["labelled"])}
    if "auc" in estimates:
        group |= score_histogram.curves(_ranking(summary))
    times = {f"{name}_time": config.window[name] for name in ("start", "end") if name in config.window}
    return {"version": 0.0, "dataset": {"item_count": summary["labelled"], **times}, GROUPS[form.problem][0]: group}


def _matrix(confusion: Mapping[str, Mapping[str, int]], form: OutputForm) -> dict[str, dict[str, int]]:
    """Actual class -> predicted class -> how many, with all zeros. A binary problem has two classes, whatever came."""
    seen = {*confusion, *(name for row in confusion.values() for name in row)}
    if form.problem == BINARY:
        others = sorted(seen - {form.positive})
        negative = others[0] if len(others) == 1 else form.negative
        named = {name: form.positive if name == form.positive else negative for name in seen}
        names = sorted({negative, form.positive})
    else:
        named, names = {name: name for name in seen}, sorted(seen)
    matrix = {actual: dict.fromkeys(names, 0) for actual in names}
    for actual, row in confusion.items():
        for name, count in row.items():
            matrix[named[actual]][named[name]] += count
    return matrix


def _ranking(summary: Mapping[str, Any]) -> score_histogram.Ranking:
    return score_histogram.ranking(summary["scores"]["positive"], summary["scores"]["negative"])


def details_of(summary: Mapping[str, Any], estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """Every metric with its bounds, each wrong with a chance of 5 %; how far the bins can move the AUC."""
    metrics = {}
    for name, estimate in estimates.items():
        if math.isfinite(estimate.value):
            low, high = estimate.bounds(CHANCE)
            metrics[name] = {"value": estimate.value, "low": low, "high": high}
    found: dict[str, Any] = {"records": summary["labelled"], "metrics": metrics}
    if "auc" in estimates:
        found["auc_off_by_at_most"] = score_histogram.auc(_ranking(summary))[2]
    return found
