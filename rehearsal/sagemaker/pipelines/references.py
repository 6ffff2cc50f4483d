"""The expressions of a pipeline definition, and their values in an execution.

`{"Get": "Parameters.X" | "Steps.a.b" | "Execution.Y"}`, `{"Std:Join": {"On", "Values"}}`,
`{"Std:JsonGet": {"PropertyFile", "Path"}}` (sagemaker-python-sdk, sagemaker/workflow: functions.py, properties.py,
execution_variables.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FUNCTIONS = frozenset({"Std:Join", "Std:JsonGet"})
EXECUTION_VARIABLES = frozenset(
    {"PipelineExecutionId", "PipelineExecutionArn", "PipelineName", "PipelineArn", "StartDateTime", "CurrentDateTime"}
)
_PART = re.compile(r"\.?([A-Za-z0-9_-]+)|\['([^']*)'\]|\[\"([^\"]*)\"\]|\[(\d+)\]")


class Unresolved(Exception):
    """An expression has no value in this execution. The step that needs it fails with this message."""


@dataclass(frozen=True)
class Values:
    """Where an execution's values come from: `properties(step)` is what the job of a step is described as, and
    `property_file(step, name)` the content of a property file."""

    parameters: Mapping[str, Any]
    execution: Mapping[str, Any]
    properties: Callable[[str], Mapping[str, Any]]
    property_file: Callable[[str, str], Any]

    def resolve(self, value: Any) -> Any:
        """A value with every expression in it replaced. Raises Unresolved."""
        if isinstance(value, list):
            return [self.resolve(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        if set(value) == {"Get"}:
            return self._get(str(value["Get"]))
        if set(value) == {"Std:Join"}:
            join = value["Std:Join"]
            return str(join["On"]).join(_text(self.resolve(each)) for each in join["Values"])
        if set(value) == {"Std:JsonGet"}:
            get = value["Std:JsonGet"]
            _, step, _, name = str(get["PropertyFile"]["Get"]).split(".")
            return pick(self.property_file(step, name), parts(str(get["Path"])))
        return {key: self.resolve(each) for key, each in value.items()}

    def _get(self, path: str) -> Any:
        kind, name, *rest = parts(path)
        if kind == "Parameters":
            return self.parameters[name]
        if kind == "Execution":
            return self.execution[name]
        return pick(self.properties(name), rest)


def references(value: Any) -> Iterator[list[str]]:
    """Every path that expressions in a value get, in parts."""
    if isinstance(value, Mapping):
        if set(value) == {"Get"}:
            yield parts(str(value["Get"]))
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def parts(path: str) -> list[str]:
    """A path in parts: "Steps.a.Outputs['x'].S3Uri" is Steps, a, Outputs, x, S3Uri. A leading "$" is left out."""
    return ["".join(found) for found in _PART.findall(path.removeprefix("$"))]


def pick(document: Any, path: list[str]) -> Any:
    """What lies at a path. In a list a number is an index, a name the entry called so (SDK: PropertiesList). Raises
    Unresolved when there is nothing."""
    found = document
    for part in path:
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        elif isinstance(found, list) and any(_called(each, part) for each in found):
            found = next(each for each in found if _called(each, part))
        else:
            raise Unresolved(f"Unable to resolve {'.'.join(path)}: there is no {part}.")
    return found


def _called(entry: Any, name: str) -> bool:
    return isinstance(entry, Mapping) and any(key.endswith("Name") and value == name for key, value in entry.items())


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
