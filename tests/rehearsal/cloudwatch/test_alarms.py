"""Alarms on the clock: when they are evaluated, what they say, and that they speak on a change of state only."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.cloudwatch import Options
from tests.rehearsal.cloudwatch.account import Account

RATE: list[dict[str, Any]] = [
    {"Id": "rate", "Expression": "IF(errors >= 3, errors / requests, 0)", "Label": "Error rate", "ReturnData": True},
    {
        "Id": "errors",
        "MetricStat": {"Metric": {"Namespace": "Test", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"},
        "ReturnData": False,
    },
    {
        "Id": "requests",
        "MetricStat": {"Metric": {"Namespace": "Test", "MetricName": "Requests"}, "Period": 60, "Stat": "Sum"},
        "ReturnData": False,
    },
]
PLAIN: dict[str, Any] = {"Namespace": None, "MetricName": None, "Statistic": None, "Period": None}


def errors(account: Account, number: float, of: float = 100) -> None:
    account.cloudwatch.publish("Test", "Errors", {}, account.clock.now, [1, 0], [number, of - number])
    account.cloudwatch.publish("Test", "Requests", {}, account.clock.now, [1], [of])


def test_a_new_alarm_has_insufficient_data_until_its_first_evaluation() -> None:
    account = Account()
    account.alarm()

    assert account.state() == "INSUFFICIENT_DATA"
    account.wait(1.5)
    assert account.state() == "OK"


def test_an_alarm_trips_within_a_period_and_a_minute_of_the_data() -> None:
    account = Account()
    account.alarm()
    account.wait(5)
    errors(account, 1)
    account.wait(2)

    assert account.state() == "ALARM"


def test_the_first_event_says_unchecked_and_carries_no_reason_data() -> None:
    account = Account()
    account.alarm()
    errors(account, 2)
    account.wait(2)

    kind, detail = account.events[-1]
    assert kind == "CloudWatch Alarm State Change"
    assert detail["previousState"] == {
        "value": "INSUFFICIENT_DATA",
        "reason": "Unchecked: Initial alarm creation",
        "timestamp": "2026-01-05T09:00:00.000+0000",
    }
    assert detail["state"]["reason"] == (
        "Threshold Crossed: 1 out of the last 1 datapoints [2.0 (05/01/26 09:00:00)] was greater than the threshold "
        "(0.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert json.loads(detail["state"]["reasonData"])["recentDatapoints"] == [2.0]
    assert detail["configuration"]["metrics"][0]["metricStat"]["metric"]["name"] == "Errors"


def test_events_and_actions_come_with_a_change_of_state_only() -> None:
    account = Account()
    account.alarm(AlarmActions=["arn:aws:sns:eu-central-1:111122223333:notices"])
    for _ in range(5):
        errors(account, 1)
        account.wait(1)
    account.wait(10)

    assert account.changes() == [("INSUFFICIENT_DATA", "ALARM"), ("ALARM", "OK")]
    assert [message["NewStateValue"] for _, message in account.actions] == ["ALARM"]


def test_an_alarm_looks_further_back_than_its_evaluation_periods_while_data_is_missing() -> None:
    account = Account()
    account.alarm()
    errors(account, 1)
    account.wait(3.5)
    assert account.state() == "ALARM"

    account.wait(1)
    assert account.state() == "OK"


def test_a_metric_math_alarm_needs_both_the_rate_and_the_number() -> None:
    account = Account()
    account.alarm(**PLAIN, Metrics=RATE, Threshold=0.05)
    for number, of in ((2, 4), (3, 100), (10, 100)):
        errors(account, number, of)
        account.wait(1)
    assert account.state() == "OK"
    account.wait(0.5)

    assert account.state() == "ALARM"
    metrics = account.events[-1][1]["configuration"]["metrics"]
    assert [(metric["id"], metric["returnData"]) for metric in metrics] == [
        ("rate", True),
        ("errors", False),
        ("requests", False),
    ]


def test_three_of_five_breaching_minutes_raise_an_alarm_that_asks_for_three_of_five() -> None:
    account = Account()
    account.alarm(EvaluationPeriods=5, DatapointsToAlarm=3)
    states = []
    for number in (1, 0, 1, 0, 1):
        errors(account, number)
        account.wait(1)
        account.wait(0)
        states.append(account.state())
    account.wait(0.5)

    assert states == ["INSUFFICIENT_DATA", "OK", "OK", "OK", "OK"]
    assert account.state() == "ALARM"


def test_a_percentile_alarm_takes_the_percentile_of_all_values_in_the_period() -> None:
    account = Account()
    account.alarm(Statistic=None, ExtendedStatistic="p99", Threshold=500)
    account.cloudwatch.publish("Test", "Errors", {}, account.clock.now, [100, 900], [980, 20])
    account.wait(1.5)

    assert account.state() == "ALARM"


def test_few_samples_decide_nothing_when_a_percentile_alarm_says_ignore() -> None:
    account = Account()
    account.alarm(Statistic=None, ExtendedStatistic="p99", Threshold=500, EvaluateLowSampleCountPercentile="ignore")
    account.cloudwatch.publish("Test", "Errors", {}, account.clock.now, [900], [999])
    account.wait(1.5)

    assert account.state() == "INSUFFICIENT_DATA"


def test_an_alarm_over_five_minutes_is_evaluated_every_minute_on_the_last_five() -> None:
    account = Account()
    account.alarm(Period=300, Threshold=9)
    account.wait(2)
    for _ in range(4):
        errors(account, 3)
        account.wait(1)
    account.wait(0.5)

    assert account.state() == "ALARM"


def test_updating_an_alarm_keeps_its_state() -> None:
    account = Account()
    account.alarm()
    errors(account, 1)
    account.wait(1.5)
    account.alarm(Threshold=50)

    assert account.state() == "ALARM"


def test_a_state_set_by_hand_lasts_until_the_next_evaluation_and_is_announced() -> None:
    account = Account()
    account.alarm()
    account.wait(1.5)
    account.call("set_alarm_state", AlarmName="errors", StateValue="ALARM", StateReason="drill")
    assert account.state() == "ALARM"
    account.wait(1)

    assert account.state() == "OK"
    assert account.changes()[1:] == [("OK", "ALARM"), ("ALARM", "OK")]


def test_configuration_changes_are_events_of_another_kind() -> None:
    account = Account()
    account.alarm()
    account.alarm(Threshold=2)
    account.call("delete_alarms", AlarmNames=["errors"])

    assert [(kind, detail["operation"]) for kind, detail in account.events] == [
        ("CloudWatch Alarm Configuration Change", operation) for operation in ("create", "update", "delete")
    ]


def test_nothing_is_evaluated_while_there_is_no_alarm() -> None:
    account = Account()
    account.alarm()
    account.call("delete_alarms", AlarmNames=["errors"])
    account.wait(2)
    stopped = account.clock.now
    account.clock.run_while(lambda: account.clock.now < stopped + 3600)

    assert account.clock.now == stopped


def test_deleting_an_unknown_alarm_is_accepted_or_refused_as_the_option_says() -> None:
    account = Account()
    account.alarm()
    account.call("delete_alarms", AlarmNames=["errors", "never-was"])
    assert account.call("describe_alarms")["MetricAlarms"] == []

    with pytest.raises(AwsError) as refusal:
        Account(options=Options(deleting_unknown_alarm="ResourceNotFound")).call("delete_alarms", AlarmNames=["x"])
    assert refusal.value.code == "ResourceNotFound"


@pytest.mark.parametrize(
    "changes",
    [
        {"Statistic": None},
        {"ExtendedStatistic": "p99"},
        {"Metrics": RATE},
        {"EvaluationPeriods": None},
        {"DatapointsToAlarm": 2},
        {"Period": 10},
        {**PLAIN, "Metrics": [query | {"ReturnData": True} for query in RATE]},
        {**PLAIN, "Metrics": RATE[:2]},
    ],
)
def test_an_alarm_that_could_not_be_evaluated_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(AwsError) as refusal:
        Account().alarm(**changes)
    assert refusal.value.code == "ValidationError"


def test_describe_alarms_pages_and_filters() -> None:
    account = Account()
    for index in range(3):
        account.alarm(f"watch-{index}")
    account.alarm("other")

    page = account.call("describe_alarms", AlarmNamePrefix="watch-", MaxRecords=2)
    rest = account.call("describe_alarms", AlarmNamePrefix="watch-", MaxRecords=2, NextToken=page["NextToken"])
    assert [alarm["AlarmName"] for alarm in page["MetricAlarms"] + rest["MetricAlarms"]] == [
        "watch-0",
        "watch-1",
        "watch-2",
    ]
    assert account.call("describe_alarms", StateValue="ALARM")["MetricAlarms"] == []
