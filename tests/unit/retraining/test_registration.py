from __future__ import annotations

from typing import Any

import pytest

from interlock.retraining.outcome import conclude_retraining
from tests.unit.awsmodel import input_of, unfit
from tests.unit.examples import GROUP
from tests.unit.retraining.trained import ACCOUNT, NAME, end, package_arn

ARTIFACT = f"s3://models/churn/interlock-{NAME}/output/model.tar.gz"
JOB: dict[str, Any] = {
    "TrainingJobName": f"interlock-{NAME}",
    "TrainingJobArn": f"{ACCOUNT}:training-job/interlock-{NAME}",
    "TrainingJobStatus": "Completed",
    "ModelArtifacts": {"S3ModelArtifacts": ARTIFACT},
}
CONTAINER = {
    "Image": "image",
    "ImageDigest": f"sha256:{64 * '0'}",
    "ModelDataUrl": "s3://models/churn/old/model.tar.gz",
    "ModelDataETag": "0a1b2c3d",
    "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
}
LIVE = {
    "ModelPackageArn": package_arn(7),
    "InferenceSpecification": {
        "Containers": [CONTAINER],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    },
}


def concluded(**fields: Any) -> dict[str, Any]:
    return dict(conclude_retraining(end(JOB, **{"packages": [], "champion": LIVE, **fields})))  # type: ignore[arg-type]


def test_what_a_job_made_is_registered_as_the_live_version_is_with_the_new_artifact() -> None:
    answer = concluded()
    assert (answer["status"], answer["failed"]) == ("Register", False)
    request = answer["request"]
    assert unfit(input_of("sagemaker", "CreateModelPackage"), request) == []
    assert (request["ModelPackageGroupName"], request["ModelApprovalStatus"]) == (GROUP, "PendingManualApproval")
    assert request["MetadataProperties"] == {"GeneratedBy": JOB["TrainingJobArn"]}
    (container,) = request["InferenceSpecification"]["Containers"]
    kept = {name: CONTAINER[name] for name in ("Image", "ImageDigest", "Environment")}
    assert container == kept | {"ModelDataUrl": ARTIFACT}
    rest = {name: value for name, value in LIVE["InferenceSpecification"].items() if name != "Containers"}  # type: ignore[attr-defined]
    assert rest.items() <= request["InferenceSpecification"].items()


def test_a_second_attempt_registers_nothing_more_and_another_retraining_does() -> None:
    token = concluded()["request"]["ClientToken"]
    assert concluded(now="2026-01-05T13:00:00Z")["request"]["ClientToken"] == token
    assert concluded(name="churn-20260106-0a1b2c3d")["request"]["ClientToken"] != token


def test_a_job_that_registered_a_version_itself_is_left_alone() -> None:
    answer = concluded(packages=[{"ModelPackageArn": package_arn(8)}])
    assert (answer["status"], answer["version"]) == ("Registered", 8)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"champion": None}, "no live version"),
        ({"champion": {"InferenceSpecification": {"Containers": [CONTAINER, CONTAINER]}}}, "several containers"),
        ({"execution": {"found": {"TrainingJobStatus": "Completed"}}}, "names no artifact"),
        ({"refused": "CreateModelPackage: AWS refused. Not authorized."}, "AWS refused. Not authorized."),
    ],
)
def test_what_cannot_be_registered_is_told_to_a_person(fields: dict[str, Any], why: str) -> None:
    answer = concluded(**fields)
    assert (answer["status"], answer["reason"], answer["failed"]) == ("Ended", "RetrainingRegisteredNothing", True)
    assert why in answer["sentence"]
    assert answer["sentence"] in answer["notice"]["body"]
    assert "request" not in answer


def test_a_machine_that_registers_nothing_is_not_registered_for() -> None:
    assert concluded(execution={"found": {"Status": "SUCCEEDED"}})["reason"] == "RetrainingRegisteredNothing"


def test_versions_that_cannot_be_read_are_read_again_before_anything_is_registered() -> None:
    answer = concluded(packages=None)
    assert (answer["status"], answer["sentence"].endswith("could not be read.")) == ("Wait", True)


def test_a_pipeline_without_steps_registers_nothing_though_nobody_read_the_versions() -> None:
    answer = concluded(execution={"found": {"PipelineExecutionStatus": "Succeeded"}}, steps=[], packages=None)
    assert (answer["status"], answer["reason"]) == ("Ended", "RetrainingRegisteredNothing")
