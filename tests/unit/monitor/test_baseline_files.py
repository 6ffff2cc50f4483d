"""Files of the baseline may have any name; config.json says which is which."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.monitor.captured import as_csv, baseline, put, run, table, trained, write


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return trained(tmp_path_factory.mktemp("baseline"))


NAMED = {"statistics.json": "statistics/v7.json", "constraints.json": "constraints/v7.json"}


def laid(root: Path, base: dict[str, Any], age: float = 0.0) -> Path:
    for name, place in NAMED.items():
        put(root, f"processing/input/baseline/{place}", base[name])
    write(root, as_csv(table(2000, age=age)))
    return root


def test_two_files_may_have_one_name(tmp_path: Path, base: dict[str, Any]) -> None:
    _, files, message = run(laid(tmp_path, base, age=0.5), baseline_files=NAMED)
    assert message.startswith("CompletedWithViolations") and files["result.json"]["problems"] == {}
    assert files["result.json"]["details"]["features"]["age"]["drifted"]


def test_only_what_is_named_is_read(tmp_path: Path, base: dict[str, Any]) -> None:
    """Another file of the folder has the right name, and is another model's."""
    root = laid(tmp_path, base)
    baseline(root, {name: {"features": []} for name in NAMED})
    put(root, "processing/input/baseline/other.json", "{")
    _, files, message = run(root, baseline_files=NAMED)
    assert message.startswith("Completed:") and files["result.json"]["problems"] == {}


@pytest.mark.parametrize("absent", NAMED)
def test_what_is_named_and_missing_is_no_silent_pass(tmp_path: Path, base: dict[str, Any], absent: str) -> None:
    root = laid(tmp_path, base)
    (root / "processing/input/baseline" / NAMED[absent]).unlink()
    code, files, message = run(root, baseline_files=NAMED)
    assert (code, message[:12]) == (0, "NoBaseline: ") and absent in message
    expected = {"count": 1, "examples": [f"{absent}: {NAMED[absent]}"]}
    assert files["result.json"]["problems"] == {"a file of the baseline is missing": expected}
    assert "constraint_violations.json" not in files


def test_a_violation_that_is_seen_anyhow_is_told(tmp_path: Path, base: dict[str, Any]) -> None:
    root = laid(tmp_path, base, age=0.5)
    (root / "processing/input/baseline" / NAMED["constraints.json"]).unlink()
    assert run(root, baseline_files=NAMED)[2].startswith("CompletedWithViolations: ")


@pytest.mark.parametrize("written", [{"statistics.json": 3}, ["statistics.json"], "statistics.json"])
def test_names_that_are_none(tmp_path: Path, written: Any) -> None:
    code, _, message = run(tmp_path, baseline_files=json.loads(json.dumps(written)))
    assert (code, message) == (1, "Failed: config.json: baseline_files is not an object of paths")
