"""The ledger as the machines use it, found in their expressions, and as docs/ledger.md describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

from jsonata.jsonata import Jsonata
from jsonata.parser import Parser

from tests.contract.asl import expressions, flows
from tests.contract.documents import ROOT, Machine, machines, template
from tests.contract.expressions import paths

PAGE = ROOT / "docs/ledger.md"

Names = frozenset[str]
NONE: Names = frozenset()

TABLE = "${LedgerTable}"
KEYS = frozenset({"pk", "sk"})
TYPES = frozenset({"S", "N", "M"})
"""The types of attribute values that a path through an item ends in."""

WORDS = re.compile(r"(?<![:\w.])([a-z_][a-z_.]*)(?![\w.]*\()")
"""Attributes in an expression of DynamoDB: keywords are upper case here, values begin with a colon, and what stands
before a bracket is a function."""

ITEM = re.compile(r"\$states\.result\.(Attributes|Items?)\b|\$admitted\.control\b")
"""Where the answer of a call is an item or several, or a caller hands one over."""


@dataclass(frozen=True)
class Kind:
    """Items of one kind, by how their keys begin: ``VERSION#*`` and ``DECISION``. ``*`` stands for what varies."""

    pk: str
    sk: str


@dataclass(frozen=True)
class Access:
    """What one state does to items of one kind. ``state``: ``deliver.Fence``. ``depends``: the attributes on which its
    condition or filter depends."""

    state: str
    kind: Kind
    sets: Names = NONE
    removes: Names = NONE
    depends: Names = NONE
    deletes: bool = False

    @property
    def writes(self) -> bool:
        return bool(self.sets or self.removes or self.deletes)


def accesses() -> Iterator[Access]:
    """Every state of every machine that names the table."""
    for machine in machines().values():
        name = machine.path.name.removesuffix(".asl.yaml")
        for flow in flows(machine.definition, machine.path.name):
            for state, definition in flow.states.items():
                arguments = definition.get("Arguments")
                if isinstance(arguments, dict) and arguments.get("TableName") == TABLE:
                    yield _access(machine, f"{name}.{state}", definition["Resource"], arguments)


def _access(machine: Machine, state: str, resource: str, arguments: Mapping[str, Any]) -> Access:
    def text(part: str) -> str:
        return _text(machine, arguments.get(part, ""))

    values = arguments.get("ExpressionAttributeValues", {})
    keys = arguments.get("Key") or arguments.get("Item") or _keys_asked(text("KeyConditionExpression"), values)
    sets, removes, read = _update(text("UpdateExpression"))
    whole = frozenset(arguments.get("Item", {})) - KEYS
    tested = _attributes(text("ConditionExpression")) | _attributes(text("FilterExpression"))
    return Access(
        state=state,
        kind=Kind(*(_pattern(keys[key]) for key in ("pk", "sk"))),
        sets=whole | frozenset(inner for name, value in sets.items() for inner in _with_inner(name, value, values)),
        removes=removes,
        depends=tested | read - set(sets),
        deletes=":deleteItem" in resource,
    )


def names_in_map(value: Any) -> str:
    """What ``!FindInMap`` finds."""
    outer, middle, inner = value["Fn::FindInMap"]
    return str(template()["Mappings"][outer][middle][inner])


# -------------------------------------------------------------------- expressions


def _text(machine: Machine, written: str) -> str:
    """A string of a machine with its substitutions, and with everything that an expression may put into it."""
    for name, value in machine.substitutions.items():
        if isinstance(value, dict) and "Fn::FindInMap" in value:
            written = written.replace(f"${{{name}}}", names_in_map(value))
    return _literals(Jsonata(written[2:-2]).ast, machine) if written.startswith("{%") else written


def _literals(node: Parser.Symbol, machine: Machine) -> str:
    """All strings that the concatenation ``node`` may consist of, in order. Fails on anything else."""
    if node.type == "string":
        return str(node.value)
    if node.type == "variable":
        return " ".join(sorted(_assigned(machine, node.value)))
    if node.type == "binary" and node.value == "&":
        parts = [node.lhs, node.rhs]
    elif node.type == "condition":
        parts = [node.then, node._else]
    elif node.type == "block":
        parts = node.expressions
    else:
        raise AssertionError(f"{machine.path.name}: only strings joined by & can be read, not {node.type}")
    return "".join(_literals(part, machine) for part in parts)


def _assigned(machine: Machine, variable: str) -> set[str]:
    """Every text that the machine assigns to ``variable``."""
    found = set()
    for flow in flows(machine.definition, machine.path.name):
        for state in flow.states.values():
            for holder in (state, *state.get("Choices", []), *state.get("Catch", [])):
                if variable in holder.get("Assign", {}):
                    found.add(holder["Assign"][variable])
    assert found and not any(text.startswith("{%") for text in found), f"{variable} is not a plain text"
    return found


def _update(expression: str) -> tuple[dict[str, str], Names, Names]:
    """The attributes that an UpdateExpression sets, each with its value; those it removes; those it reads for that."""
    sets: dict[str, str] = {}
    removes: set[str] = set()
    clauses = re.split(r"\b(SET|REMOVE|ADD|DELETE)\b", expression)[1:]
    for verb, clause in zip(clauses[::2], clauses[1::2], strict=True):
        for part in re.split(r",(?![^(]*\))", clause):
            name, _, value = part.strip().partition(" = " if verb == "SET" else " ")
            if verb == "REMOVE":
                removes.add(name)
            else:
                sets[name] = value
    return sets, frozenset(removes), _attributes(" ".join(sets.values()))


def _attributes(expression: str) -> Names:
    return frozenset(WORDS.findall(expression)) - {""}


def _with_inner(name: str, value: str, values: Any) -> Iterator[str]:
    """The attribute and, if its value is a map, the attributes in that: ``live`` and ``live.version``."""
    yield name
    for inner in _map_of(value.strip(), values):
        yield f"{name}.{inner}"


def _map_of(placeholder: str, values: Any) -> list[str]:
    """The names in the map that is given for ``placeholder``."""
    if isinstance(values, dict):
        return list(values.get(placeholder, {}).get("M", {})) if isinstance(values.get(placeholder), dict) else []
    given = re.search(rf"'{placeholder}': {{'M': (?=\{{)", values)
    if given is None:
        return []
    rest, depth, names = values[given.end() :], 0, []
    for token in re.finditer(r"[{}]|'(\w+)':", rest):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0:
            break
        if token[1] and depth == 1:
            names.append(token[1])
    return names


def _keys_asked(condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that a KeyConditionExpression compares with a value."""
    given = dict(re.findall(r"(pk|sk) = (:\w+)", condition))
    return {key: values[given[key]] if key in given else {"S": "{% $any %}"} for key in KEYS}


def _pattern(key: Any) -> str:
    """How a key begins: its text up to the first part that varies."""
    written = key["S"] if isinstance(key, dict) else key
    if not written.startswith("{%"):
        return str(written)
    return _beginning(Jsonata(written[2:-2]).ast).partition("*")[0] + "*"


def _beginning(node: Parser.Symbol) -> str:
    if node.type == "string":
        return str(node.value)
    if node.type == "binary" and node.value == "&":
        return _beginning(node.lhs) + _beginning(node.rhs)
    return "*"


# -------------------------------------------------------------------- what is read of an answer


def read_in_answers() -> Iterator[tuple[str, str]]:
    """Every attribute of an item that an expression reads, with the state that does."""
    for machine in machines().values():
        name = machine.path.name.removesuffix(".asl.yaml")
        items = _variables_with_items(machine)
        for flow in flows(machine.definition, machine.path.name):
            for state, definition in flow.states.items():
                for expression in expressions(definition):
                    for path in paths(expression.text):
                        for attribute in _attributes_on(path, items):
                            yield f"{name}.{state}", attribute


def _variables_with_items(machine: Machine) -> set[str]:
    return {
        expression.field.rpartition(".")[2]
        for flow in flows(machine.definition, machine.path.name)
        for state in flow.states.values()
        for expression in expressions(state)
        if ".Assign." in f".{expression.field}" and ITEM.search(expression.text)
    }


def _attributes_on(path: tuple[str, ...], items: set[str]) -> Iterator[str]:
    if len(path) > 1 and path[0] in items:
        yield path[1]
    for name, kind in pairwise(path[1:]):
        if kind in TYPES:
            yield name


# -------------------------------------------------------------------- the page


@dataclass
class Described:
    """One attribute on the page: the states that write and remove it, and whether it goes with the release."""

    written_by: Names
    removed_by: Names
    goes_with_the_release: bool = False


@dataclass
class Page:
    """docs/ledger.md. ``conditions``: of each state that writes, the attributes on which its condition depends."""

    attributes: dict[Kind, dict[str, Described]] = field(default_factory=dict)
    deleted_by: dict[Kind, Names] = field(default_factory=dict)
    conditions: dict[str, Names] = field(default_factory=dict)


GOES_WITH_THE_RELEASE = "with the release"


@cache
def page() -> Page:
    """The tables of the page, told apart by their first column."""
    found = Page()
    kind = Kind("", "")
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        heading = re.match(r"#+ .*`([^`]+)` / `([^`]+)`", line)
        if heading:
            kind = Kind(_normal(heading[1]), _normal(heading[2]))
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and re.fullmatch(r"`[\w.]+`", cells[0]) and len(cells) == 4:
            _describe(found, kind, cells)
        elif cells and re.fullmatch(r"`\w+\.\w+`", cells[0]) and len(cells) == 2:
            found.conditions[cells[0].strip("`")] = frozenset(_quoted(cells[1]))
        elif cells and cells[0].startswith("`") and len(cells) == 5:
            _describe_whole(found, cells)
    return found


def _describe(found: Page, kind: Kind, cells: list[str]) -> None:
    """| attribute | what it says | written by | goes |"""
    goes = cells[3].startswith(GOES_WITH_THE_RELEASE)
    removed = frozenset(_quoted(cells[3])) | ({"admit.TakeLease", "settle.FreeLease"} if goes else set())
    row = Described(frozenset(_quoted(cells[2])), removed, goes)
    found.attributes.setdefault(kind, {})[cells[0].strip("`")] = row


def _describe_whole(found: Page, cells: list[str]) -> None:
    """| pk | sk | attributes | written by | deleted by |"""
    kind = Kind(_normal(cells[0].strip("`")), _normal(cells[1].strip("`")))
    for name in re.findall(r"`(\w+)`:", cells[2]):
        row = Described(frozenset(_quoted(cells[3])), NONE)
        found.attributes.setdefault(kind, {})[name] = row
    found.deleted_by[kind] = frozenset(_quoted(cells[4]))


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _normal(key: str) -> str:
    """``VERSION#<group>/<version>`` as ``VERSION#*``."""
    head, varies, _ = key.partition("<")
    return head + "*" if varies else head
