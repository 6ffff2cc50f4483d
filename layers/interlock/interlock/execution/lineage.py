"""What SageMaker's lineage says of a retraining or a release that has ended: few entities, and what led to what.

    what the monitor found -> retraining -> version -> release

A retraining and a release are actions. What was found and the version are artifacts, of which SageMaker has one for
each source URI (docs: lineage-tracking-entities), so they are looked for before they are made. The types "DataSet",
"Model" and "ModelDeployment" are SageMaker's own words (sagemaker-python-sdk, lineage/query.py, LineageSourceEnum).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from interlock.model.names import action_name
from interlock.model.request import Request

Kind = Literal["Retraining", "Release"]

ACTION_TYPES: dict[Kind, str] = {"Retraining": "Retraining", "Release": "ModelDeployment"}

LONGEST_PROPERTY = 2500
"""Characters of a property of an action (botocore StringParameterValue), which has one line."""

MOST_LOOKS = 2
"""The second is for an entity that could not be made: its name may be taken by an earlier attempt."""

Next = Literal["Look", "Write", "End"]


class Tracked(TypedDict):
    """What has ended. ``execution``: ARN of its execution; ``package``: ARN of the version's package; ``evidence``: S3
    URI of what was found, and ``training``: ARN of what trained, both empty where there is none."""

    kind: Kind
    name: str
    execution: str
    group: str
    version: int
    endpoint: str
    package: str
    evidence: str
    training: str
    failed: bool
    reason: str
    sentence: str


class Written(TypedDict):
    """A write that was tried. ``arn``: of what was made, and ``refused``: why it was not, both empty otherwise."""

    action: str
    request: Request
    arn: str
    refused: str


class Progress(TypedDict):
    """``seen``: what ``observe`` answered to the last look, ``looks`` how many there were; ``written``: in order."""

    tracked: Tracked
    looks: int
    seen: Mapping[str, Any]
    written: list[Written]


class Write(TypedDict):
    """One call of ``act``."""

    action: str
    request: Request


class Told(TypedDict):
    """What became of it: the names of the calls that wrote something, and why others were refused, looks included."""

    written: list[str]
    refused: list[str]


class Lineage(TypedDict):
    """What to do next: ask ``observe`` (``look``), or have ``act`` make ``writes``."""

    next: Next
    look: Request
    writes: list[Write]
    document: Told


@dataclass(frozen=True)
class Artifact:
    """``source`` is its URI; ``leads`` whether it led to the action, else it came from it."""

    source: str
    type: str
    leads: bool


def plan_lineage(task: Progress) -> Lineage:
    """Plan the next writes: first what is missing, then what leads to what. Nothing is tried twice. What could not be
    looked for is not made, because it may be there; what has no ARN is left out."""
    tracked, seen, written = task["tracked"], task["seen"], task["written"]
    if not task["looks"]:
        return _plan(task, look=_question(tracked))
    artifacts, known = _artifacts(tracked, seen), _known(tracked, seen, written)
    tried = [each["request"] for each in written]
    action = known.get(_name(tracked), "")
    wanted = [] if action else [_action(tracked)]
    wanted += [_made(each) for each in artifacts if not known.get(each.source, "unread")]
    if missing := [each for each in wanted if each["request"] not in tried]:
        return _plan(task, missing)
    if wanted and task["looks"] < MOST_LOOKS:
        return _plan(task, look=_question(tracked))
    links = [_link(action, known[each.source], each) for each in artifacts if action and known.get(each.source)]
    return _plan(task, [each for each in links if each["request"] not in tried])


def _plan(task: Progress, writes: list[Write] | None = None, look: Request | None = None) -> Lineage:
    writes_refused = [f"{each['action']}: {each['refused']}" for each in task["written"] if each["refused"]]
    told: Told = {
        "written": [each["action"] for each in task["written"] if not each["refused"]],
        "refused": [*_unread(task["seen"]), *writes_refused],
    }
    step: Next = "Look" if look else "Write" if writes else "End"
    return {"next": step, "look": look or {}, "writes": writes or [], "document": told}


def _name(tracked: Tracked) -> str:
    return action_name(tracked["kind"].lower(), tracked["name"])


def _question(tracked: Tracked) -> Request:
    sources = [tracked["evidence"]] if tracked["evidence"] else []
    return {"packages": [tracked["package"]], "lineage": {"action": _name(tracked), "sources": sources}}


def _action(tracked: Tracked) -> Write:
    told = {
        "Group": tracked["group"],
        "Version": str(tracked["version"]),
        "Endpoint": tracked["endpoint"],
        "Reason": tracked["reason"],
        "Sentence": tracked["sentence"],
        "Training": tracked["training"],
    }
    request = {
        "ActionName": _name(tracked),
        "ActionType": ACTION_TYPES[tracked["kind"]],
        "Source": {"SourceUri": tracked["execution"]},
        "Status": "Failed" if tracked["failed"] else "Completed",
        "Properties": {name: " ".join(value.split())[:LONGEST_PROPERTY] for name, value in told.items() if value},
    }
    return {"action": "CreateAction", "request": request}


def _artifacts(tracked: Tracked, seen: Mapping[str, Any]) -> list[Artifact]:
    """The package's source is its ARN as SageMaker spells it, which may differ in case from one that was put
    together."""
    packages = [(each.get("found") or {}).get("ModelPackageArn") for each in seen.get("packages") or ()]
    evidence = [tracked["evidence"]] if tracked["evidence"] else []
    return [
        *(Artifact(uri, "DataSet", leads=True) for uri in evidence),
        *(Artifact(arn, "Model", leads=tracked["kind"] == "Release") for arn in packages if arn),
    ]


def _made(artifact: Artifact) -> Write:
    request = {"ArtifactType": artifact.type, "Source": {"SourceUri": artifact.source}}
    return {"action": "CreateArtifact", "request": request}


def _known(tracked: Tracked, seen: Mapping[str, Any], written: list[Written]) -> dict[str, str]:
    """The ARNs, by the name of the action and the source of an artifact. An artifact that is not there has an empty
    one; one that could not be looked for is missing."""
    lineage = seen.get("lineage") or {}
    artifacts = [each for each in lineage.get("artifacts") or () if "arns" in each]
    found = {each["source"]: next(iter(each["arns"]), "") for each in artifacts}
    action = (lineage.get("action") or {}).get("found") or {}
    if action:
        found[_name(tracked)] = action["ActionArn"]
    for each in written:
        if each["arn"]:
            found[each["request"].get("ActionName") or each["request"]["Source"]["SourceUri"]] = each["arn"]
    return found


def _unread(seen: Mapping[str, Any]) -> list[str]:
    """Why the package or an artifact could not be looked for. An action that is not there is no refusal."""
    artifacts = (seen.get("lineage") or {}).get("artifacts") or ()
    looks = {"DescribeModelPackage": seen.get("packages") or (), "ListArtifacts": artifacts}
    return [
        f"{call}: {each.get('cause') or each['error']}"
        for call, found in looks.items()
        for each in found
        if "error" in each
    ]


def _link(action: str, artifact: str, of: Artifact) -> Write:
    """Suggested uses of the types: botocore AddAssociationRequest."""
    ends = (artifact, action, "ContributedTo") if of.leads else (action, artifact, "Produced")
    request = dict(zip(("SourceArn", "DestinationArn", "AssociationType"), ends, strict=True))
    return {"action": "AddAssociation", "request": request}
