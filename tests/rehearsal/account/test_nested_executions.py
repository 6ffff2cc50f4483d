"""A machine that calls another one synchronously, in an account with roles: who may call, and who is seen to call."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from rehearsal.account.gateway import Fault
from rehearsal.aws import Caller
from rehearsal.states import Execution
from tests.rehearsal.account.conftest import ACCOUNT, PERSON, REGION, Account

TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}}
OBSERVE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:observe"
LOOK = {"Resource": "arn:aws:states:::aws-sdk:sagemaker:describeEndpoint", "Arguments": {"EndpointName": "digits"}}
ASK = {
    "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
    "Arguments": {"StateMachineArn": OBSERVE, "Input": "{}"},
}


class Endpoints:
    """A SageMaker whose every endpoint serves."""

    def describe_endpoint(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        name = request["EndpointName"]
        arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{name}"
        return {"EndpointName": name, "EndpointArn": arn, "EndpointStatus": "InService"} | dict.fromkeys(
            ("CreationTime", "LastModifiedTime"), datetime(2026, 1, 5, 9, tzinfo=UTC)
        )


def create(account: Account, name: str, kind: str, task: dict[str, Any], action: str, resource: str) -> None:
    role = account.iam.put_role(name, TRUST)
    statement = {"Sid": "Only", "Effect": "Allow", "Action": action, "Resource": resource}
    account.iam.put_policy(role.arn, "only", {"Statement": statement})
    states = {"Do": {"Type": "Task", "End": True, **task}}
    definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "Do", "States": states})
    request = {"name": name, "type": kind, "roleArn": role.arn, "definition": definition}
    account.gateway.call(PERSON, "stepfunctions", "CreateStateMachine", request)


def asked(account: Account, machine: str = OBSERVE) -> Execution:
    """An execution of deliver, which may call only `machine`, after it has called observe."""
    account.gateway.register("sagemaker", Endpoints())
    endpoint = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/digits"
    create(account, "observe", "EXPRESS", LOOK, "sagemaker:DescribeEndpoint", endpoint)
    create(account, "deliver", "STANDARD", ASK, "states:StartSyncExecution", machine)
    deliver = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:deliver"
    arn = account.gateway.call(PERSON, "stepfunctions", "StartExecution", {"stateMachineArn": deliver})["executionArn"]
    account.clock.run(account.clock.now + 60)
    return next(each for each in account.states.executions if each.arn == arn)


def test_the_call_inside_is_the_called_machines_and_its_execution_knows_who_called_it(account: Account) -> None:
    execution = asked(account)
    assert json.loads(execution.output or "")["Status"] == "SUCCEEDED"
    (look,) = (call for call in account.gateway.journal if call.operation == "DescribeEndpoint")
    (inside,) = (each for each in account.states.executions if each.machine.name == "observe")
    assert look.caller == Caller(inside.machine.role, inside.arn, "Do")
    assert inside.parent == execution.arn


def test_the_answer_stands_complete_in_the_journal(account: Account) -> None:
    asked(account)
    (call,) = (call for call in account.gateway.journal if call.operation == "StartSyncExecution")
    assert call.response is not None
    assert json.loads(call.response["output"])["EndpointStatus"] == "InService"
    assert call.response["billingDetails"] == {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100}


def test_the_caller_needs_the_permission_on_the_machine(account: Account) -> None:
    execution = asked(account, machine=OBSERVE + "-too")
    assert (execution.status, execution.error) == ("FAILED", "Sfn.SfnException")
    assert f"is not authorized to perform: states:StartSyncExecution on resource: {OBSERVE}" in (execution.cause or "")


def test_a_fault_of_the_call_fails_the_caller_and_a_fault_inside_is_an_answer(account: Account) -> None:
    account.gateway.inject([Fault("stepfunctions", "StartSyncExecution", "ServiceUnavailable", "again", 1, 503)])
    assert asked(account).error == "Sfn.SfnException"

    account.gateway.inject([Fault("sagemaker", "DescribeEndpoint", "ThrottlingException", "Rate exceeded")])
    again = asked(account)
    answer = json.loads(again.output or "")
    assert (answer["Status"], answer["Error"]) == ("FAILED", "SageMaker.SageMakerException")
