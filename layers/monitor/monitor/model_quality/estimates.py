"""Estimates with one-sided bounds: how far a metric may be from its true value by chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from monitor.intervals import wilson

ONE_DEVIATION = 0.15865525393145707
"""How often a normal number lies more than one standard deviation below its mean."""
RESAMPLED = 0.5
"""Standard deviation of a metric over samples of 80 % of the records, as a share of its standard error: √(0.2/0.8)."""
FEWEST_FOR_DEVIATION = 200
"""Model Monitor writes "NaN" below (docs: sagemaker/latest/dg/model-monitor-model-quality-metrics)."""


@dataclass(frozen=True)
class Estimate:
    """A metric, its standard error, and how its bounds are found.

    ``method``: ``wilson`` (a share of ``size`` records; Wilson 1927), ``logit`` (normal on the scale of log odds, for
    shares that are no proportion of records), ``f`` (an F score of ``size`` hits and errors; ``parts``: misses, false
    alarms, beta) or ``t`` (Student's t with ``size`` degrees of freedom).
    """

    value: float
    error: float
    method: str = "wilson"
    size: float = 0.0
    parts: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def bounds(self, chance: float, other: float = 0.0) -> tuple[float, float]:
        """The lower and the upper bound, each of which is wrong with the given chance.

        ``other``: the standard error of what the metric is compared with, which is an estimate of its own; the two are
        combined by MOVER (Zou, Donner 2008, Stat. Med. 27:1693).
        """
        low, high = _METHODS[self.method](self, chance)
        if other > 0.0:
            more = -float(special.ndtri(chance)) * other
            low, high = (
                self.value - math.hypot(self.value - low, more),
                self.value + math.hypot(high - self.value, more),
            )
        return min(low, self.value), max(high, self.value)

    def luck(self, below: bool) -> float:
        """How far the true value may lie below (or above) by chance, as a standard error.

        It is the distance of the bound of one standard deviation, so it is above 0 also where all records were right.
        """
        low, high = self.bounds(ONE_DEVIATION)
        return self.value - low if below else high - self.value

    def beyond(self, threshold: float, below: bool, other: float = 0.0) -> float:
        """The smallest chance of error at which the metric is wholly below (or above) the threshold; 1 if it is not.

        ``other``: the threshold's standard error, where it was estimated.
        """
        if not (self.value < threshold if below else self.value > threshold):
            return 1.0
        lowest, highest = -30.0, math.log(0.5)  # of the logarithm of the chance
        for _ in range(60):
            middle = (lowest + highest) / 2.0
            low, high = self.bounds(math.exp(middle), other)
            if (high < threshold) if below else (low > threshold):
                highest = middle
            else:
                lowest = middle
        return math.exp(highest)

    def deviation(self, records: float) -> float | str:
        """What Model Monitor writes as ``standard_deviation``: of the metric over samples of 80 % of the records.

        Model Monitor draws five such samples; this is what their spread estimates, without drawing.
        """
        if records < FEWEST_FOR_DEVIATION or not math.isfinite(self.error):
            return "NaN"
        return RESAMPLED * self.error


def share(hits: float, size: float) -> Estimate:
    """``hits`` of ``size`` records; NaN when there are no records."""
    if size <= 0.0:
        return Estimate(math.nan, math.nan)
    value = hits / size
    return Estimate(value, math.sqrt(value * (1.0 - value) / size), "wilson", size)


def of_share(value: float, error: float, size: float) -> Estimate:
    """A share with a standard error of its own. Without one (all right, or all wrong), it is a share of ``size``."""
    if error <= 0.0 or not 0.0 < value < 1.0:
        return Estimate(value, error, "wilson", size)
    return Estimate(value, error, "logit", size)


def _wilson(estimate: Estimate, chance: float) -> tuple[float, float]:
    if not estimate.size > 0.0 or math.isnan(estimate.value):
        return math.nan, math.nan
    return wilson(estimate.value, estimate.size, -float(special.ndtri(chance)))


def _logit(estimate: Estimate, chance: float) -> tuple[float, float]:
    odds = math.log(estimate.value / (1.0 - estimate.value))
    half = -float(special.ndtri(chance)) * estimate.error / (estimate.value * (1.0 - estimate.value))
    return float(special.expit(odds - half)), float(special.expit(odds + half))


def _student(estimate: Estimate, chance: float) -> tuple[float, float]:
    half = -float(special.stdtrit(estimate.size, chance)) * estimate.error
    return estimate.value - half, estimate.value + half


def _f_score(estimate: Estimate, chance: float) -> tuple[float, float]:
    """Bounds of F from Wilson's for its two parts: the share of hits among hits and errors, and of misses among errors.

    F depends on these alone. Their distances are combined as Zou and Donner (2008) do; the second is taken at the bound
    of the first, because where all is right the kind of error still matters.
    """
    misses, alarms, beta = estimate.parts
    errors = misses + alarms
    right = share(estimate.size - errors, estimate.size).bounds(chance)
    kind = (misses + 0.5) / (errors + 1.0)
    kinds = share(kind * (errors + 1.0), errors + 1.0).bounds(chance)

    def score(part: float, missed: float) -> float:
        weight = 1.0 + beta * beta
        return weight * part / (weight * part + (beta * beta * missed + 1.0 - missed) * (1.0 - part))

    found = []
    for end, sign in zip(right, (-1.0, 1.0), strict=True):
        at_end = score(end, kind)
        worst = max(sign * (score(end, other) - at_end) for other in kinds)
        found.append(estimate.value + sign * math.hypot(at_end - estimate.value, max(worst, 0.0)))
    return max(found[0], 0.0), min(found[1], 1.0)


_METHODS = {"wilson": _wilson, "logit": _logit, "t": _student, "f": _f_score}
