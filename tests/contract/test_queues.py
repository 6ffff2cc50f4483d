"""Between every rule and intake there is a queue and a pipe: no event is lost, and nobody else gets in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.contract.documents import machines, of_type, references, resolved, template


def _queue_of(rule: str) -> str:
    """The queue that takes the events of a rule."""
    (target,) = of_type("AWS::Events::Rule")[rule]["Properties"]["Targets"]
    (queue,) = references(target["Arn"]) & set(of_type("AWS::SQS::Queue"))
    return queue


def _pipe_from(queue: str) -> dict[str, Any]:
    """The properties of the one pipe that reads a queue."""
    pipes = [pipe["Properties"] for pipe in of_type("AWS::Pipes::Pipe").values()]
    (pipe,) = [pipe for pipe in pipes if queue in references(pipe["Source"])]
    return pipe


@pytest.mark.parametrize("rule", of_type("AWS::Events::Rule"))
def test_every_rule_goes_through_the_one_door(rule: str) -> None:
    """Everything that happens enters by the same machine, so that it is claimed and explained in one place. It waits in
    a queue until that machine has succeeded: it is called synchronously, with one event."""
    pipe = _pipe_from(_queue_of(rule))
    machine = {"StepFunctionStateMachineParameters": {"InvocationType": "REQUEST_RESPONSE"}}

    assert references(pipe["Target"]) == {"IntakeMachine"}
    assert pipe["TargetParameters"] == machine
    assert pipe["SourceParameters"] == {"SqsQueueParameters": {"BatchSize": 1}}


def test_alarms_wait_behind_nothing_else() -> None:
    alarms = _queue_of("AlarmRule")

    assert [rule for rule in of_type("AWS::Events::Rule") if _queue_of(rule) == alarms] == ["AlarmRule"]


@pytest.mark.parametrize("queue", sorted({_queue_of(rule) for rule in of_type("AWS::Events::Rule")}))
def test_a_queue_takes_events_from_its_own_rules_only(queue: str) -> None:
    rules = {rule for rule in of_type("AWS::Events::Rule") if _queue_of(rule) == queue}
    (policy,) = [
        policy["Properties"]["PolicyDocument"]
        for policy in of_type("AWS::SQS::QueuePolicy").values()
        if queue in references(policy["Properties"]["Queues"])
    ]
    (statement,) = policy["Statement"]

    assert (statement["Effect"], statement["Action"]) == ("Allow", "sqs:SendMessage")
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert references(statement["Resource"]) == {queue}
    named = references(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) & set(of_type("AWS::Events::Rule"))
    assert named == rules


def test_pipes_are_who_assumes_their_role_and_for_no_other_pipe() -> None:
    names = {resolved(pipe["Properties"]["Name"]) for pipe in of_type("AWS::Pipes::Pipe").values()}
    (statement,) = of_type("AWS::IAM::Role")["PipesRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Principal"] == {"Service": "pipes.amazonaws.com"}
    assert references(statement["Condition"]["StringEquals"]["aws:SourceAccount"]) == {"AWS::AccountId"}
    arns = [resolved(arn) for arn in statement["Condition"]["ArnEquals"]["aws:SourceArn"]]
    assert {arn.rpartition(":pipe/")[2] for arn in arns} == names


def test_a_message_stays_hidden_longer_than_intake_may_take() -> None:
    """Otherwise an event would be acted on twice at a time. AWS advises six times as long (docs: eb-pipes-sqs)."""
    longest = machines()["IntakeMachine"].definition["TimeoutSeconds"]
    hidden = {
        name: queue["Properties"].get("VisibilityTimeout", 30) for name, queue in of_type("AWS::SQS::Queue").items()
    }

    assert hidden["EventsQueue"] >= 6 * longest
    assert hidden["AlarmsQueue"] > longest


LONGEST_RETRY = {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86_400}
"""The most that EventBridge allows (docs: eventbridge/latest/userguide/eb-rule-retry-policy)."""

LONGEST_KEPT = 1_209_600
"""Seconds: 14 days, the most that SQS allows (docs: SetQueueAttributes, MessageRetentionPeriod)."""


@pytest.mark.parametrize("rule", of_type("AWS::Events::Rule"))
def test_eventbridge_tries_as_long_as_it_can_to_bring_an_event(rule: str) -> None:
    """An event that it gives up is a dead letter, and waits for a person. A queue that is throttled comes back by
    itself."""
    (target,) = of_type("AWS::Events::Rule")[rule]["Properties"]["Targets"]

    assert target["RetryPolicy"] == LONGEST_RETRY


@pytest.mark.parametrize("schedule", of_type("AWS::Scheduler::Schedule"))
def test_a_round_that_could_not_start_is_tried_again_but_not_after_the_next_ones(schedule: str) -> None:
    """One throttled call must not be a dead letter. What comes after two more rounds has nothing to add."""
    retry = of_type("AWS::Scheduler::Schedule")[schedule]["Properties"]["Target"]["RetryPolicy"]

    assert retry["MaximumRetryAttempts"] >= 1
    assert retry["MaximumEventAgeInSeconds"] <= 2 * _round()


def test_the_steward_comes_as_often_as_the_pages_promise() -> None:
    """What a lost event would have told is seen within one round: five minutes (docs/architecture.md)."""
    assert _round() <= 300


def _round() -> int:
    """Seconds between two rounds of the steward, unless somebody asks for another rate."""
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", template()["Parameters"]["StewardRate"]["Default"])
    assert rate
    return int(rate[1]) * {"minute": 60, "hour": 3600, "day": 86_400}[rate[2]]


@pytest.mark.parametrize("name", {_queue_of(rule) for rule in of_type("AWS::Events::Rule")})
def test_an_outage_of_two_hours_makes_no_dead_letters(name: str) -> None:
    """Each time that intake fails, the message comes again after its VisibilityTimeout."""
    queue = of_type("AWS::SQS::Queue")[name]["Properties"]

    assert queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"] >= 2 * 3600
    assert references(queue["RedrivePolicy"]["deadLetterTargetArn"]) == {"DeadLetters"}


def test_messages_are_kept_as_long_as_sqs_can() -> None:
    """Over holidays nobody may look. In the dead-letter queue the time counts from when the message was first sent
    (docs: sqs-dead-letter-queues), so no queue may keep it for less."""
    kept = {
        name: queue["Properties"].get("MessageRetentionPeriod") for name, queue in of_type("AWS::SQS::Queue").items()
    }

    assert set(kept.values()) == {LONGEST_KEPT}
