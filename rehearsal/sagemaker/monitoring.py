"""Model Monitor of the teams that still have it: what its schedules found, as a scenario says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rehearsal.aws import Caller
from rehearsal.clock import Clock


@dataclass(frozen=True)
class Run:
    """One execution of a monitoring schedule, at `scheduled` (virtual epoch seconds). `type` and `status` are
    botocore's MonitoringType and ExecutionStatus."""

    schedule: str
    endpoint: str
    type: str
    scheduled: float
    finished: float
    status: str
    job: str = ""
    failure: str = ""


class Monitoring:
    """ListMonitoringExecutions, the authoritative list. `runs` in the order in which they came."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.runs: list[Run] = []

    def list_monitoring_executions(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Newest first unless SortOrder says otherwise. The bounds of LastModifiedTime mean what their names say, not
        what botocore's text does, which has them the other way round."""
        found = [run for run in self.runs if _wanted(run, request)]
        by = {"Status": lambda run: run.status, "CreationTime": lambda run: run.finished}
        found.sort(
            key=by.get(request.get("SortBy", ""), lambda run: run.scheduled),
            reverse=request.get("SortOrder", "Descending") == "Descending",
        )
        first, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", 10))
        page = {"MonitoringExecutionSummaries": [self._summary(run) for run in found[first : first + size]]}
        return page | ({"NextToken": str(first + size)} if len(found) > first + size else {})

    def _summary(self, run: Run) -> dict[str, Any]:
        finished = self._clock.datetime(run.finished)
        summary: dict[str, Any] = {
            "MonitoringScheduleName": run.schedule,
            "ScheduledTime": self._clock.datetime(run.scheduled),
            "CreationTime": finished,
            "LastModifiedTime": finished,
            "MonitoringExecutionStatus": run.status,
            "EndpointName": run.endpoint,
            "MonitoringType": run.type,
        }
        more = {"ProcessingJobArn": run.job, "FailureReason": run.failure}
        return summary | {name: value for name, value in more.items() if value}


_NAMED = {"MonitoringScheduleName": "schedule", "EndpointName": "endpoint", "MonitoringTypeEquals": "type"}
_TIMES = {"ScheduledTime": "scheduled", "CreationTime": "finished", "LastModifiedTime": "finished"}


def _wanted(run: Run, request: Mapping[str, Any]) -> bool:
    named = {**_NAMED, "StatusEquals": "status"}
    same = all(request.get(member, getattr(run, name)) == getattr(run, name) for member, name in named.items())
    return same and all(
        _epoch(request.get(f"{member}After"), 0.0) <= getattr(run, name) <= _epoch(request.get(f"{member}Before"), 1e12)
        for member, name in _TIMES.items()
    )


def _epoch(moment: datetime | None, otherwise: float) -> float:
    return otherwise if moment is None else moment.timestamp()
