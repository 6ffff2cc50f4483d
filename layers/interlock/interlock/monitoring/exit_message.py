"""Read how the job of a monitor ended: its status, its exit message, the reason of its failure."""

from __future__ import annotations

import re
from dataclasses import dataclass

VIOLATED = "CompletedWithViolations"

_MESSAGE = re.compile(r"\s*(?P<status>[A-Za-z]{1,40}):\s*(?P<sentence>.*)", re.DOTALL)
_COUNT = re.compile(r"([0-9]{1,9}) violations?\b")
_EMPTY = re.compile(r"No S3 objects found under S3 URL \"?(?P<uri>[^\s\"]*)")
"""SageMaker's words when an input has no object (aws/amazon-sagemaker-examples issue 2489, from CreateTrainingJob;
whether a processing job says it alike is not documented)."""


@dataclass(frozen=True)
class Ended:
    """How a run ended. ``status``: Completed, CompletedWithViolations, TooThin, WaitingForLabels, NoBaseline, Failed or
    Stopped, or what else the message begins with; ``count`` of violations, where the message says it."""

    status: str
    sentence: str = ""
    count: int | None = None


def read_end(job_status: str, exit_message: str, failure_reason: str) -> Ended:
    """How the job ended. Its exit message says more than its status: a job that found violations is Completed (docs:
    model-monitor-interpreting-results)."""
    if job_status in ("Failed", "Stopped"):
        empty = _EMPTY.search(failure_reason)
        if empty:
            status = "WaitingForLabels" if "/labels/" in empty["uri"] else "TooThin"
            return Ended(status, f"There is nothing under {empty['uri'].rstrip('.')}.")
        return Ended(job_status, failure_reason or exit_message)
    found = _MESSAGE.match(exit_message)
    if found is None:
        return Ended(job_status, exit_message)
    count = _COUNT.search(found["sentence"]) if found["status"] == VIOLATED else None
    return Ended(found["status"], found["sentence"].strip(), int(count[1]) if count else None)
