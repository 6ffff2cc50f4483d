"""What the steps of a release say of their origin: whose it is that they make, and which artifact it must be from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from interlock.delivery.observed import Observed
from interlock.model.names import GROUP_TAG, RELEASE_TAG, STACK_TAG, VERSION_TAG, as_tags, fit_for_tag
from interlock.model.plan import Step
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.policy.stage import Stage

_MAKES = frozenset(
    {
        "CreateModel",
        "CreateEndpointConfig",
        "CreateEndpoint",
        "CreateInferenceComponent",
        "CreateTransformJob",
        "PutMetricAlarm",
    }
)


@dataclass(frozen=True)
class Owner:
    """Who makes something: the stack, and the release of which version of which group."""

    stack: str
    group: str
    version: int
    release: str

    def tags(self) -> list[Request]:
        release = {RELEASE_TAG: fit_for_tag(self.release)}
        return as_tags({STACK_TAG: self.stack, GROUP_TAG: self.group, VERSION_TAG: str(self.version), **release})


def pinned(steps: Iterable[Step], artifacts: list[Request]) -> tuple[Step, ...]:
    """``steps``, of which the one that starts the candidate expects the ``artifacts`` (of each uri, etag, and when it
    was written) to be still the same when the containers have them. Whether SageMaker compares ETags is not documented.
    """
    found = tuple(steps)
    starts = next((step for step in found if "candidate" in (step.expect or {})), None)
    same = {"artifacts": artifacts}
    return tuple(replace(step, expect={**(step.expect or {}), **same}) if step is starts else step for step in found)


def tagged(steps: Iterable[Step], owner: Owner) -> tuple[Step, ...]:
    """``steps``, of which each that makes something says whose it is."""
    tags = owner.tags()
    return tuple(
        replace(step, request=step.request | {"Tags": tags}) if step.action in _MAKES else step for step in steps
    )


def component_is_ours(observed: Observed, stage: Stage, host: str) -> tuple[Reason, str] | None:
    """An inference component is changed by the stack and the group that made it, and by nobody else."""
    name, ours = stage.hosting.inference_component, {STACK_TAG: observed.stack, GROUP_TAG: observed.group}
    if host != stage.endpoint:
        said = (
            f"Inference component {name} is on endpoint {host}, and its name can be had once in an account and Region."
        )
        return Reason.ENDPOINT_TAKEN, f"{said} Name another component, or endpoint: {host}."
    if {tag: observed.tags.get(tag) for tag in ours} == ours:
        return None
    said = (
        f"Inference component {name} was not made by this stack for model package group {observed.group} (tags"
        f" {STACK_TAG} and {GROUP_TAG}). Name another component under hosting; Interlock makes it."
    )
    return Reason.ENDPOINT_TAKEN, said
