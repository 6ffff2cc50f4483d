"""Rates: of one variant against a limit, and of two against each other, sure at whatever moment somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p, sqrt

from interlock.distributions import log_beta, log_sum
from interlock.sequential import ANYTIME_SHARE, FEWEST_BLOCKS, LATER, Patient, information_to_find

LARGEST_BET = log(1000.0)
"""The largest ratio that the anytime test for counts bets on, as a logarithm."""


@dataclass(frozen=True)
class Counts:
    """One period of two variants: ``hits`` (errors, slow requests, conversions) and how many requests each served."""

    candidate_hits: float
    stable_hits: float
    candidate: float
    stable: float

    def swapped(self) -> Counts:
        return Counts(self.stable_hits, self.candidate_hits, self.stable, self.candidate)


def ratio_exceeds(periods: Sequence[Counts], base: float, effect: float, alpha: float) -> bool:
    """Whether the candidate's rate is proven to be more than ``base`` times that of stable.

    ``effect`` is the logarithm of the further ratio that should be found. Given how many hits both had in a period,
    the candidate's are a draw that depends on its share of the requests and on the ratio alone: no cycle and no burst
    that both share can deceive this test. It is wrong with a chance of at most ``alpha`` at all looks together.
    """
    spread = dispersion(periods)
    if log_evidence(periods, base, effect) / spread >= -log(alpha * ANYTIME_SHARE):
        return True
    patient = Patient(alpha * (1.0 - ANYTIME_SHARE), information_to_find(effect, alpha * (1.0 - ANYTIME_SHARE)))
    return any(
        total / sqrt(information * spread) >= patient.limit(information / spread, third / information * spread)
        for total, information, third in scores(periods, base, patient.horizon * spread)
        if information > 0.0
    )


def ratio_bounds(periods: Sequence[Counts], effect: float, alpha: float, beta: float) -> tuple[float, float, float]:
    """The logarithm of the ratio of the rates, with the bounds that the patient test gives it (infinite without hits).

    Half a hit is added to each side, so that a ratio can be told where one has none (Haldane 1956).
    """
    spread = dispersion(periods)
    _, information, third = score(periods, 1.0)
    if information <= 0.0:
        return 0.0, -inf, inf
    hits, requests = weighted_hits(periods)
    half = 0.5 / sum(requests)
    estimate = log(hits[0] + half * requests[1]) - log(hits[1] + half * requests[0])
    known = information / spread

    def width(chance: float, side: float) -> float:
        patient = Patient(chance * (1.0 - ANYTIME_SHARE), information_to_find(effect, chance * (1.0 - ANYTIME_SHARE)))
        return patient.limit(known, side * third / information * spread) / sqrt(known)

    return estimate, estimate - width(alpha, 1.0), estimate + width(beta, -1.0)


def weighted_hits(periods: Sequence[Counts]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The hits of both, each period's times the other variant's share of its requests, and their requests.

    These hits stand to each other as the rates do (Mantel and Haenszel 1959). The sums of all periods would not: a
    candidate that gets most of its traffic in a bad hour, as a canary may, would seem worse than it is.
    """
    both = [period for period in periods if period.candidate > 0 and period.stable > 0]
    shares = [period.stable / (period.candidate + period.stable) for period in both]
    candidate = sum(period.candidate_hits * share for period, share in zip(both, shares, strict=True))
    stable = sum(period.stable_hits * (1.0 - share) for period, share in zip(both, shares, strict=True))
    return (candidate, stable), (sum(period.candidate for period in both), sum(period.stable for period in both))


def log_evidence(periods: Sequence[Counts], base: float, effect: float) -> float:
    """The logarithm of an e-process against a ratio of rates of ``base`` or less.

    Equal stakes on ratios that lie ``effect``, twice, four times … as far (in logarithms). The product of likelihood
    ratios, given the hits of both, is a martingale for Poisson counts (Robbins 1970), and no larger in expectation
    where each request can fail only once (Hoeffding 1963).
    """
    bets = [effect]
    while bets[-1] * 2.0 <= LARGEST_BET:
        bets.append(bets[-1] * 2.0)
    logs = [0.0] * len(bets)
    gains = [exp(bet) - 1.0 for bet in bets]
    for period in periods:
        hits = period.candidate_hits + period.stable_hits
        if hits > 0 and period.candidate > 0 and period.stable > 0:
            share = base * period.candidate / (base * period.candidate + period.stable)
            for index, gain in enumerate(gains):
                logs[index] -= hits * log1p(share * gain)
    won = sum(period.candidate_hits for period in periods if period.candidate > 0 and period.stable > 0)
    return log_sum([lost + won * bet for lost, bet in zip(logs, bets, strict=True)]) - log(len(bets))


def score(periods: Sequence[Counts], base: float) -> tuple[float, float, float]:
    """Hits of the candidate beyond what ``base`` gives it, their variance, and their third cumulant."""
    total = information = third = 0.0
    for period in periods:
        hits = period.candidate_hits + period.stable_hits
        if hits > 0 and period.candidate > 0 and period.stable > 0:
            share = base * period.candidate / (base * period.candidate + period.stable)
            total += period.candidate_hits - hits * share
            information += hits * share * (1.0 - share)
            third += hits * share * (1.0 - share) * (1.0 - 2.0 * share)
    return total, information, third


def scores(periods: Sequence[Counts], base: float, horizon: float) -> list[tuple[float, float, float]]:
    """The score now, and at the end of each horizon that the data have passed: what was proven there stays proven."""
    found, total, information, third = [], 0.0, 0.0, 0.0
    for period in periods:
        more = score((period,), base)
        while information > 0.0 and information + more[1] > horizon:
            found.append((total, information, third))
            horizon *= LATER
        total, information, third = total + more[0], information + more[1], third + more[2]
    return [*found, (total, information, third)]


ENOUGH = 3.0
"""Variance that periods are gathered to before their scatter is looked at."""


def dispersion(periods: Sequence[Counts]) -> float:
    """How many times as much the hits scatter as single requests would; 1 when no more than by chance.

    Errors that come in bursts (one client that tries again and again) say less than as many single ones: evidence is
    divided by this factor (quasi-likelihood, McCullagh and Nelder 1989, 4.5).
    """
    hits, _ = weighted_hits(periods)
    if not all(hits):
        return 1.0
    ratio = hits[0] / hits[1]
    squares, groups, total, information = 0.0, 0, 0.0, 0.0
    for period in periods:
        more, variance, _ = score((period,), ratio)
        total, information = total + more, information + variance
        if information >= ENOUGH:
            squares, groups = squares + total * total / information, groups + 1
            total = information = 0.0
    if groups < FEWEST_BLOCKS:
        return 1.0
    found = squares / groups
    return found if found > 1.0 + 3.0 * sqrt(2.0 / groups) else 1.0


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
