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


@pytest.mark.parametrize(
    ("stat", "percent"),
    [
        ("PR(:2)", 50),
        ("PR(2:)", 50),
        ("PR(1:3)", 50),
        ("PR(0:4)", 100),
        ("PR(4:)", 0),
        ("PR(:0.5)", 0),
        ("PR(2:2.5)", 0),
    ],
)
def test_a_percentile_rank_leaves_its_lower_bound_out_and_its_upper_one_in(stat: str, percent: float) -> None:
    """Source: docs Statistics-definitions, Percentile rank."""
    account = Account()
    latencies(account, [1.0, 2.0, 3.0, 4.0])

    assert query(account, stat) == [percent]


def test_the_bins_of_a_histogram_come_to_a_hundred_percent() -> None:
    """Source: docs Statistics-definitions, "Statistics use cases", which makes a histogram of these ranges."""
    account = Account()
    latencies(account, [0.5, 1.0, 1.5, 5.0, 7.0, 10.0, 11.0], counts=[1, 2, 3, 4, 5, 6, 7])

    bins = [query(account, stat)[0] for stat in ("PR(:1)", "PR(1:5)", "PR(5:10)", "PR(10:)")]

    assert bins == pytest.approx([300 / 28, 700 / 28, 1100 / 28, 700 / 28])


def test_a_percentile_rank_over_a_long_period_is_that_of_all_its_values() -> None:
    account = Account()
    latencies(account, [10.0] * 99)
    latencies(account, [1000.0], minute=1)

    assert query(account, "PR(:500)") == [100, 0]
    assert query(account, "PR(:500)", period=120) == [99]


@pytest.mark.parametrize("stat", ["p50", "PR(:2)"])
def test_negative_values_have_neither_percentiles_nor_ranks(stat: str) -> None:
    """Source: docs Statistics-definitions, section "Requirements to use percentiles, ..."."""
    account = Account()
    latencies(account, [-1.0, 1.0, 2.0])

    assert query(account, stat) == []


@pytest.mark.parametrize("period", [120, 420, 660, 3600])
def test_any_multiple_of_a_minute_is_a_period(period: int) -> None:
    """Source: botocore MetricStat.Period."""
    account = Account()
    for minute in range(10):
        latencies(account, [1.0], minute=minute)

    assert sum(query(account, "Sum", period)) == 10
    assert query(account, "Sum", period)[0] == min(period / 60, 10)


def test_start_time_is_rounded_down_to_the_minute() -> None:
    account = Account()
    latencies(account, [1.0])
    latencies(account, [2.0], minute=1)

    assert query(account, "Sum", first=0.5, minutes=2) == [1.0, 2.0]
    assert query(account, "Sum", period=120, first=0.5, minutes=2) == [3.0]


@pytest.mark.parametrize(
    ("days", "period", "first", "sums"),
    [
        (14, 60, 7, [10.0]),
        (16, 60, 7, []),
        (16, 300, 7, [11.0]),
        (16, 420, 7, []),
        (64, 300, 7, []),
        (64, 3600, 7, [111.0]),
    ],
)
def test_the_older_the_data_the_coarser_it_is_kept(days: int, period: int, first: float, sums: list[float]) -> None:
    """Source: botocore GetMetricDataInput.StartTime and MetricStat.Period."""
    account = Account()
    latencies(account, [1.0], minute=5)
    latencies(account, [10.0], minute=7)
    latencies(account, [100.0], minute=20)
    account.wait(days * 24 * 60)

    assert query(account, "Sum", period, first=first, minutes=10) == sums


def test_more_data_points_than_one_answer_holds_are_refused_aloud() -> None:
    account = Account()
    for minute in range(1681):
        account.cloudwatch.publish("Test", "Latency", {}, START.timestamp() + 60 * minute, [1.0])
    metric = {"Namespace": "Test", "MetricName": "Latency"}
    stat = {"Metric": metric, "Period": 60, "Stat": "Sum"}

    with pytest.raises(AwsError, match="100,860 data points in pages are not simulated; up to 100,800 are"):
        account.call(
            "get_metric_data",
            StartTime=START,
            EndTime=START + timedelta(minutes=1681),
            MetricDataQueries=[{"Id": f"m{number}", "MetricStat": stat} for number in range(60)],
        )


@pytest.mark.parametrize(
    ("stat", "period"),
    [
        *(("tm99", 60), ("p101", 60), ("Sum", 10), ("Sum", 90)),
        *((f"PR({bounds})", 60) for bounds in ("", ":", "300", "2:1", "1:1", "10%:", ":x", "-1:1", "1:2:3")),
        *(("pr(:300)", 60), ("PR(:300", 60), ("PR300", 60)),
    ],
)
def test_a_statistic_or_period_that_is_not_simulated_is_refused_aloud(stat: str, period: int) -> None:
    with pytest.raises(AwsError, match="not simulated"):
        query(Account(), stat, period)
