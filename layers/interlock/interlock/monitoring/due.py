"""Which windows are due, of each monitor, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from interlock.monitoring.kinds.labels import Labels
from interlock.monitoring.kinds.registry import AnyMonitor
from interlock.monitoring.past_runs import FAILED, OPEN, WAITING, PastRun
from interlock.monitoring.steps import FIRST, following
from interlock.monitoring.windows import LATE_CAPTURE, Window, newest, window_at


@dataclass(frozen=True)
class Due:
    """A run that should start. ``attempt`` counts from 1 and says how often the window was begun; ``last_chance``:
    labels that miss are not awaited any more; ``made``: the jobs of the run before this one, by their tasks."""

    monitor: AnyMonitor
    window: Window
    task: str = "run"
    attempt: int = 1
    last_chance: bool = False
    made: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Looked:
    """What is due of one monitor; ``sentence`` says why nothing is."""

    due: tuple[Due, ...] = ()
    sentence: str = ""


def look(monitor: AnyMonitor, runs: Sequence[PastRun], now: datetime, since: datetime, instances: int) -> Looked:
    """The windows of ``monitor`` that are due at ``now``: waiting ones first, oldest first, then the newest.

    ``runs`` are those of the ledger, oldest first; ``since`` is when the live version went live. A window that began
    before is never due: its capture mixes two versions.
    """
    first = "prepare" if monitor.container else "summarise" if instances > 1 and monitor.in_parts else "run"
    own = [run for run in runs if run.monitor == monitor.name]
    again = tuple(
        due
        for start in dict.fromkeys(run.window for run in own)
        if (window := window_at(start, monitor.every)) and window.start >= since
        for due in _again(monitor, window, [run for run in own if run.window == start], now, first)
    )
    labels = labels_of(monitor)
    window = newest(monitor.every, now, LATE_CAPTURE + timedelta(seconds=labels.wait if labels else 0))
    if any(run.window == window.key for run in own):
        return Looked(again, f"{monitor.name}: the window from {_said(window.start)} was begun already")
    if window.start < since:
        said = f"the window from {_said(window.start)} began before the live version served, at {_said(since)}"
        return Looked(again, f"{monitor.name}: {said}")
    return Looked((*again, Due(monitor, window, first, last_chance=_late(labels, window, now))))


def _again(monitor: AnyMonitor, window: Window, past: list[PastRun], now: datetime, first: str) -> list[Due]:
    """What is still to do for a window that was begun: the job that follows, or ask for labels once more."""
    labels, last = labels_of(monitor), past[-1]
    begun = [place for place, run in enumerate(past) if run.task in FIRST]
    follows = following(last.task, last.said, monitor.container) if last.status not in OPEN | FAILED else ""
    if follows:
        attempt = past[begun[-1] if begun else 0 :]
        late = _late(labels, window, attempt[0].created_at)
        return [Due(monitor, window, follows, len(begun), late, {run.task: run.job for run in attempt})]
    if last.status != WAITING or labels is None:
        return []
    given_up = window.end + timedelta(seconds=labels.give_up)
    if last.created_at >= given_up:
        return []
    if now < given_up and now - last.created_at < timedelta(seconds=monitor.every):
        return []
    return [Due(monitor, window, first, len(begun) + 1, now >= given_up)]


def labels_of(monitor: AnyMonitor) -> Labels | None:
    """How long ``monitor`` waits for ground truth; None if it needs none."""
    found = getattr(monitor, "labels", None)
    return found if isinstance(found, Labels) else None


def _late(labels: Labels | None, window: Window, at: datetime) -> bool:
    return labels is not None and at >= window.end + timedelta(seconds=labels.give_up)


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
