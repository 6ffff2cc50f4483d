"""Tests of rates: one variant against a limit, and two variants against each other. They hold at every look."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import exp, inf, log, log1p, sqrt
from typing import NamedTuple

from interlock.statistics.distributions import log_beta, log_sum
from interlock.statistics.sequential import ANYTIME_SHARE, LATER, Patient, information_to_find

LARGEST_BET = log(1000.0)
"""The largest ratio that the anytime test for counts bets on, as a logarithm."""


class Counts(NamedTuple):
    """One period of two variants: ``hits`` (errors, slow requests, conversions) and how many requests each served."""

    candidate_hits: float
    stable_hits: float
    candidate: float
    stable: float


def swapped(periods: Sequence[Counts]) -> list[Counts]:
    """The same periods with candidate and stable exchanged."""
    return [Counts(theirs, mine, stable, candidate) for mine, theirs, candidate, stable in periods]


def ratio_exceeds(
    periods: Sequence[Counts], base: float, effect: float, alpha: float, spread: float | None = None
) -> bool:
    """Whether the candidate's rate is proven to be more than ``base`` times that of stable.

    ``effect``: the logarithm of the ratio, on top of ``base``, that the test is made to find. ``alpha``: the chance of
    error, over all looks together. ``spread``: the dispersion of the periods, if it is known already.

    Given the hits of both variants in a period, the candidate's are a draw that depends only on its share of the
    requests and on the ratio. So a cycle or a burst that both variants share cannot deceive this test.
    """
    spread = dispersion(periods) if spread is None else spread
    if log_evidence(periods, base, effect) / spread >= -log(alpha * ANYTIME_SHARE):
        return True
    patient = patient_test(effect, alpha)
    return any(
        total / sqrt(information * spread) >= patient.limit(information / spread, third / information)
        for total, information, third in scores(periods, base, patient.horizon * spread)
        if information > 0.0
    )


def patient_test(effect: float, alpha: float) -> Patient:
    """The patient part of a test that is made to find ``effect`` and may err with chance ``alpha``."""
    share = alpha * (1.0 - ANYTIME_SHARE)
    return Patient(share, information_to_find(effect, share))


def ratio_bounds(
    periods: Sequence[Counts], effect: float, alpha: float, beta: float, spread: float | None = None
) -> tuple[float, float, float]:
    """The logarithm of the ratio of the rates, and its lower and upper bound by the patient test (infinite without
    hits). The arguments are those of ``ratio_exceeds``; ``beta`` is the chance of error of the upper bound.

    Half a hit is added to each side, so that there is a ratio where one variant has no hits (Haldane 1956).
    """
    spread = dispersion(periods) if spread is None else spread
    _, information, third = score(periods, 1.0)
    if information <= 0.0:
        return 0.0, -inf, inf
    hits, requests = weighted_hits(periods)
    half = 0.5 / sum(requests)
    estimate = log(hits[0] + half * requests[1]) - log(hits[1] + half * requests[0])
    known = information / spread

    def width(chance: float, side: float) -> float:
        return patient_test(effect, chance).limit(known, side * third / information) / sqrt(known)

    return estimate, estimate - width(alpha, 1.0), estimate + width(beta, -1.0)


def weighted_hits(periods: Sequence[Counts]) -> tuple[tuple[float, float], tuple[float, float]]:
    """``(candidate, stable)`` hits, each period's times the other variant's share of its requests; and
    ``(candidate, stable)`` requests.

    The ratio of these hits is the ratio of the rates (Mantel and Haenszel 1959). The ratio of plain sums is not: a
    candidate that gets most of its traffic in a bad hour, as a canary may, would seem worse than it is.
    """
    both = [period for period in periods if period[2] > 0 and period[3] > 0]
    candidate = sum([mine * stable / (candidate + stable) for mine, _, candidate, stable in both])
    stable = sum([theirs * candidate / (candidate + stable) for _, theirs, candidate, stable in both])
    return (candidate, stable), (sum([each[2] for each in both]), sum([each[3] for each in both]))


Draws = list[tuple[float, float, float]]
"""Each period as a draw: the candidate's hits, the hits of both variants, and the share of them that the candidate is
expected to have."""


def draws(periods: Sequence[Counts], base: float) -> Draws:
    """The draws if the candidate's rate is ``base`` times that of stable. A period without hits, or with requests to
    one variant only, says nothing about the ratio and is left out."""
    return [
        (mine, mine + theirs, base * candidate / (base * candidate + stable))
        for mine, theirs, candidate, stable in periods
        if mine + theirs > 0 and candidate > 0 and stable > 0
    ]


def log_evidence(periods: Sequence[Counts], base: float, effect: float) -> float:
    """The logarithm of an e-process against a ratio of rates of ``base`` or less.

    It bets equal stakes on ratios beyond ``base`` by ``effect`` and by twice, four times … as much (in logarithms).
    The product of likelihood ratios, given the hits of both variants, is a martingale for Poisson counts (Robbins
    1970), and no larger in expectation where each request can fail only once (Hoeffding 1963).
    """
    bets = [effect]
    while bets[-1] * 2.0 <= LARGEST_BET:
        bets.append(bets[-1] * 2.0)
    drawn = draws(periods, base)
    won = sum([mine for mine, _, _ in drawn])
    logs = []
    for bet in bets:
        gain = exp(bet) - 1.0
        logs.append(won * bet - sum([hits * log1p(share * gain) for _, hits, share in drawn]))
    return log_sum(logs) - log(len(bets))


def score(periods: Sequence[Counts], base: float) -> tuple[float, float, float]:
    """The candidate's hits beyond what ``base`` makes one expect, their variance, and their third cumulant."""
    return _score(draws(periods, base))


def _score(drawn: Draws) -> tuple[float, float, float]:
    total = sum([mine - hits * share for mine, hits, share in drawn])
    information = sum([hits * share * (1.0 - share) for _, hits, share in drawn])
    return total, information, sum([hits * share * (1.0 - share) * (1.0 - 2.0 * share) for _, hits, share in drawn])


def scores(periods: Sequence[Counts], base: float, horizon: float) -> list[tuple[float, float, float]]:
    """The score at the end of each horizon that the data have passed, and now. What was proven at the end of a horizon
    stays proven. ``horizon``: the first one, in units of information (the variance of the score)."""
    drawn = draws(periods, base)
    known = list(accumulate([hits * share * (1.0 - share) for _, hits, share in drawn]))
    ends = []
    while known and horizon < known[-1]:
        ends.append(bisect_right(known, horizon))
        horizon *= LATER
    return [*(_score(drawn[:end]) for end in ends if end), _score(drawn)]


FEWEST_GROUPS = 4
"""The fewest groups of periods that show how much the hits scatter."""


def dispersion(periods: Sequence[Counts]) -> float:
    """The variance of the hits as a multiple of that of independent requests; 1 if it is larger only by chance.

    Errors that come in bursts (one client that retries), or that last (an instance in trouble), prove less than as many
    independent ones. So evidence is divided by this factor (quasi-likelihood, McCullagh and Nelder 1989, 4.5). Periods
    are compared one by one and in groups of 2, 4, 8 …, which show errors that last; the largest factor counts.
    """
    if len(draws(periods, 1.0)) < FEWEST_GROUPS:
        return UNSEEN
    hits, _ = weighted_hits(periods)
    if not all(hits):
        return 1.0
    drawn = draws(periods, hits[0] / hits[1])
    apart = [mine - hits * share for mine, hits, share in drawn]
    whole = sum([hits * share * (1.0 - share) for _, hits, share in drawn])
    skewed = sum([hits * share * (1.0 - share) * (1.0 - 2.0 * share) ** 2 for _, hits, share in drawn])
    worst = 1.0
    while whole and len(apart) >= FEWEST_GROUPS:
        found = sum([each * each for each in apart]) / whole
        if found > 1.0 + SURE * sqrt(2.0 / len(apart) + skewed / whole**2):
            worst = max(worst, found)
        apart = [one + other for one, other in zip(apart[::2], apart[1::2], strict=False)]
    return worst


UNSEEN = 1.5
"""The dispersion that is assumed while there are too few periods to measure it: a first burst proves nothing yet."""

SURE = 2.0
"""Standard errors by which the dispersion must exceed that of independent requests. The variance of a mean of squares
is two over their number; rare hits add to it."""


NEARLY_ALL = 1.0 - 1e-15
"""The largest rate at which a miss is still possible."""

SMALLEST_RATE = 1e-6
"""Stands for a limit of zero when the limit says where the bounds should be sharpest."""


def rate_bounds(hits: float, requests: float, limit: float, alpha: float, beta: float) -> tuple[float, float]:
    """The lower and the upper bound of a rate, wrong with chance ``alpha`` and ``beta`` over all looks together.

    A rate is excluded when a mixture of rates explains the hits 1/alpha times as well (Robbins 1970). The mixture is a
    Beta distribution above ``limit`` for the lower bound and one below it for the upper, so both are sharpest there.
    """
    if requests <= 0:
        return 0.0, 1.0
    limit = max(limit, SMALLEST_RATE)
    misses, measured = max(requests - hits, 0.0), min(hits / requests, 1.0)

    def explained(a: float, b: float, rate: float) -> float:
        mixture = log_beta(a + hits, b + misses) - log_beta(a, b)
        certain = (hits * log(rate) if hits else 0.0) + (misses * log1p(-rate) if misses else 0.0)
        return mixture - certain

    def bound(a: float, b: float, chance: float, far: float) -> float:
        near = measured
        for _ in range(50):
            middle = (near + far) / 2
            near, far = (near, middle) if explained(a, b, middle) >= -log(chance) else (middle, far)
        return far

    low = bound(1.0, max(1.0 / limit / 3.0, 0.5), alpha, 0.0) if hits else 0.0
    high = bound(0.5, 2.0 / limit, beta, NEARLY_ALL) if misses else 1.0
    return low, high
