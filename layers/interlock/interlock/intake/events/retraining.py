"""What a retraining waits for has changed its status: a pipeline, a training job, or a state machine of the team."""

from __future__ import annotations

from interlock.intake.commands import Command, IfNothingToDo, Ignore, if_nothing_to_do, ignore
from interlock.intake.events.reading import Detail, EventType, Name
from interlock.model.reasons import Reason

RUNNING = frozenset({"executing", "stopping", "inprogress", "deleting", "running", "pendingredrive", "starting"})
"""Statuses that are not an end, with case and underscores folded (botocore PipelineExecutionStatus, TrainingJobStatus
and Step Functions' ExecutionStatus). Whatever else is told ends the wait: a status that AWS adds must not be waited
out."""


class PipelineDetail(Detail):
    """SageMaker Model Building Pipeline Execution Status Change (docs:
    sagemaker/latest/dg/automating-sagemaker-with-eventbridge)."""

    pipelineExecutionArn: Name
    currentPipelineExecutionStatus: Name


class TrainingJobDetail(Detail):
    """SageMaker Training Job State Change (same page)."""

    TrainingJobArn: Name
    TrainingJobStatus: Name


class AwaitedExecutionDetail(Detail):
    """Step Functions Execution Status Change of a state machine that is not Interlock's, cut down by the rule's input
    transformer, which also changes its detail-type: an end of Interlock's own machines means something else."""

    executionArn: Name
    status: Name


class WakeRetraining(Command):
    """Wake the retraining that waits for ``awaited``, an ARN."""

    awaited: str
    status: str
    otherwise: IfNothingToDo


def pipeline_changed(detail: PipelineDetail) -> WakeRetraining | Ignore:
    """Only the end of an execution matters."""
    return _changed("Pipeline execution", detail.pipelineExecutionArn, detail.currentPipelineExecutionStatus)


def training_job_changed(detail: TrainingJobDetail) -> WakeRetraining | Ignore:
    """Only the end of a job matters."""
    return _changed("Training job", detail.TrainingJobArn, detail.TrainingJobStatus)


def execution_changed(detail: AwaitedExecutionDetail) -> WakeRetraining | Ignore:
    """Only the end of an execution matters."""
    return _changed("Execution", detail.executionArn, detail.status)


def _changed(what: str, arn: str, status: str) -> WakeRetraining | Ignore:
    if status.replace("_", "").casefold() in RUNNING:
        return ignore(f"{what} {arn} is {status}: not ended.")
    sentence = f"{what} {arn} has ended as {status}."
    return {
        "kind": "WakeRetraining",
        "reason": str(Reason.ACCEPTED),
        "sentence": sentence,
        "awaited": arn,
        "status": status,
        "otherwise": if_nothing_to_do(sentence),
    }


PIPELINE = EventType(
    "aws.sagemaker",
    "SageMaker Model Building Pipeline Execution Status Change",
    PipelineDetail,
    pipeline_changed,
)
TRAINING_JOB = EventType(
    "aws.sagemaker", "SageMaker Training Job State Change", TrainingJobDetail, training_job_changed
)
AWAITED_EXECUTION = EventType(
    "aws.states", "Awaited Execution Status Change", AwaitedExecutionDetail, execution_changed
)
