"""One execution of a pipeline: which step may start, what its job came to, and when it is over.

A step starts when all steps that it depends on have succeeded. When one fails, what runs is finished and nothing new
begins; the execution is Failed with AWS's words ("Step failure: One or multiple steps failed.", seen in
sagemaker-python-sdk tests/integ). Statuses: botocore PipelineExecutionStatus and StepStatus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.clock import Clock
from rehearsal.sagemaker.names import Emit
from rehearsal.sagemaker.pipelines.definition import Definition, Step
from rehearsal.sagemaker.pipelines.references import Unresolved, Values
from rehearsal.sagemaker.pipelines.steps import Ended, Steps

STEP_FAILURE = "Step failure: One or multiple steps failed."
ENDED = frozenset({"Succeeded", "Failed", "Stopped", "CompletedWithFailures"})


@dataclass
class Progress:
    """A step that was begun. `metadata` is what ListPipelineExecutionSteps shows of its job."""

    step: Step
    began: float
    status: str = "Starting"
    ended: float | None = None
    failure: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    job: str = ""


@dataclass
class Execution:
    """An execution. Times are virtual epoch seconds; `branches` are the outcomes of conditions that are known.

    `mishaps`: what a scenario wants to happen to a step, by its name: "fails", or "is tolerated" (it fails, the others
    go on, and the end is CompletedWithFailures).
    """

    arn: str
    pipeline: str
    pipeline_arn: str
    definition: Definition
    parameters: Mapping[str, Any]
    created: float
    title: str
    description: str = ""
    status: str = "Executing"
    modified: float = 0.0
    failure: str = ""
    progress: dict[str, Progress] = field(default_factory=dict)
    branches: dict[str, bool] = field(default_factory=dict)
    mishaps: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    def ready(self) -> list[Step]:
        """The steps that may start now."""
        return [
            step
            for step in self.definition.steps.values()
            if step.name not in self.progress and self._wanted(step) and all(map(self._succeeded, step.after))
        ]

    def failed_steps(self) -> list[str]:
        return [name for name, each in self.progress.items() if each.status == "Failed"]

    def fatal(self) -> bool:
        return any(self.mishaps.get(name) != "is tolerated" for name in self.failed_steps())

    def running(self) -> list[Progress]:
        return [each for each in self.progress.values() if each.ended is None]

    def _wanted(self, step: Step) -> bool:
        """A step under a condition is wanted when the condition took its branch."""
        return not step.branch or self.branches.get(step.branch[0]) is step.branch[1]

    def _succeeded(self, name: str) -> bool:
        return name in self.progress and self.progress[name].status == "Succeeded"


class Engine:
    """Moves executions on, on virtual time."""

    def __init__(self, clock: Clock, emit: Emit, steps: Steps, poll_seconds: float) -> None:
        self._clock, self._emit, self._steps, self._poll = clock, emit, steps, poll_seconds

    def begin(self, execution: Execution) -> None:
        execution.modified = self._clock.now
        self._tell(execution, None)
        self._clock.after(0, lambda: self._advance(execution))

    def stop(self, execution: Execution) -> None:
        """Stopping now; Stopped when the jobs that run have stopped (docs: pipelines-run, StopPipelineExecution)."""
        self._turn(execution, "Stopping")
        for each in execution.running():
            self._turn_step(execution, each, "Stopping")
            self._steps.stop(each)
        self._clock.after(0, lambda: self._advance(execution))

    def _advance(self, execution: Execution) -> None:
        """Look at what runs, begin what may begin, end when there is nothing left, else look again later."""
        if execution.status in ENDED:
            return
        for each in execution.running():
            self._look(execution, each)
        while execution.status == "Executing" and not execution.fatal() and (ready := execution.ready()):
            for step in ready:
                self._begin_step(execution, step)
        if execution.running():
            self._clock.after(self._poll, lambda: self._advance(execution))
        else:
            self._finish(execution)

    def _begin_step(self, execution: Execution, step: Step) -> None:
        each = execution.progress[step.name] = Progress(step, self._clock.now)
        self._tell_step(execution, each, None)
        values = self._values(execution)
        try:
            if execution.mishaps.get(step.name):
                raise Unresolved("InternalServerError: We encountered an internal error. Please try again.")
            ended = self._steps.begin(each, values, execution)
        except Unresolved as refused:
            ended = Ended("Failed", str(refused))
        if ended is None:
            self._turn_step(execution, each, "Executing")
        else:
            self._end_step(execution, each, ended)

    def _look(self, execution: Execution, each: Progress) -> None:
        ended = self._steps.look(each)
        if ended is not None:
            self._end_step(execution, each, ended)

    def _end_step(self, execution: Execution, each: Progress, ended: Ended) -> None:
        each.ended, each.failure = self._clock.now, ended.failure
        if ended.outcome is not None:
            execution.branches[each.step.name] = ended.outcome
        self._turn_step(execution, each, ended.status)

    def _finish(self, execution: Execution) -> None:
        if execution.status == "Stopping":
            self._turn(execution, "Stopped")
        elif execution.fatal():
            execution.failure = STEP_FAILURE
            self._turn(execution, "Failed")
        else:
            self._turn(execution, "CompletedWithFailures" if execution.failed_steps() else "Succeeded")

    def _values(self, execution: Execution) -> Values:
        known = {
            "PipelineExecutionId": execution.id,
            "PipelineExecutionArn": execution.arn,
            "PipelineName": execution.pipeline,
            "PipelineArn": execution.pipeline_arn,
            "StartDateTime": self._clock.iso(execution.created),
            "CurrentDateTime": self._clock.iso(),
        }

        def read(name: str, file: str) -> Any:
            return self._steps.property_file(execution.progress[name], file)

        return Values(execution.parameters, known, lambda name: self._steps.properties(execution.progress[name]), read)

    def _turn(self, execution: Execution, status: str) -> None:
        before, execution.status, execution.modified = execution.status, status, self._clock.now
        self._tell(execution, before)

    def _turn_step(self, execution: Execution, each: Progress, status: str) -> None:
        before, each.status = each.status, status
        self._tell_step(execution, each, before)

    def _tell(self, execution: Execution, before: str | None) -> None:
        """docs: automating-sagemaker-with-eventbridge (pipeline execution state change), keys in lower case."""
        detail: dict[str, Any] = {
            "pipelineExecutionDisplayName": execution.title,
            "currentPipelineExecutionStatus": execution.status,
            "executionStartTime": self._clock.iso(execution.created),
            "pipelineExecutionDescription": execution.description,
            "pipelineArn": execution.pipeline_arn,
            "pipelineExecutionArn": execution.arn,
        }
        if before is not None:
            detail["previousPipelineExecutionStatus"] = before
        if execution.status in ENDED:
            detail["executionEndTime"] = self._clock.iso()
        kind = "SageMaker Model Building Pipeline Execution Status Change"
        self._emit("aws.sagemaker", kind, detail, [execution.pipeline_arn, execution.arn])

    def _tell_step(self, execution: Execution, each: Progress, before: str | None) -> None:
        detail: dict[str, Any] = {
            "metadata": _lower(each.metadata),
            "pipelineArn": execution.pipeline_arn,
            "pipelineExecutionArn": execution.arn,
            "stepName": each.step.name,
            "stepType": each.step.type,
            "stepStartTime": self._clock.iso(each.began),
            "currentStepStatus": each.status,
        }
        if before is not None:
            detail["previousStepStatus"] = before
        if each.ended is not None:
            detail["stepEndTime"] = self._clock.iso(each.ended)
        if each.failure:
            detail["failureReason"] = each.failure
        kind = "SageMaker Model Building Pipeline Execution Step Status Change"
        self._emit("aws.sagemaker", kind, detail, [execution.pipeline_arn, execution.arn])


def _lower(value: Any) -> Any:
    """Keys with their first letter in lower case, as pipeline events have them."""
    if isinstance(value, Mapping):
        return {f"{key[0].lower()}{key[1:]}": _lower(each) for key, each in value.items()}
    return value
