"""Tests of reading labels and joining them by event id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from monitor.config import UnusableSettingsError
from monitor.problems import Problems
from monitor.reading.label_records import UNKNOWN_TIME, Label, UnreadableLabelError, labels_of, seconds
from monitor.reading.labels import (
    STRANGER,
    TWO_LABELS,
    UNDECIDED,
    Join,
    LabelSettings,
    label_settings,
    read_labels,
)

PUBLISHED = Path(__file__).parent / "published"
AT = 1767603600.0  # 2026-01-05T09:00:00Z


def ground_truth(data: Any, event_id: str = "a", encoding: str = "CSV") -> dict[str, Any]:
    """A record of Model Monitor's own form."""
    return {
        "groundTruthData": {"data": data, "encoding": encoding},
        "eventMetadata": {"eventId": event_id},
        "eventVersion": "0",
    }


def review(*answers: Any, **others: Any) -> dict[str, Any]:
    """The output of a human review."""
    given_at = "2026-01-05T09:00:00.000Z"
    return {
        "humanAnswers": [{"answerContent": answer, "submissionTime": given_at} for answer in answers],
        "humanLoopName": "loop-a",
        "inputContent": {},
    } | others


def write(folder: Path, name: str, *records: Any) -> None:
    """Records as lines of a file; a text is written as it is."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in records))


@pytest.mark.parametrize(
    "text", ["2026-01-05T09:00:00Z", "2026-01-05 10:00:00.0+01:00", "2026-01-05T09:00:00.0000000009"]
)
def test_times_are_read_in_many_forms(text: str) -> None:
    assert (seconds(text), seconds(AT), seconds("soon"), seconds(10**400)) == (AT, AT, UNKNOWN_TIME, UNKNOWN_TIME)


@pytest.mark.parametrize(
    ("record", "labels"),
    [
        ({"event_id": "a", "label": 1}, [("a", "1", UNKNOWN_TIME)]),
        ({"event_id": "a", "label": "1.0", "time": "2026-01-05T09:00:00Z"}, [("a", "1", AT)]),
        ({"inferenceId": 17, "label": True, "time": AT * 1000}, [("17", "true", AT)]),
        (ground_truth("1"), [("a", "1", UNKNOWN_TIME)]),
        (ground_truth("1\n0\n"), [("a/0", "1", UNKNOWN_TIME), ("a/1", "0", UNKNOWN_TIME)]),
        (ground_truth('{"label": 3}', encoding="JSON"), [("a", "3", UNKNOWN_TIME)]),
        (ground_truth("MQ==", encoding="BASE64"), [("a", "1", UNKNOWN_TIME)]),
        (review({"label": "cat"}), [("loop-a", "cat", AT)]),
        (review({"category": {"label": "cat"}}), [("loop-a", "cat", AT)]),
        (review({"good": {"yes": True, "no": False}}), [("loop-a", "yes", AT)]),
        (review({"label": "cat"}, {"label": "dog"}, {"label": "cat"}), [("loop-a", "cat", AT)]),
        (review({"label": "cat"}, inputContent={"eventId": "e"}), [("e", "cat", AT)]),
    ],
)
def test_the_known_forms_are_read(record: dict[str, Any], labels: list[tuple[str, str, float]]) -> None:
    assert labels_of(record) == labels


def test_published_records_are_read() -> None:
    records = json.loads((PUBLISHED / "label_records.json").read_text())["records"]
    assert labels_of(records["model_monitor"]) == [Label("aaaa-bbbb-cccc", "1", UNKNOWN_TIME)]
    manifest = records["ground_truth"] | {"event_id": "e"}
    created = seconds("2018-10-18T22:18:13.527256Z")
    assert labels_of(manifest) == [Label("e", "football", created)]
    assert labels_of(manifest, label_at="sport") == [Label("e", "0", created)]
    assert labels_of(records["augmented_ai"]) == [
        Label("human-loop-name", "use lambda to turn your notebook", seconds("2020-06-18T17:08:26.246Z"))
    ]
    for name in ("ground_truth", "label_verification", "rekognition"):
        with pytest.raises(UnreadableLabelError):
            labels_of(records[name])


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (3, "not a JSON object"),
        ({}, "none of the known forms"),
        ({"label": 1}, "no event id"),
        ({"event_id": "", "label": 1}, "no event id"),
        ({"event_id": "a", "label": None}, "not one value"),
        ({"event_id": "a", "label": [1, 2]}, "not one value"),
        (ground_truth("1,2"), "not a label alone"),
        (ground_truth(""), "not a label alone"),
        (ground_truth("1", encoding="ZIP"), "write CSV"),
        (ground_truth("%", encoding="BASE64"), "not BASE64"),
        ({"groundTruthData": {}, "eventMetadata": {}}, "no data"),
        ({"event_id": "a", "x": 1, "x-metadata": {}, "y": 1, "y-metadata": {}}, "labels.label_attribute"),
        ({"event_id": "a", "x": 1, "x-metadata": {"failure-reason": "late"}}, "failed"),
        (review(), "no answer"),
        (review({"label": "cat"}, {"label": "dog"}), "do not agree"),
        (review({"box": {"x": 1, "y": 2}}), "not one value"),
    ],
)
def test_a_record_without_a_label_says_why(record: Any, sentence: str) -> None:
    with pytest.raises(UnreadableLabelError, match=sentence):
        labels_of(record)


def test_files_are_joined_and_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    write(tmp_path, "2026/01/05/one.jsonl", {"event_id": "a", "label": 1}, "{broken", "", {"event_id": "x", "label": 1})
    write(tmp_path, "2026/01/05/09/two.jsonl", ground_truth("0", "b"))
    write(tmp_path, "output.manifest", {"event_id": "c", "x": 0, "x-metadata": {"class-name": "1"}})
    (tmp_path / "output.json").write_text(json.dumps(review({"label": "1"}, humanLoopName="d"), indent=2))
    (tmp_path / "late.csv").write_text("a,1")
    (tmp_path / "bad.jsonl").write_bytes(b'\xff\xfe{"event_id"\n')
    problems = Problems()
    assert read_labels(tmp_path, set("abcde"), problems) == {"a": "1", "b": "0", "c": "1", "d": "1"}
    assert problems.counts() == {
        "a line of labels is not JSON": 2,
        STRANGER: 1,
        "a file of labels is not JSON Lines": 1,
    }


def test_without_a_folder_there_are_no_labels(tmp_path: Path) -> None:
    assert read_labels(tmp_path / "labels", {"a"}, Problems()) == {}


def test_the_fields_of_id_and_label_can_be_named(tmp_path: Path) -> None:
    write(tmp_path, "x.jsonl", {"about": {"request": "a"}, "churned": "yes"}, {"about": {}, "churned": "yes"})
    problems = Problems()
    settings = label_settings({"labels": {"id_attribute": "about.request", "label_attribute": "churned"}})
    assert read_labels(tmp_path, {"a"}, problems, settings) == {"a": "yes"}
    assert problems.counts() == {"a label has no field 'about.request'": 1}


def joined(labels: list[Label]) -> tuple[dict[str, str], dict[str, int]]:
    join, problems = Join(), Problems()
    for label in labels:
        join.add(label)
    return join.labels(problems), problems.counts()


@pytest.mark.parametrize(
    ("labels", "chosen", "counted"),
    [
        ([("1", 5.0), ("1", 7.0)], {"a": "1"}, {}),
        ([("1", 5.0), ("0", 7.0)], {"a": "0"}, {TWO_LABELS: 1}),
        ([("1", 7.0), ("0", 5.0), ("1", 6.0)], {"a": "1"}, {TWO_LABELS: 1}),
        ([("1", 7.0), ("0", 7.0)], {}, {UNDECIDED: 1}),
        ([("1", UNKNOWN_TIME), ("0", 7.0)], {}, {UNDECIDED: 1}),
        ([("1", UNKNOWN_TIME), ("1", 7.0)], {"a": "1"}, {}),
    ],
)
def test_of_two_labels_the_last_holds(
    labels: list[tuple[str, float]], chosen: dict[str, str], counted: dict[str, int]
) -> None:
    assert joined([Label("a", *label) for label in labels]) == (chosen, counted)


TIMES = some.sampled_from([UNKNOWN_TIME, 1.0, 2.0, 3.0])


@given(some.lists(some.builds(Label, some.sampled_from("ab"), some.sampled_from("012"), TIMES)), some.randoms())
def test_the_order_of_labels_makes_no_difference(labels: list[Label], chance: Any) -> None:
    shuffled = list(labels)
    chance.shuffle(shuffled)
    assert joined(shuffled) == joined(labels)


def test_a_later_folder_corrects_an_earlier_one(tmp_path: Path) -> None:
    write(tmp_path, "2026/01/06/a.jsonl", ground_truth("0"))
    write(tmp_path, "2026/01/05/b.jsonl", ground_truth("1"))
    assert read_labels(tmp_path, {"a"}, Problems()) == {"a": "0"}


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("all", "like {at_least: 0.8}"),
        ({"at_least": 80}, "a number from 0 to 1"),
        ({"at_least": "80%"}, "a number from 0 to 1"),
        ({"last_chance": "no"}, "neither true nor false"),
    ],
)
def test_label_settings_that_cannot_be_used_say_what_to_write(written: Any, sentence: str) -> None:
    with pytest.raises(UnusableSettingsError, match=sentence):
        label_settings({"labels": written})
    assert label_settings({}) == LabelSettings(0.8, False)


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.sampled_from(["label", "event_id", "time", "x", "x-metadata", "class-name"]), inner)
        | some.builds(ground_truth, inner, some.text(max_size=3), some.sampled_from(["CSV", "JSON", "BASE64"]))
        | some.builds(review, inner, inner)
    ),
    max_leaves=8,
)


@given(JSON, some.sampled_from(["", "x.y", "label"]), some.sampled_from(["", "time"]))
def test_any_record_is_a_label_or_unreadable(record: Any, label_at: str, id_at: str) -> None:
    try:
        labels = labels_of(record, id_at, label_at)
    except UnreadableLabelError:
        return
    assert all(label.value and label.event_id and label.time == label.time for label in labels)
