"""What is evaluated by a shortcut is what jsonata-python and the reference implementation make of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.states.expressions import Evaluation, Expression, parse
from rehearsal.states.shortcut_functions import UNDEFINED, Elsewhere
from tests.rehearsal.states.reference_implementation import disagreements

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.booleans() | st.integers(2, 5) | st.sampled_from(["", "a", "b", "x y", "12"])
"""Without what jsonata-python confuses: null and nothing, and false, true and 0, 1."""


def variables(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    values = st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=12,
    )
    rows = st.lists(st.dictionaries(NAMES, values), max_size=2)
    return st.fixed_dictionaries({"x": rows | st.dictionaries(NAMES, rows), "y": values})


LITERALS = st.sampled_from(["'a'", "''", "2", "3", "true", "false", "[]", "{}"])
PATHS = st.builds(
    lambda variable, names: ".".join([variable, *names]),
    st.sampled_from(["$x", "$y", "$x[0]", "$y[1]"]),
    st.lists(NAMES | st.builds("{}[{}]".format, NAMES, st.sampled_from(["0", "1", "-1", "$y"])), max_size=3),
)
OPERATORS = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "and", "or", "in", "&"])
ONE_ARGUMENT = st.sampled_from(["exists", "not", "count", "string", "type", "parse", "number"])
FORMS = [
    ("{} ? {} : {}", 3),
    ("{} ? {}", 2),
    ("[{}]", 1),
    ("[{}, {}]", 2),
    ("[[{}], {}]", 2),
    ("[{}, {}][0]", 2),
    ("{}[1]", 1),
    ("$parse($string({}))", 1),
    ("$parse($string({})).a.b", 1),
    ("{{'a': {}, 'b': {}}}", 2),
    ("$append({}, {})", 2),
    ("$merge([{}, {}])", 2),
    ("$substringAfter({}, {})", 2),
    ("$substringBefore({}, {})", 2),
]
EXPRESSIONS = st.recursive(
    PATHS | LITERALS,
    lambda inner: st.one_of(
        *(
            st.builds(lambda form, parts: form.format(*parts), st.just(f"({form})"), st.tuples(*[inner] * parts))
            for form, parts in FORMS
        ),
        st.builds("({1} {0} {2})".format, OPERATORS, inner, inner),
        st.builds("${}({})".format, ONE_ARGUMENT, inner),
        st.builds("{}.{{'a': a, 'b': b.c, 'c': {}}}".format, PATHS, inner),
    ),
    max_leaves=6,
)


def by_shortcut(source: str, variables: dict[str, Any]) -> Evaluation | None:
    """None where a shortcut leaves it to jsonata-python."""
    expression = parse(source)
    try:
        result = expression.shortcut(variables, UNDEFINED) if expression.shortcut else None
    except Elsewhere:
        return None
    return Evaluation(source, variables, result) if expression.shortcut else None


@settings(max_examples=400)
@given(EXPRESSIONS, variables(SCALARS))
def test_a_shortcut_leads_where_jsonata_leads(source: str, seen: dict[str, Any]) -> None:
    found = by_shortcut(source, seen)
    if found:
        assert repr(found.result) == repr(Expression(source, parse(source).jsonata, None).evaluate(seen))


@pytest.mark.conformance
def test_a_shortcut_leads_where_the_reference_implementation_leads() -> None:
    seen: list[Evaluation] = []

    @settings(max_examples=400)
    @given(EXPRESSIONS, variables(SCALARS | st.none() | st.integers(-1, 1)))
    def collect(source: str, values: dict[str, Any]) -> None:
        found = by_shortcut(source, values)
        seen.extend([found] if found else [])

    collect()
    assert len(seen) > 100
    assert disagreements(seen) == []


@pytest.mark.parametrize(
    "source",
    [
        "$states.input.a",
        "$exists($states.result.Item) ? $states.result.Item : {}",
        "$append($problems, $states.result.problem)",
        "$states.result.Items.{'endpoint': sk.S}",
        "$count($listed) = 0",
    ],
)
def test_what_machines_ask_most_goes_the_short_way(source: str) -> None:
    assert parse(source).shortcut
