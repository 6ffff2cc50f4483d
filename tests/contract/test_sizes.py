"""Nothing grows so large that nobody reads it any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.asl import flows
from tests.contract.documents import ROOT, machines


def longer(folder: str, pattern: str, lines: int) -> list[str]:
    """The files below a folder that have more lines than that."""
    found = sorted((ROOT / folder).rglob(pattern))
    assert found, f"no {pattern} in {folder}"
    return [str(path.relative_to(ROOT)) for path in found if _own(path) and len(path.read_text().splitlines()) > lines]


def _own(path: Path) -> bool:
    return "node_modules" not in path.parts


@pytest.mark.parametrize(
    ("folder", "pattern", "lines"),
    [
        ("statemachines", "*.yaml", 650),
        ("layers/interlock/interlock", "*.py", 250),
        ("functions", "*.py", 250),
        ("tests", "*.py", 400),
    ],
)
def test_no_file_is_longer_than_can_be_read(folder: str, pattern: str, lines: int) -> None:
    assert longer(folder, pattern, lines) == []


def test_deliver_fits_on_a_screen_of_the_console() -> None:
    states = [name for flow in flows(machines()["DeliverMachine"].definition, "") for name in flow.states]
    assert len(states) <= 65
