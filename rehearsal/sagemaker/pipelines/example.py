"""Installs examples/pipeline into the simulated account, by its own create.py; and a variant of its definition."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from rehearsal.account import shapes
from rehearsal.aws import AwsError

FOLDER = Path(__file__).resolve().parents[3] / "examples/pipeline"
Ask = Callable[..., Any]


def install(ask: Ask, region: str, *arguments: str) -> str:
    """Run create.py with these arguments ("--bucket", …); the pipeline's ARN. `ask(service, Operation, **request)`
    makes a call, as World.ask does."""
    create = _create()
    return str(create.create(_Client(ask, "sagemaker"), _Client(ask, "s3"), create.arguments(list(arguments)), region))


def register_twice(definition: str) -> str:
    """A definition whose every RegisterModel step stands there a second time, its name with "-again"."""
    document = json.loads(definition)

    def doubled(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for step in steps:
            for branch in ("IfSteps", "ElseSteps"):
                if branch in step.get("Arguments", {}):
                    step["Arguments"][branch] = doubled(step["Arguments"][branch])
        return steps + [{**step, "Name": f"{step['Name']}-again"} for step in steps if step["Type"] == "RegisterModel"]

    document["Steps"] = doubled(document["Steps"])
    return json.dumps(document)


class _Client:
    """As much of a boto3 client as create.py uses."""

    exceptions = SimpleNamespace(ClientError=AwsError)

    def __init__(self, ask: Ask, service: str) -> None:
        self._ask, self._service = ask, service

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        model = shapes.operations(self._service)[operation]
        assert model.input_shape is not None
        members = model.input_shape.members

        def call(**request: Any) -> Any:
            for name, member in members.items():
                if member.metadata.get("idempotencyToken"):  # boto3 makes one up
                    request.setdefault(name, hashlib.sha256(repr(request).encode()).hexdigest())
            return self._ask(self._service, model.name, **request)

        return call


@cache
def _create() -> ModuleType:
    spec = importlib.util.spec_from_file_location("interlock_example_create", FOLDER / "create.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
