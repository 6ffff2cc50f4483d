"""Transform jobs: what they write, how they fail, and what SageMaker refuses."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal import models
from rehearsal.aws import AwsError
from rehearsal.sagemaker import Options
from rehearsal.sagemaker.transform import CLIENT, NO_PING, SERVER
from tests.rehearsal.sagemaker.account import Account
from tests.rehearsal.sagemaker.jobs_account import JobsAccount

BUCKET = "models"
ROWS = [row.body for row in models.rows()[:3]]
LOST = next(row.body for row in models.rows() if row.label == "8")
JOB: dict[str, Any] = {
    "TransformJobName": "job",
    "ModelName": "m",
    "BatchStrategy": "MultiRecord",
    "TransformInput": {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/a.csv"}},
        "ContentType": "text/csv",
        "SplitType": "Line",
    },
    "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out", "AssembleWith": "Line"},
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
}


def account(kind: str = "better", body: bytes = b"\n".join(ROWS), **options: Any) -> Account:
    """An account with a model `m` and an object `in/a.csv`."""
    here = JobsAccount(Options(**options))
    here.objects[BUCKET, "in/a.csv"] = body
    here.model(kind, "m")
    return here


def ended(here: Account, **request: Any) -> dict[str, Any]:
    here.call("create_transform_job", **{**JOB, **request})
    here.wait(15)
    return described(here)


def described(here: Account) -> dict[str, Any]:
    return dict(here.call("describe_transform_job", TransformJobName="job"))


def written(here: Account) -> dict[str, bytes]:
    return {key: body for (_, key), body in here.objects.items() if key.startswith("out/")}


@pytest.mark.parametrize("strategy", ["MultiRecord", "SingleRecord"])
def test_each_record_gets_a_line(strategy: str) -> None:
    here = account()
    job = ended(here, BatchStrategy=strategy)
    assert job["TransformJobStatus"] == "Completed" and "FailureReason" not in job
    assert written(here)["out/a.csv.out"].decode().split() == [row.label for row in models.rows()[:3]]


def test_the_output_may_lie_in_the_folder_of_the_input() -> None:
    here = account(transform_outputs="with folder")
    ended(here)
    assert written(here).keys() == {"out/in/a.csv.out"}


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("crash", ROWS[0], NO_PING),
        ("broken", b"\n".join([*ROWS, LOST]), SERVER),
        ("better", b"no,digits", CLIENT),
    ],
)
def test_a_job_that_fails_says_why_and_writes_nothing(kind: str, body: bytes, reason: str) -> None:
    here = account(kind, body)
    job = ended(here)
    assert (job["TransformJobStatus"], job["FailureReason"]) == ("Failed", reason)
    assert written(here) == {}


def test_a_job_without_input_fails() -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/nothing/"}}
    job = ended(account(), TransformInput={**JOB["TransformInput"], "DataSource": source})
    assert "No S3 objects found" in job["FailureReason"]


def test_a_job_that_is_stopped_writes_nothing_and_cannot_be_stopped_again() -> None:
    here = account()
    here.call("create_transform_job", **JOB)
    here.call("stop_transform_job", TransformJobName="job")
    assert described(here)["TransformJobStatus"] == "Stopping"
    here.wait(15)
    assert described(here)["TransformJobStatus"] == "Stopped"
    assert written(here) == {}
    assert "in status Stopped" in here.refused("stop_transform_job", TransformJobName="job")


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"ModelName": "gone"}, "Could not find model"),
        ({"TransformInput": {"DataSource": JOB["TransformInput"]["DataSource"]}}, "SplitType"),
    ],
)
def test_what_cannot_be_is_refused(request_: dict[str, Any], said: str) -> None:
    assert said in account().refused("create_transform_job", **{**JOB, **request_})


def test_a_name_can_be_used_once() -> None:
    here = account()
    ended(here)
    with pytest.raises(AwsError) as refusal:
        here.call("create_transform_job", **JOB)
    assert refusal.value.code == "ResourceInUse"


def test_each_status_is_told_with_where_the_job_writes() -> None:
    here = account()
    ended(here)
    told = [event.detail for event in here.events if event.kind == "SageMaker Transform Job State Change"]
    assert [each["TransformJobStatus"] for each in told] == ["InProgress", "Completed"]
    assert {each["TransformOutput"]["S3OutputPath"] for each in told} == {f"s3://{BUCKET}/out"}
