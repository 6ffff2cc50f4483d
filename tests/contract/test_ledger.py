"""docs/ledger.md says of each item what the machines do to it, and nothing else."""

from __future__ import annotations

import pytest

from tests.contract.ledger import Access, Kind, accesses, names_in_map, page, read_in_answers

ACCESSES = list(accesses())
WRITES = [access for access in ACCESSES if access.writes]
KINDS = list(dict.fromkeys(access.kind for access in WRITES))
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.pk} {kind.sk}")

By = dict[str, frozenset[str]]


def _by_attribute(kind: Kind, member: str) -> By:
    """The states that set or remove each attribute of items of ``kind``."""
    found: dict[str, set[str]] = {}
    for access in WRITES:
        for attribute in getattr(access, member) if access.kind == kind else ():
            found.setdefault(attribute, set()).add(access.state)
    return {attribute: frozenset(states) for attribute, states in found.items()}


def test_the_page_has_the_kinds_of_items_that_the_machines_write() -> None:
    assert set(page().attributes) == set(KINDS)


@each_kind
def test_every_attribute_is_on_the_page_with_the_states_that_write_it(kind: Kind) -> None:
    written = {name: row.written_by for name, row in page().attributes[kind].items()}

    assert written == _by_attribute(kind, "sets")


@each_kind
def test_every_attribute_is_on_the_page_with_the_states_that_remove_it(kind: Kind) -> None:
    removed = {name: row.removed_by for name, row in page().attributes[kind].items() if row.removed_by}

    assert removed == _by_attribute(kind, "removes")


def test_what_is_deleted_as_a_whole_is_on_the_page() -> None:
    said = {kind: states for kind, states in page().deleted_by.items() if states}

    assert said == {access.kind: frozenset({access.state}) for access in WRITES if access.deletes}


def test_every_write_is_on_the_page_with_its_condition() -> None:
    assert page().conditions == {access.state: access.depends for access in WRITES}


@pytest.mark.parametrize("access", ACCESSES, ids=lambda access: access.state)
def test_conditions_and_filters_speak_of_attributes_that_somebody_writes(access: Access) -> None:
    known = {name for kind in KINDS if _may_be(access.kind, kind) for name in page().attributes[kind]}

    assert access.depends - known - {"pk", "sk"} == set()


def _may_be(asked: Kind, kind: Kind) -> bool:
    """Whether an item of ``kind`` may be asked for by keys that begin as ``asked`` says."""
    return asked.pk in (kind.pk, "*") and asked.sk in (kind.sk, "*")


def test_every_access_is_to_a_kind_of_item_that_is_on_the_page() -> None:
    assert [access.state for access in ACCESSES if not any(_may_be(access.kind, kind) for kind in KINDS)] == []


def test_what_is_read_of_an_item_is_on_the_page() -> None:
    known = {part for rows in page().attributes.values() for name in rows for part in name.split(".")}
    read = set(read_in_answers())

    assert ("deliver.ControlDecision", "paused") in read
    assert ("admit.Recovers", "step_index") in read
    assert {(state, name) for state, name in read if name not in known | {"pk", "sk"}} == set()


def test_what_goes_with_the_release_is_the_list_of_the_template() -> None:
    listed = names_in_map({"Fn::FindInMap": ["Ledger", "AttributesOfARelease", "Names"]}).split(", ")
    control = page().attributes[Kind("CONTROL", "*")]

    assert sorted(listed) == sorted(name for name, row in control.items() if row.goes_with_the_release)
