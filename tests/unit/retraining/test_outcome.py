from __future__ import annotations

from typing import Any

import pytest

from interlock.retraining.outcome import STATUSES, conclude_retraining
from tests.unit.awsmodel import values
from tests.unit.retraining.trained import end, package_arn, registers, step

SUCCEEDED = {"PipelineExecutionStatus": "Succeeded"}
CONDITION_NO = step("BetterThanBefore", Condition={"Outcome": "False"})


def concluded(found: dict[str, Any], *steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return dict(conclude_retraining(end(found, *steps, **fields)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "service", "shape"),
    [
        ("PipelineExecutionStatus", "sagemaker", "PipelineExecutionStatus"),
        ("TrainingJobStatus", "sagemaker", "TrainingJobStatus"),
        ("Status", "stepfunctions", "ExecutionStatus"),
    ],
)
def test_every_status_that_aws_knows_has_a_meaning(field: str, service: str, shape: str) -> None:
    assert set(STATUSES[field]) == set(values(service, shape))


def test_the_version_that_a_pipeline_registered_goes_to_the_gate() -> None:
    answer = concluded(SUCCEEDED, step("Train"), registers(8))
    assert (answer["status"], answer["version"], answer["arn"]) == ("Registered", 8, package_arn(8))
    assert (answer["reason"], answer["failed"]) == ("VersionRegistered", False)


@pytest.mark.parametrize("status", ["Executing", "Stopping"])
def test_what_still_runs_is_waited_for_until_the_time_is_over(status: str) -> None:
    answer = concluded({"PipelineExecutionStatus": status})
    assert (answer["status"], answer["reason"]) == ("Wait", "RetrainingRunning")
    late = concluded({"PipelineExecutionStatus": status}, timeout=7200)
    assert (late["status"], late["reason"], late["failed"]) == ("Ended", "RetrainingTimedOut", True)


BAD_ENDS = [
    ({"PipelineExecutionStatus": "Failed", "FailureReason": "Step failure."}, "RetrainingFailed", "Step failure."),
    ({"PipelineExecutionStatus": "CompletedWithFailures"}, "RetrainingFailed", "CompletedWithFailures"),
    ({"PipelineExecutionStatus": "Melted"}, "RetrainingFailed", "Melted. This status is unknown"),
    ({}, "RetrainingFailed", "unknown"),
    ({"PipelineExecutionStatus": "Stopped"}, "RetrainingStopped", "stopped"),
    ({"TrainingJobStatus": "Failed", "FailureReason": "AlgorithmError: x"}, "RetrainingFailed", "AlgorithmError"),
    ({"TrainingJobStatus": "Stopped"}, "RetrainingStopped", "stopped"),
    ({"status": "TIMED_OUT", "error": "States.Timeout"}, "RetrainingFailed", "States.Timeout"),
    ({"Status": "ABORTED"}, "RetrainingStopped", "stopped"),
]


@pytest.mark.parametrize(("found", "reason", "words"), BAD_ENDS)
def test_every_bad_end_has_its_reason_and_a_notice(found: dict[str, Any], reason: str, words: str) -> None:
    answer = concluded(found)
    assert (answer["status"], answer["reason"], answer["failed"]) == ("Ended", reason, True)
    assert words in answer["sentence"]
    assert answer["sentence"] in answer["notice"]["body"]
    assert answer["notice"]["subject"] == "[Interlock] churn was not retrained"


def test_the_failed_steps_are_named_with_their_reasons() -> None:
    steps = [step("Train", "Failed", "ClientError: no data"), step("TooBad", "Failed", Fail={"ErrorMessage": "rmse 9"})]
    said = concluded({"PipelineExecutionStatus": "Failed"}, *steps)["sentence"]
    assert "Step Train failed: ClientError: no data." in said
    assert "Step TooBad failed: rmse 9." in said


def test_what_a_failed_pipeline_registered_is_named_and_left() -> None:
    answer = concluded({"PipelineExecutionStatus": "CompletedWithFailures"}, registers(8), step("Check", "Failed"))
    assert "it registered version 8 of churn, which is left as it is" in answer["sentence"]
    assert "version" not in answer


def test_a_condition_that_said_no_is_a_normal_end() -> None:
    answer = concluded(SUCCEEDED, CONDITION_NO)
    assert (answer["reason"], answer["failed"]) == ("RetrainingRegisteredNothing", False)
    assert "pipeline's own condition did not register a version (BetterThanBefore)" in answer["sentence"]
    nothing = concluded(SUCCEEDED, step("Train"))
    assert nothing["reason"] == "RetrainingRegisteredNothing"
    assert "condition" not in nothing["sentence"]


def test_two_versions_need_a_person_and_one_that_is_told_twice_is_one() -> None:
    answer = concluded(SUCCEEDED, registers(8), registers(9))
    assert (answer["status"], answer["reason"]) == ("Ended", "RetrainingAmbiguous")
    assert "(8, 9)" in answer["sentence"]
    assert concluded(SUCCEEDED, registers(8), registers(8))["status"] == "Registered"


def test_a_version_of_another_group_is_refused() -> None:
    assert concluded(SUCCEEDED, registers(3, "fraud"))["reason"] == "VersionOfAnotherGroup"
    both = concluded(SUCCEEDED, registers(3, "fraud"), registers(8))
    assert (both["status"], both["version"]) == ("Registered", 8)
    assert "version 3 of fraud" in both["sentence"]


def test_jobs_and_machines_registered_what_the_group_got_since_the_start() -> None:
    packages = [
        {"ModelPackageArn": package_arn(7), "CreationTime": "2026-01-05T09:59:59Z"},
        {"ModelPackageArn": package_arn(8), "CreationTime": "2026-01-05T11:00:00.123000+00:00"},
    ]
    for found in ({"TrainingJobStatus": "Completed"}, {"Status": "SUCCEEDED"}):
        answer = concluded(found, packages=packages)
        assert (answer["status"], answer["version"]) == ("Registered", 8)
        assert concluded(found, packages=[])["reason"] == "RetrainingRegisteredNothing"


def test_an_execution_that_is_gone_is_lost_and_a_throttled_look_is_repeated() -> None:
    gone = concluded({}, execution={"error": "SageMaker.ResourceNotFoundException", "cause": "no such execution"})
    assert (gone["status"], gone["reason"]) == ("Ended", "RetrainingLost")
    busy = concluded({}, execution={"error": "SageMaker.SageMakerException", "cause": "Rate exceeded"})
    assert busy["status"] == "Wait"


def test_an_arn_that_is_none_registers_nothing() -> None:
    odd = step("Register", RegisterModel={"Arn": "model-package/churn/8"})
    assert concluded(SUCCEEDED, odd, step("Train") | {"Metadata": None})["reason"] == "RetrainingRegisteredNothing"


def test_what_aws_did_not_start_is_told_as_such() -> None:
    answer = concluded({}, execution={"refused": "StartPipelineExecution: AWS refused."})
    assert (answer["status"], answer["reason"]) == ("Ended", "RetrainingFailed")
    assert "It did not start. StartPipelineExecution: AWS refused." in answer["sentence"]


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_bad_end_says_how_to_retrain_at_once(status: str) -> None:
    body = concluded({"PipelineExecutionStatus": status})["notice"]["body"]
    assert '{"action": "retrain", "group": "churn"}' in body
    assert ("Correct what failed." in body) is (status == "Failed")


def test_several_versions_are_named_in_their_order() -> None:
    assert "(8, 9)" in concluded(SUCCEEDED, registers(9), registers(8))["sentence"]
