"""SQS as botocore's model and the SQS Developer Guide describe it, on virtual time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.account.authorization import Place
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.services.options import Options
from rehearsal.services.queues import Sqs
from tests.rehearsal.account.conftest import ACCOUNT, REGION, Account

PERSON = Caller("person")


def arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def make(account: Account, name: str, **attributes: str) -> str:
    return str(account.ask("sqs", "CreateQueue", QueueName=name, Attributes=attributes)["QueueUrl"])


def make_pair(account: Account, most: int = 2) -> tuple[str, str]:
    """A queue whose messages are hidden for 30 s, and its dead-letter queue, as URLs."""
    letters = make(account, "letters")
    policy = json.dumps({"deadLetterTargetArn": arn("letters"), "maxReceiveCount": most})
    return make(account, "events", VisibilityTimeout="30", RedrivePolicy=policy), letters


def receive(account: Account, url: str) -> list[dict[str, Any]]:
    return list(account.ask("sqs", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []))


def test_what_was_received_too_often_goes_to_the_dead_letter_queue(account: Account) -> None:
    events, letters = make_pair(account)
    account.ask("sqs", "SendMessage", QueueUrl=events, MessageBody="hello")
    counts = []
    for _ in range(2):
        counts += [each["Attributes"]["ApproximateReceiveCount"] for each in receive(account, events)]
        account.let_pass(31)

    assert counts == ["1", "2"]
    assert receive(account, events) == []
    assert [each["Body"] for each in receive(account, letters)] == ["hello"]


def test_a_message_that_was_deleted_does_not_come_back(account: Account) -> None:
    events, _ = make_pair(account)
    account.ask("sqs", "SendMessage", QueueUrl=events, MessageBody="hello")
    [message] = receive(account, events)
    account.ask("sqs", "DeleteMessage", QueueUrl=events, ReceiptHandle=message["ReceiptHandle"])
    account.let_pass(600)

    assert receive(account, events) == []


def test_an_older_receipt_deletes_nothing(account: Account) -> None:
    events, _ = make_pair(account)
    account.ask("sqs", "SendMessage", QueueUrl=events, MessageBody="hello")
    [first] = receive(account, events)
    account.let_pass(31)
    receive(account, events)
    account.ask("sqs", "DeleteMessage", QueueUrl=events, ReceiptHandle=first["ReceiptHandle"])

    asked = account.ask("sqs", "GetQueueAttributes", QueueUrl=events, AttributeNames=["All"])["Attributes"]
    assert asked["ApproximateNumberOfMessagesNotVisible"] == "1"


def make_dead_letters(account: Account) -> tuple[str, str]:
    """A queue and its dead-letter queue, which has a message that came from it and one that did not."""
    events, letters = make_pair(account, most=1)
    account.ask("sqs", "SendMessage", QueueUrl=events, MessageBody="received in vain")
    receive(account, events)
    account.let_pass(31)
    receive(account, events)
    account.ask("sqs", "SendMessage", QueueUrl=letters, MessageBody="sent by EventBridge itself")
    return events, letters


def test_dead_letters_are_moved_to_the_queue_that_is_named_and_counted_anew(account: Account) -> None:
    events, letters = make_dead_letters(account)
    account.ask("sqs", "StartMessageMoveTask", SourceArn=arn("letters"), DestinationArn=arn("events"))

    moved = receive(account, events)
    assert [each["Body"] for each in moved] == ["received in vain", "sent by EventBridge itself"]
    assert {each["Attributes"]["ApproximateReceiveCount"] for each in moved} == {"1"}
    assert receive(account, letters) == []


def test_without_a_destination_only_what_came_from_a_queue_is_moved(account: Account) -> None:
    events, letters = make_dead_letters(account)
    account.ask("sqs", "StartMessageMoveTask", SourceArn=arn("letters"))

    assert [each["Body"] for each in receive(account, events)] == ["received in vain"]
    assert [each["Body"] for each in receive(account, letters)] == ["sent by EventBridge itself"]


def test_only_a_dead_letter_queue_can_be_redriven(account: Account) -> None:
    make_pair(account)
    with pytest.raises(AwsError, match="Dead Letter Queue"):
        account.ask("sqs", "StartMessageMoveTask", SourceArn=arn("events"))
    with pytest.raises(AwsError, match="doesn't exist"):
        account.ask("sqs", "StartMessageMoveTask", SourceArn=arn("other"))


def test_a_message_that_nobody_receives_is_forgotten(account: Account) -> None:
    url = make(account, "events", MessageRetentionPeriod="60")
    account.ask("sqs", "SendMessage", QueueUrl=url, MessageBody="hello")
    account.let_pass(61)

    assert receive(account, url) == []


UNKNOWN = "AWS.SimpleQueueService.NonExistentQueue"
REDRIVE = {"RedrivePolicy": '{"deadLetterTargetArn": "arn:no", "maxReceiveCount": 1}'}


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        (
            "SendMessage",
            {"QueueUrl": "https://sqs/1/other", "MessageBody": "m"},
            "AWS.SimpleQueueService.NonExistentQueue",
        ),
        ("SendMessage", {"QueueUrl": "https://sqs/1/events", "MessageBody": "m" * 1_048_577}, "InvalidParameterValue"),
        ("CreateQueue", {"QueueName": "q", "Attributes": REDRIVE}, "InvalidParameterValue"),
    ],
)
def test_what_sqs_refuses(account: Account, operation: str, request_: dict[str, Any], code: str) -> None:
    make_pair(account)
    with pytest.raises(AwsError) as refused:
        account.ask("sqs", operation, **request_)
    assert refused.value.code == code


def test_a_message_may_come_once_more_after_it_was_deleted(account: Account) -> None:
    queues = Sqs(Place(REGION, ACCOUNT), account.clock, options=Options(messages="twice"))
    account.gateway.register("sqs", queues)
    url = make(account, "events")
    account.ask("sqs", "SendMessage", QueueUrl=url, MessageBody="hello")
    seen = []
    for _ in range(3):
        for message in receive(account, url):
            seen.append(message["MessageId"])
            account.ask("sqs", "DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        account.let_pass(2)

    assert len(seen) == 2 and len(set(seen)) == 1


def test_the_same_seed_gives_the_same_ids(account: Account) -> None:
    def first_id() -> str:
        queues = Sqs(Place(REGION, ACCOUNT), Clock(account.clock.datetime(), 7))
        url = queues.create_queue({"QueueName": "q"}, PERSON)["QueueUrl"]
        return str(queues.send_message({"QueueUrl": url, "MessageBody": "m"}, PERSON)["MessageId"])

    assert first_id() == first_id()
