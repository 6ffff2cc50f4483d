"""Interlock's judge beside what others decide by, on the same simulated traffic. Run it with ``make bench-evidence``.

``TIMES=4`` simulates four times as many releases. Exits with status 1 when a target is missed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import chain

import numpy as np

from bench.evidence.cost import one_judgement
from bench.evidence.nothing_wrong import looked_at, robust
from bench.evidence.something_wrong import broken, half_as_much
from bench.evidence.table import Table, show

SEED = 20260105

Chance = np.random.Generator


def tables(times: float) -> list[Callable[[Chance], tuple[Table, ...]]]:
    """What to compute, in the order of printing; each has its own stream of chance."""
    return [
        lambda chance: (looked_at(chance, round(300 * times)),),
        lambda chance: half_as_much(chance, round(1500 * times)),
        lambda chance: (broken(chance, round(400 * times)),),
        lambda chance: (robust(chance, round(200 * times)),),
        lambda chance: (one_judgement(chance),),
    ]


def main() -> int:
    """Prints the tables as they come."""
    times = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    computed = (compute(np.random.default_rng([SEED, number])) for number, compute in enumerate(tables(times)))
    return show(
        f"Evidence: which judge rolls back what. Simulated releases, seed {SEED}; ± is the sampling error.",
        chain.from_iterable(computed),
    )


if __name__ == "__main__":
    sys.exit(main())
