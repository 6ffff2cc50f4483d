"""Retrainings as the ledger, their executions and SageMaker tell them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rehearsal.aws import Caller
from rehearsal.report.costs import JobUse, costs, job_costs, processing_uses
from rehearsal.report.prices import Cost
from rehearsal.report.watching import Decision, ledger_document

if TYPE_CHECKING:
    from rehearsal.account.gateway import Call
    from rehearsal.report.gathering import Memory
    from rehearsal.report.result import Release
    from rehearsal.sagemaker import SageMaker
    from rehearsal.states import Execution

VERDICT_WORDS = {"Approve": ("approved", "good"), "Leave": ("left to a person", "warn"), "Reject": ("rejected", "bad")}
"""Each verdict of the gate in words, and whether it is good news."""

RULE_SIGNS = {"Pass": ("✓", "good"), "Fail": ("✕", "bad"), "Undecided": ("?", "warn"), "Missing": ("–", "warn")}

_READER = Caller("person")
_MARGIN = re.compile(r"(not worse|better) by ([0-9.e+-]+) ?%")


@dataclass(frozen=True)
class Rule:
    """What the gate found about one of its rules: Pass, Fail, Undecided or Missing. `low` and `high` bound the
    improvement over the champion, in the metric's unit, where more is better; None if nothing bounds it."""

    rule: str
    metric: str
    verdict: str
    sentence: str
    challenger: float | None = None
    champion: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def needed(self) -> float | None:
        """The improvement that the rule asks for, negative if it may be a little worse; None if it does not say."""
        found = _MARGIN.search(self.rule)
        if found is None or self.champion is None:
            return None
        part = float(found[2]) / 100 * abs(self.champion)
        return part if found[1] == "better" else -part


@dataclass(frozen=True)
class Step:
    """A step of the pipeline that trained. Times are virtual epoch seconds; `cost_usd` is that of its job."""

    name: str
    began: float
    ended: float | None
    status: str
    failure: str = ""
    cost_usd: float = 0.0


@dataclass(frozen=True)
class Loop:
    """One retraining: what asked for it, what it made, what the gate said, and which release it led to.

    `signal` is what the retraining was told of the signal. `verdict`: Approve, Leave (to a person), Reject, or "" when
    the gate saw nothing. `champion`: the live version that it compared with, 0 for none. `release`: an id, or "".
    """

    name: str
    group: str
    endpoint: str
    signal: Mapping[str, Any]
    decision: Decision | None
    started: float
    ended: float | None
    reason: str = ""
    sentence: str = ""
    failed: bool = False
    version: int = 0
    champion: int = 0
    verdict: str = ""
    verdict_reason: str = ""
    verdict_sentence: str = ""
    judged: float | None = None
    rules: tuple[Rule, ...] = ()
    release: str = ""
    pipeline: str = ""
    steps: tuple[Step, ...] = ()
    costs: tuple[Cost, ...] = ()
    executions: tuple[str, ...] = ()

    @property
    def cost_usd(self) -> float:
        """AWS's charge for the retraining: its jobs, and the machine that watches over them."""
        return sum(each.dollars for each in self.costs)


REFUSED = ("Interlock.InputInvalid", "Interlock.NothingToDo")
"""Errors of executions that somebody started with what is no retraining; they did nothing."""


def loops(
    memory: Memory,
    machine: str,
    sagemaker: SageMaker,
    decisions: Sequence[Decision],
    releases: Sequence[Release],
    training: Mapping[str, str],
) -> tuple[Loop, ...]:
    """Every retraining that executions of a state machine (its ARN) did, in the order of their starts. `training`: the
    names of training jobs by their ARNs, which have them in lower case."""
    return tuple(
        _loop(memory, each, Jobs(sagemaker, training), decisions, releases)
        for each in memory.executions
        if each.machine.arn == machine and not (each.error or "").startswith(REFUSED)
    )


def _loop(
    memory: Memory,
    execution: Execution,
    jobs: Jobs,
    decisions: Sequence[Decision],
    releases: Sequence[Release],
) -> Loop:
    given = json.loads(execution.input)
    signal = given.get("signal") or {}
    group, endpoint = str(given.get("group", "")), str(given.get("endpoint", ""))
    own = memory.with_nested([execution.arn])
    arns = tuple(each.arn for each in own)
    calls = memory.calls_of(arns)
    end = _written(calls, "RETRAINING")
    judged, verdict = next(_documents(calls, "VERDICT"), (None, {}))
    until = memory.now if execution.stop is None else execution.stop
    consumed = [each for each in memory.consumed if each.execution in arns]
    pipeline = next((arn for call in calls if (arn := _begun(call))), "")
    steps, used = jobs.steps(pipeline, until)
    used += [each for call in calls for each in jobs.trained(call, until)]
    version = int(end.get("version") or verdict.get("version") or 0)
    return Loop(
        name=execution.name,
        group=group,
        endpoint=endpoint,
        signal=signal,
        decision=_decision(decisions, group, str(signal.get("run", "")), execution.start),
        started=execution.start,
        ended=execution.stop,
        reason=str(end.get("reason", "")),
        sentence=str(end.get("sentence", "")),
        failed=end.get("failed") is True or execution.status in ("FAILED", "TIMED_OUT", "ABORTED"),
        version=version,
        champion=int(verdict.get("champion") or 0),
        verdict=str(verdict.get("verdict", "")),
        verdict_reason=str(verdict.get("reason", "")),
        verdict_sentence=str(verdict.get("sentence", "")),
        judged=judged,
        rules=tuple(_rule(each) for each in verdict.get("comparison") or ()),
        release=_release(releases, endpoint, version, execution.start),
        pipeline=pipeline,
        steps=steps,
        costs=(*job_costs(used), *costs(own, calls, consumed, memory.calls, until)),
        executions=arns,
    )


def _decision(decisions: Sequence[Decision], group: str, run: str, started: float) -> Decision | None:
    """The decision to retrain that a retraining was started after; None when a person started it."""
    fitting = [
        each
        for each in decisions
        if (each.group, each.remedy) == (group, "retrain") and each.run in ("", run) and each.at <= started
    ]
    return fitting[-1] if fitting else None


def _release(releases: Sequence[Release], endpoint: str, version: int, started: float) -> str:
    """The first release of the version since then."""
    fitting = (
        each.id
        for each in releases
        if version and each.version == version and each.endpoint == endpoint and each.started >= started
    )
    return next(fitting, "")


def _written(calls: Sequence[Call], kind: str) -> Mapping[str, Any]:
    return next((document for _, document in _documents(calls, kind)), {})


def _documents(calls: Sequence[Call], kind: str) -> Iterator[tuple[float, Mapping[str, Any]]]:
    for call in calls:
        written = ledger_document(call, kind)
        if written is not None:
            yield call.at, written[1]


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        str(row.get("rule", "")),
        str(row.get("metric", "")),
        str(row.get("verdict", "")),
        str(row.get("sentence", "")),
        row.get("challenger"),
        row.get("champion"),
        row.get("low"),
        row.get("high"),
    )


def _begun(call: Call) -> str:
    """The execution of a pipeline that a call began, or nothing."""
    if call.operation != "StartPipelineExecution" or call.error:
        return ""
    return str((call.response or {}).get("PipelineExecutionArn", ""))


@dataclass(frozen=True)
class Jobs:
    """What the jobs of retrainings used. `training`: the names of training jobs by their ARNs."""

    sagemaker: SageMaker
    training: Mapping[str, str]

    def steps(self, pipeline: str, until: float) -> tuple[tuple[Step, ...], list[JobUse]]:
        """The steps of a pipeline's execution, and what their jobs used until then."""
        if not pipeline:
            return (), []
        request = {"PipelineExecutionArn": pipeline, "SortOrder": "Ascending", "MaxResults": 100}
        found, every = [], []
        for each in self.sagemaker.list_pipeline_execution_steps(request, _READER)["PipelineExecutionSteps"]:
            uses = [use for kind, made in each["Metadata"].items() for use in self._uses(kind, made, until)]
            ended = each["EndTime"].timestamp() if "EndTime" in each else None
            cost = sum(one.dollars for one in job_costs(uses))
            began, failure = each["StartTime"].timestamp(), each.get("FailureReason", "")
            found.append(Step(each["StepName"], began, ended, each["StepStatus"], failure, cost))
            every += uses
        return tuple(found), every

    def trained(self, call: Call, until: float) -> list[JobUse]:
        """What a training job used that a retraining created itself."""
        if call.operation != "CreateTrainingJob" or call.error:
            return []
        return self._training(call.request["TrainingJobName"], until)

    def _uses(self, kind: str, made: Mapping[str, Any], until: float) -> list[JobUse]:
        """What the job behind a step's metadata (botocore PipelineExecutionStepMetadata) used."""
        arn = str(made.get("Arn", ""))
        if kind == "ProcessingJob" and self.sagemaker.processing is not None:
            jobs = [job for job in self.sagemaker.processing.jobs.values() if job.arn == arn]
            return processing_uses(jobs, until)
        return self._training(self.training[arn], until) if kind == "TrainingJob" else []

    def _training(self, name: str, until: float) -> list[JobUse]:
        """By what AWS bills of it, once that is known (botocore BillableTimeInSeconds); until then by its time."""
        job = self.sagemaker.describe_training_job({"TrainingJobName": name}, _READER)
        if "TrainingStartTime" not in job:
            return []
        resources = job["ResourceConfig"]
        seconds = float(job.get("TrainingTimeInSeconds", until - job["TrainingStartTime"].timestamp()))
        billed = float(job.get("BillableTimeInSeconds", seconds))
        discount = 1 - billed / seconds if seconds else 0.0
        return [JobUse("training", resources["InstanceType"], int(resources["InstanceCount"]), seconds, discount)]
