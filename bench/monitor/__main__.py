"""The monitor's program beside what others decide by, and how much it can read. Run it with ``make bench-monitor``.

``TIMES=0.1`` simulates a tenth of the runs. Exits with status 1 when a target is missed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from bench.evidence.table import Table, show
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
    return show(
        f"Monitor: which windows it flags, and how many records it reads. Simulated data, seed {SEED}.",
        (compute() for compute in tables(times)),
    )


if __name__ == "__main__":
    sys.exit(main())
