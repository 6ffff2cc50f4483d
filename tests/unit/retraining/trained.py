"""A retraining, its reports and its ends, each with whatever a test wants to be different."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.examples import ENDPOINT, GROUP
from tests.unit.remedies.weighed import policy

NAME = "churn-20260105-0a1b2c3d"
NOW = "2026-01-05T12:00:00Z"
ACCOUNT = "arn:aws:sagemaker:eu-west-1:111122223333"
EXECUTION = f"{ACCOUNT}:pipeline/churn-train/execution/p4jn9xou8a8s"
SIGNAL = {"kind": "data_quality", "evidence": "s3://m/v.json", "sentence": "Inputs drift (tenure)."}
TEMPLATE: dict[str, Any] = {
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "RoleArn": "arn:aws:iam::111122223333:role/train",
    "OutputDataConfig": {"S3OutputPath": "s3://models/churn"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "HyperParameters": {"depth": 3, "since": "{DataWindowStart}", "champion": "v{ChampionVersion}"},
}
MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:train-churn"


def package_arn(version: int, group: str = GROUP) -> str:
    return f"{ACCOUNT}:model-package/{group}/{version}"


def pipeline(*declared: str, **needed: str) -> dict[str, Any]:
    """DescribePipeline of a pipeline that declares parameters with a default, and ``needed`` ones without."""
    parameters = [{"Name": name, "Type": "String", "DefaultValue": "-"} for name in declared]
    parameters += [{"Name": name, "Type": kind} for name, kind in needed.items()]
    return {"found": {"PipelineDefinition": json.dumps({"Version": "2020-12-01", "Parameters": parameters})}}


def task(retraining: dict[str, Any] | None, **fields: Any) -> dict[str, Any]:
    """A retraining that was decided."""
    return {
        "now": NOW,
        "group": GROUP,
        "name": NAME,
        "endpoint": ENDPOINT,
        "stack": "interlock",
        "signal": SIGNAL,
        "champion": {"version": 7, "since": "2026-01-01T00:00:00Z"},
        "document": policy([], retraining),
        "last_good": None,
    } | fields


def step(name: str, status: str = "Succeeded", failure: str = "", **metadata: Any) -> dict[str, Any]:
    return {"StepName": name, "StepStatus": status, "FailureReason": failure, "Metadata": metadata}


def registers(version: int, group: str = GROUP) -> dict[str, Any]:
    return step("Register", RegisterModel={"Arn": package_arn(version, group)})


def end(found: dict[str, Any], *steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A retraining whose execution was looked at."""
    return {
        "now": NOW,
        "group": GROUP,
        "name": NAME,
        "began": "2026-01-05T10:00:00Z",
        "execution": {"found": found},
        "steps": list(steps),
    } | fields


def binary(accuracy: float, n: int = 2000, **metrics: Any) -> dict[str, Any]:
    """Model Monitor's statistics of a binary classifier."""
    return {
        "version": 0.0,
        "dataset": {"item_count": n},
        "binary_classification_metrics": {"accuracy": {"value": accuracy, "standard_deviation": "NaN"}} | metrics,
    }


def beside(report: dict[str, Any], champion: dict[str, Any], version: Any = 7) -> dict[str, Any]:
    """The challenger's ``report`` with what the champion's says of the same records."""
    measured = {name: each for name, each in champion.items() if name.endswith("metrics")}
    return report | {"champion": {"version": version} | measured}


def regression(mae: float, spread: Any = 0.01, n: int = 2000) -> dict[str, Any]:
    metrics = {"mae": {"value": mae, "standard_deviation": spread}}
    return {"dataset": {"item_count": n}, "regression_metrics": metrics}


def bias(*values: Any, metric: str = "DPPL", facet: str = "contract", **more: Any) -> dict[str, Any]:
    """Clarify's analysis.json, with one value of the facet for each of ``values``."""
    entries = [
        {"value_or_threshold": str(number), "metrics": [{"name": metric, "description": "", "value": value} | more]}
        for number, value in enumerate(values)
    ]
    return {"version": "1.0", "post_training_bias_metrics": {"label": "churned", "facets": {facet: entries}}}


def contest(gate: dict[str, Any], challenger: Any, champion: Any, /, **fields: Any) -> dict[str, Any]:
    """Two versions before the gate."""
    both = {
        "challenger": {
            "version": 8,
            "arn": package_arn(8),
            "status": "PendingManualApproval",
            "report": challenger,
            "bias": None,
        },
        "champion": {"version": 7, "report": champion, "bias": None},
    }
    return {
        "now": NOW,
        "group": GROUP,
        "endpoint": ENDPOINT,
        "retraining": NAME,
        "signal": SIGNAL,
        **both,
        "champion_at_start": 7,
        "document": policy([], {"pipeline": "churn-train", "gate": gate}),
        "last_good": None,
    } | fields
