"""Machines and functions agree: each task has the fields of its type, and every field that is read is one of the
answer."""

from __future__ import annotations

import json
import re

import pytest

from interlock.execution.approvals import GroupVersions
from interlock.execution.reconciliation import found
from interlock.intake.requests.registry import ACTIONS, example, read_request
from interlock.intake.routing import route_event
from tests.contract.documents import Machine, machines
from tests.contract.seams import (
    Invocation,
    answer_types,
    answered,
    fields,
    has_path,
    invocations,
    read,
    read_at_once,
    task_type,
)
from tests.contract.test_rules import EVENTS

INVOCATIONS = [invocation for machine in machines().values() for invocation in invocations(machine)]
each_invocation = pytest.mark.parametrize(
    "invocation", INVOCATIONS, ids=lambda each: f"{each.machine.logical_id}.{each.name}"
)
each_machine = pytest.mark.parametrize("machine", machines().values(), ids=machines())


@each_invocation
def test_a_task_has_the_fields_of_its_type(invocation: Invocation) -> None:
    if not isinstance(invocation.payload, dict):
        assert invocation.payload == "{% $states.input %}", "a payload is written out, or it is the whole input"
        return
    required, optional = fields(task_type(invocation.function))
    assert required <= set(invocation.payload) <= required | optional


@each_invocation
def test_every_field_that_is_read_at_once_is_one_of_the_answer(invocation: Invocation) -> None:
    answer = answer_types(invocation.function)
    assert [f"{at} reads {path}" for at, path in read_at_once(invocation) if not has_path(answer, path)] == []


@each_machine
def test_every_field_that_is_read_of_an_answer_is_one_of_it(machine: Machine) -> None:
    strangers = [
        f"{at} reads ${'.'.join((variable, *path))}"
        for variable, types in answered(machine).items()
        for at, path in read(machine, variable)
        if not has_path(types, path)
    ]
    assert strangers == []


def test_a_group_that_the_steward_hands_over_has_the_fields_of_its_type() -> None:
    for_each = machines()["StewardMachine"].definition["States"]["ForEachGroup"]
    assert set(for_each["ItemProcessor"]["States"]["VersionsRead"]["Output"]) == GroupVersions.__required_keys__


def test_intake_branches_on_every_kind_of_command() -> None:
    """Ignore is the default: nothing follows."""
    dispatch = machines()["IntakeMachine"].definition["States"]["Dispatch"]
    branches = {kind for each in dispatch["Choices"] for kind in re.findall(r"'(\w+)'", each["Condition"])}
    kinds = {route_event(event)["kind"] for event in EVENTS.values()}
    kinds |= {read_request(json.loads(example(action)))["kind"] for action in ACTIONS}
    kinds |= {route_event(found("Version Missed", {"group": "churn", "version": 7}))["kind"]}
    assert branches == kinds | {"Refuse"}


def test_the_answers_that_machines_keep_are_found() -> None:
    """The test above must not pass because it looks at nothing."""
    kept = {name: set(answered(machine)) for name, machine in machines().items()}
    assert {"IntakeMachine": {"command"}, "StewardMachine": {"work"}}.items() <= kept.items()
    assert {"plan", "seen", "verdict"} <= kept["DeliverMachine"]
