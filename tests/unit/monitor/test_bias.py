"""The bias monitor on rows: counts, shards, violations in Clarify's format, and what is said when it cannot judge."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from monitor.bias import kind as bias
from monitor.config import Config
from monitor.intervals import proportion
from monitor.problems import Problems
from monitor.reading.capture import Chunk
from monitor.results import Results

CONTRACT = {"name": "contract", "values": ["monthly"]}
SETTINGS: dict[str, Any] = {"facets": [CONTRACT], "positive": "1"}
CONFIG = Config(kind="bias", settings=SETTINGS)


def drawn(seed: int, rows: int = 4000, monthly: float = 0.5, yearly: float = 0.5) -> pd.DataFrame:
    """Rows whose predictions are positive with a chance of their own in each group. Labels agree in 8 of 10."""
    chance = np.random.default_rng(seed)
    contract = np.where(chance.random(rows) < 0.4, "monthly", "yearly")
    predicted = (chance.random(rows) < np.where(contract == "monthly", monthly, yearly)).astype(int)
    label = np.where(chance.random(rows) < 0.8, predicted, 1 - predicted)
    region = np.where(chance.random(rows) < 0.5, "north", "south")
    age = chance.integers(18, 80, rows)
    return pd.DataFrame(
        {"contract": contract, "region": region, "age": age, "predicted": predicted, "label": label}
    ).assign(event=[f"e{seed}-{row}" for row in range(rows)])


def chunk(frame: pd.DataFrame) -> Chunk:
    inputs = frame[["contract", "region", "age"]].reset_index(drop=True)
    return Chunk(inputs, [str(value) for value in frame.predicted], list(frame.event), [""] * len(frame))


def labels(folder: Path, frame: pd.DataFrame) -> Path:
    (folder / "labels").mkdir(exist_ok=True)
    lines = (
        json.dumps({"event_id": event, "label": int(value)})
        for event, value in zip(frame.event, frame.label, strict=True)
    )
    (folder / "labels" / "some.jsonl").write_text("\n".join(lines))
    return folder


def summary(frame: pd.DataFrame, folder: Path, config: Config = CONFIG) -> dict[str, Any]:
    return bias.summarise(iter([chunk(frame)]), config, Problems(), folder)


def run(frame: pd.DataFrame, folder: Path, base: pd.DataFrame | None = None, config: Config = CONFIG) -> Results:
    baseline = {} if base is None else bias.baseline(summary(base, folder, config), config)
    return bias.results(json.loads(json.dumps(summary(frame, folder, config))), baseline, config)


def metrics(files: dict[str, Any], stage: str, facet: str = "contract") -> dict[str, float]:
    return {row["name"]: row["value"] for row in files["analysis.json"][stage]["facets"][facet][0]["metrics"]}


def test_values_equal_those_reckoned_on_the_raw_rows(tmp_path: Path) -> None:
    frame = drawn(1, monthly=0.3)
    config = replace(CONFIG, settings={**SETTINGS, "group_variable": "region"})
    files = run(frame, labels(tmp_path, frame), config=config).files
    a, d = frame[frame.contract == "yearly"], frame[frame.contract == "monthly"]
    post, pre = metrics(files, "post_training_bias_metrics"), metrics(files, "pre_training_bias_metrics")
    assert post["DPPL"] == pytest.approx(a.predicted.mean() - d.predicted.mean())
    assert post["DI"] == pytest.approx(d.predicted.mean() / a.predicted.mean())
    assert post["AD"] == pytest.approx((a.predicted == a.label).mean() - (d.predicted == d.label).mean())
    assert post["RD"] == pytest.approx(a[a.label == 1].predicted.mean() - d[d.label == 1].predicted.mean())
    assert post["DAR"] == pytest.approx(a[a.predicted == 1].label.mean() - d[d.predicted == 1].label.mean())
    assert post["DCA"] == pytest.approx(a.label.sum() / a.predicted.sum() - d.label.sum() / d.predicted.sum())
    benefit = frame.predicted - frame.label + 1
    assert post["GE"] == pytest.approx(((benefit / benefit.mean()) ** 2 - 1).mean() / 2)
    assert pre["CI"] == pytest.approx((len(a) - len(d)) / len(frame))
    assert pre["TVD"] == pytest.approx(abs(a.label.mean() - d.label.mean()))
    parts = [
        len(part)
        * ((part[part.label == 0].contract == "monthly").mean() - (part[part.label == 1].contract == "monthly").mean())
        for _, part in frame.groupby("region")
    ]
    assert pre["CDDL"] == pytest.approx(sum(parts) / len(frame))


def test_four_shards_in_any_order_equal_one(tmp_path: Path) -> None:
    frame = drawn(2)
    labels(tmp_path, frame)
    config = replace(
        CONFIG, settings={**SETTINGS, "facets": [CONTRACT, {"name": "region"}], "group_variable": "region"}
    )
    shards = [summary(frame.iloc[place::4], tmp_path, config) for place in range(4)]
    whole = bias.merge([summary(frame, tmp_path, config)])
    assert bias.merge(shards) == bias.merge(shards[::-1]) == whole
    assert bias.merge([bias.merge(shards[:1]), bias.merge(shards[1:])]) == whole


def test_many_shards_of_a_column_of_many_values_equal_one(tmp_path: Path) -> None:
    """More values than are told apart, though no shard has so many."""
    frame = drawn(3, rows=600).assign(contract=[f"c{row % 60}" for row in range(600)])
    frame["region"] = [f"r{row % 300}" for row in range(600)]
    config = replace(CONFIG, settings={**SETTINGS, "facets": [{"name": "contract"}, {"name": "age", "threshold": 40}]})
    config = replace(config, settings={**config.settings, "group_variable": "region"})
    parts = [frame[frame.index % 60 < 30], frame[frame.index % 60 >= 30]]
    merged = bias.merge([summary(part, tmp_path, config) for part in parts])
    assert merged == summary(frame, tmp_path, config)
    uneven = [summary(part, tmp_path, config) for part in (frame.iloc[:590], frame.iloc[590:])]
    assert bias.merge(uneven) == bias.merge(uneven[::-1]) == merged
    outcome = bias.results(merged, {}, config)
    assert outcome.status == "NoBaseline"


def test_bias_against_a_group_is_a_violation_as_clarify_writes_it(tmp_path: Path) -> None:
    outcome = run(drawn(4, monthly=0.3), tmp_path, drawn(5))
    assert outcome.status == "CompletedWithViolations"
    assert {row["metric_name"] for row in outcome.violations} == {"DPPL", "DI"}
    first = outcome.violations[0]
    assert set(first) == {"facet", "facet_value", "metric_name", "constraint_check_type", "description"}
    assert (first["facet"], first["facet_value"], first["constraint_check_type"]) == (
        "contract",
        "monthly",
        "bias_drift_check",
    )
    number = r"-?\d+\.\d+(e-\d+)?"
    pattern = f"Metric value {number} doesn't meet the baseline constraint requirement {number}"
    assert re.fullmatch(pattern, first["description"])


def test_a_tolerated_difference_is_no_violation(tmp_path: Path) -> None:
    config = replace(CONFIG, settings={**SETTINGS, "tolerance": 0.3, "methods": ["DPPL"]})
    assert run(drawn(4, monthly=0.3), tmp_path, drawn(5), config).status == "Completed"
    assert run(drawn(4, monthly=0.1), tmp_path, drawn(5), config).status == "CompletedWithViolations"


def test_violations_are_raised_against_an_analysis_of_clarify(tmp_path: Path) -> None:
    """A baseline as Clarify's job writes it: no intervals, and the name of the file is the team's."""
    clarify = {
        "version": "1.0",
        "post_training_bias_metrics": {
            "label": "Target",
            "facets": {
                "contract": [
                    {
                        "value_or_threshold": "monthly",
                        "metrics": [
                            {"name": "DPPL", "description": "", "value": 0.1},
                            {"name": "TE", "description": "", "value": "Infinity"},
                            {"name": "DI", "description": "", "value": None, "error": "Facet set is empty"},
                        ],
                    }
                ]
            },
            "label_value_or_threshold": "1",
        },
    }
    found = bias.results(summary(drawn(6, monthly=0.3), tmp_path), {"post.json": clarify}, CONFIG)
    assert [row["metric_name"] for row in found.violations] == ["DPPL"]
    assert bias.results(summary(drawn(6), tmp_path), {"post.json": clarify}, CONFIG).status == "Completed"


def test_all_intervals_of_a_run_hold_together(tmp_path: Path) -> None:
    """Two groups and three metrics are six intervals of 1 - 0.01 / 6 each."""
    frame = drawn(22)
    config = replace(
        CONFIG, settings={"facets": [CONTRACT, {"name": "age", "threshold": 40}], "methods": ["CI", "DPPL", "DI"]}
    )
    told = next(row for row in run(frame, tmp_path, config=config).details["metrics"] if row["name"] == "CI")
    z = norm.ppf(1 - 0.01 / 6 / 2)
    share = proportion(int((frame.contract == "monthly").sum()), len(frame), z)
    assert told["interval"] == pytest.approx([1 - 2 * share.high, 1 - 2 * share.low], rel=1e-9)


def test_without_drift_a_run_in_two_hundred_at_most_raises_an_alarm(tmp_path: Path) -> None:
    baseline = bias.baseline(summary(drawn(7, rows=2000, monthly=0.4), tmp_path), CONFIG)
    windows = (summary(drawn(seed, rows=1000, monthly=0.4), tmp_path) for seed in range(100, 300))
    alarms = [bool(bias.results(window, baseline, CONFIG).violations) for window in windows]
    assert sum(alarms) <= 1


def test_without_labels_only_what_needs_none_is_judged_and_the_details_say_so(tmp_path: Path) -> None:
    outcome = run(drawn(8), tmp_path, drawn(9))
    assert outcome.status == "Completed"
    assert {row["name"] for row in outcome.details["metrics"]} == {"CI", "DPPL", "DI"}
    assert "AD" in outcome.details["labels"]
    assert outcome.details["labels"].startswith("DPL, KL")


def test_late_labels_are_waited_for_but_not_what_is_seen_without_them(tmp_path: Path) -> None:
    config = replace(CONFIG, settings={**SETTINGS, "labels": {"at_least": 0.8}})
    frame = drawn(10)
    labels(tmp_path, frame.iloc[:1000])
    assert run(frame, tmp_path, drawn(9), config).status == "WaitingForLabels"
    assert "25.0%" in run(frame, tmp_path, drawn(9), config).sentence
    assert run(drawn(4, monthly=0.3), tmp_path, drawn(9), config).status == "CompletedWithViolations"
    last = replace(config, settings={**SETTINGS, "labels": {"at_least": 0.8, "last_chance": True}})
    assert run(frame, tmp_path, drawn(9), last).status == "Completed"


def test_a_model_that_is_right_for_one_group_only_is_found_by_its_labels(tmp_path: Path) -> None:
    base, frame = drawn(11), drawn(12)
    frame.loc[frame.contract == "monthly", "label"] = np.random.default_rng(1).integers(
        0, 2, (frame.contract == "monthly").sum()
    )
    labels(tmp_path, pd.concat([base, frame]))
    names = {row["metric_name"] for row in run(frame, tmp_path, base).violations}
    assert {"AD", "RD", "SD", "DAR", "DRR"} <= names
    assert not names & {"CI", "DPPL", "DI", "CDDPL"}


def test_a_threshold_makes_the_group_above_it_facet_d(tmp_path: Path) -> None:
    frame = drawn(13)
    config = replace(CONFIG, settings={"facets": [{"name": "age", "threshold": 40}], "methods": ["DPPL", "CI"]})
    outcome = run(frame, tmp_path, config=config)
    assert metrics(outcome.files, "pre_training_bias_metrics", "age")["CI"] == pytest.approx(
        1 - 2 * (frame.age > 40).mean()
    )
    assert (
        outcome.files["analysis.json"]["post_training_bias_metrics"]["facets"]["age"][0]["value_or_threshold"] == "40"
    )


def test_a_facet_without_values_is_looked_at_for_each_of_them(tmp_path: Path) -> None:
    config = replace(CONFIG, settings={"facets": [{"name": "region"}], "methods": ["CI"]})
    groups = run(drawn(14), tmp_path, config=config).files["analysis.json"]["pre_training_bias_metrics"]["facets"][
        "region"
    ]
    assert [group["value_or_threshold"] for group in groups] == ["north", "south"]
    assert groups[0]["metrics"][0]["value"] == pytest.approx(-groups[1]["metrics"][0]["value"])


def test_infinite_values_leave_the_json_valid(tmp_path: Path) -> None:
    frame = drawn(15)
    frame.loc[frame.contract == "yearly", "predicted"] = 0
    outcome = run(frame, tmp_path, drawn(16))
    text = json.dumps(outcome.files, allow_nan=False)
    assert metrics(json.loads(text), "post_training_bias_metrics")["DI"] == "Infinity"
    assert any(row["description"].startswith("Metric value Infinity doesn't") for row in outcome.violations)


def test_a_baseline_comes_from_training_data_with_a_label_and_no_predictions(tmp_path: Path) -> None:
    frame = drawn(17).rename(columns={"label": "churned"})
    blank = [""] * len(frame)
    problems = Problems()
    config = replace(CONFIG, settings={**SETTINGS, "label": "churned"})
    made = bias.summarise(iter([Chunk(frame.drop(columns="event"), blank, blank, blank)]), config, problems, tmp_path)
    analysis = bias.baseline(made, config)["analysis.json"]
    assert set(analysis) == {"version", "pre_training_bias_metrics"}
    assert problems.counts() == {}


SAID = {
    "no facet": ({"facets": []}, "facets: write at least one group"),
    "flip test": ({**SETTINGS, "methods": ["FT"]}, "leave FT out"),
    "unknown metric": ({**SETTINGS, "methods": ["DPLL"]}, "DPLL is not known"),
    "strata without a column": ({**SETTINGS, "methods": ["CDDPL"]}, "group_variable"),
    "tolerance": ({**SETTINGS, "tolerance": "much"}, "tolerance: 'much' is not a number"),
    "values and threshold": ({"facets": [{"name": "age", "values": [1], "threshold": 2}]}, "one of them"),
    "other positive": ({**SETTINGS, "positive": "yes"}, "Every prediction is negative"),
    "other column": ({"facets": [{"name": "sex", "values": ["f"]}]}, "No record has the column sex"),
    "one other column": ({"facets": [CONTRACT, {"name": "sex", "values": ["f"]}]}, "this facet was not judged"),
    "a group of nobody": ({"facets": [{"name": "contract", "values": ["weekly"]}]}, "Write what the column has"),
}


@pytest.mark.parametrize("case", SAID)
def test_what_cannot_be_judged_says_what_to_write(case: str, tmp_path: Path) -> None:
    settings, words = SAID[case]
    base = bias.baseline(summary(drawn(18), tmp_path), CONFIG)
    config = replace(CONFIG, settings=settings)
    outcome = bias.results(summary(drawn(19), tmp_path, config), base, config)
    assert (outcome.status, outcome.violations) == ("Unusable", [])
    assert words in outcome.sentence


def test_too_few_records_and_no_baseline_are_said(tmp_path: Path) -> None:
    assert run(drawn(20, rows=150), tmp_path, drawn(21)).status == "TooThin"
    assert run(drawn(20), tmp_path).status == "NoBaseline"
    empty = bias.summarise(iter([]), CONFIG, Problems(), tmp_path)
    assert bias.results(bias.merge([empty, empty]), {}, CONFIG).status == "TooThin"
