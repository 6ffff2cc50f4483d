"""Expectations of the loop: decisions about signals, retrainings, the gate's verdicts, and runs of monitors."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Literal, Self

from pydantic import Field, NonNegativeInt, model_validator

from rehearsal.report.plural import counted
from rehearsal.report.result import Finding, Result
from rehearsal.scenario.entries import Entry, not_so
from rehearsal.scenario.expectations.kind import Expectation

Remedy = Literal["notify", "retrain", "roll_back", "scale", "investigate", "ignore", "wait"]
Status = Literal[
    "Completed", "CompletedWithViolations", "TooThin", "WaitingForLabels", "NoBaseline", "Failed", "Stopped"
]


class Bounds(Entry):
    """From at least so many to at most so many."""

    at_least: NonNegativeInt | None = None
    at_most: NonNegativeInt | None = None


def _bounds(exactly: int | None, least: int | None, most: int | None) -> tuple[str, int, float]:
    """The bounds in words, the least and the most. At least once when nothing is written."""
    if exactly is not None:
        return f"exactly {counted(exactly, 'time')}", exactly, exactly
    if least is not None and most is not None:
        return f"{least} to {most} times", least, most
    if most is not None:
        return f"at most {counted(most, 'time')}", 0, most
    least = 1 if least is None else least
    return f"at least {counted(least, 'time')}", least, inf


class Decided(Expectation):
    """A decision about a signal: its remedy and, if written, its reason, group and kind of signal."""

    decision: Remedy
    reason: str | None = None
    group: str | None = None
    signal: str | None = Field(None, description="the signal's kind, such as data_quality")
    count: NonNegativeInt | None = Field(None, description="exactly so many; at least one when no number is written")
    at_least: NonNegativeInt | None = None
    at_most: NonNegativeInt | None = None

    @model_validator(mode="after")
    def _one_way_to_count(self) -> Self:
        if self.count is not None and (self.at_least is not None or self.at_most is not None):
            raise not_so("says how many already; leave out at_least and at_most", "count")
        return self

    def findings(self, result: Result) -> Iterator[Finding]:
        fitting = [
            each
            for each in result.decisions
            if each.remedy == self.decision
            and self.reason in (None, each.reason)
            and self.group in (None, each.group)
            and self.signal in (None, each.kind)
        ]
        words, least, most = _bounds(self.count, self.at_least, self.at_most)
        why = f" because of {self.reason}" if self.reason else ""
        about = "".join(f" {word} {value}" for word, value in (("of", self.group), ("on", self.signal)) if value)
        text = f"The decision{about} is {self.decision}{why} {words}"
        others = dict.fromkeys(f"{each.remedy} {each.reason}" for each in result.decisions)
        seen = f"{counted(len(fitting), 'time')}; decisions: {', '.join(others) or 'none'}"
        yield Finding(text, least <= len(fitting) <= most, seen)


class Retrainings(Expectation):
    """How many retrainings began."""

    retrainings: NonNegativeInt
    group: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        names = [each.name for each in result.loops if self.group in (None, each.group)]
        of = f" of {self.group}" if self.group else ""
        verb = "is" if self.retrainings == 1 else "are"
        text = f"There {verb} {counted(self.retrainings, 'retraining')}{of}"
        yield Finding(text, len(names) == self.retrainings, ", ".join(names) or "none")


class RetrainingEnds(Expectation):
    """A retraining that ends with this reason code."""

    retraining_reason: str
    group: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        reasons = [each.reason or "unfinished" for each in result.loops if self.group in (None, each.group)]
        of = f" of {self.group}" if self.group else ""
        text = f"A retraining{of} ends with {self.retraining_reason}"
        yield Finding(text, self.retraining_reason in reasons, ", ".join(reasons) or "no retraining")


class Verdict(Expectation):
    """A verdict of the gate, and, if written, the version that it is about."""

    verdict: Literal["Approve", "Leave", "Reject"]
    version: int | None = None
    group: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        here = [each for each in result.loops if self.group in (None, each.group) and each.verdict]
        held = any(each.verdict == self.verdict and self.version in (None, each.version) for each in here)
        about = f" about version {self.version}" if self.version is not None else ""
        seen = ", ".join(f"{each.verdict} about version {each.version}" for each in here)
        yield Finding(f"The gate says {self.verdict}{about}", held, seen or "no verdict")


class MonitorRuns(Expectation):
    """How many runs of monitors ended: exactly so many, or so many as the bounds say."""

    monitor_runs: NonNegativeInt | Bounds
    status: Status | None = None
    endpoint: str | None = None
    monitor: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        here = [
            run
            for each in result.monitors
            if self.endpoint in (None, each.endpoint) and self.monitor in (None, each.name)
            for run in each.runs
        ]
        number = sum(self.status in (None, run.status) for run in here)
        wanted = self.monitor_runs
        several = (None, wanted.at_least, wanted.at_most) if isinstance(wanted, Bounds) else (wanted, None, None)
        words, least, most = _bounds(*several)
        which = " ".join(filter(None, (self.endpoint, self.monitor))) or "A monitor"
        end = f"ends {self.status}" if self.status else "runs"
        statuses = dict.fromkeys(run.status for run in here)
        seen = f"{counted(number, 'time')}; of {counted(len(here), 'run')}: {', '.join(statuses) or 'none'}"
        yield Finding(f"{which} {end} {words}", least <= number <= most, seen)
