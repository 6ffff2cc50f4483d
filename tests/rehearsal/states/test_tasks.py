"""A Task calls AWS as the machine's role, names refusals as AWS names them, retries, catches, and waits for tokens."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.states import Execution
from rehearsal.states.integrations import failure_of, request_of, resolve, result_of
from tests.rehearsal.states.account import (
    HOUR,
    INVOKE,
    PERSON,
    ROLE,
    SEND,
    SEND_AND_WAIT,
    Account,
    Answer,
    lasted,
    machine,
    output,
    refuse,
    run,
)
from tests.rehearsal.states.conformance import END

GET_TOKEN = {"TopicArn": "t", "Message": "{% $states.context.Task.Token %}"}


def task(resource: str = SEND, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Arguments": {"Message": "hello"}} | {"End": True} | more


def wait_task(**more: Any) -> dict[str, Any]:
    return task(SEND_AND_WAIT, Arguments=GET_TOKEN, **more)


def test_the_call_is_made_by_the_role_in_the_name_of_execution_and_state() -> None:
    account = Account()
    execution = run({"Tell": task()}, account=account)
    caller, service, operation, request = account.calls[0]
    assert (caller.principal, caller.execution, caller.state) == (ROLE, execution.arn, "Tell")
    assert (service, operation, request) == ("sns", "Publish", {"Message": "hello"})
    assert output(execution) == {"MessageId": "m"}


def test_fields_are_pascal_case_both_ways_and_times_are_strings() -> None:
    """docs: supported-services-awssdk; recorded on AWS: floci-io/floci, docs/services/step-functions."""
    start = resolve("arn:aws:states:::aws-sdk:sfn:startExecution")
    assert request_of(start, {"StateMachineArn": "a", "Input": "{}"}) == {"stateMachineArn": "a", "input": "{}"}
    answer = {"executionArn": "e", "startDate": datetime(2026, 1, 5, 9, tzinfo=UTC)}
    assert result_of(start, answer) == {"ExecutionArn": "e", "StartDate": "2026-01-05T09:00:00.000Z"}


def test_blobs_are_strings_and_timestamps_are_read() -> None:
    invoke = resolve("arn:aws:states:::aws-sdk:sagemakerruntime:invokeEndpoint")
    assert request_of(invoke, {"EndpointName": "e", "Body": "1,2"}) == {"EndpointName": "e", "Body": b"1,2"}
    assert result_of(invoke, {"Body": b"[0.9]", "ContentType": "text/csv"})["Body"] == "[0.9]"
    metrics = resolve("arn:aws:states:::aws-sdk:cloudwatch:getMetricData")
    assert request_of(metrics, {"StartTime": "2026-01-05T09:00:00Z"})["StartTime"] == datetime(
        2026, 1, 5, 9, tzinfo=UTC
    )


ERRORS = {
    "modelled": ("aws-sdk:sagemaker:createModel", "ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException"),
    "not modelled": ("aws-sdk:sagemaker:updateEndpoint", "ValidationException", "SageMaker.SageMakerException"),
    "throttled": ("aws-sdk:sagemaker:updateEndpoint", "ThrottlingException", "SageMaker.SageMakerException"),
    "a condition": (
        "aws-sdk:dynamodb:putItem",
        "ConditionalCheckFailedException",
        "DynamoDb.ConditionalCheckFailedException",
    ),
    "a condition, optimised": (
        "dynamodb:putItem",
        "ConditionalCheckFailedException",
        "DynamoDB.ConditionalCheckFailedException",
    ),
    "dynamodb's own": ("aws-sdk:dynamodb:putItem", "ValidationException", "DynamoDb.DynamoDbException"),
    "optimised sns": ("sns:publish", "NotFound", "SNS.NotFoundException"),
    "optimised sns, not modelled": ("sns:publish", "Strange", "SNS.AmazonSNSException"),
    "optimised lambda, refused": ("lambda:invoke", "AccessDeniedException", "Lambda.AWSLambdaException"),
    "token too late": ("aws-sdk:sfn:sendTaskSuccess", "TaskTimedOut", "Sfn.TaskTimedOutException"),
    "a model's": ("aws-sdk:sagemakerruntime:invokeEndpoint", "ModelError", "SageMakerRuntime.ModelErrorException"),
    "a fault": ("aws-sdk:cloudwatch:putMetricAlarm", "LimitExceeded", "CloudWatch.LimitExceededException"),
    "head of nothing": ("aws-sdk:s3:headObject", "404", "S3.NoSuchKeyException"),
    "ssm": ("aws-sdk:ssm:getParameter", "ParameterNotFound", "Ssm.ParameterNotFoundException"),
}


@pytest.mark.parametrize(("resource", "code", "expected"), ERRORS.values(), ids=ERRORS.keys())
def test_error_names(resource: str, code: str, expected: str) -> None:
    """Recorded on AWS: localstack/localstack, error_handling/*.snapshot.json."""
    integration = resolve(f"arn:aws:states:::{resource}")
    assert failure_of(integration, AwsError(integration.service, code, "no"), "r").error == expected


def test_the_cause_is_the_message_and_where_it_comes_from() -> None:
    integration = resolve("arn:aws:states:::aws-sdk:sagemaker:updateEndpoint")
    failure = failure_of(integration, AwsError("sagemaker", "ValidationException", "Cannot update"), "42")
    assert (
        failure.cause == "Cannot update (Service: SageMaker, Status Code: 400, Request ID: 42) (SDK Attempt Count: 1)"
    )


def test_parameters_that_the_api_does_not_have_end_the_execution() -> None:
    account = Account({("sns", "Publish"): refuse("sns", "ParameterValidation", "Unknown parameter")})
    execution = run({"A": task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]), "B": END}, account=account)
    assert execution.error == "States.Runtime"


def test_a_function_gets_json_and_gives_json() -> None:
    seen = []

    def invoke(request: dict[str, Any]) -> dict[str, Any]:
        seen.append(json.loads(request["Payload"]))
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": b'{"b": 2}'}

    arguments = {"FunctionName": "f", "Payload": {"a": "{% $states.input.a %}"}}
    states = {"A": task(INVOKE, Arguments=arguments, Output="{% $states.result.Payload %}")}
    execution = run(states, {"a": 1}, Account({("lambda", "Invoke"): invoke}))
    assert (seen, output(execution), execution.functions_invoked) == ([{"a": 1}], {"b": 2}, 1)


def test_a_failing_function_fails_with_its_exception_and_its_whole_answer() -> None:
    """docs: connect-lambda; concepts-error-handling. Its spaces are left out: recorded on AWS."""
    payload = b'{"errorMessage": "no", "errorType": "BadPolicy", "stackTrace": []}'
    account = Account({("lambda", "Invoke"): lambda request: {"FunctionError": "Unhandled", "Payload": payload}})
    execution = run({"A": task(INVOKE, Arguments={"FunctionName": "f"})}, account=account)
    assert execution.error == "BadPolicy"
    assert execution.cause == '{"errorMessage":"no","errorType":"BadPolicy","stackTrace":[]}'


def retried(retry: dict[str, Any], answer: Answer, **more: Any) -> tuple[Execution, int]:
    account = Account({("sns", "Publish"): answer})
    execution = run({"A": task(Retry=[retry], **more)}, account=account)
    return execution, len(account.calls)


def test_retry_defaults_are_three_retries_after_1_2_and_4_seconds() -> None:
    execution, calls = retried({"ErrorEquals": ["States.ALL"]}, refuse("sns", "Throttled"))
    assert (execution.error, calls) == ("Sns.ThrottledException", 4)
    assert lasted(execution) == pytest.approx(7, abs=0.5)


def test_retry_waits_as_it_says_up_to_its_longest_delay() -> None:
    retry = {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 10,
        "BackoffRate": 3,
        "MaxDelaySeconds": 20,
        "MaxAttempts": 4,
    }
    execution, _ = retried(retry, refuse("sns", "Throttled"))
    assert lasted(execution) == pytest.approx(10 + 20 + 20 + 20, abs=0.5)


def test_full_jitter_waits_somewhere_between_nothing_and_that() -> None:
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "MaxAttempts": 1, "JitterStrategy": "FULL"}
    waits = [retried(retry, refuse("sns", "Throttled"))[0] for _ in range(2)]
    seconds = [lasted(execution) for execution in waits]
    assert seconds[0] == seconds[1], "the same seed, the same jitter"
    assert 0 < seconds[0] < 100


def test_a_retry_is_a_transition_and_counts_up_the_context() -> None:
    """aws.amazon.com/step-functions/pricing: each retry is charged as an additional state transition."""
    execution, _ = retried(
        {"ErrorEquals": ["States.ALL"]},
        refuse("sns", "Throttled", times=2, answer={"MessageId": "m"}),
        Output="{% $states.context.State.RetryCount %}",
    )
    assert output(execution) == 2
    assert (execution.transitions, len(execution.entered)) == (3, 1)


def test_only_the_first_matching_retrier_counts_and_then_the_catcher() -> None:
    account = Account({("sns", "Publish"): refuse("sns", "Throttled")})
    execution = run(
        {
            "A": task(
                Retry=[
                    {"ErrorEquals": ["Other"], "MaxAttempts": 9},
                    {"ErrorEquals": ["Sns.ThrottledException"], "MaxAttempts": 1},
                    {"ErrorEquals": ["States.ALL"], "MaxAttempts": 9},
                ],
                Catch=[
                    {"ErrorEquals": ["States.TaskFailed"], "Next": "B", "Output": "{% $states.errorOutput.Error %}"}
                ],
            ),
            "B": END,
        },
        account=account,
    )
    assert (output(execution), len(account.calls)) == ("Sns.ThrottledException", 2)


def test_an_error_in_a_tasks_own_output_can_be_caught() -> None:
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "B"}]
    execution = run({"A": task(Output="{% $states.result.Nothing %}", Catch=catch), "B": END})
    assert output(execution)["Error"] == "States.QueryEvaluationError"


def test_a_refused_result_leaves_the_variables_alone() -> None:
    execution = run(
        {
            "A": {"Type": "Pass", "Assign": {"x": "before"}, "Next": "B"},
            "B": task(
                Assign={"x": "after"},
                Output="{% $states.result.Nothing %}",
                Catch=[{"ErrorEquals": ["States.ALL"], "Next": "C"}],
            ),
            "C": {**END, "Output": "{% $x %}"},
        }
    )
    assert output(execution) == "before"


def test_a_token_resumes_its_task_on_the_clock() -> None:
    account = Account()
    execution = account.start(account.create(machine("A", {"A": wait_task(Output="{% $states.result.ok %}")})))
    account.pass_time(HOUR)
    assert execution.status == "RUNNING"
    account.succeed(account.token(), {"ok": True})
    assert execution.status == "RUNNING", "who answers a token does not run the execution"
    account.pass_time(1)
    assert output(execution) is True
    assert lasted(execution) == pytest.approx(HOUR)


def test_a_token_may_be_answered_before_the_call_that_gave_it_away_returns() -> None:
    account = Account()

    def answer_at_once(request: dict[str, Any]) -> dict[str, Any]:
        account.succeed(request["Message"], "early")
        return {"MessageId": "m"}

    account.answers["sns", "Publish"] = answer_at_once
    assert output(run({"A": wait_task()}, account=account)) == "early"


def test_a_failure_sent_for_a_token_is_the_tasks_failure() -> None:
    account = Account()
    catch = [{"ErrorEquals": ["Alarm"], "Next": "B"}]
    execution = account.start(account.create(machine("A", {"A": wait_task(Catch=catch), "B": END})))
    account.pass_time(1)
    account.states.send_task_failure({"taskToken": account.token(), "error": "Alarm", "cause": "5xx"}, PERSON)
    account.pass_time(1)
    assert output(execution) == {"Error": "Alarm", "Cause": "5xx"}


def timed_out(names: list[str], **fields: Any) -> tuple[Account, Execution]:
    """A task that waits for its token, and catches these names, each by itself."""
    account = Account()
    catch = [
        {"ErrorEquals": [name], "Next": "B", "Output": {"by": name, "was": "{% $states.errorOutput %}"}}
        for name in names
    ]
    execution = account.start(account.create(machine("A", {"A": wait_task(Catch=catch, **fields), "B": END})))
    return account, execution


def test_timeout_seconds_of_a_waiting_task_is_a_timeout_with_an_empty_cause() -> None:
    """Recorded on AWS: localstack/localstack, timeouts/test_timeouts.snapshot.json."""
    account, execution = timed_out(
        ["States.TaskFailed", "States.HeartbeatTimeout", "States.Timeout"], TimeoutSeconds=600
    )
    account.pass_time(599)
    assert execution.status == "RUNNING"
    account.pass_time(2)
    assert output(execution) == {"by": "States.Timeout", "was": {"Error": "States.Timeout", "Cause": ""}}


@pytest.mark.parametrize("name", ["States.HeartbeatTimeout", "States.Timeout"])
def test_a_missing_heartbeat_is_caught_under_both_names_and_reported_as_a_timeout(name: str) -> None:
    """Recorded on AWS: localstack/localstack, timeouts/test_heartbeats.snapshot.json; floci-io/floci."""
    account, execution = timed_out([name], HeartbeatSeconds="{% 60 %}", TimeoutSeconds=600)
    account.pass_time(61)
    assert output(execution) == {"by": name, "was": {"Error": "States.Timeout", "Cause": ""}}


def test_a_heartbeat_starts_the_wait_for_the_next_one() -> None:
    account, execution = timed_out(
        ["States.HeartbeatTimeout", "States.Timeout"], HeartbeatSeconds=60, TimeoutSeconds=130
    )
    for _ in range(2):
        account.pass_time(50)
        account.states.send_task_heartbeat({"taskToken": account.token()}, PERSON)
    account.pass_time(29)
    assert execution.status == "RUNNING"
    account.pass_time(2)
    assert output(execution)["by"] == "States.Timeout"


def refused(account: Account, token: str) -> str:
    with pytest.raises(AwsError) as refusal:
        account.succeed(token)
    return refusal.value.code


def test_a_token_is_refused_once_its_task_has_ended() -> None:
    account, execution = timed_out(["States.Timeout"], TimeoutSeconds=60)
    account.pass_time(61)
    assert execution.status == "SUCCEEDED"
    assert refused(account, account.token()) == "TaskTimedOut"


def test_a_token_works_once() -> None:
    account, _ = timed_out(["Other"], TimeoutSeconds=60)
    account.pass_time(1)
    account.succeed(account.token())
    assert refused(account, account.token()) == "TaskTimedOut"


def test_a_made_up_token_is_invalid() -> None:
    assert refused(Account(), "made up") == "InvalidToken"


def test_a_call_that_is_refused_gives_no_token_away() -> None:
    account = Account({("sns", "Publish"): refuse("sns", "Throttled")})
    run({"A": wait_task()}, account=account)
    assert refused(account, account.token()) == "TaskTimedOut"


def test_every_attempt_has_its_own_token() -> None:
    account, _ = timed_out(["Other"], TimeoutSeconds=60, Retry=[{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 2}])
    account.pass_time(300)
    tokens = [request["Message"] for *_, request in account.calls]
    assert len(set(tokens)) == 3


def test_an_execution_can_answer_anothers_token() -> None:
    account = Account()
    waiting = account.start(account.create(machine("A", {"A": wait_task()}), "waiter"))
    account.pass_time(1)
    send = task(
        "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", Arguments={"TaskToken": account.token(), "Output": '{"a": 1}'}
    )
    first, second = (run({"S": send}, account=account) for _ in range(2))
    assert output(first) == {}
    assert second.error == "Sfn.TaskTimedOutException"
    assert output(waiting) == {"a": 1}
