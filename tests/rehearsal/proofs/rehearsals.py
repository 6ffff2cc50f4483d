"""Plays the scenarios for the proofs: each once for all of them, as many at a time as the machine has processors."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest_socket

from rehearsal import world
from rehearsal.account import policies
from rehearsal.account.gateway import Call
from rehearsal.account.iam import Denied, Grant, Iam, Use
from rehearsal.account.policies import Context
from rehearsal.playing import Rehearsal, rehearse
from rehearsal.report.result import Result
from rehearsal.scenario.model import Scenario
from rehearsal.scenario.reading import read_scenario
from rehearsal.states import Evaluation
from rehearsal.world import World
from tests.rehearsal.garbage import collect_seldom
from tests.rehearsal.states.reference_implementation import disagreements

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "scenarios"
SCENARIOS = {
    path.relative_to(FOLDER).with_suffix("").as_posix(): path
    for path in sorted([*FOLDER.glob("*.yaml"), *FOLDER.glob("incidents/*.yaml")])
}
"""By the path in the folder, without the ending: flagship, incidents/same-name."""


@dataclass(frozen=True, order=True)
class Refusal:
    """IAM said no to a role."""

    role: str
    action: str
    resource: str


class WatchfulIam(Iam):
    """IAM that also remembers what it refused to roles, and, of each statement, by (role, Sid), the first refusal that
    there would have been without it."""

    def __init__(self, account: str) -> None:
        super().__init__(account)
        self.refused: dict[Refusal, None] = {}
        self.refused_without: dict[tuple[str, str], str] = {}

    def check_role(self, role_arn: str, action: str, resource: str, context: Context, session: str = "session") -> None:
        try:
            super().check_role(role_arn, action, resource, context, session)
        except Denied:
            self.refused[Refusal(role_arn, action, resource)] = None
            raise
        statements = self.roles[role_arn].statements
        for place, statement in enumerate(list(statements)):
            key = (statement.policy.partition("/")[0], statement.sid)
            if key in self.refused_without or not policies.matching_action(statement, action):
                continue
            del statements[place]
            try:
                super().check_role(role_arn, action, resource, context, session)
            except Denied as denied:
                self.refused_without[key] = str(denied)
            finally:
                statements.insert(place, statement)


@dataclass(frozen=True)
class Step:
    """An execution entered a state."""

    at: float
    execution: str
    state: str
    type: str


@dataclass(frozen=True)
class Played:
    """What is kept of a played scenario.

    `calls` are those of the whole account, from its deployment on, without the objects that are put into buckets.
    `refused_without` says of each statement, by (role, Sid), what was refused first if it were not there.
    `disagreements` with the reference implementation are None when it was not asked.
    """

    result: Result
    calls: tuple[Call, ...]
    steps: tuple[Step, ...]
    granted: tuple[Grant, ...]
    used: tuple[Use, ...]
    refused: tuple[Refusal, ...]
    refused_without: dict[tuple[str, str], str]
    evaluations: int
    disagreements: tuple[str, ...] | None

    def calls_of_roles(self) -> list[Call]:
        """The calls that the template's roles made, and so Interlock."""
        return [call for call in self.calls if call.caller.principal.startswith("arn:aws:iam::")]


def play(scenario: Scenario, evaluate_again: bool = False, folder: Path = FOLDER) -> Played:
    """Play a scenario in this process; `evaluate_again` has node evaluate every expression again. `folder`: where the
    scenario's paths begin."""
    evaluations: list[Evaluation] = []

    def record(account: World) -> None:
        if evaluate_again:
            account.states.record = evaluations.append

    with mock.patch.object(world, "Iam", WatchfulIam):
        rehearsal = rehearse(scenario, folder, prepare=record)
    differences = tuple(disagreements(evaluations)) if evaluate_again else None
    return _kept(rehearsal, len(evaluations), differences)


def _without_object(call: Call) -> Call:
    """Objects are large, and a played scenario comes from another process."""
    return replace(call, request={**call.request, "Body": ""}) if call.operation == "PutObject" else call


def _kept(
    rehearsal: Rehearsal,
    evaluations: int,
    differences: tuple[str, ...] | None,
) -> Played:
    account = rehearsal.world
    iam = account.gateway.iam
    assert isinstance(iam, WatchfulIam)
    return Played(
        result=rehearsal.result,
        calls=tuple(map(_without_object, account.gateway.journal)),
        steps=tuple(
            Step(step.at, each.arn, step.state, step.type)
            for each in account.states.executions
            for step in each.entered
        ),
        granted=tuple(iam.granted()),
        used=tuple(iam.used),
        refused=tuple(iam.refused),
        refused_without=iam.refused_without,
        evaluations=evaluations,
        disagreements=differences,
    )


def _play_file(path: Path, evaluate_again: bool) -> Played:
    return play(read_scenario(path), evaluate_again, path.parent)


def _play_harshly(path: Path) -> Result:
    return rehearse(read_scenario(path, harsh=True), path.parent).result


class Rehearsals:
    """Played scenarios, by the names of SCENARIOS. Its processes run until `end`."""

    def __init__(self, evaluate_again: bool = False) -> None:
        self._evaluate_again = evaluate_again
        self._asked: dict[str, Future[Played]] = {}
        self._asked_harshly: dict[str, Future[Result]] = {}
        # Not forked: what runs tests has threads, and a forked copy of a thread's lock may stay locked for ever.
        self._pool = ProcessPoolExecutor(
            os.cpu_count(), multiprocessing.get_context("spawn"), initializer=_begin_process
        )

    def end(self) -> None:
        """Ends the processes; what has not begun is not played."""
        self._pool.shutdown(cancel_futures=True)

    def begin(self, names: Iterable[str]) -> None:
        """Have these played meanwhile."""
        for name in names:
            if name not in self._asked:
                self._asked[name] = self.submit(_play_file, SCENARIOS[name], self._evaluate_again)

    def begin_harshly(self, names: Iterable[str]) -> None:
        """Have these played meanwhile under the harsh answers."""
        for name in names:
            if name not in self._asked_harshly:
                self._asked_harshly[name] = self.submit(_play_harshly, SCENARIOS[name])

    def __getitem__(self, name: str) -> Played:
        self.begin([name])
        return self._asked[name].result()

    def harsh(self, name: str) -> Result:
        """What becomes of a scenario under the harsh answers."""
        self.begin_harshly([name])
        return self._asked_harshly[name].result()

    def all(self) -> dict[str, Played]:
        """Every scenario there is."""
        self.begin(SCENARIOS)
        return {name: self[name] for name in SCENARIOS}

    def submit(self, act: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have something else done where scenarios are played: models are trained there already."""
        return self._pool.submit(act, *arguments)


def _begin_process() -> None:
    """No process has the network, and each collects garbage as seldom as a rehearsal of its own does."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    collect_seldom()
