"""Metric data in and out: statistics, percentiles, periods and holes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.cloudwatch import Options
from tests.rehearsal.cloudwatch.account import START, Account


def query(account: Account, stat: str, period: int = 60, minutes: int = 10, **more: Any) -> list[float]:
    metric = {"Namespace": "Test", "MetricName": "Latency", "Dimensions": [{"Name": "Variant", "Value": "a"}]}
    answer = account.call(
        "get_metric_data",
        StartTime=START + timedelta(minutes=more.pop("first", 0)),
        EndTime=START + timedelta(minutes=minutes),
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}],
        ScanBy="TimestampAscending",
    )
    return list(answer["MetricDataResults"][0]["Values"])


def latencies(account: Account, values: list[float], minute: float = 0, counts: list[float] | None = None) -> None:
    account.cloudwatch.publish("Test", "Latency", {"Variant": "a"}, START.timestamp() + 60 * minute, values, counts)


def test_a_percentile_over_a_long_period_is_that_of_all_its_values_not_of_its_minutes() -> None:
    account = Account()
    latencies(account, [10.0] * 99)
    latencies(account, [1000.0], minute=1)

    assert query(account, "p99") == [10.0, 1000.0]
    assert query(account, "p99", period=300) == [10.0]
    assert query(account, "p100", period=300) == [1000.0]


def test_values_with_counts_weigh_as_often_as_they_occurred() -> None:
    account = Account()
    latencies(account, [0, 1], counts=[97, 3])

    assert query(account, "Average") == [0.03]
    assert query(account, "Sum") == [3]
    assert query(account, "SampleCount") == [100]
    assert query(account, "p97") == [0]
    assert query(account, "p98") == [1]


def test_a_minute_without_data_has_no_point() -> None:
    account = Account()
    latencies(account, [5.0])
    latencies(account, [7.0], minute=3)

    assert query(account, "Maximum") == [5.0, 7.0]


def test_dimensions_must_all_match() -> None:
    account = Account()
    account.cloudwatch.publish("Test", "Latency", {"Variant": "a", "Config": "b"}, START.timestamp(), [1])

    assert query(account, "Sum") == []


def test_the_last_period_ends_before_the_end_time() -> None:
    account = Account()
    latencies(account, [1.0], minute=4)
    latencies(account, [2.0], minute=5)

    assert query(account, "Sum", minutes=5) == [1.0]


@pytest.mark.parametrize(("start_at", "sums"), [("StartTime", [11.0]), ("clock", [1.0, 10.0])])
def test_long_periods_begin_at_start_time_or_on_the_clock_as_the_option_says(start_at: Any, sums: list[float]) -> None:
    account = Account(options=Options(periods_start_at=start_at))
    latencies(account, [1.0], minute=3)
    latencies(account, [10.0], minute=6)

    assert query(account, "Sum", period=300, first=3, minutes=8) == sums


def test_newest_comes_first_unless_asked_otherwise() -> None:
    account = Account()
    account.call("put_metric_data", Namespace="Test", MetricData=[{"MetricName": "Veto", "Value": 1.0}])
    account.wait(1)
    account.call("put_metric_data", Namespace="Test", MetricData=[{"MetricName": "Veto", "Value": 2.0}])
    metric = {"Namespace": "Test", "MetricName": "Veto"}
    answer = account.call(
        "get_metric_data",
        StartTime=START,
        EndTime=START + timedelta(minutes=5),
        MetricDataQueries=[
            {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
            {"Id": "twice", "Expression": "m * 2", "Label": "Twice"},
        ],
    )

    (result,) = answer["MetricDataResults"]
    assert (result["Id"], result["Label"], result["Values"]) == ("twice", "Twice", [4.0, 2.0])
    assert result["Timestamps"] == [START + timedelta(minutes=1), START]


def test_statistic_sets_have_no_percentile_unless_all_values_are_equal() -> None:
    account = Account()
    known = {"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 4.0}
    where = {"MetricName": "Latency", "Dimensions": [{"Name": "Variant", "Value": "a"}], "StatisticValues": known}
    account.call("put_metric_data", Namespace="Test", MetricData=[where])

    assert query(account, "Average") == [2.5]
    assert query(account, "p50") == []


@pytest.mark.parametrize(("stat", "period"), [("tm99", 60), ("p101", 60), ("Sum", 10)])
def test_a_statistic_or_period_that_is_not_simulated_is_refused_aloud(stat: str, period: int) -> None:
    with pytest.raises(AwsError, match="not simulated"):
        query(Account(), stat, period)
