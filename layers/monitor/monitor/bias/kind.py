"""The bias monitor: Clarify's metrics of the groups that the policy names, against those of the baseline.

All intervals of a run hold together with 99 %, and a violation is raised only when an interval proves it. Metrics of
labels need ground truth; without enough of it only the others are judged, and ``details`` say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from monitor.bias.counts import Counts, Side, UndefinedMetricError
from monitor.bias.metrics import METRICS
from monitor.bias.report import Row, analysis, limits_of, told, violates, violation
from monitor.bias.rows import OTHER, A, D, bounded, count_rows
from monitor.bias.settings import Facet, Settings, bias_settings
from monitor.config import Config, UnusableSettingsError
from monitor.intervals import quantile
from monitor.problems import Problems
from monitor.reading.capture import Chunk
from monitor.reading.labels import label_settings
from monitor.results import Results, Status, judged

LEVEL = 0.99
"""With this chance all intervals of a run hold, so that a run without drift raises no alarm."""

NO_BASELINE = (
    "There is no baseline with bias metrics. Run this monitor's baseline task on the training data, or name the"
    " analysis.json of a Clarify job as the package's DriftCheckBaselines.Bias.PostTrainingConstraints."
)

ABOUT_VIOLATIONS: dict[str, Any] = {"version": "1.0"}


def summarise(chunks: Iterator[Chunk], config: Config, problems: Problems, inputs: Path) -> dict[str, Any]:
    """Counts of the rows; ``fault`` says what is wrong with the settings, "" if nothing."""
    try:
        settings, labels = bias_settings(config.settings), label_settings(config.settings)
    except UnusableSettingsError as error:
        return {"fault": str(error), "counts": None}
    return {"fault": "", "counts": count_rows(chunks, settings, labels, inputs / "labels", problems)}


def merge(summaries: list[dict[str, Any]]) -> dict[str, Any]:
    """The counts of all shards together."""
    counted = [summary["counts"] for summary in summaries if summary["counts"] is not None]
    fault = max((summary["fault"] for summary in summaries), default="")
    if not counted or fault:
        return {"fault": fault, "counts": None}
    total = _add([{**counts, "facets": None} for counts in counted])
    facets = zip(*(counts["facets"] for counts in counted), strict=True)
    return {"fault": "", "counts": {**total, "facets": [bounded(_facet_total(list(facet))) for facet in facets]}}


def _facet_total(facets: list[dict[str, Any]]) -> dict[str, Any]:
    return {**_add([{**facet, "overflow": None} for facet in facets]), "overflow": any(f["overflow"] for f in facets)}


def _add(parts: list[Any]) -> Any:
    """The sum of numbers, lists and mappings of the same shape; a key that one of them lacks counts as nothing."""
    known = [part for part in parts if part is not None]
    if not known:
        return None
    if isinstance(known[0], dict):
        names = sorted({name for part in known for name in part})
        return {name: _add([part[name] for part in known if name in part]) for name in names}
    if isinstance(known[0], list):
        return [sum(column) for column in zip(*known, strict=True)]
    return sum(known)


def baseline(summary: dict[str, Any], config: Config) -> dict[str, dict[str, Any]]:
    """``analysis.json`` with the metrics of the training data. Raises UnusableSettingsError."""
    if summary["fault"]:
        raise UnusableSettingsError(summary["fault"])
    settings = bias_settings(config.settings)
    return {
        "analysis.json": analysis(_rows(summary["counts"], settings, _possible(summary["counts"], settings)), settings)
    }


def results(summary: dict[str, Any], baseline: dict[str, dict[str, Any]], config: Config) -> Results:
    """The metrics of the window, and those that are proven worse than the baseline's."""
    if summary["fault"]:
        return Results({}, [], "Unusable", summary["fault"])
    counts, settings, labels = summary["counts"], bias_settings(config.settings), label_settings(config.settings)
    hindrance = _hindrance(counts, settings, config)
    if hindrance is not None:
        return Results({}, [], *hindrance)
    share = counts["judged"] / counts["predicted"]
    labelled = share >= labels.at_least and counts["judged"] > 0
    methods = [name for name in _possible(counts, settings) if labelled or METRICS[name].needs in ("", "prediction")]
    rows = _rows(counts, settings, methods)
    files = {"analysis.json": analysis(rows, settings)}
    limits = limits_of(baseline)
    violations = [violation(row, limits[row[:3]]) for row in rows if violates(row, limits, settings.tolerance)]
    compared = [row for row in rows if row.estimate is not None and row[:3] in limits]
    details = {
        "level": LEVEL,
        "labelled": share,
        "labels": _said_of_labels(settings, methods, share, labels.at_least),
        "metrics": [told(row, limits) for row in rows],
        "without_baseline": sorted({f"{row.name} of {row.facet}" for row in rows if row[:3] not in limits}),
    }
    if violations:
        return judged(files, violations, details)
    waiting = (
        not labelled and "labels" in config.settings and any(METRICS[name].needs == "both" for name in settings.methods)
    )
    if waiting and not labels.last_chance:
        sentence = f"Only {share:.1%} of the predictions have a label; the monitor waits for {labels.at_least:.0%}."
        return Results(files, [], "WaitingForLabels", sentence, details)
    if not limits:
        return Results(files, [], "NoBaseline", NO_BASELINE, details)
    unjudged = _unjudged(rows, compared, counts, settings, details["labels"])
    return Results(files, [], *unjudged, details) if unjudged else judged(files, [], details)


def _hindrance(counts: Mapping[str, Any], settings: Settings, config: Config) -> tuple[Status, str] | None:
    """Why nothing at all can be judged: a status and a sentence; None if something can."""
    if counts["predicted"] < max(1, config.min_records):
        few = counts["records"] < max(1, config.min_records)
        return (
            "TooThin" if few else "Unusable",
            f"Only {counts['predicted']} of {counts['records']} records have a prediction; {config.min_records} are"
            " needed. "
            + (
                "Capture more (data_capture: {sampling: …}), or write a longer period as every."
                if few
                else "Write where the prediction is as inference_attribute."
            ),
        )
    if counts["positive"] in (0, counts["predicted"]):
        which = "positive" if counts["positive"] else "negative"
        return (
            "Unusable",
            f"Every prediction is {which}, so groups cannot be compared. If {settings.outcome()!r} is not what this"
            " model calls the positive outcome, write what it is as positive.",
        )
    if all(facet["absent"] == counts["records"] for facet in counts["facets"]):
        names = ", ".join(sorted({facet.name for facet in settings.facets}))
        return (
            "Unusable",
            f"No record has the column {names}. Write the names of a request's columns as columns, and use one.",
        )
    return None


def _unjudged(
    rows: list[Row], compared: list[Row], counts: Mapping[str, Any], settings: Settings, labels: str
) -> tuple[Status, str] | None:
    """What was asked and could not be judged, although nothing else is wrong; None if all facets were."""
    for facet, counted in zip(settings.facets, counts["facets"], strict=True):
        if counted["absent"] == counts["records"]:
            return (
                "Unusable",
                f"No record has the column {facet.name}, so this facet was not judged. Write a column of the requests.",
            )
        if counted["overflow"]:
            sentence = f"{facet.name} has too many different values. Write values or a threshold for this facet."
            return "Unusable", sentence
        own = [row for row in rows if row.facet == facet.name and facet.text() in ("", row.value)]
        if any(row in own for row in compared):
            continue
        reason = next((row.error for row in own if row.error), "")
        if reason:
            return (
                "Unusable",
                f"The facet {facet.name} {facet.text()} was not judged. {reason} Write what the column has.",
            )
        if not own:
            return "TooThin", f"No metric was judged. {labels}"
        return (
            "NoBaseline",
            f"The baseline has no metric of the facet {facet.name} {facet.text()}. Make a baseline with these facets.",
        )
    return None


def _possible(counts: Mapping[str, Any], settings: Settings) -> list[str]:
    """The metrics for which there is something to count at all."""
    seen = {
        "": counts["records"],
        "prediction": counts["predicted"],
        "label": counts["labelled"],
        "both": counts["judged"],
    }
    return [name for name in settings.methods if seen[METRICS[name].needs]]


def _rows(counts: Mapping[str, Any], settings: Settings, methods: list[str]) -> list[Row]:
    groups = [
        (facet.name, value, made)
        for facet, counted in zip(settings.facets, counts["facets"], strict=True)
        if counted["absent"] < counts["records"] and not counted["overflow"]
        for value, made in _groups(facet, counted["groups"])
    ]
    z = quantile(LEVEL, len(groups) * len(methods))
    return [_row(facet, value, name, made, z) for facet, value, made in groups for name in methods]


def _row(facet: str, value: str, name: str, counts: Counts, z: float) -> Row:
    try:
        return Row(facet, value, name, METRICS[name].of(counts, z))
    except UndefinedMetricError as error:
        return Row(facet, value, name, None, str(error))


def _groups(facet: Facet, groups: Mapping[str, Any]) -> list[tuple[str, Counts]]:
    """Each group d of a facet, with everybody else as group a."""
    if facet.values or facet.threshold is not None:
        return [(facet.text(), _counts([groups[A]] if A in groups else [], [groups[D]] if D in groups else []))]
    return [
        (name, _counts([groups[other] for other in groups if other != name], [groups[name]])) for name in sorted(groups)
    ]


def _counts(a: list[Mapping[str, Any]], d: list[Mapping[str, Any]]) -> Counts:
    names = sorted({name for group in (*a, *d) for name in group["strata"]})
    strata = [(_side(a, name), _side(d, name)) for name in names]
    whole = Counts(Side(), Side())
    for side_a, side_d in strata:
        whole = Counts(whole.a.plus(side_a), whole.d.plus(side_d))
    told_apart = names != [OTHER]
    return Counts(whole.a, whole.d, strata if told_apart else (), _labels(a), _labels(d))


def _side(groups: list[Mapping[str, Any]], stratum: str) -> Side:
    side = Side()
    for group in groups:
        side = side.plus(Side(*group["strata"].get(stratum, ())))
    return side


def _labels(groups: list[Mapping[str, Any]]) -> dict[str, int] | None:
    """How often each label occurs; None when they are too many, or none: positive and negative will do."""
    total: dict[str, int] = _add([group["labels"] for group in groups]) if groups else {}
    return None if not total or OTHER in total else total


def _said_of_labels(settings: Settings, methods: list[str], share: float, at_least: float) -> str:
    left_out = [name for name in settings.methods if name not in methods]
    if not left_out:
        return ""
    return (
        f"{', '.join(left_out)} need labels. {share:.1%} of the predictions have one, and {at_least:.0%} are wanted;"
        " put labels of their event ids into the folder of the group's labels."
    )
