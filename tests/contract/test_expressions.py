"""Machines act, they do not decide: expressions only pick, carry and compare, in words every evaluator reads alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.asl import Expression, expressions, flows
from tests.contract.documents import Machine, machines

ALLOWED_FUNCTIONS = frozenset(
    (
        "append count exists filter join lookup lowercase map merge not number parse split string substringAfter "
        "substringBefore type"
    ).split()
)
"""Functions on which Step Functions, jsonata-python and npm jsonata agree. None draws, hashes or reads a clock."""

STATES_MEMBERS = {
    "input": re.compile(r".*"),
    "context": re.compile(r".*"),
    "result": re.compile(r"(Output|Assign)\b.*"),
    "errorOutput": re.compile(r"Catch\[\d+\]\.(Output|Assign)\b.*"),
}
"""Where each member of $states exists (docs: step-functions/latest/dg/transforming-data, reserved variable $states)."""

each_machine = pytest.mark.parametrize("machine", machines().values(), ids=machines())


def _expressions(machine: Machine) -> Iterator[tuple[str, Expression]]:
    for flow in flows(machine.definition, machine.path.name):
        for name, state in flow.states.items():
            for expression in expressions(state):
                yield f"{name}.{expression.field}", expression


@each_machine
def test_every_expression_parses(machine: Machine) -> None:
    for at, expression in _expressions(machine):
        try:
            _ = expression.reading
        except Exception as error:  # the parser's own, of which there is no public type
            pytest.fail(f"{at}: {expression.text}: {error}")


@each_machine
def test_expressions_fill_their_field(machine: Machine) -> None:
    """Step Functions evaluates a string only if it starts with {% and ends with %} (docs: transforming-data)."""

    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                yield from strings(item)
        elif isinstance(value, str):
            yield value

    half = [text for text in strings(machine.definition) if ("{%" in text or "%}" in text) and not _whole(text)]
    assert half == []


def _whole(text: str) -> bool:
    return text.startswith("{%") and text.endswith("%}") and text.count("{%") == 1


@each_machine
def test_only_allowed_functions_are_called(machine: Machine) -> None:
    strangers = {
        at: sorted(expression.reading.functions - ALLOWED_FUNCTIONS)
        for at, expression in _expressions(machine)
        if expression.reading.functions - ALLOWED_FUNCTIONS
    }
    assert strangers == {}


@each_machine
def test_no_expression_reads_its_input_as_a_bare_dollar(machine: Machine) -> None:
    """In a state machine ``$`` is undefined outside of predicates; ``$states.input`` is what is meant."""
    bare = [at for at, expression in _expressions(machine) if expression.reading.variables & {"", "$"}]
    assert bare == []


@each_machine
def test_states_members_are_read_only_where_they_exist(machine: Machine) -> None:
    misplaced = [
        f"{at} reads $states.{member}"
        for at, expression in _expressions(machine)
        for member in expression.reading.states
        if member not in STATES_MEMBERS or not STATES_MEMBERS[member].fullmatch(expression.field)
    ]
    assert misplaced == []


@each_machine
def test_the_only_arithmetic_is_counting_up(machine: Machine) -> None:
    sums = {
        at: operation
        for at, expression in _expressions(machine)
        for operation in expression.reading.arithmetic
        if operation[0] != "+" or operation[2] != "1" or not operation[1].startswith("$")
    }
    assert sums == {}


@each_machine
def test_the_only_orderings_are_of_the_place_in_a_plan_and_of_a_count_with_nothing(machine: Machine) -> None:
    """A threshold is a decision, and decisions are made by functions."""
    thresholds = {
        at: operation
        for at, expression in _expressions(machine)
        for operation in expression.reading.orderings
        if operation[1] != "$index" and operation != (">", "$count()", "0")
    }
    assert thresholds == {}
