"""The tags of what a release makes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from interlock.model.names import GROUP_TAG, STACK_TAG, VERSION_TAG, fit_for_tag
from interlock.model.plan import Step
from interlock.model.request import Request

_MAKES = frozenset({"CreateModel", "CreateEndpointConfig", "CreateEndpoint"})


@dataclass(frozen=True)
class Owner:
    """Who makes something: the stack, and the release of which version of which group."""

    stack: str
    group: str
    version: int
    release: str

    def tags(self) -> list[Request]:
        """As SageMaker takes them (botocore Tag)."""
        tags = {STACK_TAG: self.stack, GROUP_TAG: self.group, VERSION_TAG: str(self.version)}
        tags["interlock:release"] = fit_for_tag(self.release)
        return [{"Key": key, "Value": value} for key, value in tags.items()]


def tagged(steps: Iterable[Step], owner: Owner) -> tuple[Step, ...]:
    """``steps``, of which each that makes something says whose it is."""
    tags = owner.tags()
    return tuple(
        replace(step, request=step.request | {"Tags": tags}) if step.action in _MAKES else step for step in steps
    )
