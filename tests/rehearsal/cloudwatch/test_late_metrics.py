"""Metrics that arrive late, each in its own time: what CloudWatch answers of them, and what alarms make of them."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.delivery.guard_alarms import guards
from rehearsal.cloudwatch import Options
from rehearsal.cloudwatch.metrics import Metric, Metrics, late
from tests.rehearsal.cloudwatch.account import Account
from tests.unit.examples import RELEASE, stage

NAMESPACE = "AWS/SageMaker"
MINUTE, FIRST = 60.0, 6000.0


def shown(name: str, age: float, values: list[float], counts: list[float] | None, stat: str) -> float | None:
    """What is shown of a minute's values so many seconds after its end."""
    metric = Metric.of(NAMESPACE, name, {})
    metrics = Metrics(late(lambda: FIRST + MINUTE + age))
    metrics.add(metric, FIRST, values, counts)
    return metrics.datapoint(metric, stat, FIRST, FIRST + MINUTE)


def share(name: str, **dimensions: str) -> float:
    """Which share of the third minute is shown of a metric."""
    return late(lambda: FIRST + MINUTE + 130)(Metric.of(NAMESPACE, name, dimensions), FIRST)


def test_of_the_last_two_minutes_there_is_nothing_and_of_the_third_a_part_of_each_metric_another() -> None:
    assert [shown("Invocations", age, [1], [100], "Sum") for age in (0, 119, 180, 600)] == [None, None, 100, 100]
    parts = {shown(name, 120, [1], [100], "Sum") for name in map(str, range(20))}
    assert parts == {25, 50, 75, 100}


def test_of_each_kind_of_value_the_first_one_is_shown_first() -> None:
    early = next(name for name in map(str, range(20)) if share(name) == 0.25)
    assert shown(early, 120, [1, 0], [1, 99], "Sum") == 1
    assert shown(early, 120, [1, 0], [1, 99], "SampleCount") == 26
    assert shown(early, 120, [4.0, 9.0, 9.0, 9.0, 9.0], None, "Sum") == 13


def test_metrics_are_there_at_once_unless_a_scenario_asks_otherwise() -> None:
    account = Account()
    account.cloudwatch.publish("Test", "Errors", {}, account.clock.now, [1])
    account.alarm()
    account.wait(2)
    assert account.state() == "ALARM"


@pytest.mark.parametrize("arrive", ["at once", "late"])
def test_a_minute_of_which_a_part_is_shown_raises_no_guard_by_itself(arrive: Any) -> None:
    """One minute of three has too many errors; the guard asks for two. All errors of the newest minute may be there,
    and a quarter of its requests."""
    variant = next(
        name
        for name in map(str, range(1000))
        if share("Invocations", EndpointName="churn", VariantName=name) == 0.25
        and share("Invocation5XXErrors", EndpointName="churn", VariantName=name) == 1.0
    )
    dimensions = {"EndpointName": "churn", "VariantName": variant}
    (guard,) = guards(RELEASE, stage(evidence=[{"metric": "error_rate", "max": "5%"}]), dimensions)
    account = Account(options=Options(metrics_arrive=arrive))
    account.call("put_metric_alarm", **guard.request)
    for number in range(30):
        wrong = 4 if number % 3 else 6
        account.cloudwatch.publish(NAMESPACE, "Invocations", dimensions, account.clock.now, [1], [100])
        account.cloudwatch.publish(
            NAMESPACE, "Invocation5XXErrors", dimensions, account.clock.now, [1, 0], [wrong, 100 - wrong]
        )
        account.wait(1)
    assert [detail["state"]["value"] for kind, detail in account.events if "State" in kind] == ["OK"]


def test_an_answer_in_pages_has_a_part_of_each_query_and_then_the_rest() -> None:
    account = Account(options=Options(metric_data="pages"))
    begin = account.clock.now
    for number in range(3):
        account.cloudwatch.publish("Test", "Errors", {}, account.clock.now, [number])
        account.wait(1)
    stat = {"Metric": {"Namespace": "Test", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"}
    asked = {
        "MetricDataQueries": [{"Id": "errors", "MetricStat": stat}],
        "StartTime": account.clock.datetime(begin),
        "EndTime": account.clock.datetime(),
    }
    first = account.call("get_metric_data", **asked)
    last = account.call("get_metric_data", **asked, NextToken=first["NextToken"])
    found = [(each["StatusCode"], each["Values"]) for page in (first, last) for each in page["MetricDataResults"]]
    assert found == [("PartialData", [2, 1]), ("Complete", [0])]
    assert "NextToken" not in last
