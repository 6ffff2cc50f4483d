"""From what intake was told, and what the run left behind, to one Signal; or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from interlock.model.request import Request
from interlock.model.signal import KINDS, SEVERITIES, Kind, Severity, Signal, Violation, read_signal
from interlock.monitoring.exit_message import VIOLATED, Ended, read_end
from interlock.monitoring.violations import SCHEMA_CHECKS, FoundViolations, read_violations
from interlock.monitoring.windows import moment

MANY, SEVERAL = 5, 2
"""Features that must have drifted for a high and for a medium severity."""

DRY_RUN = "dry-run/"
"""How the identity begins of a run whose file a person wants weighed. Nobody waits for a job to write it."""

QUIET = frozenset({"Completed", "TooThin", "WaitingForLabels"})
"""Ends after which a run without a file needs nobody. Too thin is not a failure: there was hardly any traffic."""


class HeardTask(TypedDict):
    """``signal``: of the command that intake answered. ``group``, ``live`` (version, since) of the endpoint, as the
    ledger has them. ``text``: the violations file, or as much of it as was read, null if there is none; ``truncated``:
    whether there is more. ``job_status``, ``exit_message``, ``failure_reason``: of the job, empty where nobody asked.
    ``monitor_kind``: of the policy's monitor of this name, if there is one."""

    signal: Request
    group: str
    live: Request
    text: str | None
    truncated: bool
    job_status: NotRequired[str]
    exit_message: NotRequired[str]
    failure_reason: NotRequired[str]
    monitor_kind: NotRequired[str]


@dataclass(frozen=True)
class Heard:
    """``signal`` is None if nothing has to be decided; ``sentence`` says why, or the same as the signal. ``status`` is
    how the run ended, for the ledger; empty where there was no run."""

    signal: Signal | None
    status: str
    sentence: str


def signal_from(task: HeardTask) -> Heard:
    """The signal, complete. Its version is the live one, unless that went live only after the run's window began."""
    told = task["signal"]
    if told["kind"] in KINDS and (told["kind"] != "monitor_failed" or not told["evidence"]):
        signal = read_signal(told | _about(task))
        return Heard(signal, "", signal.sentence)
    if task["text"] is not None:
        found = read_violations(task["text"], task["truncated"])
        return _from_file(found, task)
    if told["run"].startswith(DRY_RUN):
        said = f"{told['evidence']} could not be read: there is no such file, or Interlock may not read it."
        return Heard(None, "", said)
    status = task.get("job_status", "") or ("Failed" if told["kind"] == "monitor_failed" else "Completed")
    return _without_file(read_end(status, task.get("exit_message", ""), task.get("failure_reason", "")), task)


def _from_file(found: FoundViolations, task: HeardTask) -> Heard:
    unread = f" ({'; '.join(found.problems)})" if found.problems else ""
    if found.count == 0 and (found.problems or found.cut):
        return _failed(task, "Unreadable", f"its file could not be read{unread}")
    if found.count == 0:
        return Heard(None, "Completed", f"{_who(task)} found nothing.")
    kind = _kind(task) or found.kind or "data_quality"
    many = f"at least {found.count}" if found.cut else str(found.count)
    subjects = _names(found.violations)
    sentence = f"{_who(task)} found {many} violation{'s' if found.count > 1 else ''}{subjects}{unread}."
    return _signal(task, kind, severity(kind, found.violations, found.count), sentence, found.violations, found.count)


def _without_file(end: Ended, task: HeardTask) -> Heard:
    if end.status == VIOLATED:
        kind, count = _kind(task) or "data_quality", end.count or 1
        sentence = f"{_who(task)} found {count} violations, and its file could not be found."
        return _signal(task, kind, severity(kind, (), count), sentence, (), count)
    if end.status == "Completed" and end.sentence:
        return Heard(None, end.status, f"{_who(task)} found nothing.")
    if end.status in QUIET and end.status != "Completed":
        return Heard(None, end.status, f"{_who(task)} judged nothing ({end.status}): {end.sentence}")
    if end.status == "Completed" and _kind(task) is None:
        # Model Monitor merges ground truth in a job of its own, which writes no violations.
        return Heard(None, end.status, f"{_who(task)} is no monitor of the policy, and left no violations file.")
    if end.status == "Completed":
        return _failed(task, "WroteNothing", "its job completed and wrote nothing")
    return _failed(task, end.status, f"it is {end.status}: {end.sentence or 'no reason was given'}")


def _failed(task: HeardTask, status: str, why: str) -> Heard:
    heard = _signal(task, "monitor_failed", "medium", f"{_who(task)} did not work: {why.rstrip('.')}.", (), 0)
    return Heard(heard.signal, status, heard.sentence)


def _signal(
    task: HeardTask, kind: Kind, how_bad: Severity, sentence: str, violations: tuple[Violation, ...], count: int
) -> Heard:
    told = task["signal"] | _about(task)
    complete = told | {"kind": kind, "severity": how_bad, "sentence": sentence, "violations": [], "count": count}
    signal = read_signal(complete | {"violations": [vars(each) for each in violations]})
    return Heard(signal, VIOLATED if count else "Failed", sentence)


def severity(kind: Kind, violations: tuple[Violation, ...], count: int) -> Severity:
    """How bad violations of a monitor of ``kind`` are.

    Worse answers, and data of another shape, are high at once. Drift is as bad as the number of features that drifted;
    drifted attributions are not mild, as the model decides by other features. One metric of bias is medium.
    """
    if kind == "model_quality" or any(each.check in SCHEMA_CHECKS for each in violations):
        return "high"
    subjects = len({each.subject for each in violations}) if kind == "data_quality" and violations else count
    by_number: Severity = "high" if subjects >= MANY else "medium" if subjects >= SEVERAL else "low"
    mildest: Severity = "low" if kind == "data_quality" else "medium"
    return max(by_number, mildest, key=SEVERITIES.index)


def _kind(task: HeardTask) -> Kind | None:
    """The kind of the policy's own monitor, which knows it better than a file does."""
    return next((kind for kind in KINDS if kind == task.get("monitor_kind")), None)


def _about(task: HeardTask) -> dict[str, Any]:
    """The group and the version that a signal is about: the one that it names, or the live one."""
    told, live = task["signal"], task["live"]
    version, since, of_run = live.get("version"), moment(live.get("since")), moment(told.get("since"))
    is_older = since is not None and of_run is not None and of_run < since
    if told.get("version") is not None:
        return {"group": told.get("group") or task["group"], "version": told["version"]}
    known = str(version) if version is not None and told.get("endpoint") and not is_older else ""
    return {"group": told.get("group") or task["group"], "version": int(known) if known.isdecimal() else None}


def _who(task: HeardTask) -> str:
    """The run in words, from its identity: ``Monitor inputs of churn, 2026-01-05T09:00:00Z``."""
    endpoint, _, rest = str(task["signal"]["run"]).removeprefix(DRY_RUN).partition("/")
    monitor = rest.partition("/")[0] or "?"
    return f"Monitor {monitor} of {endpoint}, {task['signal'].get('since') or 'at an unknown time'}"


def _names(violations: tuple[Violation, ...]) -> str:
    names = list(dict.fromkeys(each.subject for each in violations if each.subject))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f": {', '.join(names[:3])}{more}" if names else ""
