"""Lineage entities (actions, artifacts, contexts) and the associations between them.

Semantics: botocore CreateAction, CreateArtifact, CreateContext, DescribeAction, ListArtifacts, AddAssociation,
ListAssociations; docs: lineage-tracking-entities, lineage-tracking-auto-creation, lineage-tracking-manual-creation. Of
what SageMaker makes itself, only the artifact of each registered version is here; the entities of jobs, models and
endpoints are not simulated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker import refusals
from rehearsal.sagemaker.names import Names
from rehearsal.sagemaker.options import Options


@dataclass(frozen=True)
class Entity:
    """An action, an artifact or a context. `type` is what its maker calls it ("ModelDeployment", "Model", …);
    `created` is in virtual epoch seconds; `told` is what it was created with beside name, type and source."""

    arn: str
    name: str
    type: str
    source: str
    created: float
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Association:
    """Source contributed to, is associated with, … destination; made at `created` (virtual epoch seconds)."""

    source: str
    destination: str
    type: str
    created: float


class Lineage:
    """Entities by ARN, and their associations in the order in which they were added."""

    def __init__(self, clock: Clock, names: Names, options: Options) -> None:
        self._clock, self._names, self._options = clock, names, options
        self._random = clock.random("lineage")
        self.entities: dict[str, Entity] = {}
        self.associations: list[Association] = []

    def registered(self, package: str) -> None:
        """SageMaker makes one artifact for a version; its source is the package's ARN (docs:
        lineage-tracking-auto-creation; sagemaker-python-sdk, tests/integ/sagemaker/lineage/conftest.py, expects exactly
        one)."""
        if self._options.package_artifact == "made":
            self._make(self._artifact_arn(), "", "Model", package)

    def create_action(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """A name that is taken is refused (botocore CreateActionRequest: "must be unique"); message in our words. Two
        actions may have one source (sagemaker-python-sdk, tests/integ/sagemaker/lineage/conftest.py)."""
        told: dict[str, Any] = {key: request[key] for key in ("Description", "Status", "Properties") if key in request}
        return {"ActionArn": self._named("action", request["ActionName"], request["ActionType"], request, told)}

    def describe_action(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ResourceNotFound is what botocore models; message in our words."""
        arn = self._arn("action", request["ActionName"])
        if arn not in self.entities:
            raise refusals.not_found("action", arn)
        found = self.entities[arn]
        return {
            "ActionName": found.name,
            "ActionArn": found.arn,
            "ActionType": found.type,
            "Source": {"SourceUri": found.source},
            "CreationTime": self._clock.datetime(found.created),
            **found.told,
        }

    def create_context(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """As create_action."""
        return {"ContextArn": self._named("context", request["ContextName"], request["ContextType"], request, {})}

    def create_artifact(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Its ARN ends in a digest (sagemaker-python-sdk, lineage/artifact.py). "There can be only one artifact with a
        unique SourceUri" (docs: lineage-tracking-entities); a second is refused, in our words. Names may repeat (as
        above, conftest.py), although botocore says that they are unique.

        Until 2021 the call was refused outside SageMaker (sagemaker-python-sdk #2010); that was lifted
        (sagemaker-experiments #135)."""
        if self._options.create_artifact == "inside SageMaker":
            raise refusals.invalid("CreateArtifact can only be called from a SageMaker context.")
        source = request["Source"]["SourceUri"]
        if any(each.source == source for each in self._artifacts()):
            raise refusals.invalid(f"Artifact with source uri {source} already exists.")
        arn = self._artifact_arn()
        return {"ArtifactArn": self._make(arn, request.get("ArtifactName", ""), request["ArtifactType"], source)}

    def list_artifacts(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """By source and type, the newest first unless SortOrder is Ascending; ten a page (botocore)."""
        source, kind = request.get("SourceUri"), request.get("ArtifactType")
        found = (each for each in self._artifacts() if source in (None, each.source) and kind in (None, each.type))
        return self._page("ArtifactSummaries", [self._summary(each) for each in found], request, size=10)

    def add_association(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Both ends must exist. Nothing says what the same association twice is: one, or refused."""
        source, destination = request["SourceArn"], request["DestinationArn"]
        for arn in (source, destination):
            if arn not in self.entities:
                raise AwsError("sagemaker", "ResourceNotFound", f"Resource {arn} does not exist.")
        if any((each.source, each.destination) == (source, destination) for each in self.associations):
            if self._options.repeated_association == "refused":
                raise refusals.invalid(f"Association from {source} to {destination} already exists.")
        else:
            kind = request.get("AssociationType", "AssociatedWith")
            self.associations.append(Association(source, destination, kind, self._clock.now))
        return {"SourceArn": source, "DestinationArn": destination}

    def list_associations(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Filtered by ends, their types and the type of association; the newest first unless SortOrder is Ascending."""
        found = [shown for each in self.associations if _fits(shown := self._shown(each), request)]
        return self._page("AssociationSummaries", found, request, size=100)

    def _page(self, member: str, found: list[dict[str, Any]], request: dict[str, Any], size: int) -> dict[str, Any]:
        ordered = found if request.get("SortOrder") == "Ascending" else found[::-1]
        first, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", size))
        page: dict[str, Any] = {member: ordered[first : first + size]}
        return page | ({"NextToken": str(first + size)} if len(ordered) > first + size else {})

    def _artifacts(self) -> Iterable[Entity]:
        return (each for each in self.entities.values() if ":artifact/" in each.arn)

    def _artifact_arn(self) -> str:
        return self._names.arn("artifact", f"{self._random.getrandbits(128):032x}")

    def _arn(self, kind: str, name: str) -> str:
        lowered = self._names.arn(kind, name)
        as_given = f"{lowered.removesuffix(name.lower())}{name}"
        return as_given if self._options.lineage_arns == "as given" else lowered

    def _named(self, kind: str, name: str, of: str, request: Mapping[str, Any], told: Mapping[str, Any]) -> str:
        arn = self._arn(kind, name)
        if arn in self.entities:
            raise refusals.invalid(f"{kind.capitalize()} with name {name} already exists.")
        return self._make(arn, name, of, request["Source"]["SourceUri"], told)

    def _make(self, arn: str, name: str, of: str, source: str, told: Mapping[str, Any] | None = None) -> str:
        self.entities[arn] = Entity(arn, name, of, source, self._clock.now, told or {})
        return arn

    def _summary(self, artifact: Entity) -> dict[str, Any]:
        named = {"ArtifactName": artifact.name} if artifact.name else {}
        return {
            "ArtifactArn": artifact.arn,
            "ArtifactType": artifact.type,
            "Source": {"SourceUri": artifact.source},
            "CreationTime": self._clock.datetime(artifact.created),
            **named,
        }

    def _shown(self, each: Association) -> dict[str, Any]:
        source, destination = self.entities[each.source], self.entities[each.destination]
        names = {"SourceName": source.name, "DestinationName": destination.name}
        return {
            "SourceArn": source.arn,
            "DestinationArn": destination.arn,
            "SourceType": source.type,
            "DestinationType": destination.type,
            **{member: name for member, name in names.items() if name},
            "AssociationType": each.type,
            "CreationTime": self._clock.datetime(each.created),
        }


def _fits(shown: dict[str, Any], request: dict[str, Any]) -> bool:
    filters = ("SourceArn", "DestinationArn", "SourceType", "DestinationType", "AssociationType")
    after, before = request.get("CreatedAfter"), request.get("CreatedBefore")
    in_time = (after is None or shown["CreationTime"] >= after) and (before is None or shown["CreationTime"] <= before)
    return in_time and all(request.get(name, shown[name]) == shown[name] for name in filters)
