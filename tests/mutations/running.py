"""Runs tests in a copy of the project, and says what their end means for a defect."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.mutations.defects import Defect, DoesNotApply

LEFT_OUT = (".git", ".venv", ".aws-sam", "node_modules", "out", ".*_cache", ".hypothesis")
"""What tests do not need. Compiled modules are copied, and are compiled anew where the source is newer."""

LONGEST = 600
"""Seconds after which a run with a defect is given up. Whoever is slow has seen nothing, so this is no death."""

TESTS_FAILED = 1
"""The only exit status of pytest that says that tests ran and failed (docs: pytest, how-to/usage, exit codes)."""


class Outcome(StrEnum):
    """What became of a defect."""

    DIED = "died"
    ALIVE = "ALIVE"
    INAPPLICABLE = "does not apply"
    UNTRIED = "not tried"
    """No test ran: the defect keeps the tests from being collected, or the tests that are named do not exist. Any test
    at all would have seen that, so it says nothing about the tests."""


@dataclass(frozen=True)
class Run:
    """`failed` is the first test that failed; `said` what to read if no test ran."""

    outcome: Outcome
    failed: str = ""
    said: str = ""


def copied(tree: Path, to: Path) -> Path:
    """A copy of the project; times stay, so that compiled modules are still known to be those of their sources."""
    shutil.copytree(tree, to, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return to


def run_with(clean: Path, folder: Path, defect: Defect) -> Run:
    """Put the defect into a copy of its own, and run the tests that should see it."""
    try:
        text = defect.applied((clean / defect.file).read_text())
    except (DoesNotApply, FileNotFoundError) as reason:
        return Run(Outcome.INAPPLICABLE, said=str(reason))
    tree = copied(clean, folder / defect.name)
    try:
        (tree / defect.file).write_text(text)
        return run_tests(tree, defect.tests, LONGEST)
    finally:
        shutil.rmtree(tree)


def run_tests(tree: Path, tests: Sequence[str], longest: float | None = None) -> Run:
    """Run the tests in `tree` until one fails, for so many seconds at most. Hypothesis draws the same examples each
    time."""
    options = ["-x", "-q", "--tb=line", "-rfE", "--color=no", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
    command = [sys.executable, "-m", "pytest", *options, f"--basetemp={tree.parent / (tree.name + '.tmp')}", *tests]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "PYTHON"))}
    try:
        ended = subprocess.run(
            command,
            cwd=tree,
            env=environment | {"COLUMNS": "400"},
            capture_output=True,
            text=True,
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Run(Outcome.UNTRIED, said=f"The tests took more than {longest:.0f} seconds.")
    said = f"{ended.stdout}{ended.stderr}"[-3000:]
    if ended.returncode == 0:
        return Run(Outcome.ALIVE)
    if ended.returncode == TESTS_FAILED:
        return Run(Outcome.DIED, failed=_first_failed(ended.stdout), said=said)
    return Run(Outcome.UNTRIED, said=said)


def _first_failed(said: str) -> str:
    found = re.search(r"^(?:FAILED|ERROR) (\S+?::[^ ]+(?:\[.*?\])?)", said, re.MULTILINE)
    return found[1] if found else ""
