"""What the transform job on a sample shows: of the candidate, of the account, or nothing yet."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest

from interlock.execution.settlement import settle_release
from interlock.execution.verdicts import Verified
from interlock.execution.verification import verify_endpoint
from interlock.model.reasons import BLAMES_CANDIDATE
from tests.unit.examples import NOW, found

JOB = "interlock-churn-v7-1"
INPUT, OUT, DEEPER, RIGHT = "s3://m/s/in.csv", "s3://m/b/in.csv.out", "s3://m/b/s/in.csv.out", "s3://m/s/right.csv"
RECORDS = "1,2\n3,4\n5,6\n7,8\n"
MISSING = {"error": "S3.NoSuchKeyException", "cause": "The specified key does not exist. (Status Code: 404)"}


def later(seconds: int) -> str:
    return (datetime.fromisoformat(NOW) + timedelta(seconds=seconds)).isoformat()


def text(content: str, size: int = 0) -> dict[str, Any]:
    end = f"bytes 0-{len(content)}/{size or len(content)}"
    return found({"text": content, "range": end})


def verify(
    status: str = "Completed",
    answers: str = "0.1\n0.2\n0.3\n0.4\n",
    expected: str | None = None,
    seconds: int = 900,
    objects: dict[str, Any] | None = None,
    job: dict[str, Any] | None = None,
    **judged: Any,
) -> Verified:
    """The verdict about a job that began 300 s after it was asked for, and ended 60 s later."""
    limits = {
        "input": INPUT,
        "sha256": hashlib.sha256(RECORDS.encode()).hexdigest(),
        "expected": "" if expected is None else RIGHT,
        "max_differing": 0.0,
        "tolerance": 0.0,
        "max_duration": 120,
        **judged,
    }
    read = {INPUT: text(RECORDS), OUT: text(answers), DEEPER: MISSING, RIGHT: text(expected or "")} | (objects or {})
    described: dict[str, Any] = {"TransformJobName": JOB, "ModelName": JOB, "TransformJobStatus": status}
    described |= {"TransformStartTime": later(300)}
    described |= {} if status in ("InProgress", "Stopping") else {"TransformEndTime": later(360)}
    expect = {"job": JOB, "candidate": JOB, "judged": limits, "answers": [OUT, DEEPER], "objects": []}
    task = {
        "expect": expect,
        "endpoint": {},
        "since": NOW,
        "now": later(seconds),
        "mode": "deliver",
        "patience": 600,
        "job": found(described | job) if job is not None and "error" not in job else job or found(described),
        "objects": [{"uri": uri, **answer} for uri, answer in read.items()],
    }
    return verify_endpoint(task)  # type: ignore[arg-type]


def test_a_candidate_that_answers_every_record_passes_and_says_so() -> None:
    seen = verify()
    assert (seen["next"], seen["reason"]) == ("Advance", "Accepted")
    assert seen["evidence"] == "The candidate answered all 4 records of the sample in 1 min."


def test_the_answers_may_lie_in_the_folder_of_the_input() -> None:
    assert verify(objects={OUT: MISSING, DEEPER: text("1\n2\n3\n4\n")})["next"] == "Advance"


@pytest.mark.parametrize("answers", ["0.1\n0.2\n0.3\n", "0.1\n0.2\n0.3\n0.4\n0.5\n", "", "0.1\n\n0.3\n0.4\n"])
def test_a_record_without_its_answer_is_the_candidates_fault(answers: str) -> None:
    seen = verify(answers=answers)
    assert (seen["next"], seen["reason"]) == ("RollBack", "SampleFailed")
    assert "of 4 records" in seen["sentence"]


@pytest.mark.parametrize(
    ("expected", "judged", "following"),
    [
        ("0.1\n0.2\n0.3\n0.4\n", {}, "Advance"),
        ("0.10\n0.20\n0.3\n0.4\n", {}, "Advance"),
        ("0.1\n0.2\n0.3\n0.5\n", {}, "RollBack"),
        ("0.1\n0.2\n0.3\n0.5\n", {"tolerance": 0.11}, "Advance"),
        ("0.1\n0.2\n0.3\n0.5\n", {"max_differing": 0.25}, "Advance"),
        ("0.1\n0.2\n0.4\n0.5\n", {"max_differing": 0.25}, "RollBack"),
        ("0.1\nyes\n0.3\n0.4\n", {"tolerance": 9.0}, "RollBack"),
    ],
)
def test_answers_are_compared_one_by_one(expected: str, judged: dict[str, Any], following: str) -> None:
    seen = verify(expected=expected, **judged)
    assert seen["next"] == following
    assert seen["reason"] == ("Accepted" if following == "Advance" else "SampleFailed")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sha256": "0" * 64}, "not the one that the policy names"),
        ({"expected": "0.1\n"}, "has 1 answers for 4 records"),
        ({"objects": {OUT: MISSING}}, "cannot be read"),
        ({"objects": {INPUT: {"error": "S3.S3Exception", "cause": "Access Denied (Status Code: 403)"}}}, INPUT),
        ({"objects": {OUT: text("0.1\n", size=50_000)}}, "has 50000 bytes"),
        ({"objects": {INPUT: text("\n")}, "sha256": hashlib.sha256(b"\n").hexdigest()}, "has no records"),
    ],
)
def test_a_sample_that_cannot_be_judged_blames_nobody(fields: dict[str, Any], said: str) -> None:
    seen = verify(**fields)
    assert (seen["next"], seen["reason"]) == ("RollBack", "SampleUnreadable")
    assert said in seen["sentence"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("AlgorithmError: See job logs for more information", "SampleFailed"),
        ("ClientError: See job logs for more information", "SampleFailed"),
        ("AlgorithmError: Model container failed to respond to ping. Please ensure", "CandidateFailedToStart"),
        ("CapacityError: Unable to provision requested ML compute capacity.", "InsufficientCapacity"),
        ("ResourceLimitExceeded: The account-level service limit", "QuotaExceeded"),
        ("ClientError: Failed to download data: AccessDenied", "SampleUnreadable"),
        ("ClientError: No S3 objects found under S3 URL", "SampleUnreadable"),
        ("InternalServerError: We encountered an internal error. Please try again.", "AwsRefused"),
        ("", "AwsRefused"),
        ("something new", "AwsRefused"),
    ],
)
def test_a_failed_job_is_held_against_the_candidate_only_where_its_container_failed(words: str, reason: str) -> None:
    seen = verify("Failed", job={"FailureReason": words, "ModelName": JOB, "TransformJobStatus": "Failed"})
    assert (seen["next"], seen["reason"]) == ("RollBack", reason)
    assert words in seen["sentence"]
    assert (reason in BLAMES_CANDIDATE) == (reason in ("SampleFailed", "CandidateFailedToStart"))


@pytest.mark.parametrize(
    "job",
    [
        {"ModelName": JOB, "TransformJobStatus": "Failed", "FailureReason": "AlgorithmError: See job logs"},
        {"ModelName": JOB, "TransformJobStatus": "InProgress", "TransformStartTime": NOW},
    ],
)
def test_a_sample_that_somebody_has_changed_is_not_held_against_the_candidate(job: dict[str, Any]) -> None:
    assert verify(job=job)["reason"] == "SampleFailed"
    assert verify(job=job, objects={INPUT: text("nonsense\n")})["reason"] == "SampleUnreadable"
    assert verify(job=job, objects={INPUT: {"error": "S3.S3Exception", "cause": "Slow Down"}})["next"] == "Await"


@pytest.mark.parametrize(("status", "seconds"), [("InProgress", 310), ("Stopping", 310)])
def test_a_job_that_runs_is_waited_for(status: str, seconds: int) -> None:
    assert verify(status, seconds=seconds)["next"] == "Await"


def test_a_job_whose_instances_have_not_come_is_not_too_slow() -> None:
    waiting = {"ModelName": JOB, "TransformJobStatus": "InProgress"}
    assert verify(job=waiting, seconds=7200)["next"] == "Await"
    assert verify(job=waiting, seconds=90_000)["next"] == "Hold"


def test_a_job_that_runs_for_longer_than_allowed_is_the_candidates_fault() -> None:
    running = verify("InProgress", seconds=500)
    ended = verify(max_duration=59)
    assert [seen["reason"] for seen in (running, ended)] == ["SampleFailed", "SampleFailed"]


def test_a_job_that_somebody_stopped_blames_nobody() -> None:
    assert verify("Stopped")["reason"] == "AwsRefused"


def test_the_job_of_another_model_is_not_ours() -> None:
    assert verify(job={"ModelName": "theirs", "TransformJobStatus": "Completed"})["reason"] == "NameTaken"


def test_what_cannot_be_seen_yet_is_looked_at_again() -> None:
    unseen = {"error": "SageMaker.ResourceNotFoundException", "cause": "Could not find transform job"}
    assert verify(job=unseen, seconds=10)["next"] == "Await"
    assert verify(job=unseen)["next"] == "RollBack"
    assert verify(job={"error": "SageMaker.SageMakerException", "cause": "Rate exceeded"})["next"] == "Await"
    assert verify(objects={OUT: MISSING}, seconds=70)["next"] == "Await"


def ending(**fields: Any) -> dict[str, Any]:
    facts = {"batch": True, "final_config": JOB, "stable_config": "churn-6", "made": []}
    task = {
        "release": "churn-v7-1",
        "group": "churn",
        "version": 7,
        "endpoint": "nightly",
        "ended": "Finished",
        "reason": "Delivered",
        "sentence": "",
        "further": "It answered.",
        "planned": "",
        "by": "",
        "started": NOW,
        "left_behind": [],
        "facts": facts,
        "now": later(60),
        "seen": {},
    }
    return dict(settle_release(task | fields))  # type: ignore[arg-type]


def test_the_end_says_what_callers_are_told_and_what_the_sample_showed() -> None:
    end = ending()
    assert end["sentence"] == (
        f"Version 7 of churn is live in batch nightly: callers are told to start transform jobs with {JOB}."
        " It answered."
    )
    assert "Batch: nightly" in end["body"]


def test_a_rollback_says_that_callers_are_told_the_same_model() -> None:
    end = ending(ended="RolledBack", reason="SampleFailed", sentence="It broke.", further="")
    assert end["sentence"] == "It broke. Callers are told the same model as before."
    assert end["quarantine"]


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (
            found({"Name": "/interlock/s/live/nightly/churn", "Value": JOB}),
            f"Now callers of batch nightly are told model {JOB} with version 7.",
        ),
        (
            {"error": "Ssm.ParameterNotFoundException", "cause": "not found"},
            "Callers of batch nightly are told no model",
        ),
    ],
)
def test_who_is_called_to_a_failed_release_reads_what_callers_are_told(seen: dict[str, Any], said: str) -> None:
    assert said in ending(ended="Held", reason="EndpointMoved", sentence="", further="", seen=seen)["sentence"]
