"""Without any one statement of its roles, the template does not do its work: somebody is refused.

While the scenarios are played, each request that is allowed is judged again without each statement that allowed it.
"""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from rehearsal import world
from rehearsal.account.iam import Iam
from rehearsal.playing import rehearse
from rehearsal.scenario.reading import read_scenario
from rehearsal.stack import TemplateError
from tests.contract.documents import statements, template
from tests.rehearsal.proofs.rehearsals import FOLDER, SCENARIOS, Rehearsals, WatchfulIam

Sid = tuple[str, str]  # of a role, as the template names it

STATEMENTS: list[Sid] = [
    (role, statement["Sid"])
    for role, resource in template()["Resources"].items()
    if resource["Type"] == "AWS::IAM::Role"
    for policy in resource["Properties"]["Policies"]
    for statement in statements(policy)
]


@pytest.mark.parametrize(("role", "sid"), STATEMENTS)
def test_without_the_statement_its_role_is_refused_one_of_its_actions(
    rehearsals: Rehearsals, role: str, sid: str
) -> None:
    tried = [played for played in rehearsals.all().values() if (role, sid) in played.refused_without]
    assert tried, f"no scenario needs statement {sid} of {role}"

    refusal = tried[0].refused_without[role, sid]
    actions = {
        grant.pattern
        for grant in tried[0].granted
        if (grant.policy.partition("/")[0], grant.sid, grant.kind) == (role, sid, "action")
    }
    assert f"assumed-role/interlock-{role}-" in refusal
    assert any(f"not authorized to perform: {action} " in refusal for action in actions), refusal


def test_who_delivers_no_logs_is_not_deployed() -> None:
    with mock.patch.object(world, "Iam", WithoutLogs), pytest.raises(TemplateError) as refused:
        rehearse(read_scenario(SCENARIOS["crash-loop"]), FOLDER)

    assert str(refused.value).startswith("IntakeMachine "), refused.value
    assert "logs:CreateLogDelivery" in str(refused.value)


class WithoutLogs(Iam):
    """IAM in an account whose template lacks a statement."""

    def put_policy(self, role_arn: str, policy_name: str, document: Any) -> None:
        super().put_policy(role_arn, policy_name, document)
        for role, statement in self.statements():
            if (statement.policy.partition("/")[0], statement.sid) == ("IntakeRole", "DeliverLog"):
                self.remove(role, statement)


def test_every_statement_that_is_deployed_is_tried(rehearsals: Rehearsals) -> None:
    """Some statements are there only if a parameter is given, which some scenario does."""
    granted = {grant for played in rehearsals.all().values() for grant in played.granted}
    deployed = {(grant.policy.partition("/")[0], grant.sid) for grant in granted}

    assert deployed == set(STATEMENTS)
    assert len(set(STATEMENTS)) == len(STATEMENTS), "two statements of a role have the same Sid"


def test_a_statement_beside_another_that_says_the_same_is_not_needed() -> None:
    iam = WatchfulIam("123456789012")
    role = iam.put_role("role", {"Statement": []})
    for sid in ("First", "Second"):
        allowed = {"Sid": sid, "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]}
        iam.put_policy(role.arn, "Role/policy", {"Statement": [allowed]})
    puts = {"Sid": "Puts", "Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["*"]}
    iam.put_policy(role.arn, "Role/policy", {"Statement": [puts]})

    iam.check_role(role.arn, "s3:GetObject", "arn:aws:s3:::bucket/key", {})
    iam.check_role(role.arn, "s3:PutObject", "arn:aws:s3:::bucket/key", {})

    assert list(iam.refused_without) == [("Role", "Puts")]
    assert "not authorized to perform: s3:PutObject" in iam.refused_without["Role", "Puts"]
    assert [each.sid for each in role.statements] == ["First", "Second", "Puts"]
