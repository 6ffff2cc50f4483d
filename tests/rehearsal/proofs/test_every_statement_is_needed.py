"""Without any one statement of its roles, the template does not do its work: somebody is refused.

Each statement is left out of a deployment, and the scenario that needs it soonest is played until somebody is refused.
"""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from rehearsal import world
from rehearsal.account.iam import Denied, Iam
from rehearsal.account.policies import Context
from rehearsal.playing import rehearse
from rehearsal.scenario.reading import read_scenario
from rehearsal.stack import TemplateError
from rehearsal.world import World
from tests.contract.documents import statements, template
from tests.rehearsal.proofs.rehearsals import FOLDER, SCENARIOS, Rehearsals

Sid = tuple[str, str]  # of a role, as the template names it

STATEMENTS: list[Sid] = [
    (role, statement["Sid"])
    for role, resource in template()["Resources"].items()
    if resource["Type"] == "AWS::IAM::Role"
    for policy in resource["Properties"]["Policies"]
    for statement in statements(policy)
]


class Missed(BaseException):
    """A role was refused something; the message is AWS's. No job that catches its own errors can hide it."""


class Forgetful(Iam):
    """IAM in an account whose template lacks a statement. What a role is refused once it is deployed ends the play."""

    def __init__(self, account: str, statement: Sid) -> None:
        super().__init__(account)
        self._lacking = statement
        self.deployed = False
        self.missed: list[str] = []

    def put_policy(self, role_arn: str, policy_name: str, document: Any) -> None:
        super().put_policy(role_arn, policy_name, document)
        for role, statement in self.statements():
            if (statement.policy.partition("/")[0], statement.sid) == self._lacking:
                self.remove(role, statement)

    def check_role(self, role_arn: str, action: str, resource: str, context: Context, session: str = "session") -> None:
        try:
            super().check_role(role_arn, action, resource, context, session)
        except Denied as denied:
            self.missed.append(str(denied))
            if self.deployed:
                raise Missed(str(denied)) from denied
            raise


def play_without(statement: Sid, path: Path) -> str:
    """How a scenario ends without a statement: the refusal in AWS's words, or "" when nobody was refused anything."""

    def begin(account: World) -> None:
        iam = account.gateway.iam
        assert isinstance(iam, Forgetful)
        if iam.missed:  # before the scenario started
            raise Missed(iam.missed[0])
        iam.deployed = True

    with mock.patch.object(world, "Iam", lambda account: Forgetful(account, statement)):
        try:
            rehearse(read_scenario(path), FOLDER, prepare=begin)
        except Missed as missed:
            return str(missed)
        except TemplateError as refused:
            return f"not deployed: {refused}"
    return ""


@pytest.fixture(scope="module")
def plays(rehearsals: Rehearsals) -> dict[Sid, tuple[str, Future[str]]]:
    """For each statement the scenario that used it soonest, and how that ends without it."""
    soonest: dict[Sid, tuple[float, str]] = {}
    for name, played in rehearsals.all().items():
        for statement, after in played.first_used.items():
            soonest[statement] = min(soonest.get(statement, (after, name)), (after, name))
    return {
        statement: (name, rehearsals.submit(play_without, statement, SCENARIOS[name]))
        for statement, (_, name) in soonest.items()
    }


@pytest.mark.parametrize(("role", "sid"), STATEMENTS)
def test_without_the_statement_its_role_is_refused_one_of_its_actions(
    rehearsals: Rehearsals, plays: dict[Sid, tuple[str, Future[str]]], role: str, sid: str
) -> None:
    assert (role, sid) in plays, f"no scenario uses statement {sid} of {role}"
    scenario, play = plays[role, sid]

    refusal = play.result()
    actions = {
        grant.pattern
        for grant in rehearsals[scenario].granted
        if (grant.policy.partition("/")[0], grant.sid, grant.kind) == (role, sid, "action")
    }
    assert refusal, f"scenario {scenario} goes as well without statement {sid} of {role}"
    assert f"assumed-role/interlock-{role}-" in refusal
    assert any(f"not authorized to perform: {action} " in refusal for action in actions), refusal


def test_who_delivers_no_logs_is_not_deployed(plays: dict[Sid, tuple[str, Future[str]]]) -> None:
    refusal = plays["IntakeRole", "DeliverLog"][1].result()

    assert refusal.startswith("not deployed: IntakeMachine "), refusal
    assert "logs:CreateLogDelivery" in refusal


def test_every_statement_that_is_deployed_is_tried(rehearsals: Rehearsals) -> None:
    """Some statements are there only if a parameter is given, which some scenario does."""
    granted = {grant for played in rehearsals.all().values() for grant in played.granted}
    deployed = {(grant.policy.partition("/")[0], grant.sid) for grant in granted}

    assert deployed == set(STATEMENTS)
    assert len(set(STATEMENTS)) == len(STATEMENTS), "two statements of a role have the same Sid"
