from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from interlock.model.signal import Violation
from interlock.monitoring.signals import Heard, HeardTask, severity, signal_from

PUBLISHED = Path(__file__).parent / "published"
TOLD: dict[str, Any] = {
    "kind": "",
    "group": "",
    "endpoint": "churn-live",
    "version": None,
    "run": "churn-live/inputs/2026/01/05/09",
    "since": "2026-01-05T09:00:00Z",
    "severity": "low",
    "sentence": "Monitor inputs of endpoint churn-live has judged 2026-01-05T09:00:00Z.",
    "evidence": "s3://monitoring/results/churn-live/inputs/2026/01/05/09/constraint_violations.json",
    "violations": [],
    "count": 0,
}


def heard(text: str | None = None, told: dict[str, Any] | None = None, **different: Any) -> Heard:
    task: dict[str, Any] = {
        "signal": TOLD | (told or {}),
        "group": "churn",
        "live": {"version": "7", "since": "2026-01-01T00:00:00Z"},
        "text": text,
        "truncated": False,
    }
    whole: HeardTask = task | different  # type: ignore[assignment]
    return signal_from(whole)


@pytest.mark.parametrize(
    ("kind", "how_bad", "count", "said"),
    [
        ("data_quality", "high", 10, "found 10 violations: Area Code_408, VMail Plan_no, State_NV and 7 more"),
        ("model_quality", "high", 2, "found 2 violations: gini, score_diff"),
        ("bias", "high", 9, "found 9 violations: Sex=0"),
        ("attribution", "medium", 2, "found 2 violations: label0, label1"),
    ],
)
def test_the_published_file_of_each_kind_gives_its_signal(kind: str, how_bad: str, count: int, said: str) -> None:
    signal = heard((PUBLISHED / f"{kind}.json").read_text(encoding="utf-8")).signal
    assert signal
    assert (signal.kind, signal.severity, signal.count, signal.version, signal.group) == (
        kind,
        how_bad,
        count,
        7,
        "churn",
    )
    assert (signal.run, signal.since, signal.evidence) == (TOLD["run"], TOLD["since"], TOLD["evidence"])
    assert signal.sentence == f"Monitor inputs of churn-live, 2026-01-05T09:00:00Z {said}."


def drift(*names: str, check: str = "baseline_drift_check") -> tuple[Violation, ...]:
    return tuple(Violation(check, name) for name in names)


@pytest.mark.parametrize(
    ("kind", "violations", "how_bad"),
    [
        ("data_quality", drift("a"), "low"),
        ("data_quality", drift("a", "a", "a"), "low"),
        ("data_quality", drift("a", "b"), "medium"),
        ("data_quality", drift(*"abcde"), "high"),
        ("data_quality", drift("a", check="missing_column_check"), "high"),
        ("data_quality", drift("a", check="coffee_check"), "low"),
        ("model_quality", drift("f2", check="LessThanThreshold"), "high"),
        ("bias", drift("Sex=0", check="bias_drift_check"), "medium"),
        ("attribution", drift("label0", check="feature_attribution_drift_check"), "medium"),
    ],
)
def test_how_bad_it_is_depends_on_kind_check_and_number(kind: Any, violations: Any, how_bad: str) -> None:
    assert severity(kind, violations, len(violations)) == how_bad


def test_a_file_without_violations_is_no_signal() -> None:
    found = heard('{"violations": []}')
    assert (found.signal, found.status) == (None, "Completed")
    assert found.sentence.endswith("found nothing.")


def test_a_file_that_was_cut_says_at_least() -> None:
    text = json.dumps({"violations": [{"feature_name": f"f{n}", "constraint_check_type": "x"} for n in range(9)]})
    found = heard(text[:-30], truncated=True)
    assert found.signal and found.signal.count == 8
    assert "found at least 8 violations" in found.sentence


@pytest.mark.parametrize("text", ["<html>", "", "[]", '{"violations": [1]}'])
def test_a_file_that_cannot_be_read_is_a_failure(text: str) -> None:
    found = heard(text)
    assert found.signal and found.signal.kind == "monitor_failed"
    assert found.status == "Unreadable"


def test_the_policy_knows_the_kind_better_than_the_file() -> None:
    text = json.dumps({"violations": [{"metric_name": "m", "constraint_check_type": "x"}]})
    found = heard(text, monitor_kind="bias").signal
    assert found and found.kind == "bias"


@pytest.mark.parametrize(
    "message", ["TooThin: 17 of 200 records.", "WaitingForLabels: 61% have one.", "Completed: no violations."]
)
def test_a_run_that_judged_nothing_or_found_nothing_is_no_signal(message: str) -> None:
    found = heard(exit_message=message, job_status="Completed")
    assert (found.signal, found.status) == (None, message.partition(":")[0])
    assert found.sentence


def test_a_window_without_traffic_is_no_failure() -> None:
    reason = 'ClientError: No S3 objects found under S3 URL "s3://b/capture/churn-live/A/2026/01/05/09/"'
    found = heard(told={"kind": "monitor_failed"}, job_status="Failed", failure_reason=reason)
    assert (found.signal, found.status) == (None, "TooThin")


@pytest.mark.parametrize(
    ("different", "status", "said"),
    [
        (
            {"job_status": "Failed", "failure_reason": "exit code 1."},
            "Failed",
            "did not work: it is Failed: exit code 1.",
        ),
        ({"job_status": "Stopped"}, "Stopped", "no reason was given"),
        ({"told": {"kind": "monitor_failed"}}, "Failed", "no reason was given"),
        (
            {"job_status": "Completed", "monitor_kind": "bias"},
            "WroteNothing",
            "its job completed and wrote nothing",
        ),
        ({"monitor_kind": "bias"}, "WroteNothing", "wrote nothing"),
        ({"exit_message": "NoBaseline: none was given."}, "NoBaseline", "it is NoBaseline: none was given."),
    ],
)
def test_a_monitor_that_failed_is_a_signal(different: dict[str, Any], status: str, said: str) -> None:
    found = heard(**different)
    assert found.signal and (found.signal.kind, found.signal.severity) == ("monitor_failed", "medium")
    assert found.status == status
    assert said in found.sentence


def test_a_job_that_is_no_monitor_of_the_policy_may_leave_no_file() -> None:
    found = heard(job_status="Completed")
    assert (found.signal, found.status) == (None, "Completed")
    assert "is no monitor of the policy" in found.sentence


def test_violations_count_even_if_their_file_is_lost() -> None:
    message = "CompletedWithViolations: Job completed successfully with 60 violations."
    found = heard(exit_message=message, job_status="Completed", monitor_kind="data_quality")
    assert found.signal and (found.signal.kind, found.signal.count, found.signal.severity) == (
        "data_quality",
        60,
        "high",
    )


def test_a_run_from_before_the_release_does_not_blame_the_live_version() -> None:
    text = '{"violations": [{"feature_name": "f", "constraint_check_type": "baseline_drift_check"}]}'
    found = heard(text, live={"version": "8", "since": "2026-01-05T09:00:01Z"}).signal
    assert found and found.version is None


def test_a_signal_that_names_a_version_is_about_that_one() -> None:
    told = {"kind": "rejected", "endpoint": "churn", "run": "rejected/churn/6/", "severity": "high", "sentence": "No."}
    found = heard(told={**told, "version": 6}).signal
    assert found and found.version == 6


@pytest.mark.parametrize("kind", ["alarm", "custom", "new_data", "calendar", "person"])
def test_what_is_not_a_monitors_run_is_passed_on(kind: str) -> None:
    told = {"kind": kind, "endpoint": "", "run": f"{kind}/1", "severity": "high", "sentence": "It happened."}
    found = heard(told=told)
    assert found.signal and (found.signal.kind, found.signal.severity, found.signal.group) == (kind, "high", "churn")
    assert (found.signal.version, found.sentence, found.status) == (None, "It happened.", "")
