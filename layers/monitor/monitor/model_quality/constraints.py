"""Constraints on metrics of model quality: suggested from a baseline, and judged with a thought for chance.

A constraint is violated only when the metric's interval lies wholly beyond the threshold, and the metric itself is
beyond it by what matters (``smallest_drop``): with a million records a drop of 0.001 is proven, and worth nothing.
A threshold that a baseline was measured at is uncertain, too: a small baseline may have been lucky. So the interval is
widened by the baseline's own standard error, where constraints.json (``standard_error``, which we write) or
statistics.json says it. Whoever writes another threshold leaves ``standard_error`` out: it holds as it stands.

All constraints of a run
together err with a chance of 5 % at most (Holm 1979), where the same question asked twice (recall, true positive rate,
false negative rate) counts once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from monitor.config import UnusableSettingsError, finite
from monitor.model_quality.estimates import RESAMPLED, Estimate
from monitor.reading.output_form import BINARY, MULTICLASS, REGRESSION

CHANCE = 0.05
SMALLEST_DROP = 0.01
"""One point of a share (an accuracy of 0.9 may be 0.89) and one per cent of an error (mae, rmse): the least that people
tell a model's quality by. Where a share lies within 0.1 of 0 or 1, less in proportion: a rate of 0.01 may be 0.011, for
0.02 would be twice as many errors."""
EDGE = 0.1
ERRORS = ("mae", "mse", "rmse")
LESS, GREATER = "LessThanThreshold", "GreaterThanThreshold"
GROUPS = {
    BINARY: ("binary_classification_metrics", "binary_classification_constraints"),
    MULTICLASS: ("multiclass_classification_metrics", "multiclass_classification_constraints"),
    REGRESSION: ("regression_metrics", "regression_constraints"),
}
"""Names of the groups in statistics.json and constraints.json (docs: model-monitor-model-quality-baseline)."""

SUGGESTED = {
    BINARY: {
        **dict.fromkeys(("recall", "precision", "accuracy", "true_positive_rate", "true_negative_rate"), LESS),
        **dict.fromkeys(("false_positive_rate", "false_negative_rate"), GREATER),
        **dict.fromkeys(("auc", "f0_5", "f1", "f2"), LESS),
    },
    MULTICLASS: dict.fromkeys(
        ("accuracy", "weighted_recall", "weighted_precision", "weighted_f0_5", "weighted_f1", "weighted_f2"), LESS
    ),
    REGRESSION: {"mae": GREATER, "mse": GREATER, "rmse": GREATER, "r2": LESS},
}
"""What a baseline suggests. The documentation names no list. For multiclass it is the list that a published baseline
shows; for the others, every documented metric that says how good the model is, in the direction that is worse."""

SAME = {
    "true_positive_rate": ("recall", False),
    "false_negative_rate": ("recall", True),
    "false_positive_rate": ("true_negative_rate", True),
    "weighted_recall": ("accuracy", False),
    "rmse": ("mse", False),
}
"""Metric -> the metric that asks the same, and whether it is 1 minus that."""


class Constraint(NamedTuple):
    """A metric and the threshold that it has to stay on the right side of.

    ``standard_error``: the threshold's, where a baseline was measured at it; 0 where somebody chose it.
    """

    metric: str
    threshold: float
    operator: str
    standard_error: float = 0.0


class Judgement(NamedTuple):
    """Whether a constraint is violated, and the bounds at the level where that was decided."""

    constraint: Constraint
    violated: bool
    low: float
    high: float


def suggested(problem: str, estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """constraints.json: each metric has to stay where the baseline has it."""
    constraints: dict[str, dict[str, Any]] = {}
    for name, operator in SUGGESTED[problem].items():
        if name in estimates and math.isfinite(estimates[name].value):
            constraints[name] = {"threshold": estimates[name].value, "comparison_operator": operator}
            error = estimates[name].luck(operator == LESS)
            constraints[name] |= {"standard_error": error} if math.isfinite(error) else {}
    return {"version": 0.0, GROUPS[problem][1]: constraints}


def smallest_drop(settings: Mapping[str, Any]) -> float:
    """The setting. Raises UnusableSettingsError, which says what to write."""
    written = settings.get("smallest_drop", SMALLEST_DROP)
    if not finite(written) or not 0.0 <= written < 1.0:
        raise UnusableSettingsError(f"smallest_drop: {written!r} is not a number from 0 to 1; write one like 0.01.")
    return float(written)


def read_constraints(
    document: object, problem: str, known: Mapping[str, Estimate], statistics: object = None
) -> tuple[list[Constraint], list[str]]:
    """The constraints of a constraints.json that can be judged, and a sentence for each that cannot.

    ``statistics``: the baseline's statistics.json, if there is one.
    """
    group = GROUPS[problem][1]
    written = document.get(group) if isinstance(document, dict) else None
    if not isinstance(written, dict) or not written:
        return [], [f'constraints.json has no {group}; write {{"{group}": {{"{next(iter(SUGGESTED[problem]))}": …}}}}.']
    usable, sentences = [], []
    for name, constraint in sorted(written.items()):
        threshold = constraint.get("threshold") if isinstance(constraint, dict) else None
        operator = constraint.get("comparison_operator") if isinstance(constraint, dict) else None
        if name not in known and name not in SUGGESTED[problem] and name != "au_prc":
            names = ", ".join(sorted({*known, *SUGGESTED[problem]}))
            sentences.append(f"constraints.json: {name} is no metric of {problem}; the metrics are {names}.")
        elif not finite(threshold):
            sentences.append(f"constraints.json: the threshold of {name} is not a number.")
        elif operator not in (LESS, GREATER):
            sentences.append(f"constraints.json: write {LESS} or {GREATER} as the comparison_operator of {name}.")
        elif name not in known or math.isnan(known[name].value):
            sentences.append(f"{name} cannot be computed from these records, so its constraint was not judged.")
        else:
            error = _standard_error(constraint, name, problem, statistics)
            usable.append(Constraint(name, float(threshold), operator, error))
    return usable, sentences


def _standard_error(constraint: Mapping[str, Any], name: str, problem: str, statistics: object) -> float:
    """The threshold's: as constraints.json has it, else from statistics.json, if the threshold is the value there.

    Model Monitor's ``standard_deviation`` is that of samples of 80 % of the records, and the text "NaN" below 200.
    """
    error = constraint.get("standard_error")
    if error is None:
        group = statistics.get(GROUPS[problem][0]) if isinstance(statistics, dict) else None
        measured = group.get(name) if isinstance(group, dict) else None
        value, deviation = (
            (measured.get("value"), measured.get("standard_deviation")) if isinstance(measured, dict) else (None, None)
        )
        if finite(value) and finite(deviation) and math.isclose(value, constraint["threshold"], rel_tol=1e-9):
            error = deviation / RESAMPLED
    return max(0.0, float(error)) if finite(error) else 0.0


def judge(
    constraints: list[Constraint], estimates: Mapping[str, Estimate], smallest: float = SMALLEST_DROP
) -> list[Judgement]:
    """Holm's steps: the surest violation first, at 5 % shared among all questions, until one is not sure enough."""
    chances = {constraint: _chance(constraint, estimates[constraint.metric], smallest) for constraint in constraints}
    questions: dict[tuple[str, str, str], list[Constraint]] = {}
    for constraint in sorted(constraints):
        questions.setdefault(_question(constraint), []).append(constraint)
    judgements, stopped = [], False
    ordered = sorted(questions.values(), key=lambda asked: min(chances[constraint] for constraint in asked))
    for place, asked in enumerate(ordered):
        level = CHANCE / (len(ordered) - place)
        for constraint in asked:
            violated = not stopped and chances[constraint] <= level
            judgements.append(
                Judgement(constraint, violated, *estimates[constraint.metric].bounds(level, constraint.standard_error))
            )
        stopped = stopped or all(chances[constraint] > level for constraint in asked)
    return sorted(judgements)


def _chance(constraint: Constraint, estimate: Estimate, smallest: float) -> float:
    """The chance that it is a mistake to call the constraint violated; 1 where too little is missing to matter."""
    if is_small(constraint, estimate.value, smallest):
        return 1.0
    return estimate.beyond(constraint.threshold, constraint.operator == LESS, constraint.standard_error)


def is_small(constraint: Constraint, value: float, smallest: float = SMALLEST_DROP) -> bool:
    """Whether a value is nearer to the threshold than what matters. Metrics that ask the same have the same answer."""
    threshold = constraint.threshold
    if constraint.metric == "mse":
        value, threshold = math.sqrt(max(value, 0.0)), math.sqrt(max(threshold, 0.0))
    if constraint.metric in ERRORS:
        return abs(value - threshold) < smallest * abs(threshold)
    rest = EDGE if constraint.metric == "r2" else min(threshold, 1.0 - threshold)
    return abs(value - threshold) < smallest * min(1.0, max(0.0, rest) / EDGE)


def violation(constraint: Constraint, estimate: Estimate, records: float) -> dict[str, str]:
    """As Model Monitor writes it (fields and wording: aws-samples, monitoring with custom metrics)."""
    deviation = estimate.deviation(records)
    spread = "" if isinstance(deviation, str) else f" +/- {deviation:.4g}"
    what = f"Metric {constraint.metric} with {estimate.value:.4g}{spread}"
    return {
        "constraint_check_type": constraint.operator,
        "description": f"{what} was {constraint.operator} {constraint.threshold:.4g}",
        "metric_name": constraint.metric,
    }


def told(judgement: Judgement, estimate: Estimate, smallest: float = SMALLEST_DROP) -> str:
    """What the judgement says, for people."""
    constraint = judgement.constraint
    side = "below" if constraint.operator == LESS else "above"
    figures = f"{estimate.value:.4g} [{judgement.low:.4g}, {judgement.high:.4g}]"
    if judgement.violated:
        return f"{side} the threshold {constraint.threshold:.4g}, by more than chance: {figures}"
    beyond = estimate.value < constraint.threshold if side == "below" else estimate.value > constraint.threshold
    if beyond and is_small(constraint, estimate.value, smallest):
        return f"{side} the threshold, but by less than smallest_drop: {figures}"
    if beyond:
        return f"{side} the threshold, but not by more than chance: {figures}"
    return f"not {side} the threshold {constraint.threshold:.4g}: {figures}"


def _question(constraint: Constraint) -> tuple[str, str, str]:
    """What is asked, in one form for metrics that ask the same."""
    name, turned = SAME.get(constraint.metric, (constraint.metric, False))
    threshold = 1.0 - constraint.threshold if turned else constraint.threshold
    threshold = threshold**2 if constraint.metric == "rmse" else threshold
    below = (constraint.operator == LESS) is not turned
    return name, f"{threshold:.12g}", "below" if below else "above"
