"""Names and ARNs enter a machine by its substitutions and by nothing else."""

from __future__ import annotations

import re

import pytest

from tests.contract.documents import Machine, machines, written

PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")

each_machine = pytest.mark.parametrize("machine", machines().values(), ids=machines())


@each_machine
def test_every_placeholder_has_a_substitution_and_every_substitution_a_placeholder(machine: Machine) -> None:
    assert set(PLACEHOLDER.findall(machine.text)) == set(machine.substitutions)


@each_machine
def test_a_placeholder_that_is_called_like_a_function_is_that_function(machine: Machine) -> None:
    functions = written("AWS::Serverless::Function")
    for name, value in machine.substitutions.items():
        if name in functions or name.endswith("Function"):
            assert name in functions, f"{name} is no function of the template"
            assert value in ({"Fn::GetAtt": [name, "Arn"]}, {"Fn::GetAtt": f"{name}.Arn"}), name


@each_machine
def test_no_arn_is_written_out_but_those_of_integrations(machine: Machine) -> None:
    arns = re.findall(r"arn:[^\s\"',}]+", machine.text)
    assert [arn for arn in arns if not arn.startswith("arn:aws:states:::")] == []


@each_machine
def test_the_machine_is_jsonata_and_says_what_it_is_for(machine: Machine) -> None:
    assert machine.definition["QueryLanguage"] == "JSONata"
    assert machine.definition["Comment"]
    assert "TimeoutSeconds" in machine.definition or machine.resource["Properties"].get("Type") == "EXPRESS"


def test_every_definition_belongs_to_a_machine_of_the_template() -> None:
    files = {path.name for machine in machines().values() for path in machine.path.parent.glob("*.asl.yaml")}
    assert files == {machine.path.name for machine in machines().values()}
