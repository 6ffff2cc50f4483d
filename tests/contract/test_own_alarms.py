"""The stack's own alarms: where Interlock itself fails, a person hears of it at the first failure, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.documents import of_type, references

Properties = dict[str, Any]

ALARMS = {name: alarm["Properties"] for name, alarm in of_type("AWS::CloudWatch::Alarm").items()}
FAILURES = {name: alarm for name, alarm in ALARMS.items() if alarm["MetricName"] == "ExecutionsFailed"}
QUEUES = {name: alarm for name, alarm in ALARMS.items() if alarm["Namespace"] == "AWS/SQS"}

UNAWAITED = {"IntakeMachine", "StewardMachine", "CleanMachine", "ReviewMachine", "MonitorMachine", "RespondMachine"}
"""Machines that nobody waits for and whose failure shows nowhere else. A release or a retraining sends a notice of its
end, and who calls a machine synchronously gets its error."""


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_tells_people(name: str) -> None:
    """An alarm without an action changes its colour, and nobody looks at it."""
    alarm = ALARMS[name]

    assert references(alarm.get("AlarmActions", [])) == {"NoticesTopic"}
    assert alarm.get("ActionsEnabled", True) is True


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_is_silent_while_nothing_happens(name: str) -> None:
    """A machine that does not run and a queue without messages report nothing (docs: AlarmThatSendsEmail)."""
    assert ALARMS[name]["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("name", FAILURES)
def test_one_failure_is_enough(name: str) -> None:
    assert fires_at(FAILURES[name], "Sum", [1.0])
    assert not fires_at(FAILURES[name], "Sum", [0.0])


def test_every_machine_that_nobody_waits_for_has_an_alarm_of_its_name() -> None:
    watched = {name: references(alarm["Dimensions"]) for name, alarm in FAILURES.items()}

    assert watched == {machine.replace("Machine", "FailuresAlarm"): {machine} for machine in UNAWAITED}


@pytest.mark.parametrize("name", QUEUES)
def test_an_alarm_of_a_queue_tells_what_lies_there_and_not_what_passes_through(name: str) -> None:
    """A dead letter has come to stay. In a queue before intake something is there whenever an event comes; only if it
    is never empty for five minutes nobody reads it."""
    (queue,) = references(QUEUES[name]["Dimensions"])
    if queue == "DeadLetters":
        assert fires_at(QUEUES[name], "Maximum", [1.0])
    else:
        assert fires_at(QUEUES[name], "Minimum", [1.0] * 5)
        assert not fires_at(QUEUES[name], "Minimum", [1.0, 1.0, 0.0, 1.0, 1.0])


def fires_at(alarm: Properties, statistic: str, minutes: list[float]) -> bool:
    """Whether these values of the statistic, one a period, raise the alarm."""
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == (statistic, "GreaterThanThreshold")
    needed = alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
    return sum(value > alarm["Threshold"] for value in minutes[-alarm["EvaluationPeriods"] :]) >= needed


def test_the_topic_takes_alarms_of_this_account_only() -> None:
    """CloudWatch would publish for the alarm of anybody who knows the topic's ARN (docs: sns,
    sns-access-policy-use-cases)."""
    (policy,) = of_type("AWS::SNS::TopicPolicy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]

    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert references(statement["Condition"]["StringEquals"]["aws:SourceAccount"]) == {"AWS::AccountId"}
