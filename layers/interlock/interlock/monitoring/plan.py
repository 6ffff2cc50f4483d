"""Which monitors run now: a job for each window that is over and was not judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict

from interlock.model.request import Request
from interlock.monitoring.baselines import (
    Baseline,
    baseline_folder,
    baseline_window,
    brought,
    kept,
)
from interlock.monitoring.due import Due, look
from interlock.monitoring.jobs import (
    MOST_INPUTS,
    Job,
    Place,
    baseline_job,
    monitor_job,
    objects_of,
    program_of,
    request_of,
)
from interlock.monitoring.kinds.registry import AnyMonitor
from interlock.monitoring.past_runs import Look, PastRun, never_judges, unheard
from interlock.monitoring.section import Monitoring
from interlock.monitoring.windows import newest

MOST_RUNS = 3
"""Jobs that one pass starts for an endpoint: the next pass comes in a quarter of an hour."""

TOO_LITTLE = (
    "for a day or longer every run of it has found too few records that can be read; see sentence and problems of the"
    " newest result.json; capture a larger share (data_capture: {sampling: …}), or look once a day (every: 1d)"
)


class PlannedRun(TypedDict):
    """A job to create. First the program is put at ``program`` and ``objects`` are put, then ``request`` is sent; its
    name is that of the run, so that it is created once. Then ``key``, ``window`` and ``task`` go into the ledger."""

    monitor: str
    kind: str
    window: str
    task: str
    attempt: int
    name: str
    key: str
    program: Request
    objects: list[Request]
    request: Request


class Idle(TypedDict):
    """A monitor that does not run, and why."""

    monitor: str
    sentence: str


class MonitorPlan(TypedDict):
    """``idle``: monitors that do not run though the policy names them, and why; people should know. ``look``: jobs
    whose end was not heard of, to be described. ``nothing``: why no job starts; empty if one
    does. ``notes``: why some monitor does not run, though others do."""

    runs: list[PlannedRun]
    idle: list[Idle]
    look: list[Look]
    nothing: str
    notes: list[str]


@dataclass(frozen=True)
class Facts:
    """What is true when the plan is made. ``package``: the DescribeModelPackage answer of the live version."""

    at: datetime
    since: datetime
    runs: tuple[PastRun, ...]
    package: Mapping[str, Any]


def nothing_to_run(sentence: str, look: list[Look] | None = None) -> MonitorPlan:
    """The plan that starts no job, and says why."""
    return {"runs": [], "idle": [], "look": look or [], "nothing": sentence, "notes": []}


def plan(monitoring: Monitoring, facts: Facts, place: Place) -> MonitorPlan:
    """The jobs that are due, at most MOST_RUNS, in the order of the policy."""
    jobs: dict[str, Job] = {}
    notes: list[str] = []
    idle: list[Idle] = []
    for monitor in monitoring.monitors:
        lacking = _lacks_baseline(monitor, monitoring, facts, place)
        if not lacking and never_judges(monitor.name, facts.runs, facts.at):
            lacking = TOO_LITTLE
        if lacking:
            idle.append({"monitor": monitor.name, "sentence": lacking})
        found, said = _jobs(monitor, monitoring, facts, place)
        jobs |= {job.key: job for job in found if job.key not in jobs}
        notes += said
    chosen = list(jobs.values())[:MOST_RUNS]
    if len(jobs) > MOST_RUNS:
        left = ", ".join(job.due.monitor.name for job in list(jobs.values())[MOST_RUNS:])
        notes.append(f"{left}: after the first {MOST_RUNS} jobs, in the next pass")
    nothing = "" if chosen else f"No job is due. {'; '.join(notes) or 'The policy names no monitors'}."
    return {
        "runs": [_planned(job, monitoring, place) for job in chosen],
        "idle": idle,
        "look": unheard(facts.runs, facts.at, place.endpoint, place.uri("results")),
        "nothing": nothing,
        "notes": notes if chosen else [],
    }


def _jobs(monitor: AnyMonitor, monitoring: Monitoring, facts: Facts, place: Place) -> tuple[list[Job], list[str]]:
    """The jobs of one monitor that are due, and why others are not."""
    baseline, needed, why = _baseline(monitor, monitoring, facts, place)
    if baseline is None:
        return [needed] if needed else [], [why] if why else []
    looked = look(monitor, facts.runs, facts.at, facts.since, monitoring.instances)
    notes = [looked.sentence] if looked.sentence else []
    jobs = []
    for due in looked.due:
        job = monitor_job(due, place, monitoring, baseline, facts.at)
        if len(job.inputs) + 1 > MOST_INPUTS:
            said = f"a job takes at most {MOST_INPUTS} inputs, and this one needs {len(job.inputs) + 1}"
            notes.append(f"{monitor.name}: {said}; watch fewer variants, or wait less long for labels")
        else:
            jobs.append(job)
    return jobs, notes


def _baseline(
    monitor: AnyMonitor, monitoring: Monitoring, facts: Facts, place: Place
) -> tuple[Baseline | None, Job | None, str]:
    """The baseline of the live version; else the job that makes it; else why there is none."""
    files = brought(monitor, facts.package)
    if files:
        return Baseline(files, whole_folder=monitor.whole_folder), None, ""
    kind, version = monitor.kind, place.version
    folder = baseline_folder(place.account["bucket"], place.group, version, kind)
    state, tried = kept(baseline_window(version, kind), facts.runs, facts.at)
    if state == "there":
        return Baseline({}, folder), None, ""
    if state == "coming":
        return None, None, f"{monitor.name}: its baseline is being made"
    if state == "failed":  # its signal was told when it failed
        return None, None, f"{monitor.name}: the job that makes its baseline failed; it is tried again after a day"
    if monitoring.training_data:
        due = Due(monitor, newest(monitor.every, facts.at, timedelta()), task="baseline", attempt=tried + 1)
        return None, baseline_job(due, place, monitoring, monitoring.training_data), ""
    return None, None, f"{monitor.name}: {_lacks_baseline(monitor, monitoring, facts, place)}"


def _lacks_baseline(monitor: AnyMonitor, monitoring: Monitoring, facts: Facts, place: Place) -> str:
    """Why there is nothing to compare with, and never will be as things stand; empty if there is or may be."""
    window = baseline_window(place.version, monitor.kind)
    if monitoring.training_data or brought(monitor, facts.package) or kept(window, facts.runs, facts.at)[1]:
        return ""
    return (
        f"version {place.version} brings no baseline for {monitor.kind}, and the policy names no training_data;"
        " name it, or register versions with DriftCheckBaselines"
    )


def _planned(job: Job, monitoring: Monitoring, place: Place) -> PlannedRun:
    return {
        "monitor": job.due.monitor.name,
        "kind": job.due.monitor.kind,
        "window": job.window,
        "task": job.due.task,
        "attempt": job.due.attempt,
        "name": job.name,
        "key": job.key,
        "program": program_of(job, place),
        "objects": objects_of(job, place),
        "request": request_of(job, place, monitoring),
    }
