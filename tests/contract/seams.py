"""The seams between machines and functions: the types of tasks and answers, and the fields that a machine reads."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from interlock.intake.events.registry import EVENTS
from interlock.intake.requests.registry import ACTIONS
from interlock.intake.routing import route_event
from tests.contract.asl import expressions, flows
from tests.contract.documents import Machine, functions
from tests.contract.expressions import paths

PAYLOAD = ("states", "result", "Payload")


@dataclass(frozen=True)
class Invocation:
    """A state that invokes a function of ours."""

    machine: Machine
    name: str
    state: dict[str, Any]

    @property
    def function(self) -> Callable[..., Any]:
        return function_under(self.state["Arguments"]["FunctionName"].removeprefix("${").removesuffix("}"))

    @property
    def payload(self) -> Any:
        return self.state["Arguments"]["Payload"]


def invocations(machine: Machine) -> Iterator[Invocation]:
    """Every ``lambda:invoke`` of ``machine``."""
    for flow in flows(machine.definition, machine.path.name):
        for name, state in flow.states.items():
            if state.get("Resource") == "arn:aws:states:::lambda:invoke":
                yield Invocation(machine, name, state)


@cache
def function_under(logical_id: str) -> Callable[..., Any]:
    """The one function of the core that the handler of a function of the template imports."""
    found = [
        getattr(importlib.import_module(node.module), alias.name)
        for node in ast.walk(ast.parse(functions()[logical_id].read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(("interlock.", "monitor."))
        for alias in node.names
    ]
    (function,) = filter(inspect.isfunction, found)
    return function


def task_type(function: Callable[..., Any]) -> Any:
    """The type of the one argument."""
    (parameter,) = inspect.signature(function).parameters
    return get_type_hints(function)[parameter]


def fields(task: Any) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the fields that a task must have and of those that it may have. Where annotations are strings,
    ``__required_keys__`` knows nothing of NotRequired (docs: library/typing)."""
    hints = get_type_hints(task, include_extras=True)
    optional = frozenset(name for name, hint in hints.items() if get_origin(hint) is NotRequired)
    return frozenset(hints) - optional, optional


@cache
def answer_types(function: Callable[..., Any]) -> tuple[Any, ...]:
    """The type of the answer; for ``route_event``, that of every command it may answer."""
    if function is not route_event:
        return _members(get_type_hints(function)["return"])
    rows = [*(event.means for event in EVENTS.values()), *(action.means for action in ACTIONS.values())]
    return tuple(dict.fromkeys(each for means in rows for each in _members(get_type_hints(means)["return"])))


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def has_path(types: tuple[Any, ...], path: tuple[str, ...]) -> bool:
    """Whether a value of one of ``types`` may have ``path``; JSONata looks into lists."""
    return not path or any(has_path(_at(each, path[0]), path[1:]) for each in types if _at(each, path[0]))


def at_path(types: tuple[Any, ...], path: tuple[str, ...]) -> tuple[Any, ...]:
    """The types that ``path`` of a value of one of ``types`` may have."""
    for key in path:
        types = tuple(found for each in types for found in _at(each, key))
    return types


def _at(hint: Any, key: str) -> tuple[Any, ...]:
    if get_origin(hint) is list:
        return tuple(found for each in _members(get_args(hint)[0]) for found in _at(each, key))
    if hint is Any or get_origin(hint) is dict:
        return (Any,)
    return _members(get_type_hints(hint)[key]) if is_typeddict(hint) and key in get_type_hints(hint) else ()


def answered(machine: Machine) -> dict[str, tuple[Any, ...]]:
    """The variables that hold an answer or a part of one, with its types."""
    known: dict[str, tuple[Any, ...]] = {}
    for invocation in invocations(machine):
        for variable, value in invocation.state.get("Assign", {}).items():
            for path in _payload_paths(value):
                part = at_path(answer_types(invocation.function), path)
                known[variable] = known.get(variable, ()) + tuple(each for each in part if is_typeddict(each))
    return {variable: types for variable, types in known.items() if types}


def _payload_paths(value: Any) -> list[tuple[str, ...]]:
    """The parts of the answer that an assigned value takes over, below ``$states.result.Payload``."""
    if not isinstance(value, str) or not value.startswith("{%"):
        return []
    return [path[3:] for path in paths(value[2:-2].strip()) if path[:3] == PAYLOAD]


def read(machine: Machine, variable: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every path below ``variable`` that the machine reads, with the place where it does."""
    for flow in flows(machine.definition, machine.path.name):
        for name, state in flow.states.items():
            for expression in expressions(state):
                for path in paths(expression.text):
                    if path[0] == variable:
                        yield f"{name}.{expression.field}", path[1:]


def read_at_once(invocation: Invocation) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every path of the answer that the invoking state itself reads."""
    for expression in expressions(invocation.state):
        for path in paths(expression.text):
            if path[:3] == PAYLOAD:
                yield f"{invocation.name}.{expression.field}", path[3:]
