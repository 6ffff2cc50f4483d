from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.monitoring.exit_message import Ended, read_end

EMPTY = 'ClientError: Failed to download data. No S3 objects found under S3 URL "s3://b/{}" given in input data source.'


@pytest.mark.parametrize(
    ("message", "status", "count"),
    [
        ("CompletedWithViolations: Job completed successfully with 60 violations.", "CompletedWithViolations", 60),
        ("CompletedWithViolations: Job completed successfully with 1 violation.", "CompletedWithViolations", 1),
        ("CompletedWithViolations: many", "CompletedWithViolations", None),
        ("Completed: Job completed successfully with no violations.", "Completed", None),
        ("TooThin: 17 records were captured; at least 200 are needed.", "TooThin", None),
        ("WaitingForLabels: 61% of 300 records have a label.", "WaitingForLabels", None),
        ("", "Completed", None),
        ("Ended well", "Completed", None),
    ],
)
def test_the_exit_message_says_how_a_run_ended(message: str, status: str, count: int | None) -> None:
    ended = read_end("Completed", message, "")
    assert (ended.status, ended.count) == (status, count)


def test_a_job_that_failed_says_why() -> None:
    assert read_end("Failed", "", "AlgorithmError: exit code 1") == Ended("Failed", "AlgorithmError: exit code 1")
    assert read_end("Stopped", "killed", "") == Ended("Stopped", "killed")


def test_a_job_without_anything_to_read_had_no_traffic_or_no_labels() -> None:
    assert read_end("Failed", "", EMPTY.format("capture/churn/A/2026/01/05/09/")).status == "TooThin"
    assert read_end("Failed", "", EMPTY.format("labels/churn/2026/01/")).status == "WaitingForLabels"


@given(some.text(max_size=60), some.text(max_size=60), some.sampled_from(["Completed", "Failed", "Stopped"]))
def test_whatever_a_job_says_it_ended(message: str, reason: str, status: str) -> None:
    assert read_end(status, message, reason).status
