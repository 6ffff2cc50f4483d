"""Runs each defect against the tests that should see it: `make mutate`, or of one table or some names `ONLY=core`,
`ONLY='ledger-*'`."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from tests.mutations.defects import ROOT, Defect, every_defect
from tests.mutations.running import Outcome, Run, copied, run_tests, run_with

AT_ONCE = 2
"""Processes that run tests side by side."""

ENOUGH = 0.9
"""The part of the defects that must die."""


def main(only: str) -> int:
    """Print a row for each defect whose name or table fits, and how many died; 0 if that is enough and each could be
    tried."""
    chosen = [each for each in every_defect() if fnmatchcase(each.name, only) or each.table == only]
    if not chosen:
        print(f"no defect is called {only}")
        return 2
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        clean = copied(ROOT, Path(folder) / "clean")
        named = list(dict.fromkeys(test for defect in chosen for test in defect.tests))
        print(f"{len(named)} tests without any defect ...", flush=True)
        before = run_tests(clean, named)
        if before.outcome is not Outcome.ALIVE:
            print(f"{before.said}\nThe tests are not green without a defect, so they would tell nothing.")
            return 2
        with ThreadPoolExecutor(AT_ONCE) as workers:
            runs = workers.map(partial(run_with, clean, Path(folder)), chosen)
            ran = [_told(defect, run) for defect, run in zip(chosen, runs, strict=True)]
    return _summed_up(ran)


def _told(defect: Defect, run: Run) -> tuple[Defect, Run]:
    told = run.failed or ", ".join(defect.tests)
    print(f"{run.outcome:<15} {defect.name:<58} {defect.file:<52} {told}", flush=True)
    return defect, run


def _summed_up(ran: list[tuple[Defect, Run]]) -> int:
    died = sum(run.outcome is Outcome.DIED for _, run in ran)
    print()
    for table in dict.fromkeys(defect.table for defect, _ in ran):
        of_table = [run for defect, run in ran if defect.table == table]
        print(f"{table:<10} {sum(run.outcome is Outcome.DIED for run in of_table):>4} of {len(of_table)} died")
    print(f"{'all':<10} {died:>4} of {len(ran)} died, {100 * died / len(ran):.1f} %; {100 * ENOUGH:.0f} % must")
    untried = [(defect, run) for defect, run in ran if run.outcome not in (Outcome.DIED, Outcome.ALIVE)]
    for defect, run in untried:
        print(f"\n{defect.name}: {run.outcome}. {run.said}")
    return 0 if died >= ENOUGH * len(ran) and not untried else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "*"))
