"""Where a model's prediction is in the body of a response, as the settings of a monitor say it.

The settings have the names of Model Monitor's ``EndpointInput`` (botocore: CreateModelQualityJobDefinition):

``inference_attribute``
    where the predicted label (in a regression: the predicted number) is;
``probability_attribute``
    where the probability of the positive class is, or a list of one probability a class;
``probability_threshold_attribute``
    from which probability on a prediction is positive (default 0.5; a probability equal to it is positive).

Where something is: the number of a CSV field (``"0"``), or a path into a JSON body (``"score"``,
``"predictions[0].score"``, ``"$.predictions[*].score"``). In a request of several rows, ``[*]`` or a first ``[0]`` is
the row's own place. Without settings, the forms that the built-in algorithms answer in are read: a CSV of one field, of
``label,probability``, or of one probability a class, and JSON ``{"predictions": [...]}`` (docs:
sagemaker/latest/dg/cdf-inference).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.config import UnusableSettingsError

BINARY, MULTICLASS, REGRESSION = "binary_classification", "multiclass_classification", "regression"

PROBLEM_TYPES = {
    BINARY: BINARY,
    MULTICLASS: MULTICLASS,
    REGRESSION: REGRESSION,
    "BinaryClassification": BINARY,
    "MulticlassClassification": MULTICLASS,
    "Regression": REGRESSION,
}
"""How the problem may be written in the settings (botocore's ``MonitoringProblemType`` too), and its name here."""

WHOLE = re.compile(r"[+-]?\d+\.0*$")


@dataclass(frozen=True)
class OutputForm:
    """Where in a body the prediction is, and how to understand it. ``classes``: in the order of the probabilities."""

    problem: str
    positive: str = "1"
    negative: str = "0"
    label_at: str = ""
    score_at: str = ""
    threshold: float = 0.5
    classes: tuple[str, ...] = ()


def output_form(settings: Mapping[str, Any]) -> OutputForm:
    """The form that the settings of a monitor tell. Raises UnusableSettingsError, which says what to write."""
    problem = PROBLEM_TYPES.get(str(settings.get("problem", "")))
    if problem is None:
        known = ", ".join(list(PROBLEM_TYPES)[:3])
        raise UnusableSettingsError(
            f"problem: {settings.get('problem')!r} is not a kind of problem; write one of {known}."
        )
    classes = settings.get("classes") or ()
    if not isinstance(classes, (list, tuple)) or len(set(map(str, classes))) != len(classes):
        raise UnusableSettingsError("classes: write the names as a list, each once, in the model's order.")
    threshold = settings.get("probability_threshold_attribute", 0.5)
    try:
        limit = float(threshold)
    except (TypeError, ValueError):
        limit = math.nan
    if not 0.0 <= limit <= 1.0:
        raise UnusableSettingsError(f"probability_threshold_attribute: {threshold!r} is not a number from 0 to 1.")
    positive = class_name(settings.get("positive", "1"))
    return OutputForm(
        problem,
        positive,
        class_name(settings["negative"]) if settings.get("negative") is not None else _other(positive, classes),
        _path(settings, "inference_attribute"),
        _path(settings, "probability_attribute"),
        limit,
        tuple(class_name(name) for name in classes),
    )


def class_name(value: object) -> str:
    """The name of a class, the same however it was written: ``1``, ``1.0``, ``"1"`` and ``" 1.0"`` are ``"1"``.

    Booleans are ``"true"`` and ``"false"``.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).strip()
    if text and text[0] in "+-0123456789" and WHOLE.match(text):
        return str(int(float(text))) if len(text) < 16 else text
    return text


def _other(positive: str, classes: Iterable[object]) -> str:
    names = [class_name(name) for name in classes if class_name(name) != positive]
    return names[0] if len(names) == 1 else {"1": "0", "true": "false", "yes": "no"}.get(positive, f"not {positive}")


def _path(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise UnusableSettingsError(
            f'{name}: write the number of a CSV field ("0") or a path into the JSON body ("predictions[0].score").'
        )
    return str(value).strip()
