"""Requests and responses as data capture records them: text of an encoding, turned into rows.

A record's request is ``captureData.endpointInput``: ``{observedContentType, mode, data, encoding}``, where encoding is
CSV, JSON or BASE64 (docs: sagemaker/latest/dg/model-monitor-data-capture-endpoint). Content types that the endpoint's
configuration does not list are captured as BASE64 (API reference, DataCaptureConfig), so there the content type says
what lies under it.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

WRAPPERS = ("features", "instances")
"""Keys under which SageMaker's own containers expect the rows (docs: sagemaker/latest/dg/cdf-inference)."""


class Unreadable(ValueError):
    """A payload is not understood; the message is a sentence for Problems."""


def decoded(part: Mapping[str, Any], what: str) -> tuple[str, str]:
    """The kind (csv, json or other) and the text of a request or response. Raises Unreadable."""
    data, encoding = part.get("data"), part.get("encoding")
    if not isinstance(data, str):
        raise Unreadable(f"the data of a {what} is not text")
    if encoding == "CSV":
        return "csv", data
    if encoding == "JSON":
        return "json", data
    if encoding == "BASE64":
        try:
            data = base64.b64decode(data, validate=True).decode("utf-8")
        except ValueError:
            raise Unreadable(f"a {what} is not text in base64") from None
    elif encoding is not None:
        raise Unreadable(f"the encoding of a {what} is not known")
    return _kind(part.get("observedContentType")), data


def _kind(content_type: object) -> str:
    name = content_type.split(";")[0].strip().lower() if isinstance(content_type, str) else ""
    if name == "text/csv":
        return "csv"
    return "json" if name.startswith("application/") and "json" in name else "other"


def csv_rows(text: str, columns: Sequence[str] | None) -> list[list[str]]:
    """The rows of a CSV request, without empty lines, and without a header. Raises Unreadable."""
    if "\0" in text:
        raise Unreadable("a CSV request is not readable")
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True) if row]
    except csv.Error:
        raise Unreadable("a CSV request is not readable") from None
    return rows[1:] if columns is not None and rows and rows[0] == list(columns) else rows


def csv_line(row: Sequence[str]) -> str:
    """One row as one record of CSV, quoted where needed."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(row)
    return line.getvalue()


def json_rows(text: str) -> list[Any]:
    """The rows of a JSON request: each is a list of values, or an object of name: value. Raises Unreadable.

    Understood: ``{"features": …}``, ``{"instances": …}``, an object of name: value, a row,
    a list of any of them, and JSON Lines.
    """
    try:
        return _rows(json.loads(text))
    except ValueError:
        pass
    except RecursionError:
        raise Unreadable("a JSON request is not readable") from None
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        raise Unreadable("a JSON request is not readable")
    try:
        return [row for line in lines for row in _rows(json.loads(line))]
    except (Unreadable, RecursionError, ValueError):
        raise Unreadable("a JSON request is not readable") from None


def _rows(value: Any) -> list[Any]:
    if isinstance(value, dict):
        for key in WRAPPERS:
            if isinstance(value.get(key), (list, dict)):
                return _rows(value[key])
        return [value] if value else []
    if not isinstance(value, list):
        return [[value]]
    if any(isinstance(item, (list, dict)) for item in value):
        return [_row(item) for item in value]
    return [value] if value else []


def _row(item: Any) -> Any:
    if isinstance(item, dict):
        for key in WRAPPERS:
            if isinstance(item.get(key), (list, dict)):
                return item[key]
    return item if isinstance(item, (list, dict)) else [item]


def answers(text: str, rows: int) -> list[str] | None:
    """The response of each of several rows; None when the response does not say which part belongs to which row.

    A response has a line a row, or a value a row on one line, or a list of as many items under ``predictions``.
    """
    lines = text.strip().splitlines()
    if len(lines) == rows:
        return lines
    if len(lines) == 1 and lines[0].count(",") == rows - 1 and lines[0][0] not in "[{":
        return lines[0].split(",")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        value = next((value[key] for key in ("predictions", "results", "outputs") if key in value), None)
    if isinstance(value, list) and len(value) == rows:
        return [json.dumps(item) for item in value]
    return None
