"""The four forms of a label that are understood, each read into ``Label``.

- Plain: ``{"event_id": "a", "label": 1, "time": "2026-01-05T09:00:00Z"}`` (``time`` may be left out).
- Model Monitor's ground truth: ``{"groundTruthData": {"data": "1", "encoding": "CSV"}, "eventMetadata": {"eventId":
  "a"}, "eventVersion": "0"}`` (docs: sagemaker/latest/dg/model-monitor-model-quality-merge). Data of several lines
  labels the rows of one request, ``a/0``, ``a/1`` ...
- A line of Ground Truth's output manifest: ``{"source": ..., "sport": 0, "sport-metadata": {"class-name": "football",
  "creation-date": ...}}`` (docs: sagemaker/latest/dg/sms-data-output). The class's name is the label where there is
  one. The event id has to be in the input manifest, whose fields Ground Truth keeps.
- Augmented AI's ``output.json``: ``{"humanAnswers": [{"answerContent": ..., "submissionTime": ...}], "humanLoopName":
  ..., "inputContent": ...}`` (docs: sagemaker/latest/dg/a2i-output-data). The answer that most reviewers gave is the
  label. The event id is in ``inputContent``, or it is the name of the human loop.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from monitor.reading.output_form import class_name

ID_FIELDS = ("event_id", "eventId", "inference_id", "inferenceId")
TIME_FIELDS = ("time", "timestamp", "labelled_at", "labeled_at")
METADATA = "-metadata"
UNKNOWN_TIME = float("-inf")
FRACTION = re.compile(r"\.(\d+)")
UTC = timezone(timedelta(0))


class UnreadableLabelError(ValueError):
    """A record holds no label that can be used. The text is the sentence to count it under."""


class Label(NamedTuple):
    """The label of one event. ``time``: when it was given, in seconds since 1970; ``UNKNOWN_TIME`` when nobody says."""

    event_id: str
    value: str
    time: float


def labels_of(record: object, id_at: str = "", label_at: str = "") -> list[Label]:
    """The labels that a record holds. Raises UnreadableLabelError.

    ``id_at``, ``label_at``: the fields of the id and of the label in a plain line or a manifest's, ``a.b`` for a
    field inside another; "" for the form's own.
    """
    if not isinstance(record, dict):
        raise UnreadableLabelError("a label is not a JSON object")
    if "groundTruthData" in record:
        return _ground_truth_data(record, id_at)
    if "humanAnswers" in record:
        return [_human_answers(record, id_at)]
    if label_at or ("label" in record and "label" + METADATA not in record):
        return [_named(record, id_at, _scalar(field(record, label_at or "label")), _time(record))]
    if any(name.endswith(METADATA) for name in record):
        return [_manifest_line(record, id_at)]
    raise UnreadableLabelError('a label has none of the known forms; write a line like {"event_id": "…", "label": …}')


def seconds(value: object) -> float:
    """Seconds since 1970 of an ISO 8601 text (UTC without an offset) or of a number of seconds or milliseconds.

    ``UNKNOWN_TIME`` for anything else.
    """
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            number = float(value) / 1000.0 if abs(value) > 1e11 else float(value)
            return number if math.isfinite(number) else UNKNOWN_TIME
        # Python 3.10 reads neither Z nor a fraction of other than 3 or 6 digits.
        text = FRACTION.sub(lambda found: f".{found[1][:6]:0<6}", str(value).strip(), count=1)
        moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.timestamp()
    except (ValueError, OverflowError):
        return UNKNOWN_TIME


def field(record: Mapping[str, Any], path: str) -> Any:
    """The value at a field, or at a field inside another (``a.b``; a field that is called ``a.b`` comes first)."""
    if path in record:
        return record[path]
    found: Any = record
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if found is None:
        raise UnreadableLabelError(f"a label has no field {path!r}")
    return found


def _named(record: Mapping[str, Any], id_at: str, value: str, time: float) -> Label:
    return Label(_event_id(record, id_at), value, time)


def _event_id(record: Mapping[str, Any], id_at: str) -> str:
    value = field(record, id_at) if id_at else next((record[name] for name in ID_FIELDS if name in record), None)
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not str(value).strip():
        raise UnreadableLabelError("a label has no event id")
    return str(value)


def _time(record: Mapping[str, Any]) -> float:
    """When the label was given: the record's own time, or the latest ``creation-date`` of a manifest's metadata."""
    for name in TIME_FIELDS:
        if name in record:
            return seconds(record[name])
    metadata = [about for about in record.values() if isinstance(about, dict) and "creation-date" in about]
    return max((seconds(about["creation-date"]) for about in metadata), default=UNKNOWN_TIME)


def _scalar(value: object) -> str:
    if value is None or isinstance(value, (list, dict)) or value != value or class_name(value) == "":
        raise UnreadableLabelError("a label is not one value")
    return class_name(value)


def _ground_truth_data(record: Mapping[str, Any], id_at: str) -> list[Label]:
    data, about = record["groundTruthData"], record.get("eventMetadata")
    if not isinstance(data, dict) or not isinstance(about, dict) or "data" not in data:
        raise UnreadableLabelError("a ground truth record has no data or no eventMetadata")
    event_id = _event_id(record if id_at else about, id_at)
    values = _decoded(data["data"], str(data.get("encoding", "CSV")).upper())
    time = max(_time(about), _time(record))
    if len(values) == 1:
        return [Label(event_id, _scalar(values[0]), time)]
    return [Label(f"{event_id}/{row}", _scalar(value), time) for row, value in enumerate(values)]


def _decoded(data: object, encoding: str) -> list[object]:
    """One value a row. The documentation knows CSV only; JSON and base64 are those of the capture."""
    try:
        text = base64.b64decode(str(data), validate=True).decode() if encoding == "BASE64" else data
        if encoding == "JSON" and isinstance(text, str):
            value = json.loads(text)
            return [value["label"]] if isinstance(value, dict) and "label" in value else [value]
    except (ValueError, RecursionError):
        raise UnreadableLabelError(f"the data of a ground truth record is not {encoding}") from None
    if encoding not in ("CSV", "JSON", "BASE64"):
        raise UnreadableLabelError("a ground truth record has an unknown encoding; write CSV")
    if not isinstance(text, str):
        return [text]
    rows = [row.strip().strip('"') for row in text.strip().splitlines()]
    if not rows or any("," in row for row in rows):
        raise UnreadableLabelError("the data of a ground truth record is not a label alone")
    return list(rows)


def _manifest_line(record: Mapping[str, Any], id_at: str) -> Label:
    jobs = {
        name[: -len(METADATA)]: about
        for name, about in record.items()
        if name.endswith(METADATA) and isinstance(about, dict) and about.get("type") != "groundtruth/label-verification"
    }
    if len(jobs) != 1:
        raise UnreadableLabelError(
            "a manifest line has several labels; write the name of one as labels.label_attribute"
        )
    job, about = next(iter(jobs.items()))
    value = about.get("class-name", record.get(job))
    if value is None or "failure-reason" in about:
        raise UnreadableLabelError("a manifest line has no label, because its labelling failed")
    return _named(record, id_at, _scalar(value), seconds(about.get("creation-date", "")))


def _human_answers(record: Mapping[str, Any], id_at: str) -> Label:
    answers = record["humanAnswers"]
    if not isinstance(answers, list) or not answers or not all(isinstance(answer, dict) for answer in answers):
        raise UnreadableLabelError("a human review has no answer")
    votes = Counter(_answer(answer.get("answerContent")) for answer in answers).most_common(2)
    if len(votes) == 2 and votes[0][1] == votes[1][1]:
        raise UnreadableLabelError("the reviewers of a human review do not agree")
    inputs = record.get("inputContent")
    known = inputs if isinstance(inputs, dict) and any(name in inputs for name in ID_FIELDS) else None
    name = {"event_id": record.get("humanLoopName")} if known is None else known
    event_id = _event_id(record, id_at) if id_at else _event_id(name, "")
    return Label(event_id, votes[0][0], max(seconds(answer.get("submissionTime", "")) for answer in answers))


def _answer(content: object) -> str:
    """The one value of an answer.

    It may be ``{"label": x}``, ``{"name": x}``, crowd-classifier's ``{"name": {"label": x}}`` or crowd-radio-group's
    ``{"name": {"x": true, "y": false}}``.
    """
    if isinstance(content, dict) and "label" not in content and len(content) == 1:
        content = next(iter(content.values()))
    if isinstance(content, dict) and "label" not in content:
        chosen = [name for name, on in content.items() if on is True]
        if len(chosen) != 1 or not all(isinstance(on, bool) for on in content.values()):
            raise UnreadableLabelError("the answer of a human review is not one value")
        return class_name(chosen[0])
    return _scalar(content["label"] if isinstance(content, dict) else content)
