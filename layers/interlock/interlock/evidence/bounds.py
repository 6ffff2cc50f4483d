"""Bounds the quantity that a rule is about: a rate, a percentile or a mean, against a limit or against stable."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Any

from interlock.evidence.measurements import Seen
from interlock.evidence.metrics import Kind
from interlock.model.plan import Request
from interlock.statistics.means import mean_bounds
from interlock.statistics.rates import Counts, dispersion, rate_bounds, ratio_bounds, ratio_exceeds, swapped

TAIL_INDEX = 4.0
"""How much rarer slow requests are taken to get as latency grows, as a power of it: a percentile's margin says by how
much the count of slow requests should be found to differ. Any value is safe; it only sets where the test is
sharpest."""


@dataclass(frozen=True)
class Known:
    """What is known of the quantity that a rule bounds: an estimate between two bounds, all on the rule's scale.

    ``above`` and ``below`` say what is proven: that it lies above the lower edge, or below the upper one. A rule that
    compares has two edges, no difference (0) and the margin; a limit is both.
    """

    estimate: float
    low: float
    high: float
    above: bool
    below: bool


def chances(rule: Request) -> tuple[float, float]:
    """The chances of error of the lower and of the upper bound: ``alpha`` where a candidate fails, ``beta`` where it
    passes."""
    fails_above = rule["bound"] in ("max", "margin")
    return (rule["alpha"], rule["beta"]) if fails_above else (rule["beta"], rule["alpha"])


def orientation(rule: Request) -> float:
    """1 where a larger ratio of candidate to stable is what the rule asks about, -1 where a smaller one is."""
    return 1.0 if (rule["bound"] == "margin") == (rule["better"] == "lower") else -1.0


def edge(rule: Request) -> float:
    """The margin on the scale of the comparison: the logarithm of a ratio, oriented."""
    side = orientation(rule)
    return side * log(1.0 + side * rule["value"])


def relative(rule: Request, known: float) -> float:
    """A place on that scale as a difference that people read: 0.1 is ten percent."""
    side = orientation(rule)
    return side * (exp(max(min(side * known, 50.0), -50.0)) - 1.0)


def _limited_rate(rule: Request, seen: Seen) -> tuple[Known, str]:
    return _limited(seen.values("candidate"), seen.weights("candidate"), rule["value"], rule), "share"


def _limited_percentile(rule: Request, seen: Seen) -> tuple[Known, str]:
    """A percentile within a limit is a share of requests above that limit which is small enough."""
    return _limited(seen.slow("candidate", "over"), seen.weights("candidate"), rule["tail"], rule), "share"


def _limited(hits: list[float], requests: list[float], limit: float, rule: Request) -> Known:
    low_chance, high_chance = chances(rule)
    low, high = rate_bounds(sum(hits), sum(requests), limit, low_chance, high_chance)
    estimate = sum(hits) / sum(requests) if sum(requests) else 0.0
    return Known(estimate, low, high, low > limit, high <= limit)


def _limited_mean(rule: Request, seen: Seen) -> tuple[Known, str]:
    found = mean_bounds(seen.values("candidate"), rule["horizon"], *chances(rule))
    limit = rule["value"]
    return Known(found.mean, found.low, found.high, found.low > limit, found.high <= limit), rule["unit"]


def _compared_rate(rule: Request, seen: Seen) -> tuple[Known, str]:
    periods = _periods(rule, seen, seen.values("candidate"), seen.values("stable"))
    return _compared(rule, periods, periods, edge(rule), edge(rule)), "relative"


def _compared_percentile(rule: Request, seen: Seen) -> tuple[Known, str]:
    """Slower than stable: more requests above stable's own percentile. Slower by the margin: as many requests above
    that percentile stretched by the margin as stable has above the percentile itself."""
    usual = seen.slow("stable")
    slow = _periods(rule, seen, seen.slow("candidate"), usual)
    beyond = _periods(rule, seen, seen.slow("candidate", "beyond"), usual)
    return _compared(rule, slow, beyond, TAIL_INDEX * edge(rule), 0.0), "relative"


def _compared(rule: Request, periods: list[Counts], stretched: list[Counts], effect: float, shift: float) -> Known:
    """The logarithm of the ratio of two rates.

    ``stretched`` are the counts that the margin is judged by, and ``shift`` the ratio they have when the candidate is
    worse by just the margin. Where the two differ, the ratio of counts is read as one of latencies, by how fast the
    counts thin out from one threshold to the other.
    """
    risks, margin = chances(rule), edge(rule)
    spread = wide = dispersion(periods)
    estimate, low, high = ratio_bounds(periods, effect, *risks, spread)
    if stretched is not periods:
        wide = dispersion(stretched)
        far, _, high = ratio_bounds(stretched, effect, *risks, wide)
        steep = (estimate - far) / margin
        steep = steep if steep > 0.1 else TAIL_INDEX
        estimate, low, high = estimate / steep, low / steep, margin + high / steep
    above = ratio_exceeds(periods, 1.0, effect, risks[0], spread)
    below = ratio_exceeds(swapped(stretched), exp(-shift), effect, risks[1], wide)
    low = max(low, 1e-9) if above else min(low, 0.0)
    high = min(high, margin - 1e-9) if below else max(high, margin)
    return Known(estimate, low, high, above, below)


def _periods(rule: Request, seen: Seen, candidate: list[float], stable: list[float]) -> list[Counts]:
    size = -(-len(seen.times) // MOST_PERIODS)
    columns = [_summed(each, size) for each in (candidate, stable, seen.weights("candidate"), seen.weights("stable"))]
    periods = list(map(Counts, *columns))
    return periods if orientation(rule) > 0 else swapped(periods)


MOST_PERIODS = 300
"""Periods that counts are judged by; more are added up in groups of as many as it takes. A plan asks for fewer."""


def _summed(values: list[float], size: int) -> list[float]:
    return values if size == 1 else [sum(values[at : at + size]) for at in range(0, len(values), size)]


def _compared_mean(rule: Request, seen: Seen) -> tuple[Known, str]:
    """Period by period, the logarithm of the ratio of the two means: what both share cancels out."""
    found = mean_bounds(ratios_of_means(rule, seen), rule["horizon"], *chances(rule))
    return Known(found.mean, found.low, found.high, found.low > 0.0, found.high < edge(rule)), "relative"


def ratios_of_means(rule: Request, seen: Seen) -> list[float]:
    """Where a value is not positive there is no ratio: then differences, in units of stable's mean."""
    side, pairs = orientation(rule), list(zip(seen.values("candidate"), seen.values("stable"), strict=True))
    if all(candidate > 0.0 and stable > 0.0 for candidate, stable in pairs):
        return [side * log(candidate / stable) for candidate, stable in pairs]
    usual = abs(sum(stable for _, stable in pairs)) / len(pairs) or 1.0
    return [side * (candidate - stable) / usual for candidate, stable in pairs]


KNOWN: dict[tuple[bool, Kind], Any] = {
    (False, Kind.RATE): _limited_rate,
    (False, Kind.PERCENTILE): _limited_percentile,
    (False, Kind.MEAN): _limited_mean,
    (True, Kind.RATE): _compared_rate,
    (True, Kind.PERCENTILE): _compared_percentile,
    (True, Kind.MEAN): _compared_mean,
}
