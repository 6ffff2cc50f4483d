"""Tells a rehearsal in words: turns calls and events of the simulated account into moments, one table row per kind.

Most calls are plumbing and have no row. A call that was refused is told as a refusal, except reads, which often ask
whether something is there, the ledger's conditional writes, whose refusals are how two writers agree, and an execution
that is there already, which is how the same thing told twice is one. A missing permission is always told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rehearsal.report.loop_moments import PIPELINE_EVENTS, moment_of_retraining_call
from rehearsal.report.result import AlarmChange, JournalEntry, Moment, Notice
from rehearsal.scenario.quantities import share
from rehearsal.traffic.told import endpoint_told

if TYPE_CHECKING:
    from rehearsal.account.gateway import Call

_GOOD = {"Succeeded": True, "RolledBack": False, "Failed": False, "Pass": True, "Fail": False, "Error": False}


Event = Mapping[str, Any]
READS = ("Describe", "List", "Get", "Head")  # how operations begin that change nothing


def moment_of_call(call: Call) -> Moment | None:
    """The moment that a call is, or None for plumbing."""
    if call.error:
        agreed = call.service == "dynamodb" or call.error.startswith("ExecutionAlreadyExists")
        plumbing = agreed or call.operation.startswith(READS) or not call.caller.execution
        if plumbing and not is_denied(call):
            return None
        told = f"{call.operation} is refused: {call.error}"
        return Moment(call.at, "refusal", told, _endpoint(call), False, call.caller.execution)
    tell = _CALLS.get((call.service, call.operation))
    moment = (tell(call) if tell else None) or moment_of_retraining_call(call)
    return replace(moment, source=moment.source or call.caller.execution) if moment else None


def is_denied(call: Call) -> bool:
    """Whether a call was refused because a permission is missing, in whichever of the services' spellings; S3 answers a
    HeadObject with nothing but the status."""
    spellings = ("AccessDenied", "AuthorizationError", "KMSAccess", "KmsAccess")
    return call.error.startswith((*spellings, "403: ") if call.service == "s3" else spellings)


def moment_of_event(at: float, event: Event) -> Moment | None:
    """The moment that an event on the bus is, or None when nobody needs to read it."""
    tell = _EVENTS.get(str(event.get("detail-type")))
    return tell(at, event["detail"]) if tell else None


def journal_entry(call: Call) -> tuple[str, JournalEntry] | None:
    """The release and the journal entry that a successful write to the ledger is, or None. A refusal at the
    door has no release; its kind is REFUSED."""
    if (call.service, call.operation) != ("dynamodb", "PutItem") or call.error:
        return None
    item = {name: next(iter(value.values())) for name, value in call.request["Item"].items()}
    kind, release = str(item.get("pk", "")).partition("#")[::2]
    if "document" not in item or kind not in ("RELEASE", "REFUSED"):
        return None
    entry, step = str(item["sk"]).partition("#")[::2] if release else (kind, "")
    return release, JournalEntry(call.at, entry, step, json.loads(item["document"]))


def notice(call: Call) -> Notice | None:
    """The notice that a successful Publish is, or None."""
    if (call.service, call.operation) != ("sns", "Publish") or call.error:
        return None
    return Notice(call.at, call.request.get("Subject", ""), call.request["Message"])


def alarm_change(at: float, event: Event) -> AlarmChange | None:
    """The alarm's change of state that an event is, or None."""
    if event.get("detail-type") != "CloudWatch Alarm State Change":
        return None
    state = event["detail"]["state"]
    return AlarmChange(at, event["detail"]["alarmName"], state["value"], state.get("reason", ""))


def _registered(call: Call) -> Moment:
    group, version = (call.response or {})["ModelPackageArn"].rsplit("/", 2)[-2:]
    status = call.request.get("ModelApprovalStatus", "PendingManualApproval")
    return Moment(call.at, "registry", f"{group} version {version} is registered, {status}")


def _decided(call: Call) -> Moment | None:
    group, version = call.request["ModelPackageArn"].rsplit("/", 2)[-2:]
    status = call.request.get("ModelApprovalStatus")
    if status is None:
        return Moment(call.at, "registry", f"{group} version {version} gets new metadata")
    return Moment(call.at, "registry", f"{group} version {version} is {_lower(status)}")


def _lower(status: str) -> str:
    return {"Approved": "approved", "Rejected": "rejected"}.get(status, status)


def _created(call: Call) -> Moment:
    config = call.request["EndpointConfigName"]
    return Moment(call.at, "endpoint", f"is being created from {config}", _endpoint(call))


def _updated(call: Call) -> Moment:
    config, deployment = call.request["EndpointConfigName"], call.request.get("DeploymentConfig", {})
    shift = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    batch = deployment.get("RollingUpdatePolicy", {}).get("MaximumBatchSize", {})
    how = f", {shift['Type'].lower().replace('_', ' ')}" if shift else ""
    how += f", {_amount(batch)} at a time" if batch else ""
    return Moment(call.at, "endpoint", f"starts to move to {config}{how}", _endpoint(call))


def _amount(size: Mapping[str, Any]) -> str:
    return f"{size['Value']} instance{'s' if size['Value'] > 1 else ''}"


def _weighed(call: Call) -> Moment:
    asked = call.request["DesiredWeightsAndCapacities"]
    if not any("DesiredWeight" in each for each in asked):
        names = ", ".join(each["VariantName"] for each in asked)
        return Moment(call.at, "endpoint", f"{names} is scaled", _endpoint(call))
    parts = ", ".join(f"{name} {share(part)}" for name, part in shares_asked(call.request).items())
    return Moment(call.at, "traffic", f"weights are set: {parts}", _endpoint(call))


def shares_asked(request: Mapping[str, Any]) -> dict[str, float]:
    """Each variant's share of traffic that an UpdateEndpointWeightsAndCapacities request asks for."""
    weights = {each["VariantName"]: each.get("DesiredWeight", 0.0) for each in request["DesiredWeightsAndCapacities"]}
    total = sum(weights.values()) or 1.0
    return {name: weight / total for name, weight in weights.items()}


def _published(call: Call) -> Moment | None:
    """A parameter that callers of a multi-model endpoint or of batch read."""
    endpoint, key = endpoint_told(call.request["Name"]), call.request.get("Value")
    said = f"callers are told to name {key}" if key else "callers are told nothing"
    return Moment(call.at, "traffic", said, endpoint) if endpoint else None


def _deleted(call: Call) -> Moment:
    return Moment(call.at, "endpoint", "is deleted", _endpoint(call))


def _stopped(call: Call) -> Moment:
    name = call.request["executionArn"].rsplit(":", 1)[-1]
    return Moment(call.at, "person", f"a person stops the execution {name}")


def _started(call: Call) -> Moment | None:
    machine = call.request["stateMachineArn"].rsplit(":", 1)[-1]
    if call.caller.principal != "person":
        return None
    return Moment(call.at, "person", f"a person starts {machine} with {call.request.get('input', '{}')}")


def _told(call: Call) -> Moment:
    subject = call.request.get("Subject") or call.request["Message"].splitlines()[0]
    return Moment(call.at, "notice", subject)


def _journalled(call: Call) -> Moment | None:
    written = journal_entry(call)
    if written is None or written[1].kind not in ENTRIES:
        return None
    release, entry = written
    return replace(ENTRIES[entry.kind](release, entry), source=str(entry.document.get("release", release)))


def _planned(release: str, entry: JournalEntry) -> Moment:
    plan = entry.document
    return Moment(entry.at, "release", f"{release}: {plan_title(plan)}. {plan.get('why', '')}")


NEXT = {
    "Advance": "advance",
    "Look": "look again",
    "Reallocate": "share the traffic anew",
    "AskGate": "ask a gate",
    "Hold": "wait for a person",
    "RollBack": "roll back",
}
BAKING_ON = ("Look", "Reallocate")
"""The consequences of a look after which the bake goes on."""


def _judged(release: str, entry: JournalEntry) -> Moment:
    """A look that leads to something is told with its reasons; one after which the bake goes on, with the rules that
    are why."""
    document = entry.document
    verdict, then = str(document.get("verdict", "")), str(document.get("next", ""))
    told = f"{_look(document)}{verdict}"
    if then not in BAKING_ON:
        told += f"{f', {NEXT[then]}' if then in NEXT else ''}: {sentence(document)}"
    elif verdict != "Pass":
        why = (str(each.get("rule")) for each in document.get("findings") or () if each.get("verdict") == verdict)
        told += f" on {', '.join(dict.fromkeys(why))}"
    if then == "Reallocate":
        told += f"; the candidate's share becomes {document['split']['candidate']:g}%"
    return Moment(entry.at, "verdict", told, good=_GOOD.get(verdict))


def _look(document: Mapping[str, Any]) -> str:
    """Which look of its bake a verdict was, if it says: `look 2 of 6 at 5%: `, `look 7 at 5%: ` of an extension."""
    given = document.get("given") or {}
    planned, look = (given.get("bake") or {}).get("looks"), given.get("looks", 0) + 1
    if not planned or document.get("percent") is None:
        return ""
    where = f"at {document['percent']:g}%" if document["percent"] else "of the shadow"
    return f"look {look}{f' of {planned}' if look <= planned else ''} {where}: "


def _rolled_back(release: str, entry: JournalEntry) -> Moment:
    return Moment(entry.at, "release", f"{release} is rolled back: {sentence(entry.document)}", good=False)


def _recorded(release: str, entry: JournalEntry) -> Moment:
    error = entry.document.get("error")
    words = f"its package could not be told: {error}" if error else "its package says since when it is live"
    return Moment(entry.at, "release", f"{release}: {words}", good=False if error else None)


def _steered(release: str, entry: JournalEntry) -> Moment:
    return Moment(entry.at, "person", f"{release}: {sentence(entry.document)}")


def _refused(release: str, entry: JournalEntry) -> Moment:
    told = f"{entry.document.get('reason', '')}: {sentence(entry.document)}"
    return Moment(entry.at, "refusal", told, good=False)


def _went_live(release: str, entry: JournalEntry) -> Moment:
    return Moment(entry.at, "release", f"{release}: {sentence(entry.document)}", good=True)


def _ended(release: str, entry: JournalEntry) -> Moment:
    outcome = str(entry.document.get("outcome", ""))
    return Moment(entry.at, "release", f"{release} ends {outcome}. {sentence(entry.document)}", good=_GOOD.get(outcome))


_WAYS = {
    "create": "first deployment",
    "native": "by SageMaker's guardrails",
    "weights": "by variant weights",
    "swap": "in one update",
    "pointer": "by publishing it",
}


def plan_title(plan: Mapping[str, Any]) -> str:
    """A plan in few words: `canary by variant weights`, `first deployment`, `roll back`."""
    strategy, traffic = str(plan.get("strategy", "")).replace("_", " "), str(plan.get("traffic", ""))
    if traffic == "create":
        return _WAYS[traffic]
    return f"{strategy} {_WAYS.get(traffic, traffic)}".strip() or str(plan.get("decision", ""))


def sentence(document: Mapping[str, Any]) -> str:
    """The words of a journal document, wherever it keeps them."""
    said = str(document.get("sentence") or document.get("reason") or document.get("why") or "")
    return " ".join(filter(None, (said, str(document.get("further") or ""))))


def _endpoint(call: Call) -> str:
    return str(call.request.get("EndpointName", ""))


def _alarmed(at: float, detail: Mapping[str, Any]) -> Moment | None:
    state, before = detail["state"], detail.get("previousState", {}).get("value")
    if state["value"] == "INSUFFICIENT_DATA" or (state["value"] == "OK" and before != "ALARM"):
        return None
    alarm = str(detail["alarmName"])
    return Moment(at, "alarm", f"{alarm} is {state['value']}", good=state["value"] == "OK", source=alarm)


_SETTLED = {
    "IN_SERVICE": "is in service{where}",
    "FAILED": "has failed{where}",
    "UPDATE_ROLLBACK_FAILED": "could not be rolled back, and a mix of both versions serves",
}


def _endpoint_changed(at: float, detail: Mapping[str, Any]) -> Moment | None:
    status = detail["EndpointStatus"]
    if status not in _SETTLED:
        return None
    where = f" on {detail['EndpointConfigName']}" if "EndpointConfigName" in detail else ""
    words = _SETTLED[status].format(where=where)
    return Moment(at, "endpoint", words, detail["EndpointName"], status == "IN_SERVICE")


def _component_changed(call: Call) -> Moment:
    name, specification = call.request["InferenceComponentName"], call.request.get("Specification", {})
    batch = call.request.get("DeploymentConfig", {}).get("RollingUpdatePolicy", {}).get("MaximumBatchSize", {})
    how = f", {batch['Value']} cop{'ies' if batch['Value'] > 1 else 'y'} at a time" if batch else ""
    words = {"Create": "is being created with", "Update": "starts to move to"}[call.operation[:6]]
    return Moment(call.at, "endpoint", f"inference component {name} {words} {specification['ModelName']}{how}")


def _component_deleted(call: Call) -> Moment:
    return Moment(call.at, "endpoint", f"inference component {call.request['InferenceComponentName']} is deleted")


_CALLS: Mapping[tuple[str, str], Callable[[Call], Moment | None]] = {
    ("sagemaker", "CreateModelPackage"): _registered,
    ("sagemaker", "UpdateModelPackage"): _decided,
    ("sagemaker", "CreateEndpoint"): _created,
    ("sagemaker", "UpdateEndpoint"): _updated,
    ("sagemaker", "UpdateEndpointWeightsAndCapacities"): _weighed,
    ("sagemaker", "DeleteEndpoint"): _deleted,
    ("sagemaker", "CreateInferenceComponent"): _component_changed,
    ("sagemaker", "UpdateInferenceComponent"): _component_changed,
    ("sagemaker", "DeleteInferenceComponent"): _component_deleted,
    ("stepfunctions", "StartExecution"): _started,
    ("stepfunctions", "StopExecution"): _stopped,
    ("sns", "Publish"): _told,
    ("ssm", "PutParameter"): _published,
    ("ssm", "DeleteParameter"): _published,
    ("dynamodb", "PutItem"): _journalled,
}
ENTRIES: Mapping[str, Callable[[str, JournalEntry], Moment]] = {
    "PLAN": _planned,
    "VERDICT": _judged,
    "ROLLBACK": _rolled_back,
    "LIVE": _went_live,
    "END": _ended,
    "RECORD": _recorded,
    "PERSON": _steered,
    "REFUSED": _refused,
}
_EVENTS: Mapping[str, Callable[[float, Mapping[str, Any]], Moment | None]] = {
    "CloudWatch Alarm State Change": _alarmed,
    "SageMaker Endpoint State Change": _endpoint_changed,
    **PIPELINE_EVENTS,
}
