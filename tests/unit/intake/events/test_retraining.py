from __future__ import annotations

import pytest

from tests.unit.awsmodel import values
from tests.unit.intake.incoming import Detail, becomes, routed

PIPELINE = "arn:aws:sagemaker:us-east-1:111122223333:pipeline/churn-train/execution/p4jn9xou8a8s"
JOB = "arn:aws:sagemaker:us-east-1:111122223333:training-job/churn-1"
EXECUTION = "arn:aws:states:us-east-1:111122223333:execution:train:churn-1"


def pipeline(status: str) -> Detail:
    detail = {"pipelineExecutionArn": PIPELINE, "currentPipelineExecutionStatus": status}
    return routed("aws.sagemaker", "SageMaker Model Building Pipeline Execution Status Change", detail)


def job(status: str) -> Detail:
    return routed(
        "aws.sagemaker", "SageMaker Training Job State Change", {"TrainingJobArn": JOB, "TrainingJobStatus": status}
    )


def execution(status: str) -> Detail:
    return routed("aws.states", "Awaited Execution Status Change", {"executionArn": EXECUTION, "status": status})


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Stopped", "CompletedWithFailures", "EndedSomehow"])
def test_the_end_of_a_pipeline_wakes_the_retraining_that_waits_for_it(status: str) -> None:
    command = pipeline(status)
    assert (command["kind"], command["awaited"], command["status"]) == ("WakeRetraining", PIPELINE, status)
    assert becomes(command, "NothingToDo")[:2] == ("Ignore", "NothingToDo")


def test_of_the_statuses_that_aws_knows_only_the_ends_wake() -> None:
    known = values("sagemaker", "PipelineExecutionStatus")
    assert {status for status in known if pipeline(status)["kind"] == "Ignore"} == {"Executing", "Stopping"}
    known = values("sagemaker", "TrainingJobStatus")
    assert {status for status in known if job(status)["kind"] == "Ignore"} == {"InProgress", "Stopping", "Deleting"}
    known = values("stepfunctions", "ExecutionStatus")
    assert {status for status in known if execution(status)["kind"] == "Ignore"} == {"RUNNING", "PENDING_REDRIVE"}


def test_each_is_awaited_by_its_arn() -> None:
    assert (job("Completed")["awaited"], execution("TIMED_OUT")["awaited"]) == (JOB, EXECUTION)


def test_the_end_of_interlocks_own_machine_is_something_else() -> None:
    detail = {"executionArn": EXECUTION, "stateMachineArn": "m", "name": "churn-v7-1", "status": "FAILED"}
    assert routed("aws.states", "Step Functions Execution Status Change", detail)["kind"] == "Reconcile"
