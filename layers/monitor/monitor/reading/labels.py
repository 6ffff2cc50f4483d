"""Ground truth for the predictions of a window, joined by event id.

Every file below the folder is read: JSON Lines, manifests, and single JSON documents (``.json``). ``label_records``
says which forms of a label are understood. Only labels of the window's own predictions are kept, so memory grows with
them and not with the labels.

An event that is labelled twice alike has one label. When its labels differ, the one that was given last holds; when
nobody can say which that is (a label has no time, or two differ at the last moment), the event has no label. A label
without a time of its own has that of its folder (``YYYY/MM/DD`` or ``YYYY/MM/DD/HH``: when the label was collected;
docs: sagemaker/latest/dg/model-monitor-model-quality-merge). So the order of files and lines makes no difference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.config import UnusableSettingsError
from monitor.problems import Problems
from monitor.reading.label_records import UNKNOWN_TIME, UTC, Label, UnreadableLabelError, labels_of

PLACEHOLDER = "placeholder.json"
"""What whoever starts the job puts into a folder that may be empty."""

ENDINGS = (".jsonl", ".json", ".manifest", ".ndjson", "")
LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes. A larger ``.json`` file is read line by line only."""
FOLDER_DATE = re.compile(r"(?:^|/)(\d{4})/(\d{2})/(\d{2})(?:/(\d{2}))?(?=/|$)")

STRANGER = "a label's event id is not among the window's predictions"
TWO_LABELS = "an event has two labels; the one that was given last holds"
UNDECIDED = "an event has two labels, and nobody says which one was given last; it counts as not labelled"


@dataclass(frozen=True)
class LabelSettings:
    """``labels`` of a monitor's settings. ``at_least``: the share of predictions that need a label, from 0 to 1."""

    at_least: float = 0.8
    last_chance: bool = False
    id_at: str = ""
    label_at: str = ""


def label_settings(settings: Mapping[str, Any]) -> LabelSettings:
    """The label settings of a monitor. Raises UnusableSettingsError, which says what to write."""
    written = settings.get("labels") or {}
    if not isinstance(written, Mapping):
        raise UnusableSettingsError("labels: write a mapping like {at_least: 0.8}.")
    share = written.get("at_least", 0.8)
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0.0 <= share <= 1.0:
        raise UnusableSettingsError(f"labels.at_least: {share!r} is not a share; write a number from 0 to 1, like 0.8.")
    last_chance = written.get("last_chance", False)
    if not isinstance(last_chance, bool):
        raise UnusableSettingsError(f"labels.last_chance: {last_chance!r} is neither true nor false.")
    return LabelSettings(
        float(share), last_chance, str(written.get("id_attribute") or ""), str(written.get("label_attribute") or "")
    )


class Join:
    """The labels of some events, whatever the order in which they are added."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[str, float]] = {}
        self._texts: dict[str, str] = {}
        self._differing: dict[str, dict[str, float]] = {}

    def add(self, label: Label) -> None:
        """Keep what is needed to tell the label of the event."""
        value, time = self._texts.setdefault(label.value, label.value), label.time
        known = self._first.setdefault(label.event_id, (value, time))
        if known[0] == value and label.event_id not in self._differing:
            if time > known[1]:
                self._first[label.event_id] = (value, time)
            return
        told = self._differing.setdefault(label.event_id, dict([known]))
        told[value] = max(time, told.get(value, UNKNOWN_TIME))

    def labels(self, problems: Problems) -> dict[str, str]:
        """Event id -> label. Events with differing labels are counted."""
        chosen = {event_id: value for event_id, (value, _) in self._first.items()}
        for event_id in sorted(self._differing):
            told = self._differing[event_id]
            last = max(told.values())
            newest = [value for value, time in told.items() if time == last]
            example = f"{event_id}: {', '.join(sorted(told))}"
            if len(newest) == 1 and min(told.values()) > UNKNOWN_TIME:
                problems.add(TWO_LABELS, example)
                chosen[event_id] = newest[0]
            else:
                problems.add(UNDECIDED, example)
                del chosen[event_id]
        return chosen


def read_labels(
    folder: Path, wanted: Collection[str] | None, problems: Problems, settings: LabelSettings | None = None
) -> dict[str, str]:
    """Event id -> label, for the events in ``wanted`` (a set or a dict; None: all events).

    What cannot be read or joined is counted in ``problems``. A folder that is missing has no labels.
    """
    form = settings or LabelSettings()
    join, own = Join(), 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if not path.is_file() or path.name == PLACEHOLDER:
            continue
        if path.suffix.lower() not in ENDINGS:
            problems.add("a file of labels is not JSON Lines", path.name, everywhere=True)
            continue
        collected = _folder_time(path.relative_to(folder).as_posix())
        for record in _records(path, problems):
            for label in _labels(record, form, problems):
                if wanted is not None and label.event_id not in wanted:
                    problems.add(STRANGER, label.event_id, everywhere=True)
                else:
                    own += 1
                    join.add(label if label.time > UNKNOWN_TIME else label._replace(time=collected))
    if own:
        # To the other shards these are strangers.
        problems.add(STRANGER, count=own, everywhere=True)
        problems.take_back(STRANGER, own)
    return join.labels(problems)


def _labels(record: object, form: LabelSettings, problems: Problems) -> list[Label]:
    try:
        return labels_of(record, form.id_at, form.label_at)
    except UnreadableLabelError as error:
        problems.add(str(error), json.dumps(record)[:200], everywhere=True)
        return []


def _records(path: Path, problems: Problems) -> Iterator[object]:
    """The JSON values of a file: a document, or one a line. A document may be a list of records."""
    if path.suffix.lower() == ".json" and path.stat().st_size <= LARGEST_DOCUMENT:
        try:
            document = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            pass
        else:
            yield from document if isinstance(document, list) else [document]
            return
    with path.open("rb") as lines:
        for line in lines:
            if not line.strip():
                continue
            try:
                yield json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError):
                example = f"{path.name}: {line[:150].decode('utf-8', 'replace').strip()}"
                problems.add("a line of labels is not JSON", example, everywhere=True)


def _folder_time(path: str) -> float:
    """When the labels of a file were collected, by its folders; UNKNOWN_TIME when they do not say."""
    found = FOLDER_DATE.search(path.rpartition("/")[0])
    if not found:
        return UNKNOWN_TIME
    year, month, day, hour = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, tzinfo=UTC).timestamp()
    except ValueError:
        return UNKNOWN_TIME
