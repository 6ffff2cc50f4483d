"""What an experiment with two variants says beside its verdict, and how a bandit would share the traffic."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, log1p

from interlock.distributions import incomplete_beta, log_beta

SPLIT_ALPHA = 0.001
"""Chance that a split as configured is called a mismatch, at all looks together."""

STRENGTH = 1000.0
"""How close to the configured split a mismatch is looked for: the requests that the mixture's Beta counts as."""


def split_mismatch(candidate: float, stable: float, share: float) -> bool:
    """Whether the requests did not split as configured (sample ratio mismatch), ``share`` being the candidate's.

    A Beta mixture around the configured share against that share itself: an e-process, so that it may be looked at as
    often as one likes (Lindon and Malek 2022).
    """
    a, b = STRENGTH * share, STRENGTH * (1.0 - share)
    mixture = log_beta(a + candidate, b + stable) - log_beta(a, b)
    return mixture - candidate * log(share) - stable * log1p(-share) >= -log(SPLIT_ALPHA)


CUTS = 400
"""Slices of the integral over a rate: an even number, for Simpson's rule."""


def chance_of_higher_rate(hits: float, requests: float, other_hits: float, other_requests: float) -> float:
    """The probability that the first rate is the higher one, each with a uniform prior.

    The difference of two Beta variables, by Simpson's rule over the first one's density within ten standard deviations.
    """
    a, b = hits + 1.0, requests - hits + 1.0
    c, d = other_hits + 1.0, other_requests - other_hits + 1.0
    mean, deviation = a / (a + b), (a * b / (a + b) ** 2 / (a + b + 1.0)) ** 0.5
    low, high = max(mean - 10.0 * deviation, 0.0), min(mean + 10.0 * deviation, 1.0)
    step = (high - low) / CUTS
    weight = total = 0.0
    for cut in range(CUTS + 1):
        rate = low + cut * step
        if 0.0 < rate < 1.0:
            density = exp((a - 1.0) * log(rate) + (b - 1.0) * log1p(-rate) - log_beta(a, b))
            simpson = (1.0 if cut in (0, CUTS) else 4.0 if cut % 2 else 2.0) * density
            weight += simpson
            total += simpson * incomplete_beta(rate, c, d)
    return min(total / weight, 1.0)


def thompson_shares(arms: Sequence[tuple[float, float]], floor: float) -> list[float]:
    """The shares of traffic that Thompson sampling (1933) gives two arms, each ``(hits, requests)`` with hits being
    good: the probability of being the better one, but never less than ``floor`` (0 to 0.5)."""
    first = min(max(chance_of_higher_rate(*arms[0], *arms[1]), floor), 1.0 - floor)
    return [first, 1.0 - first]
