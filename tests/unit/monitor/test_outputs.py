"""Tests of reading a prediction out of a response body."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from monitor.config import UnusableSettingsError
from monitor.problems import Problems
from monitor.reading.output_form import class_name, output_form
from monitor.reading.outputs import Prediction, read_outputs

BINARY: dict[str, Any] = {"problem": "binary_classification", "positive": "1"}
MULTICLASS: dict[str, Any] = {"problem": "multiclass_classification"}
REGRESSION: dict[str, Any] = {"problem": "regression"}


def read(body: str, settings: dict[str, Any], event_id: str = "a") -> Prediction | None:
    """The prediction of one body; None when it is unreadable, which has to be counted."""
    problems = Problems()
    (prediction,) = read_outputs([body], [event_id], output_form(settings), problems)
    assert (prediction is None) == bool(problems.counts())
    return prediction


@pytest.mark.parametrize(
    ("body", "settings", "label", "score"),
    [
        ("0.7", BINARY, "1", 0.7),
        ("0.5\n", BINARY, "1", 0.5),
        ("0.4999", BINARY, "0", 0.4999),
        ("0.7", BINARY | {"probability_threshold_attribute": 0.8}, "0", 0.7),
        ("yes", BINARY | {"positive": "yes"}, "yes", math.nan),
        ("1,0.8", BINARY, "1", 0.8),
        ("0.8,1", BINARY | {"probability_attribute": "0", "inference_attribute": "1"}, "1", 0.8),
        ("0.8,1", BINARY | {"probability_attribute": 0}, "1", 0.8),
        ("2", BINARY | {"positive": "2"}, "2", math.nan),
        ("1", BINARY | {"positive": "2"}, "1", math.nan),
        ("0.2,0.8", BINARY | {"classes": ["0", "1"]}, "1", 0.8),
        ('{"predictions": [{"score": 0.9, "predicted_label": 1}]}', BINARY, "1", 0.9),
        ('{"predictions": [{"score": 0.9, "predicted_label": 1.0}]}', BINARY, "1", 0.9),
        ('{"predictions": [0.9]}', BINARY, "1", 0.9),
        ("[0.1]", BINARY, "0", 0.1),
        ('{"predictions": [[0.9]]}', BINARY, "1", 0.9),
        ('{"a": {"b": [3, {"p": 0.6}]}}', BINARY | {"probability_attribute": "a.b[1].p"}, "1", 0.6),
        ('{"a": {"b": [3, {"p": 0.6}]}}', BINARY | {"probability_attribute": "$.a.b[1]['p']"}, "1", 0.6),
        ('{"predictions": [true]}', BINARY | {"positive": True}, "true", math.nan),
        ("cat", MULTICLASS, "cat", math.nan),
        ("0.1,0.7,0.2", MULTICLASS | {"classes": ["a", "b", "c"]}, "b", math.nan),
        ('{"predictions": [{"score": [0.1, 0.7, 0.2], "predicted_label": 2}]}', MULTICLASS, None, None),
        (
            '{"predictions": [{"score": [0.1, 0.7], "predicted_label": 2}]}',
            MULTICLASS | {"classes": [2, 3]},
            "2",
            math.nan,
        ),
        ("12.5", REGRESSION, "", 12.5),
        ('{"predictions": [{"score": 12.5}]}', REGRESSION, "", 12.5),
        ('{"y": -3}', REGRESSION | {"inference_attribute": "y"}, "", -3.0),
    ],
)
def test_a_prediction_is_read(body: str, settings: dict[str, Any], label: str | None, score: float | None) -> None:
    found = read(body, settings)
    if label is None:
        assert found is None
    else:
        assert found is not None
        assert (found.label, found.score) == (label, pytest.approx(score, nan_ok=True))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_of_a_request_has_its_own_prediction(place: int) -> None:
    rows = [{"score": 0.1}, {"score": 0.2}, {"score": 0.9}]
    for path in ("", "predictions[*].score", "$.predictions[0].score"):
        for body in ({"predictions": rows}, rows[place]):  # the whole response, or the row's own part
            found = read(json.dumps(body), BINARY | {"probability_attribute": path or None}, f"a/{place}")
            assert found is not None
            assert found.score == rows[place]["score"]


@pytest.mark.parametrize(
    ("body", "settings", "sentence"),
    [
        ("", BINARY, "a response is empty"),
        ("{", BINARY, "a response is neither CSV nor JSON"),
        ("[" * 100_000, BINARY, "a response is neither CSV nor JSON"),
        ("1,2,3", BINARY, "write inference_attribute"),
        ("1.7", BINARY | {"probability_attribute": "0"}, "not a number from 0 to 1"),
        ("nan", BINARY | {"probability_attribute": "0"}, "not a number from 0 to 1"),
        ("0.7", BINARY | {"probability_attribute": "3"}, "no field 3"),
        ("0.7", BINARY | {"probability_attribute": "score"}, "is not the number of a field"),
        ('{"x": 1}', BINARY, "write inference_attribute or probability_attribute"),
        ('{"x": 1}', BINARY | {"inference_attribute": "y"}, "nothing at 'y'"),
        ('{"x": {"y": 1}}', BINARY | {"inference_attribute": "x"}, "not one value"),
        ('{"predictions": []}', BINARY, "fewer predictions"),
        ('{"predictions": [1, 0]}', BINARY, "more predictions"),
        ("0.2,0.8", MULTICLASS | {"probability_attribute": "1"}, "write inference_attribute, or classes"),
        ("inf", REGRESSION, "not a finite number"),
        ("cheap", REGRESSION, "not a finite number"),
    ],
)
def test_a_body_without_a_prediction_is_counted_in_words(body: str, settings: dict[str, Any], sentence: str) -> None:
    problems = Problems()
    assert read_outputs([body], ["a"], output_form(settings), problems) == [None]
    (told,) = problems.counts()
    assert sentence in told


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "write one of binary_classification, multiclass_classification, regression"),
        ({"problem": "ranking"}, "'ranking' is not a kind of problem"),
        (BINARY | {"probability_threshold_attribute": 7}, "not a number from 0 to 1"),
        (BINARY | {"probability_threshold_attribute": "high"}, "not a number from 0 to 1"),
        (BINARY | {"inference_attribute": ["x"]}, "write the number of a CSV field"),
        (BINARY | {"classes": "ab"}, "as a list"),
        (BINARY | {"classes": ["a", "a"]}, "each once"),
    ],
)
def test_settings_that_cannot_be_used_say_what_to_write(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UnusableSettingsError, match=sentence):
        output_form(settings)


def test_the_problem_may_have_model_monitors_name() -> None:
    assert output_form({"problem": "BinaryClassification"}) == output_form({"problem": "binary_classification"})


@given(some.integers(-(10**9), 10**9))
def test_a_class_has_one_name_however_it_is_written(number: int) -> None:
    assert {class_name(form) for form in (number, float(number), str(number), f" {number}.0 ")} == {str(number)}


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=4) | some.dictionaries(some.sampled_from(["predictions", "score", "label"]), inner)
    ),
    max_leaves=8,
)


@given(
    some.text() | JSON.map(json.dumps),
    some.sampled_from([BINARY, MULTICLASS, REGRESSION]),
    some.sampled_from([{}, {"inference_attribute": "0"}, {"probability_attribute": "predictions[0].score"}]),
    some.sampled_from([{}, {"classes": ["0", "1"]}]),
    some.sampled_from(["a", "a/0", "a/1", "/"]),
)
def test_any_body_is_a_prediction_or_counted(
    body: str, settings: dict[str, Any], where: dict[str, Any], classes: dict[str, Any], event_id: str
) -> None:
    found = read(body, settings | where | classes, event_id)
    if found is not None:
        assert found.label or settings is REGRESSION
        assert math.isnan(found.score) or settings is REGRESSION or 0.0 <= found.score <= 1.0
