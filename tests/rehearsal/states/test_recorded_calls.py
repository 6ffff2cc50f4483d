"""Calls, callbacks, time-outs and nested executions end as they were recorded on AWS.

Each test names the recording that its fact is from: a file (`….snapshot.json`) in localstack/localstack, below
tests/aws/services/stepfunctions/v2/, and the test in it. The machines are our own; the causes are AWS's words.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.account.gateway import NoAnswer
from rehearsal.aws import AwsError
from rehearsal.states import Execution
from rehearsal.states.integrations import failure_of, request_of, resolve
from rehearsal.states.options import Options
from tests.rehearsal.states.account import HOUR, INVOKE, PERSON, SEND_AND_WAIT, Account, machine, output, run
from tests.rehearsal.states.conformance import END

ALL = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
RAISED = {
    "errorMessage": "no wind",
    "errorType": "Becalmed",
    "requestId": "r-1",
    "stackTrace": ['  File "/var/task/sail.py", line 3, in sail\n    raise Becalmed("no wind")\n'],
}


def invoke(**more: Any) -> dict[str, Any]:
    return {
        "A": {"Type": "Task", "Resource": INVOKE, "Arguments": {"FunctionName": "f"}, "End": True, **more},
        "C": END,
    }


def only(states: dict[str, Any]) -> dict[str, Any]:
    return {"A": states["A"]}


def raising() -> Account:
    answer = {"FunctionError": "Unhandled", "Payload": json.dumps(RAISED).encode()}
    return Account({("lambda", "Invoke"): lambda request: answer})


def too_much() -> Account:
    return Account({("lambda", "Invoke"): lambda request: {"Payload": json.dumps("é" * 140_000).encode()}})


def hanging() -> Account:
    def hang(request: dict[str, Any]) -> dict[str, Any]:
        raise NoAnswer("lambda", "NoAnswer", "hangs")

    return Account({("lambda", "Invoke"): hang})


CAUSE = json.dumps(RAISED, separators=(",", ":"))


def test_a_function_that_raises_fails_the_execution_with_its_class_and_its_answer() -> None:
    """error_handling/test_task_service_lambda test_raise_exception."""
    execution = run(only(invoke()), account=raising())
    assert (execution.status, execution.error, json.loads(execution.cause or "")) == ("FAILED", "Becalmed", RAISED)


def test_the_answer_of_a_function_that_raised_is_caught_as_text_without_spaces() -> None:
    """error_handling/test_task_service_lambda test_raise_custom_exception."""
    caught = output(run(invoke(Catch=[{"ErrorEquals": ["Becalmed"], "Next": "C"}]), account=raising()))
    assert caught == {"Error": "Becalmed", "Cause": CAUSE}


@pytest.mark.parametrize("name", ["States.TaskFailed", "States.ALL"])
def test_it_is_caught_by_a_wildcard_too(name: str) -> None:
    """error_handling/test_task_service_lambda test_raise_exception_catch; express/test_express_sync test_catch."""
    assert output(run(invoke(Catch=[{"ErrorEquals": [name], "Next": "C"}]), account=raising()))["Error"] == "Becalmed"


def test_a_catcher_sees_the_states_input_and_the_error() -> None:
    """states_variables/test_error_output test_task_catch_error_output[TASK_CATCH_ERROR_OUTPUT]."""
    seen = {"i": "{% $states.input %}", "e": "{% $states.errorOutput %}"}
    found = output(run(invoke(Catch=[{**ALL[0], "Output": seen}]), {"a": 1}, raising()))
    assert found == {"i": {"a": 1}, "e": {"Error": "Becalmed", "Cause": CAUSE}}


def test_what_a_catcher_assigns_leaves_the_error_output_as_the_output() -> None:
    """states_variables/test_error_output test_catch_error_variable_sampling."""
    assigned = [{**ALL[0], "Assign": {"e": "{% $states.errorOutput.Error %}", "i": "{% $states.input %}"}}]
    states = invoke(Catch=assigned) | {"C": {**END, "Output": "{% [$e, $i, $states.input.Error] %}"}}
    assert output(run(states, {"a": 1}, raising())) == ["Becalmed", {"a": 1}, "Becalmed"]


def test_the_error_of_the_last_attempt_is_caught() -> None:
    """states_variables/test_error_output test_task_catch_error_with_retry."""
    account = raising()
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    assert output(run(invoke(Retry=retry, Catch=ALL), account=account))["Error"] == "Becalmed"
    assert len(account.calls) == 2


def test_each_attempt_sees_how_many_there_were() -> None:
    """scenarios/test_base_scenarios test_lambda_service_invoke_with_retry_extended_input."""
    account = raising()
    told = {"FunctionName": "f", "Payload": "{% $states.context.State.RetryCount %}"}
    run(only(invoke(Arguments=told, Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}])), account=account)
    assert [request["Payload"] for *_, request in account.calls] == [b"0", b"1", b"2", b"3"]


def test_a_pass_has_no_retry_count() -> None:
    """outputdecl/test_output test_base_cases[BASE_EXPR]."""
    context = output(run({"A": {**END, "Output": "{% $states.context %}"}}))
    assert context["State"].keys() == {"Name", "EnteredTime"}
    assert context["Execution"].keys() == {"Id", "Input", "StartTime", "Name", "RoleArn", "RedriveCount"}


REFUSALS = [
    (
        "error_handling/test_task_service_lambda test_no_such_function",
        ("lambda:invoke", "ResourceNotFoundException", "Function not found: f:$LATEST", 404),
        "Lambda.ResourceNotFoundException",
        "Function not found: f:$LATEST (Service: AWSLambda; Status Code: 404; "
        "Error Code: ResourceNotFoundException; Request ID: r; Proxy: null)",
    ),
    (
        "error_handling/test_task_service_dynamodb test_put_item_no_such_table",
        ("dynamodb:putItem", "ResourceNotFoundException", "Requested resource not found", 400),
        "DynamoDB.ResourceNotFoundException",
        "Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400; "
        "Error Code: ResourceNotFoundException; Request ID: r; Proxy: null)",
    ),
    (
        "error_handling/test_task_service_dynamodb test_invalid_param",
        ("dynamodb:putItem", "ValidationException", "1 validation error detected: …", 400),
        "DynamoDB.AmazonDynamoDBException",
        "1 validation error detected: … (Service: AmazonDynamoDBv2; Status Code: 400; "
        "Error Code: ValidationException; Request ID: r; Proxy: null)",
    ),
    (
        "services/test_sns_task_service test_publish_base_error_topic_arn",
        ("sns:publish", "NotFound", "Topic does not exist", 404),
        "SNS.NotFoundException",
        "Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: r; Proxy: null)",
    ),
    (
        "services/test_sns_task_service test_fifo_message_attribute[input_params0-True]",
        ("sns:publish", "InvalidParameter", "Invalid parameter: …", 400),
        "SNS.InvalidParameterException",
        "Invalid parameter: … (Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter; "
        "Request ID: r; Proxy: null)",
    ),
    (
        "error_handling/test_aws_sdk test_dynamodb_put_item_no_such_table",
        ("aws-sdk:dynamodb:putItem", "ResourceNotFoundException", "Requested resource not found", 400),
        "DynamoDb.ResourceNotFoundException",
        "Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
    ),
    (
        "error_handling/test_aws_sdk test_dynamodb_invalid_param",
        ("aws-sdk:dynamodb:putItem", "ValidationException", "1 validation error detected: …", 400),
        "DynamoDb.DynamoDbException",
        "1 validation error detected: … (Service: DynamoDb, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
    ),
    (
        "error_handling/test_aws_sdk test_s3_no_such_key",
        ("aws-sdk:s3:getObject", "NoSuchKey", "The specified key does not exist.", 404),
        "S3.NoSuchKeyException",
        "The specified key does not exist. (Service: S3, Status Code: 404, Request ID: r, "
        "Extended Request ID: r) (SDK Attempt Count: 1)",
    ),
    (
        "error_handling/test_aws_sdk test_no_such_bucket",
        ("aws-sdk:s3:listObjects", "NoSuchBucket", "The specified bucket does not exist", 404),
        "S3.NoSuchBucketException",
        "The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: r, "
        "Extended Request ID: r) (SDK Attempt Count: 1)",
    ),
    (
        "services/test_aws_sdk_task_service test_sfn_send_task_outcome_with_no_such_token",
        ("aws-sdk:sfn:sendTaskFailure", "InvalidToken", "Invalid Token: 'Invalid token'", 400),
        "Sfn.InvalidTokenException",
        "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
    ),
]


@pytest.mark.parametrize(("of", "refusal", "error", "cause"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_a_refusal_becomes_an_error_and_a_cause(of: str, refusal: Any, error: str, cause: str) -> None:
    resource, code, message, status = refusal
    integration = resolve(f"arn:aws:states:::{resource}")
    failure = failure_of(integration, AwsError(integration.service, code, message, status), "r")
    assert (failure.error, failure.cause) == (error, cause)


def test_an_input_that_is_an_object_is_sent_as_its_json() -> None:
    """services/test_aws_sdk_task_service test_sfn_start_execution_implicit_json_serialisation."""
    start = resolve("arn:aws:states:::aws-sdk:sfn:startExecution")
    assert request_of(start, {"StateMachineArn": "m", "Input": {"k": "v"}})["input"] == '{"k":"v"}'
    assert request_of(start, {"StateMachineArn": "m", "Input": '{"k": 1}'})["input"] == '{"k": 1}'


LARGE = "The state/task '{}' returned a result with a size exceeding the maximum number of bytes service limit."


@pytest.mark.parametrize("name", ["States.DataLimitExceeded", "States.ALL"])
def test_a_result_that_is_too_large_is_caught_and_blamed_on_what_was_called(name: str) -> None:
    """error_handling/test_states_errors test_service_task_lambada_data_limit_exceeded_on_large_utf8_response and
    test_service_task_lambada_catch_state_all_data_limit_exceeded_on_large_utf8_response."""
    found = output(run(invoke(Catch=[{"ErrorEquals": [name], "Next": "C"}]), account=too_much()))
    assert found == {"Error": "States.DataLimitExceeded", "Cause": LARGE.format("lambda")}


def test_an_output_that_is_too_large_is_blamed_on_the_state() -> None:
    """error_handling/test_states_errors test_start_large_input."""
    execution = run({"A": {**END, "Output": "{% $map([1..40000], function($i) {'fathom'}) %}"}})
    assert (execution.error, execution.cause) == ("States.DataLimitExceeded", LARGE.format("A"))


def test_a_function_that_takes_too_long_is_a_timeout_without_a_cause() -> None:
    """timeouts/test_timeouts test_fixed_timeout_service_lambda."""
    execution = run(only(invoke(TimeoutSeconds=5)), account=hanging())
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "States.Timeout", None)


@pytest.mark.parametrize(("answer", "cause"), [("empty", {"Cause": ""}), ("absent", {})])
def test_the_cause_of_a_caught_timeout_is_empty(answer: Any, cause: dict[str, str]) -> None:
    """error_handling/test_task_service_lambda test_invoke_timeout, of a JSONPath state; hence the option."""
    account = hanging()
    account.states.options = Options(timeout_cause=answer)
    found = output(run(invoke(TimeoutSeconds=5, Catch=ALL), account=account))
    assert found == {"Error": "States.Timeout", **cause}


def test_a_timeout_in_a_map_ends_all_its_iterations() -> None:
    """timeouts/test_timeouts test_service_lambda_map_timeout."""
    processor = {"StartAt": "A", "States": only(invoke(TimeoutSeconds=5))}
    execution = run(
        {"M": {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": processor, "End": True}}, account=hanging()
    )
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "States.Timeout", None)


def test_a_whole_execution_that_takes_too_long_is_timed_out_and_nothing_is_said() -> None:
    """timeouts/test_timeouts test_global_timeout."""
    account = Account()
    wait = {"A": {"Type": "Wait", "Seconds": 60, "End": True}}
    execution = account.start(account.create(machine("A", wait, TimeoutSeconds=5)))
    account.pass_time(HOUR)
    described = account.states.describe_execution({"executionArn": execution.arn}, PERSON)
    assert described["status"] == "TIMED_OUT"
    assert not {"error", "cause", "output"} & described.keys()


def waiting(message: Any = "{% $states.context.Task.Token %}", **more: Any) -> tuple[Account, Execution]:
    """A task that has given its token away a second ago."""
    account = Account()
    task = {"Type": "Task", "Resource": SEND_AND_WAIT, "Arguments": {"Message": message}, "End": True, **more}
    execution = account.start(account.create(machine("A", {"A": task} | ({"C": END} if "Catch" in more else {}))))
    account.pass_time(1)
    return account, execution


def test_what_a_callback_brings_is_the_result() -> None:
    """callback/test_callback test_sqs_wait_for_task_token, test_sns_publish_wait_for_task_token."""
    account, execution = waiting()
    account.succeed(account.token(), "all clear")
    account.pass_time(1)
    assert output(execution) == "all clear"


def test_a_callback_that_fails_ends_the_execution_with_its_error_and_cause() -> None:
    """callback/test_callback test_sqs_failure_in_wait_for_task_token."""
    account, execution = waiting()
    account.states.send_task_failure({"taskToken": account.token(), "error": "Fog", "cause": "thick"}, PERSON)
    account.pass_time(1)
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Fog", "thick")


def test_a_callback_that_fails_and_says_nothing_is_caught_with_nulls() -> None:
    """callback/test_callback test_sqs_failure_in_wait_for_task_tok_no_error_field[SQS_WAIT_FOR_TASK_TOKEN_CATCH]."""
    account, execution = waiting(Catch=[{"ErrorEquals": ["States.Runtime"], "Next": "C", "Output": "no"}, *ALL])
    account.states.send_task_failure({"taskToken": account.token()}, PERSON)
    account.pass_time(1)
    assert output(execution) == {"Error": None, "Cause": None}


@pytest.mark.parametrize(
    "limits", [{"TimeoutSeconds": 5}, {"HeartbeatSeconds": 5, "TimeoutSeconds": 600}, {"HeartbeatSeconds": 5}]
)
def test_without_a_callback_it_is_a_timeout_without_a_cause(limits: dict[str, int]) -> None:
    """callback/test_callback test_sqs_wait_for_task_token_timeout; timeouts/test_heartbeats test_heartbeat_timeout and
    test_heartbeat_no_timeout."""
    account, execution = waiting(**limits)
    account.pass_time(60)
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "States.Timeout", None)


def test_a_token_that_was_told_nobody_times_out() -> None:
    """callback/test_callback test_sqs_wait_for_task_token_no_token_parameter."""
    account, execution = waiting("no token in it", TimeoutSeconds=5)
    account.pass_time(60)
    assert execution.error == "States.Timeout"


def test_heartbeats_keep_a_task_waiting_beyond_their_interval() -> None:
    """callback/test_callback test_multiple_heartbeat_notifications."""
    account, execution = waiting(HeartbeatSeconds=120, TimeoutSeconds=600)
    for _ in range(3):
        account.pass_time(100)
        account.states.send_task_heartbeat({"taskToken": account.token()}, PERSON)
    account.succeed(account.token(), {"done": True})
    account.pass_time(1)
    assert output(execution) == {"done": True}


def test_a_token_is_looked_at_before_the_output_that_comes_with_it() -> None:
    """services/test_aws_sdk_task_service test_sfn_send_task_outcome_with_no_such_token[state_machine_template0]."""
    with pytest.raises(AwsError) as refused:
        Account().states.send_task_success({"taskToken": "made up", "output": "no JSON"}, PERSON)
    assert (refused.value.code, refused.value.message) == ("InvalidToken", "Invalid Token: 'Invalid token'")


def express(states: dict[str, Any]) -> tuple[Account, dict[str, Any]]:
    account = Account()
    arn = account.create(machine(next(iter(states)), states), type="EXPRESS")
    return account, account.states.start_sync_execution({"stateMachineArn": arn, "input": '{"a":1}'}, PERSON)


def test_a_synchronous_execution_that_succeeds_answers_with_its_output() -> None:
    """express/test_express_sync test_base[BASE_PASS_RESULT]."""
    _, answer = express({"A": {**END, "Output": {"b": 2}}})
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"b": 2})
    assert answer["inputDetails"] == answer["outputDetails"] == {"included": True}
    assert answer["billingDetails"] == {"billedDurationInMilliseconds": 100, "billedMemoryUsedInMB": 64}


def test_a_synchronous_execution_that_fails_answers_with_error_and_cause() -> None:
    """express/test_express_sync test_base[BASE_RAISE_FAILURE]."""
    _, answer = express({"A": {"Type": "Fail", "Error": "Fog", "Cause": "thick"}})
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "Fog", "thick")
    assert "output" not in answer
    assert answer["outputDetails"] == {"included": True}


def test_a_synchronous_execution_does_not_know_of_redrives() -> None:
    """express/test_express_sync test_query_runtime_memory."""
    _, answer = express({"A": {**END, "Output": "{% $states.context.Execution %}"}})
    assert json.loads(answer["output"]).keys() == {"Id", "Input", "StartTime", "Name", "RoleArn"}


def test_an_express_execution_cannot_be_looked_at() -> None:
    """test_sfn_api_express test_start_async_describe_history_execution."""
    account, answer = express({"A": END})
    with pytest.raises(AwsError) as described:
        account.states.describe_execution({"executionArn": answer["executionArn"]}, PERSON)
    with pytest.raises(AwsError) as listed:
        account.states.list_executions({"stateMachineArn": answer["stateMachineArn"]}, PERSON)
    unknown = "Invalid Arn: 'Resource type not valid in this context: express'"
    assert (described.value.code, described.value.message) == ("InvalidArn", unknown)
    unsupported = "This operation is not supported by this type of state machine"
    assert (listed.value.code, listed.value.message) == ("StateMachineTypeNotSupported", unsupported)


def test_an_express_machine_that_would_wait_for_a_token_is_refused() -> None:
    """test_sfn_api_express test_illegal_callbacks[WAIT_FOR_TASK_TOKEN]."""
    task = {"A": {"Type": "Task", "Resource": SEND_AND_WAIT, "End": True}}
    with pytest.raises(AwsError, match=r"Express state machine does not support '\.waitForTaskToken'") as refused:
        Account().create(machine("A", task), type="EXPRESS")
    assert refused.value.code == "InvalidDefinition"


def test_a_standard_machine_cannot_be_called_synchronously() -> None:
    """test_sfn_api test_start_sync_execution."""
    account = Account()
    arn = account.create(machine("A", {"A": END}))
    with pytest.raises(AwsError) as refused:
        account.states.start_sync_execution({"stateMachineArn": arn}, PERSON)
    assert refused.value.code == "StateMachineTypeNotSupported"


def test_the_same_start_again_is_the_same_execution_and_another_one_is_refused() -> None:
    """test_sfn_api test_start_execution_idempotent."""
    account = Account()
    arn = account.create(machine("A", {"A": {"Type": "Wait", "Seconds": 60, "End": True}}))
    first = account.start(arn, {"a": 1}, "watch")
    assert account.start(arn, {"a": 1}, "watch") is first
    with pytest.raises(AwsError) as refused:
        account.start(arn, {"a": 2}, "watch")
    assert refused.value.message == f"Execution Already Exists: '{first.arn}'"
