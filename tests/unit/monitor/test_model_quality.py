"""Tests of the monitor of model quality: its files, its patience with labels, and what it calls a violation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from monitor.config import Config, ConfigFault
from monitor.model_quality import kind as model_quality
from monitor.problems import Problems
from monitor.reading.capture import Chunk
from monitor.results import Results

PUBLISHED = Path(__file__).parent / "published"
BINARY = {"problem": "binary_classification", "positive": "1"}
GROUP = "binary_classification_constraints"

Row = tuple[str, str, str | None]
"""Event id, body of the response, label (None: there is none)."""


def config(min_records: int = 10, task: str = "run", **changes: Any) -> Config:
    window = {"start": "2026-01-05T09:00:00Z", "end": "2026-01-05T10:00:00Z"}
    return Config("model_quality", task, "accuracy", "churn", 7, window, None, min_records, BINARY | changes)


def summary(
    folder: Path, rows: Sequence[Row], form: Config | None = None, problems: Problems | None = None
) -> dict[str, Any]:
    """The summary of predictions and of a file with their labels."""
    folder.mkdir(exist_ok=True)
    (folder / "labels").mkdir(exist_ok=True)
    labels = [{"event_id": event_id, "label": label} for event_id, _, label in rows if label is not None]
    (folder / "labels/a.jsonl").write_text("\n".join(map(json.dumps, labels)))
    event_ids, outputs, _ = map(list, zip(*rows, strict=True)) if rows else ([], [], [])
    chunk = Chunk(pd.DataFrame({"x": range(len(rows))}), outputs, event_ids, [""] * len(rows))
    return model_quality.summarise(iter([chunk]), form or config(), problems or Problems(), folder)


def some_rows(count: int, right: float, labelled: float = 1.0, seed: int = 1) -> list[Row]:
    """Predictions of which a share is right, and of which a share has a label."""
    chance = np.random.default_rng(seed)
    rows: list[Row] = []
    for place in range(count):
        truth = chance.random() < 0.4
        said = truth if chance.random() < right else not truth
        score = chance.beta(6, 2) if said else chance.beta(2, 6)
        rows.append((f"e{place}", f"{score:.6f}", str(int(truth)) if chance.random() < labelled else None))
    return rows


def constraint(name: str, threshold: float, operator: str = "LessThanThreshold") -> dict[str, dict[str, Any]]:
    return {
        "constraints.json": {"version": 0.0, GROUP: {name: {"threshold": threshold, "comparison_operator": operator}}}
    }


def judged(folder: Path, rows: Sequence[Row], files: dict[str, dict[str, Any]], **changes: Any) -> Results:
    return model_quality.results(summary(folder, rows, config(**changes)), files, config(**changes))


def test_a_fall_is_a_violation_in_model_monitors_words(tmp_path: Path) -> None:
    found = judged(tmp_path, some_rows(2000, 0.7), constraint("f2", 0.9))
    assert (found.status, found.sentence) == (
        "CompletedWithViolations",
        "Job completed successfully with 1 violations.",
    )
    value = found.files["statistics.json"]["binary_classification_metrics"]["f2"]
    assert found.violations == [
        {
            "constraint_check_type": "LessThanThreshold",
            "description": f"Metric f2 with {value['value']:.4g} +/- {value['standard_deviation']:.4g} "
            "was LessThanThreshold 0.9",
            "metric_name": "f2",
        }
    ]


def test_below_the_threshold_is_no_violation_when_it_may_be_chance(tmp_path: Path) -> None:
    rows = some_rows(300, 0.7)
    value = judged(tmp_path, rows, {}).details["metrics"]["accuracy"]["value"]
    found = judged(tmp_path, rows, constraint("accuracy", value + 0.01))
    assert (found.status, found.violations) == ("Completed", [])
    (told,) = found.details["constraints"]
    assert told["sentence"].startswith(f"below the threshold, but not by more than chance: {value:.4g} [")
    assert told["low"] < value < told["high"]


def test_a_window_waits_for_its_labels(tmp_path: Path) -> None:
    rows = some_rows(3000, 0.9)
    late = [(event_id, body, label if place >= 1200 else None) for place, (event_id, body, label) in enumerate(rows)]
    found = judged(tmp_path, late, constraint("accuracy", 0.5))
    assert (found.status, found.violations) == ("WaitingForLabels", [])
    assert found.sentence == "1,200 of 3,000 predictions have no label yet (40 %)."
    assert found.details["coverage"]["labelled"] == 1800

    last = {"last_chance": True}
    found = judged(tmp_path, late, constraint("accuracy", 0.5), labels=last)
    assert found.status == "Completed"
    assert found.details["sentence"] == "1,200 of 3,000 predictions have no label yet (40 %)."
    assert judged(tmp_path, late, constraint("accuracy", 0.5), labels={"at_least": 0.6}).status == "Completed"
    found = judged(tmp_path, late, constraint("accuracy", 0.5), labels=last, min_records=2000)
    assert found.status == "TooThin"
    assert found.sentence.startswith("1,800 records have a label, and 2,000 are needed.")


def test_without_any_label_a_window_waits(tmp_path: Path) -> None:
    rows = some_rows(300, 0.9, labelled=0.0)
    assert judged(tmp_path, rows, {}).sentence == "300 of 300 predictions have no label yet (100 %)."
    assert judged(tmp_path, rows, {}, labels={"last_chance": True}).status == "TooThin"


@pytest.mark.parametrize(
    ("changes", "body", "label", "sentence"),
    [
        ({"problem": "ranking"}, "0.7", "1", "'ranking' is not a kind of problem; write one of"),
        ({"inference_attribute": "churned"}, '{"x": 1}', "1", "a response has nothing at 'churned'"),
        ({"probability_attribute": "4"}, "0.7", "1", "a response has no field 4"),
        ({"labels": {"at_least": "80%"}}, "0.7", "1", "write a number from 0 to 1"),
        ({"positive": "yes"}, "0.7", "True", "no label is the positive class 'yes'"),
        ({"problem": "multiclass_classification"}, "0", "cat", "no label is a class that is predicted"),
    ],
)
def test_settings_that_fit_nothing_say_what_to_write(
    tmp_path: Path, changes: dict[str, Any], body: str, label: str, sentence: str
) -> None:
    rows = [(f"e{place}", body, label) for place in range(300)]
    found = judged(tmp_path, rows, constraint("accuracy", 0.5), **changes)
    assert found.status == "Unusable"
    assert sentence in found.sentence


def test_the_matrix_has_the_names_of_the_labels(tmp_path: Path) -> None:
    rows = [(f"e{place}", "yes" if place % 3 else "2", "yes" if place % 2 else "2") for place in range(300)]
    found = judged(tmp_path, rows, {}, positive="yes").files["statistics.json"]["binary_classification_metrics"]
    assert found["confusion_matrix"] == {"2": {"2": 50, "yes": 100}, "yes": {"2": 50, "yes": 100}}


def test_an_empty_window_is_too_thin(tmp_path: Path) -> None:
    assert judged(tmp_path, [], {}).sentence == "The window has no predictions."


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({}, f"constraints.json has no {GROUP}"),
        ({GROUP: []}, f"constraints.json has no {GROUP}"),
        ({GROUP: {"f3": {"threshold": 0.5, "comparison_operator": "LessThanThreshold"}}}, "f3 is no metric of binary"),
        ({GROUP: {"f2": {"threshold": "high", "comparison_operator": "LessThanThreshold"}}}, "threshold of f2"),
        ({GROUP: {"f2": {"threshold": 0.5, "comparison_operator": "Less"}}}, "write LessThanThreshold or"),
        ({GROUP: {"f2": 0.5}}, "threshold of f2"),
    ],
)
def test_constraints_that_cannot_be_judged_are_said(tmp_path: Path, written: dict[str, Any], sentence: str) -> None:
    found = judged(tmp_path, some_rows(300, 0.9), {"constraints.json": written})
    assert (found.status, found.violations) == ("NoBaseline", [])
    assert sentence in found.sentence
    good = constraint("accuracy", 0.1)["constraints.json"][GROUP]
    usable = {"constraints.json": {GROUP: good | dict(written.get(GROUP) or {})}}
    found = judged(tmp_path, some_rows(300, 0.9), usable)
    assert found.status == "Completed"
    assert all(sentence in told for told in found.details["not_judged"])


def test_a_published_baseline_is_reproduced() -> None:
    """Files of aws/amazon-sagemaker-examples; ``published/README.md`` names them."""
    table = pd.read_csv(PUBLISHED / "validation_with_predictions.csv")
    blank = [""] * len(table)
    chunk = Chunk(table, blank, blank, blank)
    form = config(task="baseline")
    problems = Problems()
    files = model_quality.baseline(model_quality.summarise(iter([chunk]), form, problems, Path("none")), form)
    assert problems.counts() == {}
    metrics = files["statistics.json"]["binary_classification_metrics"]
    right = (table.prediction == table.label).mean()
    assert metrics["accuracy"]["value"] == pytest.approx(right, abs=1e-12)
    constraints = files["constraints.json"][GROUP]
    assert constraints["accuracy"] == {
        "threshold": metrics["accuracy"]["value"],
        "comparison_operator": "LessThanThreshold",
        "standard_error": pytest.approx((right * (1 - right) / len(table)) ** 0.5, rel=0.2),
    }
    assert constraints["false_positive_rate"]["comparison_operator"] == "GreaterThanThreshold"
    published = json.loads((PUBLISHED / "model_quality_binary_statistics.json").read_text())
    assert {*published["binary_classification_metrics"]} == {*metrics} - {"au_prc"}
    for name, metric in published["binary_classification_metrics"].items():
        assert {*metric} == {*metrics[name]}, name


def test_a_window_like_its_baseline_has_no_violation(tmp_path: Path) -> None:
    form = config(task="baseline")
    files = model_quality.baseline(summary(tmp_path, some_rows(3000, 0.9), form), form)
    assert judged(tmp_path, some_rows(3000, 0.9, seed=2), files).violations == []
    assert len(judged(tmp_path, some_rows(3000, 0.8, seed=2), files).violations) == 11


@pytest.mark.parametrize("columns", [{"prediction": [1]}, {"label": [1]}, {"label": [1], "said": [1]}])
def test_training_data_without_the_columns_say_what_to_write(columns: dict[str, list[int]]) -> None:
    form = config(task="baseline")
    chunk = Chunk(pd.DataFrame(columns), [""], [""], [""])
    found = model_quality.summarise(iter([chunk]), form, Problems(), Path("none"))
    with pytest.raises(ConfigFault, match="write their names as baseline"):
        model_quality.baseline(found, form)


RESPONSES = some.sampled_from(["0.1", "0.30", "0.9", "1", "0", "yes", "", "{", '{"predictions": [0.7]}'])
ROWS = some.lists(some.tuples(RESPONSES, some.sampled_from(["0", "1", "2", "x", "1e3", "nan", None])), max_size=60)
PROBLEMS = some.sampled_from(["binary_classification", "multiclass_classification", "regression"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ROWS, some.lists(some.integers(0, 3), min_size=60, max_size=60), PROBLEMS)
def test_shards_merge_to_the_whole(
    tmp_path: Path, rows: list[tuple[str, str | None]], shard: list[int], problem: str
) -> None:
    form = config(min_records=1, problem=problem, labels={"last_chance": True})
    named: list[Row] = [(f"e{place}", body, label) for place, (body, label) in enumerate(rows)]
    whole = model_quality.merge([summary(tmp_path / "whole", named, form)])
    parts = [
        summary(
            tmp_path / f"shard{number}", [row for row, mine in zip(named, shard, strict=False) if mine == number], form
        )
        for number in range(4)
    ]
    assert model_quality.merge(parts) == model_quality.merge(parts[::-1]) == whole
    assert model_quality.merge([model_quality.merge(parts[:2]), model_quality.merge(parts[2:])]) == whole
    found = model_quality.results(json.loads(json.dumps(whole)), constraint("accuracy", 0.5), form)
    assert (found.status in ("Completed", "CompletedWithViolations")) or found.sentence
    json.dumps(found.files)


def test_what_was_asked_twice_shares_the_label_and_is_counted(tmp_path: Path) -> None:
    problems = Problems()
    found = summary(tmp_path, [("a", "0.9", "1"), ("a", "0.2", None)], problems=problems)
    assert found["confusion"] == {"1": {"0": 1, "1": 1}}
    assert problems.counts() == {"an event id has several predictions, which share its label": 1}


def drop(folder: Path, right: float, threshold: float, smallest: float | None = None, count: int = 40_000) -> Results:
    changes = {} if smallest is None else {"smallest_drop": smallest}
    return judged(folder, exact_rows(count, right), constraint("accuracy", threshold), **changes)


def exact_rows(count: int, right: float) -> list[Row]:
    wrong = round(count * (1.0 - right))
    return [(f"e{place}", "0.9" if place % 2 else "0.2", str(place % 2 ^ (place < wrong))) for place in range(count)]


def test_a_drop_that_is_proven_and_does_not_matter_is_no_violation(tmp_path: Path) -> None:
    """0.7955 of 40,000 is below 0.8 by more than two standard errors."""
    found = drop(tmp_path, 0.7955, 0.8)
    (told,) = found.details["constraints"]
    assert found.status == "Completed" and told["high"] < 0.8
    assert told["sentence"].startswith("below the threshold, but by less than smallest_drop")
    assert drop(tmp_path, 0.7955, 0.8, 0.0).status == "CompletedWithViolations"
    assert drop(tmp_path, 0.785, 0.8).status == "CompletedWithViolations"
    assert drop(tmp_path, 0.785, 0.8, 0.02).status == "Completed"


def test_near_the_end_of_the_scale_less_matters(tmp_path: Path) -> None:
    """Of 0.995 a drop of 0.005 is twice as many errors."""
    assert drop(tmp_path, 0.99, 0.995).status == "CompletedWithViolations"


def test_a_lucky_baseline_raises_no_alarm(tmp_path: Path) -> None:
    """All of 30 records were right: that is no proof that a model that is right in 96 of 100 has become worse."""
    form = config(task="baseline")
    base = model_quality.baseline(summary(tmp_path, exact_rows(30, 1.0), form), form)
    assert base["constraints.json"][GROUP]["accuracy"]["standard_error"] > 0.0
    rows = exact_rows(5000, 0.96)
    assert judged(tmp_path, rows, base).status == "Completed"
    fixed = json.loads(json.dumps(base))
    for written in fixed["constraints.json"][GROUP].values():
        del written["standard_error"]
    assert judged(tmp_path, rows, fixed).status == "CompletedWithViolations"
    assert judged(tmp_path, exact_rows(5000, 0.5), base).status == "CompletedWithViolations"


def test_model_monitors_statistics_tell_how_sure_a_threshold_is(tmp_path: Path) -> None:
    files = constraint("accuracy", 0.9)
    measured = {"value": 0.9, "standard_deviation": 0.01}  # of samples of 80 %, so the standard error is twice that
    statistics = {"statistics.json": {"binary_classification_metrics": {"accuracy": measured}}}
    rows = exact_rows(4000, 0.87)
    assert judged(tmp_path, rows, files).status == "CompletedWithViolations"
    assert judged(tmp_path, rows, files | statistics).status == "Completed"
    other = constraint("accuracy", 0.91)  # somebody wrote this one
    assert judged(tmp_path, rows, other | statistics).status == "CompletedWithViolations"
