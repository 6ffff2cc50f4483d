"""Input that nobody should send: the job ends with a sentence, never with a crash, and never as if all were well."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model_quality.summary import NEITHER
from monitor.results import JUDGED
from tests.unit.monitor.captured import as_csv, baseline, put, run, table, trained, write, written
from tests.unit.monitor.test_shards import SETTINGS, made, sagemaker

Files = dict[str, Any]
KINDS = list(SETTINGS)
STATUSES = ("Completed", "CompletedWithViolations", "TooThin", "WaitingForLabels", "NoBaseline", "Unusable")
fuzz = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """The baseline of each kind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "boto3", SimpleNamespace(client=sagemaker))
        return {kind: made(tmp_path_factory.mktemp(kind), kind) for kind in KINDS}


@pytest.fixture(autouse=True)
def endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=sagemaker))


def ended(root: Path, **changes: Any) -> Files:
    """result.json of a job that must end well, whatever it found."""
    changes = {"settings": SETTINGS[changes.get("kind", "data_quality")]} | changes
    code, found, message = run(root, **changes)
    assert code == 0, message
    result = found["result.json"]
    assert result["status"] in STATUSES and result["sentence"] and message.startswith(result["status"])
    assert ("constraint_violations.json" in found) == result["status"].startswith("Completed")
    assert all(json.dumps(document, allow_nan=False) for document in found.values())
    return dict(result)


def lay(root: Path, data: bytes, name: str = "z") -> None:
    path = root / f"processing/input/capture/churn/AllTraffic/2026/01/05/09/{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(min_size=1, max_size=400))
@fuzz
def test_any_bytes_as_a_capture(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, Files], kind: str, data: bytes
) -> None:
    root = tmp_path_factory.mktemp("bytes")
    baseline(root, files[kind])
    lay(root, data)
    result = ended(root, kind=kind)
    assert result["status"] in ("TooThin", "WaitingForLabels") and result["records"] == 0
    assert not data.strip() or result["problems"]


@pytest.mark.parametrize("kind", KINDS)
@given(captured=JSON, event=JSON, data=JSON)
@fuzz
def test_any_json_as_a_record(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, Files], kind: str, captured: Any, event: Any, data: Any
) -> None:
    root = tmp_path_factory.mktemp("json")
    baseline(root, files[kind])
    part = {"encoding": "JSON", "data": json.dumps(data)}
    half = {"endpointInput": part, "endpointOutput": part}
    records = [{"captureData": captured, "eventMetadata": event}, {"captureData": half, "eventMetadata": event}, data]
    lay(root, "\n".join(map(json.dumps, records)).encode())
    put(root, "processing/input/labels/a.jsonl", json.dumps(data) + "\n" + json.dumps(event))
    assert ended(root, kind=kind, min_records=1)["status"] in STATUSES


@pytest.mark.parametrize("kind", KINDS)
@given(document=JSON, place=st.integers(0, 3))
@fuzz
def test_any_json_as_a_baseline(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, Files], kind: str, document: Any, place: int
) -> None:
    root = tmp_path_factory.mktemp("baseline")
    names = sorted(files[kind])
    name = names[place % len(names)]
    half = dict.fromkeys(files[kind][name], document)
    write(root, as_csv(table(300)), answers=["0.9", "0.2", "0.4"] * 100)
    ids = [f"a-{row}" for row in range(300)]
    truth = [json.dumps({"event_id": event_id, "label": place % 2}) for place, event_id in enumerate(ids)]
    put(root, "processing/input/labels/a.jsonl", "\n".join(truth))
    for attacked in (document, half):
        baseline(root, {name: attacked})
        assert ended(root, kind=kind)["status"] not in ("Completed", "CompletedWithViolations")


@pytest.mark.parametrize("kind", KINDS)
@given(
    settings=st.dictionaries(
        st.sampled_from(
            "problem positive negative classes labels facets tolerance smallest_drop significance methods"
            " group_variable label model_calls pairs batch background"
            " background_rows content_type inference_attribute baseline"
            " probability_attribute probability_threshold_attribute".split()
        ),
        JSON,
        max_size=3,
    )
)
@fuzz
def test_any_settings(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, Files], kind: str, settings: Files
) -> None:
    root = tmp_path_factory.mktemp("settings")
    baseline(root, files[kind])
    write(root, as_csv(table(300)), answers=["0.9", "0.2", "0.4"] * 100)
    chosen = {**SETTINGS[kind], **settings}
    if kind == "attribution":
        chosen |= {
            "per_second": 1e9,
            "model_calls": min(chosen["model_calls"], 100) if isinstance(chosen["model_calls"], int) else 100,
        }
    for task in ("run", "baseline"):
        if task == "run":
            ended(root, kind=kind, settings=json.loads(json.dumps(chosen)))
        else:
            assert run(root, kind=kind, task=task, settings=json.loads(json.dumps(chosen)))[0] == 0


UNUSABLE: dict[str, Files] = {
    "model_quality": {"smallest_drop": "1%"},
    "bias": {"facets": "plan"},
    "attribution": {"model_calls": 0},
}


@pytest.mark.parametrize("task", ["run", "baseline", "merge"])
@pytest.mark.parametrize("kind", KINDS[1:])
def test_settings_that_cannot_be_used_have_a_status_of_their_own(
    tmp_path: Path, files: dict[str, Files], kind: str, task: str
) -> None:
    given: Files = {"kind": kind, "settings": SETTINGS[kind] | UNUSABLE[kind]}
    baseline(tmp_path, files[kind])
    write(tmp_path, as_csv(table(300)))
    if task == "merge":
        run(tmp_path, task="summarise", **given)
        summary = written(tmp_path)["summary-algo-1.json"]
        put(tmp_path, "processing/input/summaries/summary-algo-1.json", summary)
    code, found, message = run(tmp_path, task=task, **given)
    assert (code, found["result.json"]["status"]) == (0, "Unusable")
    assert "write" in found["result.json"]["sentence"] and message.startswith("Unusable: ")


def test_a_significance_that_is_none(tmp_path: Path, files: dict[str, Files]) -> None:
    baseline(tmp_path, files["data_quality"])
    write(tmp_path, as_csv(table(300)))
    code, _, message = run(tmp_path, settings={"significance": 2})
    assert (code, message[:24]) == (0, "Unusable: significance: ")


def test_long_lines_and_empty_files(tmp_path: Path, files: dict[str, Files]) -> None:
    baseline(tmp_path, files["data_quality"])
    write(tmp_path, as_csv(table(300)))
    lay(tmp_path, b"", "empty")
    lay(tmp_path, b"\n\n \n", "blank")
    lay(tmp_path, b"x" * 10_000_000 + b"\n" + b"[" * 10_000_000, "long")
    result = ended(tmp_path)
    assert (result["status"], result["records"]) == ("Completed", 300)
    assert sum(one["count"] for one in result["problems"].values()) == 2
    assert max(len(text) for one in result["problems"].values() for text in one["examples"]) == 200


def test_a_row_of_ten_megabytes(tmp_path: Path, files: dict[str, Files]) -> None:
    baseline(tmp_path, files["data_quality"])
    write(tmp_path, [*as_csv(table(300)), f"1,2,{'x' * 10_000_000}", ",".join(["1"] * 1_000_000)])
    result = ended(tmp_path)
    assert (result["status"], result["records"]) == ("CompletedWithViolations", 301)  # a plan that nobody has


def test_numbers_that_are_none(tmp_path: Path, files: dict[str, Files]) -> None:
    """Not-a-number is a missing value, and infinity no number: where the baseline has neither, both are violations."""
    baseline(tmp_path, files["data_quality"])
    rows = as_csv(table(300))
    write(tmp_path, [*rows, "nan,10,gold", "inf,10,gold", "-inf,10,gold", "1e999,10,gold"])
    code, found, _ = run(tmp_path)
    violations = {one["constraint_check_type"] for one in found["constraint_violations.json"]["violations"]}
    assert code == 0 and violations == {"completeness_check", "data_type_check"}


def test_a_category_for_each_record(tmp_path: Path) -> None:
    frame = table(30_000).assign(plan=[f"user-{row}" for row in range(30_000)])
    base = trained(tmp_path / "base", frame)
    root = tmp_path / "run"
    baseline(root, base)
    write(root, as_csv(frame.assign(plan=[f"user-{row}" for row in range(30_000, 60_000)])))
    assert ended(root)["status"] == "Completed"  # ids are always new: what is not named is one class


def test_json_columns_in_another_order_are_the_same_columns(tmp_path: Path, files: dict[str, Files]) -> None:
    baseline(tmp_path, files["data_quality"])
    frame = table(1000)[["plan", "age", "spend"]]
    write(tmp_path, [json.dumps(row) for row in json.loads(frame.to_json(orient="records"))], "JSON")
    assert ended(tmp_path)["status"] == "Completed"


def test_csv_columns_in_another_order_do_not_pass(tmp_path: Path, files: dict[str, Files]) -> None:
    baseline(tmp_path, files["data_quality"])
    write(tmp_path, as_csv(table(1000)[["plan", "age", "spend"]]))
    assert ended(tmp_path)["status"] == "CompletedWithViolations"


MIXED: list[Callable[[bool], object]] = [
    int,
    float,
    bool,
    str,
    lambda said: str(int(said)),
    lambda said: f" {said:d}.0",
]


def test_labels_of_mixed_types(tmp_path: Path, files: dict[str, Files]) -> None:
    """1, 1.0 and "1" are one class; true and "True" are another, which no prediction is."""
    baseline(tmp_path, files["model_quality"])
    write(tmp_path, as_csv(table(600)), answers=["0.9", "0.1"] * 300)
    nothing: list[object] = [None, [], {}, math.nan, ""]
    lines = [{"event_id": f"a-{row}", "label": MIXED[row % 6](row % 2 == 0)} for row in range(600)]
    lines += [{"event_id": "a-0", "label": label} for label in nothing]
    put(tmp_path, "processing/input/labels/a.jsonl", "\n".join(map(json.dumps, lines)))
    code, found, _ = run(tmp_path, kind="model_quality", settings=SETTINGS["model_quality"])
    assert code == 0
    assert found["result.json"]["status"] in JUDGED
    counts = {name: one["count"] for name, one in found["result.json"]["problems"].items()}
    assert counts == {NEITHER: 200, "a label is not one value": 5}


@pytest.mark.parametrize("kind", KINDS)
def test_the_baseline_of_another_model(tmp_path: Path, files: dict[str, Files], kind: str) -> None:
    text = json.dumps(files[kind])
    for name in ("age", "spend", "plan", "gold", "binary_classification"):
        text = text.replace(name, f"other_{name}")
    baseline(tmp_path, json.loads(text))
    write(tmp_path, as_csv(table(600)), answers=["0.9", "0.1"] * 300)
    lines = [json.dumps({"event_id": f"a-{row}", "label": row % 2}) for row in range(600)]
    put(tmp_path, "processing/input/labels/a.jsonl", "\n".join(lines))
    assert ended(tmp_path, kind=kind)["status"] in ("NoBaseline", "Unusable")
