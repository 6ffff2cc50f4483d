"""The machines hold together as graphs: every state is reached, every road ends, every variable is there when read."""

from __future__ import annotations

import re

import pytest

from tests.contract.asl import Flow, assigned_before, edges, expressions, flows, reachable
from tests.contract.documents import machines

FLOWS = [flow for machine in machines().values() for flow in flows(machine.definition, machine.path.name)]
each_flow = pytest.mark.parametrize("flow", FLOWS, ids=[flow.at for flow in FLOWS])

LAST = {"Succeed", "Fail"}


@each_flow
def test_every_state_is_reachable(flow: Flow) -> None:
    assert sorted(set(flow.states) - reachable(flow)) == []


@each_flow
def test_every_transition_leads_to_a_state_of_the_same_flow(flow: Flow) -> None:
    assert sorted({edge.target for edge in edges(flow)} - set(flow.states)) == []


@each_flow
def test_every_state_either_goes_on_or_ends(flow: Flow) -> None:
    dangling = [
        name
        for name, state in flow.states.items()
        if state["Type"] not in LAST | {"Choice"} and ("Next" in state) == bool(state.get("End"))
    ]
    assert dangling == []


@each_flow
def test_every_choice_has_a_default(flow: Flow) -> None:
    """A Choice that matches nothing fails with States.NoChoiceMatched, which no Catch can name a route for."""
    assert [name for name, state in flow.states.items() if state["Type"] == "Choice" and "Default" not in state] == []


@each_flow
def test_every_variable_is_assigned_on_every_path_before_it_is_read(flow: Flow) -> None:
    known = assigned_before(flow)
    unassigned = [
        f"{name}.{expression.field} reads ${variable}"
        for name, state in flow.states.items()
        if name in known
        for expression in expressions(state)
        for variable in sorted(expression.reading.variables - {""} - known[name])
    ]
    assert unassigned == []


@each_flow
def test_no_inner_state_assigns_a_variable_of_the_machine_around_it(flow: Flow) -> None:
    """docs: step-functions/latest/dg/workflow-variables, an inner scope cannot reuse a name of its outer scope."""
    inner = {name for edge in edges(flow) for name in edge.assigns}
    outer = {name for outside, _ in flow.around() for edge in edges(outside) for name in edge.assigns}
    assert sorted(inner & outer) == []


@each_flow
def test_a_choice_assigns_on_its_rules_and_not_by_itself(flow: Flow) -> None:
    """The documentation says that a Choice's own Assign counts when no rule matches; the specification, always."""
    assert [name for name, state in flow.states.items() if state["Type"] == "Choice" and "Assign" in state] == []


@each_flow
def test_state_names_are_pascal_case(flow: Flow) -> None:
    assert [name for name in flow.states if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name)] == []


def test_no_two_states_of_a_machine_share_a_name() -> None:
    """Execution histories and dashboards know a state by its name alone."""
    for machine in machines().values():
        names = [name for flow in flows(machine.definition, machine.path.name) for name in flow.states]
        assert sorted({name for name in names if names.count(name) > 1}) == [], machine.path.name
