"""Why a policy is refused: the field, what is wrong there, and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import shorten
from typing import Any

from pydantic import BaseModel, ValidationError

from interlock.model.fields import PATTERNS_IN_WORDS

IN_A_KEY = "[key]"
"""The last part of a place when the name of an entry is wrong and not what stands under it (pydantic)."""

Place = tuple[int | str, ...]


class PolicyError(ValueError):
    """A policy that cannot be used. ``problems`` names each field, what is wrong and what would be right."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def in_words(error: ValidationError, root: type[BaseModel], sections: Mapping[str, type[BaseModel]]) -> list[str]:
    """One sentence per problem of a document of ``root``, whose fields hold ``sections``.

    A list whose items failed is to pydantic also too short; that is no second problem.
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


def _sentence(problem: Any, root: type[BaseModel], sections: Mapping[str, type[BaseModel]]) -> str:
    """``stages.0.strategy.bake: …`` of one pydantic error, with the remedy."""
    place, kind = problem["loc"], problem["type"]
    field = ".".join(str(part) for part in place if part != IN_A_KEY)
    message = problem["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        message = f"no such field; allowed here: {', '.join(_fields_at(place[:-1], root, sections))}"
    elif kind == "missing":
        message = "this field is required"
    elif kind == "tuple_type":
        message = "write a list, in brackets or with a hyphen before each item"
    elif kind == "dict_type":
        message = "write a name and what belongs to it, for each entry"
    elif kind == "model_type":
        message = f"write fields here: {', '.join(_fields_at(place, root, sections))}"
    elif kind == "too_long" and field == "stages":
        message = "only one stage is supported so far; keep the one to release to"
    elif kind == "string_pattern_mismatch":
        message = PATTERNS_IN_WORDS[problem["ctx"]["pattern"]]
    elif kind == "too_long":
        message = f"write at most {problem['ctx']['max_length']}"
    if kind != "extra_forbidden" and not isinstance(problem["input"], dict | list | tuple) and "; got " not in message:
        message = f"{message}; got {shorten(repr(problem['input']), 80)}"
    return f"{field}: {message}" if field else message


def _fields_at(place: Place, root: type[BaseModel], sections: Mapping[str, type[BaseModel]]) -> list[str]:
    """The fields of the section at ``place``; the parts that name no section are items and names of entries."""
    section = root
    for part in place:
        if isinstance(part, str) and part in section.model_fields:
            section = sections.get(part, section)
    return list(section.model_fields)
