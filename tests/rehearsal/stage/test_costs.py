"""The cost of a release is counted from its executions and calls, each by the rule that AWS charges it by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.account.gateway import Call
from rehearsal.aws import Caller
from rehearsal.report import costs, prices
from rehearsal.report.prices import Cost, Price
from rehearsal.sagemaker.processing import Job
from rehearsal.services.dynamodb import Consumed
from rehearsal.states import Execution, Machine, load

PROGRAM = load({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, express=False)
STANDARD = Machine("arn:deliver", "deliver", "STANDARD", "role", PROGRAM)
EXPRESS = Machine("arn:observe", "observe", "EXPRESS", "role", PROGRAM)
HOUR = 3600.0
METRIC = {"MetricStat": {"Stat": "Sum"}}


def call(service: str, operation: str, at: float = 0.0, error: str = "", **request: Any) -> Call:
    return Call(at, Caller("role", "r1", "S"), service, operation, request, error, None if error else {})


def counted(
    *calls: Call, executions: tuple[Execution, ...] = (), consumed: tuple[Consumed, ...] = (), ended: float = HOUR
) -> dict[Price, float]:
    found = costs.costs(executions, calls, consumed, calls, ended)
    return {each.price: each.amount for each in found}


def test_a_charge_of_zero_is_left_out() -> None:
    assert counted() == {}


def test_standard_executions_cost_by_transitions_and_express_ones_by_requests_and_memory_times_duration() -> None:
    standard = Execution("r1", "r1", STANDARD, "{}", 0.0, stop=HOUR, transitions=40)
    express = Execution("o1", "o1", EXPRESS, "{}", 0.0, "r1", stop=0.84)

    assert counted(executions=(standard, express, express)) == {
        prices.TRANSITION: 40,
        prices.EXPRESS_REQUEST: 2,
        prices.EXPRESS_GB_SECOND: pytest.approx(2 * 0.9 * 64 / 1024),
    }


def test_the_example_of_the_pricing_page_comes_out_alike() -> None:
    """aws.amazon.com/step-functions/pricing: a million of 100 million executions of ten seconds and 64 MB, each GB-hour
    at the price of the first 1,000: $1.00 for requests, and 173.6 GB-hours at $0.06."""
    ten_seconds = Execution("o1", "o1", EXPRESS, "{}", 0.0, stop=10.0)

    (request, duration) = costs.costs([ten_seconds], (), (), (), HOUR)

    assert request.dollars * 1e6 == pytest.approx(1.00)
    assert duration.dollars * 1e6 == pytest.approx(173.6111 * 0.06, rel=1e-4)


def test_a_function_costs_by_request_and_by_memory_times_duration_and_nothing_when_it_was_not_called() -> None:
    invoked, refused = call("lambda", "Invoke"), call("lambda", "Invoke", error="TooManyRequestsException: no")

    assert counted(invoked, invoked, refused) == {
        prices.FUNCTION_REQUEST: 2,
        prices.FUNCTION_GB_SECOND: pytest.approx(2 * 0.080 * 0.25),
    }


def test_a_function_has_the_memory_that_the_template_gives_it() -> None:
    class Loader(yaml.SafeLoader):
        """Takes CloudFormation's short forms for plain values."""

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    text = (Path(__file__).parents[3] / "template.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader)

    function = document["Globals"]["Function"]
    assert (function["MemorySize"], function["Architectures"]) == (costs.FUNCTION_MB, ["arm64"])


def test_the_ledger_costs_what_was_metered() -> None:
    metered = Consumed("r1", write_units=2), Consumed("r1", read_units=0.5), Consumed("r1", write_units=1)

    assert counted(consumed=metered) == {prices.WRITE_UNIT: 3, prices.READ_UNIT: 0.5}


def test_a_notice_is_a_request_for_every_64_kib() -> None:
    short, long = call("sns", "Publish", Message="hello"), call("sns", "Publish", Message="x" * 65_537)

    assert counted(short, long) == {prices.NOTICE: 3}


def test_metrics_are_charged_each_time_they_are_read_and_expressions_are_free() -> None:
    read = call("cloudwatch", "GetMetricData", MetricDataQueries=[METRIC, METRIC, {"Expression": "a / b"}])

    assert counted(read, read) == {prices.METRIC_READ: 4}


def test_a_metric_that_is_written_costs_the_request_and_the_hours_in_which_it_was_written() -> None:
    veto: list[Any] = [{"MetricName": "Veto", "Value": 1.0}]
    times = 10.0, 20.0, HOUR + 10.0
    written = [call("cloudwatch", "PutMetricData", at, Namespace="Interlock", MetricData=veto) for at in times]

    assert counted(*written) == {prices.METRIC_REQUEST: 3, prices.METRIC_HOUR: 2}


@pytest.mark.parametrize(
    ("deleted", "ended", "hours"), [(90 * 60.0, 9 * HOUR, 2), (None, 3 * HOUR, 3), (9 * HOUR, HOUR, 1), (1.0, HOUR, 1)]
)
def test_an_alarm_costs_for_every_hour_begun_until_it_is_deleted_or_the_release_ends(
    deleted: float | None, ended: float, hours: int
) -> None:
    plain = call("cloudwatch", "PutMetricAlarm", AlarmName="slow", MetricName="ModelLatency")
    rate = call("cloudwatch", "PutMetricAlarm", AlarmName="rate", Metrics=[METRIC, METRIC, {"Expression": "a / b"}])
    calls = [plain, plain, rate]
    if deleted is not None:
        calls.append(call("cloudwatch", "DeleteAlarms", deleted, AlarmNames=["slow", "rate"]))

    assert counted(*calls, ended=ended) == {prices.ALARM_HOUR: hours * 3}


def test_every_price_says_where_it_stands() -> None:
    listed = [each for each in vars(prices).values() if isinstance(each, Price)]

    assert len(listed) == 12
    assert all(each.source.startswith("https://aws.amazon.com/") and each.dollars > 0 for each in listed)
    assert Cost(prices.TRANSITION, 1_000).dollars == pytest.approx(0.025)


def test_jobs_cost_each_instance_for_each_second_that_they_had_it() -> None:
    uses = [
        costs.JobUse("processing", "ml.m5.large", 2, 1800.0),
        costs.JobUse("processing", "ml.m5.large", 1, 0.4),
        costs.JobUse("training", "ml.m5.xlarge", 1, HOUR, discount=0.7),
    ]
    processing, training = costs.job_costs(uses)
    assert processing.amount == pytest.approx(1 + 1 / 3600)
    assert processing.dollars == pytest.approx(0.115 * processing.amount)
    assert training.dollars == pytest.approx(0.3 * 0.23)


def test_an_instance_type_without_a_price_says_so() -> None:
    [cost] = costs.job_costs([costs.JobUse("training", "ml.p99.large", 1, HOUR)])
    assert (cost.dollars, cost.amount) == (0.0, 1.0) and "not known" in cost.price.per


def test_a_processing_job_costs_from_its_start_and_until_now_while_it_runs() -> None:
    cluster = {"ClusterConfig": {"InstanceCount": 2, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}}
    about: dict[str, Any] = {"arn": "a", "request": {"ProcessingResources": cluster}, "created": 0.0, "modified": 0.0}
    jobs = [
        Job("waiting", **about),
        Job("runs", **about, started=180.0),
        Job("over", **about, started=180.0, ended=240.0),
    ]
    used = costs.processing_uses(jobs, now=1000.0)
    assert [(each.instances, each.seconds) for each in used] == [(2, 820.0), (2, 60.0)]
