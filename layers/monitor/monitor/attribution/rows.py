"""Which rows are explained, and what stands for a feature that is not known.

The rows with the least hashes of their event ids are taken, so shards take the rows that one machine takes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from monitor.config import UnusableSettingsError
from monitor.problems import Problems
from monitor.reading.capture import Chunk


class Sampled(NamedTuple):
    """A row with its hash, a number below 2^64."""

    place: int
    values: list[Any]


class Sample(NamedTuple):
    """``rows``: by their hashes. ``records``: how many there were to choose from."""

    columns: list[str]
    rows: list[Sampled]
    records: int


def sample(chunks: Iterable[Chunk], size: int, columns: Sequence[str] | None, problems: Problems) -> Sample:
    """The ``size`` rows with the least hashes. Rows of other columns than the first chunk's are filled or cut."""
    names = list(columns or ())
    kept: list[Sampled] = []
    records = 0
    for chunk in chunks:
        names = names or [str(name) for name in chunk.inputs.columns]
        absent = [name for name in names if name not in chunk.inputs.columns]
        if absent and len(chunk.inputs):
            problems.add("a record lacks a feature that is explained", ", ".join(absent), len(chunk.inputs))
        frame = chunk.inputs.reindex(columns=names)
        hashes = _hashes(chunk.event_ids, records)
        records += len(hashes)
        best = sorted(range(len(hashes)), key=lambda place: hashes[place])[:size]
        rows = zip(best, _values(frame.iloc[best]), strict=True)
        found = {row.place: row for row in (*kept, *(Sampled(hashes[place], values) for place, values in rows))}
        kept = [found[place] for place in sorted(found)[:size]]
    return Sample(names, kept, records)


def _hashes(event_ids: Sequence[str], before: int) -> list[int]:
    """Of the event's id; of the row's number where there is none, as in training data, which one machine reads."""
    texts = (event_id or f"row {before + place}" for place, event_id in enumerate(event_ids))
    return [int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") for text in texts]


def _values(frame: pd.DataFrame) -> list[list[Any]]:
    columns = [[None if value != value else value for value in frame[name].tolist()] for name in frame.columns]
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(len(frame))]


def background_rows(written: object, rows: int, drawn: Sample, baseline: Any) -> tuple[list[list[Any]], str]:
    """The rows of the background, and where they come from.

    In this order: ``baseline``, the JSON of the baseline's ``background.json``; ``written``, the setting
    ``background``: a list of rows; ``rows`` of the sample, if more than one is asked for; one row with the median of
    each number (the lower one of two) and the most frequent text. Raises UnusableSettingsError if the columns differ.
    """
    known = _of_baseline(baseline)
    if known is not None:
        if known.get("columns") != drawn.columns:
            raise UnusableSettingsError(
                f"The baseline explains the columns {known.get('columns')}, the requests have {drawn.columns}."
                " Make a baseline of this version, or write columns as its requests have them."
            )
        return known["rows"], "the baseline's"
    if written is not None:
        fits = (
            isinstance(written, list)
            and written
            and all(isinstance(row, list) and len(row) == len(drawn.columns) for row in written)
        )
        if not fits:
            raise UnusableSettingsError(f"background: write a list of rows with a value for each of {drawn.columns}.")
        return written, "the settings'"  # type: ignore[return-value]
    if rows > 1:
        return [row.values for row in drawn.rows[:rows]], "rows of the sample"
    middle = [_middle([row.values[place] for row in drawn.rows]) for place in range(len(drawn.columns))]
    return [middle], "the sample's medians and most frequent values"


def _of_baseline(known: Any) -> dict[str, Any] | None:
    """A usable background.json; None when there is none."""
    if not isinstance(known, dict) or not isinstance(known.get("columns"), list):
        return None
    rows, width = known.get("rows"), len(known["columns"])
    fits = isinstance(rows, list) and rows and all(isinstance(row, list) and len(row) == width for row in rows)
    return known if fits else None


def _middle(values: list[Any]) -> Any:
    known = [value for value in values if value is not None]
    numbers = sorted(value for value in known if isinstance(value, (int, float)) and not isinstance(value, bool))
    if numbers and len(numbers) == len(known):
        return numbers[(len(numbers) - 1) // 2]
    texts = sorted(map(str, known))
    return max(dict.fromkeys(texts), key=texts.count) if texts else None
