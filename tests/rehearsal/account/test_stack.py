from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rehearsal.stack import TemplateError
from rehearsal.stack.intrinsics import Scope, parameter_values, resolve
from rehearsal.stack.translation import translate
from tests.rehearsal.account.conftest import REGION, Account


def write(folder: Path, resources: dict[str, Any], **more: Any) -> Path:
    path = folder / "template.yaml"
    path.write_text(json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources, **more}))
    return path


def test_an_event_goes_through_rule_machine_function_and_table_as_the_template_says(account: Account) -> None:
    stack = account.deploy()
    arrival = {"Source": "doors", "DetailType": "Arrival", "Detail": '{"name": "Ada"}'}
    [told] = account.ask("events", "PutEvents", Entries=[arrival])["Entries"]
    account.let_pass(10)
    [execution] = account.states.executions
    assert (execution.status, json.loads(execution.output or "")) == ("SUCCEEDED", "Good morning, Ada")
    assert json.loads(execution.input) == {"name": "Ada", "because": f"event {told['EventId']}"}
    [item] = account.ask("dynamodb", "Scan", TableName=stack.ref("Ledger"))["Items"]
    assert item["text"] == {"S": "Good morning, Ada"}


@pytest.mark.parametrize(
    ("sid", "refused"),
    [
        ("Greet", "lambda:InvokeFunction"),
        ("Remember", "dynamodb:PutItem"),
        ("ReadLedgerKey", "kms:Decrypt"),
        ("StartWelcome", "states:StartExecution"),
        ("WriteOwnLog", "logs:CreateLogStream"),
    ],
)
def test_every_grant_is_needed_and_its_absence_is_seen(account: Account, sid: str, refused: str) -> None:
    account.deploy()
    [(role, statement)] = [(r, s) for r, s in account.iam.statements() if s.sid == sid]
    account.iam.remove(role, statement)
    account.events.emit("doors", "Arrival", {"name": "Ada"}, [])
    account.let_pass(10)
    assert any(f"not authorized to perform: {refused}" in call.error for call in account.gateway.journal)


def test_what_was_granted_in_vain_is_found(account: Account) -> None:
    account.deploy()
    account.events.emit("doors", "Arrival", {"name": "Ada"}, [])
    account.let_pass(10)
    unused = {grant.sid for grant in account.iam.unused() if "Stumble" not in grant.role}
    assert unused == {"NeverUsed"}


def test_outputs_and_resources_exist_as_their_conditions_say(
    account: Account, another: Callable[[int], Account]
) -> None:
    without = account.deploy()
    assert "MailGoesTo" not in without.outputs
    assert "NoticesByMail" not in without.resources
    assert account.ask("ssm", "GetParameter", Name="/interlock/shop/greeting")["Parameter"]["Value"] == "in person"
    second = another(7)
    with_mail = second.deploy(parameters={"Email": "ops@example.com"})
    assert with_mail.outputs["MailGoesTo"] == "ops@example.com"
    assert "NoticesByMail" in with_mail.resources
    assert second.ask("ssm", "GetParameter", Name="/interlock/shop/greeting")["Parameter"]["Value"] == "by mail"


def test_the_same_stack_has_the_same_names_every_time(account: Account, another: Callable[[int], Account]) -> None:
    first, second = account.deploy(), another(7).deploy()
    assert {key: each.ref for key, each in first.resources.items()} == {
        key: each.ref for key, each in second.resources.items()
    }


def test_a_translation_is_kept_beside_the_build_and_used_again(tmp_path: Path) -> None:
    path = write(tmp_path, {"Queue": {"Type": "AWS::SQS::Queue"}})
    first = translate(path, {}, REGION)
    [kept] = (tmp_path / ".aws-sam" / "rehearsal").iterdir()
    assert json.loads(kept.read_text()) == first == translate(path, {}, REGION)


TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}}


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        ({"Bus": {"Type": "AWS::Events::EventBus"}}, "Bus: resources of type AWS::Events::EventBus are not simulated"),
        (
            {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Nothing"}}}},
            "Nothing is neither a parameter nor a resource",
        ),
        (
            {
                "A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": ["B", "QueueName"]}}},
                "B": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::GetAtt": ["A", "TopicName"]}}},
            },
            "circular dependency between resources: A, B",
        ),
        (
            {
                "Q": {"Type": "AWS::SQS::Queue"},
                "T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": ["Q", "Colour"]}}},
            },
            "Q has no attribute Colour here; it has Arn, QueueName, QueueUrl",
        ),
        (
            {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Base64": "x"}}}},
            "Fn::Base64 is not evaluated here",
        ),
        (
            {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v", "Coulour": "red"}}},
            'Unknown parameter in input: "Coulour"',
        ),
        (
            {
                "M": {
                    "Type": "AWS::StepFunctions::StateMachine",
                    "Properties": {
                        "RoleArn": {"Fn::GetAtt": ["R", "Arn"]},
                        "Definition": {"Comment": "to ${Somewhere}"},
                    },
                },
                "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
            },
            "${Somewhere}, which DefinitionSubstitutions does not give",
        ),
        (
            {
                "M": {
                    "Type": "AWS::StepFunctions::StateMachine",
                    "Properties": {
                        "RoleArn": {"Fn::GetAtt": ["R", "Arn"]},
                        "Definition": {},
                        "LoggingConfiguration": {"Level": "ERROR"},
                    },
                },
                "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
            },
            "The state machine IAM Role is not authorized to access the Log Destination",
        ),
        (
            {
                "R": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {
                        "AssumeRolePolicyDocument": TRUST,
                        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
                    },
                },
            },
            "managed policy arn:aws:iam::aws:policy/AdministratorAccess is not known here",
        ),
    ],
)
def test_what_cannot_be_deployed_says_which_resource_and_why(
    account: Account, tmp_path: Path, resources: dict[str, Any], words: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        account.deploy(write(tmp_path, resources))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"Emial": "x"}, "parameter Emial is not in the template; it has Days, Email"),
        ({"Email": "nobody"}, "parameter Email is 'nobody', which does not match"),
        ({"Email": "a@b", "Days": "8"}, "parameter Days is '8', which is none of 7, 30"),
        ({}, "parameter Email has no default and was not given"),
    ],
)
def test_parameters_are_checked_by_name(given: dict[str, str], words: str) -> None:
    declared = {
        "Email": {"Type": "String", "AllowedPattern": ".+@.+"},
        "Days": {"Type": "Number", "Default": 30, "AllowedValues": [7, 30]},
    }
    with pytest.raises(TemplateError, match=words.replace("?", r"\?")):
        parameter_values(declared, given)


SCOPE = Scope(
    parameters={"Stage": "prod", "Names": ["a", "b"]},
    conditions={
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, True]},
    },
    mappings={"Sizes": {"prod": {"count": 2}}},
    ref=lambda name: f"<{name}>",
    attribute=lambda name, attribute: f"<{name}.{attribute}>",
)


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"Ref": "Stage"}, "prod"),
        ({"Ref": "Table"}, "<Table>"),
        ({"Fn::GetAtt": "Table.Arn"}, "<Table.Arn>"),
        ({"Fn::Sub": "${Stage}-${Table}-${Table.Arn}-${!Literal}"}, "prod-<Table>-<Table.Arn>-${Literal}"),
        ({"Fn::Sub": ["${x}/${Stage}", {"x": {"Ref": "Table"}}]}, "<Table>/prod"),
        ({"Fn::Join": [",", {"Ref": "Names"}]}, "a,b"),
        ({"Fn::Select": ["1", {"Ref": "Names"}]}, "b"),
        ({"Fn::Select": [0, {"Fn::Split": ["-", "x-y"]}]}, "x"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "count"]}, 2),
        ({"Fn::If": ["IsProd", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Both", {"Fn::Not": [{"Condition": "IsProd"}]}, "no"]}, False),
        ({"a": {"Fn::If": ["IsProd", {"Ref": "AWS::NoValue"}, 1]}, "b": 2}, {"b": 2}),
        ([{"Ref": "AWS::NoValue"}, 1], [1]),
    ],
)
def test_intrinsic_functions(value: Any, result: Any) -> None:
    assert resolve(value, SCOPE) == result
