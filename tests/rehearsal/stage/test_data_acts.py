"""Acts that bring data, in a whole account."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from rehearsal.models import customers
from rehearsal.scenario.acts import Step
from rehearsal.world import ACCOUNT, World, new_world

HOUR_BEGINS = datetime(2026, 1, 5, 10, tzinfo=UTC)
DRIFTED = {
    "feature_name": "monthly_charge",
    "constraint_check_type": "baseline_drift_check",
    "description": "Baseline drift distance: 0.85 exceeds threshold: 0.1",
}


@pytest.fixture(scope="module")
def world() -> World:
    world = new_world(datetime(2026, 1, 5, 9, tzinfo=UTC), 7, {})
    world.clock.run((HOUR_BEGINS + timedelta(minutes=12)).timestamp())
    return world


def play(world: World, **act: Any) -> None:
    step: Any = TypeAdapter(Step).validate_python({"at": "0s", **act})
    step.perform(world, Path())


def read(world: World, key: str, bucket: str = "") -> str:
    return str(world.ask("s3", "GetObject", Bucket=bucket or world.monitoring_bucket(), Key=key)["Body"].decode())


def test_what_model_monitor_found_is_in_its_file_its_list_its_job_and_its_event(world: World) -> None:
    events = len(world.bus.published)
    play(world, monitor_found={"endpoint": "churn", "schedule": "hourly", "violations": [DRIFTED, DRIFTED]})
    key = "model-monitor/churn/hourly/2026/01/05/10/constraint_violations.json"
    assert json.loads(read(world, key)) == {"violations": [DRIFTED, DRIFTED]}
    wanted = {"EndpointName": "churn", "StatusEquals": "CompletedWithViolations"}
    [run] = world.ask("sagemaker", "ListMonitoringExecutions", **wanted)["MonitoringExecutionSummaries"]
    assert (run["MonitoringScheduleName"], run["MonitoringType"]) == ("hourly", "DataQuality")
    assert run["ScheduledTime"] == HOUR_BEGINS
    job = world.ask("sagemaker", "DescribeProcessingJob", ProcessingJobName=run["ProcessingJobArn"].rpartition("/")[2])
    assert job["ProcessingJobStatus"] == "Completed"
    assert job["ExitMessage"] == "CompletedWithViolations: Job completed successfully with 2 violations."
    assert job["MonitoringScheduleArn"].endswith("monitoring-schedule/hourly")
    [arrived, event] = world.bus.published[events:]
    assert (arrived["detail-type"], arrived["detail"]["object"]["key"]) == ("Object Created", key)
    assert event["detail-type"] == "SageMaker Processing Job State Change"
    assert event["resources"] == [run["ProcessingJobArn"]] and event["detail"]["ProcessingJobStatus"] == "Completed"


def test_a_run_that_found_nothing_says_so(world: World) -> None:
    play(world, monitor_found={"endpoint": "calm", "type": "ModelBias"})
    [run] = world.ask("sagemaker", "ListMonitoringExecutions", EndpointName="calm")["MonitoringExecutionSummaries"]
    assert run["MonitoringExecutionStatus"] == "Completed"
    key = "model-monitor/calm/schedule/2026/01/05/10/constraint_violations.json"
    assert json.loads(read(world, key)) == {"version": "1.0", "violations": []}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"MonitoringTypeEquals": "ModelQuality"}, 1),
        ({"MonitoringTypeEquals": "DataQuality"}, 0),
        ({"MonitoringScheduleName": "other"}, 0),
        ({"LastModifiedTimeAfter": HOUR_BEGINS}, 1),
        ({"LastModifiedTimeAfter": HOUR_BEGINS + timedelta(hours=1)}, 0),
        ({"ScheduledTimeBefore": HOUR_BEGINS - timedelta(hours=1)}, 0),
    ],
)
def test_the_list_of_runs_can_be_narrowed(world: World, wanted: dict[str, Any], found: int) -> None:
    name = f"narrowed-{len(world.sagemaker.monitoring.runs)}"
    play(world, monitor_found={"endpoint": name, "type": "ModelQuality", "violations": [{}]})
    answer = world.ask("sagemaker", "ListMonitoringExecutions", EndpointName=name, **wanted)
    assert len(answer["MonitoringExecutionSummaries"]) == found


def test_the_list_of_runs_has_pages_newest_first(world: World) -> None:
    for schedule in ("one", "two", "three"):
        play(world, monitor_found={"endpoint": "paged", "schedule": schedule})
        world.clock.run(world.clock.now + 3600)
    pages = [world.ask("sagemaker", "ListMonitoringExecutions", EndpointName="paged", MaxResults=2)]
    token = pages[0]["NextToken"]
    pages.append(
        world.ask("sagemaker", "ListMonitoringExecutions", EndpointName="paged", MaxResults=2, NextToken=token)
    )
    runs = [each["MonitoringScheduleName"] for page in pages for each in page["MonitoringExecutionSummaries"]]
    assert runs == ["three", "two", "one"] and "NextToken" not in pages[1]


def test_training_data_and_any_text_can_be_put(world: World) -> None:
    play(world, put_object={"key": "training-data/churn/new.csv", "customers": 50, "drift": "prices"})
    play(world, put_object={"key": "note", "text": "hello", "bucket": f"models-{ACCOUNT}"})
    assert read(world, "training-data/churn/new.csv").encode() == customers.make_training_csv(50, 11, "prices")
    assert read(world, "note", f"models-{ACCOUNT}") == "hello"


def test_a_drift_that_nobody_knows_is_an_error_with_a_hint() -> None:
    with pytest.raises(ValidationError, match="did you mean prices"):
        TypeAdapter(Step).validate_python({"at": "0s", "put_object": {"key": "k", "drift": "price"}})
