"""The steward found the run of a monitor whose event may have been lost, or a day on which the calendar asks."""

from __future__ import annotations

from pydantic import Field

from interlock.intake.commands import Ignore, Refuse, Weigh, ignore, refuse, told, weigh
from interlock.intake.events.reading import Detail, EventType, Name, in_utc
from interlock.model.quantities import in_iso
from interlock.model.reasons import Reason
from interlock.model.results_path import VIOLATIONS_FILE, RunFolder, read_folder

ENDED = frozenset({"Completed", "CompletedWithViolations", "Failed", "Stopped"})
"""Statuses that end a run (botocore ExecutionStatus, of ListMonitoringExecutions)."""


class FoundRunDetail(Detail):
    """Monitor Run Found, an event of Interlock's own.

    A run of Model Monitor is named by ``endpoint``, ``monitor`` (its schedule) and ``scheduled``, the hour in which it
    was due; ``output`` is the S3 URI that the job wrote to, which names the run by itself.
    """

    status: Name
    endpoint: str = ""
    monitor: str = ""
    scheduled: str = ""
    output: str = ""
    job: str = ""


class IdleMonitorDetail(Detail):
    """Monitor Cannot Run, an event of Interlock's own: the policy names a monitor that has nothing to look at or to
    compare with. ``week``: of the year, so that it is told once a week."""

    endpoint: Name
    monitor: Name
    week: Name
    since: Name
    sentence: Name


class CalendarDetail(Detail):
    """Calendar Signal, an event of Interlock's own: the policy of ``group`` asks for a retraining on ``due`` (ISO
    8601)."""

    group: Name
    due: Name = Field(description="When the retraining was due.")


def run_found(detail: FoundRunDetail) -> Weigh | Ignore | Refuse:
    """A run that was found is weighed under the name it has when it is told."""
    folder = read_folder(detail.output) or _named(detail)
    if folder is None:
        return refuse(Reason.EVENT_MALFORMED, "output: it names no run; write endpoint, monitor and scheduled instead.")
    what = f"The run of monitor {folder.monitor} of endpoint {folder.endpoint} for {folder.hour}"
    if detail.status not in ENDED:
        return ignore(f"{what} is {detail.status}: not ended.")
    evidence = f"{detail.output.rstrip('/')}/{VIOLATIONS_FILE}" if detail.output else ""
    kind = "monitor_failed" if detail.status in ("Failed", "Stopped") else ""
    sentence = f"{what} was found as {detail.status}."
    signal = told(kind, folder.run, folder.hour, "low", sentence, endpoint=folder.endpoint, evidence=evidence)
    return weigh(signal, job=detail.job)


def _named(detail: FoundRunDetail) -> RunFolder | None:
    if not detail.endpoint or not detail.monitor:
        return None
    try:
        return RunFolder(detail.endpoint, detail.monitor, f"{in_utc(detail.scheduled):%Y-%m-%dT%H}:00:00Z")
    except (ValueError, OverflowError):
        return None


def monitor_cannot_run(detail: IdleMonitorDetail) -> Weigh:
    """A monitor that does not run is a signal: silence would look like a model that does not drift."""
    run = f"cannot-run/{detail.endpoint}/{detail.monitor}/{detail.week}"
    sentence = f"Monitor {detail.monitor} of {detail.endpoint} judges nothing: {detail.sentence.rstrip('.')}."
    return weigh(told("monitor_failed", run, detail.since, "medium", sentence, endpoint=detail.endpoint))


def calendar_due(detail: CalendarDetail) -> Weigh | Refuse:
    """One signal for each time that is due."""
    try:
        due = in_utc(detail.due)
    except (ValueError, OverflowError):
        return refuse(Reason.EVENT_MALFORMED, f"due: {detail.due!r} is not an ISO 8601 time.")
    sentence = f"The policy of {detail.group} asks for a retraining by the calendar on {due:%Y-%m-%d}."
    run = f"calendar/{detail.group}/{in_iso(due)}"
    return weigh(told("calendar", run, in_iso(due), "low", sentence, group=detail.group))


FOUND_RUN = EventType("interlock.steward", "Monitor Run Found", FoundRunDetail, run_found)
CANNOT_RUN = EventType("interlock.steward", "Monitor Cannot Run", IdleMonitorDetail, monitor_cannot_run)
CALENDAR = EventType("interlock.steward", "Calendar Signal", CalendarDetail, calendar_due)
