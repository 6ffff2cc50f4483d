"""Model quality: what the model said beside what was true, in Model Monitor's metrics and files.

Settings: ``problem``, ``positive``, ``negative``, ``classes`` and the attributes of ``output_form``; ``labels:
{at_least: 0.8, last_chance: false, id_attribute: …, label_attribute: …}``. While fewer than ``at_least`` of the
predictions have a label, the run waits; on the last chance it judges what is labelled. ``smallest_drop`` (0.01): what
is nearer to its threshold is no violation, however many records prove it (see ``constraints.py``).

A baseline comes from a CSV of training data with a column of predictions, of probabilities or both, and one of labels.
The columns are ``prediction``, ``probability`` and ``label``, or as ``baseline: {inference_attribute: …,
probability_attribute: …, ground_truth_attribute: …}`` names them (docs: model-monitor-model-quality-baseline). Without
such a file, the labelled capture is the baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from monitor.config import Config, UnusableSettingsError
from monitor.model_quality import summary as quality_summary
from monitor.model_quality.constraints import (
    Judgement,
    judge,
    read_constraints,
    smallest_drop,
    suggested,
    told,
    violation,
)
from monitor.model_quality.estimates import Estimate
from monitor.model_quality.readiness import coverage, coverage_sentence, hindrance_of
from monitor.model_quality.statistics import details_of, estimates_of, statistics_of
from monitor.problems import Problems
from monitor.reading.capture import Chunk
from monitor.reading.labels import label_settings, read_labels
from monitor.reading.output_form import (
    OutputForm,
    class_name,
    output_form,
)
from monitor.reading.outputs import Prediction, read_columns, read_outputs
from monitor.results import Results, judged

COLUMNS = {
    "inference_attribute": "prediction",
    "probability_attribute": "probability",
    "ground_truth_attribute": "label",
}

merge = quality_summary.merge

ABOUT_VIOLATIONS: dict[str, Any] = {}


def summarise(chunks: Iterator[Chunk], config: Config, problems: Problems, inputs: Path) -> dict[str, Any]:
    """What is kept of the rows: counts, a histogram of scores, sums. Labels are read from ``inputs/labels``."""
    try:
        form, settings = output_form(config.settings), label_settings(config.settings)
        smallest_drop(config.settings)
    except UnusableSettingsError as fault:
        return quality_summary.empty(None, str(fault))
    event_ids: list[str] = []
    predictions: list[Prediction] = []
    joined: list[quality_summary.Joined] = []
    before, rows, read, unusable = problems.counts(), 0, 0, ""
    for chunk in chunks:
        rows += len(chunk.outputs)
        if config.task == "baseline" and not any(chunk.event_ids):
            try:
                found = _from_columns(chunk, config.settings, form, problems)
            except UnusableSettingsError as fault:
                unusable = unusable or str(fault)
                continue
            joined += found
            read += len(found)
            continue
        for event_id, prediction in zip(
            chunk.event_ids, read_outputs(chunk.outputs, chunk.event_ids, form, problems), strict=True
        ):
            if prediction is not None:
                event_ids.append(event_id)
                predictions.append(prediction)
    unreadable = {name: count - before.get(name, 0) for name, count in problems.counts().items()}
    if event_ids:
        wanted = dict.fromkeys(event_ids)
        if len(wanted) < len(event_ids):
            problems.add("an event id has several predictions, which share its label", "", len(event_ids) - len(wanted))
        labels = read_labels(inputs / "labels", wanted, problems, settings)
        pairs = zip(event_ids, predictions, strict=True)
        joined += [(event_id, said, labels[event_id]) for event_id, said in pairs if event_id in labels]
    return {
        **quality_summary.empty(form, unusable),
        "rows": rows,
        "predictions": read + len(predictions),
        "unreadable": {name: count for name, count in unreadable.items() if count},
        **quality_summary.of_joined(joined, form, problems),
    }


def results(summary: dict[str, Any], baseline: dict[str, dict[str, Any]], config: Config) -> Results:
    """Whether the model is still as good as its constraints want it, by more than chance."""
    details: dict[str, Any] = {"coverage": coverage(summary), "sentence": coverage_sentence(summary)}
    hindrance = hindrance_of(summary, config)
    if hindrance is not None:
        return Results({}, [], hindrance[0], hindrance[1], details)
    form = output_form(config.settings)
    estimates = estimates_of(summary, form)
    files = {"statistics.json": statistics_of(summary, estimates, form, config)}
    details |= details_of(summary, estimates)
    if "constraints.json" not in baseline:
        sentence = "There is no constraints.json, so the metrics were computed and not judged; make a baseline."
        return Results(files, [], "NoBaseline", sentence, details)
    constraints, remarks = read_constraints(
        baseline["constraints.json"], form.problem, estimates, baseline.get("statistics.json")
    )
    details["not_judged"] = remarks
    if not constraints:
        return Results(files, [], "NoBaseline", " ".join(remarks), details)
    smallest = smallest_drop(config.settings)
    judgements = judge(constraints, estimates, smallest)
    details["constraints"] = [_judgement(judgement, estimates, smallest) for judgement in judgements]
    violations = [
        violation(found.constraint, estimates[found.constraint.metric], summary["labelled"])
        for found in judgements
        if found.violated
    ]
    return judged({**files, "constraints.json": baseline["constraints.json"]}, violations, details)


def baseline(summary: dict[str, Any], config: Config) -> dict[str, dict[str, Any]]:
    """statistics.json and constraints.json. Raises UnusableSettingsError when the data cannot be a baseline."""
    hindrance = hindrance_of(summary, config, last_chance=True)
    if hindrance is not None:
        raise UnusableSettingsError(hindrance[1])
    form = output_form(config.settings)
    estimates = estimates_of(summary, form)
    return {
        "statistics.json": statistics_of(summary, estimates, form, config),
        "constraints.json": suggested(form.problem, estimates),
    }


def _from_columns(
    chunk: Chunk, settings: Mapping[str, Any], form: OutputForm, problems: Problems
) -> list[quality_summary.Joined]:
    """Predictions and labels that are columns of a table. Raises UnusableSettingsError."""
    written = settings.get("baseline") or {}
    names = {**COLUMNS, **(written if isinstance(written, Mapping) else {})}
    label_at, score_at, truth_at = (
        str(names[name]) if str(names[name]) in chunk.inputs.columns else "" for name in COLUMNS
    )
    if not truth_at or not (label_at or score_at):
        found = ", ".join(map(str, chunk.inputs.columns[:20]))
        raise UnusableSettingsError(
            "The training data need a column of labels and one of predictions or probabilities; write their names as "
            f"baseline: {{ground_truth_attribute: …, inference_attribute: …}}. Its columns are {found}."
        )
    table = chunk.inputs
    said = read_columns(table[label_at] if label_at else None, table[score_at] if score_at else None, form, problems)
    rows: list[quality_summary.Joined] = []
    for place, (prediction, truth) in enumerate(zip(said, table[truth_at], strict=True)):
        if truth is None or truth != truth or class_name(truth) == "":
            problems.add("a row of the training data has no label", place)
        elif prediction is not None:
            rows.append((f"row {len(rows)}", prediction, class_name(truth)))
    return rows


def _judgement(found: Judgement, estimates: Mapping[str, Estimate], smallest: float) -> dict[str, Any]:
    estimate = estimates[found.constraint.metric]
    return {
        **found.constraint._asdict(),
        "value": estimate.value,
        "low": found.low,
        "high": found.high,
        "violated": found.violated,
        "sentence": told(found, estimate, smallest),
    }
