from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.validate import ParamValidator

from interlock.monitoring.plan import MonitorPlan
from tests.unit.awsmodel import input_of, unfit
from tests.unit.monitoring.watched import ACCURACY, BY_CLARIFY, FAIRNESS, INPUTS, REASONS, config, inputs, planned, task

REQUEST = input_of("sagemaker", "CreateProcessingJob")
SETUPS: list[dict[str, Any]] = [
    {},
    {"monitoring": {"instances": 4}},
    {"package": {}, "monitoring": {"training_data": "s3://monitoring/training-data/churn/"}},
    {"group": "churn", "endpoint": "e" * 63},
]


@pytest.mark.parametrize("monitor", [INPUTS, ACCURACY, FAIRNESS, BY_CLARIFY, REASONS], ids=lambda each: each["kind"])
@pytest.mark.parametrize("different", SETUPS, ids=["plain", "parts", "baseline", "long name"])
def test_a_request_is_what_aws_takes(monitor: dict[str, Any], different: dict[str, Any]) -> None:
    (run,) = planned(monitor, **different)["runs"]
    request = run["request"]
    report = ParamValidator().validate(request, REQUEST)
    assert not report.has_errors(), report.generate_report()
    assert unfit(REQUEST, request) == []
    paths = [each["S3Input"]["LocalPath"] for each in request["ProcessingInputs"]]
    names = [each["InputName"] for each in request["ProcessingInputs"]]
    assert len(set(paths)) == len(paths)
    assert len(set(names)) == len(names)


def test_a_job_says_whose_it_is() -> None:
    tags = {tag["Key"]: tag["Value"] for tag in planned(INPUTS)["runs"][0]["request"]["Tags"]}
    assert tags == {
        "interlock:stack": "interlock",
        "interlock:group": "churn",
        "interlock:version": "7",
        "interlock:endpoint": "churn-live",
        "interlock:monitor": "inputs",
    }


def test_the_program_reads_its_config_where_the_plan_puts_it() -> None:
    plan = planned(INPUTS)
    (run,) = plan["runs"]
    assert run["objects"][0]["Bucket"] == "monitoring"
    assert f"s3://monitoring/{run['objects'][0]['Key']}" == inputs(plan)["config"] + "config.json"
    assert run["program"]["Key"] == f"runs/{run['name']}/files/program.json"
    assert "/input/config/program.json" in run["request"]["AppSpecification"]["ContainerEntrypoint"][-1]
    assert config(plan) == {
        "kind": "data_quality",
        "task": "run",
        "monitor": "inputs",
        "endpoint": "churn-live",
        "version": 7,
        "window": {"start": "2026-01-05T09:00:00Z", "end": "2026-01-05T10:00:00Z"},
        "columns": ["tenure", "contract"],
        "min_records": 200,
        "settings": {"significance": 0.005},
        "baseline_files": {
            "statistics.json": "statistics/statistics.json",
            "constraints.json": "constraints/constraints.json",
        },
    }


def test_a_job_reads_the_capture_of_its_window_only() -> None:
    assert (
        inputs(planned(INPUTS))["capture/AllTraffic"] == "s3://monitoring/capture/churn-live/AllTraffic/2026/01/05/09/"
    )
    assert (
        inputs(planned(FAIRNESS))["capture/AllTraffic"] == "s3://monitoring/capture/churn-live/AllTraffic/2026/01/04/"
    )


def test_a_folder_of_interlocks_own_is_never_empty() -> None:
    keys = [each["Key"] for each in planned(ACCURACY)["runs"][0]["objects"]]
    assert keys[1:] == [
        "capture/churn-live/AllTraffic/2026/01/02/placeholder.json",
        "labels/churn/2026/01/placeholder.json",
    ]


def test_a_foreign_bucket_is_not_written_to() -> None:
    foreign = task()["endpoint_config"]
    foreign["DataCaptureConfig"]["DestinationS3Uri"] = "s3://theirs/deep/down/"
    plan = planned(INPUTS, endpoint_config=foreign)
    assert inputs(plan)["capture/AllTraffic"] == "s3://theirs/deep/down/churn-live/AllTraffic/2026/01/05/09/"
    assert len(plan["runs"][0]["objects"]) == 1


def test_labels_are_read_from_the_month_of_the_window_to_now() -> None:
    late = planned(ACCURACY, now="2026-02-01T00:05:00Z")
    assert [uri for path, uri in inputs(late).items() if path.startswith("labels/")] == [
        "s3://monitoring/labels/churn/2026/01/",
        "s3://monitoring/labels/churn/2026/02/",
    ]


def network(plan: MonitorPlan) -> bool:
    return bool(plan["runs"][0]["request"]["NetworkConfig"]["EnableNetworkIsolation"])


def test_only_a_job_that_calls_the_model_has_a_network() -> None:
    assert [network(planned(each)) for each in (INPUTS, ACCURACY, FAIRNESS, REASONS)] == [True, True, True, False]
    assert planned(REASONS)["runs"][0]["request"]["Environment"] == {"AWS_DEFAULT_REGION": "us-east-1"}


def test_a_job_may_take_as_long_as_its_calls() -> None:
    slow = planned(REASONS | {"model_calls": 43_200, "per_second": 1})["runs"][0]["request"]
    assert slow["StoppingCondition"]["MaxRuntimeInSeconds"] == 4 * 3600 + 2 * 43_200
    assert unfit(REQUEST, slow) == []


def test_names_differ_by_what_they_stand_for_and_fit() -> None:
    names = [
        planned(monitor | {"name": name}, endpoint=endpoint, now=now)["runs"][0]["name"]
        for monitor in (INPUTS, FAIRNESS)
        for name in ("a" * 31, "a" * 30 + "b")
        for endpoint in ("e" * 63, "e" * 62 + "f")
        for now in ("2026-01-05T10:05:00Z", "2026-01-06T11:05:00Z")
    ]
    assert len(set(names)) == len(names) == 16
    assert all(re.fullmatch(r"interlock-[a-zA-Z0-9](-*[a-zA-Z0-9]){0,52}", name) for name in names)
