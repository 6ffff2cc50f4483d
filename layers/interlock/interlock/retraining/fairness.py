"""The bias of a new version, from Clarify's analysis.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any

from interlock.retraining.comparison import Finding, Verdict
from interlock.retraining.evaluation import number
from interlock.retraining.gate_section import BiasLimit
from interlock.retraining.metrics import BIAS_WITHOUT_DIFFERENCE

PARTS = ("post_training_bias_metrics", "pre_training_bias_metrics")
"""Where the metrics of an analysis.json lie (AWS documentation, clarify-measure-post-training-bias)."""

SURE = 1.645
"""Standard errors of a one-sided bound at 95 %."""


def judge_bias(challenger: Any, champion: Any, limits: Sequence[BiasLimit]) -> list[Finding]:
    """One finding a limit: the value of the facet that lies farthest from no bias decides."""
    return [_finding(limit, challenger, champion) for limit in limits]


def _finding(limit: BiasLimit, challenger: Any, champion: Any) -> Finding:
    named = f"{limit.metric} of {limit.facet} at most {limit.at_most:g}"
    mine = _worst(challenger, limit)
    theirs = _worst(champion, limit)
    if mine is None:
        said = f"The new version's bias report has no {limit.metric} of facet {limit.facet}."
        return Finding(named, limit.metric, "Missing", said, champion=theirs and theirs[0])
    value, error = mine
    far = abs(value - _ideal(limit))
    low, high = far - SURE * error, far + SURE * error
    verdict: Verdict = "Pass" if high <= limit.at_most else "Fail" if low > limit.at_most else "Undecided"
    shown = {"Pass": "keeps", "Fail": "exceeds", "Undecided": "may exceed"}[verdict]
    sure = f" (give or take {SURE * error:.4g})" if error else ""
    said = f"{limit.metric} of facet {limit.facet} is {value:.4g}{sure}, which {shown} the limit of {limit.at_most:g}."
    return Finding(named, limit.metric, verdict, said, value, theirs and theirs[0])


def _ideal(limit: BiasLimit) -> float:
    return BIAS_WITHOUT_DIFFERENCE.get(limit.metric, 0.0)


def _worst(analysis: Any, limit: BiasLimit) -> tuple[float, float] | None:
    """``(value, standard error)`` farthest from no bias; the error is zero if the report says nothing of it. None if a
    value of the facet has no number: an unknown bias must not pass."""
    found = list(_values(analysis, limit))
    if not found or any(value is None for value, _ in found):
        return None
    known = [(value, error) for value, error in found if value is not None]
    return max(known, key=lambda each: abs(each[0] - _ideal(limit)) + each[1])


def _values(analysis: Any, limit: BiasLimit) -> Iterator[tuple[float | None, float]]:
    for part in PARTS:
        section = analysis.get(part) if isinstance(analysis, Mapping) else None
        facets = section.get("facets") if isinstance(section, Mapping) else None
        entries = facets.get(limit.facet) if isinstance(facets, Mapping) else None
        for entry in entries if isinstance(entries, list) else ():
            metrics = entry.get("metrics") if isinstance(entry, Mapping) else None
            for metric in metrics if isinstance(metrics, list) else ():
                if isinstance(metric, Mapping) and metric.get("name") == limit.metric:
                    yield number(metric.get("value")), _error(metric)


def _error(metric: Mapping[str, Any]) -> float:
    """The standard error of a metric: as it is said, or a quarter of the interval that Interlock's own reports give
    (at least 95 % wide, two standard errors to each side); the interval of a ratio reaches further up than down."""
    said = number(metric.get("standard_error"))
    if said is not None:
        return said
    value, interval = number(metric.get("value")), metric.get("interval")
    if value is None or not isinstance(interval, list) or len(interval) != 2:
        return 0.0
    low, high = (number(each) for each in interval)
    return max(value - low, high - value) / 2.0 if low is not None and high is not None else inf
