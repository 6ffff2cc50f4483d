"""What monitors found and what was decided about it: read from the jobs of monitors and from the ledger."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rehearsal.report.costs import job_costs, processing_uses
from rehearsal.report.measured import Measured, Order, measured_in, order_in
from rehearsal.report.prices import HOURS_OF_A_MONTH, Cost

if TYPE_CHECKING:
    from rehearsal.account.gateway import Call
    from rehearsal.sagemaker.processing import Job

HOUR = 3600.0
FOUND = "CompletedWithViolations"
CLEAN = "Completed"
_BASELINE = re.compile(r"/baselines/([^/]+)/([0-9]+)/([^/]+)/?$")
_RESULTS = re.compile(r"/([^/]+)/([^/]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})/([0-9]{2})(?:/attempt-[0-9]+)?/?$")


@dataclass(frozen=True)
class FeatureDrift:
    """How far one feature was from its baseline in one window. `distance` and `threshold` are of `method` (KS or
    LInfinity: 0 to 1); `p` is the chance of such a distance without a drift. None where the monitor says nothing."""

    name: str
    distance: float | None
    threshold: float | None
    psi: float | None = None
    p: float | None = None
    drifted: bool = False


@dataclass(frozen=True)
class Violated:
    """One violation, as constraint_violations.json has it: the check, and the feature, facet or metric."""

    check: str
    subject: str


@dataclass(frozen=True)
class MonitorRun:
    """A monitor's job that has ended. Times are virtual epoch seconds; `begin` and `end` are those of its window.
    `status`: CompletedWithViolations, Completed, TooThin, WaitingForLabels or NoBaseline; for a job that judged nothing
    its own (Failed, Stopped)."""

    job: str
    endpoint: str
    monitor: str
    begin: float
    end: float
    ended: float
    status: str
    sentence: str
    kind: str = ""
    version: int | None = None
    records: int | None = None
    violations: tuple[Violated, ...] = ()
    features: tuple[FeatureDrift, ...] = ()
    costs: tuple[Cost, ...] = ()
    measured: tuple[Measured, ...] = ()
    order: Order | None = None

    @property
    def cost_usd(self) -> float:
        return sum(each.dollars for each in self.costs)

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the violations are about, each once."""
        return tuple(dict.fromkeys(each.subject or each.check for each in self.violations))


@dataclass(frozen=True)
class Baseline:
    """A baseline that a job has made, or failed to make."""

    group: str
    version: int
    kind: str
    ended: float
    status: str
    sentence: str


@dataclass(frozen=True)
class Monitor:
    """A monitor of an endpoint and its runs, in the order of their ends."""

    endpoint: str
    name: str
    kind: str
    runs: tuple[MonitorRun, ...]

    @property
    def cost_usd(self) -> float:
        """AWS's charge for the jobs so far."""
        return sum(each.cost_usd for each in self.runs)

    @property
    def usd_per_month(self) -> float | None:
        """What its jobs cost in a month, if every window costs as much as those so far; None without a window."""
        covered = sum(each.end - each.begin for each in self.runs)
        return self.cost_usd / covered * HOURS_OF_A_MONTH * HOUR if covered else None


@dataclass(frozen=True)
class Decision:
    """What was decided about a signal, as the ledger keeps it. `run` is the identity of what was told."""

    at: float
    group: str
    run: str
    kind: str
    remedy: str
    reason: str
    sentence: str
    version: int | None = None
    severity: str = ""
    subjects: tuple[str, ...] = ()
    evidence: str = ""


@dataclass(frozen=True)
class TrafficDrift:
    """From when to when the requests of an endpoint were not as they were (virtual epoch seconds)."""

    endpoint: str
    drift: str
    begin: float
    end: float


def run_of(job: Job, others: Iterable[Job] = ()) -> MonitorRun | None:
    """The run that an ended job of a monitor was; None for any other job. It also paid for that of the `others` whose
    parts it joined."""
    folder = _RESULTS.search(_output(job))
    if folder is None or job.ended is None:
        return None
    endpoint, monitor, *date = folder.groups()
    written = _written(job, "result.json")
    status, said = _message(job)
    window = written.get("window") or {}
    begin = _instant("{}-{}-{}T{}:00:00Z".format(*date)) or job.created
    joined = {uri for uri in _inputs(job) if uri.endswith("/summaries")}
    violations = _written(job, "constraint_violations.json").get("violations") or ()
    details = written.get("details") or {}
    features = details.get("features") or {}
    kind = str(written.get("kind") or "")
    drifts = (_feature(name, each) for name, each in features.items() if isinstance(each, Mapping))
    return MonitorRun(
        job=job.name,
        endpoint=endpoint,
        monitor=monitor,
        begin=_instant(window.get("start")) or begin,
        end=_instant(window.get("end")) or begin,
        ended=job.ended,
        status=str(written.get("status") or status) if job.status == CLEAN else job.status,
        sentence=str(written.get("sentence") or said),
        kind=kind,
        version=written.get("version"),
        records=written.get("records"),
        violations=tuple(Violated(str(each.get("constraint_check_type", "")), _subject(each)) for each in violations),
        features=tuple(each for each in drifts if each.distance is not None),
        measured=measured_in(kind, details, violations),
        order=order_in(details) if kind == "attribution" else None,
        costs=job_costs(processing_uses([job, *(each for each in others if _output(each) in joined)], job.ended)),
    )


def baseline_of(job: Job) -> Baseline | None:
    """The baseline that an ended job was for; None for any other job."""
    found = _BASELINE.search(_output(job))
    if found is None or job.ended is None:
        return None
    status, said = _message(job)
    sentence = str(_written(job, "result.json").get("sentence") or said)
    return Baseline(
        found[1], int(found[2]), found[3], job.ended, status if job.status == CLEAN else job.status, sentence
    )


def monitors(jobs: Iterable[Job]) -> tuple[Monitor, ...]:
    """Every monitor that ran, in the order of the first runs."""
    found: dict[tuple[str, str], list[MonitorRun]] = defaultdict(list)
    known = tuple(jobs)
    ended = sorted((run for job in known if (run := run_of(job, known)) is not None), key=lambda each: each.ended)
    for run in ended:
        found[run.endpoint, run.monitor].append(run)
    return tuple(
        Monitor(endpoint, name, next((each.kind for each in runs if each.kind), ""), tuple(runs))
        for (endpoint, name), runs in found.items()
    )


def decision_of(call: Call) -> Decision | None:
    """The decision that a successful write to the ledger is, or None."""
    written = ledger_document(call, "SIGNAL")
    if written is None:
        return None
    group, document = written
    return Decision(
        at=call.at,
        group=group,
        run=str(document.get("run", "")),
        kind=str(document.get("kind", "")),
        remedy=str(document.get("remedy", "")),
        reason=str(document.get("reason", "")),
        sentence=str(document.get("sentence", "")),
        version=document.get("version"),
        severity=str(document.get("severity", "")),
        subjects=tuple(document.get("subjects") or ()),
        evidence=str(document.get("evidence", "")),
    )


def ledger_document(call: Call, kind: str) -> tuple[str, Mapping[str, Any]] | None:
    """The group and the document of a successful write of an item of a group, by the first word of its sort key."""
    if (call.service, call.operation) != ("dynamodb", "PutItem") or call.error:
        return None
    item = {name: next(iter(value.values())) for name, value in call.request["Item"].items()}
    pk, sk = str(item.get("pk", "")), str(item.get("sk", ""))
    if not pk.startswith("GROUP#") or not sk.startswith(f"{kind}#") or "document" not in item:
        return None
    return pk.partition("#")[2], json.loads(item["document"])


def _feature(name: str, found: Mapping[str, Any]) -> FeatureDrift:
    return FeatureDrift(
        name,
        _number(found.get("distance")),
        _number(found.get("threshold")),
        _number(found.get("psi")),
        _number(found.get("p")),
        found.get("drifted") is True,
    )


def _subject(violation: Mapping[str, Any]) -> str:
    """What a violation is about: Model Monitor names a feature or a metric, Clarify a facet with its value."""
    facet = violation.get("facet")
    named = f"{facet}={violation.get('facet_value')}" if facet else violation.get("feature_name")
    return str(named or violation.get("metric_name") or "")


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and value == value else None


def _output(job: Job) -> str:
    outputs = job.request.get("ProcessingOutputConfig", {}).get("Outputs") or [{}]
    return str((outputs[0].get("S3Output") or {}).get("S3Uri", ""))


def _inputs(job: Job) -> set[str]:
    """Where its inputs lie, without a slash at the end."""
    inputs = job.request.get("ProcessingInputs") or ()
    return {str((each.get("S3Input") or {}).get("S3Uri", "")).rstrip("/") for each in inputs}


def _written(job: Job, name: str) -> Mapping[str, Any]:
    """A JSON file that the job wrote; {} when it wrote none that can be read."""
    body = next((body for (_, key), body in job.results.items() if key.rpartition("/")[2] == name), b"{}")
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}


def _message(job: Job) -> tuple[str, str]:
    """Status and sentence of a job's exit message; those of the job itself when it left none."""
    status, mark, said = job.exit_message.partition(": ")
    return (status, said) if mark else (job.status, job.exit_message or job.failure)


def _instant(text: Any) -> float | None:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None
