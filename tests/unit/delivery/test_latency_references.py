from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.delivery.latency_references import references
from interlock.delivery.planner import plan_delivery
from interlock.evidence.metrics import METRICS
from interlock.model.plan import PlanDocument
from tests.unit import examples
from tests.unit.awsmodel import input_of, unfit
from tests.unit.examples import CANARY, DENIED, NOTHING_YET, SCALED_BY_STEPS, THROTTLED, answers, found, measured
from tests.unit.planned import LIKE_STABLE, asked, deliver

NEXT_DAY = "2026-01-06T09:00:00.000Z"
NO_ANSWER = "The p99 latency of stable could not be measured ("


def reference(plan: PlanDocument) -> Any:
    """What the first bake holds slow requests against."""
    rules = next(step["bake"]["rules"] for step in plan["steps"] if step["action"] == "Bake")
    return next(rule for rule in rules if rule["metric"] == "p99_latency").get("reference")


def test_before_a_plan_that_compares_latencies_stable_is_measured_over_a_day_hour_by_hour() -> None:
    plan = plan_delivery(asked(**LIKE_STABLE))
    assert (plan["decision"], plan["reason"], plan["steps"]) == ("Measure", "Accepted", [])
    dimensions = [{"Name": "EndpointName", "Value": "churn-live"}, {"Name": "VariantName", "Value": "AllTraffic"}]
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency", "Dimensions": dimensions}
    assert plan["measure"] == {
        "queries": [
            {
                "Id": "p99_latency",
                "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "p99"},
                "ReturnData": True,
            }
        ],
        "start": "2026-01-04T08:57:00.000Z",
        "end": "2026-01-05T08:57:00.000Z",
    }


def test_the_queries_about_stable_are_valid_for_cloudwatch() -> None:
    names = [name for name in METRICS if name.startswith("p")]
    rules = [{"metric": name, "margin": "25%"} for name in names]
    measure = plan_delivery(asked(evidence=rules))["measure"]
    assert [query["Id"] for query in measure["queries"]] == names
    start, end = (datetime.fromisoformat(measure[key]) for key in ("start", "end"))
    sent = {"MetricDataQueries": measure["queries"], "StartTime": start, "EndTime": end}
    assert unfit(input_of("cloudwatch", "GetMetricData"), sent) == []


@pytest.mark.parametrize(
    ("fields", "different"),
    [
        ({}, {}),
        (LIKE_STABLE, NOTHING_YET),
        (LIKE_STABLE, SCALED_BY_STEPS),
        (LIKE_STABLE | {"evidence": [examples.ERRORS_LIKE_STABLE]}, {}),
        (LIKE_STABLE | {"evidence": [{"metric": "mean_latency", "margin": "10%"}]}, {}),
        (LIKE_STABLE, {"version": THROTTLED}),
    ],
)
def test_only_what_a_rule_needs_and_a_plan_uses_is_measured(fields: dict[str, Any], different: dict[str, Any]) -> None:
    assert plan_delivery(asked(answers(**different), **fields))["decision"] != "Measure"


def test_slow_is_what_was_slow_for_stable_in_the_middle_of_its_hours() -> None:
    answer = found(measured([900_000.0, 100_000.0, 110_000.0], "p99_latency"))
    assert reference(deliver(measured=answer, **LIKE_STABLE)) == 110_000.0


@given(some.lists(some.floats(1.0, 1e9), min_size=1, max_size=24))
def test_the_middle_lies_between_as_many_hours_as_lie_above(values: list[float]) -> None:
    observed = examples.observed(measured=found(measured(values, "p99_latency")))
    middle = references(("p99_latency",), observed, NEXT_DAY)["p99_latency"]
    assert sum(value < middle for value in values) == sum(value > middle for value in values) or middle in values
    assert min(values) <= middle <= max(values)


@pytest.mark.parametrize(("hours", "middle"), [([100.0, 900.0], 100.0), ([900.0], 900.0)])
def test_an_hour_that_is_not_whole_counts_only_where_there_is_no_other(hours: list[float], middle: float) -> None:
    begun = f"2026-01-04T{len(hours):02}:02:59.000Z"
    observed = examples.observed(measured=found(measured(hours, "p99_latency")))
    assert references(("p99_latency",), observed, begun) == {"p99_latency": middle}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (found(measured([], "p99_latency")), "no requests in the last 24 h"),
        (DENIED, "SageMaker.SageMakerException: User: arn:aws:sts::111122223333:assumed-role/deliver is not auth"),
    ],
)
def test_where_stable_cannot_be_measured_the_plan_goes_on_and_warns(answer: dict[str, Any], why: str) -> None:
    plan = deliver(measured=answer, **LIKE_STABLE)
    assert plan["decision"] == "Proceed"
    (warning,) = plan["warnings"]
    assert warning.startswith(f"{NO_ANSWER}{why}")
    assert warning.endswith("); its rule cannot be judged.")
    assert not reference(plan)


def test_a_measurement_that_cloudwatch_could_not_make_just_now_is_made_again() -> None:
    plan = deliver(measured=THROTTLED, **LIKE_STABLE)
    assert (plan["decision"], plan["reason"]) == ("Wait", "AwsUnavailable")


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ({"MetricDataResults": []}, "nothing"),
        (measured([5.0], "p99_latency", StatusCode="PartialData"), "PartialData"),
        (measured([], "p99_latency", StatusCode="InternalError"), "InternalError"),
    ],
)
def test_an_answer_without_stable_or_with_a_part_of_it_is_asked_for_again(results: dict[str, Any], said: str) -> None:
    plan = deliver(measured=found(results), **LIKE_STABLE)
    assert (plan["decision"], plan["reason"]) == ("Wait", "AwsRefused")
    assert plan["why"] == f"CloudWatch answered {said} about p99_latency."


def test_an_answer_in_pages_is_one_answer() -> None:
    first = measured([900_000.0, 100_000.0], "p99_latency", StatusCode="PartialData")["MetricDataResults"]
    last = measured([110_000.0], "p99_latency")["MetricDataResults"]
    plan = deliver(measured=found({"MetricDataResults": first + last}), **LIKE_STABLE)
    assert reference(plan) == 110_000.0


def test_each_metric_has_its_own_reference_and_its_own_warning() -> None:
    rules = [{"metric": "p99_latency", "margin": "25%"}, {"metric": "p50_latency", "margin": "25%"}]
    answer = measured([5.0], "p50_latency")["MetricDataResults"] + measured([], "p99_latency")["MetricDataResults"]
    plan = deliver(measured=found({"MetricDataResults": answer}), evidence=rules, strategy=CANARY)
    assert len(plan["warnings"]) == 1
    assert plan["warnings"][0].startswith(NO_ANSWER)
