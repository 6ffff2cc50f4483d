"""Expectations of the account: endpoints, leases, calls, alarms and notices."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import Field

from rehearsal.report.plural import counted
from rehearsal.report.result import Finding, Result, plain
from rehearsal.report.timeline import is_denied
from rehearsal.scenario.entries import Entry, Share
from rehearsal.scenario.expectations.kind import WRITES, Expectation
from rehearsal.scenario.quantities import share


class EndpointServes(Expectation):
    """The versions that an endpoint serves at the end, and its instances."""

    endpoint: str
    serves: int | str | None = Field(None, description="a version, or the name of a model nobody registered")
    share: Share = 1.0
    status: str | None = None
    instances: int | None = None

    def findings(self, result: Result) -> Iterator[Finding]:
        if self.serves is not None:
            serving = result.final.serving.get(self.endpoint, {})
            seen = ", ".join(f"{_model(each)} with {share(part)}" for each, part in serving.items()) or "nothing"
            held = abs(serving.get(self.serves, 0.0) - self.share) < 1e-6
            model = _model(self.serves)
            yield Finding(
                f"Endpoint {self.endpoint} serves {model} with {share(self.share)} of its traffic", held, seen
            )
        if self.status is not None:
            status = result.final.statuses.get(self.endpoint, "no endpoint")
            yield Finding(f"Endpoint {self.endpoint} is {self.status}", status == self.status, status)
        if self.instances is not None:
            number = result.final.instances.get(self.endpoint, 0)
            yield Finding(
                f"Endpoint {self.endpoint} runs {counted(self.instances, 'instance')}",
                number == self.instances,
                str(number),
            )


class Autoscaled(Expectation):
    """How the only variant of an endpoint is registered with Application Auto Scaling at the end, and that nothing else
    of the endpoint is, nor is anything suspended."""

    autoscaled: str
    min: int
    max: int
    policies: list[str] = Field(default_factory=list, description="their names")
    schedules: list[str] = Field(default_factory=list, description="their names")
    alarms: int | None = Field(None, description="how many alarms start its policies")

    def findings(self, result: Result) -> Iterator[Finding]:
        variants = result.final.variants.get(self.autoscaled, ())
        prefix = f"endpoint/{self.autoscaled}/variant/"
        registered = {name: each for name, each in result.final.registered.items() if name.startswith(prefix)}
        names = [name.removeprefix(prefix) for name in registered]
        what = f"The variant of {self.autoscaled}"
        yield Finding(f"{what} is registered, and no other", names == list(variants), ", ".join(names) or "nothing")
        for each in registered.values():
            target, attached = each["target"], [sorted(each["policies"]), sorted(each["schedules"])]
            seen = f"from {target['MinCapacity']} to {target['MaxCapacity']}"
            yield Finding(
                f"{what} has from {self.min} to {self.max} instances", *_same(f"from {self.min} to {self.max}", seen)
            )
            named = ", ".join(name for names in attached for name in names) or "none"
            wanted = [sorted(self.policies), sorted(self.schedules)]
            yield Finding(f"{what} has its scaling policies and scheduled actions", attached == wanted, named)
            if self.alarms is not None:
                number = len(each["alarms"])
                yield Finding(
                    f"{counted(self.alarms, 'alarm')} scale {self.autoscaled}", number == self.alarms, str(number)
                )
            suspended = [name for name, is_so in target["SuspendedState"].items() if is_so]
            yield Finding(
                f"Nothing of the scaling of {self.autoscaled} is suspended", not suspended, ", ".join(suspended)
            )


def _same(wanted: str, seen: str) -> tuple[bool, str]:
    return wanted == seen, seen


def _model(served: int | str) -> str:
    return f"version {served}" if isinstance(served, int) else served


class Lease(Expectation):
    """The holder of an endpoint's lease at the end: `free`, or a release."""

    lease: str
    endpoint: str

    def findings(self, result: Result) -> Iterator[Finding]:
        holder = result.final.leases.get(self.endpoint, "free")
        held = "free" if self.lease == "free" else f"held by {self.lease}"
        yield Finding(f"The lease of {self.endpoint} is {held}", holder == self.lease, holder)


class Noticed(Expectation):
    """A notice that a person must have received: text that its subject or body contains."""

    notice: str
    times: int | None = Field(None, description="exactly this many notices; at least one when absent")

    def findings(self, result: Result) -> Iterator[Finding]:
        wanted = self.notice.casefold()
        number = sum(wanted in f"{notice.subject}\n{notice.body}".casefold() for notice in result.notices)
        how_many = "A notice says" if self.times is None else _exactly(self.times)
        held = number > 0 if self.times is None else number == self.times
        yield Finding(f"{how_many} “{self.notice}”", held, f"{number} of {len(result.notices)}")


def _exactly(times: int) -> str:
    return f"Exactly {counted(times, 'notice')} {'says' if times == 1 else 'say'}"


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
            bound, held = f"exactly {counted(wanted.times, 'time')}", number == wanted.times
        elif wanted.at_most is not None:
            bound, held = f"at most {counted(wanted.at_most, 'time')}", number <= wanted.at_most
        detail = "".join(f" ({text})" for text in (wanted.principal, wanted.request, wanted.error) if text)
        yield Finding(f"{wanted.operation}{detail} is called {bound}", held, counted(number, "time"))


class Untouched(Expectation):
    """Nothing about this endpoint was created, updated or deleted by a state machine."""

    untouched: str

    def findings(self, result: Result) -> Iterator[Finding]:
        touched = [
            call.operation
            for call in result.calls
            if call.service == "sagemaker" and call.caller.execution and call.operation.startswith(WRITES)
        ]
        seen = ", ".join(dict.fromkeys(touched))
        yield Finding(f"Nothing of {self.untouched} is created, updated or deleted", not touched, seen)


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
            f"{counted(self.running, 'execution')} {'is' if self.running == 1 else 'are'} still running",
            len(running) == self.running,
            ", ".join(running) or "none",
        )


class Leftovers(Expectation):
    """How many models, endpoint configs and alarms Interlock made that no endpoint uses at the end."""

    leftovers: int

    def findings(self, result: Result) -> Iterator[Finding]:
        left = result.final.leftovers
        text = f"{counted(self.leftovers, 'thing')} {'is' if self.leftovers == 1 else 'are'} left over"
        yield Finding(text, len(left) == self.leftovers, ", ".join(left) or "nothing")


class DeadLetters(Expectation):
    """How many events ended in a dead-letter queue."""

    dead_letters: int

    def findings(self, result: Result) -> Iterator[Finding]:
        number = result.final.dead_letters
        verb = "ends" if self.dead_letters == 1 else "end"
        yield Finding(
            f"{counted(self.dead_letters, 'event')} {verb} in a dead-letter queue",
            number == self.dead_letters,
            str(number),
        )


class EventsWaiting(Expectation):
    """How many events wait in a queue at the end and have not been acted on."""

    events_waiting: int

    def findings(self, result: Result) -> Iterator[Finding]:
        number = result.final.events_waiting
        verb = "waits" if self.events_waiting == 1 else "wait"
        yield Finding(
            f"{counted(self.events_waiting, 'event')} {verb} in a queue", number == self.events_waiting, str(number)
        )


def unmet(named: tuple[str, str]) -> Finding:
    """A scenario that describes a variant which never served shows nothing of it."""
    endpoint, pattern = named
    return Finding(f"A variant of {endpoint} that serves matches {pattern}", False, "none does")


def permitted(result: Result) -> Finding:
    """Every scenario expects this without saying so: the template grants every permission that the machines need."""
    calls = [call for call in result.calls if is_denied(call)]
    denied = [f"{call.caller.principal.rpartition('/')[2]} {call.operation}" for call in calls]
    seen = ", ".join(dict.fromkeys(denied)) or "every call was"
    return Finding("The template grants every call its permission", not denied, seen)
