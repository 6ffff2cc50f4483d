"""The building blocks of scenario files: strict entries, names, quantities, and lists of several kinds of entry."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    GetCoreSchemaHandler,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from rehearsal.scenario.quantities import parse_duration, parse_share

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": ["string", "number"], "examples": ["90s", "5m", "1h30m", 60]}),
]
Share = Annotated[
    float, BeforeValidator(parse_share), WithJsonSchema({"type": ["string", "number"], "examples": ["25%", 0.25]})
]


def _aws_name(value: str) -> str:
    if not re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", value):
        raise ValueError(
            f"{value!r} is not a name that SageMaker takes: up to 63 letters, digits and single hyphens between"
        )
    return value


Name = Annotated[str, AfterValidator(_aws_name)]


def _words_as_keys(value: object) -> object:
    if isinstance(value, list):
        return [_words_as_keys(each) for each in value]
    if isinstance(value, Mapping):
        return {"on" if key is True else key: _words_as_keys(each) for key, each in value.items()}
    return value


# A policy inside a scenario. YAML 1.1, which PyYAML reads, takes the bare word `on` of a remedy for true.
Document = Annotated[dict[str, Any], BeforeValidator(_words_as_keys)]


def policy_text(policy: str | dict[str, Any], folder: Path) -> str:
    """The text of a policy: of a file in `folder`, or of a document. Raises OSError when the file cannot be read."""
    return (folder / policy).read_text(encoding="utf-8") if isinstance(policy, str) else json.dumps(policy)


class Entry(BaseModel):
    """What holds for everything in a scenario file: a field nobody knows is an error, and values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _fields_must_be_known(cls, value: object) -> object:
        return _known_only(value, [field.alias or name for name, field in cls.model_fields.items()])


def not_so(said: str, *field: int | str) -> PydanticCustomError:
    """The error of an entry in which a field, or one further down, says what cannot be."""
    return PydanticCustomError("not_so", "{said}", {"said": said, "field": field})


def must_know(options: type[Any]) -> BeforeValidator:
    """The same strictness for a plain dataclass: a field it does not have is an error."""
    return BeforeValidator(lambda value: _known_only(value, [field.name for field in dataclasses.fields(options)]))


def _known_only(value: object, known: list[str]) -> object:
    for key in value if isinstance(value, Mapping) else ():
        if key not in known:
            said = f"unknown field{did_you_mean([str(key)], known)} Known: {', '.join(known)}"
            raise not_so(said, key)
    return value


@dataclass(frozen=True)
class OneOf:
    """Annotation for an entry of several kinds, told apart by the first key written that names one of `entries`.

    In error locations the chosen kind appears as `<noun> <key>`; the space keeps it apart from every real field name.
    """

    noun: str
    entries: Mapping[str, type[Entry]]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        union: Any = None
        for key, model in self.entries.items():
            member = Annotated[model, Tag(f"{self.noun} {key}")]  # type: ignore[valid-type]
            union = member if union is None else union | member
        told_apart = Annotated[union, Discriminator(self._kind)]
        return handler.generate_schema(Annotated[told_apart, BeforeValidator(self._must_be_known)])

    def _kind(self, value: object) -> str | None:
        if isinstance(value, Entry):
            return next(f"{self.noun} {key}" for key, model in self.entries.items() if type(value) is model)
        written = value if isinstance(value, Mapping) else ()
        return next((f"{self.noun} {key}" for key in written if key in self.entries), None)

    def _must_be_known(self, value: object) -> object:
        if self._kind(value) is None:
            raise ValueError(_unknown(self.noun, value, list(self.entries)))
        return value


def _unknown(noun: str, value: object, known: list[str]) -> str:
    if not isinstance(value, Mapping):
        return f"{value!r} is not a mapping; {noun}s are written as one of: {', '.join(known)}"
    written = [str(key) for key in value]
    fields, hint = ", ".join(written), did_you_mean(written, known)
    return f"none of the fields {fields} names a {noun}{hint} Known: {', '.join(known)}"


def did_you_mean(written: list[str], known: list[str]) -> str:
    """The end of a sentence that says a name is unknown, with the known name that is nearest if one is near."""
    close = [match for key in written for match in difflib.get_close_matches(key, known, n=1)]
    return f"; did you mean {close[0]}?" if close else "."
