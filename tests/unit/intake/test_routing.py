from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.intake.commands import Command
from interlock.intake.events.registry import EVENTS
from interlock.intake.routing import route_event
from tests.unit.intake.incoming import Detail, asked, event, routed

PACKAGE = "SageMaker Model Package State Change"


@pytest.mark.parametrize("request_", [{"action": "premote", "endpoint": "churn"}, {"action": ["abort"]}, {}])
def test_a_request_with_a_mistake_is_refused(request_: dict[str, Any]) -> None:
    command = asked(request_)
    assert (command["kind"], command["reason"]) == ("Refuse", "InputInvalid")


def test_an_event_of_an_unknown_type_is_refused_with_the_known_ones() -> None:
    command = routed("aws.sagemaker", "SageMaker Model Card State Change", {})
    assert (command["kind"], command["reason"]) == ("Refuse", "EventUnknown")
    assert PACKAGE in command["sentence"]
    assert "SageMaker Model Card State Change" in command["sentence"]


def in_queue(*bodies: str) -> list[dict[str, Any]]:
    """What a pipe hands over: its messages, as eb-pipes-sqs shows them."""
    return [
        {
            "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183"},
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-2:111122223333:my-queue",
            "awsRegion": "us-east-2",
        }
        for body in bodies
    ]


def test_an_event_means_the_same_in_a_message_of_a_queue() -> None:
    incoming = event("aws.sagemaker", PACKAGE, {"ModelPackageGroupName": "churn", "ModelPackageVersion": 7})
    assert route_event(in_queue(json.dumps(incoming))) == route_event(incoming)


@pytest.mark.parametrize("bodies", [["no JSON"], ["[]"], ["{}", "{}"], []])
def test_a_message_that_holds_no_event_is_refused(bodies: list[str]) -> None:
    command = route_event(in_queue(*bodies))
    assert (command["kind"], command["reason"]) == ("Refuse", "EventMalformed")


def test_a_known_type_from_an_unknown_source_is_refused() -> None:
    assert routed("somebody.else", PACKAGE, {})["reason"] == "EventUnknown"


@pytest.mark.parametrize("wrong", [None, 7, "approve", [], {}, {"source": "aws.sagemaker"}, {"detail": []}])
def test_something_else_than_an_event_is_refused_with_what_is_missing(wrong: Any) -> None:
    command = route_event(wrong)
    assert (command["kind"], command["reason"]) == ("Refuse", "EventMalformed")
    assert command["sentence"].startswith("Not an EventBridge event: ")


def test_a_refusal_carries_its_notice() -> None:
    notice = routed("aws.sagemaker", "SageMaker Coffee State Change", {})["notice"]
    assert notice["subject"] == "[Interlock] refused: EventUnknown"
    assert notice["body"].startswith("Refused (EventUnknown): No route for 'SageMaker Coffee State Change'")
    assert notice["body"].endswith(" Nothing was touched.")


json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)
KINDS = frozenset(
    "StartRelease RecordDecision WakeEndpoint AbortWatchers CheckPolicy Reconcile Ignore Refuse"
    " Promote Pause Resume Abort Release DryRun LiftQuarantine Weigh Freeze Unfreeze WakeRetraining"
    " RollBack Status History ListLeftovers".split()
)


def answered(command: Command) -> bool:
    return command["kind"] in KINDS and bool(command["reason"]) and bool(command["sentence"])


@given(json_values)
def test_whatever_json_comes_it_is_answered(value: Any) -> None:
    command = route_event(value)
    assert answered(command)
    json.dumps(command)


@given(
    some.sampled_from(sorted(EVENTS)),
    some.dictionaries(
        some.sampled_from(
            "ModelPackageGroupName ModelPackageVersion ModelApprovalStatus UpdatedModelPackageFields EndpointName"
            " EndpointStatus alarmName state configuration executionArn stateMachineArn name status operation group"
            " version action endpoint because bucket object ProcessingJobName ProcessingJobStatus sentence since due"
            " scheduled output currentPipelineExecutionStatus pipelineExecutionArn".split()
        ),
        json_values | some.sampled_from(["Approved", "churn", "abort", "release", "IN_SERVICE", "Update", 7]),
    ),
)
def test_whatever_detail_a_known_event_carries_it_is_answered(route: tuple[str, str], detail: Detail) -> None:
    assert answered(route_event(event(*route, detail)))


def of_account(account: object, region: object) -> dict[str, Any]:
    approved = {"ModelPackageGroupName": "churn", "ModelPackageVersion": 7, "ModelApprovalStatus": "Approved"}
    return {**event("aws.sagemaker", PACKAGE, approved), "account": account, "region": region}


@pytest.mark.parametrize(
    ("account", "region"), [("999999999999", "us-east-2"), ("111122223333", "us-west-2"), (12, "us-east-2")]
)
def test_an_event_of_another_account_or_region_concerns_nobody_here(account: object, region: object) -> None:
    command = route_event(in_queue(json.dumps(of_account(account, region))))
    assert (command["kind"], command["reason"]) == ("Ignore", "EventIrrelevant")
    assert str(account) in command["sentence"]


@pytest.mark.parametrize(("account", "region"), [("111122223333", "us-east-2"), ("", ""), (None, None)])
def test_an_event_of_here_or_one_that_does_not_say_is_read(account: object, region: object) -> None:
    command = route_event(in_queue(json.dumps(of_account(account, region))))
    assert command["kind"] != "Ignore"
