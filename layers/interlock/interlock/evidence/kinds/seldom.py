"""What not every request has, such as a cold start. Silence means that there was none.

There are too few of them to prove anything about those to come. So a limit is held against those that there were, and
nothing is proven: a candidate without any passes.
"""

from __future__ import annotations

from interlock.evidence.bounds import Known
from interlock.evidence.kinds import mean
from interlock.evidence.measurements import Seen, average


def _value(seen: Seen, variant: str) -> float | None:
    """The mean of the periods that had any, None if none had."""
    values = seen.values(variant)
    return average(values, [1.0] * len(values))


def _limited(seen: Seen) -> Known:
    found, limit = _value(seen, "candidate") or 0.0, seen.rule["value"]
    return Known(found, found, found, found > limit, found <= limit, (limit, limit), seen.rule["unit"])


METHOD = mean.METHOD._replace(value=_value, limited=_limited, seldom=True)
