"""analysis.json and violations in Clarify's format.

Docs: sagemaker/latest/dg/clarify-model-monitor-bias-drift-violations; recorded outputs of AWS are in
amazon-sagemaker-examples, ``sm-clarify_model_bias_monitor_for_endpoint_json``. As there, an infinite value is the text
"Infinity"; a metric without a value has null and an ``error`` (``smclarify.bias.report``). ``interval`` is ours: the
low and the high end, null where there is no bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isfinite
from typing import Any, NamedTuple

from monitor.bias.metrics import METRICS, POST_TRAINING, PRE_TRAINING, is_worse
from monitor.bias.settings import Settings
from monitor.intervals import Estimate


class Row(NamedTuple):
    """A metric of a group: an estimate, or the reason why there is none."""

    facet: str
    value: str
    name: str
    estimate: Estimate | None
    error: str = ""


def analysis(rows: list[Row], settings: Settings) -> dict[str, Any]:
    """``analysis.json``."""
    analysis: dict[str, Any] = {"version": "1.0"}
    for stage in (POST_TRAINING, PRE_TRAINING):
        facets: dict[str, dict[str, list[Any]]] = {}
        for row in sorted(row for row in rows if METRICS[row.name].stage == stage):
            facets.setdefault(row.facet, {}).setdefault(row.value, []).append(_written(row))
        if facets:
            analysis[stage] = {
                "label": settings.label or "label0",
                "facets": {
                    name: [{"value_or_threshold": value, "metrics": metrics} for value, metrics in values.items()]
                    for name, values in facets.items()
                },
                "label_value_or_threshold": settings.outcome(),
            }
    return analysis


def _written(row: Row) -> dict[str, Any]:
    about = {"name": row.name, "description": METRICS[row.name].description}
    if row.estimate is None:
        return {**about, "value": None, "error": row.error}
    ends = [end if isfinite(end) else None for end in row.estimate[1:]]
    return {**about, "value": _finite(row.estimate.value), "interval": ends}


def _finite(value: float) -> float | str:
    """Infinite values as the text that Clarify's library writes (``smclarify.bias.report.inf_as_str``)."""
    return value if isfinite(value) else "Infinity" if value > 0 else "-Infinity"


def limits_of(baseline: Mapping[str, Any]) -> dict[tuple[str, str, str], Estimate]:
    """(facet, value, metric) -> what the baseline's files have, Clarify's or ours. What is neither is left out."""
    limits: dict[tuple[str, str, str], Estimate] = {}
    for _, document in sorted(baseline.items()):
        for stage in (PRE_TRAINING, POST_TRAINING):
            for facet, groups in _object(_object(_object(document).get(stage)).get("facets")).items():
                for group in map(_object, _list(groups)):
                    for metric in map(_object, _list(group.get("metrics"))):
                        estimate = _estimate(metric)
                        if estimate is not None:
                            limits[facet, str(group.get("value_or_threshold")), str(metric.get("name"))] = estimate
    return limits


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _estimate(metric: Mapping[str, Any]) -> Estimate | None:
    """A metric's value and interval; None when it is no number, or its interval is none."""
    try:
        number = float(metric.get("value"))  # type: ignore[arg-type]
        low, high = metric.get("interval") or (number, number)
        found = Estimate(number, -inf if low is None else float(low), inf if high is None else float(high))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.low <= found.value <= found.high else None


def violates(row: Row, limits: Mapping[tuple[str, str, str], Estimate], tolerance: float = 0.0) -> bool:
    """Whether a metric is proven worse than its baseline."""
    return (
        row.estimate is not None and row[:3] in limits and is_worse(row.name, row.estimate, limits[row[:3]], tolerance)
    )


def violation(row: Row, limit: Estimate) -> dict[str, Any]:
    """As Clarify writes it."""
    assert row.estimate is not None
    return {
        "facet": row.facet,
        "facet_value": row.value,
        "metric_name": row.name,
        "constraint_check_type": "bias_drift_check",
        "description": f"Metric value {_finite(row.estimate.value)} doesn't meet the baseline constraint requirement"
        f" {_finite(limit.value)}",
    }


def told(row: Row, limits: Mapping[tuple[str, str, str], Estimate]) -> dict[str, Any]:
    """A metric beside its baseline, for the details of a run."""
    limit = limits.get(row[:3])
    return {
        "facet": row.facet,
        "facet_value": row.value,
        "baseline": None if limit is None else _finite(limit.value),
        **_written(row),
    }
