"""The one door: from an event to a command for ``intake``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from interlock.intake.events import (
    AlarmDetail,
    EndpointDetail,
    Event,
    ExecutionDetail,
    FoundVersionDetail,
    ModelPackageDetail,
    ParameterDetail,
)
from interlock.intake.requests import AboutVersion, UnusableRequestError, read_request
from interlock.model.names import EXECUTION_NAME_LIMIT, release_name, shortened
from interlock.model.plan import Request
from interlock.model.reasons import Reason

SETTLED = frozenset({"inservice", "failed", "outofservice", "updaterollbackfailed", "deleted"})
"""Endpoint statuses that end a change, with case and underscores folded: events say IN_SERVICE where the API says
InService."""


def route_event(event: Any) -> Request:
    """The command for ``event``: ``{"kind", "reason", "sentence", …}``.

    Kinds: StartRelease, RecordDecision, WakeEndpoint, AbortWatchers, CheckPolicy, Reconcile, the actions of a person
    (Promote, Pause, …), Ignore (nothing is wrong) and Refuse (somebody should know). Never raises: what cannot be
    read is refused with the field and the remedy.
    """
    try:
        envelope = Event.model_validate(event)
    except ValidationError as error:
        return _refused(Reason.EVENT_MALFORMED, f"Not an EventBridge event: {_fields(error)}")
    known = ROUTES.get((envelope.source, envelope.detail_type))
    if known is None:
        routes = ", ".join(sorted({name for _, name in ROUTES}))
        said = f"No route for {envelope.detail_type!r} from {envelope.source!r}; known: {routes}."
        return _refused(Reason.EVENT_UNKNOWN, said)
    shape, route = known
    if shape is None:
        return route(envelope.detail)
    if shape is ModelPackageDetail and "ModelPackageGroupName" not in envelope.detail:
        return _ignored("The model package belongs to no group, so no policy can speak of it.")
    try:
        return route(shape.model_validate(envelope.detail))
    except ValidationError as error:
        return _refused(Reason.EVENT_MALFORMED, f"{envelope.detail_type}: {_fields(error)}")


def _fields(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'event'}: {problem['msg']}" for problem in error.errors())


def _command(kind: str, sentence: str, reason: Reason = Reason.ACCEPTED, **more: Any) -> Request:
    return {"kind": kind, "reason": str(reason), "sentence": sentence, **more}


def _ignored(sentence: str) -> Request:
    return _command("Ignore", sentence, Reason.EVENT_IRRELEVANT)


def _refused(reason: Reason, sentence: str) -> Request:
    return _command("Refuse", sentence, reason)


def _start(group: str, version: int, sentence: str) -> Request:
    return _command(
        "StartRelease", sentence, group=group, version=version, decision="Approved", name=release_name(group, version)
    )


def _model_package(detail: ModelPackageDetail) -> Request:
    """Only a changed decision matters: writing metadata to an approved package makes SageMaker say Approved again."""
    group, version, status = detail.ModelPackageGroupName, detail.ModelPackageVersion, detail.ModelApprovalStatus
    changed = detail.UpdatedModelPackageFields
    if changed is not None and "ModelApprovalStatus" not in changed:
        return _ignored(
            f"Version {version} of {group} changed in {', '.join(changed) or 'nothing'}, not in its approval."
        )
    if status == "Approved":
        return _start(group, version, f"Version {version} of {group} was approved.")
    sentence = f"Version {version} of {group} is {status}."
    return _command("RecordDecision", sentence, Reason.VERSION_REJECTED, group=group, version=version, decision=status)


def _endpoint(detail: EndpointDetail) -> Request:
    if detail.EndpointStatus.replace("_", "").casefold() not in SETTLED:
        return _ignored(f"Endpoint {detail.EndpointName} is {detail.EndpointStatus}: still changing.")
    sentence = f"Endpoint {detail.EndpointName} has settled as {detail.EndpointStatus}."
    return _command("WakeEndpoint", sentence, endpoint=detail.EndpointName)


def _alarm(detail: AlarmDetail) -> Request:
    """``at`` is written like the ledger's timestamps, so that the two compare as strings."""
    if detail.state.value != "ALARM":
        return _ignored(f"Alarm {detail.alarmName} is {detail.state.value}.")
    try:
        at = _in_utc(detail.state.timestamp)
    except (ValueError, OverflowError):
        return _refused(Reason.EVENT_MALFORMED, f"state.timestamp: {detail.state.timestamp!r} is not an ISO 8601 time.")
    what = detail.configuration.description or detail.state.reason
    sentence = f"Alarm {detail.alarmName} was raised at {at:%H:%M:%S} UTC: {what.rstrip('.')}."
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _command("AbortWatchers", sentence, Reason.ALARM_RAISED, alarm=detail.alarmName, at=stamp)


def _in_utc(timestamp: str) -> datetime:
    """``timestamp`` in UTC, which is also what one without an offset means: the zone of the machine has no say."""
    at = datetime.fromisoformat(timestamp)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _execution(detail: ExecutionDetail) -> Request:
    name = shortened(f"after-{detail.name}", EXECUTION_NAME_LIMIT)
    return _command("Reconcile", f"Execution {detail.name} ended as {detail.status}.", name=name)


def _parameter(detail: ParameterDetail) -> Request:
    if detail.operation not in ("Create", "Update"):
        return _ignored(f"Parameter {detail.name}: {detail.operation}.")
    group = detail.name.rpartition("/")[2]
    return _command("CheckPolicy", f"The policy of {group} was written.", group=group)


def _found_version(detail: FoundVersionDetail) -> Request:
    said = f"Version {detail.version} of {detail.group} is the newest approved one."
    return _start(detail.group, detail.version, said)


def _operator(asked: Request) -> Request:
    try:
        request = read_request(asked)
    except UnusableRequestError as error:
        return _refused(Reason.INPUT_INVALID, str(error))
    kind = "".join(word.capitalize() for word in request.action.split("_"))
    why = f" because: {request.because}" if request.because else ""
    fields = request.model_dump(exclude={"action", "because"})
    if isinstance(request, AboutVersion):
        fields["name"] = release_name(request.group, request.version) + (
            "-dry-run" if request.action == "dry_run" else ""
        )
    reason = Reason.ABORTED_BY_PERSON if request.action == "abort" else Reason.ACCEPTED
    return _command(kind, f"A person asked to {request.action.replace('_', ' ')}{why}.", reason, **fields)


ROUTES: dict[tuple[str, str], tuple[type[BaseModel] | None, Callable[[Any], Request]]] = {
    ("aws.sagemaker", "SageMaker Model Package State Change"): (ModelPackageDetail, _model_package),
    ("aws.sagemaker", "SageMaker Endpoint State Change"): (EndpointDetail, _endpoint),
    ("aws.sagemaker", "SageMaker Endpoint Deployment State Change"): (EndpointDetail, _endpoint),
    ("aws.cloudwatch", "CloudWatch Alarm State Change"): (AlarmDetail, _alarm),
    ("aws.states", "Step Functions Execution Status Change"): (ExecutionDetail, _execution),
    ("aws.ssm", "Parameter Store Change"): (ParameterDetail, _parameter),
    ("interlock.steward", "Approved Version Found"): (FoundVersionDetail, _found_version),
    ("interlock.operate", "Operator Request"): (None, _operator),
}
"""(source, detail-type) → the shape of the detail, and what it means."""
