"""Rates: of one variant against a limit, and of two against each other, sure at whatever moment somebody looks."""

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
    """The same, with candidate and stable in each other's place."""
    return [Counts(theirs, mine, stable, candidate) for mine, theirs, candidate, stable in periods]


def ratio_exceeds(
    periods: Sequence[Counts], base: float, effect: float, alpha: float, spread: float | None = None
) -> bool:
    """Whether the candidate's rate is proven to be more than ``base`` times that of stable.

    ``effect`` is the logarithm of the further ratio that should be found. Given how many hits both had in a period,
    the candidate's are a draw that depends on its share of the requests and on the ratio alone: no cycle and no burst
    that both share can deceive this test. It is wrong with a chance of at most ``alpha`` at all looks together.
    ``spread``: the dispersion of the periods, where it is known already.
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
    """The patient part of a test that may err with chance ``alpha``, made to find ``effect``."""
    share = alpha * (1.0 - ANYTIME_SHARE)
    return Patient(share, information_to_find(effect, share))


def ratio_bounds(
    periods: Sequence[Counts], effect: float, alpha: float, beta: float, spread: float | None = None
) -> tuple[float, float, float]:
    """The logarithm of the ratio of the rates, with the bounds that the patient test gives it (infinite without hits).

    Half a hit is added to each side, so that a ratio can be told where one has none (Haldane 1956).
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
    """The hits of both, each period's times the other variant's share of its requests, and their requests.

    These hits stand to each other as the rates do (Mantel and Haenszel 1959). The sums of all periods would not: a
    candidate that gets most of its traffic in a bad hour, as a canary may, would seem worse than it is.
    """
    both = [period for period in periods if period[2] > 0 and period[3] > 0]
    candidate = sum([mine * stable / (candidate + stable) for mine, _, candidate, stable in both])
    stable = sum([theirs * candidate / (candidate + stable) for _, theirs, candidate, stable in both])
    return (candidate, stable), (sum([each[2] for each in both]), sum([each[3] for each in both]))


Telling = list[tuple[float, float, float]]
"""Of each period with hits: the candidate's, those of both, and the candidate's share of them by the ratio asked of."""


def telling(periods: Sequence[Counts], base: float) -> Telling:
    """What says something of the ratio: a period without hits, or with one variant alone, does not."""
    return [
        (mine, mine + theirs, base * candidate / (base * candidate + stable))
        for mine, theirs, candidate, stable in periods
        if mine + theirs > 0 and candidate > 0 and stable > 0
    ]


def log_evidence(periods: Sequence[Counts], base: float, effect: float) -> float:
    """The logarithm of an e-process against a ratio of rates of ``base`` or less.

    Equal stakes on ratios that lie ``effect``, twice, four times … as far (in logarithms). The product of likelihood
    ratios, given the hits of both, is a martingale for Poisson counts (Robbins 1970), and no larger in expectation
    where each request can fail only once (Hoeffding 1963).
    """
    bets = [effect]
    while bets[-1] * 2.0 <= LARGEST_BET:
        bets.append(bets[-1] * 2.0)
    told = telling(periods, base)
    won = sum([mine for mine, _, _ in told])
    logs = []
    for bet in bets:
        gain = exp(bet) - 1.0
        logs.append(won * bet - sum([hits * log1p(share * gain) for _, hits, share in told]))
    return log_sum(logs) - log(len(bets))


def score(periods: Sequence[Counts], base: float) -> tuple[float, float, float]:
    """Hits of the candidate beyond what ``base`` gives it, their variance, and their third cumulant."""
    return _score(telling(periods, base))


def _score(told: Telling) -> tuple[float, float, float]:
    total = sum([mine - hits * share for mine, hits, share in told])
    information = sum([hits * share * (1.0 - share) for _, hits, share in told])
    return total, information, sum([hits * share * (1.0 - share) * (1.0 - 2.0 * share) for _, hits, share in told])


def scores(periods: Sequence[Counts], base: float, horizon: float) -> list[tuple[float, float, float]]:
    """The score now, and at the end of each horizon that the data have passed: what was proven there stays proven."""
    told = telling(periods, base)
    known = list(accumulate([hits * share * (1.0 - share) for _, hits, share in told]))
    ends = []
    while known and horizon < known[-1]:
        ends.append(bisect_right(known, horizon))
        horizon *= LATER
    return [*(_score(told[:end]) for end in ends if end), _score(told)]


FEWEST_GROUPS = 4
"""Of periods: fewer do not say how much they scatter."""


def dispersion(periods: Sequence[Counts]) -> float:
    """How many times as much the hits scatter as single requests would; 1 when no more than by chance.

    Errors that come in bursts (one client that tries again and again), or that last (an instance in trouble), say less
    than as many single ones: evidence is divided by this factor (quasi-likelihood, McCullagh and Nelder 1989, 4.5).
    Periods are looked at one by one and in groups of 2, 4, 8 …, in which what lasts shows; the worst counts.
    """
    if len(telling(periods, 1.0)) < FEWEST_GROUPS:
        return UNSEEN
    hits, _ = weighted_hits(periods)
    if not all(hits):
        return 1.0
    told = telling(periods, hits[0] / hits[1])
    apart = [mine - hits * share for mine, hits, share in told]
    whole = sum([hits * share * (1.0 - share) for _, hits, share in told])
    skewed = sum([hits * share * (1.0 - share) * (1.0 - 2.0 * share) ** 2 for _, hits, share in told])
    worst = 1.0
    while whole and len(apart) >= FEWEST_GROUPS:
        found = sum([each * each for each in apart]) / whole
        if found > 1.0 + SURE * sqrt(2.0 / len(apart) + skewed / whole**2):
            worst = max(worst, found)
        apart = [one + other for one, other in zip(apart[::2], apart[1::2], strict=False)]
    return worst


UNSEEN = 1.5
"""How much hits are taken to scatter while there are too few periods to see it: a first burst is no proof yet."""

SURE = 2.0
"""Standard errors by which the scatter must exceed that of single requests: the variance of a mean of squares is two
over their number, and more by what single hits that are rare add."""


NEARLY_ALL = 1.0 - 1e-15
"""The largest rate at which a miss is still possible."""

SMALLEST_RATE = 1e-6
"""What a limit of nothing at all is taken for when it says where bounds should be sharpest."""


def rate_bounds(hits: float, requests: float, limit: float, alpha: float, beta: float) -> tuple[float, float]:
    """The lower bound (wrong with chance ``alpha`` at all looks together) and the upper one (``beta``) of a rate.

    A rate is outside when a mixture of rates explains the hits 1/alpha times as well (Robbins 1970): a Beta
    distribution above ``limit`` for the lower bound, one below it for the upper, so that both are sharpest there.
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
