"""Data capture: every encoding gives the same table, and what is broken is counted."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import Config, ConfigFault, read_config
from monitor.problems import Problems
from monitor.reading.capture import PROBE, PROBED, Chunk, read_capture, read_training

COLUMNS = ("age", "plan", "paid")


def record(
    data: str, encoding: str = "CSV", content_type: str = "text/csv", answer: str | None = "0.5", **event: str
) -> str:
    """As SageMaker writes one (docs: sagemaker/latest/dg/model-monitor-data-capture-endpoint)."""
    captured: dict[str, Any] = {
        "endpointInput": {"observedContentType": content_type, "mode": "INPUT", "data": data, "encoding": encoding}
    }
    if answer is not None:
        captured["endpointOutput"] = {
            "observedContentType": "text/csv",
            "mode": "OUTPUT",
            "data": answer,
            "encoding": "CSV",
        }
    metadata = {"eventId": "e1", "inferenceTime": "2026-01-05T09:30:00Z"} | event
    return json.dumps({"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"})


def read(
    folder: Path, *lines: str | bytes, columns: tuple[str, ...] | None = COLUMNS, **more: Any
) -> tuple[Chunk, dict[str, int]]:
    """The one chunk of a capture, and the counts of its problems."""
    chunks, problems = read_all(folder, *lines, columns=columns, **more)
    (chunk,) = chunks
    return chunk, problems


def read_all(
    folder: Path, *lines: str | bytes, columns: tuple[str, ...] | None = COLUMNS, rows: int = 50_000, **more: Any
) -> tuple[list[Chunk], dict[str, int]]:
    path = folder / "churn/AllTraffic/2026/01/05/09/a.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n")
    problems = Problems()
    chunks = list(read_capture(folder, Config(kind="data_quality", columns=columns, **more), problems, rows))
    return chunks, problems.counts()


SAME = [
    ("31,basic,2.5", "CSV", "text/csv"),
    ("31,basic,2.5\n", "CSV", "text/csv"),
    ('31, "basic",2.5\r\n', "CSV", "text/csv; charset=utf-8"),
    ("age,plan,paid\n31,basic,2.5", "CSV", "text/csv"),
    (base64.b64encode(b"31,basic,2.5\n").decode(), "BASE64", "text/csv"),
    (base64.b64encode(b'{"age": 31, "plan": "basic", "paid": 2.5}').decode(), "BASE64", "application/json"),
    ('{"features": [31, "basic", 2.5]}', "JSON", "application/json"),
    ('{"instances": [[31, "basic", 2.5]]}', "JSON", "application/json"),
    ('{"instances": [{"features": [31, "basic", 2.5]}]}', "JSON", "application/json"),
    ('{"instances": [{"plan": "basic", "age": 31, "paid": 2.5}]}', "JSON", "application/json"),
    ('{"plan": "basic", "age": 31, "paid": 2.5}', "JSON", "application/json"),
    ('[{"age": 31, "plan": "basic", "paid": 2.5}]', "JSON", "application/json"),
    ('[31, "basic", 2.5]', "JSON", "application/json"),
    ('{"features": [31, "basic", 2.5]}\n', "JSON", "application/jsonlines"),
]


@pytest.mark.parametrize(("data", "encoding", "content_type"), SAME)
def test_every_encoding_gives_the_same_row(tmp_path: Path, data: str, encoding: str, content_type: str) -> None:
    chunk, problems = read(tmp_path, record(data, encoding, content_type))
    assert chunk.inputs[list(COLUMNS)].to_numpy(dtype=object).tolist() == [[31, "basic", 2.5]]
    assert (chunk.outputs, chunk.event_ids, chunk.times, problems) == (["0.5"], ["e1"], ["2026-01-05T09:30:00Z"], {})


def test_encodings_may_be_mixed_in_one_file(tmp_path: Path) -> None:
    lines = [record(data, encoding, kind, str(at), eventId=f"e{at}") for at, (data, encoding, kind) in enumerate(SAME)]
    chunk, problems = read(tmp_path, *lines)
    assert len(chunk.inputs) == len(SAME) and chunk.inputs["age"].tolist() == [31] * len(SAME) and problems == {}
    assert [f"e{answer}" for answer in chunk.outputs] == chunk.event_ids
    assert sorted(chunk.event_ids) == sorted(f"e{at}" for at in range(len(SAME)))


BROKEN: list[tuple[str | bytes, str]] = [
    ("{", "a line is not JSON"),
    (b"\xff\xfe\x00", "a line is not JSON"),
    ("[" * 100_000, "a line is not JSON"),
    ("[]", "a line is not a captured record"),
    ('{"captureData": 3}', "a line is not a captured record"),
    ('{"captureData": {}}', "a record has no request"),
    (record("1,2", "CSV"), "a row has not 3 columns"),
    (record('{"features": [1]}', "JSON"), "a row has not 3 columns"),
    (record("", "CSV"), "a request is empty"),
    (record("[]", "JSON"), "a request is empty"),
    (record('1,"2', "CSV"), "a CSV request is not readable"),
    (record("1,\0,2", "CSV"), "a CSV request is not readable"),
    (record("{oops", "JSON"), "a JSON request is not readable"),
    (record("%%%", "BASE64"), "a request is not text in base64"),
    (record("/////w==", "BASE64"), "a request is not text in base64"),
    (record("AAAA", "BASE64", "image/png"), "the content type of a request is not known"),
    (record("AAAA", "ROT13"), "the encoding of a request is not known"),
    (record("1,a,2", inferenceTime="2026-01-05T10:00:00Z"), "a record lies outside the window"),
]


@pytest.mark.parametrize(("line", "sentence"), BROKEN, ids=lambda value: str(value)[:30])
def test_what_is_broken_is_counted_and_the_rest_is_read(tmp_path: Path, line: str | bytes, sentence: str) -> None:
    window = {"start": "2026-01-05T09:00:00Z", "end": "2026-01-05T10:00:00Z"}
    chunk, problems = read(tmp_path, record("31,basic,2.5"), line, record("32,basic,2.5"), window=window)
    assert chunk.inputs["age"].tolist() == [31, 32]
    assert problems == {sentence: 1}


def test_several_rows_of_one_request_have_an_answer_and_an_id_each(tmp_path: Path) -> None:
    two = "31,a,2\n32,b,3"
    lines = [
        record(two, answer=answer, inferenceId=f"i{at}") for at, answer in enumerate(("7\n8", "7,8", "[7, 8]", "?"))
    ]
    lines.append(record(two, answer='{"predictions": [7, 8]}', eventId="e9"))
    chunk, problems = read(tmp_path, *lines)
    assert chunk.outputs == ["7", "8"] * 3 + ["?", "?"] + ["7", "8"]
    assert chunk.event_ids[-2:] == ["e9/0", "e9/1"] and chunk.event_ids[:2] == ["i0/0", "i0/1"]
    assert problems == {"a response does not say which part belongs to which row": 1}


def test_rows_of_another_width_are_counted_by_their_width(tmp_path: Path) -> None:
    chunk, problems = read(tmp_path, record("1,2"), record("1,2\n3,4,5,6"))
    assert (chunk.widths, len(chunk.inputs), problems) == ({"2": 2, "4": 1}, 0, {"a row has not 3 columns": 3})


def test_columns_that_nobody_named_get_model_monitors_names(tmp_path: Path) -> None:
    chunk, _ = read(tmp_path, record("1,2"), record("1,2,3"), columns=None)
    assert list(chunk.inputs) == ["_c0", "_c1", "_c2"] and np.isnan(chunk.inputs["_c2"][0])


def test_chunks_are_bounded_and_lose_nothing(tmp_path: Path) -> None:
    chunks, _ = read_all(tmp_path, *[record(f"{at},a,1") for at in range(105)], rows=10)
    assert max(len(chunk.inputs) for chunk in chunks) == 10
    assert [int(age) for chunk in chunks for age in chunk.inputs["age"]] == list(range(105))


def test_an_empty_capture_has_no_chunks(tmp_path: Path) -> None:
    assert read_all(tmp_path, "") == ([], {})


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["CSV", "JSON", "BASE64"])), min_size=1, max_size=8))
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, payloads: list[tuple[str, str]]) -> None:
    folder = tmp_path_factory.mktemp("capture")
    for columns in (COLUMNS, None):
        chunks, problems = read_all(folder, *[record(text, encoding) for text, encoding in payloads], columns=columns)
        for chunk in chunks:
            assert len(chunk.inputs) == len(chunk.outputs) == len(chunk.event_ids) == len(chunk.times)
        read_rows = sum(len(chunk.inputs) for chunk in chunks)
        assert read_rows + sum(problems.values()) >= len(payloads)


def test_truth_values_and_missing_values(tmp_path: Path) -> None:
    chunk, _ = read(tmp_path, record("True,NA,nan"), record('{"age": false, "plan": null, "paid": 1}', "JSON"))
    assert chunk.inputs["age"].tolist() == ["true", "false"]
    assert chunk.inputs["plan"].isna().tolist() == [False, True] and chunk.inputs["paid"].isna().tolist() == [
        True,
        False,
    ]


def test_training_data_has_a_header(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("age,plan\n31,basic\n,plus\n")
    (tmp_path / "broken.csv").write_bytes(b'a,b\n"\xff,\n')
    problems = Problems()
    (chunk,) = read_training(tmp_path, problems)
    assert chunk.inputs["plan"].tolist() == ["basic", "plus"] and chunk.inputs["age"].isna().tolist() == [False, True]
    assert problems.counts() == {"a training file is not readable CSV": 1}


def test_examples_are_few_and_short() -> None:
    problems = Problems()
    for number in range(20):
        problems.add("a line is not JSON", f"{number}" + "x" * 500)
    merged = Problems.merged([problems.to_json(), problems.to_json()]).report()["a line is not JSON"]
    assert merged["count"] == 40 and len(merged["examples"]) == 5 and max(map(len, merged["examples"])) == 200


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "config.json is not JSON"),
        ("[]", "config.json is not an object"),
        ("{}", "kind is missing"),
        ('{"kind": "bias", "columns": ["a", "a"]}', "columns is not a list of different names"),
        ('{"kind": "bias", "task": "stop"}', "task is not one of run, baseline, summarise, merge, prepare, judge"),
    ],
)
def test_a_configuration_that_cannot_be_used_names_the_field(text: str, sentence: str) -> None:
    with pytest.raises(ConfigFault, match=sentence):
        read_config(text)


def test_each_row_keeps_its_own_answer_when_encodings_are_mixed(tmp_path: Path) -> None:
    texts = [f"{at},a,1" if at % 2 else json.dumps({"features": [at, "a", 1]}) for at in range(20)]
    lines = [record(text, ("JSON", "CSV")[at % 2], answer=str(at), eventId=f"e{at}") for at, text in enumerate(texts)]
    chunk, _ = read(tmp_path, *lines)
    assert [str(age) for age in chunk.inputs["age"]] == chunk.outputs
    assert [f"e{age}" for age in chunk.inputs["age"]] == chunk.event_ids


def test_a_monitors_own_requests_are_no_records(tmp_path: Path) -> None:
    """It is a note, since nothing is wrong."""
    ids = ("a", f"{PROBE}-reasons", PROBE)
    (tmp_path / "a.jsonl").write_text("".join(record("1,gold,1", inferenceId=name) + "\n" for name in ids))
    problems = Problems()
    (chunk,) = read_capture(tmp_path, Config(kind="bias", columns=COLUMNS), problems)
    assert (chunk.event_ids, problems.counts(), problems.notes()) == (["a"], {}, {PROBED: 2})
