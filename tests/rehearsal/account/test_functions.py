from __future__ import annotations

import json
import os
from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.services.functions import Lambda
from rehearsal.stack import Stack, deploy
from tests.rehearsal.account.conftest import TEMPLATE, Account


@pytest.fixture
def stack(account: Account) -> Stack:
    return account.deploy()


def invoke(account: Account, name: str, event: Any, **more: Any) -> dict[str, Any]:
    return account.ask("lambda", "Invoke", FunctionName=name, Payload=json.dumps(event).encode(), **more)


def test_the_real_handler_runs_with_its_layer_and_its_environment(account: Account, stack: Stack) -> None:
    answer = invoke(account, stack.arn("Greet"), {"name": "Ada"})
    payload = json.loads(answer["Payload"])
    assert (answer["StatusCode"], payload["greeting"], payload["table"]) == (
        200,
        "Good morning, Ada",
        stack.ref("Ledger"),
    )
    assert "TABLE" not in os.environ


def test_what_a_handler_prints_goes_to_its_log_only(
    account: Account, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    invoke(account, stack.ref("Greet"), {"name": "Ada"})
    assert capsys.readouterr().out == ""
    assert account.functions.log == [(account.clock.now, stack.ref("Greet"), "greeting Ada")]


def test_an_exception_is_an_answer_that_says_unhandled(account: Account, stack: Stack) -> None:
    answer = invoke(account, stack.ref("Stumble"), {"missing": "shoe"})
    payload = json.loads(answer["Payload"])
    assert answer["FunctionError"] == "Unhandled"
    assert (payload["errorType"], payload["errorMessage"]) == ("KeyError", "'shoe'")
    assert "/var/task/stumble/app.py" in payload["stackTrace"][0]
    assert account.functions.invocations[-1].error == "KeyError: 'shoe'"


def test_an_asynchronous_invocation_is_accepted_now_and_runs_after(account: Account, stack: Stack) -> None:
    assert invoke(account, stack.ref("Greet"), {"name": "Ada"}, InvocationType="Event")["StatusCode"] == 202
    assert account.functions.invocations == []
    account.let_pass(1)
    assert account.functions.invocations[0].answer["greeting"] == "Good morning, Ada"


def test_no_more_functions_run_at_a_time_than_the_account_may(account: Account) -> None:
    account.gateway.register("lambda", functions := Lambda(account.gateway, at_once=2))
    stack = deploy(TEMPLATE, account.gateway, functions, "shop")
    for _ in range(2):
        invoke(account, stack.ref("Greet"), {"name": "Ada"})
    with pytest.raises(AwsError, match="Rate Exceeded") as refused:
        invoke(account, stack.ref("Greet"), {"name": "Ada"})
    assert (refused.value.code, refused.value.status) == ("TooManyRequestsException", 429)
    account.let_pass(1)
    invoke(account, stack.ref("Greet"), {"name": "Ada"})


def test_a_function_that_does_not_exist(account: Account, stack: Stack) -> None:
    with pytest.raises(AwsError, match="Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nobody"):
        invoke(account, "nobody", {})


def test_a_function_without_permission_to_log_answers_and_leaves_a_refusal_in_the_journal(
    account: Account, stack: Stack
) -> None:
    [(role, logs)] = [(r, s) for r, s in account.iam.statements() if s.sid == "WriteOwnLog"]
    account.iam.remove(role, logs)
    assert "FunctionError" not in invoke(account, stack.ref("Greet"), {"name": "Ada"})
    refused = [(call.service, call.operation) for call in account.gateway.journal if "AccessDenied" in call.error]
    assert refused == [("logs", "CreateLogStream")]


def test_request_ids_come_from_the_seed(account: Account, stack: Stack) -> None:
    first, second = (json.loads(invoke(account, stack.ref("Greet"), {"name": "A"})["Payload"]) for _ in range(2))
    assert first["request"] != second["request"]
