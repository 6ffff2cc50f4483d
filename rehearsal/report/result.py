"""The result of a rehearsal: expectations judge it, the terminal and the reports show it, `--json` prints it.

A Result is data. Times are virtual epoch seconds, shares are fractions, latencies microseconds. Only `wall_seconds` may
differ between two runs with the same scenario and seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rehearsal.account.gateway import Call
    from rehearsal.report.prices import Cost
    from rehearsal.report.retrainings import Loop
    from rehearsal.report.watching import Decision, Monitor, TrafficDrift
    from rehearsal.traffic import Minute


@dataclass(frozen=True)
class Moment:
    """One thing that happened, in words; `kind` is its sort, `endpoint` the endpoint concerned, if any, and
    `source` its cause: a release's id for its journal, else an execution's ARN or an alarm's name."""

    at: float
    kind: str
    text: str
    endpoint: str = ""
    good: bool | None = None  # None: neither good nor bad news
    source: str = ""


@dataclass(frozen=True)
class AlarmChange:
    """An alarm entered a state: OK, ALARM or INSUFFICIENT_DATA."""

    at: float
    alarm: str
    state: str
    reason: str


@dataclass(frozen=True)
class Notice:
    """A message published to the notices topic, as sent."""

    at: float
    subject: str
    body: str


@dataclass(frozen=True)
class Routed:
    """From `at` on, the requests of an endpoint went so: each version's, or each model's, share of them."""

    at: float
    endpoint: str
    shares: Mapping[int | str, float]


@dataclass(frozen=True)
class JournalEntry:
    """One entry of a release's journal: `kind` is PLAN, VERDICT, ROLLBACK, PERSON, LIVE or END."""

    at: float
    kind: str
    step: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Restoring:
    """From an alarm's state change to the call that put all traffic on stable, and the steps between."""

    alarm_at: float
    restored_at: float
    functions: int
    transitions: int
    waits: int


@dataclass(frozen=True)
class Release:
    """One attempt to make a version live on one endpoint, as the ledger, the executions and the traffic tell it."""

    id: str
    endpoint: str
    version: int
    outcome: str
    reason: str
    sentence: str
    started: float
    ended: float | None
    transitions: int
    functions_invoked: int
    polls: int
    requests_served: int
    requests_failed_by_candidate: int
    requests_lost: int
    journal: tuple[JournalEntry, ...] = ()
    restorings: tuple[Restoring, ...] = ()
    executions: tuple[str, ...] = ()
    costs: tuple[Cost, ...] = ()
    turned_back: float | None = None  # when somebody told it to stop, or else when it began to roll back

    @property
    def cost_usd(self) -> float:
        """AWS's charge for the release itself, without the endpoint."""
        return sum(each.dollars for each in self.costs)

    @property
    def plan(self) -> Mapping[str, Any]:
        """The plan document, or an empty mapping when the release never had one."""
        return next((entry.document for entry in self.journal if entry.kind == "PLAN"), {})

    @cached_property
    def candidates(self) -> frozenset[tuple[str, str]]:
        """(variant, endpoint config) of every fleet that runs the model this release creates. The variant's name alone
        does not tell: a native deployment keeps it. Of an inference component, its name and the model."""
        models = {request["ModelName"] for request in self._requests("CreateModel")}
        of_variants = {
            (variant["VariantName"], request["EndpointConfigName"])
            for request in self._requests("CreateEndpointConfig")
            for variant in request["ProductionVariants"]
            if variant.get("ModelName") in models
        }
        made = (*self._requests("CreateInferenceComponent"), *self._requests("UpdateInferenceComponent"))
        of_components = {(each["InferenceComponentName"], each["Specification"]["ModelName"]) for each in made}
        return frozenset(of_variants | of_components)

    @cached_property
    def variants(self) -> Mapping[str, frozenset[str]]:
        """The names of the variants in each endpoint config that this release creates."""
        return {
            request["EndpointConfigName"]: frozenset(each["VariantName"] for each in request["ProductionVariants"])
            for request in self._requests("CreateEndpointConfig")
        }

    @cached_property
    def guards(self) -> frozenset[str]:
        """The names of the alarms that may end this release: its own, and the policy's."""
        own = (request["AlarmName"] for request in self._requests("PutMetricAlarm"))
        watched = (name for step in self.plan.get("steps", ()) for name in (step.get("bake") or {}).get("alarms", ()))
        return frozenset((*own, *watched))

    def served(self, minute: Minute) -> bool:
        """Whether the requests of a minute went to this release's candidate."""
        if minute.endpoint != self.endpoint:
            return False
        if minute.named:
            return any(minute.named.endswith(f"/{each['Value']}") for each in self._requests("PutParameter"))
        return (minute.variant, minute.config) in self.candidates

    def _requests(self, action: str) -> list[Mapping[str, Any]]:
        return [step["request"] for step in self.plan.get("steps", ()) if step["action"] == action]


@dataclass(frozen=True)
class Finding:
    """One expectation in words, whether it held, and, if not, the observation instead."""

    text: str
    held: bool
    seen: str = ""


@dataclass(frozen=True)
class Final:
    """How the account stood when the scenario ended."""

    leases: Mapping[str, str] = field(default_factory=dict)  # endpoint: the release that holds it
    quarantined: frozenset[tuple[str, int]] = frozenset()  # (group, version)
    serving: Mapping[str, Mapping[int | str, float]] = field(
        default_factory=dict
    )  # endpoint: {version or model: share}
    statuses: Mapping[str, str] = field(default_factory=dict)  # endpoint: EndpointStatus
    instances: Mapping[str, int] = field(default_factory=dict)  # endpoint, unless it is serverless: instances
    registered: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict
    )  # resource id of a scalable target: its target, and its policies and schedules by their names
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # endpoint: its variants
    running: tuple[str, ...] = ()  # executions still running, but for those that have just begun
    leftovers: tuple[str, ...] = ()  # models, endpoint configs and alarms that Interlock made and no endpoint uses
    dead_letters: int = 0  # messages in dead-letter queues
    events_waiting: int = 0  # messages in the queues before the door


@dataclass(frozen=True)
class Result:
    """A finished rehearsal."""

    scenario: str
    about: str
    seed: int
    started: float
    ended: float
    wall_seconds: float
    releases: tuple[Release, ...] = ()
    calls: tuple[Call, ...] = ()
    minutes: tuple[Minute, ...] = ()
    alarms: tuple[AlarmChange, ...] = ()
    notices: tuple[Notice, ...] = ()
    refused: tuple[JournalEntry, ...] = ()  # refusals at the door, before any release
    moments: tuple[Moment, ...] = ()
    final: Final = field(default_factory=Final)
    findings: tuple[Finding, ...] = ()
    decisions: tuple[Decision, ...] = ()
    loops: tuple[Loop, ...] = ()  # retrainings
    monitors: tuple[Monitor, ...] = ()
    drifts: tuple[TrafficDrift, ...] = ()
    routed: tuple[Routed, ...] = ()  # each change of an endpoint's traffic, in order

    @property
    def passed(self) -> bool:
        """True when every expectation held."""
        return all(finding.held for finding in self.findings)


def as_json(result: Result) -> dict[str, Any]:
    """The machine-readable form that `--json` prints; its keys are a contract with other programs."""
    from rehearsal.report.loop_json import loop_json  # it needs this module

    return {
        "scenario": result.scenario,
        "passed": result.passed,
        "seed": result.seed,
        "virtual_seconds": round(result.ended - result.started, 3),
        "wall_seconds": round(result.wall_seconds, 3),
        "releases": [_release(release, result.ended) for release in result.releases],
        **loop_json(result),
        "api_calls": [_call(call) for call in result.calls],
        "expectations": [{"text": finding.text, "held": finding.held} for finding in result.findings],
    }


def _release(release: Release, ended: float) -> dict[str, Any]:
    return {
        "id": release.id,
        "endpoint": release.endpoint,
        "version": release.version,
        "outcome": release.outcome,
        "reason": release.reason,
        "virtual_seconds": round((release.ended or ended) - release.started, 3),
        "transitions": release.transitions,
        "functions_invoked": release.functions_invoked,
        "polls": release.polls,
        "requests_served": release.requests_served,
        "requests_failed_by_candidate": release.requests_failed_by_candidate,
        "requests_lost": release.requests_lost,
        "cost_usd": round(release.cost_usd, 6),
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "at": instant(call.at),
        "principal": call.caller.principal,
        "service": call.service,
        "operation": call.operation,
        "request": plain(call.request),
        "error": plain(call.error) if call.error else None,
    }


def instant(at: float) -> str:
    """A virtual instant as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(round(at, 3), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def starts(at: float) -> str:
    """The instant that every offset in a timeline counts from, for people."""
    when = datetime.fromtimestamp(at, UTC)
    return f"starts {when:{'%Y-%m-%d %H:%M:%S' if when.second else '%Y-%m-%d %H:%M'}} UTC; times count from there"


def plain(value: Any) -> Any:
    """A request or response as JSON can write it: instants as ISO 8601, an artifact's bytes as size and digest."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, datetime):
        return instant(value.timestamp())
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


def _text(value: bytes) -> str:
    """The bytes as text, if they are text; otherwise their number and a digest."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()}"
