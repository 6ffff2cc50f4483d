"""A person or a pipeline decided about a version in the model registry."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from pydantic import Field

from interlock.intake.commands import Command, Ignore, StartRelease, Weigh, ignore, start_release, told, weigh
from interlock.intake.events.life_cycle import ApproveInRegistry, life_cycle_changed
from interlock.intake.events.reading import Detail, EventType, Name, in_utc
from interlock.model.fields import LAST_VERSION
from interlock.model.quantities import in_iso
from interlock.model.reasons import Reason
from interlock.model.request import Request


class ModelPackageDetail(Detail):
    """SageMaker Model Package State Change (docs: sagemaker/latest/dg/automating-sagemaker-with-eventbridge).

    Older events have no UpdatedModelPackageFields and carry ``ModelPackageName`` as ``<group>/<version>``.
    """

    ModelPackageGroupName: Name
    ModelPackageArn: Name
    ModelPackageVersion: Annotated[int, Field(ge=1, le=LAST_VERSION)]
    ModelApprovalStatus: Name
    UpdatedModelPackageFields: list[str] | None = None
    InferenceSpecification: Any = None
    ModelLifeCycle: Any = None
    told_at: str = ""


class MissedDetail(Detail):
    """Version Missed, an event of Interlock's own."""

    group: Name
    version: Annotated[int, Field(ge=1, le=LAST_VERSION)]


class FoundDetail(MissedDetail):
    """Decision Found, an event of Interlock's own."""

    arn: Name
    status: Name


class IfOutdated(TypedDict):
    """``EventOutdated``: by now the registry says the opposite."""

    EventOutdated: Ignore


class RecordDecision(Weigh):
    """Remember that a version is not approved any more, roll back its release if one runs, and weigh the signal if it
    is live."""

    group: str
    version: int
    arn: str
    decision: str
    otherwise: IfOutdated


class Withdraw(Command):
    """Roll back the release of a version, if one runs."""

    group: str
    version: int


def version_decided(detail: ModelPackageDetail) -> StartRelease | RecordDecision | ApproveInRegistry | Ignore:
    """Only a changed decision or life cycle matters: writing metadata to an approved package makes SageMaker say
    Approved again. An event that does not say what was changed may be about the life cycle, if the approval is known
    already."""
    group, version, status = detail.ModelPackageGroupName, detail.ModelPackageVersion, detail.ModelApprovalStatus
    changed = detail.UpdatedModelPackageFields
    if changed is not None and "ModelApprovalStatus" not in changed:
        if "ModelLifeCycle" in changed:
            return life_cycle_changed(group, version, detail.ModelLifeCycle)
        fields = ", ".join(changed) or "nothing"
        return ignore(f"Version {version} of {group} changed in {fields}, not in its approval.")
    if status == "Approved":
        decided_at = "" if changed is None else _at(detail.told_at)
        approved = _containers(detail.InferenceSpecification)
        command = start_release(group, version, f"Version {version} of {group} was approved.", decided_at, approved)
        if changed is None and detail.ModelLifeCycle is not None:
            command["otherwise"]["EventDuplicate"] = life_cycle_changed(group, version, detail.ModelLifeCycle)
        return command
    return not_approved(group, version, detail.ModelPackageArn, status, detail.told_at)


def decision_found(detail: FoundDetail) -> RecordDecision:
    """The steward found that the registry does not say Approved any more."""
    return not_approved(detail.group, detail.version, detail.arn, detail.status)


def version_missed(detail: MissedDetail) -> Command:
    """The steward did not find in the registry a version that is being released."""
    sentence = f"Version {detail.version} of {detail.group} is gone from the model registry."
    return Withdraw(
        kind="Withdraw",
        reason=str(Reason.VERSION_REJECTED),
        sentence=sentence,
        group=detail.group,
        version=detail.version,
    )


def not_approved(group: str, version: int, arn: str, status: str, told_at: str = "") -> RecordDecision:
    """The command that follows when a version has another ``status`` than Approved. ``told_at``: by the event, empty if
    the steward found it. Then every time is a new one."""
    sentence = f"Version {version} of {group} is {status}."
    run = f"rejected/{group}/{version}/{told_at}"
    signal = told("rejected", run, _at(told_at), "high", sentence, group=group) | {"version": version}
    return {
        **weigh(signal, once=bool(told_at)),
        "kind": "RecordDecision",
        "reason": str(Reason.VERSION_REJECTED),
        "sentence": sentence,
        "group": group,
        "version": version,
        "arn": arn,
        "decision": status,
        "otherwise": {
            "EventOutdated": ignore(f"{sentence} By now the registry says Approved.", Reason.EVENT_OUTDATED),
        },
    }


def _containers(specification: Any) -> list[Request]:
    """Its containers, as far as they can be read. What is missing is not compared."""
    match specification:
        case {"Containers": [*containers]}:
            return [_pinned(each) if isinstance(each, dict) else {} for each in containers]
    return []


def _pinned(container: dict[str, Any]) -> Request:
    return {name: container[name] for name in _PINNED if isinstance(container.get(name), str)}


_PINNED = ("Image", "ImageDigest", "ModelDataUrl", "ModelDataETag")


def _at(told: str) -> str:
    """The event's own time: a package that was changed since says when that was, and no more when it was approved. An
    event that does not say what was changed does not tell this either."""
    try:
        return in_iso(in_utc(told))
    except (ValueError, OverflowError):
        return ""


MODEL_PACKAGE = EventType(
    "aws.sagemaker",
    "SageMaker Model Package State Change",
    ModelPackageDetail,
    version_decided,
    needs={"ModelPackageGroupName": "The model package belongs to no group, so no policy can speak of it."},
    envelope=True,
)

DECISION_FOUND = EventType("interlock.steward", "Decision Found", FoundDetail, decision_found)
VERSION_MISSED = EventType("interlock.steward", "Version Missed", MissedDetail, version_missed)
