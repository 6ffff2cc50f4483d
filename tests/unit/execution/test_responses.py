"""What the machine ``respond`` has read becomes a decision: from file, job, ledger and policy together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.execution.responses import Response, ResponseTask, respond_to_signal
from interlock.model.release_input import release_input

NOW = "2026-01-05T10:20:00.000Z"
RUN = "churn/inputs/2026/01/05/09"
FILE = f"s3://monitoring/results/{RUN}/constraint_violations.json"
DRIFTED = {
    "violations": [
        {
            "feature_name": "tenure",
            "constraint_check_type": "baseline_drift_check",
            "description": "Baseline drift distance: 0.4 exceeds threshold: 0.1",
        }
    ]
}
POLICY: dict[str, Any] = {
    "model_package_group": "churn",
    "stages": [
        {
            "endpoint": "churn",
            "hosting": {
                "kind": "realtime",
                "instance_type": "ml.m5.large",
                "instances": 2,
                "data_capture": {"sampling": 20},
            },
            "strategy": {"kind": "all_at_once", "bake": "5m"},
        }
    ],
    "monitoring": {"monitors": [{"name": "inputs", "kind": "data_quality", "every": "1h"}]},
    "retraining": {"pipeline": "churn-train"},
}

MISSING: dict[str, Any] = {"uri": FILE, "error": "S3.NoSuchKeyException", "cause": ""}


def live(version: int) -> dict[str, Any]:
    return {
        "M": {
            "version": {"N": str(version)},
            "config": {"S": f"config-{version}"},
            "model_group": {"S": "churn"},
            "since": {"S": "2026-01-01T00:00:00.000Z"},
        }
    }


def task(text: str | None = None, **different: Any) -> ResponseTask:
    found: dict[str, Any] = (
        {"uri": FILE, "found": {"text": text, "range": f"bytes 0-{len(text) - 1}/{len(text)}"}} if text else {}
    )
    signal: dict[str, Any] = {
        "kind": "",
        "group": "",
        "endpoint": "churn",
        "version": None,
        "run": RUN,
        "since": "2026-01-05T09:00:00Z",
    }
    signal |= {"severity": "low", "sentence": "Told.", "evidence": FILE, "violations": [], "count": 0}
    usual: Any = {
        "now": NOW,
        "group": "churn",
        "signal": signal,
        "control": {"sk": {"S": "churn"}, "live": live(7), "previous": live(6)},
        "observed": {
            "policy": {"document": json.dumps(different.pop("policy", POLICY)), "last_good": None},
            "objects": [found or MISSING],
            "job": {"found": different.pop("job", {"ProcessingJobStatus": "Completed"})},
            "endpoint": {},
        },
        "remedy": {},
        "decisions": [],
        "freezes": [],
        "dry_run": False,
    }
    changed: ResponseTask = usual | different
    return changed


def said(response: Response) -> tuple[str, str]:
    return response["remedy"], response["reason"]


def test_violations_of_a_file_start_a_retraining_under_a_name_of_its_own() -> None:
    response = respond_to_signal(task(json.dumps(DRIFTED)))
    assert said(response) == ("retrain", "RemedyChosen")
    assert response["start"]["input"]["champion"]["version"] == 7
    assert response["start"]["name"].startswith("churn-20260105-")
    assert response["retrainings"] == [{"at": "2026-01-05T10:20:00Z", "usd": None}]
    assert response["run"] == {"key": "2026-01-05T09:00:00Z#inputs#1", "status": "CompletedWithViolations"}
    assert response["record"]["subjects"] == ["tenure"]


def test_a_run_that_found_nothing_is_remembered_as_clean() -> None:
    response = respond_to_signal(task('{"violations": []}'))
    assert said(response) == ("ignore", "NoViolations")
    assert response["record"]["kind"] == "data_quality"
    assert response["run"]["status"] == "Completed"


def test_a_run_that_judged_nothing_decides_nothing_and_its_end_is_kept() -> None:
    thin = {"ProcessingJobStatus": "Completed", "ExitMessage": "TooThin: 12 records in the window; 200 are needed."}
    response = respond_to_signal(task(job=thin))
    assert response["remedy"] == "ignore"
    assert response["run"]["status"] == "TooThin"
    assert "12 records" in response["sentence"]


def test_a_job_that_wrote_nothing_is_told() -> None:
    response = respond_to_signal(task(job={"ProcessingJobStatus": "Failed", "FailureReason": "AlgorithmError: no"}))
    assert response["remedy"] == "notify"
    assert "AlgorithmError: no" in response["notice"]["body"]


@pytest.mark.parametrize("text", ["not json", '{"violations": 3}', "[]", '{"violations": [{"constr'])
def test_a_file_that_cannot_be_read_is_told_and_never_taken_for_clean(text: str) -> None:
    response = respond_to_signal(task(text))
    assert response["remedy"] != "retrain"
    assert response["reason"] != "NoViolations"
    assert response["run"]["status"] != "Completed"


def test_the_last_decision_counts_though_it_is_not_in_the_journal_yet() -> None:
    first = respond_to_signal(task(json.dumps(DRIFTED)))
    latest = {"latest": {"S": json.dumps(first["record"])}, "revision": {"N": "1"}}
    signal = task()["signal"] | {"run": "churn/inputs/2026/01/05/08"}
    second = respond_to_signal(task(json.dumps(DRIFTED), signal=signal, remedy=latest))
    assert said(second) == ("ignore", "Coalesced")
    assert second["revision"] == {"seen": 1, "next": 2}


def test_a_decision_that_waits_again_takes_the_place_of_the_one_before() -> None:
    control = {"sk": {"S": "churn"}, "live": live(7), "previous": live(6), "holder": {"S": "somebody"}}
    first = respond_to_signal(task(json.dumps(DRIFTED), control=control))
    assert said(first) == ("wait", "ReleaseInProgress")
    again = task(json.dumps(DRIFTED), control=control, now=first["until"], decisions=[json.dumps(first["record"])])
    assert respond_to_signal(again)["key"] == first["key"]
    other: Any = again | {"signal": again["signal"] | {"run": "churn/inputs/2026/01/05/10"}}
    assert respond_to_signal(other)["key"] != first["key"]


def test_worse_answers_bring_the_version_before_back_through_a_release() -> None:
    worse = {"violations": [{"constraint_check_type": "LessThanThreshold", "metric_name": "f2", "description": ""}]}
    policy = POLICY | {
        "remedies": [{"on": "model_quality", "do": "roll_back"}],
        "monitoring": {
            "monitors": [{"name": "inputs", "kind": "model_quality", "every": "1h", "problem": "regression"}]
        },
    }
    response = respond_to_signal(task(json.dumps(worse), policy=policy))
    assert said(response) == ("roll_back", "RemedyChosen")
    way_back = release_input("churn", 6, response["sentence"], roll_back=True, endpoint="churn")
    assert response["start"]["input"] == way_back


@pytest.mark.parametrize(
    ("where", "until", "waits"),
    [
        ("GROUP#churn", "", True),
        ("ENDPOINT#churn", "", True),
        ("EVERYTHING", "2026-01-05T10:20:00.001Z", True),
        ("EVERYTHING", NOW, False),
        ("GROUP#digits", "", False),
        ("ENDPOINT#digits", "", False),
    ],
)
def test_what_is_frozen_starts_no_retraining_until_the_freeze_ends(where: str, until: str, waits: bool) -> None:
    item = {"sk": {"S": where}, "at": {"S": "2026-01-05T08:00:00.000Z"}, "until": {"S": until}}
    response = respond_to_signal(task(json.dumps(DRIFTED), freezes=[item]))
    assert said(response) == (("wait", "RetrainingFrozen") if waits else ("retrain", "RemedyChosen"))


def test_an_alarm_scales_an_endpoint_only_so_far() -> None:
    policy = POLICY | {"remedies": [{"on": "alarm", "do": "scale"}]}
    signal = task()["signal"] | {"kind": "alarm", "run": "alarm/busy/1", "evidence": "", "sentence": "Alarm busy."}

    def scaled(instances: int) -> Response:
        variant = {"VariantName": "AllTraffic", "CurrentWeight": 1.0, "CurrentInstanceCount": instances}
        asked = task(policy=policy, signal=signal)
        endpoint = {"found": {"EndpointName": "churn", "ProductionVariants": [variant]}}
        seen: Any = asked | {"observed": {**asked["observed"], "endpoint": endpoint}}
        return respond_to_signal(seen)

    more = scaled(2)
    assert said(more) == ("scale", "RemedyChosen")
    wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 3}]
    assert more["request"] == {"EndpointName": "churn", "DesiredWeightsAndCapacities": wanted}
    assert scaled(4)["remedy"] == "notify"


def test_the_same_task_gets_the_same_answer() -> None:
    assert respond_to_signal(task(json.dumps(DRIFTED))) == respond_to_signal(task(json.dumps(DRIFTED)))
