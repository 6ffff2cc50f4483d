from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from interlock.model.fields import Part
from interlock.model.kinds import ByKind, kinds_of


class Tea(Part):
    kind: Literal["tea"] = "tea"
    cups: int = 1


class Coffee(Part):
    kind: Literal["coffee"]
    milk: tuple[str, ...] = ()


Drink = Annotated[Tea | Coffee, ByKind()]
DRINK: TypeAdapter[Tea | Coffee] = TypeAdapter(Drink)
ONLY_COFFEE: TypeAdapter[Coffee] = TypeAdapter(Annotated[Coffee, ByKind()])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"kind": "tea", "cups": 2}, Tea(cups=2)),
        ({"kind": "coffee", "milk": ["oat"]}, Coffee(kind="coffee", milk=("oat",))),
        ({}, Tea()),
        ({"cups": 3}, Tea(cups=3)),
    ],
)
def test_a_section_is_read_by_its_kind_and_the_default_kind_may_be_left_out(
    written: dict[str, Any], read: Part
) -> None:
    assert DRINK.validate_python(written) == read


@pytest.mark.parametrize("nothing", [None, [], False, 0, ""])
def test_an_empty_field_of_another_kind_is_allowed(nothing: object) -> None:
    assert DRINK.validate_python({"kind": "tea", "milk": nothing}) == Tea()


@pytest.mark.parametrize(
    ("written", "problem", "place"),
    [
        ({"kind": "tea", "milk": ["oat"]}, "extra_forbidden", ("tea", "milk")),
        ({"kind": "tea", "sugar": None}, "extra_forbidden", ("tea", "sugar")),
        ({"kind": "tea", "cups": "x"}, "int_parsing", ("tea", "cups")),
        ({"kind": "soup"}, "union_tag_invalid", ()),
        ({"kind": ["tea"]}, "union_tag_invalid", ()),
        ({"kind": None}, "union_tag_not_found", ()),
        ("tea", "model_type", ("tea",)),
    ],
)
def test_what_is_not_of_its_kind_is_refused(written: Any, problem: str, place: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        DRINK.validate_python(written)
    (found,) = caught.value.errors()
    assert (found["type"], found["loc"]) == (problem, place)


def test_one_kind_alone_is_a_union_too() -> None:
    assert ONLY_COFFEE.validate_python({"kind": "coffee"}) == Coffee(kind="coffee")
    with pytest.raises(ValidationError) as caught:
        ONLY_COFFEE.validate_python({})
    assert [found["type"] for found in caught.value.errors()] == ["union_tag_not_found"]


def test_the_kinds_of_a_union_are_known_by_name() -> None:
    assert kinds_of(Drink) == {"tea": Tea, "coffee": Coffee}
    assert kinds_of(Annotated[Coffee, ByKind()]) == {"coffee": Coffee}


def test_an_editor_is_offered_every_kind() -> None:
    assert DRINK.json_schema()["oneOf"] == [{"$ref": "#/$defs/Tea"}, {"$ref": "#/$defs/Coffee"}]
