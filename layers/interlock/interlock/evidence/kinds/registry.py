"""The method of each kind of metric.

A new kind is a module beside this one, its registration here, and its entry in ``metrics.KINDS``, which stands apart so
that a policy can be checked without loading the statistics.
"""

from __future__ import annotations

from interlock.evidence.bounds import Method
from interlock.evidence.kinds import mean, percentile, rate, seldom
from interlock.evidence.metrics import MEAN, PERCENTILE, RATE, SELDOM

METHODS: dict[str, Method] = {
    RATE.name: rate.METHOD,
    PERCENTILE.name: percentile.METHOD,
    MEAN.name: mean.METHOD,
    SELDOM.name: seldom.METHOD,
}
"""By the name of the kind, as a compiled rule has it under ``kind``."""
