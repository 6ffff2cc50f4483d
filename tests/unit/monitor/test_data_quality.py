"""Data quality: the documented checks, drift that matters and is no chance, and Model Monitor's formats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from monitor.data_quality import drift, features
from tests.unit.monitor.captured import as_csv, as_json, baseline, run, table, trained, write

Files = dict[str, Any]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return trained(tmp_path_factory.mktemp("baseline"))


def judged(root: Path, base: Files, frame: pd.DataFrame, **changes: Any) -> tuple[set[tuple[str, str]], Files]:
    """(feature, check) of each violation, and all files."""
    baseline(root, base)
    write(root, as_csv(frame))
    code, files, _ = run(root, **changes)
    assert code == 0
    found = files["constraint_violations.json"]["violations"]
    return {(one["feature_name"], one["constraint_check_type"]) for one in found}, files


def test_the_same_data_shows_nothing(tmp_path: Path, base: Files) -> None:
    found, files = judged(tmp_path, base, table(2000))
    assert found == set()
    assert files["result.json"]["status"] == "Completed"
    assert files["result.json"]["details"]["features"].keys() == {"age", "spend", "plan"}


def test_a_shift_of_half_a_standard_deviation_is_drift_of_that_column(tmp_path: Path, base: Files) -> None:
    found, files = judged(tmp_path, base, table(2000, age=0.5))
    assert found == {("age", "baseline_drift_check")}
    details = files["result.json"]["details"]["features"]
    now, before = table(2000, age=0.5)["age"], table(10_000, seed=1)["age"]
    assert (
        details["age"]["distance"]
        <= stats.ks_2samp(now, before).statistic
        <= details["age"]["distance"] + details["age"]["inexact"]
    )
    assert details["age"]["p"] < 1e-6 < details["spend"]["p"] and details["age"]["n"] == 2000
    assert details["age"]["psi"] > 0.1 > details["spend"]["psi"]
    (one,) = files["constraint_violations.json"]["violations"]
    assert one["description"] == f"Baseline drift distance: {details['age']['distance']} exceeds threshold: 0.1"


def test_distances_equal_scipys_where_the_baseline_is_held_exactly(tmp_path: Path) -> None:
    base = trained(tmp_path / "base", table(3000, seed=1))
    _, files = judged(tmp_path / "run", base, table(2000))
    details = files["result.json"]["details"]["features"]
    for name in ("age", "spend"):
        exact = stats.ks_2samp(table(2000)[name], table(3000, seed=1)[name]).statistic
        assert details[name]["distance"] == pytest.approx(exact, abs=1e-9) and details[name]["inexact"] == 0
    shares = [table(n, seed=seed)["plan"].value_counts(normalize=True) for n, seed in ((2000, 0), (3000, 1))]
    assert details["plan"]["distance"] == pytest.approx((shares[0] - shares[1]).abs().max(), abs=1e-9)


def test_many_records_do_not_make_a_small_difference_matter(tmp_path: Path, base: Files) -> None:
    found, files = judged(tmp_path, base, table(60_000, age=0.1))
    age = files["result.json"]["details"]["features"]["age"]
    assert found == set() and age["p"] < 1e-6 and 0.02 < age["distance"] < 0.1


def test_few_records_do_not_make_chance_an_alarm(base: Files, tmp_path: Path) -> None:
    """Sixty records: the distance is over 0.1 by chance in most runs."""
    over = 0
    for seed in range(10):
        found, files = judged(tmp_path / str(seed), base, table(60, seed=100 + seed), min_records=50)
        assert found == set()
        over += any(one["distance"] > 0.1 for one in files["result.json"]["details"]["features"].values())
    assert over >= 5


def test_categories_that_move_are_drift(tmp_path: Path, base: Files) -> None:
    found, files = judged(tmp_path, base, table(2000, plans=(0.4, 0.5, 0.1)))
    assert found == {("plan", "baseline_drift_check")}
    assert files["result.json"]["details"]["features"]["plan"]["method"] == "LInfinity"


Change = Callable[[pd.DataFrame], pd.DataFrame]
HALF = np.arange(2000) % 50 == 0


def changed(**columns: Any) -> Change:
    return lambda frame: frame.assign(**columns)


CASES: list[tuple[Change, set[tuple[str, str]]]] = [
    (changed(age=lambda frame: frame["age"].astype(object).mask(HALF, "old")), {("age", "data_type_check")}),
    (changed(age=lambda frame: frame["age"].mask(HALF)), {("age", "completeness_check")}),
    (changed(plan=lambda frame: frame["plan"].mask(HALF, "platinum")), {("plan", "categorical_values_check")}),
    (lambda frame: frame.drop(columns="plan"), {("Missing columns", "missing_column_check")}),
    (changed(more=1), {("Extra columns", "extra_column_check")}),
]


@pytest.mark.parametrize(("change", "expected"), CASES, ids=lambda value: str(value)[-30:])
def test_each_documented_check(tmp_path: Path, base: Files, change: Change, expected: set[tuple[str, str]]) -> None:
    found, files = judged(tmp_path, base, change(table(2000)))
    assert found == expected
    assert files["result.json"]["status"] == "CompletedWithViolations"


def test_a_wrong_type_is_told_in_model_monitors_words(tmp_path: Path, base: Files) -> None:
    _, files = judged(tmp_path, base, CASES[0][0](table(2000)))
    (one,) = files["constraint_violations.json"]["violations"]
    assert one["description"] == (
        "Data type match requirement is not met. Expected data type: Fractional, Expected match: 100.0%. "
        "Observed: Only 98.0% of data is Fractional."
    )


def test_json_requests_name_the_column_that_is_missing_or_new(tmp_path: Path, base: Files) -> None:
    baseline(tmp_path, base)
    write(tmp_path, as_json(table(2000).rename(columns={"plan": "tariff"})), "JSON")
    _, files, _ = run(tmp_path)
    found = {
        (one["feature_name"], one["constraint_check_type"]) for one in files["constraint_violations.json"]["violations"]
    }
    assert found == {("plan", "missing_column_check"), ("tariff", "extra_column_check")}


def test_some_requests_of_another_width_are_no_violation(tmp_path: Path, base: Files) -> None:
    baseline(tmp_path, base)
    write(tmp_path, [*as_csv(table(2000)), *["1,2"] * 20])
    _, files, _ = run(tmp_path)
    assert files["constraint_violations.json"]["violations"] == []
    assert files["result.json"]["problems"]["a row has not 3 columns"]["count"] == 20
    assert files["result.json"]["details"]["widths"] == {"2": 20}


def test_missing_values_that_the_baseline_has_too_are_no_alarm_by_chance(tmp_path: Path) -> None:
    def holes(n: int, seed: int) -> pd.DataFrame:
        return table(n, seed).assign(age=lambda frame: frame["age"].mask(np.random.default_rng(seed).random(n) < 0.05))

    base = trained(tmp_path / "base", holes(4000, 1))
    for seed in range(2, 12):
        assert judged(tmp_path / str(seed), base, holes(2000, seed))[0] == set()
    more = holes(2000, 50).assign(age=lambda frame: frame["age"].mask(np.arange(2000) % 10 == 0))
    assert judged(tmp_path / "more", base, more)[0] == {("age", "completeness_check")}


def test_rules_of_the_file_and_of_one_feature_are_followed(tmp_path: Path, base: Files) -> None:
    loose = {"distribution_constraints": {"comparison_threshold": 0.3}}
    first, *others = base["constraints.json"]["features"]
    changes = {"features": [first | {"monitoringConfigOverrides": loose}, *others]}
    found, _ = judged(
        tmp_path / "a", base | {"constraints.json": base["constraints.json"] | changes}, table(2000, age=0.5)
    )
    assert found == set()
    off = {"monitoring_config": {"distribution_constraints": {"perform_comparison": "Disabled"}}}
    found, _ = judged(tmp_path / "b", base | {"constraints.json": base["constraints.json"] | off}, table(2000, age=2))
    assert found == set()


def test_a_method_that_is_not_offered_is_a_problem_of_the_run(tmp_path: Path, base: Files) -> None:
    def asked(method: str) -> Files:
        given = {"monitoring_config": {"distribution_constraints": {"comparison_method": method}}}
        return base | {"constraints.json": base["constraints.json"] | given}

    simple = judged(tmp_path / "a", asked("Simple"), table(2000, age=0.5))
    robust = judged(tmp_path / "b", asked("Robust"), table(2000, age=0.5))
    said = "comparison_method Robust of constraints.json was judged as Simple"
    assert robust[0] == simple[0] != set()
    assert simple[1]["result.json"]["problems"] == {}
    assert robust[1]["result.json"]["problems"] == {said: {"count": 1, "examples": ["age, spend, plan"]}}
    baseline(tmp_path / "c", asked("Best"))
    write(tmp_path / "c", as_csv(table(2000)))
    other = run(tmp_path / "c")[1]["result.json"]
    assert (other["status"], "comparison_method is not Simple or Robust" in other["sentence"]) == ("NoBaseline", True)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusted_chances_are_holms(chances: list[float]) -> None:
    names = {f"f{place:02}": chance for place, chance in enumerate(chances)}
    found = drift.adjusted(names)
    for level in (0.01, 0.05, 0.5):
        rejected = set()
        for place, name in enumerate(sorted(names, key=lambda name: names[name])):  # Holm's own steps
            if names[name] >= level / (len(names) - place) * (1 - 1e-12):
                break
            rejected.add(name)
        assert {name for name in names if found[name] < level * (1 - 1e-12)} == rejected


def test_the_test_of_homogeneity_is_scipys() -> None:
    now, before = (pd.Series(["a"] * 60 + ["b"] * 50 + ["c"] * 40), pd.Series(["a"] * 90 + ["b"] * 30 + ["c"] * 30))
    found = drift.categorical(features.feature(now), features.feature(before))
    assert found is not None and found.distance == pytest.approx(0.2)
    assert found.p == pytest.approx(stats.chi2_contingency([[60, 50, 40], [90, 30, 30]], correction=False).pvalue)


NUMBER = {"type": "number"}
NAMED = {"name": {"type": "string"}, "inferred_type": {"enum": ["Integral", "Fractional", "String", "Unknown"]}}
COMMON = {"type": "object", "required": ["num_present", "num_missing"]}
BUCKET = {"type": "object", "required": ["lower_bound", "upper_bound", "count"], "additionalProperties": NUMBER}
SKETCH = {
    "type": "object",
    "required": ["parameters", "data"],
    "properties": {
        "parameters": {"type": "object", "required": ["c", "k"]},
        "data": {"type": "array", "items": {"type": "array", "items": NUMBER}},
    },
}
KLL = {
    "required": ["buckets", "sketch"],
    "properties": {"buckets": {"items": BUCKET, "minItems": 10, "maxItems": 10}, "sketch": SKETCH},
}
NUMERICAL = {
    "required": ["common", "mean", "sum", "std_dev", "min", "max", "distribution"],
    "properties": {"common": COMMON, "distribution": {"required": ["kll"], "properties": {"kll": KLL}}},
}
CATEGORICAL = {"required": ["buckets"], "properties": {"buckets": {"items": {"required": ["value", "count"]}}}}
STRINGS = {
    "required": ["common", "distinct_count", "distribution"],
    "properties": {
        "common": COMMON,
        "distribution": {"required": ["categorical"], "properties": {"categorical": CATEGORICAL}},
    },
}
STATISTICS = {  # docs: sagemaker/latest/dg/model-monitor-interpreting-statistics
    "type": "object",
    "required": ["version", "dataset", "features"],
    "properties": {
        "dataset": {"required": ["item_count"]},
        "features": {
            "items": {
                "required": ["name", "inferred_type"],
                "properties": NAMED | {"numerical_statistics": NUMERICAL, "string_statistics": STRINGS},
                "additionalProperties": False,
            }
        },
    },
}


def test_files_are_as_documented(tmp_path: Path, base: Files) -> None:
    _, files = judged(tmp_path, base, table(2000, age=0.5))
    for document in (base["statistics.json"], files["statistics.json"]):
        jsonschema.validate(document, STATISTICS)
    age, spend, plan = base["statistics.json"]["features"]
    frame = table(10_000, seed=1)
    for entry, name in ((age, "age"), (spend, "spend")):
        numbers = entry["numerical_statistics"]
        assert numbers["mean"] == pytest.approx(frame[name].mean()) and numbers["std_dev"] == pytest.approx(
            frame[name].std(ddof=0)
        )
        assert (numbers["min"], numbers["max"]) == (frame[name].min(), frame[name].max())
        assert sum(bucket["count"] for bucket in numbers["distribution"]["kll"]["buckets"]) == 10_000
    counts = {one["value"]: one["count"] for one in plan["string_statistics"]["distribution"]["categorical"]["buckets"]}
    assert counts == frame["plan"].value_counts().to_dict()
    asked = base["constraints.json"]["features"]
    assert [one["name"] for one in asked] == ["age", "spend", "plan"] and asked[2]["string_constraints"]["domains"] == [
        "basic",
        "gold",
        "plus",
    ]
    assert set(files["constraint_violations.json"]["violations"][0]) == {
        "feature_name",
        "constraint_check_type",
        "description",
    }
