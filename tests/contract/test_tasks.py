"""Every call a machine makes is bounded, retried, caught, and named as AWS names it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.loaders
import botocore.model
import pytest

from interlock.model.reasons import Outcome, Reason
from tests.contract.asl import flows
from tests.contract.documents import Machine, machines

STATES_ERRORS = frozenset(
    f"States.{name}"
    for name in (
        "ALL DataLimitExceeded HeartbeatTimeout Permissions QueryEvaluationError Runtime TaskFailed Timeout".split()
    )
)
"""docs: step-functions/latest/dg/concepts-error-handling; those that a JSONata machine without Map data can meet."""

SERVICE_OF_PREFIX = {
    "ApplicationAutoScaling": "application-autoscaling",
    "CloudWatch": "cloudwatch",
    "DynamoDB": "dynamodb",
    "DynamoDb": "dynamodb",
    "Lambda": "lambda",
    "S3": "s3",
    "SNS": "sns",
    "SageMaker": "sagemaker",
    "SageMakerRuntime": "sagemaker-runtime",
    "Sfn": "stepfunctions",
    "Ssm": "ssm",
}
"""What an error name starts with, and botocore's name of the service: the SDK for Java's spelling for aws-sdk
integrations, the service's own for optimised ones (docs: concepts-error-handling, supported-services-awssdk)."""

SERVICE_OF_SDK = {
    "applicationautoscaling": "application-autoscaling",
    "sagemakerruntime": "sagemaker-runtime",
    "sfn": "stepfunctions",
}
"""aws-sdk integration names that differ from botocore's."""

UNMODELLED = frozenset(
    {"SdkClientException", "Unknown", "ServiceException", "AWSLambdaException", "ClientExecutionTimeoutException"}
)
"""Transport faults that no service model names (docs: step-functions/latest/dg/bp-lambda-serviceexception)."""

OPTIMISED = frozenset(
    {
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "arn:aws:states:::sns:publish",
        "arn:aws:states:::dynamodb:updateItem",
    }
)
AWS_SDK = re.compile(r"arn:aws:states:::aws-sdk:([a-z0-9]+):([a-zA-Z0-9]+)(\.waitForTaskToken)?")

RETRIES_STILL_LONG = frozenset({"deliver.asl.yaml"})
"""Machines whose Retry fields are yet to be shortened."""

each_machine = pytest.mark.parametrize("machine", machines().values(), ids=machines())


def _tasks(machine: Machine) -> Iterator[tuple[str, dict[str, Any]]]:
    for flow in flows(machine.definition, machine.path.name):
        for name, state in flow.states.items():
            if state["Type"] == "Task":
                yield name, state


@each_machine
def test_every_task_has_a_timeout(machine: Machine) -> None:
    """Without one a lost callback waits for ever (docs: step-functions/latest/dg/sfn-stuck-execution)."""
    assert [name for name, task in _tasks(machine) if "TimeoutSeconds" not in task] == []


@each_machine
def test_every_task_retries_with_a_ceiling_and_full_jitter(machine: Machine) -> None:
    """So that many executions that met the same fault do not come back together."""
    for name, task in _tasks(machine):
        assert task.get("Retry"), f"{name} has no Retry"
        for retrier in task["Retry"]:
            if retrier.get("MaxAttempts") == 0:
                continue
            assert "MaxDelaySeconds" in retrier, name
            assert retrier.get("JitterStrategy") == "FULL", name


@each_machine
def test_an_error_that_is_an_answer_is_not_retried(machine: Machine) -> None:
    """A route of its own says that the error is an answer. Another attempt would get the same one."""
    retried = [
        f"{name}: {error}"
        for name, task in _tasks(machine)
        for catcher in task.get("Catch", [])
        for error in catcher["ErrorEquals"]
        if not error.startswith("States.") and _attempts(task, error) > 0
    ]
    assert retried == []


def _attempts(task: dict[str, Any], error: str) -> int:
    """How often the first retrier that matches ``error`` tries again."""
    for retrier in task["Retry"]:
        if {error, "States.TaskFailed", "States.ALL"} & set(retrier["ErrorEquals"]):
            return int(retrier.get("MaxAttempts", 3))
    return 0


@each_machine
def test_a_call_without_an_answer_is_made_again(machine: Machine) -> None:
    """States.TaskFailed is every error but States.Timeout (docs: concepts-error-handling). A wait for a token has a
    time-out of its own; what observe and act could not do is data, and functions say what follows."""
    if machine.path.name in ("observe.asl.yaml", "act.asl.yaml"):
        return
    calls = [(name, task) for name, task in _tasks(machine) if not task["Resource"].endswith(".waitForTaskToken")]
    assert [name for name, task in calls if not _retries_time_outs(task)] == []


def _retries_time_outs(task: dict[str, Any]) -> bool:
    return any("States.Timeout" in each["ErrorEquals"] and each.get("MaxAttempts", 3) for each in task["Retry"])


@each_machine
def test_a_retry_can_be_read(machine: Machine) -> None:
    if machine.path.name not in RETRIES_STILL_LONG:
        assert [line.strip() for line in _retry_lines(machine) if len(line) > 135] == []


def _retry_lines(machine: Machine) -> Iterator[str]:
    """The lines of every Retry: the one with the word, and those below it that are indented further."""
    inside = ""
    for line in machine.text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        if line.lstrip().startswith("Retry:"):
            inside = indent
            yield line
        elif inside and len(indent) > len(inside):
            yield line
        else:
            inside = ""


@each_machine
def test_every_task_has_a_route_for_any_error(machine: Machine) -> None:
    """Its own, or that of the Map it runs in."""
    for flow in flows(machine.definition, machine.path.name):
        held = any(_catches_all(holder) for _, holder in flow.around())
        for name, state in flow.states.items():
            if state["Type"] in {"Task", "Map", "Parallel"}:
                assert held or _catches_all(state), name


def _catches_all(state: dict[str, Any]) -> bool:
    return any("States.ALL" in catcher["ErrorEquals"] for catcher in state.get("Catch", []))


@each_machine
def test_every_sdk_task_names_an_operation_that_exists(machine: Machine) -> None:
    for name, task in _tasks(machine):
        if task["Resource"] in OPTIMISED:
            continue
        integration = AWS_SDK.fullmatch(task["Resource"])
        assert integration, f"{name}: {task['Resource']}"
        service = SERVICE_OF_SDK.get(integration[1], integration[1])
        assert _pascal(integration[2]) in _model(service).operation_names, f"{name}: {service} has no {integration[2]}"


@each_machine
def test_literal_requests_fit_the_service_model(machine: Machine) -> None:
    """Unknown and missing members at the top of a request; the rehearsal checks whole requests as they are sent."""
    for name, task in _tasks(machine):
        integration = AWS_SDK.fullmatch(task["Resource"])
        request = task.get("Arguments", {})
        if not integration or not isinstance(request, dict):
            continue
        model = _model(SERVICE_OF_SDK.get(integration[1], integration[1]))
        shape = model.operation_model(_pascal(integration[2])).input_shape
        assert shape is not None, name
        assert sorted(set(request) - set(map(_pascal, shape.members))) == [], name
        assert sorted(set(map(_pascal, shape.required_members)) - set(request)) == [], name


def _pascal(member: str) -> str:
    """A member as a state machine writes it (docs: supported-services-awssdk, parameters are in PascalCase)."""
    return member[0].upper() + member[1:]


@each_machine
def test_every_error_that_is_matched_is_one_that_can_occur(machine: Machine) -> None:
    """One of AWS, or one that a machine of ours sends to a wait."""
    strangers = [
        f"{at}: {error}" for at, error in _matched(machine) if not (_is_aws(error) or error in _sent().values())
    ]
    assert strangers == []


def test_every_error_that_is_sent_to_a_wait_is_matched_by_one() -> None:
    matched = {error for machine in machines().values() for _, error in _matched(machine)}
    assert _sent()
    assert {at: error for at, error in _sent().items() if error not in matched} == {}


@each_machine
def test_every_error_that_a_machine_ends_with_is_a_word_of_the_core(machine: Machine) -> None:
    words = {f"Interlock.{word}" for word in (*Outcome, *Reason)}
    ends = {name: task["Error"] for name, task in _states(machine) if task["Type"] == "Fail"}
    assert {name: error for name, error in ends.items() if not (error.startswith("{%") or error in words)} == {}


def _states(machine: Machine) -> Iterator[tuple[str, dict[str, Any]]]:
    for flow in flows(machine.definition, machine.path.name):
        yield from flow.states.items()


def _matched(machine: Machine) -> Iterator[tuple[str, str]]:
    """Every error name that a Retry or a Catch matches."""
    for name, state in _states(machine):
        for rule in state.get("Retry", []) + state.get("Catch", []):
            yield from ((name, error) for error in rule["ErrorEquals"])


def _sent() -> dict[str, str]:
    """The errors that machines send to those that wait, by the state that sends them."""
    return {
        name: state["Arguments"]["Error"]
        for machine in machines().values()
        for name, state in _states(machine)
        if state.get("Resource", "").endswith(":sfn:sendTaskFailure")
    }


def _is_aws(error: str) -> bool:
    prefix, _, name = error.partition(".")
    if error in STATES_ERRORS:
        return True
    if prefix not in SERVICE_OF_PREFIX:
        return False
    if name in UNMODELLED or name == f"{prefix}Exception":
        return True
    return name in {_in_java(shape.name) for shape in _model(SERVICE_OF_PREFIX[prefix]).error_shapes}


def _in_java(shape: str) -> str:
    """The SDK for Java's class for an error shape: every one ends in Exception, and Fault gives way to it."""
    return shape if shape.endswith("Exception") else shape.removesuffix("Fault") + "Exception"


@cache
def _model(service: str) -> botocore.model.ServiceModel:
    loader = botocore.loaders.Loader()
    return botocore.model.ServiceModel(loader.load_service_model(service, "service-2"), service)
