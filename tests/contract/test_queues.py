"""Between every rule and intake there is a queue and a pipe: no event is lost, and nobody else gets in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.documents import machines, of_type, references, resolved


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
