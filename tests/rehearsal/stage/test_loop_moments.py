"""What is news is told; what is like the time before is counted, and nothing is lost from the count."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.account.gateway import Call
from rehearsal.aws import Caller
from rehearsal.report.loop_moments import News, of_drift, pipeline_moment, step_moment, subjects, window
from rehearsal.report.result import Moment
from rehearsal.report.timeline import moment_of_call, moment_of_event
from rehearsal.report.watching import TrafficDrift, Violated
from tests.rehearsal.stage.synthetic import START
from tests.rehearsal.stage.watched import HOUR, decision, run

PIPELINE = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn-train"


def told(moment: Moment | None) -> str:
    return moment.text if moment else ""


def test_runs_like_the_one_before_are_counted_and_told_with_the_next_that_is_not() -> None:
    news = News()
    texts = [told(news.of_run(run(hour, charge))) for hour, charge in enumerate([0.02, 0.03, 0.02, 0.4, 0.5])]

    assert texts == [
        "monitor inputs, 09:00 to 10:00: found nothing in 720 records",
        "",
        "",
        "monitor inputs, 12:00 to 13:00: 1 violation: charge, after 2 more runs that found nothing",
        "",
    ]
    assert [(each.at, each.text, each.endpoint) for each in news.rest(START)] == [
        (START, "monitor inputs: 1 more run found the same (charge)", "churn")
    ]


def test_another_feature_another_monitor_and_another_status_are_news() -> None:
    news = News()
    other = run(1, 0.4, violations=(Violated("missing_column_check", "age"),))
    thin = run(2, status="TooThin", sentence="3 records are there.", violations=())
    every = [run(0, 0.4), other, run(0, 0.4, monitor="more"), run(0, 0.4, endpoint="digits"), thin]

    assert all(told(news.of_run(each)) for each in every)
    assert told(news.of_run(run(3))) and news.rest(0.0) == []


@given(st.lists(st.sampled_from([0.02, 0.4]), min_size=1, max_size=40))
def test_every_run_is_told_or_counted(charges: list[float]) -> None:
    news = News()
    moments = [news.of_run(run(hour, charge)) for hour, charge in enumerate(charges)]
    texts = [each.text for each in moments if each] + [each.text for each in news.rest(0.0)]
    counted = sum(int(text.split(" more run")[0].split()[-1]) for text in texts if " more run" in text)

    assert sum(each is not None for each in moments) + counted == len(charges)


def test_decisions_that_say_something_new_are_told() -> None:
    news = News()
    decisions = [
        decision(0.0),
        decision(1.0, "ignore", "DriftNotConfirmed"),
        decision(2.0, "retrain", "RemedyChosen"),
        decision(3.0, "ignore", "Cooldown"),
        decision(4.0, "ignore", "Cooldown"),
        decision(5.0, "ignore", "AlreadyTold"),
        decision(6.0, "ignore", "Cooldown", group="digits"),
    ]

    assert [told(news.of_decision(each)) for each in decisions] == [
        "",
        "churn: do nothing (DriftNotConfirmed). Because of DriftNotConfirmed.",
        "churn: retrain (RemedyChosen). Because of RemedyChosen.",
        "churn: do nothing (Cooldown). Because of Cooldown.",
        "",
        "",
        "digits: do nothing (Cooldown). Because of Cooldown.",
    ]


def test_a_decision_is_news_again_after_a_clean_run_and_not_after_one_that_says_as_before() -> None:
    news = News()
    reasons = ["Cooldown", "Coalesced", "Cooldown", "NoViolations", "Cooldown"]
    moments = [news.of_decision(decision(0.0, "ignore", reason)) for reason in reasons]

    assert [each is not None for each in moments] == [True, False, False, False, True]


def call(service: str, operation: str, error: str = "", **request: Any) -> Call:
    return Call(5.0, Caller("role", "arn:execution"), service, operation, request, error, {})


def put(sk: str, **document: Any) -> Call:
    item = {"pk": {"S": "GROUP#churn"}, "sk": {"S": sk}, "document": {"S": json.dumps(document)}}
    return call("dynamodb", "PutItem", Item=item)


def test_the_gate_and_the_end_of_a_retraining_are_told_from_the_ledger() -> None:
    judged = moment_of_call(
        put("VERDICT#x", version=2, champion=1, verdict="Reject", reason="GateFailed", sentence="So.")
    )
    ended = moment_of_call(put("RETRAINING#x", name="churn-1", reason="GateFailed", version=2, failed=False))
    broken = moment_of_call(
        put("RETRAINING#x", name="churn-1", reason="RetrainingFailed", sentence="It broke.", failed=True)
    )

    assert judged and judged.text == "churn version 2 against version 1: rejected by the gate (GateFailed). So."
    assert judged.good is False and judged.kind == "gate" and judged.source == "arn:execution"
    assert ended and ended.text == "churn-1 ends GateFailed with version 2" and ended.good is None
    assert broken and broken.text == "churn-1 ends RetrainingFailed. It broke." and broken.good is False


def test_a_retraining_begins_when_its_machine_is_started() -> None:
    arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:interlock-"
    begun = moment_of_call(call("stepfunctions", "StartExecution", stateMachineArn=f"{arn}retrain", name="churn-1"))

    assert begun and (begun.kind, begun.text) == ("retrain", "churn-1 starts")
    assert moment_of_call(call("stepfunctions", "StartExecution", stateMachineArn=f"{arn}respond", name="x")) is None


def test_the_same_signal_told_twice_is_no_refusal_and_a_missing_permission_is() -> None:
    twice = call("stepfunctions", "StartExecution", "ExecutionAlreadyExists: it is", stateMachineArn="arn:m:x")
    denied = call("stepfunctions", "StartExecution", "AccessDeniedException: no", stateMachineArn="arn:m:x")

    assert moment_of_call(twice) is None
    assert told(moment_of_call(denied)).startswith("StartExecution is refused: AccessDenied")


@pytest.mark.parametrize(
    ("step", "text", "good"),
    [
        ({"currentStepStatus": "Starting"}, "", None),
        ({"currentStepStatus": "Succeeded"}, "churn-train, step Train is done", None),
        ({"currentStepStatus": "Failed", "failureReason": "No."}, "churn-train, step Train ends Failed: No.", False),
        (
            {"currentStepStatus": "Succeeded", "metadata": {"condition": {"outcome": "False"}}},
            "churn-train, step Train: its condition is not met",
            None,
        ),
        (
            {"currentStepStatus": "Succeeded", "metadata": {"registerModel": {"arn": "arn:x:model-package/churn/4"}}},
            "churn version 4 is registered by churn-train",
            None,
        ),
    ],
)
def test_a_step_is_told_when_it_ends(step: dict[str, Any], text: str, good: bool | None) -> None:
    moment = step_moment(1.0, {"pipelineArn": PIPELINE, "stepName": "Train", **step})

    assert told(moment) == text and (moment is None or moment.good is good)


def test_pipelines_are_told_by_their_events() -> None:
    detail = {"pipelineArn": PIPELINE, "currentPipelineExecutionStatus": "Failed"}
    event = {"detail-type": "SageMaker Model Building Pipeline Execution Status Change", "detail": detail}

    assert told(moment_of_event(1.0, event)) == "churn-train ends Failed"
    assert told(pipeline_moment(1.0, {**detail, "currentPipelineExecutionStatus": "Executing"})) == "churn-train starts"
    assert pipeline_moment(1.0, {**detail, "currentPipelineExecutionStatus": "Stopping"}) is None


def test_drift_in_the_traffic_is_told_at_both_its_ends() -> None:
    drift = TrafficDrift("churn", "prices", 10.0, 20.0)

    assert [(each.at, each.text) for each in (of_drift(drift, True), of_drift(drift, False))] == [
        (10.0, "requests begin to drift (prices)"),
        (20.0, "requests drift no longer (prices)"),
    ]


def test_windows_and_subjects_are_told_in_few_words() -> None:
    assert window(START, START + HOUR) == "09:00 to 10:00"
    assert window(START, START + 24 * HOUR) == "2026-01-05 09:00 to 2026-01-06 09:00"
    assert window(START, START) == "09:00"
    assert subjects("abcd") == "a, b, c, d" and subjects("abcdef") == "a, b, c, d and 2 more"
