"""Plays the scenarios for the proofs: each once for all of them, as many at a time as the machine has processors."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable
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


def _play_file(name: str, evaluate_again: bool) -> Played:
    path = SCENARIOS[name]
    return play(read_scenario(path), evaluate_again, path.parent)


def _play_harshly(name: str) -> Result:
    path = SCENARIOS[name]
    return rehearse(read_scenario(path, harsh=True), path.parent).result


@dataclass(frozen=True)
class Early:
    """What is played before anybody asks for it: the names of scenarios, and of those under the harsh answers. Each
    result is a file in `folder`. `asker`: the process that asks; once it was killed, nothing more is played."""

    folder: Path
    asker: int
    usual: frozenset[str] = frozenset()
    harsh: frozenset[str] = frozenset()
    evaluate_again: bool = False

    def file(self, name: str, harsh: bool) -> Path:
        return self.folder / f"{name.replace('/', ' ')}{' harsh' if harsh else ''}.pickle"


_YIELDS = 10  # so that the tests that ask for no scenario have a processor for themselves, and end first


def _play_early(early: Early) -> None:
    """Plays on all processors, in processes that nobody but this one knows."""
    os.nice(_YIELDS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    pool = _pool()
    try:
        for name in SCENARIOS:
            if name in early.usual:
                pool.submit(_keep, early, name, False)
        for name in SCENARIOS:
            if name in early.harsh:
                pool.submit(_keep, early, name, True)
        pool.shutdown()
    finally:
        pool.shutdown(cancel_futures=True)


def _keep(early: Early, name: str, harsh: bool) -> None:
    """Writes a result, or in words what went wrong, so that who reads it sees all or nothing."""
    if not _runs(early.asker):
        return
    try:
        played: object = _play_harshly(name) if harsh else _play_file(name, early.evaluate_again)
    except Exception:
        played = traceback.format_exc()
    file = early.file(name, harsh)
    part = file.with_suffix(".part")
    part.write_bytes(pickle.dumps(played))
    part.rename(file)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _pool() -> ProcessPoolExecutor:
    """Not forked: what runs tests has threads, and a forked copy of a thread's lock may stay locked for ever."""
    return ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), initializer=_begin_process)


class Rehearsals:
    """Played scenarios, by the names of SCENARIOS: those of `early` from the beginning on, all others when they are
    asked for. Its processes run until `end`.

    What is played early is played by a child of its own and comes back as files. A pool of this process would read its
    results in a thread, while a test in which a job runs has put this project's modules away (programs.py)."""

    def __init__(self, early: Early) -> None:
        self._early = early
        self._asked: dict[tuple[str, bool], Future[Any]] = {}
        self._read: dict[tuple[str, bool], Any] = {}
        self._own: ProcessPoolExecutor | None = None
        self._child = multiprocessing.get_context("spawn").Process(target=_play_early, args=(early,))
        self._child.start()

    def end(self) -> None:
        """Ends the processes; what has not begun is not played. Nothing is kept for pytest's last look for garbage."""
        self._read.clear()
        self._child.terminate()
        self._child.join()
        if self._own:
            self._own.shutdown(cancel_futures=True)

    def __getitem__(self, name: str) -> Played:
        found: Played = self._result(name, harsh=False)
        return found

    def harsh(self, name: str) -> Result:
        """What becomes of a scenario under the harsh answers."""
        found: Result = self._result(name, harsh=True)
        return found

    def all(self) -> dict[str, Played]:
        """Every scenario there is."""
        for name in SCENARIOS:
            self._ask(name, harsh=False)
        return {name: self[name] for name in SCENARIOS}

    def submit(self, act: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have something else done where scenarios are played: models are trained there already."""
        self._own = self._own or _pool()
        return self._own.submit(act, *arguments)

    def _ask(self, name: str, harsh: bool) -> None:
        key = name, harsh
        if name not in (self._early.harsh if harsh else self._early.usual) and key not in self._asked:
            again = self._early.evaluate_again
            self._asked[key] = self.submit(_play_harshly, name) if harsh else self.submit(_play_file, name, again)

    def _result(self, name: str, harsh: bool) -> Any:
        self._ask(name, harsh)
        key = name, harsh
        if key in self._asked:
            return self._asked[key].result()
        if key not in self._read:
            self._read[key] = self._await(self._early.file(name, harsh))
        return self._read[key]

    def _await(self, file: Path) -> Any:
        while not file.exists():
            if not self._child.is_alive() and not file.exists():
                raise RuntimeError(f"who plays scenarios ended before {file.stem!r}")
            time.sleep(0.1)
        played = pickle.loads(file.read_bytes())
        file.unlink()
        assert not isinstance(played, str), played
        return played


def _begin_process() -> None:
    """No process has the network, and each collects garbage as seldom as a rehearsal of its own does."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    collect_seldom()
