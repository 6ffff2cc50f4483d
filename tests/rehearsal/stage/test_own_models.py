"""A scenario may name a model and rows of a person's own; what is wrong with the files is said before anything runs."""

from __future__ import annotations

import io
import runpy
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from rehearsal.__main__ import main
from rehearsal.models.packing import pack
from rehearsal.playing import rehearse
from rehearsal.scenario.reading import ScenarioError, read_scenario

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/own-model"
SCRIPT = b"def model_fn(model_dir): return None\ndef transform_fn(model, body, content_type, accept): return '1'\n"
SCENARIO = {
    "scenario": "own",
    "about": "An own model serves.",
    "start": "2026-01-05T09:00:00Z",
    "lasts": "10m",
    "endpoints": [{"name": "shop", "model": "made/model.tar.gz"}],
    "traffic": [{"endpoint": "shop", "data": "rows.csv"}],
    "expect": [{"endpoint": "shop", "serves": "made/model.tar.gz", "share": "100%"}],
}


def written(folder: Path, archive: bytes | None = None, rows: str = "1,2\n3,4\n", **changes: object) -> Path:
    (folder / "made").mkdir(exist_ok=True)
    (folder / "made/model.tar.gz").write_bytes(archive or pack({"code/inference.py": SCRIPT}))
    (folder / "rows.csv").write_text(rows, encoding="utf-8")
    file = folder / "own.yaml"
    file.write_text(yaml.safe_dump(SCENARIO | changes), encoding="utf-8")
    return file


def problem(file: Path) -> str:
    with pytest.raises(ScenarioError) as raised:
        read_scenario(file)
    (only,) = raised.value.problems
    return only.removeprefix(str(file))


def archive(*members: tarfile.TarInfo) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for each in members:
            tar.addfile(each, io.BytesIO(b"x" * each.size))
    return made.getvalue()


def member(name: str, **fields: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def test_the_example_releases_the_good_model_and_takes_back_the_one_without_input_fn(tmp_path: Path) -> None:
    for name in ("inference.py", "make.py", "release.yaml"):
        shutil.copy(EXAMPLE / name, tmp_path)
    runpy.run_path(str(tmp_path / "make.py"))["main"](tmp_path / "made")
    played = rehearse(read_scenario(tmp_path / "release.yaml"), tmp_path).result

    assert played.passed, [each.text for each in played.findings if not each.held]
    right = {
        model: sum(each.correct or 0 for each in minutes) / sum(each.requests for each in minutes)
        for model in ("flowers", "interlock-flowers-v1-1")
        if (minutes := [each for each in played.minutes if each.config == model])
    }
    assert right["interlock-flowers-v1-1"] > right["flowers"] + 0.2


def test_an_own_model_answers_own_rows_and_nobody_says_which_answers_are_right(tmp_path: Path) -> None:
    played = rehearse(read_scenario(written(tmp_path)), tmp_path).result

    assert played.passed
    assert played.minutes and {each.errors for each in played.minutes} == {0}
    assert {each.correct for each in played.minutes} == {None}


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b"not a tar", "model.tar.gz is no gzipped tar (not a gzip file); make it with: tar -czf model.tar.gz"),
        (pack({"model.joblib": b""}), "the archive has no inference.py at its root or under code/"),
        (pack({"model/inference.py": SCRIPT}), "under code/; it is at model/inference.py"),
        (pack({"inference.py": b"def model_fn(:"}), "inference.py in the archive is no Python 3."),
        (pack({"inference.py": b"x = 1"}), "inference.py defines no model_fn, for which the container has no default"),
        (
            pack({"code/inference.py": b"import json\nfrom no_such_library.x import y\n" + SCRIPT}),
            "code/inference.py, line 2, imports no_such_library, which is not in the archive beside it, nor installed",
        ),
        (archive(member("../../etc/x", size=1)), "would write ../../etc/x, outside of the model's folder"),
        (archive(member("/etc/x", size=1)), "would write /etc/x, outside of the model's folder"),
        (archive(member("a", type=tarfile.SYMTYPE, linkname="/etc")), "a in the archive is a link or a device; pack"),
        (archive(member("a", type=tarfile.LNKTYPE, linkname="../b")), "a in the archive is a link or a device; pack"),
    ],
)
def test_an_archive_that_is_no_model_is_refused_when_the_scenario_is_read(
    tmp_path: Path, broken: bytes, said: str
) -> None:
    told = problem(written(tmp_path, broken))

    assert ": endpoints[0].model: " in told and said in told


def test_a_path_where_nothing_is_is_refused_wherever_a_scenario_names_a_model(tmp_path: Path) -> None:
    acts = [
        {"at": "1m", "register": {"group": "shop", "model": "a.tar.gz"}},
        {"at": "2m", "replace_artifact": {"group": "shop", "version": 1, "model": "b.tar.gz"}},
        {"at": "3m", "put_object": {"key": "k", "model": "c.tar.gz"}},
    ]
    with pytest.raises(ScenarioError) as raised:
        read_scenario(written(tmp_path, timeline=acts))

    wanted = [
        f"timeline[{number}].{act}.model: no file {tmp_path}/{name}.tar.gz; write the path of a model.tar.gz"
        for number, (act, name) in enumerate([("register", "a"), ("replace_artifact", "b"), ("put_object", "c")])
    ]
    assert all(said in told for said, told in zip(wanted, raised.value.problems, strict=True))


@pytest.mark.parametrize(
    "script",
    [
        b"try:\n    import no_such_library\nexcept ImportError:\n    pass\n" + SCRIPT,
        b"from functions import *",
        b"import functions.more\n" + SCRIPT,
        b"from functions import load as model_fn",
    ],
)
def test_imports_that_the_archive_brings_or_the_script_only_tries_are_not_refused(
    tmp_path: Path, script: bytes
) -> None:
    brought = {"code/inference.py": script, "code/functions/__init__.py": b"", "code/functions/more.py": b""}

    assert read_scenario(written(tmp_path, pack(brought)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("gone.csv", "data: {}/gone.csv cannot be read: No such file or directory; write a path from the folder"),
        ("digit", "data: no data digit; did you mean digits? Known: digits, customers; or write the path of a file"),
        ({"rows": "rows.csv", "label": "y.csv"}, "data.label: unknown field; did you mean labels? Known: rows"),
        ({"rows": "rows.csv", "labels": "three.txt"}, "data: three.txt has 3 labels for 2 rows; write one a line"),
        ({"rows": "rows.csv", "threshold": 0.5}, "data.threshold: says which answers are right, and without labels"),
        (
            {"rows": "three.txt", "labels": "three.txt", "threshold": "50%"},
            "data: three.txt has the label 'a'; with a threshold, labels are 0 or 1",
        ),
        ("empty.csv", "data: empty.csv, line 2, is empty; each line is one request"),
        ("made/model.tar.gz", "data: model.tar.gz is no text in UTF-8; each of its lines is one request"),
    ],
)
def test_rows_that_cannot_be_sent_are_refused_when_the_scenario_is_read(
    tmp_path: Path, data: object, said: str
) -> None:
    (tmp_path / "three.txt").write_text("a\nb\nc\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("a\n\nc\n", encoding="utf-8")
    file = written(tmp_path, traffic=[{"endpoint": "shop", "data": data}])

    assert f"traffic[0].{said.format(tmp_path)}" in problem(file)


def test_late_labels_of_rows_without_labels_are_refused(tmp_path: Path) -> None:
    labels = {"group": "shop", "delay": "1h"}
    file = written(tmp_path, traffic=[{"endpoint": "shop", "data": "rows.csv", "labels": labels}])

    assert "traffic[0].data: nobody knows the labels of these rows; name their file" in problem(file)


def test_a_model_that_crashes_when_it_is_loaded_is_a_failed_endpoint_and_the_reason_is_told(tmp_path: Path) -> None:
    script = b"def model_fn(model_dir): raise RuntimeError('weights are of another version')\n"
    file = written(tmp_path, pack({"inference.py": script}), lasts="6h", expect=[{"requests_lost": 0}])
    played = rehearse(read_scenario(file), tmp_path).result

    assert played.final.statuses["shop"] == "Failed"
    why = "RuntimeError: weights are of another version"
    told = [each.text for each in played.moments if each.kind == "container"]
    assert len(told) == 1 and told[0].endswith(f"shop/model.tar.gz does not start: {why}")


@pytest.mark.parametrize(
    ("change", "exits", "said"),
    [
        (lambda files: files, 0, ""),
        (lambda files: files | {"model.txt": b"no_such_library"}, 2, "needs the module no_such_library"),
    ],
)
def test_a_library_that_only_the_model_itself_needs_is_told_when_it_is_loaded(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, bytes]], dict[str, bytes]],
    exits: int,
    said: str,
) -> None:
    script = (
        b"import importlib, pathlib\n"
        b"def model_fn(d): return importlib.import_module(pathlib.Path(d, 'model.txt').read_text())\n"
        b"def transform_fn(model, body, content_type, accept): return '1'\n"
    )
    file = written(tmp_path, pack(change({"inference.py": script, "model.txt": b"json"})))

    assert main(["run", str(file), "--json"]) == exits
    assert said in capsys.readouterr().err
