"""The list of defects that `make mutate` tries does not rot: each one still applies, and somebody should see it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import lru_cache

import pytest
import yaml

from tests.mutations.defects import PLAYED, ROOT, Defect, every_defect
from tests.rehearsal.proofs.rehearsals import SCENARIOS

EVERY = every_defect()

LEAST = {"template": 30, "machines": 35, "core": 40, "simulator": 20}
"""Defects in each table at least, so that none of the parts is left out."""


@pytest.mark.parametrize("defect", EVERY, ids=[defect.name for defect in EVERY])
def test_a_defect_applies_and_leaves_a_file_that_can_be_read(defect: Defect) -> None:
    """What cannot be read would be seen by any test, and would say nothing about those that are named."""
    before = (ROOT / defect.file).read_text()
    after = defect.applied(before)

    assert after != before
    read = python if defect.file.endswith(".py") else document
    assert read(after) != read(before), "only a comment or the layout differs"


@lru_cache(maxsize=2)
def python(text: str) -> str:
    return ast.dump(ast.parse(text))


@lru_cache(maxsize=2)
def document(text: str) -> list[tuple[str, str, str]]:
    """A YAML document as the parser hears it, without comments and layout."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events = yaml.parse(text, Loader=loader)
    return [(type(each).__name__, getattr(each, "tag", ""), getattr(each, "value", "")) for each in events]


@pytest.mark.parametrize("test", sorted({test for defect in EVERY for test in defect.tests}))
def test_the_tests_that_should_see_a_defect_exist(test: str) -> None:
    file, _, name = test.partition("::")

    assert (ROOT / file).is_file()
    if test.startswith(PLAYED):
        assert name.partition("[")[2].rstrip("]") in SCENARIOS
    elif name:
        assert re.search(rf"^def {re.escape(name.partition('[')[0])}\(", (ROOT / file).read_text(), re.MULTILINE)


def test_defects_have_names_of_their_own_that_can_be_typed() -> None:
    assert [name for name, times in Counter(defect.name for defect in EVERY).items() if times > 1] == []
    assert [defect.name for defect in EVERY if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", defect.name)] == []


def test_every_part_of_the_project_has_its_defects() -> None:
    number = Counter(defect.table for defect in EVERY)

    assert {table: number[table] for table in LEAST if number[table] < LEAST[table]} == {}
    assert set(number) == set(LEAST)
