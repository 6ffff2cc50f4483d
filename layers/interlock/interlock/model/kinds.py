"""Sections of a policy that come in kinds: the field ``kind`` says which of them was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from interlock.model.fields import Part

Kinds = Mapping[str, type[Part]]
"""Sections by the ``kind`` under which people write them."""


class ByKind:
    """Marks a union of sections that differ by their ``kind``: ``Annotated[A | B, ByKind()]``.

    pydantic's own Discriminator takes two members or more and needs the field to be written. Here one member is
    enough, and a policy without ``kind`` gets the member whose ``kind`` has a default.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        kinds = _kinds(source)
        tagged = core_schema.tagged_union_schema(
            {kind: handler.generate_schema(section) for kind, section in kinds.items()}, _discriminator(kinds)
        )
        return core_schema.no_info_before_validator_function(lambda written: _without_empty(written, kinds), tagged)


def kinds_of(union: Any) -> Kinds:
    """The members of a union that ``ByKind`` marks."""
    return _kinds(get_args(union)[0])


def _kinds(source: Any) -> Kinds:
    """The members of a bare union, or of one section alone. Each has one literal as the type of its ``kind``."""
    return {get_args(each.model_fields["kind"].annotation)[0]: each for each in get_args(source) or (source,)}


def _discriminator(kinds: Kinds) -> Any:
    """The function that finds the kind of a section: None if the section names no kind and there is no default."""
    default = next((kind for kind, each in kinds.items() if not each.model_fields["kind"].is_required()), None)
    return lambda written: written.get("kind", default) if isinstance(written, dict) else default


def _without_empty(written: Any, kinds: Kinds) -> Any:
    """``written`` without empty fields of other kinds: ``steps: []`` is the same as leaving it out."""
    own = kinds.get(str(written.get("kind"))) if isinstance(written, dict) else None
    if own is None:
        return written
    others = {field for each in kinds.values() for field in each.model_fields} - set(own.model_fields)
    return {field: value for field, value in written.items() if value or field not in others}
