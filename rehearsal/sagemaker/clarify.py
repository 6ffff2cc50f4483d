"""Clarify's container, as far as it computes metrics of bias from labels and predictions that the dataset has.

Names and folders: docs sagemaker/latest/dg/clarify-processing-job-configure-parameters. The config: docs
clarify-processing-job-configure-analysis, and `ANALYSIS_CONFIG_SCHEMA_V1_0` of the SageMaker Python SDK, which knows no
other fields. Formulas: the pages clarify-data-bias-metric-* and clarify-post-training-bias-metric-*; where these are
silent, the library that the container imports (a traceback of it: aws/sagemaker-python-sdk #3260), smclarify 0.5. A
job that fails says `ClientError: ` and why (aws/amazon-sagemaker-examples #2916).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd

from rehearsal.account.gateway import NotSimulated

REPOSITORY = "/sagemaker-clarify-processing"

_NAME: dict[str, Any] = {"type": ["string", "integer"]}
_VALUES = {"type": "array", "items": {"type": ["number", "string"]}}
_METHODS = {
    "type": "object",
    "properties": {"methods": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}},
    "required": ["methods"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "version": {"type": "string"},
        "dataset_type": {"enum": ["text/csv", "application/jsonlines", "application/json", "application/x-parquet"]},
        "headers": {"type": "array", "items": {"type": "string"}},
        "label": _NAME,
        "predicted_label": _NAME,
        "label_values_or_threshold": _VALUES,
        "facet": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name_or_index": _NAME, "value_or_threshold": _VALUES},
                "required": ["name_or_index"],
                "additionalProperties": False,
            },
        },
        "group_variable": _NAME,
        "methods": {
            "type": "object",
            "properties": {
                "pre_training_bias": _METHODS,
                "post_training_bias": _METHODS,
                "report": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "title": {"type": "string"}},
                    "required": ["name"],
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        },
    },
    "required": ["dataset_type", "methods"],
    "additionalProperties": False,
}


class ClarifyFailed(Exception):
    """Why the container's job fails."""


def is_clarify(image: str) -> bool:
    """Whether the image is Clarify's, in whatever Region's registry."""
    return REPOSITORY in image


def run(root: Path, request: Mapping[str, Any]) -> None:
    """Reads processing/input of the container's /opt/ml, which is `root`, and writes processing/output/analysis.json.
    Raises ClarifyFailed."""
    _check_request(request)
    inputs, output = root / "processing/input", root / "processing/output"
    config = _config(inputs / "config/analysis_config.json")
    analysis = _analysis(config, _dataset(inputs / "data"))
    output.mkdir(parents=True, exist_ok=True)
    (output / "analysis.json").write_text(json.dumps(analysis))
    (output / "report.html").write_text("<title>Analysis Report</title>")


def _check_request(request: Mapping[str, Any]) -> None:
    if "ContainerEntrypoint" in request["AppSpecification"]:
        raise ClarifyFailed("ClientError: ContainerEntrypoint and ContainerArguments are not supported.")
    inputs = {each["InputName"] for each in request.get("ProcessingInputs", ())}
    outputs = [each["OutputName"] for each in request["ProcessingOutputConfig"]["Outputs"]]
    if inputs != {"analysis_config", "dataset"} or outputs != ["analysis_result"]:
        raise ClarifyFailed("ClientError: The inputs must be analysis_config and dataset, the output analysis_result.")
    if request.get("NetworkConfig", {}).get("EnableNetworkIsolation"):
        raise ClarifyFailed("ClientError: EnableNetworkIsolation must be False.")


def _config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_bytes())
        jsonschema.validate(config, SCHEMA)
    except (OSError, ValueError) as wrong:
        raise ClarifyFailed(f"ClientError: analysis_config.json cannot be used: {wrong}") from wrong
    except jsonschema.ValidationError as wrong:
        raise ClarifyFailed(f"ClientError: analysis_config.json: {wrong.json_path}: {wrong.message}") from wrong
    if config["dataset_type"] != "text/csv" or "headers" in config:
        raise NotSimulated("Clarify with another dataset than CSV with a header")
    return dict(config)


def _dataset(folder: Path) -> pd.DataFrame:
    frames = [pd.read_csv(path) for path in sorted(folder.rglob("*")) if path.is_file()]
    found = pd.concat(frames) if frames else pd.DataFrame()
    if found.empty:
        raise ClarifyFailed("ClientError: The dataset is empty.")
    numeric = [str(name) for name in found if pd.api.types.is_numeric_dtype(found[name]) or found[name].isna().any()]
    if numeric:
        raise NotSimulated(f"Clarify's guess whether {', '.join(numeric)} are classes or amounts, and missing values")
    return found.reset_index(drop=True)


def _analysis(config: Mapping[str, Any], rows: pd.DataFrame) -> dict[str, Any]:
    methods = config["methods"]
    wanted = ["label", *(["predicted_label"] if "post_training_bias" in methods else [])]
    named = [config.get(name) for name in (*wanted, "group_variable") if name in config or name in wanted]
    named += [each["name_or_index"] for each in config.get("facet", ())]
    unknown = [str(name) for name in named if name not in rows]
    if unknown or not config.get("facet") or not config.get("label_values_or_threshold"):
        raise ClarifyFailed(f"ClientError: no column {', '.join(unknown) or 'of a facet, or no positive label values'}")
    positive = config["label_values_or_threshold"]
    label = rows[config["label"]].isin(positive).to_numpy()
    predicted = rows[config["predicted_label"]].isin(positive).to_numpy() if "predicted_label" in config else label
    if "post_training_bias" in methods and not predicted.any():
        raise ClarifyFailed(
            "ClientError: No Label values are present in the predicted Label Column,"
            "Positive Predicted Index Series contains all False values"
        )
    strata = rows[config["group_variable"]].to_numpy() if "group_variable" in config else None
    written: dict[str, Any] = {"version": "1.0"}
    for section, known in (("pre_training_bias", PRE_TRAINING), ("post_training_bias", POST_TRAINING)):
        if section in methods:
            asked = methods[section]["methods"]
            names = sorted(known if asked == "all" else asked)
            if not set(names) <= known.keys():
                raise ClarifyFailed(f"ClientError: Invalid metric_name: metrics should be one of {sorted(known)}")
            written[f"{section}_metrics"] = {
                "label": config["label"],
                "facets": {
                    facet["name_or_index"]: _facet(facet, rows, names, known, label, predicted, strata)
                    for facet in config["facet"]
                },
                "label_value_or_threshold": ",".join(map(str, positive)),
            }
    return written


def _facet(
    facet: Mapping[str, Any], rows: pd.DataFrame, names: list[str], known: Mapping[str, Metric], *of: Any
) -> list[dict[str, Any]]:
    """The metrics of each group of a facet: of the named values together, else of each value."""
    column = rows[facet["name_or_index"]]
    groups = [facet["value_or_threshold"]] if "value_or_threshold" in facet else [[each] for each in column.unique()]
    return [
        {
            "value_or_threshold": ",".join(map(str, values)),
            "metrics": [_metric(name, known[name], Groups(column.isin(values).to_numpy(), *of)) for name in names],
        }
        for values in groups
    ]


def _metric(name: str, of: Metric, groups: Groups) -> dict[str, Any]:
    about = {"name": name, "description": name}
    try:
        if groups.inside.all() or not groups.inside.any():
            raise ValueError("Facet set is empty")
        value = float(of(groups))
    except ValueError as wrong:
        return {**about, "value": None, "error": str(wrong)}
    return {**about, "value": value if isfinite(value) else str(value).replace("inf", "Infinity")}


@dataclass(frozen=True)
class Groups:
    """Booleans of each row: whether it is inside the facet (group d), labelled and predicted positive; its stratum."""

    inside: np.ndarray
    label: np.ndarray
    predicted: np.ndarray
    strata: np.ndarray | None

    def both(self, of: Callable[[np.ndarray, np.ndarray], float]) -> tuple[float, float]:
        """A number of group a and of group d, from their labels and predictions."""
        a, d = ~self.inside, self.inside
        return of(self.label[a], self.predicted[a]), of(self.label[d], self.predicted[d])


Metric = Callable[[Groups], float]


def _ratio(part: float, whole: float) -> float:
    """0/0 is 0 (`smclarify.bias.metrics.common.divide`)."""
    return part / whole if whole else (0.0 if not part else inf)


def _minus(first: float, second: float) -> float:
    return 0.0 if first == second else first - second


def _a_minus_d(of: Callable[[np.ndarray, np.ndarray], float]) -> Metric:
    return lambda groups: _minus(*groups.both(of))


def _d_minus_a(of: Callable[[np.ndarray, np.ndarray], float]) -> Metric:
    return lambda groups: _minus(*reversed(groups.both(of)))


def _shares(groups: Groups) -> tuple[np.ndarray, np.ndarray]:
    """The distribution of the label in both groups, of the labels that both have (`pdfs_aligned_nonzero`)."""
    a, d = (np.array([1 - share, share]) for share in groups.both(lambda label, _: label.mean()))
    both = (a > 0) & (d > 0)
    if not both.any():
        raise ValueError("No instance of common facet found, dataset may be too small")
    return a[both], d[both]


def _divergence(groups: Groups) -> float:
    a, d = _shares(groups)
    return float((a * np.log(a / d)).sum())


def _jensen_shannon(groups: Groups) -> float:
    a, d = _shares(groups)
    middle = (a + d) / 2
    return float((a * np.log(a / middle)).sum() + (d * np.log(d / middle)).sum()) / 2


def _norm(order: float) -> Metric:
    return lambda groups: float(np.linalg.norm(np.subtract(*_shares(groups)), order))


def _disparity(accepted: Callable[[Groups], np.ndarray]) -> Metric:
    """The mean over the strata of d's share of the rejected less d's share of the accepted."""

    def metric(groups: Groups) -> float:
        yes = accepted(groups)
        if groups.strata is None:
            raise ValueError("Group variable is empty or not provided")
        if yes.all() or not yes.any():
            raise ValueError(f"No {'negative' if yes.any() else 'positive'} labels in set")
        total = 0.0
        for stratum in np.unique(groups.strata):
            here = groups.strata == stratum
            shares = [_ratio((here & side & groups.inside).sum(), (here & side).sum()) for side in (~yes, yes)]
            total += here.sum() * (shares[0] - shares[1])
        return total / len(yes)

    return metric


def _entropy(groups: Groups) -> float:
    benefit = groups.predicted.astype(float) - groups.label + 1
    return float(((benefit / benefit.mean()) ** 2 - 1).mean() / 2)


PRE_TRAINING: dict[str, Metric] = {
    "CI": lambda groups: (~groups.inside).mean() - groups.inside.mean(),
    "DPL": _a_minus_d(lambda y, _: y.mean()),
    "KL": _divergence,
    "JS": _jensen_shannon,
    "LP": _norm(2),
    "TVD": lambda groups: _norm(1)(groups) / 2,
    "KS": _norm(np.inf),
    "CDDL": _disparity(lambda groups: groups.label),
}
POST_TRAINING: dict[str, Metric] = {
    "DPPL": _a_minus_d(lambda _, p: p.mean()),
    "DI": lambda groups: _ratio(*reversed(groups.both(lambda _, p: p.mean()))),
    "DCA": _a_minus_d(lambda y, p: _ratio(y.sum(), p.sum())),
    "DCR": _d_minus_a(lambda y, p: _ratio((~y).sum(), (~p).sum())),
    "RD": _a_minus_d(lambda y, p: _ratio((y & p).sum(), y.sum())),
    "SD": _d_minus_a(lambda y, p: _ratio((~y & ~p).sum(), (~y).sum())),
    "DAR": _a_minus_d(lambda y, p: _ratio((y & p).sum(), p.sum())),
    "DRR": _d_minus_a(lambda y, p: _ratio((~y & ~p).sum(), (~p).sum())),
    "AD": _a_minus_d(lambda y, p: (y == p).mean()),
    "TE": _d_minus_a(lambda y, p: _ratio((y & ~p).sum(), (~y & p).sum())),
    "CDDPL": _disparity(lambda groups: groups.predicted),
    "GE": _entropy,
}
