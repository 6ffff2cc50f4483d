"""What the ledger remembers of the runs of monitors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any, TypedDict

from interlock.model.results_path import RunFolder
from interlock.monitoring.steps import PARTS
from interlock.monitoring.windows import moment

NOT_STARTED = "NotStarted"
"""The status of a run whose job could not be created. It counts as if it had not been tried."""

OPEN = frozenset({"", "Started", "InProgress", "Stopping"})
"""Statuses of a job that may still run."""

FAILED = frozenset({"Failed", "Stopped"})

WAITING = "WaitingForLabels"

TOO_THIN = "TooThin"

THIN_RUNS, THIN_FOR = 3, timedelta(days=1)
"""A monitor that found too little in all of so many runs for so long never judges, and people should know. Fewer are an
ordinary night."""

UNHEARD = timedelta(minutes=30)
"""How long after its start a job's end is not looked for."""

MOST_LOOKS = 10
"""Jobs that one pass looks at."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class PastRun:
    """One job: ``task`` as in the program's config, ``window`` as in Window.key. ``said``: the exit message of a job
    that only makes a part."""

    monitor: str
    window: str
    job: str
    status: str
    created_at: datetime
    task: str = "run"
    key: str = ""
    said: str = ""


class Look(TypedDict):
    """A job to describe. ``monitor``: that it is of; ``key``: of its item in the ledger; ``judges``: whether it judges
    a window, and does not only make a part or a baseline; ``output``: the S3 URI of the run's results, which is the
    identity of the run; empty for a baseline."""

    job: str
    monitor: str
    key: str
    judges: bool
    output: str


def run_key(monitor: str, window: str, attempt: int = 1, task: str = "run") -> str:
    """Where the ledger has a job: by its window first, so that the newest runs of all monitors are read together. The
    job that judges has the key of the run, where ``respond`` writes how the run ended."""
    return f"{window}#{monitor}#{attempt}" + (f"#{task}" if task in PARTS else "")


def read_runs(items: Iterable[Mapping[str, Any]]) -> tuple[PastRun, ...]:
    """The runs of the ledger, oldest first, without those that were not started. A time that cannot be read is long
    ago, so that the job is looked at."""
    runs = (
        PastRun(
            monitor=str(item.get("monitor", "")),
            window=str(item.get("window", "")),
            job=str(item.get("job", "")),
            status=str(item.get("status", "")),
            created_at=moment(item.get("created_at")) or _LONG_AGO,
            task=str(item.get("task", "run")),
            key=str(item.get("key", "")),
            said=str(item.get("said", "")),
        )
        for item in items
    )
    return tuple(sorted((run for run in runs if run.status != NOT_STARTED), key=lambda run: (run.created_at, run.job)))


def unheard(runs: Iterable[PastRun], now: datetime, endpoint: str, results: str) -> list[Look]:
    """The jobs whose end should have been heard by ``now``. Of one that judges nothing, nobody is told. ``results``:
    the S3 URI of the folder of all results."""
    late = (
        run for run in runs if run.job and run.status in OPEN and (not _judges(run) or now - run.created_at >= UNHEARD)
    )
    looks: list[Look] = [
        {
            "job": run.job,
            "monitor": run.monitor,
            "key": run.key,
            "judges": _judges(run),
            "output": _output(run, endpoint, results),
        }
        for run in late
    ]
    return looks[:MOST_LOOKS]


def _output(run: PastRun, endpoint: str, results: str) -> str:
    """Where the results of the window are, or would be; empty if the job is of no window."""
    attempt = [*run.key.split("#"), "", "", ""][2]
    if moment(run.window) is None or not attempt.isdecimal():
        return ""
    return f"{results}/{RunFolder(endpoint, run.monitor, run.window, int(attempt)).run}"


def _judges(run: PastRun) -> bool:
    return run.task not in PARTS | {"baseline"}


def never_judges(monitor: str, runs: Iterable[PastRun], now: datetime) -> bool:
    """Whether the last runs of ``monitor`` have all found too little to judge."""
    judging = [run for run in runs if run.monitor == monitor and _judges(run) and run.status not in OPEN]
    thin = list(takewhile(lambda run: run.status == TOO_THIN, reversed(judging)))
    return len(thin) >= THIN_RUNS and now - thin[-1].created_at >= THIN_FOR
