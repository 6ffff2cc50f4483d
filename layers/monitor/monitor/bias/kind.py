"""The bias monitor: Clarify's metrics of the groups that the policy names, against those of the baseline.

All intervals of a run hold together with 99 %, and a violation is raised only when an interval proves it. Metrics of
labels need ground truth; without enough of it only the others are judged, and ``details`` say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from monitor.bias.clarify import with_values
from monitor.bias.estimates import LEVEL, estimates
from monitor.bias.metrics import METRICS
from monitor.bias.report import Row, analysis, limits_of, told, violates, violation
from monitor.bias.rows import bounded, count_rows, read_rows
from monitor.bias.settings import Settings, bias_settings
from monitor.config import Config, UnusableSettingsError
from monitor.problems import Problems
from monitor.reading.capture import Chunk
from monitor.reading.labels import label_settings
from monitor.results import Results, Status, judged

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
    read = read_rows(chunks, settings, labels, inputs / "labels", problems)
    return {"fault": "", "counts": count_rows(read, settings)}


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
    counts, settings = summary["counts"], bias_settings(config.settings)
    return {"analysis.json": analysis(estimates(counts, settings, possible(counts, settings)), settings)}


def results(summary: dict[str, Any], baseline: dict[str, dict[str, Any]], config: Config) -> Results:
    """The metrics of the window, and those that are proven worse than the baseline's."""
    if summary["fault"]:
        return Results({}, [], "Unusable", summary["fault"])
    counts, settings, labels = summary["counts"], bias_settings(config.settings), label_settings(config.settings)
    dataset = summary.get("dataset")  # of Clarify's container, which computed the values of these rows
    hindered = hindrance(counts, settings, config) or (hindrance(dataset, settings, config) if dataset else None)
    if hindered is not None:
        return Results({}, [], *hindered)
    share, labelled, methods = asked(counts, settings, config)
    rows = estimates(dataset or counts, settings, methods)
    rows, faults = with_values(rows, summary.get("analysis") or {}, settings) if dataset else (rows, [])
    files = {"analysis.json": analysis(rows, settings)}
    limits = limits_of(baseline)
    violations = [violation(row, limits[row[:3]]) for row in rows if violates(row, limits, settings.tolerance)]
    compared = [row for row in rows if row.estimate is not None and row[:3] in limits]
    details: dict[str, Any] = {
        "level": LEVEL,
        "labelled": share,
        "labels": _said_of_labels(settings, methods, share, labels.at_least),
        "metrics": [told(row, limits) for row in rows],
        "without_baseline": sorted({f"{row.name} of {row.facet}" for row in rows if row[:3] not in limits}),
    }
    if violations:
        return judged(files, violations, details)
    if faults:
        sentence = f"Clarify's analysis.json does not fit the rows that it was given: {'; '.join(faults)}."
        return Results(files, [], "Unusable", sentence, details)
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


def asked(counts: Mapping[str, Any], settings: Settings, config: Config) -> tuple[float, bool, list[str]]:
    """The share of the predictions that have a label, whether it is large enough, and the metrics to be computed."""
    share, labels = counts["judged"] / counts["predicted"], label_settings(config.settings)
    labelled = share >= labels.at_least and counts["judged"] > 0
    methods = [name for name in possible(counts, settings) if labelled or METRICS[name].needs in ("", "prediction")]
    return share, labelled, methods


def hindrance(counts: Mapping[str, Any], settings: Settings, config: Config) -> tuple[Status, str] | None:
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


def possible(counts: Mapping[str, Any], settings: Settings) -> list[str]:
    """The metrics for which there is something to count at all."""
    seen = {
        "": counts["records"],
        "prediction": counts["predicted"],
        "label": counts["labelled"],
        "both": counts["judged"],
    }
    return [name for name in settings.methods if seen[METRICS[name].needs]]


def _said_of_labels(settings: Settings, methods: list[str], share: float, at_least: float) -> str:
    left_out = [name for name in settings.methods if name not in methods]
    if not left_out:
        return ""
    return (
        f"{', '.join(left_out)} need labels. {share:.1%} of the predictions have one, and {at_least:.0%} are wanted;"
        " put labels of their event ids into the folder of the group's labels."
    )
