"""What is Interlock's own: the tags of what it makes, and the consent that the owner of an endpoint gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from interlock.model.names import fit_for_tag
from interlock.model.plan import Step
from interlock.model.request import Request

STACK, GROUP = "interlock:stack", "interlock:group"
"""The tags that ActRole in template.yaml asks for: it changes endpoints of its own stack, and endpoints of no stack
whose owner has named a group."""

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
        tags = {STACK: self.stack, GROUP: self.group, "interlock:version": str(self.version)}
        tags["interlock:release"] = fit_for_tag(self.release)
        return [{"Key": key, "Value": value} for key, value in tags.items()]


def tagged(steps: Iterable[Step], owner: Owner) -> tuple[Step, ...]:
    """``steps``, of which each that makes something says whose it is."""
    tags = owner.tags()
    return tuple(
        replace(step, request=step.request | {"Tags": tags}) if step.action in _MAKES else step for step in steps
    )
