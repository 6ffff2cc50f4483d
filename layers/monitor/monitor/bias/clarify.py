"""What Clarify's container is given in place of our formulas, and what is read out of its analysis.json.

The form of the config: docs sagemaker/latest/dg/clarify-processing-job-configure-analysis, and
``ANALYSIS_CONFIG_SCHEMA_V1_0`` of the SageMaker Python SDK. With ``predicted_label`` no model is asked (SDK,
``DataConfig``).

The container guesses from the numbers of a column whether it holds classes or amounts: above 5 % different values, a
whole number is an amount (``smclarify.bias.metrics.common.series_datatype``). So the dataset has words only. A facet is
a column of yes and no, an outcome is positive or negative, and a stratum has the name of its column before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from monitor.bias.metrics import METRICS, POST_TRAINING, PRE_TRAINING
from monitor.bias.report import Row, limits_of
from monitor.bias.rows import UNKNOWN, YES, D, Rows, count_rows, outcomes
from monitor.bias.settings import Facet, Settings

LABEL, PREDICTED, STRATUM = "label", "predicted_label", "stratum"
INSIDE, OUTSIDE = "yes", "no"
POSITIVE, NEGATIVE = "positive", "negative"
ROUNDING = 1e-9


def column(facet: Facet) -> str:
    """The column of a facet: ``contract is monthly``, ``age above 40``."""
    return f"{facet.name} {'is' if facet.threshold is None else 'above'} {facet.text()}"


def count_dataset(read: Iterable[Rows], settings: Settings) -> dict[str, Any]:
    """The counts of the dataset. Which label a row has is left out: the dataset says only whether it is positive."""
    counts = count_rows(read, settings)
    for facet in counts["facets"]:
        for group in facet["groups"].values():
            group["labels"] = {}
    return counts


def complete_rows(read: Iterable[Rows], settings: Settings, labelled: bool) -> list[Rows]:
    """The rows that the container can use: with a prediction, a value in each facet and, if ``labelled``, a label."""
    return [_part(rows, _complete(rows, settings, labelled)) for rows in read if None not in rows.groups]


def _complete(rows: Rows, settings: Settings, labelled: bool) -> np.ndarray:
    complete = rows.predicted != UNKNOWN
    for groups in rows.groups:
        complete &= groups[0] >= 0 if groups is not None else False
    return complete & (outcomes(rows.labels or (), settings) != UNKNOWN) if labelled else complete


def _part(rows: Rows, inside: np.ndarray) -> Rows:
    return replace(
        rows,
        event_ids=[each for each, kept in zip(rows.event_ids, inside, strict=True) if kept],
        predicted=rows.predicted[inside],
        labels=[each for each, kept in zip(rows.labels or (), inside, strict=True) if kept],
        groups=[(groups[0][inside], groups[1]) for groups in rows.groups if groups is not None],
        strata=(rows.strata[0][inside], rows.strata[1]),
    )


def dataset(read: Iterable[Rows], settings: Settings, labelled: bool) -> str:
    """The rows as CSV with a header. Without labels the predictions stand for them: no metric of them is asked for, but
    the container wants the column. The stratum is there without a group, too, so that the dataset has a feature."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*map(column, settings.facets), STRATUM, LABEL, PREDICTED])
    table.writerows(chain.from_iterable(_lines(rows, settings, labelled) for rows in read))
    return text.getvalue()


def _lines(rows: Rows, settings: Settings, labelled: bool) -> Iterator[tuple[str, ...]]:
    facets = [
        [INSIDE if groups[1][code] == D else OUTSIDE for code in groups[0]]
        for groups in rows.groups
        if groups is not None
    ]
    named = settings.group_variable
    strata = [f"{named}: {rows.strata[1][code]}" if named else "all" for code in rows.strata[0]]
    predicted = _words(rows.predicted)
    actual = _words(outcomes(rows.labels or (), settings)) if labelled else predicted
    return zip(*facets, strata, actual, predicted, strict=True)


def _words(places: np.ndarray) -> list[str]:
    return [POSITIVE if place == YES else NEGATIVE for place in places]


def analysis_config(settings: Settings, methods: Iterable[str]) -> dict[str, Any]:
    """``analysis_config.json``: these metrics of the dataset's facets. It names no headers, so the container reads them
    from the dataset."""
    asked = {
        section: [name for name in methods if METRICS[name].stage == stage]
        for section, stage in (("pre_training_bias", PRE_TRAINING), ("post_training_bias", POST_TRAINING))
    }
    return {
        "version": "1.0",
        "dataset_type": "text/csv",
        "label": LABEL,
        "predicted_label": PREDICTED,
        "label_values_or_threshold": [POSITIVE],
        "facet": [{"name_or_index": column(facet), "value_or_threshold": [INSIDE]} for facet in settings.facets],
        **({"group_variable": STRATUM} if settings.group_variable else {}),
        "methods": {
            **{section: {"methods": names} for section, names in asked.items() if names},
            "report": {"name": "report", "title": "Analysis Report"},
        },
    }


def with_values(rows: Iterable[Row], found: Mapping[str, Any], settings: Settings) -> tuple[list[Row], list[str]]:
    """``rows`` with the values of the container's analysis.json, and what is wrong with it.

    The container gives no intervals. Ours are those of the same rows, so each value must lie in its interval.
    """
    values = limits_of({"analysis.json": found})
    columns = {(facet.name, facet.text()): column(facet) for facet in settings.facets}
    made, faults = [], []
    for row in rows:
        value = values.get((columns[row.facet, row.value], INSIDE, row.name))
        if row.estimate is None:
            made.append(row)
        elif value is not None and row.estimate.low - ROUNDING <= value.value <= row.estimate.high + ROUNDING:
            made.append(row._replace(estimate=row.estimate._replace(value=value.value)))
        else:
            fault = f"{row.name} of {row.facet} {row.value} is {'missing' if value is None else value.value}"
            faults.append(fault)
            made.append(row._replace(estimate=None, error=f"In Clarify's analysis.json {fault}."))
    return made, faults
