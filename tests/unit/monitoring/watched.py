"""An endpoint with monitors, as AWS and the ledger describe it, each with whatever a test wants to be different."""

from __future__ import annotations

import json
from typing import Any

from interlock.execution.monitors import MonitorsTask, plan_monitors
from interlock.monitoring.plan import MonitorPlan

INPUTS = {"name": "inputs", "kind": "data_quality", "every": "1h"}
LABELS = {"wait": "2d", "give_up": "5d", "at_least": "80%"}
ACCURACY = {
    "name": "accuracy",
    "kind": "model_quality",
    "every": "1d",
    "problem": "binary_classification",
    "labels": LABELS,
}
FAIRNESS = {
    "name": "fairness",
    "kind": "bias",
    "every": "1d",
    "facets": [{"name": "contract", "values": ["monthly"]}],
    "positive": 1,
}
CLARIFY_IMAGE = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
BY_CLARIFY = FAIRNESS | {"clarify_image": CLARIFY_IMAGE}
REASONS = {"name": "reasons", "kind": "attribution", "every": "1d", "model_calls": 20000, "per_second": 20}

ACCOUNT = {
    "stack": "interlock",
    "bucket": "monitoring",
    "role": "arn:aws:iam::111122223333:role/monitor",
    "image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
    "partition": "aws",
    "region": "us-east-1",
}
BASELINES = {
    "ModelDataQuality": {
        "Statistics": {"ContentType": "application/json", "S3Uri": "s3://models/7/dq/statistics.json"},
        "Constraints": {"ContentType": "application/json", "S3Uri": "s3://models/7/dq/constraints.json"},
    },
    "ModelQuality": {"Constraints": {"ContentType": "application/json", "S3Uri": "s3://models/7/mq/limits.json"}},
    "Bias": {"PostTrainingConstraints": {"ContentType": "application/json", "S3Uri": "s3://models/7/bias.json"}},
    "Explainability": {"Constraints": {"ContentType": "application/json", "S3Uri": "s3://models/7/shap.json"}},
}


def document(*monitors: dict[str, Any], **monitoring: Any) -> str:
    """A policy whose endpoint captures traffic for ``monitors``."""
    stage = {
        "endpoint": "churn-live",
        "hosting": {"instance_type": "ml.m5.large", "data_capture": {"sampling": 20}},
        "strategy": {"kind": "all_at_once"},
    }
    watched = {"columns": ["tenure", "contract"], "monitors": list(monitors), **monitoring}
    return json.dumps({"model_package_group": "churn", "stages": [stage], "monitoring": watched})


def ran(monitor: str, window: str, status: str, created_at: str, **more: str) -> dict[str, str]:
    """A run as the ledger has it."""
    return {
        "monitor": monitor,
        "window": window,
        "job": f"{monitor}-job",
        "status": status,
        "created_at": created_at,
        **more,
    }


def task(*monitors: dict[str, Any], monitoring: dict[str, Any] | None = None, **different: Any) -> MonitorsTask:
    capture = {"EnableCapture": True, "InitialSamplingPercentage": 20, "DestinationS3Uri": "s3://monitoring/capture"}
    usual: dict[str, Any] = {
        "now": "2026-01-05T10:05:00.000Z",
        "group": "churn",
        "endpoint": "churn-live",
        "document": document(*monitors, **monitoring or {}),
        "live": {"version": "7", "since": "2026-01-01T00:00:00.000Z", "config": "churn-config"},
        "endpoint_config": {"ProductionVariants": [{"VariantName": "AllTraffic"}], "DataCaptureConfig": capture},
        "package": {"ModelPackageVersion": 7, "DriftCheckBaselines": BASELINES},
        "runs": [],
        "account": ACCOUNT,
    }
    different_task: Any = usual | different
    return different_task


def planned(*monitors: dict[str, Any], **different: Any) -> MonitorPlan:
    return plan_monitors(task(*monitors, **different))


def config(plan: MonitorPlan, index: int = 0) -> Any:
    """config.json of a planned run."""
    return plan["runs"][index]["objects"][0]["Body"]


def inputs(plan: MonitorPlan, index: int = 0) -> dict[str, str]:
    """The S3 URI of each input of a planned run, by where it goes."""
    return {
        each["S3Input"]["LocalPath"].removeprefix("/opt/ml/processing/input/"): each["S3Input"]["S3Uri"]
        for each in plan["runs"][index]["request"]["ProcessingInputs"]
    }
