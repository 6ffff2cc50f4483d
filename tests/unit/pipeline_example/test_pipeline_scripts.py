"""The scripts of examples/pipeline by themselves: the split, the metrics, the checkpoints, the answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from interlock.retraining.evaluation import read_evaluation
from tests.unit.pipeline_example.loading import script

preprocess, evaluate, train, inference = map(script, ("preprocess", "evaluate", "source/train", "source/inference"))
CUSTOMERS = script("sample_data").customers(800, seed=3)


def test_a_row_is_on_the_same_side_whatever_stands_beside_it() -> None:
    whole = preprocess.sides(CUSTOMERS)
    part = preprocess.sides(CUSTOMERS.iloc[::-3])
    assert (whole[part.index] == part).all()
    shares = whole.value_counts(normalize=True)
    assert abs(shares["train"] - 0.6) < 0.06 and abs(shares["test"] - 0.2) < 0.06


def test_the_window_begins_with_its_start_and_ends_before_its_end() -> None:
    data = pd.DataFrame({"observed": ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "nonsense"], "x": [1, 2, 3]})
    kept = preprocess.in_window(data, "observed", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    assert list(kept["x"]) == [1] and "observed" not in kept.columns
    assert list(preprocess.in_window(data, "observed", "any", "any")["x"]) == [1, 2, 3]
    assert preprocess.in_window(data, "missing", "2026-01-01T00:00:00Z", "any").equals(data)


def test_no_data_is_an_error_that_says_where(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no CSV file under"):
        preprocess.read(tmp_path)


OUTCOMES = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=60)


@settings(deadline=None)
@given(OUTCOMES)
def test_metrics_are_those_of_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    truth = np.array([label for label, _ in rows])
    chances = np.array([chance / 20 for _, chance in rows])
    said = chances >= 0.5
    found = evaluate.metrics(truth, said, chances)
    assert found["accuracy"]["value"] == pytest.approx(reference.accuracy_score(truth, said))
    if truth.any() and said.any():
        assert found["precision"]["value"] == pytest.approx(reference.precision_score(truth, said))
        assert found["f2"]["value"] == pytest.approx(reference.fbeta_score(truth, said, beta=2))
    if 0 < truth.sum() < len(truth):
        assert found["auc"]["value"] == pytest.approx(reference.roc_auc_score(truth, chances))
    else:
        assert found["auc"] == {"value": "NaN", "standard_deviation": "NaN", "standard_error": "NaN"}
    matrix = found["confusion_matrix"]
    assert sum(sum(row.values()) for row in matrix.values()) == len(rows)


def test_the_standard_deviation_of_accuracy_is_the_binomial_one() -> None:
    random = np.random.default_rng(1)
    truth = random.random(2000) < 0.5
    chances = np.where(random.random(2000) < 0.8, truth, ~truth).astype(float)
    accuracy = evaluate.metrics(truth, chances >= 0.5, chances)["accuracy"]
    expected = np.sqrt(accuracy["value"] * (1 - accuracy["value"]) / 2000)
    assert accuracy["standard_deviation"] == pytest.approx(expected, rel=0.1)


@settings(deadline=None)
@given(OUTCOMES, OUTCOMES)
def test_pairs_add_up_to_what_each_model_got_right(
    challenger: list[tuple[bool, int]], champion: list[tuple[bool, int]]
) -> None:
    rows = min(len(challenger), len(champion))
    mine, theirs = (np.array([right for right, _ in each[:rows]]) for each in (challenger, champion))
    found = evaluate.pairs(mine, theirs)
    assert found["both_right"] + found["only_challenger_right"] == mine.sum()
    assert found["both_right"] + found["only_champion_right"] == theirs.sum()
    assert sum(found.values()) == rows


def test_interlock_reads_the_bootstrap_as_the_standard_error_that_it_is() -> None:
    truth, chances = np.arange(900) % 2 == 0, np.arange(900) % 7 / 7
    group = evaluate.metrics(truth, chances >= 0.5, chances)
    for name, each in group.items():
        if name != "confusion_matrix":
            assert each["standard_error"] == each["standard_deviation"] > 0
    read = read_evaluation({"binary_classification_metrics": group})
    assert read is not None
    assert read.metrics["f1"].error == group["f1"]["standard_error"]


def test_labels_are_written_as_the_endpoint_answers_them() -> None:
    assert list(train.as_text(pd.Series([1.0, 0.0]))) == list(evaluate.as_text(pd.Series([1, 0]))) == ["1", "0"]
    assert list(train.as_text(pd.Series(["yes", "no"]))) == ["yes", "no"]


def test_training_that_goes_on_from_a_checkpoint_gives_the_same_model(tmp_path: Path) -> None:
    features = CUSTOMERS.drop(columns=["churned", "observed"])
    labels = train.as_text(CUSTOMERS["churned"])

    def fit(trees: int, folder: str, labels: pd.Series = labels) -> np.ndarray:
        model = train.fit(train.new_model(features), features, labels, trees, tmp_path / folder / "model.joblib")
        return np.asarray(model.predict_proba(features))

    whole = fit(40, "whole")
    fit(20, "part")
    assert (fit(40, "part") == whole).all()
    assert (fit(40, "part", labels=labels.iloc[::-1]) == whole).all(), "nothing is left to train"
    assert not list(tmp_path.rglob("*.partial"))


def test_a_served_model_answers_text_it_never_saw_and_numbers_that_are_missing() -> None:
    features = CUSTOMERS.drop(columns=["churned", "observed"])
    labels = train.as_text(CUSTOMERS["churned"])
    trees = 20
    model = train.new_model(features)
    model.set_params(trees__n_estimators=trees)
    model.fit(features, labels)
    described = {
        "columns": list(features.columns),
        "positive": "1",
        "numbers": list(features.select_dtypes("number").columns),
    }
    rows = inference.input_fn(b"12,60.00,1,40,5.0,300,0,weekly,south,card\n,abc,1,40,5.0,300,0,,south,card", "text/csv")
    chances = inference.predict_fn(rows, (model, described))
    assert len(chances) == 2 and all(0 < chance < 1 for chance in chances)
    assert inference.output_fn([0.5, 0.25], "text/csv") == "0.500000\n0.250000"
    with pytest.raises(inference.BadInput, match="10 values"):
        inference.predict_fn(inference.input_fn("1,2", "text/csv"), (model, described))
    with pytest.raises(inference.BadInput, match="CSV"):
        inference.input_fn("", "text/csv")


def test_captured_rows_and_labels_share_their_event_ids() -> None:
    records, labels = evaluate.captured(["1,a", "2,b"], ["0.1", "0.9"], ["0", "1"])
    assert [each["eventMetadata"]["eventId"] for each in records] == [
        each["eventMetadata"]["eventId"] for each in labels
    ]
    assert records[1]["captureData"]["endpointOutput"]["data"] == "0.9" and labels[1]["groundTruthData"]["data"] == "1"
