"""Two variants side by side: was the traffic split as configured, which is better, and how would a bandit split it."""

from __future__ import annotations

from math import ceil, exp, log, log1p, sqrt

from interlock.statistics.distributions import incomplete_beta, log_beta, log_sum

SPLIT_ALPHA = 0.001
"""Chance that a split as configured is called a mismatch, over all looks together."""

STRENGTHS = (30.0, 1000.0)
"""How close to the configured split the test looks for a mismatch: how many requests each Beta distribution of the
mixture counts as. The first needs dozens of requests to find that all go one way, the second needs thousands to find
that a few percent do."""


def split_mismatch(candidate: float, stable: float, share: float) -> bool:
    """Whether the requests did not split as configured (sample ratio mismatch), ``share`` being the candidate's.

    Beta mixtures around the configured share are tested against that share itself. This is an e-process, so it may be
    looked at as often as one likes (Lindon and Malek 2022). A variant with share 0 may not get a single request.
    """
    if not 0.0 < share < 1.0:
        return (candidate if share <= 0.0 else stable) > 0.0
    around = [(strength * share, strength * (1.0 - share)) for strength in STRENGTHS]
    mixture = log_sum([log_beta(a + candidate, b + stable) - log_beta(a, b) for a, b in around]) - log(len(around))
    return mixture - candidate * log(share) - stable * log1p(-share) >= -log(SPLIT_ALPHA)


SLICE = 0.3
"""Width of a slice of the integral over a rate, in standard deviations of its log-odds."""


def chance_of_higher_rate(hits: float, requests: float, other_hits: float, other_requests: float) -> float:
    """The probability that the first rate is higher than the other, each with a uniform prior. More hits than requests
    count as all of them.

    Both are Beta variables. The integral is taken by the trapezoidal rule over the log-odds of the one that is known
    better: its density is smooth there and falls off exponentially, so the rule is as good as exact (Trefethen and
    Weideman 2014).
    """
    a, b = hits + 1.0, max(requests - hits, 0.0) + 1.0
    c, d = other_hits + 1.0, max(other_requests - other_hits, 0.0) + 1.0
    if 1.0 / a + 1.0 / b > 1.0 / c + 1.0 / d:
        return 1.0 - chance_of_higher_rate(other_hits, other_requests, hits, requests)
    deviation = sqrt(1.0 / a + 1.0 / b)
    left, right = (ceil((8.0 * deviation + 28.0 / tail) / (SLICE * deviation)) for tail in (a, b))
    weight = total = 0.0
    for place in range(-left, right + 1):
        odds = a / b * exp(place * SLICE * deviation)
        density = exp(-a * log1p(1.0 / odds) - b * log1p(odds) - log_beta(a, b))
        weight += density
        total += density * incomplete_beta(odds / (1.0 + odds), c, d)
    return total / weight


def thompson_share(better: float, floor: float) -> float:
    """The share of traffic that Thompson sampling (1933) gives a variant which is the better one with probability
    ``better``: just that, but neither variant gets less than ``floor`` (0 to 0.5)."""
    return min(max(better, floor), 1.0 - floor)
