"""Sequential tests: how sure the data make us, at whatever moment somebody looks.

Two tests share the chance of a false alarm. The *patient* one is made for one horizon: it gathers excess harm until a
fixed bound is passed, and needs little more data than a test that may look only once. The *anytime* one is an
e-process: it sees a plain break at once and never runs out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import ceil, exp, inf, log, log1p, sqrt

from interlock.distributions import (
    log_beta,
    log_sum,
    normal_quantile,
    normal_tail,
    student_quantile,
)

ANYTIME_SHARE = 0.04
"""Of the chance of a false alarm, what the anytime test may spend."""

LATER_SHARE = 0.04
"""Of what the patient test may spend, the part it keeps for after its horizon."""

LATER = 2.0
"""Each later horizon lies this many times as far as the one before."""

POWER = 0.8
"""Chance that a difference of the size of the margin is found by the horizon."""

BETWEEN_LOOKS = 0.4
"""Standard deviations of a value by which the patient bound for means lies lower: a bound for a continuous path is
passed less often by one that is seen only at each value (Siegmund 1979: 0.583; the rest is left for a variance that is
not known)."""

LARGEST_BET = log(1000.0)
"""The largest ratio that the anytime test for counts bets on, as a logarithm."""

FEWEST_BLOCKS = 12
"""Blocks of periods that a verdict takes once periods were seen to be alike."""


@dataclass(frozen=True)
class Patient:
    """A test against no difference whose chance of a false alarm is ``alpha`` however often it looks.

    Scores are summed until they pass a bound that stays the same up to the ``horizon`` (of information: the variance of
    the sum). A sum of symmetric scores passes it at any look with at most twice the chance that it does at the last one
    (Lévy's inequality; the bound has the shape of O'Brien and Fleming 1979). Bounds for later horizons, each twice as
    far, share what is left of ``alpha``.
    """

    alpha: float
    horizon: float

    def limit(self, information: float, skewness: float = 0.0) -> float:
        """What the sum of scores must reach at ``information``, in standard deviations of the present.

        ``skewness``: the third cumulant of the scores over their variance; the bound grows with it as the tail of a
        skewed sum does (Cornish and Fisher 1938), and never shrinks.
        """
        later = max(0, ceil(log(information / self.horizon) / log(LATER) - 1e-9))
        bound, horizon = deviations(self.alpha, later), self.horizon * LATER**later
        bound += max(skewness, 0.0) / sqrt(horizon) * (bound * bound - 1.0) / 6.0
        return bound * sqrt(horizon / information)


@cache
def deviations(alpha: float, later: int = 0) -> float:
    """The patient test's bound, in standard deviations at its horizon, or at one of those that come ``later``."""
    spent = alpha * (LATER_SHARE * 0.5**later if later else 1.0 - LATER_SHARE)
    return normal_quantile(spent / 2.0)


def crossing(bound: float, drift: float) -> float:
    """The chance that a Brownian motion with ``drift`` passes ``bound`` before time 1 (Siegmund 1985, eq. 3.13)."""
    reflected = normal_tail(bound + drift)
    return normal_tail(bound - drift) + (exp(2.0 * bound * drift + log(reflected)) if reflected else 0.0)


@cache
def information_to_find(effect: float, alpha: float) -> float:
    """The horizon by which a patient test finds ``effect`` (the drift of the scores per unit of information) with
    chance POWER."""
    bound = deviations(alpha)
    low, high = 0.0, bound + 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if crossing(bound, middle) < POWER else (low, middle)
    return (high / effect) ** 2


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


@dataclass(frozen=True)
class MeanBounds:
    """Where the mean of a series lies. ``error``: the standard error of the mean; ``blocks``: how many independent
    values it was told from."""

    mean: float
    low: float
    high: float
    error: float
    blocks: int


def mean_bounds(points: Sequence[float], horizon: float, alpha: float, beta: float) -> MeanBounds:
    """The lower bound (wrong with chance ``alpha`` at all looks together) and the upper one (``beta``) of the mean of
    ``points``; ``horizon`` is how many points are planned.

    For points that are independent and roughly normal. A series whose neighbours are alike is judged by the means of
    blocks that are not (batch means); without enough blocks the bounds are infinite. So they are while a few points
    are all the same, which says nothing of how far others may lie. What was proven at the end of a horizon stays so,
    as long as the mean itself does not leave the bounds.
    """
    found = _mean_bounds(points, horizon, alpha, beta)
    end = horizon
    while end < len(points):
        then = _mean_bounds(points[: int(end)], horizon, alpha, beta)
        low, high = min(then.low, found.mean), max(then.high, found.mean)
        found = replace(found, low=max(found.low, low), high=min(found.high, high))
        end *= LATER
    return found


def _mean_bounds(points: Sequence[float], horizon: float, alpha: float, beta: float) -> MeanBounds:
    mean = sum(points) / len(points) if points else 0.0
    blocks, size = independent_blocks(points)
    if len(blocks) < 3:
        return MeanBounds(mean, -inf, inf, inf, len(blocks))
    n, middle = len(blocks), sum(blocks) / len(blocks)
    error = sqrt(sum((block - middle) ** 2 for block in blocks) / (n - 1) / n)
    if max(blocks) == min(blocks) and n < FEWEST_BLOCKS:
        return MeanBounds(middle, -inf, inf, inf, n)
    down, up = (_t_needed(n, max(horizon / size, 1.0), chance) * error for chance in (alpha, beta))
    return MeanBounds(middle, middle - down, middle + up, error, n)


def _t_needed(n: int, horizon: float, alpha: float) -> float:
    """The t that ``n`` values must reach to disprove a mean: by the anytime test or, if sooner, by the patient one."""
    return min(anytime_t(n, alpha * ANYTIME_SHARE), patient_t(n, horizon, alpha * (1.0 - ANYTIME_SHARE)))


def anytime_t(n: int, alpha: float) -> float:
    """The t at which a test martingale for a mean of unknown variance reaches 1/alpha.

    It bets on effects drawn from a standard normal distribution, in standard deviations (Wang and Ramdas 2025, after
    Lai 1976), and holds for whoever decides on the t alone. Infinite for so few values that no t could prove anything.
    """
    spread = 1.0 + n
    ratio = (sqrt(spread) / alpha) ** (2.0 / n)
    return sqrt((n - 1) * (ratio - 1.0) / (1.0 - ratio / spread)) if ratio < spread else inf


SMALLEST_CHANCE = 1e-100
"""No mean of so few values will ever be as far out."""


def patient_t(n: int, horizon: float, alpha: float) -> float:
    """The t at which the patient test rejects after ``n`` values: its normal bound, read as a t of the same chance
    (the significance-level approach of Jennison and Turnbull 2000, 3.8)."""
    tail = normal_tail(Patient(alpha, horizon).limit(n) - BETWEEN_LOOKS / sqrt(n))
    return student_quantile(tail, n - 1) if tail > SMALLEST_CHANCE else inf


def independent_blocks(points: Sequence[float]) -> tuple[list[float], int]:
    """``points``, or the means of the smallest blocks of 2, 4, 8 … of them whose neighbours are not alike, and the
    size of a block. Empty when too few blocks are left to tell."""
    size, blocks = 1, list(points)
    while size == 1 or len(blocks) >= FEWEST_BLOCKS:
        allowed = 1.0 / sqrt(len(blocks)) if size == 1 and blocks else 0.0
        if len(blocks) < 4 or neighbours(blocks) + 1.0 / len(blocks) <= allowed:
            return blocks, size
        size *= 2
        newest = points[len(points) % size :]
        blocks = [sum(newest[at : at + size]) / size for at in range(0, len(newest), size)]
    return [], size


def neighbours(values: Sequence[float]) -> float:
    """The correlation of neighbouring values (lag 1; Box and Jenkins 1970); 0 when they do not vary."""
    mean = sum(values) / len(values)
    apart = [value - mean for value in values]
    squares = sum(value * value for value in apart)
    return sum(one * other for one, other in pairwise(apart)) / squares if squares > 0.0 else 0.0
