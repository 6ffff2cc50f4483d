"""Once a day the steward says what a live endpoint would lack if it had to start again; once for each finding."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from rehearsal.account.gateway import Fault
from rehearsal.world import BUCKET, IMAGE, MODEL_ROLE, World
from tests.rehearsal.stage.quiet import item, quiet_account

NAME = "interlock-digits-v1-1"


@pytest.fixture
def account() -> World:
    account = quiet_account()
    account.register("digits", "plain", "Approved")
    make_model(account)
    make_config(account)
    account.ask("sagemaker", "CreateEndpoint", EndpointName="digits", EndpointConfigName=NAME)
    live = {"model_group": {"S": "digits"}, "version": {"N": "1"}, "config": {"S": NAME}, "since": {"S": "2026"}}
    control = {"pk": {"S": "CONTROL"}, "sk": {"S": "digits"}, "live": {"M": live}}
    account.ask("dynamodb", "PutItem", TableName=account.stack.outputs["Ledger"], Item=control)
    account.clock.run(until=account.clock.now + 900)
    return account


def make_model(account: World) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/digits/1/model.tar.gz"}
    account.ask("sagemaker", "CreateModel", ModelName=NAME, PrimaryContainer=container, ExecutionRoleArn=MODEL_ROLE)


def make_config(account: World) -> None:
    variant = {"VariantName": "A", "ModelName": NAME, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    account.ask("sagemaker", "CreateEndpointConfig", EndpointConfigName=NAME, ProductionVariants=[variant])


def delete_config(account: World) -> None:
    account.ask("sagemaker", "DeleteEndpointConfig", EndpointConfigName=NAME)


def delete_model(account: World) -> None:
    account.ask("sagemaker", "DeleteModel", ModelName=NAME)


def delete_artifact(account: World) -> None:
    account.delete_artifact("digits", 1)


def review(account: World) -> list[str]:
    """The notices of a round."""
    before = len(account.gateway.journal)
    request = {"stateMachineArn": account.machine("steward"), "input": json.dumps({"upkeep": "review"})}
    account.ask("stepfunctions", "StartExecution", **request)
    account.clock.run(until=account.clock.now + 120)
    calls = account.gateway.journal[before:]
    return [call.request["Message"] for call in calls if call.operation == "Publish"]


@pytest.mark.parametrize(
    ("delete", "said"),
    [
        (delete_config, f"Its endpoint config {NAME} is gone."),
        (delete_model, f"Its model {NAME} is gone."),
        (delete_artifact, f"Its artifact s3://{BUCKET}/digits/1/model.tar.gz is gone."),
    ],
)
def test_what_is_gone_is_told_once(account: World, delete: Callable[[World], None], said: str) -> None:
    assert review(account) == []
    delete(account)
    [notice] = review(account)
    assert said in notice
    assert review(account) == []
    assert item(account, "ENDPOINT#digits", "RESTART")["found"] == said


def test_what_goes_again_is_told_again_and_what_goes_too_is_told_as_well(account: World) -> None:
    delete_config(account)
    assert len(review(account)) == 1
    make_config(account)
    assert review(account) == []
    delete_config(account)
    assert len(review(account)) == 1
    delete_artifact(account)
    [notice] = review(account)
    assert "Its endpoint config" in notice
    assert "Its artifact" in notice


def test_what_cannot_be_read_is_not_taken_for_gone(account: World) -> None:
    faults = [Fault("sagemaker", "DescribeEndpointConfig", "ThrottlingException", "Rate exceeded")]
    account.gateway.inject([*faults, Fault("s3", "HeadObject", "403", "Forbidden", status=403)])
    assert review(account) == []
