from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.execution.failure_rules import RULES, Next
from interlock.execution.failures import BUSY_PAUSE, PAUSES, FailedStep, WhatNext, contains, interpret_failure
from interlock.model.aws_errors import NO_ANSWER, message
from interlock.model.plan import LONGEST_WAIT
from tests.unit.examples import found

BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
TAIL = " (Service: SageMaker, Status Code: 400, Request ID: 9c2a)"
ARN = "arn:aws:sagemaker:eu-west-1:111122223333"
GONE = f'Could not find endpoint configuration "{ARN}:endpoint-config/x".{TAIL}'
BUSY = f'Cannot update in-progress endpoint "{ARN}:endpoint/churn".{TAIL}'
TAKEN = f'Cannot create already existing model "{ARN}:model/x".{TAIL}'
EXISTS = f'Cannot create already existing endpoint "{ARN}:endpoint/churn".{TAIL}'
RATE = f"Rate exceeded{TAIL}"
FAULT = "The request processing has failed. (Service: SageMaker, Status Code: 500, Request ID: 9c2a)"
QUOTA = f"The account-level service limit 'ml.m5.large for endpoint usage' is 2 Instances.{TAIL}"
DENIED = f"User: arn is not authorized to perform: sagemaker:CreateModel{TAIL}"
ACTIONS = (
    "CreateModel CreateEndpointConfig CreateEndpoint UpdateEndpoint UpdateEndpointWeightsAndCapacities PutMetricAlarm"
    " InvokeEndpoint DeleteEndpoint DeleteEndpointConfig DeleteModel DeleteAlarms"
).split()


NAMES = {"ModelName": "m", "EndpointConfigName": "c", "EndpointName": "churn", "TransformJobName": "j"}
"""A request with the names by which something that exists is read."""


def interpret(
    action: str,
    cause: str,
    error: str = "SageMaker.SageMakerException",
    failing: float = 0,
    mode: str = "deliver",
    request: dict[str, Any] = NAMES,
    existing: dict[str, Any] | None = None,
) -> WhatNext:
    task: FailedStep = {
        "action": action,
        "request": request,
        "error": error,
        "cause": cause,
        "existing": existing or {},
        "mode": mode,
        "since": BEGAN.isoformat(),
        "now": (BEGAN + timedelta(seconds=failing)).isoformat(),
    }
    return interpret_failure(task)


@pytest.mark.parametrize(
    ("action", "cause", "following", "reason"),
    [
        ("DeleteEndpoint", f'Could not find endpoint "{ARN}:endpoint/churn".{TAIL}', "Accept", "NothingToDo"),
        ("DeleteEndpointConfig", GONE, "Accept", "NothingToDo"),
        ("DeleteModel", f'Could not find model "{ARN}:model/x".{TAIL}', "Accept", "NothingToDo"),
        ("DeleteAlarms", "ResourceNotFound", "Accept", "NothingToDo"),
        ("UpdateEndpoint", BUSY, "Await", "EndpointBusy"),
        ("UpdateEndpointWeightsAndCapacities", BUSY, "Await", "EndpointBusy"),
        ("DeleteEndpoint", BUSY, "Await", "EndpointBusy"),
        ("CreateModel", TAKEN, "Compare", "NameTaken"),
        ("CreateEndpointConfig", TAKEN, "Compare", "NameTaken"),
        ("CreateEndpoint", EXISTS, "Compare", "NameTaken"),
        ("CreateModel", RATE, "Retry", "AwsRefused"),
        ("UpdateEndpoint", FAULT, "Retry", "AwsRefused"),
        ("PutMetricAlarm", "Service unavailable", "Retry", "AwsRefused"),
        ("CreateEndpointConfig", f'Could not find model "{ARN}:model/x".{TAIL}', "Retry", "AwsRefused"),
        ("CreateEndpoint", GONE, "Retry", "AwsRefused"),
        ("UpdateEndpoint", GONE, "Retry", "AwsRefused"),
        ("UpdateEndpoint", f'Could not find endpoint "{ARN}:endpoint/churn".{TAIL}', "RollBack", "EndpointMoved"),
        ("UpdateEndpoint", QUOTA, "RollBack", "QuotaExceeded"),
        ("CreateEndpoint", QUOTA, "RollBack", "QuotaExceeded"),
        (
            "CreateModel",
            f"The role 'arn' does not have BatchGetImage permission for the image.{TAIL}",
            "RollBack",
            "ImageUnreadable",
        ),
        ("CreateModel", f"Could not access model data at s3://a/b.{TAIL}", "RollBack", "ArtifactUnreadable"),
        ("UpdateEndpoint", f"Could not find alarm(s) errors.{TAIL}", "RollBack", "AwsRefused"),
        ("CreateModel", DENIED, "RollBack", "AwsRefused"),
        ("DeleteModel", DENIED, "Compare", "AwsRefused"),
        ("DeleteAlarms", DENIED, "Accept", "AwsRefused"),
        ("DeleteEndpoint", DENIED, "Compare", "AwsRefused"),
        ("UpdateEndpoint", DENIED, "RollBack", "AwsRefused"),
        ("InvokeEndpoint", "ValidationError: variant not found", "RollBack", "SmokeTestFailed"),
        ("InvokeEndpoint", "Endpoint churn of account 111122223333 not found.", "RollBack", "EndpointMoved"),
        ("InvokeEndpoint", "ModelNotReadyException", "Retry", "SmokeTestFailed"),
        ("InvokeEndpoint", "ModelError: Failed to download model data for container", "RollBack", "ArtifactUnreadable"),
        ("InvokeEndpoint", "Endpoint e does not support target model header.", "RollBack", "EndpointMoved"),
        ("InvokeEndpoint", "ValidationError: Could not find model data at", "RollBack", "ArtifactUnreadable"),
        ("CopyObject", "At least one of the pre-conditions you specified did not hold", "RollBack", "ArtifactChanged"),
        ("CopyObject", "S3.S3Exception (Service: S3, Status Code: 412)", "RollBack", "ArtifactChanged"),
        ("PutParameter", "Ssm.TooManyUpdatesException", "Retry", "AwsRefused"),
        ("CreateTransformJob", "SageMaker.ResourceInUseException: Job name must be unique", "Sent", "Accepted"),
        ("CreateTransformJob", f'Could not find model "{ARN}:model/x".{TAIL}', "Retry", "AwsRefused"),
        ("CreateTransformJob", QUOTA, "RollBack", "QuotaExceeded"),
        ("StopTransformJob", f"the transform job is in status Completed.{TAIL}", "Accept", "NothingToDo"),
        ("StopTransformJob", DENIED, "Compare", "AwsRefused"),
        ("DeleteParameter", "Ssm.ParameterNotFoundException", "Accept", "NothingToDo"),
    ],
)
def test_awss_words_decide_what_follows(action: str, cause: str, following: str, reason: str) -> None:
    answer = interpret(action, cause)
    assert (answer["next"], answer["reason"]) == (following, reason)
    assert answer["sentence"].startswith(f"{action}: ")
    assert message(cause) in answer["sentence"]
    assert "Request ID" not in answer["sentence"]


@pytest.mark.parametrize(
    "cause", ["Received server error (500) from primary", "model timed out", "the wheel is not found"]
)
def test_an_error_of_the_model_is_a_failed_smoke_test_whatever_the_model_says(cause: str) -> None:
    answer = interpret("InvokeEndpoint", cause, error="SageMakerRuntime.ModelErrorException")
    assert (answer["next"], answer["reason"]) == ("RollBack", "SmokeTestFailed")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_call_that_failed_without_a_word_is_told_as_unanswered(action: str) -> None:
    assert NO_ANSWER in interpret(action, "")["sentence"]


def test_the_error_name_counts_too() -> None:
    assert interpret("CreateModel", "", error="States.Timeout")["next"] == "Retry"
    assert interpret("CreateModel", "", error="SageMaker.SdkClientException")["next"] == "Retry"


def test_pauses_grow_until_patience_ends() -> None:
    failing, pauses = 0.0, []
    while (answer := interpret("CreateModel", RATE, failing=failing))["next"] == "Retry":
        pauses.append(answer["pause"])
        failing += answer["pause"]
    assert tuple(pauses) == PAUSES


def test_what_wakes_a_wait_early_does_not_use_up_its_patience() -> None:
    answers = [interpret("UpdateEndpoint", cause, failing=second) for second in range(60) for cause in (RATE, BUSY)]
    assert {answer["next"] for answer in answers} == {"Retry", "Await"}


def test_maintenance_of_eleven_hours_is_waited_for() -> None:
    assert interpret("UpdateEndpoint", BUSY, failing=11 * 3600)["next"] == "Await"


def test_a_busy_endpoint_is_waited_for_longer_because_an_event_ends_the_wait() -> None:
    assert interpret("UpdateEndpoint", BUSY)["pause"] == BUSY_PAUSE > max(PAUSES)


@pytest.mark.parametrize(
    ("action", "cause", "following", "reason"),
    [
        ("CreateModel", RATE, "RollBack", "AwsRefused"),
        ("UpdateEndpoint", BUSY, "RollBack", "EndpointBusy"),
        ("InvokeEndpoint", RATE, "RollBack", "AwsRefused"),
        ("InvokeEndpoint", "Service unavailable", "RollBack", "AwsRefused"),
        ("InvokeEndpoint", "ModelNotReadyException", "RollBack", "SmokeTestFailed"),
        ("DeleteModel", RATE, "Accept", "AwsRefused"),
        ("DeleteEndpointConfig", BUSY, "Accept", "EndpointBusy"),
    ],
)
def test_attempts_end(action: str, cause: str, following: str, reason: str) -> None:
    answer = interpret(action, cause, failing=LONGEST_WAIT)
    assert (answer["next"], answer["reason"]) == (following, reason)
    assert answer["sentence"].endswith("This went on for 1 d.")


def test_the_last_attempt_may_still_succeed_in_finding_nothing_to_do() -> None:
    answer = interpret("DeleteEndpoint", GONE, failing=LONGEST_WAIT)
    assert (answer["next"], answer["reason"]) == ("Accept", "NothingToDo")
    assert interpret("CreateModel", TAKEN, failing=LONGEST_WAIT)["next"] == "Compare"


@pytest.mark.parametrize(("cause", "failing"), [("No.", 0), (RATE, LONGEST_WAIT), (BUSY, LONGEST_WAIT)])
def test_what_could_not_be_removed_is_named_as_left_behind(cause: str, failing: float) -> None:
    answer = interpret("DeleteEndpointConfig", cause, failing=failing)
    assert answer["next"] == "Accept"
    assert answer["left_behind"] == [f"{', '.join(NAMES.values())}. {answer['sentence']}"]


def test_what_was_gone_already_is_not_left_behind() -> None:
    assert interpret("DeleteModel", f"Could not find model x{TAIL}")["left_behind"] == []


@given(some.sampled_from(ACTIONS), some.text(), some.text(), some.integers(0, 2 * LONGEST_WAIT))
def test_while_it_rolls_back_the_machine_never_rolls_back_again(
    action: str, error: str, cause: str, failing: int
) -> None:
    answer = interpret(action, cause, error=error, failing=failing, mode="roll_back")
    assert answer["next"] in set(Next) - {Next.ROLL_BACK}
    assert (answer["next"] == "Hold") == (answer["reason"] == "RollbackFailed")


@given(some.sampled_from(ACTIONS), some.text(), some.text(), some.integers(0, 2 * LONGEST_WAIT))
def test_whatever_aws_says_there_is_an_answer_and_attempts_end(
    action: str, error: str, cause: str, failing: int
) -> None:
    answer = interpret(action, cause, error=error, failing=failing)
    assert answer["next"] in set(Next) - {Next.HOLD}
    assert answer["sentence"]
    assert (answer["next"] in ("Retry", "Await")) <= (failing < LONGEST_WAIT)


def test_the_last_rule_takes_everything() -> None:
    assert re.search(RULES[-1].words, "") is not None
    assert RULES[-1].action == ""


ASKED = {"ModelName": "m", "PrimaryContainer": {"Image": "i@sha256:1", "ModelDataUrl": "s3://a"}}


def compare(existing: dict[str, Any], mode: str = "deliver") -> WhatNext:
    """What follows from ``existing``, the answer about a model."""
    return interpret("CreateModel", TAKEN, mode=mode, request=ASKED, existing={"model": existing, "endpoint": {}})


@pytest.mark.parametrize(
    ("action", "ask"),
    [
        ("CreateModel", {"model": "m"}),
        ("CreateEndpointConfig", {"config": "c"}),
    ],
)
def test_a_comparison_begins_with_a_question_by_the_name_that_is_taken(action: str, ask: dict[str, str]) -> None:
    assert interpret(action, TAKEN)["ask"] == ask


def test_nothing_is_asked_where_nothing_is_compared() -> None:
    assert [interpret("CreateModel", cause)["ask"] for cause in (RATE, DENIED, BUSY)] == [{}, {}, {}]


@pytest.mark.parametrize(
    ("existing", "failing", "following", "reason", "left"),
    [
        ({"error": "SageMaker.SageMakerException", "cause": GONE}, 0, "Accept", "NothingToDo", 0),
        ({"found": {"EndpointConfigName": "c"}}, 0, "Retry", "AwsRefused", 0),
        ({"error": "SageMaker.SageMakerException", "cause": DENIED}, 0, "Retry", "AwsRefused", 0),
        ({"found": {"EndpointConfigName": "c"}}, LONGEST_WAIT, "Accept", "AwsRefused", 1),
    ],
)
def test_a_deletion_that_iam_refuses_is_done_if_it_is_gone_and_else_tried_for_a_while(
    existing: dict[str, Any], failing: float, following: str, reason: str, left: int
) -> None:
    """IAM goes by the tag. What is gone has none, and what was just made may seem to have none."""
    assert interpret("DeleteEndpointConfig", DENIED)["ask"] == {"config": "c"}
    answer = interpret("DeleteEndpointConfig", DENIED, failing=failing, existing={"endpoint_config": existing})
    assert (answer["next"], answer["reason"], len(answer["left_behind"])) == (following, reason, left)


def test_an_endpoint_that_may_not_be_deleted_while_rolling_back_is_held() -> None:
    existing = {"endpoint": {"found": {"EndpointName": "churn"}}}
    answer = interpret("DeleteEndpoint", DENIED, mode="roll_back", failing=LONGEST_WAIT, existing=existing)
    assert (answer["next"], answer["reason"]) == ("Hold", "RollbackFailed")
    assert "not authorized to perform" in answer["sentence"]


def test_tags_are_not_compared_because_no_description_has_them() -> None:
    tagged = ASKED | {"Tags": [{"Key": "interlock:stack", "Value": "interlock"}]}
    existing = {"model": {"found": ASKED}}
    assert interpret("CreateModel", TAKEN, request=tagged, existing=existing)["next"] == "Accept"


@pytest.mark.parametrize(
    ("config", "following", "reason"), [("c", "Sent", "Accepted"), ("another", "RollBack", "EndpointMoved")]
)
def test_an_endpoint_that_an_earlier_attempt_created_is_awaited(config: str, following: str, reason: str) -> None:
    """The answer to that attempt was lost."""
    asked = {"EndpointName": "churn", "EndpointConfigName": "c", "Tags": []}
    there = {"endpoint": {"found": asked | {"EndpointConfigName": config, "EndpointStatus": "Creating"}}}
    answer = interpret("CreateEndpoint", EXISTS, request=asked, existing=there)
    assert (answer["next"], answer["reason"], answer["left_behind"]) == (following, reason, [])


def test_each_kind_of_thing_is_compared_with_the_answer_about_its_kind() -> None:
    asked = {"EndpointConfigName": "c", "ProductionVariants": [{"VariantName": "a"}]}
    kinds = {"model": {"found": {}}, "endpoint_config": {"found": asked | {"EndpointConfigArn": "arn"}}}
    assert interpret("CreateEndpointConfig", TAKEN, request=asked, existing=kinds)["next"] == "Accept"


@pytest.mark.parametrize(
    ("existing", "following"),
    [
        ({"model": {"error": "SageMaker.SageMakerException", "cause": RATE}}, "Retry"),
        ({"model": {"error": "SageMaker.SageMakerException", "cause": DENIED}}, "RollBack"),
        ({"failed": "States.Timeout"}, "Retry"),
    ],
)
def test_what_exists_and_cannot_be_read_is_a_failure_like_any_other(existing: dict[str, Any], following: str) -> None:
    assert interpret("CreateModel", TAKEN, request=ASKED, existing=existing)["next"] == following


def test_a_resource_that_exists_as_asked_for_is_accepted_with_the_defaults_that_aws_adds() -> None:
    container = ASKED["PrimaryContainer"] | {"Mode": "SingleModel", "Environment": {}}  # type: ignore[operator]
    answer = compare(found({"ModelName": "m", "PrimaryContainer": container, "CreationTime": "2026"}))
    assert (answer["next"], answer["reason"], answer["left_behind"]) == ("Accept", "Accepted", [])


def test_what_exists_and_differs_belongs_to_somebody_else_and_the_difference_is_named() -> None:
    answer = compare(found(ASKED | {"PrimaryContainer": {"Image": "i@sha256:2", "ModelDataUrl": "s3://a"}}))
    assert (answer["next"], answer["reason"]) == ("RollBack", "NameTaken")
    assert answer["sentence"].endswith("it differs in PrimaryContainer.")


def test_a_name_taken_while_rolling_back_is_held() -> None:
    assert compare(found({"ModelName": "other"}), "roll_back")["next"] == "Hold"


@pytest.mark.parametrize(
    ("existing", "asked", "holds"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": {"b": [1, {"c": 2, "d": 3}]}}, {"a": {"b": [1, {"c": 2}]}}, True),
        ([1, 2], [1], False),
        ([1], [1, 2], False),
        (1.0, 1, True),
        ("1", 1, False),
        (None, {}, False),
        (None, [], False),
        ({}, {}, True),
    ],
)
def test_contains_compares_what_was_asked_for(existing: Any, asked: Any, holds: bool) -> None:
    assert contains(existing, asked) is holds


def test_a_message_leaves_out_what_step_functions_appends() -> None:
    assert message(RATE) == "Rate exceeded"
    assert message("plain words (in brackets)") == "plain words (in brackets)"
    assert message(f"one thing. {RATE} Then another.") == "one thing. Rate exceeded Then another."


def test_the_message_of_a_function_that_raised_leaves_out_the_trace() -> None:
    cause = '{"errorMessage": "\'document\' is \\"empty\\"", "errorType": "KeyError", "stackTrace": ["File x"]}'
    assert message(f"Interlock failed: {cause}") == "Interlock failed: 'document' is \\\"empty\\\""


@pytest.mark.parametrize(
    "tail",
    [
        " (Service: Sfn, Status Code: 400, Request ID: 1) (SDK Attempt Count: 1)",
        " (Service: S3, Status Code: 404, Request ID: 1, Extended Request ID: x=) (SDK Attempt Count: 3) (and more)",
        "",
    ],
)
def test_what_aws_adds_to_a_cause_is_not_told(tail: str) -> None:
    assert message(f"Cannot update (yet).{tail}") == "Cannot update (yet)."


NO_TARGET = (
    "No scalable target registered for service namespace: sagemaker, resource ID: endpoint/churn/variant/v,"
    " scalable dimension: sagemaker:variant:DesiredInstanceCount (Service: ApplicationAutoScaling, Status Code: 400)"
)


@pytest.mark.parametrize(
    ("action", "error", "cause", "following"),
    [
        ("DeregisterScalableTarget", "ObjectNotFoundException", NO_TARGET, "Accept"),
        ("DeleteScalingPolicy", "ObjectNotFoundException", NO_TARGET, "Accept"),
        ("PutScalingPolicy", "ObjectNotFoundException", NO_TARGET, "Retry"),
        ("PutScheduledAction", "ObjectNotFoundException", NO_TARGET, "Retry"),
        ("RegisterScalableTarget", "ConcurrentUpdateException", "You already have a pending update.", "Retry"),
        ("DeregisterScalableTarget", "ValidationException", "No.", "RollBack"),
        ("PutScalingPolicy", "LimitExceededException", "Too many policies.", "RollBack"),
    ],
)
def test_what_application_auto_scaling_refuses_is_done_already_tried_again_or_ends_the_release(
    action: str, error: str, cause: str, following: str
) -> None:
    """A target that was just registered may not be seen yet (botocore RegisterScalableTarget)."""
    assert interpret(action, cause, f"ApplicationAutoScaling.{error}")["next"] == following
