"""Lineage entities (actions, artifacts, contexts) and the associations between them.

Semantics: botocore CreateAction, CreateArtifact, CreateContext, AddAssociation, ListAssociations; docs:
lineage-tracking-manual-creation. Nothing is made by SageMaker itself here: what jobs leave in the lineage of a real
account is not simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker import refusals
from rehearsal.sagemaker.names import Names


@dataclass(frozen=True)
class Entity:
    """An action, an artifact or a context. `type` is what its maker calls it ("ModelDeployment", "Model", …)."""

    arn: str
    name: str
    type: str


@dataclass(frozen=True)
class Association:
    """Source contributed to, is associated with, … destination; made at `created` (virtual epoch seconds)."""

    source: str
    destination: str
    type: str
    created: float


class Lineage:
    """Entities by ARN, and their associations in the order in which they were added."""

    def __init__(self, clock: Clock, names: Names) -> None:
        self._clock, self._names = clock, names
        self._random = clock.random("lineage")
        self._entities: dict[str, Entity] = {}
        self.associations: list[Association] = []

    def create_action(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """A name that is taken is refused (docs: lineage-tracking-entities, "must be unique"); message in our words."""
        return {"ActionArn": self._named("action", request["ActionName"], request["ActionType"])}

    def create_context(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """As create_action."""
        return {"ContextArn": self._named("context", request["ContextName"], request["ContextType"])}

    def create_artifact(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """An artifact has no unique name: its ARN ends in a digest (sagemaker-python-sdk, lineage/artifact.py)."""
        arn = self._names.arn("artifact", f"{self._random.getrandbits(128):032x}")
        self._entities[arn] = Entity(arn, request.get("ArtifactName", ""), request["ArtifactType"])
        return {"ArtifactArn": arn}

    def add_association(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Both ends must exist; the same association twice is one."""
        source, destination = request["SourceArn"], request["DestinationArn"]
        for arn in (source, destination):
            if arn not in self._entities:
                raise AwsError("sagemaker", "ResourceNotFound", f"Resource {arn} does not exist.")
        if not any((each.source, each.destination) == (source, destination) for each in self.associations):
            kind = request.get("AssociationType", "AssociatedWith")
            self.associations.append(Association(source, destination, kind, self._clock.now))
        return {"SourceArn": source, "DestinationArn": destination}

    def list_associations(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Filtered by ends, their types and the type of association; the newest first unless SortOrder is Ascending."""
        found = [shown for each in self.associations if _fits(shown := self._shown(each), request)]
        ordered = found if request.get("SortOrder") == "Ascending" else found[::-1]
        first, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", 100))
        page: dict[str, Any] = {"AssociationSummaries": ordered[first : first + size]}
        return page | ({"NextToken": str(first + size)} if len(ordered) > first + size else {})

    def _named(self, kind: str, name: str, of: str) -> str:
        arn = self._names.arn(kind, name)
        if arn in self._entities:
            raise refusals.invalid(f"{kind.capitalize()} with name {name} already exists.")
        self._entities[arn] = Entity(arn, name, of)
        return arn

    def _shown(self, each: Association) -> dict[str, Any]:
        source, destination = self._entities[each.source], self._entities[each.destination]
        return {
            "SourceArn": source.arn,
            "DestinationArn": destination.arn,
            "SourceType": source.type,
            "DestinationType": destination.type,
            "SourceName": source.name,
            "DestinationName": destination.name,
            "AssociationType": each.type,
            "CreationTime": self._clock.datetime(each.created),
        }


def _fits(shown: dict[str, Any], request: dict[str, Any]) -> bool:
    filters = ("SourceArn", "DestinationArn", "SourceType", "DestinationType", "AssociationType")
    after, before = request.get("CreatedAfter"), request.get("CreatedBefore")
    in_time = (after is None or shown["CreationTime"] >= after) and (before is None or shown["CreationTime"] <= before)
    return in_time and all(request.get(name, shown[name]) == shown[name] for name in filters)
