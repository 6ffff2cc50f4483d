"""A pipeline definition, read and checked: the schema of 2020-12-01, for the step types that are simulated.

Schema: aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema, and what
sagemaker-python-sdk 2.257 emits (sagemaker/workflow/). What is not simulated is refused by its name, at CreatePipeline.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.account.gateway import NotSimulated
from rehearsal.sagemaker import refusals
from rehearsal.sagemaker.pipelines.references import EXECUTION_VARIABLES, FUNCTIONS, references

STEP_TYPES = frozenset({"Processing", "Training", "Condition", "RegisterModel"})
# Condition types (sagemaker/workflow/conditions.py), each a comparison of LeftValue and RightValue.
CONDITIONS = frozenset({"Equals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"})
_NUMBERS = {"Integer": int, "Float": float}


@dataclass(frozen=True)
class Step:
    """A step: `branch` is () at the top, else the Condition it is under and whether it is the branch of True."""

    name: str
    type: str
    arguments: Mapping[str, Any]
    property_files: Mapping[str, tuple[str, str]]  # name: (name of the output, path in it)
    after: frozenset[str]  # the steps it refers to or names in DependsOn
    branch: tuple[()] | tuple[str, bool] = ()


@dataclass(frozen=True)
class Definition:
    """Parameters as declared (by name), and all steps, those of branches too, in the order of the definition."""

    parameters: Mapping[str, Mapping[str, Any]]
    steps: Mapping[str, Step]

    def values(self, given: list[dict[str, str]]) -> dict[str, Any]:
        """The parameters' values: those given, converted to their types, and defaults. Raises AwsError; the words are
        those of sagemaker-python-sdk (sagemaker/local/entities.py), which repeats the service's."""
        found: dict[str, Any] = {}
        for each in given:
            name, text = each["Name"], each["Value"]
            if name not in self.parameters:
                raise refusals.invalid(f"Unknown parameter '{name}'")
            if text == "":
                words = f'Parameter {name} value "" is too short (length: 0, required minimum: 1).'
                raise refusals.invalid(words)
            found[name] = _converted(name, str(self.parameters[name]["Type"]), text)
        for name, declared in self.parameters.items():
            if name not in found and "DefaultValue" not in declared:
                raise refusals.invalid(f"Parameter '{name}' is undefined.")
            found.setdefault(name, declared.get("DefaultValue"))
        return found


def read_definition(text: str) -> Definition:
    """The definition. Raises AwsError for what SageMaker refuses, NotSimulated for what only the rehearsal does."""
    try:
        document = json.loads(text)
        parameters = {each["Name"]: each for each in document.get("Parameters", [])}
        steps = {step.name: step for step in _steps(document["Steps"])}
    except (ValueError, KeyError, TypeError) as error:
        raise refusals.invalid(f"Unable to parse pipeline definition. {error}") from error
    for step in steps.values():
        _check(step, parameters, steps)
    return Definition(parameters, steps)


def _steps(listed: list[dict[str, Any]], branch: tuple[()] | tuple[str, bool] = ()) -> Iterator[Step]:
    for each in listed:
        name, kind, arguments = each["Name"], each["Type"], each.get("Arguments", {})
        if kind not in STEP_TYPES:
            raise NotSimulated(f"pipeline step {name} has type {kind}; simulated are {', '.join(sorted(STEP_TYPES))}")
        own = arguments
        if kind == "Condition":
            own = {"Conditions": arguments["Conditions"]}
            yield from _steps(arguments.get("IfSteps", []), (name, True))
            yield from _steps(arguments.get("ElseSteps", []), (name, False))
        used = {path[1] for path in references(own) if path[0] == "Steps"}
        files = {
            file["PropertyFileName"]: (file["OutputName"], file["FilePath"]) for file in each.get("PropertyFiles", [])
        }
        under = {branch[0]} if branch else set()
        yield Step(name, kind, own, files, frozenset({*used, *each.get("DependsOn", []), *under}), branch)


def _check(step: Step, parameters: Mapping[str, Any], steps: Mapping[str, Step]) -> None:
    """Everything a step refers to must be there. Messages in our words."""
    for path in references(step.arguments):
        kind, name = path[0], path[1] if len(path) > 1 else ""
        known = {"Parameters": parameters, "Execution": EXECUTION_VARIABLES, "Steps": steps}.get(kind)
        if known is None or name not in known:
            words = f"Step '{step.name}' refers to {'.'.join(path)}, which the definition does not have."
            raise refusals.invalid(f"Unable to parse pipeline definition. {words}")
    for name in step.after - set(steps):
        words = f"Step '{step.name}' depends on '{name}', which the definition does not have."
        raise refusals.invalid(f"Unable to parse pipeline definition. {words}")
    for each in step.arguments.get("Conditions", []) if step.type == "Condition" else ():
        if each["Type"] not in CONDITIONS:
            raise NotSimulated(f"pipeline step {step.name} has a condition of type {each['Type']}")
    for function in _functions(step.arguments):
        if function not in FUNCTIONS:
            raise NotSimulated(f"pipeline step {step.name} uses the function {function}")


def _functions(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (name for name in value if name.startswith("Std:"))
        for each in value.values():
            yield from _functions(each)
    elif isinstance(value, list):
        for each in value:
            yield from _functions(each)


def _converted(name: str, kind: str, text: str) -> Any:
    if kind == "Boolean":
        if text.lower() not in ("true", "false"):
            raise refusals.invalid(f"Unexpected type for parameter '{name}'. Expected Boolean but found '{text}'.")
        return text.lower() == "true"
    try:
        return _NUMBERS.get(kind, str)(text)
    except ValueError:
        words = f"Unexpected type for parameter '{name}'. Expected {kind} but found '{text}'."
        raise refusals.invalid(words) from None
