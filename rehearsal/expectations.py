"""What a scenario may expect to hold at its end: each kind is an entry that its first field names, and judges a Result.

A release that does not exist, an endpoint nobody made, or a way back that never happened is a failed expectation, not
an error.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from rehearsal.entries import Duration, Entry, OneOf, Share
from rehearsal.quantities import count, duration, share
from rehearsal.result import Finding, Release, Result, plain
from rehearsal.timeline import is_denied

_WRITES = ("Create", "Update", "Delete")


class Expectation(Entry):
    """Something that must hold at the end."""

    def findings(self, result: Result) -> Iterator[Finding]:
        """What came of it; several findings when it says several things."""
        raise NotImplementedError


class ReleaseEnds(Expectation):
    """How one release went: its outcome, reason code and costs, each only if written."""

    release: str
    outcome: Literal["Succeeded", "RolledBack", "Failed", "Refused", "Superseded", "Cancelled"] | None = None
    reason: str | None = None
    version: int | None = None
    strategy: str | None = None
    traffic: str | None = None
    transitions_at_most: int | None = None
    functions_at_most: int | None = None
    lasts_at_most: Duration | None = None
    requests_served_at_least: int | None = None
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
        for field, words, number in self._bounds(release, result):
            bound = getattr(self, field)
            if bound is not None:
                held = number >= bound if field.endswith("at_least") else number <= bound
                yield Finding(f"Release {self.release} {words} {count(bound)}", held, count(number))

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
        return (
            ("transitions_at_most", "takes at most this many state transitions:", release.transitions),
            ("functions_at_most", "invokes functions at most this many times:", release.functions_invoked),
            ("lasts_at_most", "lasts at most this many seconds:", lasted),
            ("requests_served_at_least", "runs under at least this many requests:", release.requests_served),
            (
                "requests_failed_by_candidate_at_most",
                "loses at most this many requests to the candidate's errors:",
                release.requests_failed_by_candidate,
            ),
        )


class EndpointServes(Expectation):
    """What an endpoint serves at the end, and with how many instances."""

    endpoint: str
    serves: int | str | None = Field(None, description="a version, or the name of a model nobody registered")
    share: Share = 1.0
    status: str | None = None
    instances: int | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        if self.serves is not None:
            serving = result.final.serving.get(self.endpoint, {})
            seen = ", ".join(f"{share(part)} {version}" for version, part in serving.items()) or "nothing"
            held = abs(serving.get(self.serves, 0.0) - self.share) < 1e-6
            what = f"version {self.serves}" if isinstance(self.serves, int) else self.serves
            yield Finding(f"Endpoint {self.endpoint} serves {what} with {share(self.share)} of its traffic", held, seen)
        if self.status is not None:
            status = result.final.statuses.get(self.endpoint, "no endpoint")
            yield Finding(f"Endpoint {self.endpoint} is {self.status}", status == self.status, status)
        if self.instances is not None:
            number = result.final.instances.get(self.endpoint, 0)
            yield Finding(
                f"Endpoint {self.endpoint} runs {self.instances} instances", number == self.instances, str(number)
            )


class Lease(Expectation):
    """Who holds an endpoint's lease at the end: `free`, or a release."""

    lease: str
    endpoint: str

    def findings(self, result: Result) -> Iterator[Finding]:
        holder = result.final.leases.get(self.endpoint, "free")
        held = "free" if self.lease == "free" else f"held by {self.lease}"
        yield Finding(f"The lease of {self.endpoint} is {held}", holder == self.lease, holder)


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


class Releases(Expectation):
    """How many releases there were."""

    releases: int
    endpoint: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        ids = [release.id for release in result.releases if self.endpoint in (None, release.endpoint)]
        where = f" on {self.endpoint}" if self.endpoint else ""
        yield Finding(f"There are {self.releases} releases{where}", len(ids) == self.releases, ", ".join(ids) or "none")


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
        and call.operation.startswith(_WRITES)
    ]
    return (times[0], times[-1]) if times else None


class RequestsLost(Expectation):
    """Requests that no variant answered because of a change Interlock made, over all releases."""

    requests_lost: int

    def findings(self, result: Result) -> Iterator[Finding]:
        lost = sum(release.requests_lost for release in result.releases)
        yield Finding(
            f"{count(self.requests_lost)} requests are lost to a change", lost == self.requests_lost, count(lost)
        )


class Polls(Expectation):
    """Calls to SageMaker made only to wait, by one release or all."""

    polls: int
    release: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        polls = sum(each.polls for each in result.releases if self.release in (None, each.id))
        who = f"by {self.release} " if self.release else ""
        yield Finding(f"SageMaker is asked {who}{self.polls} times only to wait", polls == self.polls, str(polls))


class Noticed(Expectation):
    """A notice that a person must have received: text that its subject or body contains."""

    notice: str
    times: int | None = Field(None, description="exactly this many notices; at least one when absent")

    def findings(self, result: Result) -> Iterator[Finding]:
        wanted = self.notice.casefold()
        number = sum(wanted in f"{notice.subject}\n{notice.body}".casefold() for notice in result.notices)
        how_many = "A notice says" if self.times is None else f"Exactly {self.times} notices say"
        held = number > 0 if self.times is None else number == self.times
        yield Finding(f"{how_many} “{self.notice}”", held, f"{number} of {len(result.notices)}")


class Journalled(Expectation):
    """Text (a reason code, or words) that an entry of the journal contains."""

    journal: str
    release: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        entries = [entry for each in result.releases if self.release in (None, each.id) for entry in each.journal]
        entries += result.refused if self.release is None else ()
        held = any(self.journal in json.dumps(plain(entry.document), ensure_ascii=False) for entry in entries)
        yield Finding(f"The journal contains “{self.journal}”", held, f"{len(entries)} entries without it")


class CallsWanted(Entry):
    """Which calls, by which service and operation, and how many."""

    operation: str
    service: str | None = None
    principal: str | None = Field(None, description="text that the caller's ARN contains")
    request: str | None = Field(None, description="text that the request, written as JSON, contains")
    error: str | None = Field(None, description="text that the error contains; calls of any ending count when absent")
    times: int | None = None
    at_most: int | None = None


class ApiCalls(Expectation):
    """How often something was called."""

    api_calls: CallsWanted

    def findings(self, result: Result) -> Iterator[Finding]:
        wanted = self.api_calls
        number = sum(
            call.operation == wanted.operation
            and wanted.service in (None, call.service)
            and (wanted.principal or "") in call.caller.principal
            and (wanted.request or "") in json.dumps(plain(call.request))
            and (wanted.error or "") in str(call.error or "")
            for call in result.calls
        )
        bound, held = "at least once", number >= 1
        if wanted.times is not None:
            bound, held = f"exactly {wanted.times} times", number == wanted.times
        elif wanted.at_most is not None:
            bound, held = f"at most {wanted.at_most} times", number <= wanted.at_most
        detail = "".join(f" ({text})" for text in (wanted.principal, wanted.request, wanted.error) if text)
        yield Finding(f"{wanted.operation}{detail} is called {bound}", held, f"{number} times")


class Untouched(Expectation):
    """Nothing about this endpoint was created, updated or deleted by a state machine."""

    untouched: str

    def findings(self, result: Result) -> Iterator[Finding]:
        touched = [
            call.operation
            for call in result.calls
            if call.service == "sagemaker" and call.caller.execution and call.operation.startswith(_WRITES)
        ]
        seen = ", ".join(dict.fromkeys(touched))
        yield Finding(f"Nothing of {self.untouched} is created, updated or deleted", not touched, seen)


class TakenBack(Entry):
    """What it may cost, at most, to get from the alarm's event to the call that puts all traffic on stable."""

    functions: int = 1
    transitions: int = 10
    waits: int = 0


class Restore(Expectation):
    """The way back of every release that an alarm took back."""

    restore: TakenBack
    release: str | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        ways = [(each.id, way) for each in result.releases if self.release in (None, each.id) for way in each.ways_back]
        if not ways:
            yield Finding("An alarm takes a release back", False, "no alarm did")
        for release, way in ways:
            took = duration(way.restored_at - way.alarm_at)
            cost = f"{way.functions} functions, {way.transitions} transitions, {way.waits} waits, {took}"
            bound = self.restore
            held = (
                way.functions <= bound.functions and way.transitions <= bound.transitions and way.waits <= bound.waits
            )
            text = f"{bound.functions} function calls, {bound.transitions} transitions and {bound.waits} waits"
            yield Finding(f"{release}: from the alarm to stable takes at most {text}", held, cost)


class Alarmed(Expectation):
    """An alarm whose name contains this text went into ALARM, or never did."""

    alarm: str
    raised: bool = True

    def findings(self, result: Result) -> Iterator[Finding]:
        raised = [change.alarm for change in result.alarms if change.state == "ALARM" and self.alarm in change.alarm]
        verb = "goes" if self.raised else "never goes"
        yield Finding(
            f"An alarm named like “{self.alarm}” {verb} into ALARM", bool(raised) is self.raised, ", ".join(raised)
        )


class Running(Expectation):
    """How many executions of state machines are still running at the end."""

    running: int

    def findings(self, result: Result) -> Iterator[Finding]:
        running = result.final.running
        yield Finding(
            f"{self.running} executions are still running", len(running) == self.running, ", ".join(running) or "none"
        )


class DeadLetters(Expectation):
    """How many events ended in a dead-letter queue."""

    dead_letters: int

    def findings(self, result: Result) -> Iterator[Finding]:
        number = result.final.dead_letters
        yield Finding(
            f"{self.dead_letters} events end in a dead-letter queue", number == self.dead_letters, str(number)
        )


def permitted(result: Result) -> Finding:
    """What every scenario expects without saying so: the template grants what the machines ask for."""
    calls = [call for call in result.calls if is_denied(call)]
    denied = [f"{call.caller.principal.rpartition('/')[2]} {call.operation}" for call in calls]
    seen = ", ".join(dict.fromkeys(denied)) or "every call was"
    return Finding("No call is refused for want of a permission", not denied, seen)


KINDS: dict[str, type[Expectation]] = {
    "release": ReleaseEnds,
    "endpoint": EndpointServes,
    "lease": Lease,
    "quarantined": Quarantined,
    "releases": Releases,
    "one_at_a_time": OneAtATime,
    "requests_lost": RequestsLost,
    "polls": Polls,
    "notice": Noticed,
    "journal": Journalled,
    "api_calls": ApiCalls,
    "untouched": Untouched,
    "restore": Restore,
    "alarm": Alarmed,
    "running": Running,
    "dead_letters": DeadLetters,
}

Expected = Annotated[Expectation, OneOf("expectation", KINDS)]
