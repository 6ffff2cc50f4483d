"""Deploys a template into the simulated account: resources in the order of their references, as CloudFormation does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.account.gateway import Gateway
from rehearsal.aws import AwsError
from rehearsal.services.functions import Lambda
from rehearsal.stack.deployment import Deployment
from rehearsal.stack.intrinsics import Scope, TemplateError, parameter_values, resolve
from rehearsal.stack.resources import CREATORS
from rehearsal.stack.translation import translate


@dataclass(frozen=True)
class Resource:
    """A deployed resource: what `Ref` gives, and what `Fn::GetAtt` gives by attribute name."""

    logical_id: str
    type: str
    ref: str
    attributes: Mapping[str, str]

    @property
    def arn(self) -> str:
        """The resource's ARN; for the few types whose `Ref` is the ARN, that."""
        return self.attributes.get("Arn", self.ref)


@dataclass(frozen=True)
class Stack:
    """A deployed stack: its outputs, and its resources by logical id."""

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, Resource]

    def arn(self, logical_id: str) -> str:
        """The ARN of a resource."""
        return self.resources[logical_id].arn

    def ref(self, logical_id: str) -> str:
        """The physical name (or whatever `Ref` gives) of a resource."""
        return self.resources[logical_id].ref


def deploy(
    template: Path,
    gateway: Gateway,
    functions: Lambda,
    name: str = "interlock",
    parameters: Mapping[str, str] | None = None,
) -> Stack:
    """Deploy a SAM template. TemplateError, by resource, for what cannot be deployed or is not simulated here."""
    body = translate(template, parameters or {}, gateway.place.region)
    values = parameter_values(body.get("Parameters", {}), parameters or {})
    return _Creation(body, values, Deployment(template.parent, name, gateway, functions)).finish()


class _Creation:
    """The order of creation: a resource is created when something refers to it, or when its turn comes."""

    def __init__(self, body: Mapping[str, Any], parameters: Mapping[str, Any], deployment: Deployment) -> None:
        self._declared: Mapping[str, Any] = body["Resources"]
        self._outputs: Mapping[str, Any] = body.get("Outputs", {})
        self._deployment = deployment
        self._created: dict[str, Resource] = {}
        self._under_way: list[str] = []
        self._scope = Scope(
            parameters={**_pseudo_parameters(deployment), **parameters},
            conditions=body.get("Conditions", {}),
            mappings=body.get("Mappings", {}),
            ref=lambda logical_id: self._create(logical_id).ref,
            attribute=self._attribute,
        )

    def finish(self) -> Stack:
        for logical_id in self._declared:
            if self._wanted(self._declared[logical_id]):
                self._create(logical_id)
        outputs = {
            name: str(resolve(about["Value"], self._scope))
            for name, about in self._outputs.items()
            if self._wanted(about)
        }
        return Stack(self._deployment.name, outputs, self._created)

    def _wanted(self, about: Mapping[str, Any]) -> bool:
        return "Condition" not in about or self._scope.holds(about["Condition"])

    def _attribute(self, logical_id: str, name: str) -> str:
        attributes = self._create(logical_id).attributes
        if name not in attributes:
            raise TemplateError(f"{logical_id} has no attribute {name} here; it has {', '.join(attributes)}")
        return attributes[name]

    def _create(self, logical_id: str) -> Resource:

        if logical_id in self._created:
            return self._created[logical_id]
        if logical_id not in self._declared:
            raise TemplateError(f"{logical_id} is neither a parameter nor a resource of the template")
        if logical_id in self._under_way:
            raise TemplateError(f"circular dependency between resources: {', '.join(self._under_way)}")
        about = self._declared[logical_id]
        if about["Type"] not in CREATORS:
            raise TemplateError(f"{logical_id}: resources of type {about['Type']} are not simulated")
        self._under_way.append(logical_id)
        needed = about.get("DependsOn", [])
        for other in [needed] if isinstance(needed, str) else needed:
            self._create(other)
        properties = resolve(about.get("Properties", {}), self._scope)
        try:
            ref, attributes = CREATORS[about["Type"]](self._deployment, logical_id, properties)
        except (AwsError, KeyError, ValueError) as error:
            raise TemplateError(f"{logical_id} ({about['Type']}) cannot be created: {error!r}") from error
        self._under_way.remove(logical_id)
        self._created[logical_id] = Resource(logical_id, about["Type"], ref, attributes)
        return self._created[logical_id]


def _pseudo_parameters(deployment: Deployment) -> dict[str, str]:
    place, name = deployment.place, deployment.name
    stack_id = hashlib.sha256(name.encode()).hexdigest()[:12]
    return {
        "AWS::AccountId": place.account,
        "AWS::Partition": "aws",
        "AWS::Region": place.region,
        "AWS::StackId": place.arn("cloudformation", f"stack/{name}/{stack_id}"),
        "AWS::StackName": name,
        "AWS::URLSuffix": "amazonaws.com",
    }
