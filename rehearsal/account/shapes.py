"""Checks a request or a response against botocore's model of the service, in the words AWS uses.

The model is the one that ships with botocore, so a misspelt member, a name that is too long or an enum value that does
not exist is found here as it would be found by the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from numbers import Real
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

_LOADER = Loader()

_TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list, tuple),
    "string": (str,),
    "character": (str,),
    "blob": (bytes, bytearray),
    "timestamp": (datetime,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (Real,),
    "double": (Real,),
}
_NUMBERS = frozenset({"integer", "long", "float", "double"})
_CONSTRAINT = "failed to satisfy constraint: Member must"


@cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of a service by botocore's name; raises botocore's UnknownServiceError."""
    return ServiceModel(_LOADER.load_service_model(service, "service-2"), service)


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    """The model of one operation; raises botocore's OperationNotFoundError."""
    return service_model(service).operation_model(operation)


@cache
def operations(service: str) -> dict[str, OperationModel]:
    """Every operation of a service, by its name in snake case, as simulators call their methods."""
    model = service_model(service)
    return {xform_name(name): model.operation_model(name) for name in model.operation_names}


def misfits(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """What an SDK refuses before it sends: unknown members and values of the wrong type, each as a sentence.

    `shape` is a botocore shape, or None for an operation without input or output.
    """
    if shape is None:
        if value:
            yield f'Unknown parameter in input: "{next(iter(value))}", must be one of: '
        return
    kind, given = shape.type_name, type(value).__name__
    fits: bool = isinstance(value, _TYPES[kind]) and not (kind in _NUMBERS and isinstance(value, bool))
    if not fits:
        wanted = ", ".join(t.__name__ for t in _TYPES[kind])
        yield f"Invalid type for parameter {path or 'input'}, value: {value!r}, type: {given}, valid types: {wanted}"
    elif kind == "structure" and not shape.metadata.get("document"):
        yield from _misfits_of_structure(shape, value, path)
    elif kind == "list":
        for index, item in enumerate(value):
            yield from misfits(shape.member, item, f"{path}[{index}]")
    elif kind == "map":
        for key, item in value.items():
            yield from misfits(shape.value, item, f"{path}.{key}")


def _misfits_of_structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, item in value.items():
        if name not in shape.members:
            yield f'Unknown parameter in {path or "input"}: "{name}", must be one of: {", ".join(shape.members)}'
        else:
            yield from misfits(shape.members[name], item, f"{path}.{name}" if path else name)


def violations(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """What a service refuses: missing members, lengths, ranges, patterns, enums; in the words of AWS's
    ValidationException ("Value 'x' at 'endpointName' failed to satisfy constraint: Member must …").

    Expects a value without `misfits`. Patterns are matched whole, as the services do.
    """
    if shape is None:
        return
    kind = shape.type_name
    if kind == "structure":
        yield from _violations_of_structure(shape, value, path)
    elif kind == "list":
        yield from _bounds(shape, value, len(value), path, "length")
        for index, item in enumerate(value):
            yield from violations(shape.member, item, f"{path}.{index + 1}.member")
    elif kind == "map":
        for key, item in value.items():
            yield from violations(shape.value, item, f"{path}.{key}")
    elif kind in _NUMBERS:
        yield from _bounds(shape, value, value, path, "value")
    elif kind == "string":
        yield from _violations_of_string(shape, value, path)


def _violations_of_structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"Value null at '{_join(path, name)}' {_CONSTRAINT} not be null"
    for name, item in value.items():
        yield from violations(shape.members[name], item, _join(path, name))


def _violations_of_string(shape: Any, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"Value '{value}' at '{path}' {_CONSTRAINT} satisfy enum value set: [{', '.join(shape.enum)}]"
    yield from _bounds(shape, value, len(value), path, "length")
    pattern = shape.metadata.get("pattern")
    if pattern:
        readable = _compiled(pattern)
        if readable is not None and not readable.fullmatch(value):
            yield f"Value '{value}' at '{path}' {_CONSTRAINT} satisfy regular expression pattern: {pattern}"


def _bounds(shape: Any, value: Any, measure: float, path: str, noun: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and measure < least:
        yield f"Value '{value}' at '{path}' {_CONSTRAINT} have {noun} greater than or equal to {least}"
    if most is not None and measure > most:
        yield f"Value '{value}' at '{path}' {_CONSTRAINT} have {noun} less than or equal to {most}"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A model's pattern, or None where it is Java's dialect (`\\p{L}`, surrogate ranges) that Python cannot read."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _join(path: str, name: str) -> str:
    """AWS names members in lower camel case in its messages, whatever the wire says."""
    lowered = name[:1].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def project(shape: Any, value: Any) -> Any:
    """`value` with only the members that `shape` knows and that are not None, as a service's serializer does. A time
    without a zone is UTC."""
    if shape is None:
        return {}
    if shape.type_name == "structure":
        return {
            name: project(member, value[name]) for name, member in shape.members.items() if value.get(name) is not None
        }
    if shape.type_name == "list":
        return [project(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: project(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp" and isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def coerce(shape: Any, value: Any) -> Any:
    """`value` with numbers and booleans that are written as text, or text that is written as a number, made what the
    shape says, as CloudFormation does with a template's properties. What does not fit stays as it is."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        members = shape.members
        return {name: coerce(members[name], item) if name in members else item for name, item in value.items()}
    if kind == "list" and isinstance(value, (list, tuple)):
        return [coerce(shape.member, item) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: coerce(shape.value, item) for key, item in value.items()}
    if kind == "string" and isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind in _NUMBERS and isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return int(value) if kind in ("integer", "long") else float(value)
    return value
