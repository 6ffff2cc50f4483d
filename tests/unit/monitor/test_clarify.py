"""A run in which Clarify's container computes the metrics: what it is given, and how its analysis is judged."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.bias import kind as bias
from monitor.bias.preparation import Prepared, prepare
from monitor.problems import Problems
from monitor.results import Results
from rehearsal.sagemaker import clarify
from tests.unit.monitor.captured import put, write
from tests.unit.monitor.captured import run as captured_run
from tests.unit.monitor.test_bias import CONFIG, SETTINGS, chunk, drawn, labels, run, summary

FACETS = [{"name": "contract", "values": ["monthly"]}, {"name": "age", "threshold": 40}]
WITH_ALL = replace(CONFIG, settings={**SETTINGS, "facets": FACETS, "group_variable": "region"})
REQUEST = {
    "AppSpecification": {},
    "ProcessingInputs": [{"InputName": "analysis_config"}, {"InputName": "dataset"}],
    "ProcessingOutputConfig": {"Outputs": [{"OutputName": "analysis_result"}]},
}


def prepared(frame: Any, folder: Path, config: Any = CONFIG) -> Prepared:
    return prepare(iter([chunk(frame)]), config, Problems(), folder)


def analysed(made: Prepared, folder: Path) -> dict[str, Any]:
    """What the simulated container writes; it knows nothing of the program's formulas."""
    for name, text in (("config/analysis_config.json", json.dumps(made.analysis_config)), ("data/a.csv", made.dataset)):
        path = folder / "ml/processing/input" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    clarify.run(folder / "ml", REQUEST)
    return dict(json.loads((folder / "ml/processing/output/analysis.json").read_text()))


def judged(made: Prepared, analysis: dict[str, Any], base: Any, folder: Path, config: Any = CONFIG) -> Results:
    kept = json.loads(json.dumps(made.summary)) | {"analysis": analysis}
    return bias.results(kept, bias.baseline(summary(base, folder, config), config), config)


@pytest.mark.parametrize("labelled", [True, False])
def test_clarifys_container_and_the_program_find_the_same(tmp_path: Path, labelled: bool) -> None:
    frame, base = drawn(6, monthly=0.3), drawn(7)
    if labelled:
        labels(tmp_path, frame)
    made = prepared(frame, tmp_path, WITH_ALL)
    theirs = judged(made, analysed(made, tmp_path), base, tmp_path, WITH_ALL)
    ours = run(frame, tmp_path, base, WITH_ALL)
    assert theirs.status == ours.status == "CompletedWithViolations"
    assert [_named(each) for each in theirs.violations] == [_named(each) for each in ours.violations]
    assert theirs.details["labels"] == ours.details["labels"]
    for their, our in zip(theirs.details["metrics"], ours.details["metrics"], strict=True):
        assert their["value"] == pytest.approx(our["value"]), their
        assert their["interval"] == our["interval"]


def _named(violation: dict[str, Any]) -> tuple[str, str, str]:
    return violation["facet"], violation["facet_value"], violation["metric_name"]


def test_a_row_that_lacks_something_is_in_no_number(tmp_path: Path) -> None:
    """Clarify would leave it out of some metrics and not of others; here it is out of dataset and intervals alike."""
    frame = drawn(8)
    frame.loc[:99, "contract"] = None
    frame.loc[100:199, "age"] = None
    labels(tmp_path, frame.iloc[:3900])
    made = prepared(frame, tmp_path, WITH_ALL)
    assert len(made.dataset.splitlines()) == 3700 + 1
    assert {made.summary[name]["records"] for name in ("counts", "dataset")} == {4000, 3700}
    assert judged(made, analysed(made, tmp_path), drawn(9), tmp_path, WITH_ALL).status == "Completed"


def test_the_dataset_leaves_nothing_to_guess(tmp_path: Path) -> None:
    """Codes and amounts look alike; Clarify takes an age with few different values for a class."""
    frame = drawn(10, rows=300).assign(region=[("NA", "a,b")[row % 2] for row in range(300)])
    rows = list(csv.DictReader(io.StringIO(prepared(frame, tmp_path, WITH_ALL).dataset)))
    assert set(rows[0]) == {"contract is monthly", "age above 40", "stratum", "label", "predicted_label"}
    assert {row["age above 40"] for row in rows} == {"yes", "no"}
    assert {row["stratum"] for row in rows} == {"region: NA", "region: a,b"}
    assert {row["label"] for row in rows} == {"positive", "negative"}


def test_without_enough_labels_nothing_is_asked_of_them(tmp_path: Path) -> None:
    asked = prepared(drawn(11), tmp_path).analysis_config
    assert asked is not None
    assert asked["methods"]["pre_training_bias"] == {"methods": ["CI"]}
    assert asked["methods"]["post_training_bias"] == {"methods": ["DPPL", "DI"]}


@pytest.mark.parametrize(
    ("frame", "settings", "said"),
    [
        (drawn(12, rows=50), SETTINGS, "Only 50 of 50 records have a prediction"),
        (drawn(12, monthly=1.0, yearly=1.0), SETTINGS, "Every prediction is positive"),
        (drawn(12), SETTINGS | {"facets": []}, "facets: write at least one group"),
        (drawn(12), SETTINGS | {"methods": ["RD"]}, "No metric that is asked for can be computed"),
        (drawn(12).assign(contract=None), SETTINGS, "Only 0 of 0 records"),
    ],
)
def test_what_cannot_be_judged_is_not_analysed(tmp_path: Path, frame: Any, settings: Any, said: str) -> None:
    config = replace(CONFIG, settings=settings)
    made = prepared(frame, tmp_path, config)
    assert (made.dataset, made.analysis_config) == ("", None)
    assert said in made.hindrance
    found = bias.results(json.loads(json.dumps(made.summary)), {}, config)
    assert found.status not in ("Completed", "CompletedWithViolations")


@pytest.mark.parametrize(("value", "said"), [(0.9, "DPPL of contract monthly is 0.9"), (None, "monthly is missing")])
def test_an_analysis_of_other_rows_is_no_pass(tmp_path: Path, value: float | None, said: str) -> None:
    frame = drawn(13)
    made = prepared(frame, tmp_path)
    analysis = analysed(made, tmp_path)
    (facet,) = analysis["post_training_bias_metrics"]["facets"]["contract is monthly"]
    for metric in facet["metrics"]:
        metric["value"] = value if metric["name"] == "DPPL" else metric["value"]
    found = judged(made, analysis, drawn(14), tmp_path)
    assert found.status == "Unusable" and said in found.sentence


def test_a_container_that_wrote_nothing_fails_the_run(tmp_path: Path) -> None:
    """Its folder has only the placeholder that keeps SageMaker from refusing it."""
    made = prepared(drawn(15), tmp_path)
    part = {"host": "algo-1", "hosts": ["algo-1"], "records": 4000, "problems": Problems().to_json()}
    put(tmp_path, "processing/input/summaries/summary-algo-1.json", part | {"summary": made.summary})
    put(tmp_path, "processing/input/analysis/placeholder.json", {})
    code, written, message = captured_run(tmp_path, kind="bias", task="judge", settings=SETTINGS)
    assert (code, written) == (1, {})
    assert message.startswith("Failed: the job of Clarify's container ended without an analysis.json")
    put(tmp_path, "processing/input/analysis/analysis.json", "{")
    assert captured_run(tmp_path, kind="bias", task="judge", settings=SETTINGS)[0] == 1


def test_too_little_traffic_is_told_in_the_one_format(tmp_path: Path) -> None:
    write(tmp_path, ["30,10,basic"] * 5)
    settings = SETTINGS | {"facets": [{"name": "plan", "values": ["basic"]}]}
    code, written, message = captured_run(tmp_path, kind="bias", task="prepare", settings=settings)
    assert (code, list(written)) == (0, ["summary-algo-1.json"])
    assert message.startswith("NothingToAnalyse: Only 5 of 5 records have a prediction")
    last = tmp_path / "last"
    put(last, "processing/input/summaries/summary-algo-1.json", written["summary-algo-1.json"])
    code, written, message = captured_run(last, kind="bias", task="judge", settings=settings)
    assert (code, written["result.json"]["status"], written["result.json"]["records"]) == (0, "TooThin", 5)
