"""The documents that the contract binds together: the template, as written and as CloudFormation gets it; machines."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import yaml
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
REGION, ACCOUNT = "us-east-1", "111122223333"

Resource = dict[str, Any]


@dataclass(frozen=True)
class Machine:
    """A state machine of the template with its definition as it stands in the file, placeholders and all."""

    logical_id: str
    path: Path
    definition: dict[str, Any]
    resource: Resource

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def substitutions(self) -> dict[str, Any]:
        return dict(self.resource["Properties"].get("DefinitionSubstitutions", {}))


@cache
def template() -> dict[str, Any]:
    """template.yaml as written."""
    return dict(yaml_parse((ROOT / "template.yaml").read_text()))


@cache
def deployed() -> dict[str, Resource]:
    """The resources that CloudFormation is asked for, after SAM's transform."""
    written = copy.deepcopy(template())
    for resource in written["Resources"].values():
        for key in ("CodeUri", "ContentUri", "DefinitionUri"):
            if key in resource.get("Properties", {}):
                resource["Properties"][key] = "s3://bucket/key"
    # The transform asks the environment for the Region; nothing here depends on which.
    with mock.patch.dict("os.environ", {"AWS_DEFAULT_REGION": REGION}):
        return dict(transform(written, {}, _ManagedPolicies(), passthrough_metadata=True)["Resources"])


class _ManagedPolicies:
    """The transform looks up AWS's managed policies by name; here a name maps to the ARN it always has."""

    def load(self) -> dict[str, str]:
        return {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}


def written(kind: str) -> dict[str, Resource]:
    """Resources of one type in template.yaml, by logical id."""
    return {name: resource for name, resource in template()["Resources"].items() if resource["Type"] == kind}


def of_type(kind: str) -> dict[str, Resource]:
    """Resources of one type as CloudFormation gets them, by logical id."""
    return {name: resource for name, resource in deployed().items() if resource["Type"] == kind}


@cache
def machines() -> dict[str, Machine]:
    """Every state machine of the template, by logical id."""
    found = {}
    for logical_id, resource in written("AWS::Serverless::StateMachine").items():
        path = ROOT / resource["Properties"]["DefinitionUri"]
        found[logical_id] = Machine(logical_id, path, yaml.safe_load(path.read_text()), resource)
    return found


def functions() -> dict[str, Path]:
    """The handler module of every function of the template, by logical id."""
    return {
        logical_id: ROOT / resource["Properties"]["CodeUri"] / "app.py"
        for logical_id, resource in written("AWS::Serverless::Function").items()
    }


def statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a policy, those of a condition as if it held."""
    return [each["Fn::If"][1] if "Fn::If" in each else each for each in policy["PolicyDocument"]["Statement"]]


def references(value: Any) -> set[str]:
    """The logical ids and parameters that ``value`` refers to, through Ref, GetAtt and Sub."""
    if isinstance(value, list):
        return set().union(*(references(item) for item in value))
    if not isinstance(value, dict):
        return set()
    if "Ref" in value:
        return {value["Ref"]}
    if "Fn::GetAtt" in value:
        target = value["Fn::GetAtt"]
        return {target.split(".")[0] if isinstance(target, str) else target[0]}
    if "Fn::Sub" in value:
        return _sub_references(value["Fn::Sub"])
    return set().union(*(references(item) for item in value.values()))


def _sub_references(sub: Any) -> set[str]:
    text, given = (sub, {}) if isinstance(sub, str) else sub
    names = {name.split(".")[0] for name in re.findall(r"\$\{([^!}][^}]*)\}", text)}
    return (names - set(given)) | references(list(given.values()))


def resolved(value: Any) -> Any:
    """``value`` with every intrinsic replaced by what it plausibly becomes in one stack, the same everywhere."""
    if isinstance(value, list):
        return [resolved(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return _physical(value["Ref"])
    if set(value) == {"Fn::GetAtt"}:
        target = value["Fn::GetAtt"]
        name, attribute = target.split(".", 1) if isinstance(target, str) else target
        return _physical(f"{name}.{attribute}")
    if set(value) == {"Fn::Sub"}:
        text, given = (value["Fn::Sub"], {}) if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"]
        return re.sub(r"\$\{([^}]+)\}", lambda match: str(resolved(given.get(match[1], {"Ref": match[1]}))), text)
    if set(value) == {"Fn::Join"}:
        return value["Fn::Join"][0].join(map(str, resolved(value["Fn::Join"][1])))
    if set(value) == {"Fn::Split"}:
        separator, whole = resolved(value["Fn::Split"])
        return str(whole).split(separator)
    if set(value) == {"Fn::Select"}:
        place, parts = resolved(value["Fn::Select"])
        return parts[int(place)]
    return {key: resolved(item) for key, item in value.items()}


PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": "interlock",
    "AWS::URLSuffix": "amazonaws.com",
}

GIVEN = {"RetrainingStateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:TeamsTraining"}
"""Parameters that a stack may leave empty, as one that needs them gives them."""


def _physical(name: str) -> str:
    """The name or ARN of ``Id`` or ``Id.Attribute``."""
    if name in PSEUDO:
        return PSEUDO[name]
    if name in template().get("Parameters", {}):
        return GIVEN.get(name) or str(template()["Parameters"][name].get("Default", name))
    logical_id = name.split(".")[0]
    resource = deployed().get(logical_id) or template()["Resources"].get(logical_id, {})
    if "StateMachine" in resource.get("Type", "") and not name.endswith(".Name"):
        return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{logical_id}"
    if name.endswith(".Arn"):
        return f"arn:aws:{logical_id.lower()}:{REGION}:{ACCOUNT}:{logical_id}"
    return logical_id


def as_json(value: Any) -> str:
    """``value`` for the message of an assertion."""
    return json.dumps(value, indent=1, sort_keys=True, default=str)
