"""The mergeable summary of a window for the monitor of model quality: counts, a histogram of scores, exact sums."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from monitor.exact_sums import exact_squares, exact_sum
from monitor.model_quality.score_histogram import counted
from monitor.problems import Problems
from monitor.reading.output_form import BINARY, REGRESSION, OutputForm
from monitor.reading.outputs import Prediction

GROUPS = 32
"""Groups of records, by a hash of the event id: leaving out each in turn tells how sure a regression's metrics are."""
LARGEST = 1e100
"""A larger number in a regression is no measurement, and its square's square could not be written."""

NEITHER = "a label is neither the positive nor the negative class, and counts as negative"

Joined = tuple[str, Prediction, str]
"""Event id, what the model said, what was true."""


def empty(form: OutputForm | None, unusable: str = "") -> dict[str, Any]:
    """The summary of nothing. ``unusable``: why the settings cannot be used."""
    return {
        "problem": form.problem if form else "",
        "unusable": unusable,
        "rows": 0,
        "predictions": 0,
        "labelled": 0,
        "unreadable": {},
        "confusion": {},
        "scores": {"positive": {}, "negative": {}, "graded": False},
        "groups": [],
    }


def of_joined(joined: Iterable[Joined], form: OutputForm, problems: Problems) -> dict[str, Any]:
    """What labelled predictions add to the summary."""
    rows = list(joined)
    return _regression(rows, problems) if form.problem == REGRESSION else _classification(rows, form, problems)


def merge(summaries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One summary of all. Its numbers do not depend on how the records were dealt out."""
    whole = empty(None)
    whole["problem"] = max((summary["problem"] for summary in summaries), default="")
    whole["unusable"] = min((summary["unusable"] for summary in summaries if summary["unusable"]), default="")
    for name in ("rows", "predictions", "labelled"):
        whole[name] = sum(summary[name] for summary in summaries)
    whole["unreadable"] = _sum(summary["unreadable"] for summary in summaries)
    actual = sorted({name for summary in summaries for name in summary["confusion"]})
    whole["confusion"] = {name: _sum(summary["confusion"].get(name, {}) for summary in summaries) for name in actual}
    for side in ("positive", "negative"):
        whole["scores"][side] = _sum(summary["scores"][side] for summary in summaries)
    whole["scores"]["graded"] = any(summary["scores"]["graded"] for summary in summaries)
    grouped = [summary["groups"] for summary in summaries if summary["groups"]]
    whole["groups"] = [_sum(groups) for groups in zip(*grouped, strict=True)]
    return whole


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return {name: total[name] for name in sorted(total)}


def _classification(rows: list[Joined], form: OutputForm, problems: Problems) -> dict[str, Any]:
    pairs = Counter((truth, said.label) for _, said, truth in rows)
    confusion: dict[str, dict[str, int]] = {}
    for (truth, label), count in sorted(pairs.items()):
        confusion.setdefault(truth, {})[label] = count
    if form.problem == BINARY and not form.negative.startswith("not "):
        for truth, row in confusion.items():
            if truth not in (form.positive, form.negative):
                problems.add(NEITHER, truth, sum(row.values()))
    scored = [(said.score, truth == form.positive) for _, said, truth in rows if not math.isnan(said.score)]
    sides = {
        name: counted([score for score, positive in scored if positive is side])
        for name, side in (("positive", True), ("negative", False))
    }
    # Scores that are all 0 or 1 are labels, and rank nothing.
    graded = any(score not in (0.0, 1.0) for score, _ in scored)
    return {"labelled": len(rows), "confusion": confusion, "scores": {**sides, "graded": graded}}


def _regression(rows: list[Joined], problems: Problems) -> dict[str, Any]:
    said, truth, place = [], [], []
    for event_id, prediction, label in rows:
        try:
            value = float(label)
        except ValueError:
            value = math.nan
        if not (abs(value) <= LARGEST and abs(prediction.score) <= LARGEST):
            problems.add("a label or a prediction of a regression is not a usual number", f"{event_id}: {label}")
            continue
        said.append(prediction.score)
        truth.append(value)
        place.append(zlib.crc32(event_id.encode("utf-8", "surrogatepass")) % GROUPS)
    given, actual, number = np.array(said, float), np.array(truth, float), np.array(place, int)
    groups = [_sums(given[number == group], actual[number == group]) for group in range(GROUPS)]
    return {"labelled": len(said), "groups": groups}


def _sums(said: Any, truth: Any) -> dict[str, int]:
    """What is added up, of arrays: in the units of ``exact_sums``, so that the spread of numbers far from 0 is kept."""
    error = truth - said
    return {
        "records": len(truth),
        "absolute": exact_sum(np.abs(error)),
        "squares": exact_squares(error),
        "truth": exact_sum(truth),
        "truth_squares": exact_squares(truth),
    }
