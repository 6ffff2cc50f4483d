"""Rows of a capture, counted by group, stratum, prediction and label. The counts of shards add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from monitor.bias.counts import Side
from monitor.bias.settings import Facet, Settings
from monitor.problems import Problems
from monitor.reading.capture import Chunk
from monitor.reading.labels import LabelSettings, read_labels
from monitor.reading.output_form import class_name
from monitor.reading.outputs import read_outputs

MOST_GROUPS, MOST_STRATA, MOST_LABELS = 50, 200, 100
"""Of a facet without values, of the group variable, and of labels: the most that are told apart."""

D, A = "d", "a"
NO, YES, UNKNOWN = 0, 1, 2
CELL = np.array([[3, 2, 5], [1, 0, 4], [7, 6, 8]])
"""[prediction][label] -> the place in Side."""
KINDS = len(Side._fields)


@dataclass(frozen=True)
class Rows:
    """A chunk without its texts. ``groups[i]``: of facet i, each row's group (-1: none) and the groups' names; None
    without its column. ``labels``: None if the rows do not bring them."""

    event_ids: Sequence[str]
    predicted: np.ndarray
    labels: Sequence[str | None] | None
    groups: list[tuple[np.ndarray, list[str]] | None]
    strata: tuple[np.ndarray, list[str]]


def read_rows(
    chunks: Iterable[Chunk], settings: Settings, labels: LabelSettings, folder: Path, problems: Problems
) -> list[Rows]:
    """The rows of some chunks, with their labels; ``folder`` has those that the rows do not bring."""
    read = [_read(chunk, settings, problems) for chunk in chunks]
    known = _known_labels(read, labels, folder, problems)
    return [
        rows if rows.labels is not None else replace(rows, labels=[known.get(each) for each in rows.event_ids])
        for rows in read
    ]


def count_rows(read: Iterable[Rows], settings: Settings) -> dict[str, Any]:
    """``{records, predicted, positive, labelled, judged, facets}`` of rows with their labels.

    ``positive``: predicted so. ``judged``: with prediction and label.
    """
    found: dict[str, Any] = {"records": 0, "predicted": 0, "positive": 0, "labelled": 0, "judged": 0, "facets": []}
    found["facets"] = [{"absent": 0, "overflow": False, "groups": {}} for _ in settings.facets]
    for rows in read:
        texts = rows.labels or ()
        actual = outcomes(texts, settings)
        cells = CELL[rows.predicted, actual]
        found["records"] += len(cells)
        found["predicted"] += int((rows.predicted != UNKNOWN).sum())
        found["positive"] += int((rows.predicted == YES).sum())
        found["labelled"] += int((actual != UNKNOWN).sum())
        found["judged"] += int(((actual != UNKNOWN) & (rows.predicted != UNKNOWN)).sum())
        for facet, groups in zip(found["facets"], rows.groups, strict=True):
            if groups is None:
                facet["absent"] += len(cells)
            else:
                _count(facet, groups, rows.strata, cells, texts if settings.limit is None else ())
    found["facets"] = [bounded(facet) for facet in found["facets"]]
    return found


def bounded(facet: dict[str, Any]) -> dict[str, Any]:
    """The counts of a facet without what is too much to tell apart; bounding shards first makes no difference."""
    groups = facet["groups"]
    if facet["overflow"] or len(groups) > MOST_GROUPS:
        return {"absent": facet["absent"], "overflow": True, "groups": {}}
    names = {name for group in groups.values() for name in group["strata"]}
    if len(names) > MOST_STRATA or OTHER in names:
        groups = {name: {**group, "strata": {OTHER: _sum(group["strata"].values())}} for name, group in groups.items()}
    labels = {name for group in groups.values() for name in group["labels"]}
    if len(labels) > MOST_LABELS or OTHER in labels:
        groups = {name: {**group, "labels": {OTHER: 0}} for name, group in groups.items()}
    return {"absent": facet["absent"], "overflow": False, "groups": groups}


OTHER = "\0"
"""The name of a stratum or a label in place of too many."""


def _sum(cells: Iterable[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*cells, strict=True)]


def _read(chunk: Chunk, settings: Settings, problems: Problems) -> Rows:
    frame = chunk.inputs
    labels = [_text(value) for value in frame[settings.label]] if settings.label in frame.columns else None
    strata: tuple[np.ndarray, list[str]] = (np.zeros(len(frame), dtype=np.int64), [""])
    if settings.group_variable:
        if settings.group_variable in frame.columns:
            codes, names = _coded(frame[settings.group_variable])
            strata = (np.where(codes < 0, len(names), codes), [*names, "(none)"])
        else:
            problems.add("a record has no column of the name that group_variable has", settings.group_variable)
    groups = [_groups(frame, facet, problems) for facet in settings.facets]
    return Rows(chunk.event_ids, _predicted(chunk, settings, problems), labels, groups, strata)


def _predicted(chunk: Chunk, settings: Settings, problems: Problems) -> np.ndarray:
    if not any(chunk.outputs):  # training data, or a capture without responses
        return np.full(len(chunk.inputs), UNKNOWN)
    answers = read_outputs(chunk.outputs, chunk.event_ids, settings.form, problems)
    if settings.limit is not None:
        scores = np.array([np.nan if answer is None else answer.score for answer in answers])
        return np.where(np.isnan(scores), UNKNOWN, scores > settings.limit).astype(np.int64)
    positive = set(settings.positive)
    return np.array(
        [UNKNOWN if answer is None else int(answer.label in positive) for answer in answers], dtype=np.int64
    )


def outcomes(texts: Sequence[str | None], settings: Settings) -> np.ndarray:
    """NO, YES or UNKNOWN of each label."""
    if settings.limit is not None:
        numbers = pd.to_numeric(pd.Series(list(texts), dtype=object), errors="coerce").to_numpy(dtype=float)
        return np.where(np.isnan(numbers), UNKNOWN, numbers > settings.limit).astype(np.int64)
    positive = set(settings.positive)
    return np.array([UNKNOWN if text is None else int(text in positive) for text in texts], dtype=np.int64)


def _known_labels(read: Sequence[Rows], settings: LabelSettings, folder: Path, problems: Problems) -> Mapping[str, str]:
    wanted = {event_id for rows in read if rows.labels is None for event_id in rows.event_ids if event_id}
    return read_labels(folder, wanted, problems, settings) if wanted and folder.is_dir() else {}


def _groups(frame: pd.DataFrame, facet: Facet, problems: Problems) -> tuple[np.ndarray, list[str]] | None:
    """Each row's group and the groups' names; None without the column."""
    if facet.name not in frame.columns:
        if len(frame):
            problems.add("a record has no column of the name that a facet has", facet.name, len(frame))
        return None
    if facet.threshold is not None:
        numbers = pd.to_numeric(frame[facet.name], errors="coerce").to_numpy(dtype=float)
        codes = np.where(np.isnan(numbers), -1, numbers > facet.threshold).astype(np.int64)
        names = [A, D]
    else:
        codes, names = _coded(frame[facet.name])
        if facet.values:
            inside = np.array([*(int(name in facet.values) for name in names), -1])
            codes, names = inside[codes], [A, D]
    missing = int((codes < 0).sum())
    if missing:
        problems.add("a record has no value in the column of a facet", facet.name, missing)
    return codes, names


def _coded(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Each value's number, -1 for none, and the values' names, each once."""
    raw, values = pd.factorize(column)
    names: dict[str, int] = {}
    places = [names.setdefault(class_name(value), len(names)) for value in values]
    return np.array([*places, -1], dtype=np.int64)[raw], list(names)


def _text(value: object) -> str | None:
    return None if value is None or value != value else class_name(value)


def _count(
    facet: dict[str, Any],
    groups: tuple[np.ndarray, list[str]],
    strata: tuple[np.ndarray, list[str]],
    cells: np.ndarray,
    texts: Sequence[str | None],
) -> None:
    (codes, names), (stratum, stratum_names) = groups, strata
    inside = codes >= 0
    flat = (codes * len(stratum_names) + stratum) * KINDS + cells
    size = len(names) * len(stratum_names) * KINDS
    table = np.bincount(flat[inside], minlength=size).reshape(len(names), len(stratum_names), KINDS)
    for name, part in zip(names, table, strict=True):
        if not part.any():
            continue
        group = facet["groups"].setdefault(name, {"strata": {}, "labels": {}})
        for stratum_name, counts in zip(stratum_names, part, strict=True):
            if counts.any():
                before = group["strata"].get(stratum_name, [0] * KINDS)
                group["strata"][stratum_name] = [x + int(y) for x, y in zip(before, counts, strict=True)]
    for name, text in _labelled(codes, names, texts):
        counted = facet["groups"][name]["labels"]
        counted[text] = counted.get(text, 0) + 1


def _labelled(codes: np.ndarray, names: list[str], texts: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    return ((names[code], text) for code, text in zip(codes, texts, strict=False) if text is not None and code >= 0)
