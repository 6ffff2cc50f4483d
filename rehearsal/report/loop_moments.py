"""Tells the loop in words: monitors' jobs, decisions, retrainings, pipelines, the gate, and drift in the traffic.

A monitor that runs every hour says the same for days. What is like the time before is counted and not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rehearsal.report.plural import counted
from rehearsal.report.result import Moment
from rehearsal.report.watching import CLEAN, FOUND, Baseline, Decision, MonitorRun, TrafficDrift, ledger_document
from rehearsal.scenario.quantities import count

if TYPE_CHECKING:
    from rehearsal.account.gateway import Call

Event = Mapping[str, Any]
AS_BEFORE = frozenset({"AlreadyTold", "Coalesced", "EventDuplicate"})
"""Reasons of decisions that only say: as before."""

NOTHING_FOUND = "NoViolations"
"""The reason of a decision that the run itself tells; what is decided after it is news again."""

REMEDIES = {
    "notify": "tell people",
    "retrain": "retrain",
    "roll_back": "roll back",
    "scale": "add an instance",
    "investigate": "a person must look",
    "ignore": "do nothing",
    "wait": "wait",
}
VERDICTS = {"Approve": "approved by the gate", "Leave": "left to a person", "Reject": "rejected by the gate"}
_GOOD = {"Approve": True, "Leave": None, "Reject": False}
_SHOWN = 4  # subjects that a line names


class News:
    """Tells a monitor's run, or a decision, only if the one before it of the same monitor, or about the same kind of
    signal, was another; and at last how many were not told."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], tuple[object, str, int]] = {}  # what the last run said, in words, and repeats
        self._decisions: dict[tuple[str, str], object] = {}

    def of_run(self, run: MonitorRun) -> Moment | None:
        """The moment that the end of a run is, or None."""
        monitor, said = (run.endpoint, run.monitor), (run.status, run.subjects)
        before, words, repeats = self._runs.get(monitor, (None, "", 0))
        if said == before:
            self._runs[monitor] = (before, words, repeats + 1)
            return None
        self._runs[monitor] = (said, _outcome(run), 0)
        after = f", after {counted(repeats, 'more run')} that {words}" if repeats else ""
        told = f"monitor {run.monitor}, {window(run.begin, run.end)}: {_run(run)}{after}"
        good = {CLEAN: True, FOUND: False, "Failed": False}.get(run.status)
        return Moment(run.ended, "monitor", told, run.endpoint, good)

    def of_decision(self, decision: Decision) -> Moment | None:
        """The moment that a decision is, or None."""
        signal, said = (decision.group, decision.kind), (decision.remedy, decision.reason)
        before = self._decisions.get(signal)
        if decision.reason in AS_BEFORE or said == before:
            return None
        self._decisions[signal] = said
        if decision.reason == NOTHING_FOUND:
            return None
        remedy = REMEDIES.get(decision.remedy, decision.remedy)
        told = f"{decision.group}: {remedy} ({decision.reason}). {decision.sentence}"
        return Moment(decision.at, "decision", told)

    def rest(self, at: float) -> list[Moment]:
        """What was counted and not told when the rehearsal ends."""
        return [
            Moment(at, "monitor", f"monitor {monitor}: {counted(repeats, 'more run')} {words}", endpoint)
            for (endpoint, monitor), (_, words, repeats) in self._runs.items()
            if repeats
        ]


def of_baseline(made: Baseline) -> Moment:
    """The moment that the end of a baseline's job is."""
    told = f"{made.group} version {made.version}, baseline for {made.kind}: {made.sentence or made.status}"
    return Moment(made.ended, "monitor", told, good=None if made.status == CLEAN else False)


def of_drift(drift: TrafficDrift, begins: bool) -> Moment:
    """The moment at which the requests of an endpoint begin to differ, or end to."""
    told = f"requests begin to drift ({drift.drift})" if begins else f"requests drift no longer ({drift.drift})"
    return Moment(drift.begin if begins else drift.end, "drift", told, drift.endpoint)


def moment_of_retraining_call(call: Call) -> Moment | None:
    """The moment of a call that begins a retraining, or writes its verdict or its end into the ledger."""
    if call.service == "stepfunctions" and call.operation == "StartExecution":
        machine = call.request["stateMachineArn"].rpartition(":")[2]
        if not machine.endswith("-retrain") or call.caller.principal == "person":
            return None
        return Moment(call.at, "retrain", f"{call.request.get('name', '')} starts")
    for kind, tell in (("VERDICT", _judged), ("RETRAINING", _ended)):
        written = ledger_document(call, kind)
        if written is not None:
            return tell(call.at, *written)
    return None


def _judged(at: float, group: str, document: Mapping[str, Any]) -> Moment:
    verdict = str(document.get("verdict", ""))
    against = f" against version {document['champion']}" if document.get("champion") else ""
    words = VERDICTS.get(verdict, verdict)
    told = f"{group} version {document.get('version')}{against}: {words} ({document.get('reason')}). "
    return Moment(at, "gate", told + str(document.get("sentence", "")), good=_GOOD.get(verdict))


def _ended(at: float, group: str, document: Mapping[str, Any]) -> Moment:
    told = f"{document.get('name', group)} ends {document.get('reason', '')}"
    version = f" with version {document['version']}" if document.get("version") else f". {document.get('sentence', '')}"
    return Moment(at, "retrain", told + version, good=False if document.get("failed") else None)


def pipeline_moment(at: float, detail: Event) -> Moment | None:
    """The moment that a change of a pipeline's execution is, or None."""
    name = str(detail.get("pipelineArn", "")).rpartition("/")[2]
    status = str(detail.get("currentPipelineExecutionStatus", ""))
    if status == "Executing":
        return Moment(at, "pipeline", f"{name} starts")
    if status in ("Succeeded", "Failed", "Stopped", "CompletedWithFailures"):
        return Moment(at, "pipeline", f"{name} ends {status}", good=status == "Succeeded")
    return None


def step_moment(at: float, detail: Event) -> Moment | None:
    """The moment that the end of a pipeline's step is; what it registered is told of the registry."""
    name = str(detail.get("pipelineArn", "")).rpartition("/")[2]
    step, status = str(detail.get("stepName", "")), str(detail.get("currentStepStatus", ""))
    metadata = detail.get("metadata") or {}
    if status not in ("Succeeded", "Failed", "Stopped"):
        return None
    registered = str((metadata.get("registerModel") or {}).get("arn") or "")
    if registered:
        group, version = registered.rsplit("/", 2)[-2:]
        return Moment(at, "registry", f"{group} version {version} is registered by {name}")
    outcome = (metadata.get("condition") or {}).get("outcome")
    if outcome is not None:
        return Moment(at, "pipeline", f"{name}, step {step}: its condition is {'' if outcome == 'True' else 'not '}met")
    if status == "Succeeded":
        return Moment(at, "pipeline", f"{name}, step {step} is done")
    why = f": {detail['failureReason']}" if detail.get("failureReason") else ""
    return Moment(at, "pipeline", f"{name}, step {step} ends {status}{why}", good=False)


PIPELINE_EVENTS: Mapping[str, Callable[[float, Event], Moment | None]] = {
    "SageMaker Model Building Pipeline Execution Status Change": pipeline_moment,
    "SageMaker Model Building Pipeline Execution Step Status Change": step_moment,
}


def window(begin: float, end: float) -> str:
    """A window in UTC: `13:00 to 14:00`, with dates if it is longer than a day or ends on another."""
    one, other = datetime.fromtimestamp(begin, UTC), datetime.fromtimestamp(end, UTC)
    if end - begin >= 86_400:
        return f"{one:%Y-%m-%d %H:%M} to {other:%Y-%m-%d %H:%M}"
    return f"{one:%H:%M} to {other:%H:%M}" if end > begin else f"{one:%H:%M}"


def subjects(names: Iterable[str]) -> str:
    """The first names of several, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more


def _run(run: MonitorRun) -> str:
    if run.status == CLEAN:
        records = f" in {count(run.records)} records" if run.records is not None else ""
        return f"found nothing{records}"
    if run.status == FOUND:
        return f"{counted(len(run.violations), 'violation')}: {subjects(run.subjects)}"
    return f"{run.status}. {run.sentence}".strip()


def _outcome(run: MonitorRun) -> str:
    """What a run like this did, as the end of a sentence about several."""
    words = {CLEAN: "found nothing", FOUND: f"found the same ({subjects(run.subjects)})"}
    return words.get(run.status, f"ended {run.status}")
