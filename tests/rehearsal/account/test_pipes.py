"""Pipes as the EventBridge User Guide describes them: from a queue to a synchronous Express execution."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from rehearsal.account.gateway import Fault, NotSimulated
from rehearsal.aws import AwsError
from rehearsal.services.options import Options
from rehearsal.services.pipes import Pipes
from rehearsal.services.queues import Sqs
from tests.rehearsal.account.conftest import ACCOUNT, REGION, Account

EVENTS, LETTERS = (f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in ("events", "letters"))
PIPE = f"arn:aws:pipes:{REGION}:{ACCOUNT}:pipe/door"
HIDDEN = 30


def definition(seconds: float) -> str:
    """A machine that takes a while, and fails with what is in a message that says "bad"."""
    failed = {"Type": "Fail", "Error": "Bad"}
    bad = {"Condition": "{% $contains($states.input.body, 'bad') %}", "Next": "Failed"}
    states = {
        "Work": {"Type": "Wait", "Seconds": seconds, "Next": "How"},
        "How": {"Type": "Choice", "Choices": [bad], "Default": "Done"},
        "Done": {"Type": "Succeed"},
        "Failed": failed,
    }
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": "Work", "States": states})


def role(account: Account, name: str, service: str, **grants: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    made = account.iam.put_role(name, {"Statement": trust})
    for number, (action, resource) in enumerate(grants.items()):
        grant = {"Effect": "Allow", "Action": action.replace("_", ":"), "Resource": resource}
        account.iam.put_policy(made.arn, f"grant-{number}", {"Statement": grant})
    return made.arn


def connect(account: Account, options: Options = Options(), seconds: float = 1, most: int = 100, **pipe: Any) -> str:  # noqa: B008
    """A queue, its dead-letter queue, a machine, and the pipe between them; the URL of the queue."""
    queues = Sqs(account.gateway.place, account.clock, options=options)
    account.gateway.register("sqs", queues)
    account.gateway.register("pipes", Pipes(account.gateway, queues, account.states, options))
    account.ask("sqs", "CreateQueue", QueueName="letters")
    redrive = json.dumps({"deadLetterTargetArn": LETTERS, "maxReceiveCount": most})
    attributes = {"VisibilityTimeout": str(HIDDEN), "RedrivePolicy": redrive}
    url = account.ask("sqs", "CreateQueue", QueueName="events", Attributes=attributes)["QueueUrl"]
    machine = {"name": "intake", "type": "EXPRESS", "roleArn": role(account, "machine", "states.amazonaws.com")}
    target = account.ask("stepfunctions", "CreateStateMachine", definition=definition(seconds), **machine)
    grants = {f"sqs_{name}": EVENTS for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
    reader = role(account, "pipe", "pipes.amazonaws.com", **grants, states_StartSyncExecution="*")
    made = {"Name": "door", "Source": EVENTS, "Target": target["stateMachineArn"], "RoleArn": reader}
    account.ask("pipes", "CreatePipe", **{**made, "SourceParameters": {"SqsQueueParameters": {"BatchSize": 1}}, **pipe})
    return str(url)


def send(account: Account, url: str, *bodies: str) -> None:
    for body in bodies:
        account.ask("sqs", "SendMessage", QueueUrl=url, MessageBody=body)


def starts(account: Account) -> list[float]:
    """When each execution began, in seconds from nine o'clock."""
    nine = account.clock.datetime().replace(hour=9, minute=0, second=0, microsecond=0).timestamp()
    return [round(each.start - nine, 1) for each in account.states.executions]


def left(account: Account, url: str) -> tuple[int, int]:
    """How many messages are in the queue, and how many in the dead-letter queue."""
    queues = [url, url.replace("events", "letters")]
    asked = [account.ask("sqs", "GetQueueAttributes", QueueUrl=each, AttributeNames=["All"]) for each in queues]
    counts = [sum(int(value) for name, value in each["Attributes"].items() if "NumberOf" in name) for each in asked]
    return counts[0], counts[1]


def test_an_execution_gets_one_message_in_a_list_and_its_success_deletes_it(account: Account) -> None:
    url = connect(account)
    send(account, url, "good")
    account.let_pass(10)

    [execution] = account.states.executions
    [record] = json.loads(execution.input)
    assert record["body"] == "good"
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", EVENTS)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert left(account, url) == (0, 0)


def test_a_failed_execution_is_tried_again_after_the_visibility_timeout(account: Account) -> None:
    url = connect(account, most=3)
    send(account, url, "bad")
    account.let_pass(300)

    assert starts(account) == [0.0, 30.0, 60.1]
    assert left(account, url) == (0, 1)


def test_a_failed_message_may_also_come_back_at_once(account: Account) -> None:
    url = connect(account, Options(failed_messages="at once"), most=3)
    send(account, url, "bad")
    account.let_pass(10)

    assert len(starts(account)) == 3
    assert left(account, url) == (0, 1)


def test_a_pipe_may_pause_after_failures_but_not_for_ever(account: Account) -> None:
    url = connect(account, Options(failed_messages="at once", failing_pipe="pauses", longest_pause=8), most=6)
    send(account, url, "bad")
    account.let_pass(120)

    began = starts(account)
    between = [round(after - before) for before, after in pairwise(began)]
    assert between == [2, 3, 5, 9, 9]


def test_an_error_of_the_service_is_retried_and_not_counted(account: Account) -> None:
    url = connect(account, most=1)
    account.gateway.inject(
        [Fault("stepfunctions", "StartSyncExecution", "InternalError", "try again", status=500, first=5)]
    )
    send(account, url, "good")
    account.let_pass(20)

    assert len(starts(account)) == 1
    assert left(account, url) == (0, 0)


@pytest.mark.parametrize("operation", ["ReceiveMessage", "DeleteMessage"])
@pytest.mark.parametrize("how", [{"code": "ThrottlingException"}, {"hangs": True}, {"answer_lost": True}])
def test_so_is_one_of_the_queue(account: Account, operation: str, how: dict[str, Any]) -> None:
    """Docs, eb-pipes-error-troubleshooting: "any retryable AWS failures with the source service"."""
    url = connect(account)
    account.gateway.inject([Fault("sqs", operation, first=1, **how)])
    send(account, url, "good")
    account.let_pass(2 * HIDDEN)

    assert len(starts(account)) == 1
    assert left(account, url) == (0, 0)


def test_a_pipe_that_is_refused_again_and_again_may_be_disabled(account: Account) -> None:
    url = connect(account, Options(refused_pipe="disabled", failed_messages="at once"))
    account.gateway.inject([Fault("stepfunctions", "StartSyncExecution", "AccessDeniedException", "no", first=20)])
    send(account, url, "good")
    account.let_pass(60)
    told = account.ask("pipes", "DescribePipe", Name="door")
    assert told["CurrentState"] == "STOPPED" and "disabled" in told["StateReason"]
    assert left(account, url) == (1, 0)

    account.ask("pipes", "StartPipe", Name="door")
    account.let_pass(60)
    assert left(account, url) == (0, 0)


def test_five_messages_are_under_way_at_first_and_sixty_more_after_each_minute(account: Account) -> None:
    url = connect(account, seconds=20)
    send(account, url, *["good"] * 500)
    account.let_pass(59)
    assert len(starts(account)) == 15
    account.let_pass(30)
    running = [each for each in account.states.executions if each.status == "RUNNING"]
    assert len(running) == 65


def test_a_pipe_that_may_not_read_its_queue_stops_and_says_why(account: Account) -> None:
    url = connect(account)
    [reading] = [(role, each) for role, each in account.iam.statements() if each.actions == ("sqs:ReceiveMessage",)]
    account.iam.remove(*reading)
    send(account, url, "good")
    account.let_pass(10)

    assert "sqs:ReceiveMessage" in account.ask("pipes", "DescribePipe", Name="door")["StateReason"]
    assert left(account, url) == (1, 0)


def test_a_stopped_pipe_receives_nothing_until_it_is_started(account: Account) -> None:
    url = connect(account, DesiredState="STOPPED")
    send(account, url, "good")
    account.let_pass(60)
    assert starts(account) == []
    account.ask("pipes", "StartPipe", Name="door")
    account.ask("pipes", "StopPipe", Name="door")
    account.ask("pipes", "StartPipe", Name="door")
    account.let_pass(10)
    assert len(starts(account)) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"SourceParameters": {"SqsQueueParameters": {"BatchSize": 10}}},
        {"TargetParameters": {"InputTemplate": "<$.body>"}},
        {"TargetParameters": {"StepFunctionStateMachineParameters": {"InvocationType": "FIRE_AND_FORGET"}}},
    ],
)
def test_a_pipe_that_does_more_is_not_simulated(account: Account, more: dict[str, Any]) -> None:
    with pytest.raises(NotSimulated):
        connect(account, **more)


def test_a_role_that_is_not_for_pipes_is_refused(account: Account) -> None:
    other = role(account, "other", "events.amazonaws.com")
    with pytest.raises(AwsError, match="not authorized to assume"):
        connect(account, RoleArn=other)


def test_a_source_and_a_pipe_that_are_not_there_are_refused(account: Account) -> None:
    with pytest.raises(AwsError, match="does not exist"):
        connect(account, Source=f"{EVENTS}-other")
    with pytest.raises(AwsError, match="does not exist"):
        account.ask("pipes", "StartPipe", Name="other")
