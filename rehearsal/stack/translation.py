"""Reads a SAM template and turns it into CloudFormation, offline, with the translator that AWS runs.

Importing and running the translator takes seconds, so its result is kept beside what `sam build` leaves (`.aws-sam/`),
under a name made of everything the result depends on; what YAML gives is kept there, too. Local paths stay visible in
the result: code in `functions/x` becomes the object `functions/x` of the bucket `source`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from rehearsal.account.iam import MANAGED_POLICIES

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


def translate(path: Path, given: Mapping[str, str], region: str) -> dict[str, Any]:
    """The CloudFormation template that a SAM template becomes with the parameter values `given`.

    Raises samtranslator's InvalidDocumentException with everything that is wrong in the template.
    """
    ours = Path(__file__).read_text()
    key = json.dumps([path.read_text(), sorted(given.items()), region, version("aws-sam-translator"), ours])
    translated: dict[str, Any] = kept(path.parent, key, lambda: _transform(read(path), given, region))
    return translated


_KEPT: dict[Path, Any] = {}


def kept(folder: Path, key: str, make: Callable[[], Any]) -> Any:
    """What `make` gives, as JSON; made once for each `key`, which must hold everything that it depends on. Everybody
    gets the same object, so nobody may change it."""
    path = folder / ".aws-sam" / "rehearsal" / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
    if path not in _KEPT and path.exists():
        _KEPT[path] = json.loads(path.read_text())
    elif path not in _KEPT:
        text = json.dumps(make())
        _KEPT[path] = json.loads(text)
        with contextlib.suppress(OSError):  # a read-only checkout: make it again next time
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f".{os.getpid()}")
            unfinished.write_text(text)
            unfinished.replace(path)
    return _KEPT[path]


def _transform(template: dict[str, Any], given: Mapping[str, str], region: str) -> dict[str, Any]:
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
    parameters = template.get("Parameters", {})
    defaults = {name: str(about["Default"]) for name, about in parameters.items() if "Default" in about}
    before = os.environ.get("AWS_DEFAULT_REGION")
    os.environ["AWS_DEFAULT_REGION"] = region  # the translator asks boto3 for the partition
    try:
        translated: dict[str, Any] = transform(template, {**defaults, **given}, Offline())
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
