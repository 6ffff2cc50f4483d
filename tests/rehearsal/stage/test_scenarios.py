"""Every scenario holds, and together they use every permission that the template grants, and ask for nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rehearsal import world
from rehearsal.account.gateway import Call
from rehearsal.account.iam import Iam, Use
from rehearsal.playing import rehearse
from rehearsal.scenario.reading import read_scenario
from rehearsal.stack import TemplateError
from rehearsal.telling.result import Finding
from rehearsal.telling.timeline import is_denied
from rehearsal.world import World

FOLDER = Path(__file__).parents[3] / "scenarios"
SCENARIOS = sorted(FOLDER.glob("*.yaml"))


@dataclass(frozen=True)
class Outcome:
    findings: tuple[Finding, ...]
    used: tuple[Use, ...]
    unused: frozenset[object]
    wall_seconds: float


@cache
def outcome(file: Path) -> Outcome:
    """What came of a scenario; each is played once for all tests here."""
    played = rehearse(read_scenario(file), FOLDER)
    iam = played.world.gateway.iam
    return Outcome(played.result.findings, tuple(iam.used), frozenset(iam.unused()), played.result.wall_seconds)


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_every_expectation_of_a_scenario_holds(file: Path) -> None:
    assert [finding for finding in outcome(file).findings if not finding.held] == []


def test_every_granted_action_and_resource_is_used_by_some_scenario() -> None:
    never = frozenset.intersection(*(outcome(file).unused for file in SCENARIOS))

    assert never == frozenset()


class Missed(Exception):
    """A call was refused for want of a permission."""


class Forgetful(Iam):
    """An account in which one statement of the template was forgotten."""

    def __init__(self, account: str, policy: str, sid: str) -> None:
        super().__init__(account)
        self._forgotten = policy, sid

    def put_policy(self, role_arn: str, policy_name: str, document: Mapping[str, Any]) -> None:
        super().put_policy(role_arn, policy_name, document)
        for role, statement in self.statements():
            if role == role_arn and (statement.policy, statement.sid) == self._forgotten:
                self.remove(role, statement)


def test_each_statement_is_missed_by_some_scenario_when_it_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each statement is tried in the quickest scenario that used it; deploying may miss it already."""
    users: dict[tuple[str, str], list[Path]] = {}
    for file in SCENARIOS:
        for policy, sid in {(use.policy, use.sid) for use in outcome(file).used}:
            users.setdefault((policy, sid), []).append(file)

    for (policy, sid), files in users.items():
        quickest = min(files, key=lambda file: outcome(file).wall_seconds)
        monkeypatch.setattr(world, "Iam", lambda account, gone=(policy, sid): Forgetful(account, *gone))
        with pytest.raises((Missed, TemplateError)):
            rehearse(read_scenario(quickest), FOLDER, prepare=_stop_at_the_first_denial)


def _stop_at_the_first_denial(played: World) -> None:
    def look(call: Call) -> None:
        if is_denied(call):
            raise Missed(call.error)

    for call in played.gateway.journal:  # of deploying, and of the time before the scenario starts
        look(call)
    played.gateway.watchers.append(look)
