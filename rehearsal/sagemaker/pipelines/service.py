"""SageMaker Pipelines: pipelines by name, and their executions on virtual time, whose steps really run their scripts.

Semantics: botocore CreatePipeline, UpdatePipeline, StartPipelineExecution, DescribePipelineExecution,
ListPipelineExecutionSteps, StopPipelineExecution. ParallelismConfiguration is accepted and has no effect. Not offered:
SendPipelineExecutionStepSuccess and -Failure, RetryPipelineExecution, versions of pipelines, selective execution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.account.gateway import NotSimulated
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker import refusals
from rehearsal.sagemaker.names import Emit, Names
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.pipelines.definition import Definition, read_definition
from rehearsal.sagemaker.pipelines.execution import ENDED, Engine, Execution
from rehearsal.sagemaker.pipelines.steps import Steps
from rehearsal.sagemaker.storage import Storage

_ID = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass
class Pipeline:
    """A pipeline. Times are virtual epoch seconds."""

    arn: str
    name: str
    text: str
    definition: Definition
    role: str
    created: float
    modified: float
    description: str = ""
    title: str = ""
    last_run: float | None = None


class Pipelines:
    """Pipelines and executions. `operation(name)` is an operation of SageMaker in snake case, by which steps act."""

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        names: Names,
        options: Options,
        storage: Storage,
        operation: Callable[[str], Callable[..., Any]],
    ) -> None:
        self._clock, self._names = clock, names
        self._random = clock.random("pipelines")
        self._engine = Engine(clock, emit, Steps(operation, storage, self._random), options.step_poll_seconds)
        self._pipelines: dict[str, Pipeline] = {}
        self._executions: dict[str, Execution] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._mishaps: dict[str, dict[str, str]] = {}

    def disturb(self, pipeline: str, step: str, mishap: str) -> None:
        """The next execution of a pipeline has a mishap at a step: "fails", or "is tolerated", which ends it as
        CompletedWithFailures (nobody documents when AWS does that)."""
        self._mishaps.setdefault(pipeline, {})[step] = mishap

    def create_pipeline(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        name = request["PipelineName"]
        if name in self._pipelines:
            words = "Pipeline names must be unique within an AWS account and region."
            raise refusals.invalid(f"{words} Pipeline with name ({name}) already exists.")
        text = _definition_of(request)
        arn, now = self._names.arn("pipeline", name), self._clock.now
        made = Pipeline(arn, name, text, read_definition(text), request["RoleArn"], now, now)
        self._pipelines[name] = made
        self._note(made, request)
        return {"PipelineArn": arn}

    def update_pipeline(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Only what is given changes; executions under way keep the definition they began with."""
        found = self._find(request["PipelineName"])
        if "PipelineDefinition" in request or "PipelineDefinitionS3Location" in request:
            found.text = _definition_of(request)
            found.definition = read_definition(found.text)
        found.role = request.get("RoleArn", found.role)
        found.modified = self._clock.now
        self._note(found, request)
        return {"PipelineArn": found.arn}

    def describe_pipeline(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        found = self._find(request["PipelineName"])
        described = {
            "PipelineArn": found.arn,
            "PipelineName": found.name,
            "PipelineDisplayName": found.title or found.name,
            "PipelineDefinition": found.text,
            "RoleArn": found.role,
            "PipelineStatus": "Active",
            "CreationTime": self._clock.datetime(found.created),
            "LastModifiedTime": self._clock.datetime(found.modified),
        }
        described |= {"PipelineDescription": found.description} if found.description else {}
        return described | ({"LastRunTime": self._clock.datetime(found.last_run)} if found.last_run is not None else {})

    def start_pipeline_execution(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Starts at once. A ClientRequestToken that was used answers the execution that it started (botocore: "An
        idempotent operation completes no more than once"); parameters of a repeated call are not looked at."""
        found = self._find(request["PipelineName"])
        token = (found.name, request["ClientRequestToken"])
        if token in self._tokens:
            return {"PipelineExecutionArn": self._tokens[token]}
        for member in ("SelectiveExecutionConfig", "PipelineVersionId", "PipelineVersionAlias"):
            if member in request:
                raise NotSimulated(f"StartPipelineExecution with {member}")
        parameters = found.definition.values(request.get("PipelineParameters", []))
        now = self._clock.now
        arn = f"{found.arn}/execution/{''.join(self._random.choice(_ID) for _ in range(12))}"
        execution = Execution(
            *(arn, found.name, found.arn, found.definition, parameters, now),
            title=request.get("PipelineExecutionDisplayName", f"execution-{int(now * 1000)}"),
            description=request.get("PipelineExecutionDescription", ""),
            mishaps=self._mishaps.pop(found.name, {}),
        )
        self._tokens[token], self._executions[arn], found.last_run = arn, execution, now
        self._engine.begin(execution)
        return {"PipelineExecutionArn": arn}

    def describe_pipeline_execution(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        found = self._execution(request["PipelineExecutionArn"])
        described = {
            "PipelineArn": found.pipeline_arn,
            "PipelineExecutionArn": found.arn,
            "PipelineExecutionDisplayName": found.title,
            "PipelineExecutionStatus": found.status,
            "CreationTime": self._clock.datetime(found.created),
            "LastModifiedTime": self._clock.datetime(found.modified),
        }
        described |= {"PipelineExecutionDescription": found.description} if found.description else {}
        return described | ({"FailureReason": found.failure} if found.failure else {})

    def list_pipeline_execution_steps(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The steps that began, the newest first unless SortOrder says Ascending (botocore names no default)."""
        found = self._execution(request["PipelineExecutionArn"])
        steps = []
        for name, each in found.progress.items():
            shown: dict[str, Any] = {
                "StepName": name,
                "StartTime": self._clock.datetime(each.began),
                "StepStatus": each.status,
                "AttemptCount": 1,
                "Metadata": each.metadata,
            }
            shown |= {"EndTime": self._clock.datetime(each.ended)} if each.ended is not None else {}
            steps.append(shown | ({"FailureReason": each.failure[:1024]} if each.failure else {}))
        return _page("PipelineExecutionSteps", steps, request)

    def list_pipeline_executions(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Executions of a pipeline by their start, the newest first unless SortOrder says Ascending."""
        found = self._find(request["PipelineName"])
        after, before = (_epoch(request.get(key)) for key in ("CreatedAfter", "CreatedBefore"))
        summaries = []
        for each in self._executions.values():
            if each.pipeline == found.name and (after or 0) <= each.created <= (before or each.created):
                summary = {
                    "PipelineExecutionArn": each.arn,
                    "StartTime": self._clock.datetime(each.created),
                    "PipelineExecutionStatus": each.status,
                    "PipelineExecutionDisplayName": each.title,
                }
                failure = {"PipelineExecutionFailureReason": each.failure} if each.failure else {}
                summaries.append(summary | failure)
        return _page("PipelineExecutionSummaries", summaries, request)

    def stop_pipeline_execution(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """One that has ended is refused, in our words; one that is stopping stays so."""
        found = self._execution(request["PipelineExecutionArn"])
        if found.status in ENDED:
            raise refusals.invalid(f"Pipeline execution {found.arn} has ended with status {found.status}.")
        if found.status != "Stopping":
            self._engine.stop(found)
        return {"PipelineExecutionArn": found.arn}

    def _note(self, pipeline: Pipeline, request: Mapping[str, Any]) -> None:
        pipeline.description = request.get("PipelineDescription", pipeline.description)
        pipeline.title = request.get("PipelineDisplayName", pipeline.title)

    def _find(self, name: str) -> Pipeline:
        short = name.rpartition(":pipeline/")[2]
        found = next((each for key, each in self._pipelines.items() if key.lower() == short.lower()), None)
        if found is None:
            raise _not_found(f"Pipeline '{self._names.arn('pipeline', short)}' does not exist.")
        return found

    def _execution(self, arn: str) -> Execution:
        if arn not in self._executions:
            raise _not_found(f"Pipeline execution '{arn}' does not exist.")
        return self._executions[arn]


def _definition_of(request: Mapping[str, Any]) -> str:
    if "PipelineDefinitionS3Location" in request:
        raise NotSimulated("a pipeline definition in S3")
    if "PipelineDefinition" not in request:
        raise refusals.invalid("Either Pipeline Definition or Pipeline Definition S3 location should be provided")
    return str(request["PipelineDefinition"])


def _not_found(message: str) -> AwsError:
    """botocore: the operations on pipelines model ResourceNotFound; message in our words."""
    return AwsError("sagemaker", "ResourceNotFound", message)


def _page(member: str, items: list[dict[str, Any]], request: Mapping[str, Any]) -> dict[str, Any]:
    ordered = items if request.get("SortOrder") == "Ascending" else items[::-1]
    first, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", 100))
    page: dict[str, Any] = {member: ordered[first : first + size]}
    return page | ({"NextToken": str(first + size)} if len(ordered) > first + size else {})


def _epoch(moment: Any) -> float | None:
    return float(moment.timestamp()) if moment is not None else None
