"""The one file: runs outside the repository, with nothing of the package beside it."""

from __future__ import annotations

import ast
import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import monitor
from monitor.bundle import LIMIT, bundle
from monitor.kinds import KINDS
from tests.unit.monitor.captured import as_csv, baseline, config, put, table, trained, write

PROGRAM = "import sys; sys.argv = sys.argv[1:]; import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"


def test_the_file_runs_by_itself(tmp_path: Path) -> None:
    root, place = tmp_path / "ml", tmp_path / "elsewhere"
    place.mkdir()
    (place / "monitor.py").write_text(bundle())
    baseline(root, trained(tmp_path / "base"))
    write(root, as_csv(table(2000, age=0.5)))
    put(root, "processing/input/config/config.json", config())
    ran = subprocess.run(
        [sys.executable, "-I", "monitor.py"],
        cwd=place,
        env={"ML_ROOT": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "CompletedWithViolations: Job completed successfully with 1 violations.\n"
    assert json.loads((root / "processing/output/result.json").read_text())["status"] == "CompletedWithViolations"


def write_program(folder: Path, text: str) -> Path:
    place = folder / "monitor.py"
    place.write_text(text)
    return place


def test_the_file_is_the_same_twice_short_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    text = bundle()
    assert text == bundle() and len(text.encode()) < LIMIT
    root = Path(monitor.__file__).parent
    table = runpy.run_path(str(write_program(tmp_path, text)))
    assert table["SOURCES"]["monitor.sketch"] == (root / "sketch.py").read_text()
    assert len(table["SOURCES"]) == len(list(root.rglob("*.py"))) - 1
    packages = {".".join(path.relative_to(root.parent).parent.parts) for path in root.rglob("*.py")}
    assert set(table["PACKAGES"]) == packages and len(packages) > 5
    assert set(KINDS.values()) <= table["SOURCES"].keys()


def test_making_it_needs_the_standard_library_only() -> None:
    tree = ast.parse((Path(monitor.__file__).parent / "bundle.py").read_text())
    names = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
