"""Parameter Store: String parameters with versions, read singly or by path. Written here because moto's module for it
loads all of moto's EC2 (130 MB and two seconds)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.account.authorization import Place
from rehearsal.account.gateway import Bus
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock

# docs: Systems Manager, "Managing parameter tiers"
_LONGEST_VALUE = {"Standard": 4096, "Advanced": 8192}
_NAME = re.compile(r"[a-zA-Z0-9_.\-/]+")


@dataclass(frozen=True)
class _Parameter:
    name: str
    type: str
    value: str
    version: int
    tier: str
    modified: float


class Ssm:
    """Parameter Store. Every change is told to EventBridge (docs: Systems Manager, "Parameter Store Change" events)."""

    def __init__(self, clock: Clock, place: Place, emit: Bus) -> None:
        self._clock = clock
        self._place = place
        self._emit = emit
        self._parameters: dict[str, _Parameter] = {}
        self.watchers: list[Callable[[str], None]] = []  # each is called with a name before its value changes

    def put_parameter(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """PutParameter, then a "Create" or "Update" event. Refuses what botocore's documentation of it lists: an
        existing name without Overwrite, a value too long for its tier, a name with other characters."""
        name, old = request["Name"], self._parameters.get(request["Name"])
        tier = request.get("Tier", "Standard")
        if not _NAME.fullmatch(name):
            raise AwsError("ssm", "ValidationException", "Parameter name: can't contain other than a-zA-Z0-9_.-/")
        if old and not request.get("Overwrite"):
            message = (
                "The parameter already exists. "
                "To overwrite this value, set the overwrite option in the request to true."
            )
            raise AwsError("ssm", "ParameterAlreadyExists", message)
        if len(request["Value"].encode()) > _LONGEST_VALUE[tier]:
            message = f"{tier} tier parameters support a maximum parameter value of {_LONGEST_VALUE[tier]} characters."
            raise AwsError("ssm", "ValidationException", message)
        version = old.version + 1 if old else 1
        kind = request.get("Type") or (old.type if old else "String")
        self._about_to_change(name)
        self._parameters[name] = _Parameter(name, kind, request["Value"], version, tier, self._clock.now)
        self._tell("Update" if old else "Create", self._parameters[name], request)
        return {"Version": version, "Tier": tier}

    def get_parameter(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """GetParameter by name or ARN; ParameterNotFound."""
        return {"Parameter": self._told(self._find(request["Name"]))}

    def get_parameters_by_path(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """GetParametersByPath in pages of MaxResults (10 when not given), in the order of names."""
        path, recursive = request["Path"].rstrip("/") + "/", request.get("Recursive", False)
        names = sorted(
            name for name in self._parameters if name.startswith(path) and (recursive or "/" not in name[len(path) :])
        )
        first = int(request.get("NextToken", 0))
        last = first + request.get("MaxResults", 10)
        page = {"Parameters": [self._told(self._parameters[name]) for name in names[first:last]]}
        return {**page, "NextToken": str(last)} if last < len(names) else page

    def delete_parameter(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """DeleteParameter, then a "Delete" event; ParameterNotFound."""
        gone = self._find(request["Name"])
        self._about_to_change(gone.name)
        del self._parameters[gone.name]
        self._tell("Delete", gone, request)
        return {}

    def _about_to_change(self, name: str) -> None:
        for watcher in self.watchers:
            watcher(name)

    def _find(self, name: str) -> _Parameter:
        if name.startswith("arn:"):
            name = next((n for n in self._parameters if self._arn(n) == name), name)
        if name not in self._parameters:
            raise AwsError("ssm", "ParameterNotFound", f"Parameter {name} not found.")
        return self._parameters[name]

    def _told(self, parameter: _Parameter) -> dict[str, Any]:
        return {
            "Name": parameter.name,
            "Type": parameter.type,
            "Value": parameter.value,
            "Version": parameter.version,
            "LastModifiedDate": self._clock.datetime(parameter.modified),
            "ARN": self._arn(parameter.name),
            "DataType": "text",
        }

    def _tell(self, operation: str, parameter: _Parameter, request: Mapping[str, Any]) -> None:
        detail = {"operation": operation, "name": parameter.name, "type": parameter.type}
        if request.get("Description"):
            detail["description"] = request["Description"]
        self._emit("aws.ssm", "Parameter Store Change", detail, [self._arn(parameter.name)])

    def _arn(self, name: str) -> str:
        return self._place.arn("ssm", f"parameter/{name.strip('/')}")
