"""Data quality as Model Monitor documents it, with one thing more: drift must be larger than the threshold *and* more
than chance.

Checks: sagemaker/latest/dg/model-monitor-interpreting-violations. With Model Monitor's rule alone (distance over 0.1)
a window of 200 records raises false alarms; with a significance test alone a million records make every feature
drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from monitor.config import Config, finite
from monitor.data_quality import features, formats
from monitor.data_quality.checks import Window, check
from monitor.data_quality.drift import ALPHA
from monitor.data_quality.features import Feature
from monitor.data_quality.formats import Constraint, Statistic, Unusable
from monitor.problems import Problems
from monitor.reading.capture import Chunk
from monitor.results import Results, judged

ROBUST = "comparison_method Robust of constraints.json was judged as Simple"
"""Robust is for few records, and AWS does not publish its formula (docs: model-monitor-byoc-constraints, linf_robust,
"based on the two-sample Kolmogorov-Smirnov test"). That test is made here in any case."""

ABOUT_VIOLATIONS: dict[str, Any] = {}


def summarise(chunks: Iterator[Chunk], config: Config, problems: Problems, inputs: Path) -> dict[str, Any]:
    """Counts, sketches and categories of each column that any request had."""
    records, found, widths = 0, dict[str, Feature](), dict[str, int]()
    for chunk in chunks:
        records += len(chunk.inputs)
        for name in chunk.inputs.columns if len(chunk.inputs) else ():
            one = features.feature(chunk.inputs[name])
            found[str(name)] = features.merged(found[name], one) if name in found else one
        widths = _added(widths, chunk.widths)
    return _summary(records, found, widths)


def merge(summaries: list[dict[str, Any]]) -> dict[str, Any]:
    """The summary of all shards: exactly what one machine would have found."""
    records, found, widths = 0, dict[str, Feature](), dict[str, int]()
    for summary in summaries:
        records += summary["records"]
        widths = _added(widths, summary["widths"])
        for name, document in summary["features"].items():
            one = features.from_json(document)
            found[name] = features.merged(found[name], one) if name in found else one
    return _summary(records, found, widths)


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted(one.keys() | other.keys())}


def _summary(records: int, found: dict[str, Feature], widths: dict[str, int]) -> dict[str, Any]:
    written = {name: features.to_json(found[name]) for name in sorted(found)}
    return {"records": records, "features": written, "widths": widths}


def baseline(summary: dict[str, Any], config: Config) -> dict[str, dict[str, Any]]:
    """statistics.json and constraints.json. Where the columns are configured, others (such as the label) are left
    out."""
    found = _in_order(summary, config)
    if config.columns is not None:
        found = {name: one for name, one in found.items() if name in config.columns}
    records = summary["records"]
    return {
        "statistics.json": formats.statistics(records, found),
        "constraints.json": formats.constraints(records, found),
    }


def _in_order(summary: dict[str, Any], config: Config) -> dict[str, Feature]:
    """The columns as configured, then the others by name."""
    first = [name for name in config.columns or () if name in summary["features"]]
    names = [*first, *sorted(summary["features"].keys() - set(first), key=_natural)]
    return {name: features.from_json(summary["features"][name]) for name in names}


def _natural(name: str) -> tuple[str, int, str]:
    """_c2 stands before _c10."""
    letters = name.rstrip("0123456789")
    return letters, int(name[len(letters) :] or 0), name


def results(summary: dict[str, Any], baseline: dict[str, dict[str, Any]], config: Config) -> Results:
    """The checks of a window. Files: its statistics.json, and the constraints.json that it was judged by."""
    alpha = config.settings.get("significance", ALPHA)
    if not finite(alpha) or not 0 < alpha < 1:
        sentence = f"significance: {alpha!r} is not a number between 0 and 1; write one like {ALPHA}."
        return Results({}, [], "Unusable", sentence)
    found, records, widths = _in_order(summary, config), summary["records"], summary["widths"]
    files = {"statistics.json": formats.statistics(records, found)}
    seen = records + sum(widths.values())
    if seen < config.min_records or not seen:
        sentence = f"{seen} records are in the window, {max(config.min_records, 1)} are needed to judge it."
        return Results(files, [], "TooThin", sentence)
    try:
        constraints, statistics = read_baseline(baseline)
    except Unusable as fault:
        return Results(files, [], "NoBaseline", f"The baseline cannot be used. {fault}.")
    if not constraints:
        return Results(files, [], "NoBaseline", "There is no baseline with features to compare the window with.")
    if records and not constraints.keys() & found.keys():
        sentence = f"The baseline is for other columns: it has {_some(constraints)}; the window has {_some(found)}."
        return Results(files, [], "NoBaseline", sentence)
    files["constraints.json"] = baseline.get("constraints.json") or _suggested(statistics)
    violations, details = check(Window(found, records, widths), constraints, statistics, config.columns or (), alpha)
    robust = [name for name, each in constraints.items() if each.rules.robust]
    return replace(judged(files, violations, details), problems=((ROBUST, _some(robust)),) if robust else ())


def read_baseline(baseline: dict[str, dict[str, Any]]) -> tuple[dict[str, Constraint], dict[str, Statistic]]:
    """Constraints and statistics by feature; without constraints.json those that the statistics suggest. Raises
    Unusable."""
    statistics = formats.read_statistics(baseline["statistics.json"]) if "statistics.json" in baseline else {}
    document = baseline.get("constraints.json")
    return formats.read_constraints(_suggested(statistics) if document is None else document), statistics


def _suggested(statistics: dict[str, Statistic]) -> dict[str, Any]:
    entries = [
        {
            "name": one.name,
            "inferred_type": one.inferred_type,
            "completeness": one.present / max(one.present + one.missing, 1),
        }
        for one in statistics.values()
    ]
    return {"version": 0.0, "features": entries, "monitoring_config": formats.MONITORING}


def _some(names: Any) -> str:
    shown = ", ".join(list(names)[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
