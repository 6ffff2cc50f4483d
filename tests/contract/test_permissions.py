"""Who may do what, as the template says it: functions nothing, each machine its own, everything by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.contract.asl import flows
from tests.contract.documents import ROOT, Machine, Resource, deployed, machines, of_type, references, statements
from tests.contract.ledger import accesses

Statement = dict[str, Any]

each_machine = pytest.mark.parametrize("machine", machines().values(), ids=machines())


def _role(resource: Resource, key: str) -> str:
    """Logical id of the role under ``key`` of ``resource``."""
    (role,) = references(resource["Properties"][key])
    return role


def _statements(role: str) -> Iterator[Statement]:
    """Every statement of the role's own policies and of those attached to it by the template."""
    policies = [*deployed()[role]["Properties"].get("Policies", [])]
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        policies += [
            found["Properties"]
            for found in of_type(kind).values()
            if role in references(found["Properties"].get("Roles", []))
        ]
    for policy in policies:
        yield from statements(policy)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _roles_of(kind: str, key: str) -> dict[str, str]:
    return {name: _role(resource, key) for name, resource in of_type(kind).items()}


def test_every_machine_has_a_role_of_its_own() -> None:
    roles = _roles_of("AWS::StepFunctions::StateMachine", "RoleArn")
    assert len(set(roles.values())) == len(roles)
    assert not set(roles.values()) & set(_roles_of("AWS::Lambda::Function", "Role").values())


@each_machine
def test_a_machine_may_invoke_exactly_the_functions_it_names(machine: Machine) -> None:
    functions = of_type("AWS::Lambda::Function")
    named = {name for value in machine.substitutions.values() for name in references(value) & set(functions)}
    granted = {
        name
        for statement in _statements(_role(deployed()[machine.logical_id], "RoleArn"))
        if "lambda:InvokeFunction" in _listed(statement["Action"])
        for name in references(statement["Resource"])
    }
    assert granted & set(functions) == named


@each_machine
def test_a_machine_reaches_exactly_the_items_of_the_ledger_that_it_names(machine: Machine) -> None:
    name = machine.path.name.removesuffix(".asl.yaml")
    named = {access.kind.pk for access in accesses() if access.state.startswith(f"{name}.")}
    granted = {
        key
        for statement in _statements(_role(deployed()[machine.logical_id], "RoleArn"))
        if any(action.startswith("dynamodb:") for action in _listed(statement["Action"]))
        for key in statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    }
    assert granted == named


def _called(machine: Machine) -> dict[str, set[str]]:
    """The machines that ``machine`` calls synchronously, by the state that calls."""
    return {
        name: references(machine.substitutions[state["Arguments"]["StateMachineArn"].strip("${}")])
        for flow in flows(machine.definition, machine.path.name)
        for name, state in flow.states.items()
        if state.get("Resource", "").endswith(":startSyncExecution")
    }


@each_machine
def test_a_machine_may_call_exactly_the_machines_it_names(machine: Machine) -> None:
    granted = {
        name
        for statement in _statements(_role(deployed()[machine.logical_id], "RoleArn"))
        if "states:StartSyncExecution" in _listed(statement["Action"])
        for name in references(statement["Resource"])
    }
    assert granted == set().union(*_called(machine).values())


@each_machine
def test_who_is_called_is_express_and_ends_before_its_caller_gives_up(machine: Machine) -> None:
    """A call that is given up goes on, and is made once more; two of one kind would run side by side."""
    waits = {
        name: state.get("TimeoutSeconds")
        for flow in flows(machine.definition, machine.path.name)
        for name, state in flow.states.items()
    }
    for name, callees in _called(machine).items():
        (callee,) = callees
        assert deployed()[callee]["Properties"]["StateMachineType"] == "EXPRESS"
        assert machines()[callee].definition["TimeoutSeconds"] < waits[name], name


def test_a_function_may_write_its_logs_and_nothing_else() -> None:
    for function, role in _roles_of("AWS::Lambda::Function", "Role").items():
        actions = {action for statement in _statements(role) for action in _listed(statement["Action"])}
        assert {action for action in actions if not action.startswith("logs:")} == set(), function
        managed = deployed()[role]["Properties"].get("ManagedPolicyArns", [])
        assert managed in ([], ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]), function


def test_who_delivers_for_us_takes_a_role_for_our_own_resources_only() -> None:
    """docs: cross-service-confused-deputy-prevention, in the guides of EventBridge and of Scheduler."""
    for role, about in of_type("AWS::IAM::Role").items():
        for statement in about["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
            service = statement["Principal"]["Service"]
            conditions = statement.get("Condition", {})
            if service in ("scheduler.amazonaws.com", "pipes.amazonaws.com", "events.amazonaws.com"):
                assert "aws:SourceAccount" in conditions.get("StringEquals", {}), role
                assert "aws:SourceArn" in conditions.get("ArnEquals", {}), role


def test_every_action_is_written_out() -> None:
    """A wildcard in an action grants what nobody has thought of yet."""
    wild = {
        role: sorted(
            action for statement in _statements(role) for action in _listed(statement["Action"]) if "*" in action
        )
        for role in of_type("AWS::IAM::Role")
    }
    assert {role: actions for role, actions in wild.items() if actions} == {}


def test_every_wildcard_says_why() -> None:
    """A statement with ``Resource: "*"`` or ``service:*`` has a comment. In a key's own policy "*" is that key."""
    lines = (ROOT / "template.yaml").read_text().splitlines()
    silent = [
        f"line {first + 1}"
        for first, last, statement in _statements_as_written()
        if _is_wide(statement) and not any(" #" in line for line in lines[first:last])
    ]
    assert silent == []


def _is_wide(statement: Statement) -> bool:
    for_anything = "*" in _listed(statement["Resource"]) and "kms:" not in str(statement["Action"])
    return for_anything or any(str(action).endswith("*") for action in _listed(statement["Action"]))


def _statements_as_written() -> Iterator[tuple[int, int, Statement]]:
    """Every policy statement of template.yaml with its first line and the one after its last."""
    pending = [yaml.compose((ROOT / "template.yaml").read_text(), yaml.SafeLoader)]
    while pending:
        node = pending.pop()
        if isinstance(node, yaml.MappingNode):
            members = {key.value: _plain(value) for key, value in node.value}
            if "Effect" in members and "Resource" in members:
                yield node.start_mark.line, max(node.end_mark.line, node.start_mark.line + 1), members
            pending += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            pending += node.value


def _plain(node: yaml.Node) -> Any:
    """A scalar's text or a sequence of them; what is inside other nodes does not matter here."""
    return [_plain(item) for item in node.value] if isinstance(node, yaml.SequenceNode) else node.value


def test_every_role_is_assumed_by_one_service_alone() -> None:
    for name, role in of_type("AWS::IAM::Role").items():
        principals = [
            service
            for statement in _listed(role["Properties"]["AssumeRolePolicyDocument"]["Statement"])
            for service in _listed(statement["Principal"]["Service"])
        ]
        assert len(principals) == 1, name
