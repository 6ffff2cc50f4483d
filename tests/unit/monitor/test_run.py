"""The job: each task, four shards, and input that cannot be judged: told in a sentence, never a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.__main__ import main
from tests.unit.monitor.captured import as_csv, baseline, config, put, run, table, trained, write, written


def prepared(root: Path, files: dict[str, Any], rows: int = 2000, **changes: Any) -> Path:
    baseline(root, files)
    write(root, as_csv(table(rows, **changes)))
    return root


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return trained(tmp_path_factory.mktemp("baseline"))


def test_messages_are_model_monitors(tmp_path: Path, base: dict[str, Any]) -> None:
    assert run(prepared(tmp_path / "a", base))[2] == "Completed: Job completed successfully with no violations."
    expected = "CompletedWithViolations: Job completed successfully with 1 violations."
    assert run(prepared(tmp_path / "b", base, age=0.5))[2] == expected


def test_the_result_tells_what_was_run(tmp_path: Path, base: dict[str, Any]) -> None:
    _, files, _ = run(prepared(tmp_path, base))
    result = files["result.json"]
    expected = {"records": 2000, "version": 7, "kind": "data_quality", "monitor": "inputs", "problems": {}}
    assert expected.items() <= result.items() and result["window"]["start"] == "2026-01-05T09:00:00Z"


def test_several_hosts_do_not_judge_a_part_as_if_it_were_all(tmp_path: Path, base: dict[str, Any]) -> None:
    put(tmp_path, "config/resourceconfig.json", {"current_host": "algo-2", "hosts": ["algo-1", "algo-2"]})
    assert list(run(prepared(tmp_path, base))[1]) == ["summary-algo-2.json"]


def test_a_baseline_may_come_from_capture(tmp_path: Path) -> None:
    write(tmp_path, as_csv(table(500)))
    _, files, message = run(tmp_path, task="baseline")
    assert message == "Completed: A baseline of 500 rows of the capture is written."
    assert files["statistics.json"]["dataset"] == {"item_count": 500}


def test_a_label_in_the_training_data_is_no_input(tmp_path: Path) -> None:
    files = trained(tmp_path, table(500).assign(churned=1))
    assert [one["name"] for one in files["constraints.json"]["features"]] == ["age", "spend", "plan"]


def test_columns_that_nobody_configured_are_the_baselines(tmp_path: Path, base: dict[str, Any]) -> None:
    _, files, message = run(prepared(tmp_path, base), columns=None)
    assert message.startswith("Completed:") and set(files["result.json"]["details"]["features"]) == {
        "age",
        "spend",
        "plan",
    }


def unjudged(root: Path, files: dict[str, Any], rows: int = 2000, **changes: Any) -> tuple[str, dict[str, Any]]:
    code, found, message = run(prepared(root, files, rows), **changes)
    assert code == 0 and "constraint_violations.json" not in found and "statistics.json" in found
    return message, found


def test_no_baseline(tmp_path: Path) -> None:
    expected = "NoBaseline: There is no baseline with features to compare the window with."
    assert unjudged(tmp_path, {})[0] == expected


def test_too_few_records(tmp_path: Path, base: dict[str, Any]) -> None:
    assert unjudged(tmp_path, base, rows=12)[0] == "TooThin: 12 records are in the window, 200 are needed to judge it."


def test_an_empty_window(tmp_path: Path, base: dict[str, Any]) -> None:
    message, files = unjudged(tmp_path, base, rows=0)
    assert message == "TooThin: 0 records are in the window, 200 are needed to judge it."
    assert files["statistics.json"]["features"] == []


def test_a_baseline_for_other_columns(tmp_path: Path, base: dict[str, Any]) -> None:
    message, _ = unjudged(tmp_path, base, columns=["a", "b", "c"])
    assert message == "NoBaseline: The baseline is for other columns: it has age, spend, plan; the window has a, b, c."


def with_rule(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    first, *others = base["constraints.json"]["features"]
    return base | {"constraints.json": base["constraints.json"] | {"features": [first | changes, *others]}}


BAD: list[tuple[dict[str, Any], str]] = [
    ({"completeness": "all"}, "features[0].completeness is not a number from 0 to 1"),
    ({"completeness": float("nan")}, "features[0].completeness is not a number from 0 to 1"),
    ({"inferred_type": "Text"}, "features[0].inferred_type is not Integral, Fractional, String or Unknown"),
    ({"string_constraints": {"domains": 3}}, "features[0].string_constraints.domains is not a list of texts"),
    ({"monitoringConfigOverrides": []}, ""),
    ({"monitoringConfigOverrides": [1]}, "features[0].monitoringConfigOverrides is not an object"),
    (
        {"monitoringConfigOverrides": {"datatype_check_threshold": 7}},
        "features[0].monitoringConfigOverrides.datatype_check_threshold is not a number from 0 to 1",
    ),
    ({"name": 3}, "features[0].name is not text"),
]


@pytest.mark.parametrize(("changes", "sentence"), BAD)
def test_constraints_that_cannot_be_used_name_the_field(
    tmp_path: Path, base: dict[str, Any], changes: dict[str, Any], sentence: str
) -> None:
    if not sentence:
        assert run(prepared(tmp_path, with_rule(base, **changes)))[2].startswith("Completed")
        return
    message, _ = unjudged(tmp_path, with_rule(base, **changes))
    assert message == f"NoBaseline: The baseline cannot be used. constraints.json: {sentence}."


@pytest.mark.parametrize(
    "document",
    [[], 3, "{", {"features": 3}, {"features": [3]}, {"features": [{"name": "age", "numerical_statistics": 3}]}],
)
def test_statistics_that_cannot_be_used_are_told(tmp_path: Path, base: dict[str, Any], document: object) -> None:
    code, files, message = run(prepared(tmp_path, base | {"statistics.json": document}))
    assert code == 0
    assert (
        "statistics.json" in message
        or "a file of the baseline is not a JSON object" in files["result.json"]["problems"]
    )


def test_constraints_that_name_an_unknown_feature(tmp_path: Path, base: dict[str, Any]) -> None:
    features = [
        *base["constraints.json"]["features"],
        {"name": "shoe_size", "inferred_type": "Integral", "completeness": 1.0},
    ]
    _, files, message = run(
        prepared(tmp_path, base | {"constraints.json": base["constraints.json"] | {"features": features}})
    )
    assert message.startswith("Completed:") and files["result.json"]["details"]["unknown_features"] == ["shoe_size"]


def test_a_baseline_without_statistics_is_judged_without_drift(tmp_path: Path, base: dict[str, Any]) -> None:
    _, files, _ = run(prepared(tmp_path, {"constraints.json": base["constraints.json"]}, age=3))
    assert files["result.json"]["status"] == "Completed" and files["result.json"]["details"]["not_compared"] == [
        "age",
        "spend",
        "plan",
    ]


@pytest.mark.parametrize(
    "text", [None, "{", "[]", json.dumps(config(kind="weather")), json.dumps(config(min_records="many"))]
)
def test_a_job_that_cannot_run_says_why(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        put(tmp_path, "processing/input/config/config.json", text)
    assert main(tmp_path) == 1
    message = (tmp_path / "output/message").read_text()
    assert message.startswith("Failed: ") and "config.json" in message and written(tmp_path) == {}


def test_numbers_that_json_has_not_are_text(tmp_path: Path) -> None:
    write(tmp_path, ["1e308,inf,a", "1e308,2,b", "-1e308,3,c"] * 100)
    code, files, _ = run(tmp_path, task="baseline")
    assert code == 0
    age, spend, _ = files["statistics.json"]["features"]
    assert age["numerical_statistics"]["sum"] == "Infinity"
    assert spend["numerical_statistics"]["common"]["num_present"] == 300 and spend["numerical_statistics"]["max"] == 3
