"""Reads a SAM template and turns it into CloudFormation, offline, with the translator that AWS runs.

Importing and running the translator takes seconds, so its result is kept beside what `sam build` leaves (`.aws-sam/`),
under a name made of everything the result depends on. Local paths stay visible in the result: code in `functions/x`
becomes the object `functions/x` of the bucket `source`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from rehearsal.iam import MANAGED_POLICIES

SOURCE_BUCKET = "source"
# Where each kind of SAM resource names a local path.
_LOCAL_PATHS = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short forms (`!Ref`, `!Sub`, …)."""


def _short_form(loader: yaml.Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def read(path: Path) -> dict[str, Any]:
    """The template as data, short forms written out. YAML's errors name the line."""
    loaded: dict[str, Any] = yaml.load(path.read_text(), Loader=_Loader)
    return loaded


def translate(path: Path, parameters: Mapping[str, str], region: str) -> dict[str, Any]:
    """The CloudFormation template that a SAM template becomes, with these parameter values (defaults included).

    Raises samtranslator's InvalidDocumentException with everything that is wrong in the template.
    """
    key = json.dumps([path.read_text(), sorted(parameters.items()), region, version("aws-sam-translator")])
    name = hashlib.sha256(key.encode()).hexdigest()[:24]
    translated: dict[str, Any] = json.loads(_translated(path, name, json.dumps(dict(parameters)), region))
    return translated


@cache
def _translated(path: Path, name: str, parameters: str, region: str) -> str:
    kept = path.parent / ".aws-sam" / "rehearsal" / f"{name}.json"
    if kept.exists():
        return kept.read_text()
    text = json.dumps(_transform(read(path), json.loads(parameters), region))
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_suffix(f".{os.getpid()}")
        unfinished.write_text(text)
        unfinished.replace(kept)
    except OSError:
        pass  # a read-only checkout: translate again next time
    return text


def _transform(template: dict[str, Any], parameters: dict[str, str], region: str) -> dict[str, Any]:
    from samtranslator.public.translator import ManagedPolicyLoader
    from samtranslator.translator.transform import transform

    class Offline(ManagedPolicyLoader):  # type: ignore[misc, unused-ignore]
        """The managed policies that are known here; the original asks IAM."""

        def __init__(self) -> None:
            super().__init__(None)

        def load(self) -> dict[str, str]:
            return {arn.rpartition("/")[2]: arn for arn in MANAGED_POLICIES}

    for resource in template["Resources"].values():
        _point_to_source(resource.get("Properties", {}), _LOCAL_PATHS.get(resource["Type"]))
    _point_to_source(template.get("Globals", {}).get("Function", {}), "CodeUri")
    before = os.environ.get("AWS_DEFAULT_REGION")
    os.environ["AWS_DEFAULT_REGION"] = region  # the translator asks boto3 for the partition
    try:
        translated: dict[str, Any] = transform(template, parameters, Offline())
    finally:
        if before is None:
            del os.environ["AWS_DEFAULT_REGION"]
        else:
            os.environ["AWS_DEFAULT_REGION"] = before
    return translated


def _point_to_source(properties: dict[str, Any], member: str | None) -> None:
    """The translator takes S3 addresses only, so a local path becomes one."""
    local = properties.get(member) if member else None
    if isinstance(local, str) and not local.startswith("s3://"):
        properties[str(member)] = f"s3://{SOURCE_BUCKET}/{local}"
