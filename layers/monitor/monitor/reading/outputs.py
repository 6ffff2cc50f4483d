"""Read a model's prediction out of the body of a captured response. ``output_form`` says where it is."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

from monitor.problems import Problems
from monitor.reading.output_form import BINARY, MULTICLASS, REGRESSION, OutputForm, class_name

LABEL_FIELDS = ("predicted_label", "label", "prediction", "predicted_class", "class")
SCORE_FIELDS = ("score", "probability", "scores", "probabilities")
STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\*)\]|\[['\"]([^'\"]+)['\"]\]")


class UnreadableError(ValueError):
    """A response body holds no prediction. The text is the sentence to count it under."""


class Prediction(NamedTuple):
    """What a model said of one row.

    ``label``: the predicted class as a text, "" in a regression. ``score``: the probability of the positive class, in a
    regression the predicted number, NaN when there is none.
    """

    label: str
    score: float


def read_outputs(
    outputs: Iterable[str], event_ids: Iterable[str], form: OutputForm, problems: Problems
) -> list[Prediction | None]:
    """The prediction of each row; None where it could not be read, which ``problems`` counts."""
    read = _reader(form)
    found: list[Prediction | None] = []
    for body, event_id in zip(outputs, event_ids, strict=True):
        try:
            found.append(read(body, event_id))
        except UnreadableError as error:
            problems.add(str(error), f"{event_id}: {body}")
            found.append(None)
    return found


def read_columns(
    labels: Iterable[Any] | None, scores: Iterable[Any] | None, form: OutputForm, problems: Problems
) -> list[Prediction | None]:
    """The prediction of each row of a table with a column of labels, of probabilities, or both (the other is None)."""
    said, likely = (repeat(None) if column is None else column for column in (labels, scores))
    rows = zip(said, likely, strict=False)  # one of them may go on for ever
    found: list[Prediction | None] = []
    for place, (label, score) in enumerate(rows):
        try:
            found.append(_understand(label, score, form))
        except UnreadableError as error:
            problems.add(str(error), f"row {place}: {label}, {score}")
            found.append(None)
    return found


def _reader(form: OutputForm) -> Callable[[str, str], Prediction]:
    inner = replace(form, label_at=_after_index(form.label_at), score_at=_after_index(form.score_at))

    def read(body: object, event_id: str) -> Prediction:
        text = body.strip() if isinstance(body, str) else ""
        if not text:
            raise UnreadableError("a response is empty")
        row = _row(event_id)
        try:
            return _prediction(text, row, form)
        except UnreadableError:
            if row is None or inner == form:
                raise
        # The capture gives each row of a request its own part of the response, where the path's first part is gone.
        return _prediction(text, row, inner)

    return read


def _prediction(text: str, row: int | None, form: OutputForm) -> Prediction:
    label, score = _from_json(text, row, form) if text[0] in "{[" else _from_csv(text, form)
    return _understand(label, score, form)


def _after_index(path: str) -> str:
    return re.sub(r"^[^\]]*\[(?:0|\*)\]\.?", "", path)


def _from_csv(text: str, form: OutputForm) -> tuple[Any, Any]:
    fields = [field.strip().strip('"') for field in text.split(",")]
    if form.label_at or form.score_at:
        pick = partial(_csv_field, fields)
        return pick(form.label_at), pick(form.score_at)
    return _guess(fields, form)


def _csv_field(fields: list[str], place: str) -> str | None:
    if not place:
        return None
    if not place.isdigit():
        raise UnreadableError(f"a response is CSV, where {place!r} is not the number of a field; the first one is 0")
    if int(place) >= len(fields):
        raise UnreadableError(f"a response has no field {place} (the first one is 0)")
    return fields[int(place)]


def _guess(fields: list[Any], form: OutputForm) -> tuple[Any, Any]:
    """Label and score of fields that no setting names."""
    if form.classes and len(fields) == len(form.classes) and len(fields) > 1:
        return None, fields
    if len(fields) == 2 and form.problem != REGRESSION:
        return fields[0], fields[1]
    if not fields:
        raise UnreadableError("a response is empty")
    if len(fields) > 1:
        raise UnreadableError("a response has several fields; write inference_attribute, or classes")
    only = fields[0]
    if form.problem == REGRESSION:
        return only, None
    return (None, only) if form.problem == BINARY and _is_probability(only, form) else (only, None)


def _is_probability(value: Any, form: OutputForm) -> bool:
    """A number from 0 to 1 is a probability; 0 and 1 themselves are labels unless the positive class is 1."""
    number = _number(value)
    return 0.0 <= number <= 1.0 and (form.positive == "1" or number not in (0.0, 1.0))


def _from_json(text: str, row: int | None, form: OutputForm) -> tuple[Any, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableError("a response is neither CSV nor JSON") from None
    if form.label_at or form.score_at:
        return _at(body, form.label_at, row), _at(body, form.score_at, row)
    if isinstance(body, dict) and isinstance(body.get("predictions"), list):
        body = _of_row(body["predictions"], row)
    elif isinstance(body, list) and row is not None:
        body = _of_row(body, row)
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if isinstance(body, dict):
        label = next((body[name] for name in LABEL_FIELDS if name in body), None)
        score = next((body[name] for name in SCORE_FIELDS if name in body), None)
        if label is None and score is None:
            raise UnreadableError("a response has no known field; write inference_attribute or probability_attribute")
        return (score, None) if form.problem == REGRESSION and label is None else (label, score)
    return _guess(body if isinstance(body, list) else [body], form)


def _row(event_id: str) -> int | None:
    """The place of a row in a request of several rows; their ids end with ``/<place>``."""
    place = event_id.rpartition("/")[2] if "/" in event_id else ""
    return int(place) if place.isdigit() else None


def _of_row(rows: list[Any], row: int | None) -> Any:
    place = row if row is not None and len(rows) > 1 else 0
    if place >= len(rows):
        raise UnreadableError("a response has fewer predictions than its request has rows")
    if row is None and len(rows) > 1:
        raise UnreadableError("a response has more predictions than its request has rows")
    return rows[place]


def _at(body: Any, path: str, row: int | None) -> Any:
    if not path:
        return None
    found, indexed = body, False
    for match in STEP.finditer(path[1:] if path.startswith("$") else path):
        name, place, quoted = match.groups()
        if place == "*" or (place == "0" and row is not None and not indexed):
            found = _of_row(found, row) if isinstance(found, list) and found else None
            indexed = True
        elif isinstance(found, list) and (place or name or "").isdigit():
            number = int(place or name)
            found = found[number] if number < len(found) else None
        else:
            found = found.get(name or quoted or place) if isinstance(found, dict) else None
        if found is None:
            raise UnreadableError(f"a response has nothing at {path!r}")
    return found


def _understand(label: Any, score: Any, form: OutputForm) -> Prediction:
    if form.problem == REGRESSION:
        value = _number(label if label is not None else score)
        if not math.isfinite(value):
            raise UnreadableError("a prediction is not a finite number")
        return Prediction("", value)
    if isinstance(label, (list, dict)):
        raise UnreadableError("a predicted label is not one value")
    if isinstance(score, list):
        return _of_probabilities(label, score, form)
    probability = math.nan
    if score is not None:
        probability = _number(score)
        if not 0.0 <= probability <= 1.0:
            raise UnreadableError("a probability is not a number from 0 to 1")
    if label is not None:
        return Prediction(_named(label), probability)
    if form.problem == MULTICLASS:
        raise UnreadableError("a response has a probability and no label; write inference_attribute, or classes")
    return Prediction(form.positive if probability >= form.threshold else form.negative, probability)


def _of_probabilities(label: Any, scores: list[Any], form: OutputForm) -> Prediction:
    """A list of one probability a class: the label is the likeliest class, unless the response names it."""
    if len(scores) == 1:
        return _understand(label, scores[0], form)
    numbers = [_number(score) for score in scores]
    if len(numbers) != len(form.classes):
        raise UnreadableError(f"a response has {len(numbers)} probabilities; write classes: their names, in this order")
    if not all(0.0 <= number <= 1.0 for number in numbers):
        raise UnreadableError("a probability is not a number from 0 to 1")
    if form.problem == BINARY:
        if form.positive not in form.classes:
            raise UnreadableError(f"classes do not name the positive class {form.positive!r}")
        return _understand(label, numbers[form.classes.index(form.positive)], form)
    best = form.classes[numbers.index(max(numbers))]
    return Prediction(_named(label) if label is not None else best, math.nan)


def _named(label: Any) -> str:
    name = class_name(label)
    if not name or label != label:
        raise UnreadableError("a predicted label is empty")
    return sys.intern(name)


def _number(value: Any) -> float:
    """The number that a value is; NaN when it is none."""
    if isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
