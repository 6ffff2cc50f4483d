"""The container of Clarify: the values of its own library, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from math import inf
from typing import Any

import pytest

from tests.rehearsal.sagemaker.jobs import BUCKET, Jobs, given
from tests.rehearsal.sagemaker.record_smclarify import REFERENCE, SIZES, rows

IMAGE = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
CONFIG: dict[str, Any] = {
    "version": "1.0",
    "dataset_type": "text/csv",
    "label": "label",
    "predicted_label": "predicted_label",
    "label_values_or_threshold": ["positive"],
    "facet": [{"name_or_index": "facet", "value_or_threshold": ["yes"]}],
    "group_variable": "stratum",
    "methods": {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": "all"}},
}


def text(columns: dict[str, list[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([columns, *zip(*columns.values(), strict=True)])
    return written.getvalue()


def ran(config: dict[str, Any], dataset: str, **different: Any) -> Jobs:
    account = Jobs()
    account.put("config/analysis_config.json", json.dumps(config))
    account.put("dataset/dataset.csv", dataset)
    where = {"S3Uri": f"s3://{BUCKET}/results", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
    dataset_input = given("dataset", "dataset/")
    dataset_input["S3Input"]["LocalPath"] = "/opt/ml/processing/input/data"
    config_input = given("analysis_config", "config/analysis_config.json")
    config_input["S3Input"]["LocalPath"] = "/opt/ml/processing/input/config"
    request = {
        "AppSpecification": {"ImageUri": IMAGE},
        "ProcessingInputs": [config_input, dataset_input],
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "analysis_result", "S3Output": where}]},
    }
    account.start("", **request | different)
    account.wait(10)
    return account


def values(analysis: dict[str, Any]) -> dict[str, float]:
    stages = (analysis[f"{stage}_training_bias_metrics"] for stage in ("pre", "post"))
    return {each["name"]: float(each["value"]) for stage in stages for each in stage["facets"]["facet"][0]["metrics"]}


@pytest.mark.parametrize("size", SIZES)
def test_the_values_are_those_of_clarifys_own_library(size: int) -> None:
    found = values(json.loads(ran(CONFIG, text(rows(size))).text("results/analysis.json")))
    recorded = json.loads(REFERENCE.read_text())["values"][str(size)]
    assert found.keys() == recorded.keys()
    for name, value in recorded.items():
        expected = float(value)
        assert found[name] == (expected if abs(expected) == inf else pytest.approx(expected, abs=1e-12)), name


@pytest.mark.parametrize(
    ("config", "dataset", "different", "said"),
    [
        ({"methods": {"bias": {}}}, None, {}, "'bias' was unexpected"),
        ({"dataset_type": "csv"}, None, {}, "'csv' is not one of"),
        ({"labels": 1}, None, {}, "'labels' was unexpected"),
        ({"label": "truth"}, None, {}, "no column truth"),
        ({"methods": {"post_training_bias": {"methods": ["DIP"]}}}, None, {}, "Invalid metric_name"),
        ({"label_values_or_threshold": ["good"]}, None, {}, "all False values"),
        ({}, "facet,stratum,label,predicted_label\n", {}, "The dataset is empty"),
        (
            {},
            None,
            {"AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "-c", "1"]}},
            "ContainerEntrypoint and ContainerArguments are not supported",
        ),
        ({}, None, {"NetworkConfig": {"EnableNetworkIsolation": True}}, "EnableNetworkIsolation must be False"),
    ],
)
def test_what_its_schema_or_its_library_refuses_fails_the_job(
    config: dict[str, Any], dataset: str | None, different: dict[str, Any], said: str
) -> None:
    account = ran(CONFIG | config, text(rows(60)) if dataset is None else dataset, **different)
    described = account.described()
    assert described["ProcessingJobStatus"] == "Failed"
    assert described["FailureReason"].startswith("ClientError: ") and said in described["FailureReason"]
    assert account.listed() == []
