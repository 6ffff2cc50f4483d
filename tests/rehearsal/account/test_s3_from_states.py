"""What a state machine and a template do to buckets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.aws import AwsError, Caller
from rehearsal.stack.intrinsics import TemplateError
from rehearsal.states import Execution
from tests.rehearsal.account.conftest import Account

BUCKET = "monitoring"
TRUST = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
MAY = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def ran(account: Account, action: str, arguments: Any, **more: Any) -> Execution:
    """An execution of one call of S3."""
    role = account.iam.put_role("machine", {"Statement": TRUST}).arn
    account.iam.put_policy(role, "s3", {"Statement": MAY})
    task = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:s3:{action}", "Arguments": arguments, "End": True}
    states = {"Call": {**task, **more}}
    if "Catch" in more:
        states["Caught"] = {"Type": "Succeed", "Output": "caught"}
    definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "Call", "States": states})
    name = f"m{len(account.states.executions)}"
    made = account.ask("stepfunctions", "CreateStateMachine", name=name, definition=definition, roleArn=role)
    account.ask("stepfunctions", "StartExecution", stateMachineArn=made["stateMachineArn"], input="{}")
    account.let_pass(60)
    return account.states.executions[-1]


def read(account: Account, key: str) -> bytes:
    return bytes(account.ask("s3", "GetObject", Bucket=BUCKET, Key=key)["Body"])


@pytest.fixture
def bucket(account: Account) -> Account:
    account.ask("s3", "CreateBucket", Bucket=BUCKET)
    return account


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ("text data", b'"text data"'),
        ("two\nlines\u00e4", b'"two\\nlines\xc3\xa4"'),
        ({"Dict": "Value"}, b'{"Dict":"Value"}'),
        (False, b"false"),
        (0, b"0"),
    ],
)
def test_a_machine_puts_the_json_of_a_body_even_of_a_text(bucket: Account, body: Any, stored: bytes) -> None:
    """Recorded on AWS (localstack/localstack, test_s3_put_object)."""
    assert ran(bucket, "putObject", {"Bucket": BUCKET, "Key": "k", "Body": body}).status == "SUCCEEDED"
    assert read(bucket, "k") == stored


def test_a_machine_reads_the_body_as_text(bucket: Account) -> None:
    bucket.ask("s3", "PutObject", Bucket=BUCKET, Key="k", Body=b'{"violations": []}')
    execution = ran(bucket, "getObject", {"Bucket": BUCKET, "Key": "k", "Range": "bytes=0-12"})
    answer = json.loads(execution.output or "")
    assert (answer["Body"], answer["ContentRange"]) == ('{"violations"', "bytes 0-12/18")


def test_a_range_that_cuts_a_character_in_two_is_still_text(bucket: Account) -> None:
    bucket.ask("s3", "PutObject", Bucket=BUCKET, Key="k", Body="aä".encode())
    execution = ran(bucket, "getObject", {"Bucket": BUCKET, "Key": "k", "Range": "bytes=0-1"})
    assert json.loads(execution.output or "")["Body"] == "a\ufffd"


def test_an_object_over_256_kib_fails_the_state_even_if_little_of_it_goes_on(bucket: Account) -> None:
    bucket.ask("s3", "PutObject", Bucket=BUCKET, Key="k", Body=b"x" * 300_000)
    wanted = {"Bucket": BUCKET, "Key": "k"}
    whole = ran(bucket, "getObject", wanted, Output="{% $states.result.ContentLength %}")
    assert whole.error == "States.DataLimitExceeded"
    part = ran(bucket, "getObject", {**wanted, "Range": "bytes=0-99999"}, Output="{% $states.result.ContentLength %}")
    assert json.loads(part.output or "") == 100_000


def test_what_is_not_there_has_the_name_that_a_catcher_knows(bucket: Account) -> None:
    catch = [{"ErrorEquals": ["S3.NoSuchKeyException"], "Next": "Caught"}]
    execution = ran(bucket, "getObject", {"Bucket": BUCKET, "Key": "missing"}, Catch=catch)
    assert json.loads(execution.output or "") == "caught"


TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Store:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: store
      NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: %s}}
      LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 30}]}
  StorePolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Store
      PolicyDocument:
        Statement:
          - {Effect: Deny, Principal: "*", Action: "s3:PutObject", Resource: !Sub "${Store.Arn}/closed/*"}
Outputs:
  Name: {Value: !Ref Store}
"""


def deployed(account: Account, folder: Path, text: str) -> str:
    (folder / "template.yaml").write_text(text)
    return str(account.deploy(folder / "template.yaml").outputs["Name"])


@pytest.mark.parametrize(("switch", "told"), [("true", 1), ("false", 0)])
def test_a_template_switches_the_events_of_a_bucket(account: Account, tmp_path: Path, switch: str, told: int) -> None:
    name = deployed(account, tmp_path, TEMPLATE % switch)
    account.ask("s3", "PutObject", Bucket=name, Key="k", Body=b"")
    assert [event["detail-type"] for event in account.events.published] == ["Object Created"] * told


def test_a_template_closes_a_bucket(account: Account, tmp_path: Path) -> None:
    name = deployed(account, tmp_path, TEMPLATE % "true")
    role = account.iam.put_role("writer", {"Statement": TRUST}).arn
    account.iam.put_policy(role, "s3", {"Statement": MAY})
    account.gateway.call(Caller(role), "s3", "PutObject", {"Bucket": name, "Key": "open/k", "Body": b""})
    with pytest.raises(AwsError, match="explicit deny"):
        account.gateway.call(Caller(role), "s3", "PutObject", {"Bucket": name, "Key": "closed/k", "Body": b""})


def test_notifications_to_anything_but_eventbridge_are_not_simulated(account: Account, tmp_path: Path) -> None:
    text = TEMPLATE.replace("{EventBridgeConfiguration: {EventBridgeEnabled: %s}}", "{QueueConfigurations: []}")
    with pytest.raises(TemplateError, match="QueueConfigurations"):
        deployed(account, tmp_path, text)
