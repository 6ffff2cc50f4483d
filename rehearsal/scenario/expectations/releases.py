"""Expectations of releases: outcomes, effort, and how releases stood to one another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from rehearsal.report.plural import counted
from rehearsal.report.result import Finding, Release, Result
from rehearsal.scenario.entries import Duration, Entry
from rehearsal.scenario.expectations.kind import WRITES, Expectation
from rehearsal.scenario.quantities import count, duration


class ReleaseEnds(Expectation):
    """How one release went: its outcome, reason code and costs, each only if written."""

    release: str
    outcome: Literal["Succeeded", "RolledBack", "Failed", "Refused", "Superseded", "Cancelled"] | None = None
    reason: str | None = None
    sentence: str | None = Field(None, description="text that the sentence of its end contains")
    stable_again_within: Duration | None = Field(
        None,
        description="from the alarm, the word or the verdict that ended it until no request can reach the candidate",
    )
    version: int | None = None
    strategy: str | None = None
    traffic: str | None = None
    transitions_at_most: int | None = None
    functions_at_most: int | None = None
    lasts_at_most: Duration | None = None
    requests_served_at_least: int | None = None
    requests_answered_by_candidate_at_most: int | None = None
    requests_failed_by_candidate_at_least: int | None = None
    requests_failed_by_candidate_at_most: int | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        release = next((each for each in result.releases if each.id == self.release), None)
        if release is None:
            known = ", ".join(each.id for each in result.releases) or "none"
            yield Finding(f"There is a release {self.release}", False, f"releases: {known}")
            return
        for field, words, seen in self._equal(release):
            wanted = getattr(self, field)
            if wanted is not None:
                yield Finding(f"Release {self.release}: {words} {wanted}", seen == wanted, f"{seen or 'nothing'}")
        if self.sentence is not None:
            text = f"Release {self.release} ends with the words “{self.sentence}”"
            yield Finding(text, self.sentence in release.sentence, release.sentence or "nothing")
        if self.stable_again_within is not None:
            took = _stable_again_after(release, result)
            text = f"Release {self.release}: stable serves alone again within {duration(self.stable_again_within)}"
            held = took is not None and took <= self.stable_again_within
            yield Finding(text, held, "never" if took is None else f"after {duration(took)}")
        for field, words, number in self._bounds(release, result):
            bound = getattr(self, field)
            if bound is not None:
                held = number >= bound if field.endswith("at_least") else number <= bound
                yield Finding(f"Release {self.release} {words.format(count(bound))}", held, count(number))

    @staticmethod
    def _equal(release: Release) -> tuple[tuple[str, str, Any], ...]:
        return (
            ("outcome", "the outcome is", release.outcome),
            ("reason", "the reason is", release.reason),
            ("version", "it delivers version", release.version),
            ("strategy", "the strategy is", release.plan.get("strategy")),
            ("traffic", "traffic is moved by", release.plan.get("traffic")),
        )

    @staticmethod
    def _bounds(release: Release, result: Result) -> tuple[tuple[str, str, float], ...]:
        lasted = (release.ended or result.ended) - release.started
        here = (each for each in result.minutes if each.endpoint == release.endpoint and release.served(each))
        answered, failed = sum(each.requests for each in here), release.requests_failed_by_candidate
        return (
            ("transitions_at_most", "takes at most {} state transitions", release.transitions),
            ("functions_at_most", "calls functions at most {} times", release.functions_invoked),
            ("lasts_at_most", "lasts at most {} seconds", lasted),
            ("requests_served_at_least", "runs under at least {} requests", release.requests_served),
            ("requests_answered_by_candidate_at_most", "has at most {} requests answered by its candidate", answered),
            ("requests_failed_by_candidate_at_least", "sees at least {} errors of its candidate", failed),
            ("requests_failed_by_candidate_at_most", "sees at most {} errors of its candidate", failed),
        )


def _stable_again_after(release: Release, result: Result) -> float | None:
    """Seconds from the moment it turned back until no request can reach its candidate; None if it never did, or if they
    still can."""
    if release.turned_back is None:
        return None
    here = [each for each in result.routed if each.endpoint == release.endpoint]
    reached = [place for place, each in enumerate(here) if release.version in each.shares]
    if not reached:
        return 0.0
    if reached[-1] + 1 == len(here):
        return None
    return max(0.0, here[reached[-1] + 1].at - release.turned_back)


class Releases(Expectation):
    """How many releases there were."""

    releases: int
    endpoint: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        ids = [release.id for release in result.releases if self.endpoint in (None, release.endpoint)]
        where = f" on {self.endpoint}" if self.endpoint else ""
        verb = "is" if self.releases == 1 else "are"
        text = f"There {verb} {counted(self.releases, 'release')}{where}"
        yield Finding(text, len(ids) == self.releases, ", ".join(ids) or "none")


class OneAtATime(Expectation):
    """Releases on this endpoint never overlap."""

    one_at_a_time: str

    def findings(self, result: Result) -> Iterator[Finding]:
        here = [each for each in result.releases if each.endpoint == self.one_at_a_time]
        changes = [(each, *held) for each in here if (held := _changed(each, result)) is not None]
        overlaps = [
            f"{later.id} changed it before {earlier.id} was done"
            for (earlier, _, last), (later, first, _) in itertools.pairwise(sorted(changes, key=lambda each: each[1]))
            if first < last
        ]
        yield Finding(f"Releases on {self.one_at_a_time} go one after the other", not overlaps, "; ".join(overlaps))


def _changed(release: Release, result: Result) -> tuple[float, float] | None:
    """When the release's executions first and last changed something in SageMaker; None when they never did."""
    times = [
        call.at
        for call in result.calls
        if call.caller.execution in release.executions
        and call.service == "sagemaker"
        and call.operation.startswith(WRITES)
    ]
    return (times[0], times[-1]) if times else None


class RequestsLost(Expectation):
    """Requests that no variant answered because of a change Interlock made, over all releases."""

    requests_lost: int

    def findings(self, result: Result) -> Iterator[Finding]:
        lost = sum(release.requests_lost for release in result.releases)
        yield Finding(
            f"{counted(self.requests_lost, 'request')} {'is' if self.requests_lost == 1 else 'are'} lost to a change",
            lost == self.requests_lost,
            count(lost),
        )


class Polls(Expectation):
    """Calls to SageMaker made only to wait, by one release or all."""

    polls: int
    release: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        polls = sum(each.polls for each in result.releases if self.release in (None, each.id))
        who = self.release or "Interlock"
        text = f"{who} polls SageMaker {counted(self.polls, 'time')}" if self.polls else f"{who} never polls SageMaker"
        yield Finding(text, polls == self.polls, counted(polls, "poll"))


class MostSteps(Entry):
    """The most steps between the alarm's event and the call that puts all traffic on stable."""

    functions: int = 1
    transitions: int = 10
    waits: int = 0


class Restore(Expectation):
    """How stable was restored in every release that an alarm rolled back."""

    restore: MostSteps
    release: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        ways = [
            (each.id, way) for each in result.releases if self.release in (None, each.id) for way in each.restorings
        ]
        if not ways:
            yield Finding("An alarm rolls a release back", False, "no alarm did")
        for release, way in ways:
            took = duration(way.restored_at - way.alarm_at)
            cost = f"{_cost(way.functions, way.transitions, way.waits)}, {took}"
            bound = self.restore
            held = (
                way.functions <= bound.functions and way.transitions <= bound.transitions and way.waits <= bound.waits
            )
            text = _cost(bound.functions, bound.transitions, bound.waits)
            yield Finding(f"{release}: from the alarm to stable takes at most {text}", held, cost)


def _cost(functions: int, transitions: int, waits: int) -> str:
    return f"{counted(functions, 'function call')}, {counted(transitions, 'transition')}, {counted(waits, 'wait')}"


class Quarantined(Expectation):
    """A version that must be in quarantine, or `none`."""

    quarantined: int | Literal["none"]
    group: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        there = [(group, version) for group, version in sorted(result.final.quarantined) if self.group in (None, group)]
        seen = ", ".join(f"{group} {version}" for group, version in there) or "none"
        if self.quarantined == "none":
            yield Finding("No version is in quarantine", not there, seen)
        else:
            held = any(version == self.quarantined for _, version in there)
            yield Finding(f"Version {self.quarantined} is in quarantine", held, seen)
