"""The job of a monitor tells what it found and what a month of it costs; a write to the ledger tells a decision."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.account.gateway import Call
from rehearsal.aws import Caller
from rehearsal.report import prices
from rehearsal.report.watching import (
    Decision,
    FeatureDrift,
    Violated,
    baseline_of,
    decision_of,
    ledger_document,
    monitors,
    run_of,
)
from rehearsal.sagemaker.processing import Job

NINE = 1_767_603_600.0  # 2026-01-05T09:00:00Z
FEATURES = {
    "charge": {"distance": 0.4, "threshold": 0.1, "psi": 0.8, "p": 1e-9, "drifted": True},
    "age": {"distance": 0.02, "threshold": 0.1, "psi": None, "p": float("nan"), "drifted": False},
    "text": {"distance": None},
}


def job(folder: str = "results/churn/inputs/2026/01/05/09", hour: int = 0, **changed: Any) -> Job:
    """A job of a monitor that ran for a minute on one ml.m5.large, and found one violation."""
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large"}
    request = {
        "ProcessingOutputConfig": {"Outputs": [{"S3Output": {"S3Uri": f"s3://watch/{folder}"}}]},
        "ProcessingResources": {"ClusterConfig": cluster},
    }
    window = {"start": f"2026-01-05T{9 + hour:02d}:00:00Z", "end": f"2026-01-05T{10 + hour:02d}:00:00Z"}
    written = {
        "result.json": {
            "status": "CompletedWithViolations", "sentence": "It found 1.", "records": 700, "kind": "data_quality",
            "version": 3, "window": window, "details": {"features": FEATURES},
        },
        "constraint_violations.json": {
            "violations": [{"feature_name": "charge", "constraint_check_type": "baseline_drift_check"}]
        },
    }  # fmt: skip
    at = NINE + 3600 * (hour + 1)
    made = Job(
        "a-job", "arn:a-job", request, at, at, "Completed", at + 240, at + 300,
        results={("watch", f"{folder}/{name}"): json.dumps(each).encode() for name, each in written.items()},
    )  # fmt: skip
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def test_a_run_is_read_from_what_its_job_wrote() -> None:
    run = run_of(job())

    assert run is not None
    assert (run.endpoint, run.monitor, run.kind, run.version) == ("churn", "inputs", "data_quality", 3)
    assert (run.begin, run.end, run.ended) == (NINE, NINE + 3600, NINE + 3900)
    assert (run.status, run.sentence, run.records) == ("CompletedWithViolations", "It found 1.", 700)
    assert run.violations == (Violated("baseline_drift_check", "charge"),) and run.subjects == ("charge",)
    assert run.features == (
        FeatureDrift("charge", 0.4, 0.1, 0.8, 1e-9, True),
        FeatureDrift("age", 0.02, 0.1, None, None, False),
    )


@pytest.mark.parametrize(
    ("status", "message", "failure", "told"),
    [
        ("Failed", "", "AlgorithmError: it broke", ("Failed", "AlgorithmError: it broke")),
        ("Stopped", "", "", ("Stopped", "")),
        ("Completed", "TooThin: 3 records are there.", "", ("TooThin", "3 records are there.")),
        ("Completed", "", "", ("Completed", "")),
    ],
)
def test_a_job_that_wrote_nothing_is_told_by_its_message_or_its_status(
    status: str, message: str, failure: str, told: tuple[str, str]
) -> None:
    run = run_of(job(status=status, exit_message=message, failure=failure, results={}))

    assert run is not None and (run.status, run.sentence) == told
    assert run.begin == NINE and run.features == () and run.violations == ()


def test_a_run_pays_also_for_the_job_whose_parts_it_joined() -> None:
    parts, baseline = job(folder="runs/a-job/summaries"), job(folder="baselines/churn/v3/data_quality")
    inputs = [
        {"S3Input": {"S3Uri": f"s3://watch/{folder}"}} for folder in ("runs/a-job/summaries/", "baselines/churn/v3/")
    ]
    joining = job(request={**job().request, "ProcessingInputs": inputs})

    alone, joined = run_of(joining), run_of(joining, [parts, baseline])

    assert alone and joined and joined.cost_usd == pytest.approx(2 * alone.cost_usd)


def test_a_job_that_failed_has_failed_whatever_it_wrote_before() -> None:
    run = run_of(job(status="Failed", failure="It broke."))

    assert run is not None and run.status == "Failed"


@pytest.mark.parametrize("body", [b"", b"[1]", b"{not JSON", b"\xff\xfe"])
def test_a_result_that_cannot_be_read_is_as_one_that_is_not_there(body: bytes) -> None:
    run = run_of(job(results={("watch", "result.json"): body}))

    assert run is not None and run.status == "Completed" and run.records is None


@pytest.mark.parametrize(
    "other", [job("runs/a-job/summaries"), job("baselines/churn/3/data_quality"), job("models/churn"), job(ended=None)]
)
def test_other_jobs_are_no_runs(other: Job) -> None:
    assert run_of(other) is None


def test_a_baseline_is_told_by_its_group_version_and_kind() -> None:
    made = baseline_of(job("baselines/churn/3/data_quality"))

    assert made is not None and (made.group, made.version, made.kind) == ("churn", 3, "data_quality")
    assert baseline_of(job()) is None


def test_a_month_costs_what_its_hours_would_at_the_rate_so_far() -> None:
    again = job("results/churn/inputs/2026/01/05/10/attempt-2", 1)
    other = job("results/churn/fairness/2026/01/05/09", results={}, status="Failed")
    inputs, fairness = monitors([again, job(), other])

    assert [run.begin for run in inputs.runs] == [NINE, NINE + 3600]
    a_run = 60 / 3600 * prices.INSTANCE_HOURS["ml.m5.large"]
    assert inputs.cost_usd == pytest.approx(2 * a_run)
    assert inputs.usd_per_month == pytest.approx(prices.HOURS_OF_A_MONTH * a_run)
    assert fairness.usd_per_month is None  # nobody knows how long its windows are


def put(sk: str, pk: str = "GROUP#churn", error: str = "", **document: Any) -> Call:
    item = {"pk": {"S": pk}, "sk": {"S": sk}, "document": {"S": json.dumps(document)}}
    return Call(7.0, Caller("role"), "dynamodb", "PutItem", {"Item": item}, error, {})


def test_a_decision_is_read_from_the_write_that_journals_it() -> None:
    found = decision_of(
        put("SIGNAL#now#run", run="churn/inputs/x", kind="data_quality", remedy="retrain", reason="RemedyChosen",
            sentence="Why.", version=1, severity="low", subjects=["charge"], evidence="s3://watch/x")
    )  # fmt: skip

    assert found == Decision(
        7.0, "churn", "churn/inputs/x", "data_quality", "retrain", "RemedyChosen", "Why.", 1, "low", ("charge",),
        "s3://watch/x",
    )  # fmt: skip


@pytest.mark.parametrize(
    "other", [put("REMEDY"), put("VERDICT#x"), put("SIGNAL#x", pk="RELEASE#x"), put("SIGNAL#x", error="Throttled")]
)
def test_other_writes_are_no_decisions(other: Call) -> None:
    assert decision_of(other) is None and ledger_document(other, "SIGNAL") is None
