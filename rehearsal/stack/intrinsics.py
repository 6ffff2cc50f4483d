"""Intrinsic functions, conditions and parameters of templates (CloudFormation User Guide, "Intrinsic functions")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_VARIABLE = re.compile(r"\$\{(!?[^}]+)\}")
_NOTHING = object()  # AWS::NoValue: what resolves to it disappears from its list or mapping


class TemplateError(Exception):
    """The template, or the parameters it is given, cannot be deployed."""


@dataclass(frozen=True)
class Scope:
    """What names mean: parameters and pseudo parameters, conditions, mappings, and the resources of the stack."""

    parameters: Mapping[str, Any]
    conditions: Mapping[str, Any]
    mappings: Mapping[str, Any]
    ref: Callable[[str], str]
    attribute: Callable[[str, str], str]

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template holds."""
        if condition not in self.conditions:
            raise TemplateError(f"condition {condition} is not in the template")
        return bool(resolve(self.conditions[condition], self))


def resolve(value: Any, scope: Scope) -> Any:
    """`value` with every intrinsic function evaluated. TemplateError for one that is not known here."""
    if isinstance(value, list):
        return [item for item in (_resolve(each, scope) for each in value) if item is not _NOTHING]
    found = _resolve(value, scope)
    return None if found is _NOTHING else found


def _resolve(value: Any, scope: Scope) -> Any:
    if isinstance(value, list):
        return resolve(value, scope)
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        name, argument = next(iter(value.items()))
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](argument, scope)
        if name.startswith("Fn::"):
            raise TemplateError(f"{name} is not evaluated here")
    resolved = {key: _resolve(item, scope) for key, item in value.items()}
    return {key: item for key, item in resolved.items() if item is not _NOTHING}


def _ref(name: str, scope: Scope) -> Any:
    if name == "AWS::NoValue":
        return _NOTHING
    return scope.parameters[name] if name in scope.parameters else scope.ref(name)


def _get_att(argument: str | list[str], scope: Scope) -> str:
    logical, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return scope.attribute(logical, attribute)


def _sub(argument: str | list[Any], scope: Scope) -> str:
    text, given = (argument, {}) if isinstance(argument, str) else argument
    own = resolve(given, scope)

    def value_of(found: re.Match[str]) -> str:
        name = found[1].strip()
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in own:
            return str(own[name])
        if "." in name and name not in scope.parameters:
            return scope.attribute(*name.split(".", 1))
        return str(_ref(name, scope))

    return _VARIABLE.sub(value_of, text)


def _join(argument: list[Any], scope: Scope) -> str:
    separator, parts = argument
    return str(separator).join(str(part) for part in resolve(parts, scope))


def _if(argument: list[Any], scope: Scope) -> Any:
    condition, then, otherwise = argument
    return _resolve(then if scope.holds(condition) else otherwise, scope)


def _equals(argument: list[Any], scope: Scope) -> bool:
    left, right = (_resolve(side, scope) for side in argument)
    return bool(left == right)


def _find_in_map(argument: list[Any], scope: Scope) -> Any:
    name, first, second = (_resolve(part, scope) for part in argument)
    return scope.mappings[name][first][second]


_FUNCTIONS: Mapping[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Condition": lambda argument, scope: scope.holds(argument),
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::If": _if,
    "Fn::Equals": _equals,
    "Fn::And": lambda argument, scope: all(_resolve(part, scope) for part in argument),
    "Fn::Or": lambda argument, scope: any(_resolve(part, scope) for part in argument),
    "Fn::Not": lambda argument, scope: not _resolve(argument[0], scope),
    "Fn::FindInMap": _find_in_map,
    "Fn::Select": lambda argument, scope: _resolve(argument[1], scope)[int(argument[0])],
    "Fn::Split": lambda argument, scope: str(_resolve(argument[1], scope)).split(argument[0]),
}


def parameter_values(declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The value of every parameter of a template. TemplateError, by name and with its ConstraintDescription, for one
    that is missing, unknown, or not as declared."""
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise TemplateError(f"parameter {unknown[0]} is not in the template; it has {', '.join(sorted(declared))}")
    values: dict[str, Any] = {}
    for name, about in declared.items():
        if name not in given and "Default" not in about:
            raise TemplateError(f"parameter {name} has no default and was not given")
        value = str(given.get(name, about.get("Default")))
        is_list = about["Type"] == "CommaDelimitedList" or about["Type"].startswith("List<")
        values[name] = [part.strip() for part in value.split(",")] if is_list else value
        for each in values[name] if is_list else [value]:  # what is declared of a list, is so of each of its values
            if against := _against(about, each):
                said = about.get("ConstraintDescription", "")
                raise TemplateError(f"parameter {name} is {each!r}, {against}; {said}")
    return values


def _against(about: Mapping[str, Any], value: str) -> str:
    """What a value of a parameter offends (CloudFormation User Guide, "Parameters"); empty if it is as declared."""
    allowed = [str(each) for each in about.get("AllowedValues", [])]
    if allowed and value not in allowed:
        return f"which is none of {', '.join(allowed)}"
    if not re.fullmatch(about.get("AllowedPattern", ".*"), value):
        return f"which does not match {about['AllowedPattern']}"
    if about["Type"] != "Number":
        return ""
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return "which is no number"
    low, high = about.get("MinValue", float("-inf")), about.get("MaxValue", float("inf"))
    return "" if low <= float(value) <= high else f"which is not from {low} to {high}"
