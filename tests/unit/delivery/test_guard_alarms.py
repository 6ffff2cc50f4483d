from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.delivery.guard_alarms import GUARDED, VETO_NAMESPACE, guards, is_guarded, veto, veto_alarm
from interlock.evidence.metrics import INVOCATIONS, METRICS, RATE
from interlock.policy.document import read_policy
from tests.unit.awsmodel import input_of, unfit
from tests.unit.examples import ERRORS_LIKE_STABLE, GROUP, LATENCY_LIKE_STABLE, RELEASE, document, stage

DIMENSIONS = {"EndpointName": "churn-live", "VariantName": "churn-v7-1"}


def request(metric: str, limit: str) -> dict[str, Any]:
    rules = [{"metric": metric, "max": limit}]
    return {step.request["AlarmName"]: step.request for step in guards(RELEASE, stage(evidence=rules), DIMENSIONS)}[
        f"interlock-{RELEASE}-{metric.replace('_', '-')}"
    ]


def test_there_is_one_alarm_per_upper_limit() -> None:
    steps = guards(RELEASE, stage(), DIMENSIONS)
    assert {step.action for step in steps} == {"PutMetricAlarm"}
    assert [step.request["AlarmName"] for step in steps] == [
        "interlock-churn-v7-1-error-rate",
        "interlock-churn-v7-1-p99-latency",
    ]


def test_a_policy_without_a_rule_about_errors_is_guarded_against_them_all_the_same() -> None:
    (step,) = guards(RELEASE, stage(evidence=None), DIMENSIONS)
    assert step.request["AlarmName"] == "interlock-churn-v7-1-error-rate"
    assert step.request["Threshold"] == 0.05


def test_a_rule_about_errors_replaces_the_default() -> None:
    assert request("error_rate", "2%")["Threshold"] == 0.02


def test_a_rule_that_compares_errors_leaves_the_default_in_place() -> None:
    (step,) = guards(RELEASE, stage(evidence=[ERRORS_LIKE_STABLE, LATENCY_LIKE_STABLE]), DIMENSIONS)
    assert (step.request["AlarmName"], step.request["Threshold"]) == ("interlock-churn-v7-1-error-rate", 0.05)


@pytest.mark.parametrize(
    ("rule", "guarded"),
    [
        ({"metric": "error_rate", "max": "2%"}, True),
        ({"metric": "mean_overhead", "max": "20ms"}, True),
        ({"metric": "mean_latency", "max": "20ms"}, True),
        ({"metric": "error_rate", "margin": "50%"}, False),
        ({"metric": "p99_latency", "better_by": "5%"}, False),
        ({"metric": "cold_start", "max": "20s"}, False),
        ({"metric": "cpu", "max": 80}, False),
        ({"metric": "invocations", "min": 10}, False),
    ],
)
def test_an_alarm_acts_on_limits_of_what_is_measured_for_each_request(rule: dict[str, Any], guarded: bool) -> None:
    (read,) = stage(evidence=[rule]).evidence
    assert is_guarded(read) is guarded
    assert len(guards(RELEASE, stage(evidence=[rule]), DIMENSIONS)) == 1 + (guarded and rule["metric"] != "error_rate")


def test_no_alarm_watches_a_metric_of_the_teams_own() -> None:
    complaints = {"namespace": "Shop", "name": "Complaints", "per": "Orders", "better": "lower"}
    policy = json.loads(document(evidence=[{"metric": "complaints", "max": "1%"}]))
    read = read_policy(json.dumps(policy | {"metrics": {"complaints": complaints}}), GROUP)
    (step,) = guards(RELEASE, read.stage, DIMENSIONS)
    assert step.request["AlarmName"] == "interlock-churn-v7-1-error-rate"


def test_a_rate_counts_in_minutes_with_three_errors_and_in_two_of_three_minutes() -> None:
    alarm = request("error_rate", "2%")
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (3, 2)
    expression = alarm["Metrics"][2]
    assert expression["Expression"] == "IF(errors >= 3, average, 0)"
    assert [query["ReturnData"] for query in alarm["Metrics"]] == [False, False, True]
    stats = {query["Id"]: query["MetricStat"] for query in alarm["Metrics"][:2]}
    assert {stat["Period"] for stat in stats.values()} == {60}
    assert {stat["Metric"]["MetricName"] for stat in stats.values()} == {"Invocation5XXErrors"}
    assert {name: stat["Stat"] for name, stat in stats.items()} == {"errors": "Sum", "average": "Average"}


def test_a_latency_counts_in_three_of_three_minutes() -> None:
    alarm = request("p99_latency", "250ms")
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"], alarm["Period"]) == (3, 3, 60)
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"]) == (INVOCATIONS, "ModelLatency", 250_000)
    assert alarm["ExtendedStatistic"] == "p99"
    assert "Statistic" not in alarm


def test_a_mean_is_not_a_percentile() -> None:
    alarm = request("mean_latency", "250ms")
    assert alarm["Statistic"] == "Average"
    assert "ExtendedStatistic" not in alarm


@pytest.mark.parametrize("metric", sorted(GUARDED))
def test_a_guard_watches_only_the_candidate_has_no_actions_and_treats_missing_data_as_good(metric: str) -> None:
    alarm = request(metric, "1%" if METRICS[metric].kind is RATE else "250ms")
    seen = alarm.get("Metrics", [{"MetricStat": {"Metric": alarm}}])[0]["MetricStat"]["Metric"]
    assert {item["Name"]: item["Value"] for item in seen["Dimensions"]} == DIMENSIONS
    assert alarm["ActionsEnabled"] is False
    assert alarm["TreatMissingData"] == "notBreaching"
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert METRICS[metric].title in alarm["AlarmDescription"]
    assert unfit(input_of("cloudwatch", "PutMetricAlarm"), alarm) == []


def test_the_veto_raises_the_alarm_that_watches_it_and_only_that_releases() -> None:
    alarm, datum = veto_alarm(RELEASE).request, veto(RELEASE)
    assert alarm["Namespace"] == datum["Namespace"] == VETO_NAMESPACE
    (measured,) = datum["MetricData"]
    assert (measured["MetricName"], measured["Dimensions"]) == (alarm["MetricName"], alarm["Dimensions"])
    assert measured["Dimensions"] == [{"Name": "Release", "Value": RELEASE}]
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert measured["Value"] > alarm["Threshold"]
    assert alarm["TreatMissingData"] == "ignore"
    assert alarm["ActionsEnabled"] is False
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (60, 1)
    for operation, sent in (("PutMetricAlarm", alarm), ("PutMetricData", datum)):
        assert unfit(input_of("cloudwatch", operation), sent) == []
