"""What the ledger remembers of the runs of monitors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from interlock.monitoring.windows import moment

NOT_STARTED = "NotStarted"
"""The status of a run whose job could not be created. It counts as if it had not been tried."""

OPEN = frozenset({"", "Started", "InProgress", "Stopping"})
"""Statuses of a job that may still run."""

FAILED = frozenset({"Failed", "Stopped"})

WAITING = "WaitingForLabels"

UNHEARD = timedelta(minutes=30)
"""How long after its start a job's end is not looked for."""

MOST_LOOKS = 10
"""Jobs that one pass looks at."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class PastRun:
    """One job: ``task`` as in the program's config, ``window`` as in Window.key."""

    monitor: str
    window: str
    job: str
    status: str
    created_at: datetime
    task: str = "run"


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
        )
        for item in items
    )
    return tuple(sorted((run for run in runs if run.status != NOT_STARTED), key=lambda run: (run.created_at, run.job)))


def unheard(runs: Iterable[PastRun], now: datetime) -> list[str]:
    """Names of the jobs whose end should have been heard by ``now``."""
    late = [run.job for run in runs if run.job and run.status in OPEN and now - run.created_at >= UNHEARD]
    return late[:MOST_LOOKS]
