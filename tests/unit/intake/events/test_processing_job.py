from __future__ import annotations

from typing import Any

import pytest

from tests.unit.intake.events.test_stored_object import KEY, stored
from tests.unit.intake.incoming import Detail, routed

FOLDER = "s3://monitoring/results/churn-live/inputs/2026/01/05/09"


def ended(status: str = "Completed", uri: str | None = FOLDER, **different: Any) -> Detail:
    outputs = [{"OutputName": "features", "FeatureStoreOutput": {"FeatureGroupName": "f"}}]
    if uri is not None:
        outputs.append({"OutputName": "results", "S3Output": {"S3Uri": uri, "S3UploadMode": "EndOfJob"}})  # type: ignore[dict-item]
    detail = {
        "ProcessingJobName": "interlock-churn-inputs",
        "ProcessingJobStatus": status,
        "ProcessingOutputConfig": {"Outputs": outputs},
        "FailureReason": None,
    }
    return routed("aws.sagemaker", "SageMaker Processing Job State Change", detail | different)


def test_the_end_of_a_run_has_the_name_of_its_file() -> None:
    command, told = ended(), stored(KEY)
    assert (command["kind"], command["job"]) == ("Weigh", "interlock-churn-inputs")
    assert command["name"] == told["name"]
    assert command["file"] == {"bucket": "monitoring", "key": KEY, "size": None}
    assert {**command["signal"], "sentence": ""} == {**told["signal"], "sentence": ""}


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_job_that_failed_is_weighed_under_the_same_name(status: str) -> None:
    command = ended(status, FailureReason="AlgorithmError: exit code 1")
    assert command["name"] == ended()["name"]
    assert command["signal"]["kind"] == "monitor_failed"
    assert command["sentence"].endswith(f"is {status}: AlgorithmError: exit code 1.")


@pytest.mark.parametrize("status", ["InProgress", "Stopping", "New"])
def test_a_job_that_runs_is_not_ended(status: str) -> None:
    assert ended(status)["kind"] == "Ignore"


@pytest.mark.parametrize("uri", [None, "s3://b/pipeline/out", "s3://monitoring/baselines/churn/7/bias", ""])
def test_another_job_is_no_run_of_a_monitor(uri: str | None) -> None:
    assert ended(uri=uri)["kind"] == "Ignore"


def test_a_job_without_outputs_is_no_run_of_a_monitor() -> None:
    assert ended(ProcessingOutputConfig={"Outputs": []})["kind"] == "Ignore"
