"""What the types of steps do: make a call with the step's arguments, and wait for the job that it began.

Jobs are made by the operations that everybody has: CreateTrainingJob, CreateProcessingJob, CreateModelPackage. Their
names are "pipelines-<execution>-<step>-<10 letters>", as AWS makes them. What the role of the pipeline may do is not
checked, only that whoever creates the pipeline may pass it; the jobs read and write as the role of their step.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from rehearsal.account import shapes
from rehearsal.aws import AwsError, Caller
from rehearsal.sagemaker.pipelines.references import Unresolved, Values, pick
from rehearsal.sagemaker.storage import Storage

if TYPE_CHECKING:
    from rehearsal.sagemaker.pipelines.execution import Execution, Progress

PIPELINES = Caller("sagemaker.amazonaws.com")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


@dataclass(frozen=True)
class Ended:
    """How a step ended: Succeeded, Failed or Stopped; `outcome` is that of a condition."""

    status: str
    failure: str = ""
    outcome: bool | None = None


@dataclass(frozen=True)
class JobKind:
    """The operations of a kind of job, and the members that name it."""

    create: str  # the operation, as botocore calls it
    describe: str
    stop: str
    name: str
    arn: str
    status: str
    shown: str  # in ListPipelineExecutionSteps


JOBS = {
    "Processing": JobKind(
        *("CreateProcessingJob", "describe_processing_job", "stop_processing_job"),
        *("ProcessingJobName", "ProcessingJobArn", "ProcessingJobStatus", "ProcessingJob"),
    ),
    "Training": JobKind(
        *("CreateTrainingJob", "describe_training_job", "stop_training_job"),
        *("TrainingJobName", "TrainingJobArn", "TrainingJobStatus", "TrainingJob"),
    ),
}
_JOB_ENDS = {"Completed": "Succeeded", "Failed": "Failed", "Stopped": "Stopped"}


class Steps:
    """Begins steps and looks at their jobs. `operation(name)` is an operation of SageMaker, in snake case."""

    def __init__(self, operation: Callable[[str], Callable[..., Any]], storage: Storage, random: Random) -> None:
        self._operation, self._storage, self._random = operation, storage, random

    def begin(self, each: Progress, values: Values, execution: Execution) -> Ended | None:
        """Begin a step. None while it runs; Unresolved when it cannot begin."""
        if each.step.type == "Condition":
            return self._decide(each, values)
        arguments = values.resolve(each.step.arguments)
        if each.step.type == "RegisterModel":
            answer = self._ask("CreateModelPackage", arguments)
            each.job = answer["ModelPackageArn"]
            each.metadata = {"RegisterModel": {"Arn": each.job}}
            return Ended("Succeeded")
        kind = JOBS[each.step.type]
        suffix = "".join(self._random.choice(_LETTERS) for _ in range(10))
        each.job = f"pipelines-{execution.id}-{each.step.name[: 63 - 34]}-{suffix}"
        if kind.create == "CreateProcessingJob":
            arguments = _sendable(arguments)
        answer = self._ask(kind.create, {**arguments, kind.name: each.job})
        each.metadata = {kind.shown: {"Arn": answer[kind.arn]}}
        return None

    def look(self, each: Progress) -> Ended | None:
        """How the job of a step ended, or None while it runs."""
        kind = JOBS[each.step.type]
        described = self.properties(each)
        status = _JOB_ENDS.get(described[kind.status])
        return Ended(status, described.get("FailureReason", "")) if status else None

    def stop(self, each: Progress) -> None:
        """Stop the job of a step."""
        kind = JOBS[each.step.type]
        if self.properties(each)[kind.status] == "InProgress":
            self._operation(kind.stop)({kind.name: each.job}, PIPELINES)

    def properties(self, each: Progress) -> Mapping[str, Any]:
        """What a step's properties are taken from: the description of what it made (SDK: Properties)."""
        if each.step.type == "RegisterModel":
            found: Mapping[str, Any] = self._operation("describe_model_package")(
                {"ModelPackageName": each.job}, PIPELINES
            )
            return found
        kind = JOBS[each.step.type]
        described: Mapping[str, Any] = self._operation(kind.describe)({kind.name: each.job}, PIPELINES)
        return described

    def property_file(self, each: Progress, name: str) -> Any:
        """The JSON document of a property file: a file in one of the step's outputs. Raises Unresolved."""
        output, path = each.step.property_files[name]
        described = self.properties(each)
        place = pick(described, ["ProcessingOutputConfig", "Outputs", output, "S3Output", "S3Uri"])
        bucket, _, prefix = str(place).removeprefix("s3://").partition("/")
        try:
            return json.loads(self._storage.read(described["RoleArn"], bucket, f"{prefix}/{path}"))
        except (AwsError, ValueError) as error:
            raise Unresolved(f"Unable to read property file {name}: {error}") from error

    def _decide(self, each: Progress, values: Values) -> Ended:
        outcome = True
        for condition in each.step.arguments["Conditions"]:
            left, right = values.resolve(condition["LeftValue"]), values.resolve(condition["RightValue"])
            try:
                outcome = outcome and _COMPARED[condition["Type"]](left, right)
            except TypeError:
                raise Unresolved(f"Cannot compare {left!r} with {right!r}.") from None
        each.metadata = {"Condition": {"Outcome": str(outcome)}}
        return Ended("Succeeded", outcome=outcome)

    def _ask(self, operation: str, request: dict[str, Any]) -> Mapping[str, Any]:
        """Make a call; what is wrong with it is the step's failure, in AWS's words (sagemaker-python-sdk#4140)."""
        shape = shapes.operation_model("sagemaker", operation).input_shape
        wrong = [*shapes.misfits(shape, request), *shapes.violations(shape, request)]
        try:
            if wrong:
                raise AwsError("sagemaker", "ValidationException", wrong[0])
            answer: Mapping[str, Any] = self._operation(xform_name(operation))(request, PIPELINES)
        except AwsError as refused:
            words = f"ClientError: Failed to invoke sagemaker:{operation}. Error Details: {refused.message}"
            raise Unresolved(words) from refused
        return answer


def _sendable(arguments: dict[str, Any]) -> dict[str, Any]:
    """Container arguments are texts, whatever the type of the parameter they come from."""
    application = dict(arguments["AppSpecification"])
    if "ContainerArguments" in application:
        application["ContainerArguments"] = [str(each) for each in application["ContainerArguments"]]
    return {**arguments, "AppSpecification": application}
