"""What a JSONata expression of a state machine reads and calls, found in its syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonata.jsonata import Jsonata
from jsonata.parser import Parser

ADDED_BY_STEP_FUNCTIONS = frozenset({"partition", "range", "hash", "random", "uuid", "parse"})
"""docs: step-functions/latest/dg/transforming-data, "JSONata functions provided by Step Functions"."""

BUILT_IN = frozenset(Jsonata.static_frame.bindings) | ADDED_BY_STEP_FUNCTIONS
"""Every ``$name`` that means a function unless an expression binds the name itself."""

OPERATORS = dict.fromkeys(["+", "-", "*", "/", "%"], "arithmetic") | dict.fromkeys(["<", "<=", ">", ">="], "orderings")


@dataclass(frozen=True)
class Reading:
    """What one expression uses, by name and without the ``$``.

    ``variables``: the machine's variables (``states`` is not one). ``states``: the members of ``$states`` it asks for.
    ``functions``: built-in ones. ``arithmetic`` and ``orderings``: every ``+ - * / %`` and every ``< <= > >=``, as the
    operator and a description of each operand.
    """

    variables: frozenset[str]
    states: frozenset[str]
    functions: frozenset[str]
    arithmetic: tuple[tuple[str, str, str], ...]
    orderings: tuple[tuple[str, str, str], ...]


@cache
def read(expression: str) -> Reading:
    """The reading of ``expression`` (the text between ``{%`` and ``%}``). Raises on one that JSONata cannot parse."""
    found: dict[str, list[Any]] = {"variables": [], "states": [], "functions": [], "arithmetic": [], "orderings": []}
    _walk(Jsonata(expression).ast, frozenset(), found)
    return Reading(
        variables=frozenset(found["variables"]),
        states=frozenset(found["states"]),
        functions=frozenset(found["functions"]),
        arithmetic=tuple(found["arithmetic"]),
        orderings=tuple(found["orderings"]),
    )


def _walk(node: Parser.Symbol, bound: frozenset[str], found: dict[str, list[Any]]) -> None:
    """Adds what ``node`` and all below it uses; ``bound`` are the names that the expression itself defines here."""
    children = list(_children(node))
    if node.type == "variable":
        if node.value == "states":
            found["states"].append("")
        elif node.value not in bound:
            found["functions" if node.value in BUILT_IN else "variables"].append(node.value)
    elif node.type == "path" and _is_states(node.steps[0]) and len(node.steps) > 1:
        found["states"].append(node.steps[1].value)
        children.remove(node.steps[0])
    elif node.type == "lambda":
        bound, children = bound | {parameter.value for parameter in node.arguments}, [node.body]
    elif node.type == "bind":
        children = [node.rhs]
    elif node.type == "binary" and node.value in OPERATORS:
        found[OPERATORS[node.value]].append((node.value, described(node.lhs), described(node.rhs)))
    for child in children:
        _walk(child, bound, found)
        if node.type == "block" and child.type == "bind":
            bound = bound | {child.lhs.value}


def paths(expression: str) -> Iterator[tuple[str, ...]]:
    """Every path of ``expression`` that begins with a variable: ``$plan.steps[0].action`` as plan, steps, action."""
    pending = [Jsonata(expression).ast]
    while pending:
        node = pending.pop()
        children = list(_children(node))
        if node.type == "path" and node.steps[0].type == "variable":
            yield tuple(step.value for step in node.steps if step.type in {"variable", "name"})
            children.remove(node.steps[0])
        elif node.type == "variable":
            yield (node.value,)
        pending += children


def _is_states(node: Parser.Symbol) -> bool:
    return bool(node.type == "variable" and node.value == "states")


def described(node: Parser.Symbol) -> str:
    """``$name`` for a variable, the literal for a number, ``$name()`` for a call, else the node's type."""
    if node.type == "variable":
        return f"${node.value}"
    if node.type == "number":
        return str(node.value)
    if node.type == "function":
        return f"${node.procedure.value}()"
    return str(node.type)


def _children(node: Parser.Symbol) -> Iterator[Parser.Symbol]:
    """The nodes directly below ``node``; references that lead up or sideways in the tree are left out."""
    for name, value in vars(node).items():
        if name in {"_outer_instance", "ancestor", "nextFunction"}:
            continue
        pending = [value]
        while pending:
            item = pending.pop()
            if isinstance(item, Parser.Symbol):
                yield item
            elif isinstance(item, list | tuple):
                pending.extend(reversed(item))
