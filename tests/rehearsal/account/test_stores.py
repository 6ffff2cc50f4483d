from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from rehearsal.aws import AwsError, Caller
from rehearsal.services.queues import Sqs
from tests.rehearsal.account.conftest import Account

KEY = {"pk": {"S": "CONTROL"}, "sk": {"S": "churn"}}


@pytest.fixture
def ledger(account: Account) -> str:
    account.ask(
        "dynamodb",
        "CreateTable",
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    return "ledger"


def test_a_conditional_write_loses_against_what_is_there(account: Account, ledger: str) -> None:
    claim: dict[str, Any] = {"TableName": ledger, "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}
    assert account.ask("dynamodb", "PutItem", **claim) == {}
    with pytest.raises(AwsError) as refused:
        account.ask("dynamodb", "PutItem", **claim)
    assert (refused.value.code, refused.value.message) == (
        "ConditionalCheckFailedException",
        "The conditional request failed",
    )


def test_an_update_returns_what_was_asked_for_and_nothing_unasked(account: Account, ledger: str) -> None:
    answer = account.ask(
        "dynamodb",
        "UpdateItem",
        TableName=ledger,
        Key=KEY,
        UpdateExpression="SET #o = :o, since = :s",
        ConditionExpression="attribute_not_exists(#o) OR #o = :o",
        ExpressionAttributeNames={"#o": "owner"},
        ExpressionAttributeValues={":o": {"S": "r1"}, ":s": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )
    assert answer == {"Attributes": {**KEY, "owner": {"S": "r1"}, "since": {"N": "1"}}}


def test_what_a_request_held_can_change_without_changing_what_was_stored(account: Account, ledger: str) -> None:
    item: dict[str, Any] = {**KEY, "list": {"L": [{"S": "a"}]}}
    account.ask("dynamodb", "PutItem", TableName=ledger, Item=item)
    item["list"]["L"].append({"S": "b"})
    stored = account.ask("dynamodb", "GetItem", TableName=ledger, Key=KEY)["Item"]
    assert stored["list"] == {"L": [{"S": "a"}]}


def test_a_message_that_was_received_comes_back_in_virtual_time(account: Account) -> None:
    url = account.ask("sqs", "CreateQueue", QueueName="letters", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
    account.ask("sqs", "SendMessage", QueueUrl=url, MessageBody="hello")
    assert len(account.ask("sqs", "ReceiveMessage", QueueUrl=url)["Messages"]) == 1
    account.let_pass(29)
    assert "Messages" not in account.ask("sqs", "ReceiveMessage", QueueUrl=url)
    account.let_pass(2)
    assert len(account.ask("sqs", "ReceiveMessage", QueueUrl=url)["Messages"]) == 1


def test_a_queue_is_measured_every_minute_while_it_has_messages(account: Account) -> None:
    measured: list[tuple[float, str, int]] = []
    start = account.clock.now
    place = account.gateway.place
    queues = Sqs(place, account.clock, lambda name, count: measured.append((account.clock.now - start, name, count)))
    account.gateway.register("sqs", queues)
    url = account.ask("sqs", "CreateQueue", QueueName="letters")["QueueUrl"]
    account.ask("sqs", "SendMessage", QueueUrl=url, MessageBody="hello")
    account.let_pass(90)
    [message] = account.ask("sqs", "ReceiveMessage", QueueUrl=url)["Messages"]
    account.ask("sqs", "DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    account.let_pass(600)
    assert measured == [(0.0, "letters", 1), (60.0, "letters", 1), (120.0, "letters", 0)]


def test_a_new_account_is_empty_and_the_same_seed_gives_the_same_ids(another: Callable[[int], Account]) -> None:
    def first_id(seed: int) -> str:
        account = another(seed)
        topic = account.ask("sns", "CreateTopic", Name="notices")["TopicArn"]
        return str(account.ask("sns", "Publish", TopicArn=topic, Message="m")["MessageId"])

    assert first_id(1) == first_id(1) != first_id(2)


@pytest.mark.parametrize("subject", ["Zurück", "two\nlines", "x" * 100, "", " starts with a space"])
def test_a_subject_that_no_mail_can_carry_is_refused(account: Account, subject: str) -> None:
    topic = account.ask("sns", "CreateTopic", Name="notices")["TopicArn"]
    with pytest.raises(AwsError, match="Invalid parameter: Subject"):
        account.ask("sns", "Publish", TopicArn=topic, Subject=subject, Message="m")


def test_an_object_that_is_missing_is_hidden_from_whoever_may_not_list(account: Account) -> None:
    account.ask("s3", "CreateBucket", Bucket="models")
    account.ask("s3", "PutObject", Bucket="models", Key="v1/model.tar.gz", Body=b"weights")
    found = account.ask("s3", "HeadObject", Bucket="models", Key="v1/model.tar.gz")
    assert (found["ContentLength"], found["LastModified"]) == (7, datetime(2026, 1, 5, 9, tzinfo=UTC))
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = Caller(account.iam.put_role("deliver", {"Statement": trust}).arn)
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::models/*"}
    account.iam.put_policy(role.principal, "read", {"Statement": read})
    missing = {"Bucket": "models", "Key": "v2/model.tar.gz"}
    with pytest.raises(AwsError) as hidden:
        account.gateway.call(role, "s3", "HeadObject", missing)
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::models"}
    account.iam.put_policy(role.principal, "list", {"Statement": listing})
    with pytest.raises(AwsError) as told:
        account.gateway.call(role, "s3", "HeadObject", missing)
    assert (hidden.value.status, told.value.status) == (403, 404)


def test_a_parameter_has_versions_and_tells_of_every_change(account: Account) -> None:
    put = {"Name": "/interlock/policies/churn", "Type": "String"}
    account.ask("ssm", "PutParameter", Value="one", **put)
    with pytest.raises(AwsError) as refused:
        account.ask("ssm", "PutParameter", Value="two", **put)
    assert refused.value.code == "ParameterAlreadyExists"
    account.ask("ssm", "PutParameter", Value="two", Overwrite=True, **put)
    found = account.ask("ssm", "GetParameter", Name="/interlock/policies/churn")["Parameter"]
    assert (found["Value"], found["Version"]) == ("two", 2)
    account.ask("ssm", "DeleteParameter", Name="/interlock/policies/churn")
    assert [(event["source"], event["detail"]["operation"]) for event in account.events.published] == [
        ("aws.ssm", "Create"),
        ("aws.ssm", "Update"),
        ("aws.ssm", "Delete"),
    ]


def test_parameters_are_read_by_path_in_pages(account: Account) -> None:
    for number in range(12):
        account.ask("ssm", "PutParameter", Name=f"/policies/p{number:02}", Type="String", Value="v")
    account.ask("ssm", "PutParameter", Name="/policies/deep/er", Type="String", Value="v")
    first = account.ask("ssm", "GetParametersByPath", Path="/policies")
    rest = account.ask("ssm", "GetParametersByPath", Path="/policies", NextToken=first["NextToken"])
    names = [parameter["Name"] for page in (first, rest) for parameter in page["Parameters"]]
    assert names == [f"/policies/p{number:02}" for number in range(12)]
    assert "NextToken" not in rest


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("/policies/a b", "v", "can't contain"), ("/policies/a", "x" * 4097, "maximum parameter value of 4096")],
)
def test_a_parameter_that_cannot_be_kept_is_refused(account: Account, name: str, value: str, words: str) -> None:
    with pytest.raises(AwsError, match=words):
        account.ask("ssm", "PutParameter", Name=name, Type="String", Value=value)
