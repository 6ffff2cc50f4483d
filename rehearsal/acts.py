"""What people and other systems do in a scenario: entries of the timeline, told apart by the field beside `at`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, PositiveInt

from rehearsal.entries import Duration, Entry, one_of


class At(Entry):
    """When it happens, counted from the scenario's start."""

    at: Duration


class Package(Entry):
    """A version in the model registry."""

    group: str
    version: PositiveInt


class NewPackage(Entry):
    """A version to be registered: which of the trained models, and with which status."""

    group: str
    model: str
    status: Literal["PendingManualApproval", "Approved", "Rejected"] = "PendingManualApproval"
    artifact: bool = Field(True, description="false: the package points to an artifact that does not exist")


class Annotation(Package):
    """Customer metadata somebody writes to a version."""

    metadata: dict[str, str]


class PolicyText(Entry):
    """A policy document, put where Interlock reads it: a file beside the scenario, a document, or text as it stands."""

    group: str
    file: str | None = None
    document: dict[str, Any] | None = None
    text: str | None = None


class Stop(Entry):
    """A running execution, by its state machine and, where several run, the start of its name."""

    machine: str
    name: str = ""


class RawEvent(Entry):
    """An event put on the bus as it stands, however wrong."""

    source: str
    detail_type: str = Field(alias="detail-type")
    detail: dict[str, Any] = Field(default_factory=dict)
    resources: list[str] = Field(default_factory=list)


class AlarmState(Entry):
    """An alarm that a person sets by hand; CloudWatch takes it back at the next evaluation."""

    alarm: str
    state: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]


class Slowdown(Entry):
    """From now on a variant answers this many times slower."""

    endpoint: str
    variant: str
    slower: float


class Register(At):
    """A new version appears in the registry."""

    package: NewPackage = Field(alias="register")  # `register` itself is a method of every class


class Approve(At):
    """A person approves a version."""

    approve: Package


class Reject(At):
    """A person rejects a version."""

    reject: Package


class Annotate(At):
    """A person writes metadata to a version, which makes SageMaker tell its status again."""

    annotate: Annotation


class PutPolicy(At):
    """A person changes a policy."""

    put_policy: PolicyText


class Operate(At):
    """A person starts the `operate` machine with this input, as it stands."""

    operate: dict[str, Any]


class StopExecution(At):
    """A person stops an execution in the console."""

    stop_execution: Stop


class DeleteArtifact(At):
    """A version's model.tar.gz is deleted."""

    delete_artifact: Package


class SendEvent(At):
    """An event appears on the bus."""

    send_event: RawEvent


class SetAlarm(At):
    """A person sets an alarm's state."""

    set_alarm: AlarmState


class DeleteEndpoint(At):
    """A person deletes an endpoint."""

    delete_endpoint: str


class SlowDown(At):
    """A variant becomes slower."""

    slow_down: Slowdown


KINDS: dict[str, type[At]] = {
    "register": Register,
    "approve": Approve,
    "reject": Reject,
    "annotate": Annotate,
    "put_policy": PutPolicy,
    "operate": Operate,
    "stop_execution": StopExecution,
    "delete_artifact": DeleteArtifact,
    "send_event": SendEvent,
    "set_alarm": SetAlarm,
    "delete_endpoint": DeleteEndpoint,
    "slow_down": SlowDown,
}

Step = one_of("step", KINDS)
