"""What is wrong in the text of a policy is said with its line and column."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from tests.unit.examples import GROUP, document
from tests.unit.policy.test_document import problems


@pytest.fixture
def usual_stack() -> Iterator[None]:
    """A stack as deep as Python's own: a library loaded by another test may have raised the limit."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("usual_stack")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stages:\n  - name: [a\nb: c", "not readable as YAML or JSON"),
        ("model_package_group: churn\nstages:\n\t- name: x", "not readable as YAML or JSON"),
        ("when: 2026-13-45", "not readable as YAML or JSON: it has a date or number"),
        ("size: 0x_", "not readable as YAML or JSON"),
        ("[" * 1000, "not readable as YAML or JSON: it is nested too deeply"),
        ("a: !!python/object:os.system {}", "not readable as YAML or JSON"),
        ("\x00", "not readable as YAML or JSON"),
        ("", "the document must be a mapping that starts with model_package_group and stages"),
        ("- churn", "the document must be a mapping that starts with model_package_group and stages"),
    ],
)
def test_a_document_that_is_not_a_policy_is_refused_with_the_line(text: str, said: str) -> None:
    assert problems(text)[0].startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "stages:\n  - name: a\n    endpoint: b\n    name: c\n",
            ["stages.0.name: written twice, first in line 2; keep one"],
        ),
        ('{"a": 1, "a": 2}', ["a: written twice, first in line 1; keep one"]),
        (
            "a: {b: 1, b: 2}\nc: 1\na: 3",
            [
                "a.b: written twice, first in line 1; keep one",
                "a: written twice, first in line 1; keep one",
            ],
        ),
        ("x: &x\n  a: 1\n  a: 2\ny: *x", ["x.a: written twice, first in line 2; keep one"]),
    ],
)
def test_a_field_written_twice_is_refused_with_its_lines(text: str, said: list[str]) -> None:
    assert problems(text) == said


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (
            "model_package_group: churn\nstages:\n  - endpoint: a b\n    hosting: {instance_type: m5}\n",
            [(3, 5), (4, 15)],
        ),
        ("model_package_group: churn\nstages: []\nnotify: me\n", [(2, 1), (3, 1)]),
        ("stages:\n  - name: [a\nb: c", [(3, 2)]),
        ("model_package_group: churn\nstages:\n\t- name: x", [(3, 1)]),
        ("a: !!python/object:os.system {}", [(1, 4)]),
        ("a: {b: 1, b: 2}\nc: 1\na: 3", [(1, 11), (3, 1)]),
    ],
)
def test_a_problem_says_its_line_and_column(text: str, at: list[tuple[int, int]]) -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy(text, GROUP)

    found = [(problem.line, problem.column) for problem in caught.value.problems]
    assert set(at) <= set(found)
    assert str(caught.value.problems[0]).startswith(f"line {found[0][0]}, column {found[0][1]}: ")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"smok": {"body": "1"}}, "stages.0.smok: no such field;"),
        (
            {"strategy": {"kind": "canaries"}},
            "stages.0.strategy.kind: write 'all_at_once', 'canary', 'linear', 'rolling', 'shadow",
        ),
        ({"inconclusive": {"then": "rollback"}}, "stages.0.inconclusive.then: write 'roll_back',"),
    ],
)
def test_an_unknown_word_is_answered_with_the_nearest(fields: dict[str, Any], said: str) -> None:
    text = problems(document(**fields))[0]

    assert text.startswith(said)
    assert text.rpartition("; ")[2] in ("did you mean smoke?", "did you mean canary?", "did you mean roll_back?")


BOMB = "\n".join(["a0: &a0 {x: 1}", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))])
MERGES = "\n".join(["a0: &a0 {x: 1}", *(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 9))])


@pytest.mark.parametrize("text", [BOMB, MERGES])
def test_a_document_whose_aliases_stand_for_millions_of_fields_is_refused(text: str) -> None:
    (said,) = problems(text)
    assert said.startswith("with its aliases (*) written out, the document has ")
    assert said.endswith(" parts; at most 5,000 are read")


def test_an_alias_within_itself_is_refused() -> None:
    assert problems("a: &a [*a]") == ["an alias (*) stands within what it repeats; write the part out"]


def test_the_largest_parameter_is_read() -> None:
    """8 KB is the most that a parameter holds (docs: systems-manager, "Parameter tiers")."""
    assert all("aliases" not in text for text in problems("[" + "1," * 4_000 + "1]"))


def test_a_merged_mapping_may_be_overridden() -> None:
    anchor = "hosting: &fleet {instance_type: ml.m5.large, instances: 1}"
    merged = yaml.safe_dump(json.loads(document())).replace("hosting:\n", "hosting:\n    <<: *fleet\n")
    assert all(text.startswith("hosting: no such field") for text in problems(f"{anchor}\n{merged}"))


@given(some.dictionaries(some.sampled_from("abc"), some.integers(), min_size=1), some.data())
def test_a_field_written_twice_is_found_wherever_it_stands(fields: dict[str, int], data: some.DataObject) -> None:
    again = data.draw(some.sampled_from(sorted(fields)))
    lines = [f"{name}: {value}" for name, value in (*fields.items(), (again, 0))]
    first = list(fields).index(again) + 1
    said = f"{again}: written twice, first in line {first}; keep one"
    assert problems("\n".join(lines)) == [said]
