"""The monitor of feature attributions: mean |Shapley value| of each feature, its order against the baseline's.

Docs: sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift (NDCG, an alarm below 0.90) and
clarify-model-monitor-model-attribution-drift-violations (the files). Here an alarm also needs the 99 % interval of NDCG
over the explained rows to lie below the limit, so that the luck of the sample raises none.

The monitor is limited by the endpoint and not by the data, so one machine is enough. Shards find the same rows as one
machine, but each has a budget of its own.

Settings: ``model_calls`` (rows sent, 20000), ``per_second`` (rows, 20), ``pairs`` (of walks a row, 5), ``batch`` (rows
a request, 50), ``background`` or ``background_rows``, ``content_type``, ``target_variant``, and those of
``output_form``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from monitor.attribution.endpoint_model import EndpointModel, Invoke, call_settings, endpoint
from monitor.attribution.rows import Sample, background_rows, sample
from monitor.attribution.shapley import Background, calls_of_a_row, explain, ndcg, ndcg_interval
from monitor.baseline_files import read_baseline_files
from monitor.config import Config, UnusableSettingsError, finite
from monitor.problems import Problems
from monitor.reading.capture import Chunk
from monitor.results import Results, Status, judged

LIMIT, LEVEL = 0.9, 0.99
FEWEST = 30
"""Explained rows. With fewer nothing is judged."""
MOST_FAILED = 0.05
"""Of the rows sent: more failures make the explained rows a choice of the endpoint's."""
SEEN = 1000
"""Rows of which the background is made."""
LABEL = "label0"

NO_BASELINE = (
    "There is no baseline with global SHAP values. Run this monitor's baseline task on the training data, or name the"
    " analysis.json of a Clarify job as the package's DriftCheckBaselines.Explainability.Constraints."
)

ABOUT_VIOLATIONS: dict[str, Any] = {"version": "1.0"}


def summarise(
    chunks: Iterator[Chunk], config: Config, problems: Problems, inputs: Path, invoke: Invoke | None = None
) -> dict[str, Any]:
    """The Shapley values of some rows. ``invoke``: instead of the endpoint, request body -> response body."""
    summary: dict[str, Any] = {"fault": "", "columns": [], "records": 0, "limit": 0, "rows": [], "unexplained": []}
    summary |= {"background": None, "expected_value": None, "source": "", "sent": 0, "failed": 0, "refusal": ""}
    try:
        settings = call_settings(config.settings)
        drawn = sample(chunks, max(SEEN, settings.budget), config.columns, problems)
        summary |= {"columns": drawn.columns, "records": drawn.records}
        if not drawn.rows:
            return summary
        rows, source = background_rows(
            config.settings.get("background"),
            int(config.settings.get("background_rows", 1)),
            Sample(drawn.columns, drawn.rows[:SEEN], drawn.records),
            None if config.task == "baseline" else _background(inputs, config),
        )
        model = EndpointModel(invoke or endpoint(config, settings), drawn.columns, settings, problems)
    except (UnusableSettingsError, TypeError, ValueError) as error:
        return {**summary, "fault": str(error)}
    limit = (settings.budget - len(rows)) // calls_of_a_row(len(drawn.columns), settings.pairs)
    background = Background(rows, model(rows))
    found, unexplained = [], []
    for row in drawn.rows[: max(0, limit)] if np.isfinite(background.scores).all() else ():
        explained = explain(row.values, background, model, settings.pairs, row.place)
        if explained is not None:
            found.append([f"{row.place:016x}", explained[1], [float(share) for share in explained[0]]])
        else:
            unexplained.append(f"{row.place:016x}")
        if model.given_up:
            break
    return summary | {
        "limit": max(0, limit),
        "rows": found,
        "unexplained": unexplained,
        "background": rows,
        "expected_value": float(background.scores.mean()) if np.isfinite(background.scores).all() else None,
        "source": source,
        "sent": model.sent,
        "failed": model.failed,
        "refusal": model.refusal,
    }


def _background(inputs: Path, config: Config) -> Any:
    """background.json of the baseline. What is wrong with the files, the run has counted already."""
    return read_baseline_files(inputs, config, Problems())[0].get("background.json")


def merge(summaries: list[dict[str, Any]]) -> dict[str, Any]:
    """The rows with the least hashes of all shards, as many as one machine would have explained."""
    known = [summary for summary in summaries if summary["records"]] or summaries[:1]
    first = min(known, key=lambda summary: json.dumps([summary["columns"], summary["background"]]))
    fault = max(summary["fault"] for summary in summaries)
    if not fault and any(summary["columns"] != first["columns"] for summary in known):
        fault = "The shards have different columns. Write the columns of a request as columns."
    rows = sorted({row[0]: row for summary in known for row in summary["rows"]}.values())
    limit = max(summary["limit"] for summary in summaries)
    unexplained = sorted({place for summary in known for place in summary["unexplained"]})
    tried = set(sorted([*unexplained, *(row[0] for row in rows)])[:limit])
    return {
        **first,
        "fault": fault,
        "records": sum(summary["records"] for summary in summaries),
        "limit": limit,
        "rows": [row for row in rows if row[0] in tried],
        "unexplained": [place for place in unexplained if place in tried],
        "sent": sum(summary["sent"] for summary in summaries),
        "failed": sum(summary["failed"] for summary in summaries),
        "refusal": max(summary["refusal"] for summary in summaries),
    }


def baseline(summary: dict[str, Any], config: Config) -> dict[str, dict[str, Any]]:
    """``analysis.json``, and ``background.json`` for the runs to come. Raises UnusableSettingsError."""
    hindrance = _hindrance(summary, 1)
    if hindrance is not None:
        raise UnusableSettingsError(hindrance[1])
    return {
        "analysis.json": _analysis(summary),
        "background.json": {"columns": summary["columns"], "rows": summary["background"]},
    }


def results(summary: dict[str, Any], baseline: dict[str, dict[str, Any]], config: Config) -> Results:
    """The order of the attributions against the baseline's."""
    hindrance = _hindrance(summary, config.min_records)
    if hindrance is not None:
        return Results({}, [], *hindrance, {"sent": summary["sent"], "failed": summary["failed"]})
    files, live = {"analysis.json": _analysis(summary)}, _global(summary)
    details: dict[str, Any] = {
        "rows": len(summary["rows"]),
        "sent": summary["sent"],
        "failed": summary["failed"],
        "background": summary["source"],
        "live": live,
    }
    label, expected = _expected(baseline)
    if not expected:
        return Results(files, [], "NoBaseline", NO_BASELINE, details)
    strange = sorted(set(expected) ^ set(live))
    if strange or max(expected.values()) <= 0.0:
        reason = f"explains other features ({', '.join(strange[:5])})" if strange else "has no attribution above 0"
        sentence = (
            f"The baseline {reason}. Make a baseline of this version, or write columns as its requests have them."
        )
        return Results(files, [], "NoBaseline", sentence, details)
    score = ndcg(expected, live)
    shares = np.array([row[2] for row in summary["rows"]])
    low, high = ndcg_interval(expected, summary["columns"], shares, LEVEL)
    details |= {"ndcg": score, "interval": [low, high], "limit": LIMIT, "level": LEVEL, "baseline": expected}
    violation = {
        "label": label,
        "metric_name": "shap",
        "constraint_check_type": "feature_attribution_drift_check",
        "description": f"Feature attribution drift {score} exceeds threshold {LIMIT}",
    }
    return judged(files, [violation] if score < LIMIT and high < LIMIT else [], details)


def _hindrance(summary: Mapping[str, Any], min_records: int) -> tuple[Status, str] | None:
    """Why nothing can be judged, and what to write: a status and a sentence; None if something can."""
    if summary["fault"]:
        return "Unusable", f"The model cannot be asked. {summary['fault']}"
    if summary["records"] < max(1, min_records):
        return (
            "TooThin",
            f"Only {summary['records']} records were captured; {min_records} are needed. Capture more"
            " (data_capture: {sampling: …}), or write a longer period as every.",
        )
    if summary["failed"] > MOST_FAILED * summary["sent"]:
        return (
            "Unusable",
            f"The endpoint did not answer {summary['failed']} of {summary['sent']} rows ({summary['refusal']})."
            " Let the job's role call sagemaker:InvokeEndpoint, and write a smaller per_second if it throttles.",
        )
    if len(summary["rows"]) < FEWEST:
        return (
            "TooThin" if summary["limit"] >= FEWEST else "Unusable",
            f"Only {len(summary['rows'])} rows were explained; {FEWEST} are needed. model_calls were enough"
            f" for {summary['limit']}: write more, or fewer pairs, or a longer period as every.",
        )
    if not any(_global(summary).values()):
        return (
            "Unusable",
            "The model answers the same whatever a row holds, so no feature has a share. Write where its score is as"
            " probability_attribute.",
        )
    return None


def _global(summary: Mapping[str, Any]) -> dict[str, float]:
    """Mean |Shapley value| of each feature: Clarify's global SHAP values (its default ``agg_method``, ``mean_abs``)."""
    means = np.abs(np.array([row[2] for row in summary["rows"]])).mean(axis=0)
    return dict(zip(summary["columns"], map(float, means), strict=True))


def _analysis(summary: Mapping[str, Any]) -> dict[str, Any]:
    about = {"global_shap_values": _global(summary), "expected_value": summary["expected_value"]}
    return {"version": "1.0", "explanations": {"kernel_shap": {LABEL: about}}}


def _expected(baseline: Mapping[str, Any]) -> tuple[str, dict[str, float]]:
    """The first label that the baseline's files explain, and its global SHAP values, Clarify's or ours."""
    for _, document in sorted(baseline.items()):
        found: Any = document
        for name in ("explanations", "kernel_shap"):
            found = found.get(name) if isinstance(found, dict) else None
        for label, about in sorted(found.items()) if isinstance(found, dict) else ():
            values = about.get("global_shap_values") if isinstance(about, dict) else None
            if isinstance(values, dict) and values and all(map(finite, values.values())):
                return label, {name: float(value) for name, value in values.items()}
    return LABEL, {}
