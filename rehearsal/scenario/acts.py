"""The acts of people and other systems in a scenario: entries of the timeline, told apart by the field beside `at`.

Everything is done as a person would do it, by calls to AWS, and stands in the journal of calls as a person's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import yaml
from pydantic import Field, PositiveInt, model_validator

from rehearsal.scenario.act import Act
from rehearsal.scenario.data_acts import MonitorFound, PutObject
from rehearsal.scenario.entries import Document, Duration, Entry, OneOf, not_so
from rehearsal.scenario.gate_acts import MakeFunction
from rehearsal.scenario.names import ModelKind, Operation
from rehearsal.scenario.pipeline_acts import BreakPipeline, InstallPipeline, MakeMachine, RunPipeline, StopPipeline

if TYPE_CHECKING:
    from rehearsal.world import World


class Package(Entry):
    """A version in the model registry."""

    group: str
    version: PositiveInt


class NewContainer(Entry):
    """A container of a version that has several."""

    model: ModelKind
    hostname: str = Field("", description="its ContainerHostname")


class NewPackage(Entry):
    """A version to be registered: which model, and with which status."""

    group: str
    model: ModelKind | None = Field(None, description="that of its container")
    containers: list[NewContainer] = Field(default_factory=list, description="its containers, instead of one")
    status: Literal["PendingManualApproval", "Approved", "Rejected"] = "PendingManualApproval"
    baselines: dict[str, Any] = Field(default_factory=dict, description="its DriftCheckBaselines")
    image: str = Field("", description="its image, where it is not the one that all have")
    card: dict[str, Any] = Field(default_factory=dict, description="the content of its model card; none when empty")
    key: str = Field("", description="ARN of the KMS key that its description is encrypted with")

    @model_validator(mode="after")
    def _something_serves(self) -> Self:
        if (self.model is None) != bool(self.containers):
            raise not_so("write model, or containers", "containers")
        return self


class Register(Act):
    """A new version appears in the registry."""

    package: NewPackage = Field(alias="register")  # `register` itself is a method of every class

    def perform(self, world: World, folder: Path) -> None:
        new = self.package
        models = [(each.model, each.hostname) for each in new.containers] or [(new.model or "", "")]
        world.register(new.group, models, new.status, new.baselines, new.card, key=new.key, image=new.image)


class Approve(Act):
    """A person approves a version."""

    approve: Package

    def perform(self, world: World, folder: Path) -> None:
        world.update_package(self.approve.group, self.approve.version, ModelApprovalStatus="Approved")


class Reject(Act):
    """A person rejects a version."""

    reject: Package

    def perform(self, world: World, folder: Path) -> None:
        world.update_package(self.reject.group, self.reject.version, ModelApprovalStatus="Rejected")


class Annotation(Package):
    """Customer metadata that somebody writes to a version."""

    metadata: dict[str, str]


class Annotate(Act):
    """A person writes metadata to a version, which makes SageMaker tell its status again."""

    annotate: Annotation

    def perform(self, world: World, folder: Path) -> None:
        note = self.annotate
        world.update_package(note.group, note.version, CustomerMetadataProperties=note.metadata)


class DeleteArtifact(Act):
    """A version's model.tar.gz is deleted."""

    delete_artifact: Package

    def perform(self, world: World, folder: Path) -> None:
        world.delete_artifact(self.delete_artifact.group, self.delete_artifact.version)


class Replacement(Package):
    """Another model in the place of a version's artifact."""

    model: ModelKind
    container: PositiveInt = Field(1, description="of which container, counted from 1")


class ReplaceArtifact(Act):
    """Somebody puts another model.tar.gz in the place of a version's."""

    replace_artifact: Replacement

    def perform(self, world: World, folder: Path) -> None:
        new = self.replace_artifact
        world.replace_artifact(new.group, new.version, new.model, new.container)


class PolicyText(Entry):
    """A policy: a document, a file beside the scenario, or text as it stands."""

    group: str
    document: Document | None = None
    file: str | None = None
    text: str | None = None

    def words(self, folder: Path) -> str:
        """The text for the parameter."""
        if self.file is not None:
            return (folder / self.file).read_text(encoding="utf-8")
        return self.text if self.text is not None else yaml.safe_dump(self.document, sort_keys=False)


class PutPolicy(Act):
    """A person changes a policy."""

    put_policy: PolicyText

    def perform(self, world: World, folder: Path) -> None:
        world.put_policy(self.put_policy.group, self.put_policy.words(folder))


class Operate(Act):
    """A person starts the `operate` machine with this input, as it stands."""

    operate: dict[str, Any]

    def perform(self, world: World, folder: Path) -> None:
        arn = world.machine("operate")
        world.ask("stepfunctions", "StartExecution", stateMachineArn=arn, input=json.dumps(self.operate))


class Beginning(Entry):
    """A state machine by the name the template gives it, and any input, however wrong."""

    machine: str
    input: Any = Field(default_factory=dict)


class Start(Act):
    """A person starts an execution in the console."""

    start: Beginning

    def perform(self, world: World, folder: Path) -> None:
        arn = world.machine(self.start.machine)
        world.ask("stepfunctions", "StartExecution", stateMachineArn=arn, input=json.dumps(self.start.input))


class Stop(Entry):
    """A running execution, by its state machine and, where several run, the start of its name."""

    machine: str
    name: str = ""


class StopExecution(Act):
    """A person stops an execution in the console."""

    stop_execution: Stop

    def perform(self, world: World, folder: Path) -> None:
        arn = world.machine(self.stop_execution.machine)
        running = world.ask("stepfunctions", "ListExecutions", stateMachineArn=arn, statusFilter="RUNNING")
        for execution in running["executions"]:
            if execution["name"].startswith(self.stop_execution.name):
                world.ask("stepfunctions", "StopExecution", executionArn=execution["executionArn"])


class RawEvent(Entry):
    """An event put on the bus as it stands, however wrong."""

    source: str
    detail_type: str = Field(alias="detail-type")
    detail: dict[str, Any] = Field(default_factory=dict)
    resources: list[str] = Field(default_factory=list)
    elsewhere: dict[Literal["account", "region"], str] = Field(
        default_factory=dict, description="the account or region of an event that another bus sent on"
    )


class SendEvent(Act):
    """An event appears on the bus."""

    send_event: RawEvent

    def perform(self, world: World, folder: Path) -> None:
        event = self.send_event
        world.bus.emit(event.source, event.detail_type, event.detail, event.resources, **event.elsewhere)


class Scaling(Entry):
    """A new number of instances of one variant."""

    endpoint: str
    variant: str
    instances: PositiveInt


class Scale(Act):
    """Application Auto Scaling changes a variant's capacity."""

    scale: Scaling

    def perform(self, world: World, folder: Path) -> None:
        world.sagemaker.endpoints.autoscale(self.scale.endpoint, self.scale.variant, self.scale.instances)


class Upkeep(Entry):
    """AWS's own work on an endpoint."""

    endpoint: str
    lasts: Duration


class Maintain(Act):
    """AWS maintains an endpoint, which nobody may change meanwhile."""

    maintain: Upkeep

    def perform(self, world: World, folder: Path) -> None:
        world.sagemaker.endpoints.maintain(self.maintain.endpoint, self.maintain.lasts)


class Mishap(Entry):
    """A change that will fail inside SageMaker the next time it is tried, and why: AWS has too few instances, the
    account may have no more, the image may not be pulled, or the service itself fails."""

    endpoint: str
    change: Literal["update", "weights", "rollback"]
    why: Literal["capacity", "quota", "image", "service"] = "capacity"


class BreakNext(Act):
    """The next change of this kind fails inside SageMaker, after it was accepted."""

    break_next: Mishap

    def perform(self, world: World, folder: Path) -> None:
        world.sagemaker.endpoints.fail_next(self.break_next.endpoint, self.break_next.change, self.break_next.why)


class AnyCall(Operation):
    """Any call that a person may make: setting an alarm by hand, deleting an endpoint, publishing a metric. In its
    texts, `${Name}` stands for the output of the stack that has this name."""

    request: dict[str, Any] = Field(default_factory=dict)


class MakeCall(Act):
    """A person calls AWS directly."""

    call: AnyCall

    def perform(self, world: World, folder: Path) -> None:
        request = _with_outputs(self.call.request, world.stack.outputs)
        world.ask(self.call.service, self.call.operation, **request)


def _with_outputs(value: Any, outputs: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _with_outputs(each, outputs) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_outputs(each, outputs) for each in value]
    return Template(value).safe_substitute(outputs) if isinstance(value, str) else value


KINDS: dict[str, type[Act]] = {
    "register": Register,
    "approve": Approve,
    "reject": Reject,
    "annotate": Annotate,
    "delete_artifact": DeleteArtifact,
    "replace_artifact": ReplaceArtifact,
    "put_policy": PutPolicy,
    "operate": Operate,
    "start": Start,
    "make_machine": MakeMachine,
    "make_function": MakeFunction,
    "stop_execution": StopExecution,
    "send_event": SendEvent,
    "scale": Scale,
    "maintain": Maintain,
    "break_next": BreakNext,
    "monitor_found": MonitorFound,
    "put_object": PutObject,
    "install_pipeline": InstallPipeline,
    "run_pipeline": RunPipeline,
    "stop_pipeline": StopPipeline,
    "break_pipeline": BreakPipeline,
    "call": MakeCall,
}

Step = Annotated[Act, OneOf("step", KINDS)]
