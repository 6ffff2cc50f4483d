"""Pre-flight: what must be true before anything is touched."""

from __future__ import annotations

import json
from collections.abc import Callable

from interlock.delivery.approval import artifact_is_as_approved, version_is_as_approved
from interlock.delivery.containers import (
    artifacts_are_there,
    callers_reach_the_containers,
    images_are_pinned,
    smoke_test_reaches_one,
    version_is_supported,
)
from interlock.delivery.observed import Observed
from interlock.delivery.ownership import component_is_ours
from interlock.model.names import GROUP_TAG, STACK_TAG
from interlock.model.reasons import Reason
from interlock.policy.stage import Stage

Refusal = tuple[Reason, str]


def _version_exists(observed: Observed, stage: Stage) -> Refusal | None:
    if observed.version:
        return None
    cause, name = observed.cause("version"), f"Version {observed.number} of {observed.group}"
    if observed.absent("version"):
        return Reason.VERSION_NOT_FOUND, f"{name} does not exist in the model registry; check group and version."
    return Reason.AWS_REFUSED, f"{name} could not be read: {cause}"


def _version_is_approved(observed: Observed, stage: Stage) -> Refusal | None:
    version = observed.version
    if version and version.approval == "Approved":
        return None
    approval = version.approval if version else "unknown"
    said = f"Version {observed.number} of {observed.group} has ModelApprovalStatus {approval}; approve it first."
    return Reason.VERSION_NOT_APPROVED, said


def _version_is_the_latest_decision(observed: Observed, stage: Stage) -> Refusal | None:
    """An approval whose event comes late must not replace a version that was approved after it. Events tell the time in
    whole seconds. Of two approvals in one second, and where the time is not known, the one of the newer version counts
    as the later."""
    live = observed.live
    if observed.decided_at is None or not live.get("decided_at"):
        return None
    if (observed.decided_at or live["decided_at"], observed.number) >= (live["decided_at"], int(live["version"])):
        return None
    said = (
        f"Version {observed.number} was approved before version {live['version']}, which is live on {stage.endpoint}."
        f' To release it all the same: operate {{"action": "release", "group": "{observed.group}",'
        f' "version": {observed.number}}}.'
    )
    return Reason.EVENT_OUTDATED, said


def _version_is_ready(observed: Observed, stage: Stage) -> Refusal | None:
    version = observed.version
    if version and version.status == "Completed":
        return None
    status = version.status if version else "unknown"
    return Reason.VERSION_NOT_READY, f"Version {observed.number} has ModelPackageStatus {status}; it must be Completed."


def _version_is_not_quarantined(observed: Observed, stage: Stage) -> Refusal | None:
    """A quarantine that cannot be read is not an absent one."""
    if observed.cause("quarantine"):
        return Reason.AWS_REFUSED, f"The quarantine could not be read: {observed.cause('quarantine')}"
    item = (observed.found("quarantine") or {}).get("Item")
    if not item:
        return None
    why = item.get("sentence", {}).get("S", "it was rolled back before.")
    said = (
        f"Version {observed.number} of {observed.group} is quarantined: {why} Release a newer version, or lift the"
        f' quarantine with operate {{"action": "lift_quarantine", "group": "{observed.group}",'
        f' "version": {observed.number}}}.'
    )
    return Reason.VERSION_QUARANTINED, said


def _endpoint_is_readable(observed: Observed, stage: Stage) -> Refusal | None:
    if component := observed.cause("component") if not observed.absent("component") else "":
        name = stage.hosting.inference_component
        return Reason.AWS_REFUSED, f"Inference component {name} could not be read: {component}"
    cause = observed.cause("endpoint") or observed.cause("endpoint_config") or observed.cause("tags")
    if not cause or observed.absent("endpoint"):
        return None
    return Reason.AWS_REFUSED, f"Endpoint {stage.endpoint} could not be read: {cause}"


def _endpoint_is_of_this_group(observed: Observed, stage: Stage) -> Refusal | None:
    group, place = observed.live.get("model_group", observed.group), stage.hosting.place
    if group == observed.group:
        return None
    said = (
        f"{place.capitalize()} {stage.endpoint} serves model package group {group}; two policies must not share"
        f" one. Name another {place}, or, if it has changed hands, delete the attribute live of its CONTROL item."
    )
    return Reason.ENDPOINT_TAKEN, said


def _owner_consents(observed: Observed, stage: Stage) -> Refusal | None:
    """Interlock changes what its stack has made. What somebody else has made it changes if the owner's tag says so."""
    if component := observed.found("component"):
        return component_is_ours(observed, stage, component["EndpointName"])
    described = observed.found("endpoint")
    if described is None:
        return None
    stack, group = observed.tags.get(STACK_TAG, observed.stack), observed.tags.get(GROUP_TAG)  # ours has both
    if stack != observed.stack:
        said = f"Endpoint {stage.endpoint} belongs to the stack {stack} (tag {STACK_TAG}); name another endpoint."
        return Reason.ENDPOINT_TAKEN, said
    if group == observed.group:
        return None
    tag = f"Key={GROUP_TAG},Value={observed.group}"
    consent = f"aws sagemaker add-tags --resource-arn {described['EndpointArn']} --tags {tag}"
    if group is not None:
        said = (
            f"Endpoint {stage.endpoint} is given to model package group {group} (tag {GROUP_TAG}). Name another"
            f" endpoint, or give it to {observed.group}: {consent}"
        )
        return Reason.ENDPOINT_TAKEN, said
    said = (
        f"Endpoint {stage.endpoint} was made by somebody else, and no tag {GROUP_TAG} lets Interlock change it. Its"
        f" owner can set it: {consent} Then operate"
        f' {{"action": "release", "group": "{observed.group}", "version": {observed.number}}}.'
    )
    return Reason.CONSENT_MISSING, said


def _endpoint_is_supported(observed: Observed, stage: Stage) -> Refusal | None:
    endpoint = observed.endpoint or observed.host
    if endpoint is None or not endpoint.settled:
        return None
    if endpoint.status != "InService":
        said = (
            f"{endpoint.title} is {endpoint.status} "
            f"({endpoint.failure or 'no reason given'}); repair or delete it first."
        )
        return Reason.ENDPOINT_FAILED, said
    obstacles = stage.hosting.obstacles(endpoint)
    if obstacles:
        said = f"{endpoint.title} cannot be released to yet: {obstacles[0]}. Supported: {stage.hosting.supported}."
        return Reason.ENDPOINT_UNSUPPORTED, said
    return None


def _container_is_the_endpoints(observed: Observed, stage: Stage) -> Refusal | None:
    """A version that is loaded into the container of an endpoint cannot bring another one."""
    endpoint, version = observed.endpoint, observed.version
    if endpoint is None or version is None or not endpoint.settled:
        return None
    differs = stage.hosting.other_container(endpoint, version)
    if not differs:
        return None
    said = (
        f"The container of version {observed.number} is not that of endpoint {endpoint.name}: {differs}. All models of"
        " the endpoint run in its container. Write another endpoint into the policy, and Interlock creates it with the"
        " container of this version, over the same prefix."
    )
    return Reason.CONTAINER_DIFFERS, said


def _alarms_are_quiet(observed: Observed, stage: Stage) -> Refusal | None:
    if not stage.alarms:
        return None
    cause = observed.cause("alarms")
    if cause:
        return Reason.AWS_REFUSED, f"The policy's alarms could not be read: {cause}"
    described = (observed.found("alarms") or {}).get("MetricAlarms", [])
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in described}
    missing = [name for name in stage.alarms if name not in states]
    if missing:
        said = (
            f"No metric alarm named {', '.join(missing)} exists in this account "
            f"and Region; correct the policy's alarms."
        )
        return Reason.ALARM_MISSING, said
    raised = [name for name in stage.alarms if states[name] == "ALARM"]
    if raised:
        said = (
            f"Alarm {', '.join(raised)} is already raised, so it cannot show that a candidate is bad. Clear it, then"
            f' start again; or, if this is the cure, operate {{"action": "release", "group": "{observed.group}",'
            f' "version": {observed.number}, "despite_alarms": {json.dumps(raised)}, "because": "..."}}.'
        )
        return Reason.ALARM_ALREADY_RAISED, said
    return None


CHECKS: tuple[Callable[[Observed, Stage], Refusal | None], ...] = (
    _version_exists,
    _version_is_approved,
    _version_is_the_latest_decision,
    _version_is_ready,
    version_is_supported,
    version_is_as_approved,
    _version_is_not_quarantined,
    artifacts_are_there,
    artifact_is_as_approved,
    images_are_pinned,
    _endpoint_is_readable,
    _endpoint_is_of_this_group,
    _owner_consents,
    _endpoint_is_supported,
    _container_is_the_endpoints,
    callers_reach_the_containers,
    smoke_test_reaches_one,
    _alarms_are_quiet,
)
"""In the order in which a person would ask; the first refusal is the answer."""


def refusal(observed: Observed, stage: Stage) -> Refusal | None:
    """The first reason not to begin, or None."""
    return next((found for check in CHECKS if (found := check(observed, stage))), None)
