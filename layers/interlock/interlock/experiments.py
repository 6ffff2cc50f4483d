"""What an experiment with two variants says beside its verdict, and how a bandit would share the traffic."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, log1p, sqrt

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


CUTS = 200
"""Slices of the integral over a rate."""


def chance_of_higher_rate(hits: float, requests: float, other_hits: float, other_requests: float) -> float:
    """The probability that the first rate is the higher one, each with a uniform prior. More hits than requests count
    as all of them.

    Of two Beta variables: the trapezoidal rule over the log-odds of the one that is known better. There its density
    is smooth and falls off exponentially, for which the rule is as good as exact (Trefethen and Weideman 2014).
    """
    a, b = hits + 1.0, max(requests - hits, 0.0) + 1.0
    c, d = other_hits + 1.0, max(other_requests - other_hits, 0.0) + 1.0
    if 1.0 / a + 1.0 / b > 1.0 / c + 1.0 / d:
        return 1.0 - chance_of_higher_rate(other_hits, other_requests, hits, requests)
    spread = 8.0 * sqrt(1.0 / a + 1.0 / b)
    low, high = log(a / b) - spread - 28.0 / a, log(a / b) + spread + 28.0 / b
    weight = total = 0.0
    for cut in range(CUTS + 1):
        odds = exp(low + (high - low) * cut / CUTS)
        density = exp(-a * log1p(1.0 / odds) - b * log1p(odds) - log_beta(a, b))
        weight += density
        total += density * incomplete_beta(odds / (1.0 + odds), c, d)
    return total / weight


def thompson_shares(arms: Sequence[tuple[float, float]], floor: float) -> list[float]:
    """The shares of traffic that Thompson sampling (1933) gives two arms, each ``(hits, requests)`` with hits being
    good: the probability of being the better one, but never less than ``floor`` (0 to 0.5)."""
    first = min(max(chance_of_higher_rate(*arms[0], *arms[1]), floor), 1.0 - floor)
    return [first, 1.0 - first]
