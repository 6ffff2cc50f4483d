"""The monitor's program beside what others decide by, and how much it can read. Run it with ``make bench-monitor``.

``TIMES=0.1`` simulates a tenth of the runs. Exits with status 1 when a target is missed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from bench.evidence.table import Table
from bench.monitor.rates import rates
from bench.monitor.size import labelled, sizes

SEED = 20260105


def tables(times: float) -> list[Callable[[], Table]]:
    """What to compute, in the order of printing."""
    return [
        lambda: rates(SEED, round(1000 * times)),
        lambda: sizes(SEED),
        lambda: labelled(SEED),
    ]


def main() -> int:
    """Prints the tables as they come."""
    times = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    began, missed = time.monotonic(), []
    print(f"Monitor: which windows it flags, and how many records it reads. Simulated data, seed {SEED}.\n")
    for compute in tables(times):
        table = compute()
        print(table.text(), end="\n\n", flush=True)
        missed += table.missed
    print(f"{time.monotonic() - began:.0f} s. " + ("Every target is met." if not missed else "Missed:"))
    for case in missed:
        print(f"  {case}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
