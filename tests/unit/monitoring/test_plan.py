from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.execution.monitors import plan_monitors
from interlock.monitoring.past_runs import run_key
from interlock.monitoring.plan import MOST_RUNS
from tests.unit.monitoring.watched import (
    ACCURACY,
    BY_CLARIFY,
    CLARIFY_IMAGE,
    FAIRNESS,
    INPUTS,
    REASONS,
    config,
    document,
    inputs,
    planned,
    ran,
    task,
)

NINE = "2026-01-05T09:00:00Z"
SECOND = "2026-01-02T00:00:00Z"


def windows(*monitors: dict[str, Any], **different: Any) -> list[tuple[str, str, int]]:
    return [(run["monitor"], run["window"], run["attempt"]) for run in planned(*monitors, **different)["runs"]]


def test_a_window_runs_once_it_is_over_and_its_capture_has_arrived() -> None:
    assert windows(INPUTS) == [("inputs", NINE, 1)]
    assert windows(INPUTS, now="2026-01-05T10:04:59Z") == [("inputs", "2026-01-05T08:00:00Z", 1)]


@pytest.mark.parametrize("status", ["Started", "Completed", "CompletedWithViolations", "Failed", "TooThin"])
def test_a_window_runs_once(status: str) -> None:
    plan = planned(INPUTS, runs=[ran("inputs", NINE, status, "2026-01-05T10:05:00Z")])
    assert plan["runs"] == []
    assert "inputs: the window from 2026-01-05 09:00 UTC was begun already" in plan["nothing"]


def test_a_run_whose_job_could_not_be_created_is_planned_again_under_its_name() -> None:
    before = planned(INPUTS)["runs"][0]
    after = planned(INPUTS, runs=[ran("inputs", NINE, "NotStarted", "2026-01-05T10:05:00Z")])["runs"][0]
    assert (after["name"], after["key"]) == (before["name"], before["key"])


def test_a_window_that_began_under_another_version_never_runs() -> None:
    live = {"version": "7", "since": "2026-01-05T09:20:00Z", "config": "c"}
    plan = planned(INPUTS, live=live)
    assert plan["runs"] == []
    assert (
        "the window from 2026-01-05 09:00 UTC began before the live version served, at 2026-01-05 09:20"
        in plan["nothing"]
    )
    assert windows(INPUTS, live=live, now="2026-01-05T11:05:00Z") == [("inputs", "2026-01-05T10:00:00Z", 1)]


def test_model_quality_waits_for_its_labels() -> None:
    assert windows(ACCURACY) == [("accuracy", SECOND, 1)]
    assert config(planned(ACCURACY))["settings"]["labels"]["last_chance"] is False


def waiting(*created: str, now: str) -> list[tuple[str, str, int]]:
    runs = [ran("accuracy", SECOND, "WaitingForLabels", at) for at in created]
    return [each for each in windows(ACCURACY, now=now, runs=runs) if each[1] == SECOND]


def test_labels_that_miss_are_asked_for_again_each_day() -> None:
    assert waiting("2026-01-05T00:06:00Z", now="2026-01-06T00:05:00Z") == []
    assert waiting("2026-01-05T00:06:00Z", now="2026-01-06T00:06:00Z") == [("accuracy", SECOND, 2)]
    assert waiting("2026-01-05T00:06:00Z", "2026-01-06T00:06:00Z", now="2026-01-06T09:00:00Z") == []


def test_labels_of_a_version_that_is_not_live_any_more_are_not_awaited() -> None:
    past = [ran("accuracy", SECOND, "WaitingForLabels", "2026-01-05T00:06:00Z")]
    live = {"version": "8", "since": "2026-01-02T00:00:01Z", "config": "c"}
    assert windows(ACCURACY, now="2026-01-06T00:10:00Z", runs=past, live=live) == [
        ("accuracy", "2026-01-03T00:00:00Z", 1)
    ]


def test_in_the_end_there_is_one_last_chance() -> None:
    past = [ran("accuracy", SECOND, "WaitingForLabels", "2026-01-07T12:00:00Z")]
    plan = planned(ACCURACY, now="2026-01-08T00:00:00Z", runs=past)
    assert (plan["runs"][0]["window"], plan["runs"][0]["attempt"]) == (SECOND, 2)
    assert config(plan)["settings"]["labels"]["last_chance"] is True
    assert waiting("2026-01-07T12:00:00Z", "2026-01-08T00:00:00Z", now="2026-01-12T00:00:00Z") == []


def test_a_repeated_window_writes_beside_the_first_attempt() -> None:
    past = [ran("accuracy", SECOND, "WaitingForLabels", "2026-01-05T00:06:00Z")]
    first, again = planned(ACCURACY)["runs"][0], planned(ACCURACY, now="2026-01-06T01:00:00Z", runs=past)["runs"][0]
    uris = [run["request"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] for run in (first, again)]
    assert uris[0] == "s3://monitoring/results/churn-live/accuracy/2026/01/02/00"
    assert uris[1] == f"{uris[0]}/attempt-2"
    assert first["name"] != again["name"]
    assert first["key"] != again["key"]


def test_one_pass_starts_a_few_jobs_and_says_which_come_later() -> None:
    more = [INPUTS | {"name": f"inputs-{n}"} for n in range(5)]
    plan = planned(*more)
    assert len(plan["runs"]) == MOST_RUNS
    assert plan["notes"] == ["inputs-3, inputs-4: after the first 3 jobs, in the next pass"]


def test_without_a_baseline_one_is_made_from_the_training_data() -> None:
    plan = planned(FAIRNESS, package={}, monitoring={"training_data": "s3://monitoring/training-data/churn/"})
    (run,) = plan["runs"]
    assert (run["task"], run["window"]) == ("baseline", "baseline-v7-bias")
    assert inputs(plan)["training"] == "s3://monitoring/training-data/churn/"
    assert config(plan)["task"] == "baseline"
    assert (
        run["request"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
        == "s3://monitoring/baselines/churn/7/bias"
    )


def test_two_monitors_of_a_kind_share_one_baseline_job() -> None:
    plan = planned(
        INPUTS, INPUTS | {"name": "again"}, package={}, monitoring={"training_data": "s3://monitoring/training-data/"}
    )
    assert [run["window"] for run in plan["runs"]] == ["baseline-v7-data_quality"]


@pytest.mark.parametrize(
    ("status", "said"),
    [("Started", "its baseline is being made"), ("Failed", "makes its baseline failed; it is tried again")],
)
def test_a_baseline_that_is_not_there_yet_is_waited_for(status: str, said: str) -> None:
    plan = planned(INPUTS, package={}, runs=[ran("inputs", "baseline-v7-data_quality", status, "2026-01-05T10:00:00Z")])
    assert said in plan["nothing"]


def test_a_baseline_that_was_made_is_read_from_its_folder() -> None:
    made = [ran("inputs", "baseline-v7-data_quality", "Completed", "2026-01-05T09:00:00Z")]
    plan = planned(INPUTS, package={}, runs=made)
    assert inputs(plan)["baseline"] == "s3://monitoring/baselines/churn/7/data_quality/"


def test_a_baseline_that_failed_is_tried_again_after_a_day_under_another_name() -> None:
    data = {"training_data": "s3://monitoring/training-data/churn/"}
    first = planned(INPUTS, package={}, monitoring=data)["runs"][0]
    failed = [ran("inputs", "baseline-v7-data_quality", "Failed", "2026-01-05T10:00:00Z")]
    assert planned(INPUTS, package={}, monitoring=data, runs=failed)["runs"] == []
    (again,) = planned(INPUTS, package={}, monitoring=data, runs=failed, now="2026-01-06T10:00:00Z")["runs"]
    assert again["window"] == first["window"]
    assert (again["name"], again["key"]) != (first["name"], first["key"])


def test_a_monitor_that_cannot_run_is_named_and_one_that_only_waits_is_not() -> None:
    assert [each["monitor"] for each in planned(INPUTS, package={})["idle"]] == ["inputs"]
    assert planned(INPUTS)["idle"] == []
    made = [ran("inputs", "baseline-v7-data_quality", "Started", "2026-01-05T10:00:00Z")]
    assert planned(INPUTS, package={}, runs=made)["idle"] == []
    nothing = task(INPUTS)["endpoint_config"] | {"DataCaptureConfig": {}}
    assert "captures nothing" in planned(INPUTS, endpoint_config=nothing)["idle"][0]["sentence"]


def test_without_any_baseline_the_plan_says_what_is_missing() -> None:
    said = "version 7 brings no baseline for data_quality, and the policy names no training_data"
    assert said in planned(INPUTS, package={})["nothing"]


@pytest.mark.parametrize(
    ("statuses", "idle"),
    [
        (["TooThin"] * 25, ["inputs"]),
        (["TooThin"] * 23, []),
        (["TooThin"] * 24 + ["Completed"], []),
        (["Completed", *["TooThin"] * 25, "Started"], ["inputs"]),
    ],
    ids=["for a day", "for less", "but not the last", "and one still runs"],
)
def test_that_every_run_of_a_day_was_too_thin_is_said(statuses: list[str], idle: list[str]) -> None:
    last = datetime(2026, 1, 5, 9, 5, tzinfo=UTC)
    times = [(last - timedelta(hours=hours)).isoformat() for hours in reversed(range(len(statuses)))]
    runs = [ran("inputs", at, status, at) for at, status in zip(times, statuses, strict=True)]
    assert [each["monitor"] for each in planned(INPUTS, runs=runs)["idle"]] == idle


def test_metrics_of_the_package_stand_in_for_missing_baselines_but_are_not_mixed_with_them() -> None:
    metrics = {"Bias": {"Report": {"S3Uri": "s3://models/7/report.json"}}}
    plan = planned(FAIRNESS, package={"ModelMetrics": metrics})
    assert inputs(plan)["baseline/analysis"] == "s3://models/7/report.json"
    assert config(plan)["baseline_files"] == {"analysis.json": "analysis/report.json"}
    pre = {"Bias": {"PreTrainingConstraints": {"S3Uri": "s3://models/7/pre.json"}}}
    both = planned(FAIRNESS, package={"DriftCheckBaselines": pre, "ModelMetrics": metrics})
    assert config(both)["baseline_files"] == {"pre_training.json": "pre_training/pre.json"}


def test_what_lies_beside_an_explained_baseline_is_brought_too() -> None:
    explained = {"Explainability": {"Constraints": {"S3Uri": "s3://models/7/explained/own.json"}}}
    plan = planned(REASONS, package={"DriftCheckBaselines": explained}, now="2026-01-06T00:05:00Z")
    assert inputs(plan)["baseline/analysis"] == "s3://models/7/explained/"
    assert config(plan)["baseline_files"] == {"analysis.json": "analysis/own.json"}


def test_a_large_capture_is_summarised_in_parts_that_are_merged() -> None:
    several = {"instances": 4}
    plan = planned(INPUTS, monitoring=several)
    (first,) = plan["runs"]
    capture = next(each for each in first["request"]["ProcessingInputs"] if each["InputName"] == "capture-0")
    assert capture["S3Input"]["S3DataDistributionType"] == "ShardedByS3Key"
    assert first["request"]["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 4
    written = f"s3://monitoring/runs/{first['name']}/summaries"
    assert first["request"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] == written
    begun = ran("inputs", NINE, "Completed", "2026-01-05T10:05:00Z", task="summarise") | {"job": first["name"]}
    again = planned(INPUTS, monitoring=several, runs=[begun])
    (merge,) = again["runs"]
    assert (merge["task"], merge["attempt"]) == ("merge", 1)
    assert inputs(again)["summaries"] == f"{written}/"
    assert merge["request"]["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 1
    assert merge["name"] != first["name"]
    merged = ran("inputs", NINE, "Started", "2026-01-05T10:30:00Z", task="merge")
    assert planned(INPUTS, monitoring=several, runs=[begun, merged])["runs"] == []


DAY = "2026-01-04T00:00:00Z"


def step(task: str, said: str = "", status: str = "Completed", monitor: dict[str, Any] = BY_CLARIFY) -> Any:
    """What follows a job of a run with Clarify's container; None if nothing does."""
    tasks = ("prepare", "analyse", "judge")
    past = [
        ran("fairness", DAY, "Completed", f"2026-01-05T0{hour}:06:00Z", task=name, said="Completed: ready.")
        | {"job": f"{name}-job"}
        for hour, name in enumerate(tasks[: tasks.index(task) + 1])
    ]
    past[-1] |= {"status": status, "said": said}
    runs = planned(monitor, monitoring={"instances": 4}, now="2026-01-05T09:10:00Z", runs=past)["runs"]
    return runs[0] if runs else None


def test_clarifys_container_works_between_two_jobs_of_the_program() -> None:
    several = planned(BY_CLARIFY, monitoring={"instances": 4})
    (prepare,) = several["runs"]
    assert (prepare["task"], inputs(several)["capture/AllTraffic"][-11:]) == ("prepare", "2026/01/04/")
    analyse = step("prepare", "Completed: 2592 records were read.")
    assert analyse["request"]["AppSpecification"] == {"ImageUri": CLARIFY_IMAGE}
    assert analyse["request"]["NetworkConfig"] == {"EnableNetworkIsolation": False}
    assert [(each["InputName"], each["S3Input"]["S3Uri"]) for each in analyse["request"]["ProcessingInputs"]] == [
        ("analysis_config", "s3://monitoring/runs/prepare-job/summaries/config/analysis_config.json"),
        ("dataset", "s3://monitoring/runs/prepare-job/summaries/dataset/"),
    ]
    (output,) = analyse["request"]["ProcessingOutputConfig"]["Outputs"]
    assert output["OutputName"] == "analysis_result"
    judge = step("analyse")
    assert (judge["task"], judge["attempt"], judge["key"]) == ("judge", 1, run_key("fairness", DAY))
    assert len({prepare["key"], analyse["key"], judge["key"]}) == 3
    found = {each["InputName"]: each["S3Input"]["S3Uri"] for each in judge["request"]["ProcessingInputs"]}
    assert found["summaries"] == "s3://monitoring/runs/prepare-job/summaries/"
    assert found["analysis"] == "s3://monitoring/runs/analyse-job/summaries/"
    assert step("judge", status="") is None


def test_a_folder_in_which_clarify_wrote_nothing_does_not_look_like_too_little_traffic() -> None:
    keys = {each["Key"] for each in step("analyse")["objects"]}
    assert "runs/analyse-job/summaries/placeholder.json" in keys


@pytest.mark.parametrize("said", ["NothingToAnalyse: Only 3 of 3 records have a prediction.", ""])
def test_what_cannot_be_analysed_is_judged_at_once(said: str) -> None:
    judge = step("prepare", said)
    assert judge["task"] == "judge"
    assert "analysis" not in {each["InputName"] for each in judge["request"]["ProcessingInputs"]}


def test_a_container_that_the_policy_names_no_more_is_not_started() -> None:
    assert step("prepare", "Completed: ready.", monitor=FAIRNESS)["task"] == "judge"


@pytest.mark.parametrize("task_", ["prepare", "analyse"])
@pytest.mark.parametrize("status", ["Failed", "Stopped", "Started"])
def test_nothing_follows_a_job_that_did_not_end_well(task_: str, status: str) -> None:
    assert step(task_, "Completed: ready.", status) is None


def test_the_end_of_a_run_is_recorded_at_the_job_that_judged_it() -> None:
    """``respond`` knows the run by its folder; otherwise the merge would look open for ever, and crowd out others."""
    begun = ran("inputs", NINE, "Completed", "2026-01-05T10:05:00Z", task="summarise", key=f"{NINE}#inputs#1#summarise")
    first = planned(INPUTS, monitoring={"instances": 4})["runs"][0]
    (merge,) = planned(INPUTS, monitoring={"instances": 4}, runs=[begun])["runs"]
    assert (first["key"], merge["key"]) == (begun["key"], run_key("inputs", NINE, 1))


def test_a_part_that_failed_is_told_as_the_run_of_its_window() -> None:
    """And not as one of the hour in which it was found, which the run of that hour needs for itself."""
    parts = [
        ran("inputs", NINE, "Started", "2026-01-05T11:05:00Z", task="summarise", key=f"{NINE}#inputs#2#summarise"),
        ran("inputs", "baseline-v7-bias", "Started", "2026-01-05T11:05:01Z", task="baseline", key="baseline-v7-bias#1"),
    ]
    assert [(each["judges"], each["output"]) for each in planned(INPUTS, runs=parts)["look"]] == [
        (False, "s3://monitoring/results/churn-live/inputs/2026/01/05/09/attempt-2"),
        (False, ""),
    ]


def test_a_job_whose_end_was_not_heard_is_looked_for() -> None:
    runs = [
        ran("inputs", NINE, "Started", "2026-01-05T09:35:00Z"),
        ran("new", NINE, "Started", "2026-01-05T09:35:01Z"),
        ran("over", NINE, "Completed", "2026-01-05T09:00:00Z"),
        ran("odd", NINE, "Started", "yesterday"),
    ]
    assert planned(INPUTS, runs=runs)["look"] == [
        {"job": f"{name}-job", "monitor": name, "key": "", "judges": True, "output": ""} for name in ("odd", "inputs")
    ]


@pytest.mark.parametrize(
    ("different", "said"),
    [
        ({"now": "soon"}, "now: 'soon' is not an ISO 8601 time"),
        ({"document": "[]"}, "The policy of churn is not valid: line 1, column 1: the document must be a mapping"),
        ({"document": document()}, "The policy of churn names no monitors"),
        ({"live": {}}, "No version is known to be live"),
        ({"live": {"version": "7", "since": "once"}}, "No version is known to be live"),
        ({"endpoint_config": {}}, "Endpoint churn-live captures nothing; hosting.data_capture takes effect with"),
        ({"endpoint_config": {"DataCaptureConfig": {"EnableCapture": False}}}, "captures nothing"),
    ],
)
def test_what_stands_in_the_way_is_said(different: dict[str, Any], said: str) -> None:
    plan = planned(INPUTS, **different)
    assert plan["runs"] == []
    assert said in plan["nothing"]


def test_more_variants_than_a_job_can_read_are_refused_in_words() -> None:
    config_ = task(INPUTS)["endpoint_config"] | {"ProductionVariants": [{"VariantName": f"v{n}"} for n in range(8)]}
    assert "a job takes at most 10 inputs, and this one needs 11" in planned(INPUTS, endpoint_config=config_)["nothing"]


def test_the_same_facts_give_the_same_plan() -> None:
    assert json.dumps(planned(INPUTS, ACCURACY)) == json.dumps(planned(INPUTS, ACCURACY))


@given(
    some.lists(
        some.fixed_dictionaries(
            {
                "monitor": some.sampled_from(["inputs", "accuracy", "reasons"]),
                "window": some.sampled_from([NINE, SECOND, "2026-01-04T00:00:00Z", "x"]),
                "status": some.sampled_from(
                    ["Started", "Completed", "WaitingForLabels", "Failed", "NotStarted", "New"]
                ),
                "created_at": some.datetimes().map(lambda at: at.isoformat()) | some.just("?"),
                "task": some.sampled_from(["run", "summarise", "merge", "prepare", "analyse", "judge"]),
            }
        ),
        max_size=8,
    ),
    some.integers(0, 28),
    some.sampled_from([1, 3]),
)
def test_whatever_was_run_no_run_is_planned_twice(runs: list[dict[str, str]], day: int, instances: int) -> None:
    plan = plan_monitors(
        task(
            INPUTS,
            ACCURACY,
            REASONS,
            runs=runs,
            now=f"2026-01-{day + 1:02d}T10:05:00Z",
            monitoring={"instances": instances},
        )
    )
    keys = [run["key"] for run in plan["runs"]]
    names = [run["name"] for run in plan["runs"]]
    assert len(keys) <= MOST_RUNS
    assert len(set(keys)) == len(keys) == len(set(names))
    assert bool(plan["nothing"]) == (not keys)


def test_a_monitor_that_is_limited_by_the_model_runs_on_one_instance() -> None:
    (run,) = planned(REASONS, monitoring={"instances": 4})["runs"]
    assert (run["task"], run["request"]["ProcessingResources"]["ClusterConfig"]["InstanceCount"]) == ("run", 1)
