"""The scenarios, played once per session for whoever asks: from the beginning on, by other processes, while the tests
that ask for none run in this one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.rehearsal.proofs.rehearsals import Early, Rehearsals

PLAYED = pytest.StashKey[Rehearsals]()
FOLDER = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def _asks(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "rehearsals" in item.fixturenames


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for scenarios comes last."""
    items.sort(key=_asks)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Has the scenarios played that the tests name, before the first test runs."""
    asking = [item for item in session.items if _asks(item)]
    if not asking or session.config.option.collectonly:
        return
    usual = _scenarios(item for item in asking if item.get_closest_marker("harsh") is None)
    harsh = _scenarios(item for item in asking if item.get_closest_marker("harsh") is not None)
    again = any(item.get_closest_marker("conformance") for item in asking)
    folder = tempfile.TemporaryDirectory(prefix="rehearsals-")
    session.stash[FOLDER] = folder
    session.stash[PLAYED] = Rehearsals(Early(Path(folder.name), os.getpid(), usual, harsh, again))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Ends the processes that play, also when tests were interrupted."""
    if PLAYED in session.stash:
        session.stash[PLAYED].end()
        session.stash[FOLDER].cleanup()


@pytest.fixture(scope="session")
def rehearsals(request: pytest.FixtureRequest) -> Rehearsals:
    return request.session.stash[PLAYED]


def _scenarios(items: Iterable[pytest.Item]) -> frozenset[str]:
    calls = (item.callspec.params for item in items if isinstance(item, pytest.Function) and hasattr(item, "callspec"))
    return frozenset(str(parameters["scenario"]) for parameters in calls if "scenario" in parameters)
