"""The end of a transform job wakes the release whose trial it was, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.intake.events.transform_job import TRANSFORM_JOB

JOB = "interlock-churn-v7-1"
OURS = f"s3://models/batch/nightly/{JOB}"


def command(status: str = "Completed", name: str = JOB, path: str | None = OURS) -> dict[str, Any]:
    output = {} if path is None else {"TransformOutput": {"S3OutputPath": path}}
    return dict(TRANSFORM_JOB.command({"TransformJobName": name, "TransformJobStatus": status, **output}))


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped"])
def test_an_end_wakes_who_waits_for_it(status: str) -> None:
    woken = command(status)
    assert (woken["kind"], woken["endpoint"]) == ("WakeEndpoint", "nightly")


@pytest.mark.parametrize("status", ["InProgress", "Stopping"])
def test_what_goes_on_wakes_nobody(status: str) -> None:
    assert command(status)["kind"] == "Ignore"


@pytest.mark.parametrize("path", ["s3://theirs/out", "", None, f"s3://models/{JOB}/x", JOB])
def test_a_job_that_writes_elsewhere_was_no_trial(path: str | None) -> None:
    assert command(path=path)["kind"] == "Ignore"


def test_a_job_of_somebody_else_was_no_trial() -> None:
    assert command(name="theirs", path="s3://models/batch/nightly/theirs")["kind"] == "Ignore"
