"""Why a policy is refused: the field, what is wrong, and what to write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from textwrap import shorten
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from interlock.model.fields import PATTERNS_IN_WORDS
from interlock.model.kinds import Kinds

IN_A_KEY = "[key]"
"""The last part of a place when the name of an entry is wrong, not its value (pydantic)."""

Place = tuple[int | str, ...]


def accept(refused: object) -> None:
    """Raise ValueError with the text that says why a part does not fit the others, if there is one."""
    if refused:
        raise ValueError(refused)


class Problem(NamedTuple):
    """What is wrong in a policy and what to write, and where in its text it stands: line and column, from 1."""

    text: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.text}"


class PolicyError(ValueError):
    """A policy that cannot be used. Each of ``problems`` names a field, what is wrong and what to write."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


Sections = Mapping[str, type[BaseModel] | Kinds]
"""The sections of a document by the fields that hold them."""


_SAID: Mapping[str, str] = {
    "missing": "this field is required",
    "tuple_type": "write a list, in brackets or with a hyphen before each item",
    "dict_type": "write entries, each with a name and a value",
    "string_type": "write text, in quotes if it looks like a number",
    "string_too_short": "write {min_length} or more characters",
    "string_too_long": "write at most {max_length} characters",
    "too_short": "write {min_length} or more",
    "too_long": "write at most {max_length}",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "int_parsing_size": "write a smaller number",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "multiple_of": "write at most three decimals",
    "finite_number": "write a finite number",
    "greater_than": "write more than {gt:g}",
    "greater_than_equal": "write at least {ge:g}",
    "less_than": "write less than {lt:g}",
    "less_than_equal": "write at most {le:g}",
    "literal_error": "write {expected}",
}
"""What to write instead, by pydantic's types of errors (docs.pydantic.dev, "Validation Errors")."""

_UNKNOWN = "this cannot be used here"


def in_words(error: ValidationError, root: type[BaseModel], sections: Sections) -> list[tuple[Place, str]]:
    """The place and one sentence of each problem of a document of ``root``, whose fields hold ``sections``.

    If items of a list are wrong, pydantic also calls the list too short, and if a field is wrong, it calls those whose
    default follows from the others. That is not reported as a second problem.
    """
    problems = [each for each in error.errors() if each["type"] != "default_factory_not_called"]
    places = [problem["loc"] for problem in problems]
    return [
        _sentence(problem, root, sections)
        for problem in problems
        if problem["type"] != "too_short" or not any(_lies_under(place, problem["loc"]) for place in places)
    ]


def _lies_under(place: Place, section: Place) -> bool:
    return len(place) > len(section) and place[: len(section)] == section


def _sentence(problem: Any, root: type[BaseModel], sections: Sections) -> tuple[Place, str]:
    """The place, and ``stages.0.strategy.bake: …`` of one pydantic error, with the remedy."""
    kind, written, there = problem["type"], problem["input"], _where(problem["loc"], root, sections)
    place, context, hint = tuple(there.parts), problem.get("ctx", {}), ""
    if kind == "value_error":
        message = str(context["error"])
    elif kind.startswith("union_tag_") and isinstance(written, dict):
        place, written = (*place, "kind"), written.get("kind", written)
        message = f"write {_one_of(there.kinds)}" if "kind" in problem["input"] else _SAID["missing"]
        hint = _nearest(written, there.kinds)
    elif kind == "extra_forbidden":
        message = _no_such_field(str(there.parts[-1]), there)
    elif kind in ("model_type", "union_tag_not_found"):
        message = f"write fields here: {', '.join(there.fields)}"
    elif kind == "string_pattern_mismatch":
        message = PATTERNS_IN_WORDS[context["pattern"]]
    else:
        message = _SAID.get(kind, _UNKNOWN).format(**context)
        hint = _nearest(written, _QUOTED.findall(message)) if kind == "literal_error" else ""
    if kind != "extra_forbidden" and not isinstance(written, dict | list | tuple) and "; got " not in message:
        message = f"{message}; got {shorten(repr(written), 80)}"
    return place, f"{'.'.join(map(str, place))}: {message}{hint}" if place else f"{message}{hint}"


def _no_such_field(name: str, there: _Where) -> str:
    others = [kind for kind, each in there.kinds.items() if name in each.model_fields]
    if others:
        return f"{there.kind} has no {name}; leave it out, or write kind: {' or '.join(others)}"
    return f"no such field; allowed here: {', '.join(there.fields)}{_nearest(name, there.fields)}"


_QUOTED = re.compile(r"'([^']*)'")


def _nearest(written: object, names: Iterable[str]) -> str:
    """``; did you mean bake?`` when a name is like what was written."""
    from difflib import get_close_matches  # loaded here because only a mistyped name needs it

    near = get_close_matches(str(written), [*names], n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _one_of(names: Iterable[str]) -> str:
    """``'a', 'b' or 'c'``, as pydantic says it of a Literal."""
    *most, last = (repr(name) for name in names)
    return f"{', '.join(most)} or {last}" if most else last


class _Where(NamedTuple):
    """A place as a person wrote it, and the section that it lies in or is.

    If the section comes in kinds, ``kinds`` are all of them and ``kind`` is the written one; otherwise both are empty.
    """

    parts: list[int | str]
    section: type[BaseModel]
    kinds: Kinds
    kind: str

    @property
    def fields(self) -> list[str]:
        """The fields of the section; if its kind is unknown, the fields of all its kinds."""
        known = (self.section,) if self.kind or not self.kinds else self.kinds.values()
        return list(dict.fromkeys(field for each in known for field in each.model_fields))


def _where(place: Place, root: type[BaseModel], sections: Sections) -> _Where:
    """Follows ``place`` from ``root``. After a section that comes in kinds, pydantic inserts the kind, which is not in
    the document. A list of such a section has the item's number first. Parts that name no section are items and names
    of entries."""
    there = _Where([], root, {}, "")
    for part in place:
        if there.kinds and not there.kind and not isinstance(part, int):
            there = there._replace(section=there.kinds[str(part)], kind=str(part))
        elif part != IN_A_KEY:
            there = there._replace(parts=[*there.parts, part])
            found = sections.get(str(part)) if part in there.section.model_fields else None
            if isinstance(found, type):
                there = there._replace(section=found, kinds={}, kind="")
            elif found:
                there = there._replace(kinds=found, kind="")
    return there
