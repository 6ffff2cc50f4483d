"""Why a policy is refused: the field, what is wrong, and what to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import shorten
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from interlock.model.fields import PATTERNS_IN_WORDS
from interlock.model.kinds import Kinds

IN_A_KEY = "[key]"
"""The last part of a place when the name of an entry is wrong, not its value (pydantic)."""

Place = tuple[int | str, ...]


class PolicyError(ValueError):
    """A policy that cannot be used. ``problems`` names each field, what is wrong and what to write."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


Sections = Mapping[str, type[BaseModel] | Kinds]
"""The sections of a document by the fields that hold them."""


def in_words(error: ValidationError, root: type[BaseModel], sections: Sections) -> list[str]:
    """One sentence per problem of a document of ``root``, whose fields hold ``sections``.

    If items of a list are wrong, pydantic also calls the list too short. That is not reported as a second problem.
    """
    problems = error.errors()
    places = [problem["loc"] for problem in problems]
    return [
        _sentence(problem, root, sections)
        for problem in problems
        if problem["type"] != "too_short" or not any(_lies_under(place, problem["loc"]) for place in places)
    ]


def _lies_under(place: Place, section: Place) -> bool:
    return len(place) > len(section) and place[: len(section)] == section


def _sentence(problem: Any, root: type[BaseModel], sections: Sections) -> str:
    """``stages.0.strategy.bake: …`` of one pydantic error, with the remedy."""
    kind, written, there = problem["type"], problem["input"], _where(problem["loc"], root, sections)
    field = ".".join(str(part) for part in there.parts)
    message = problem["msg"].removeprefix("Value error, ")
    if kind.startswith("union_tag_") and isinstance(written, dict):
        field, written = f"{field}.kind", written.get("kind", written)
        message = f"Input should be {_one_of(there.kinds)}" if "kind" in problem["input"] else "this field is required"
    elif kind == "extra_forbidden":
        message = _no_such_field(str(there.parts[-1]), there)
    elif kind == "missing":
        message = "this field is required"
    elif kind == "tuple_type":
        message = "write a list, in brackets or with a hyphen before each item"
    elif kind == "dict_type":
        message = "write entries, each with a name and a value"
    elif kind in ("model_type", "union_tag_not_found"):
        message = f"write fields here: {', '.join(there.fields)}"
    elif kind == "too_long" and field == "stages":
        message = "only one stage is supported so far; keep the one to release to"
    elif kind == "string_pattern_mismatch":
        message = PATTERNS_IN_WORDS[problem["ctx"]["pattern"]]
    elif kind == "too_long":
        message = f"write at most {problem['ctx']['max_length']}"
    if kind != "extra_forbidden" and not isinstance(written, dict | list | tuple) and "; got " not in message:
        message = f"{message}; got {shorten(repr(written), 80)}"
    return f"{field}: {message}" if field else message


def _no_such_field(name: str, there: _Where) -> str:
    others = [kind for kind, each in there.kinds.items() if name in each.model_fields]
    if others:
        return f"{there.kind} has no {name}; leave it out, or write kind: {' or '.join(others)}"
    return f"no such field; allowed here: {', '.join(there.fields)}"


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
