"""The endpoint's data capture, read as tables of bounded size.

A file is JSON Lines under ``<endpoint>/<variant>/YYYY/MM/DD/HH/``; a record is ``{"captureData": {"endpointInput": {…},
"endpointOutput": {…}}, "eventMetadata": {"eventId", "inferenceId"?, "inferenceTime"}, "eventVersion": "0"}``
(docs: sagemaker/latest/dg/model-monitor-data-capture-endpoint).

What cannot be read is counted in Problems and left out. So are the requests that a monitor sent itself (``PROBE``):
they are no customer's, and a note tells how many there were.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from monitor.config import Config
from monitor.problems import Problems
from monitor.reading.payloads import Unreadable, answers, csv_line, csv_rows, decoded, json_rows

PROBE = "interlock-probe"
"""How the ids of the requests begin that a monitor of attributions sends itself."""
PROBED = "a record is a monitor's own request to the endpoint, and left out"

CHUNK_ROWS = 50_000
MISSING = ("", "NaN", "nan", "null", "NULL")
"""Words of a CSV request that mean: there is no value."""


@dataclass(frozen=True)
class Chunk:
    """Some rows: row i of ``inputs`` was answered by ``outputs[i]``. ``inputs`` has only columns that a request had.

    ``inputs``: numbers, or objects where a value is text; truth values are the text "true" and "false".
    ``outputs``: "" when there is none. ``event_ids``: inferenceId, else eventId; with /0, /1, … when the request had
    several rows. ``widths``: how many rows were left out because they had so many columns, by that number as text.
    """

    inputs: pd.DataFrame
    outputs: list[str]
    event_ids: list[str]
    times: list[str]
    widths: dict[str, int] = field(default_factory=dict)


@dataclass
class _Rows:
    """Rows of one kind of encoding, waiting to become a table."""

    values: list[Any] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    event_ids: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)


def read_capture(folder: Path, config: Config, problems: Problems, chunk_rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """The rows of all ``*.jsonl`` under a folder that lie in the window, file by file in the order of their names.

    A record without a readable time counts as inside. No chunk has more than ``chunk_rows`` rows and one request's.
    """
    gathered = _Gathered(config.columns, problems)
    start, end = config.window.get("start", "")[:19], config.window.get("end", "")[:19]
    for path in sorted(folder.rglob("*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                if not line.strip():
                    continue
                record = _record(line, problems)
                if record is None:
                    continue
                if record[1].startswith(PROBE):
                    problems.note(PROBED)
                    continue
                time = record[2][:19]
                if time and ((start and time < start) or (end and time >= end)):
                    problems.add("a record lies outside the window", record[2])
                    continue
                gathered.add(*record)
                if gathered.size >= chunk_rows:
                    yield gathered.chunk()
                    gathered = _Gathered(config.columns, problems)
    if gathered.size:
        yield gathered.chunk()


def read_training(folder: Path, problems: Problems, chunk_rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """The rows of all ``*.csv`` under a folder; the first line of each file names its columns."""
    for path in sorted(folder.rglob("*.csv")):
        try:
            with path.open("rb") as file:
                for frame in pd.read_csv(file, chunksize=chunk_rows, **_READER):
                    blank = [""] * len(frame)
                    yield Chunk(normal(frame.reset_index(drop=True)), blank, blank, blank)
        except (ValueError, OSError) as fault:  # pandas' ParserError and EmptyDataError are ValueErrors
            problems.add("a training file is not readable CSV", f"{path.name}: {fault}")


def _record(line: bytes, problems: Problems) -> tuple[dict[str, Any], str, str] | None:
    """captureData, the event's id, its time."""
    try:
        record = json.loads(line)
        data, event = record["captureData"], record.get("eventMetadata") or {}
        if not isinstance(data.get("endpointInput"), dict):
            problems.add("a record has no request", line)
            return None
        event_id = event.get("inferenceId") or event.get("eventId") or ""
        return data, str(event_id), str(event.get("inferenceTime") or "")
    except (KeyError, AttributeError, TypeError):
        problems.add("a line is not a captured record", line)
    except (ValueError, RecursionError):
        problems.add("a line is not JSON", line)
    return None


class _Gathered:
    """Rows until they are enough for a chunk."""

    def __init__(self, columns: Sequence[str] | None, problems: Problems) -> None:
        self.columns, self.problems = columns, problems
        self.csv, self.json = _Rows(), _Rows()
        self.widths: dict[str, int] = {}
        self.widest = 0
        self.size = 0

    def add(self, data: dict[str, Any], event_id: str, time: str) -> None:
        try:
            kind, text = decoded(data["endpointInput"], "request")
            rows, values = self._values(kind, text)
        except Unreadable as fault:
            part = data["endpointInput"]
            self.problems.add(str(fault), f"{part.get('observedContentType')}: {part.get('data')}")
            return
        if not values:
            return
        output = self._output(data)
        parts = [output] if len(values) == 1 else answers(output, len(values)) if output else None
        if parts is None:
            if output:
                self.problems.add("a response does not say which part belongs to which row", output)
            parts = [output] * len(values)
        rows.values += values
        rows.outputs += parts
        rows.event_ids += [event_id] if len(values) == 1 else [f"{event_id}/{place}" for place in range(len(values))]
        rows.times += [time] * len(values)
        self.size += len(values)

    def _values(self, kind: str, text: str) -> tuple[_Rows, list[Any]]:
        """The rows that fit, and where they go. Raises Unreadable."""
        if kind == "csv":
            line = text.rstrip("\r\n")
            width = line.count(",") + 1
            plain = line.isprintable() and '"' not in line and line != ""
            if plain and (width == len(self.columns) if self.columns is not None else width <= self.widest):
                return self.csv, [line]
            found: list[Any] = csv_rows(text, self.columns)
        elif kind == "json":
            found = json_rows(text)
        else:
            raise Unreadable("the content type of a request is not known")
        if not found:
            raise Unreadable("a request is empty")
        fit = [row for row in found if isinstance(row, dict) or self._fits(len(row), row)]
        return (
            (self.csv, [csv_line(row) for row in fit])
            if kind == "csv"
            else (self.json, [self._named(row) for row in fit])
        )

    def _fits(self, width: int, row: Sequence[Any]) -> bool:
        if self.columns is None:
            self.widest = max(self.widest, width)
            return True
        if width == len(self.columns):
            return True
        self.widths[str(width)] = self.widths.get(str(width), 0) + 1
        self.size += 1  # so that a capture of nothing else is still handed out
        self.problems.add(f"a row has not {len(self.columns)} columns", f"{width}: {row}")
        return False

    def _named(self, row: Any) -> dict[str, Any]:
        if isinstance(row, dict):
            return row
        return dict(zip(self.columns or unnamed(len(row)), row, strict=True))

    def _output(self, data: dict[str, Any]) -> str:
        part = data.get("endpointOutput")
        if not isinstance(part, dict):
            return ""
        try:
            return decoded(part, "response")[1].strip()
        except Unreadable as fault:
            self.problems.add(str(fault), part.get("data"))
            return ""

    def chunk(self) -> Chunk:
        frames = []
        if self.csv.values:
            frames.append(_table(self.csv.values, self.columns or unnamed(self.widest)))
        if self.json.values:
            frames.append(normal(pd.DataFrame(self.json.values)))
        if len(frames) > 1:
            frames = [normal(pd.concat(frames, ignore_index=True, sort=False))]
        inputs = frames[0] if frames else pd.DataFrame(columns=list(self.columns or ()))
        rows = (self.csv, self.json)
        outputs, event_ids, times = ([item for part in rows for item in getattr(part, name)] for name in _ASIDE)
        return Chunk(inputs, outputs, event_ids, times, self.widths)


_ASIDE = ("outputs", "event_ids", "times")

_READER: dict[str, Any] = {
    "keep_default_na": False,
    "na_values": list(MISSING),
    "skip_blank_lines": False,
    "skipinitialspace": True,
    "low_memory": False,
    "index_col": False,
}
if pd.__version__ < "3":  # newer ones read the nearest number by default, and warn of the option
    _READER["float_precision"] = "round_trip"


def unnamed(width: int) -> list[str]:
    """What Model Monitor calls columns that nobody named: _c0, _c1, …"""
    return [f"_c{place}" for place in range(width)]


def _table(lines: list[str], columns: Sequence[str]) -> pd.DataFrame:
    return normal(pd.read_csv(io.StringIO("\n".join(lines)), header=None, names=list(columns), **_READER))


def normal(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers stay numbers; all else is of dtype object, and truth values become the text "true" and "false"."""
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_bool_dtype(column.dtype) or not pd.api.types.is_numeric_dtype(column.dtype):
            values = [_truth(value) for value in column.astype(object)]
            frame[name] = pd.Series(values, index=frame.index, dtype=object)
    return frame


def _truth(value: Any) -> Any:
    if isinstance(value, str):
        return _TRUTH.get(value, value)
    return str(value).lower() if isinstance(value, bool) else value


_TRUTH = {"True": "true", "False": "false", "TRUE": "true", "FALSE": "false"}
