"""An average per period."""

from __future__ import annotations

from math import inf, log
from typing import TYPE_CHECKING

from interlock.evidence.bounds import Known, Method, chances, edge, orientation
from interlock.evidence.measurements import Seen, average
from interlock.evidence.metrics import Metric
from interlock.model.request import Request

if TYPE_CHECKING:
    from interlock.statistics.means import MeanBounds


def _value(seen: Seen, variant: str) -> float | None:
    """A latency is weighted by the requests it was measured on; of anything else every period counts the same."""
    values = seen.values(variant)
    return average(values, seen.shared if seen.rule["unit"] == "us" else [1.0] * len(values))


def _limited(seen: Seen) -> Known:
    found, limit = _bounds(seen.rule, seen.values("candidate")), seen.rule["value"]
    above, below = found.low > limit, found.high <= limit
    return Known(found.mean, found.low, found.high, above, below, (limit, limit), seen.rule["unit"])


def _compared(seen: Seen) -> Known:
    found, margin = _bounds(seen.rule, _ratios(seen)), edge(seen.rule)
    above, below = found.low > 0.0, found.high < margin
    return Known(found.mean, found.low, found.high, above, below, (0.0, margin), "relative")


def _bounds(rule: Request, points: list[float]) -> MeanBounds:
    from interlock.statistics.means import mean_bounds

    return mean_bounds(points, rule["horizon"], *chances(rule))


def _ratios(seen: Seen) -> list[float]:
    """Period by period, the logarithm of the ratio of candidate to stable: what both share cancels out. Where a value
    is not positive there is no ratio, and it is the difference in units of stable's mean."""
    side = orientation(seen.rule)
    pairs = list(zip(seen.values("candidate"), seen.values("stable"), strict=True))
    if all(candidate > 0.0 and stable > 0.0 for candidate, stable in pairs):
        return [side * log(candidate / stable) for candidate, stable in pairs]
    usual = abs(sum(stable for _, stable in pairs)) / len(pairs) or 1.0
    return [side * (candidate - stable) / usual for candidate, stable in pairs]


def _better(seen: Seen) -> float | None:
    from interlock.statistics.distributions import student_tail

    found = _bounds(seen.rule, _ratios(seen))
    return 1.0 - student_tail(found.mean / found.error, found.blocks - 1) if 0.0 < found.error < inf else None


def _alarm(metric: Metric, stat: Request) -> Request:
    return {**stat["Metric"], "Period": stat["Period"], "Statistic": stat["Stat"]}


METHOD = Method(value=_value, limited=_limited, compared=_compared, alarm=_alarm, better=_better)
