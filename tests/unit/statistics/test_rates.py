from __future__ import annotations

from itertools import product
from math import exp, inf, log, sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from scipy import optimize, special, stats

from interlock.statistics.rates import (
    FEWEST_GROUPS,
    LARGEST_BET,
    UNSEEN,
    Counts,
    dispersion,
    log_evidence,
    rate_bounds,
    ratio_bounds,
    ratio_exceeds,
    score,
    scores,
    swapped,
    weighted_hits,
)
from interlock.statistics.sequential import ANYTIME_SHARE, FEWEST_BLOCKS, Patient, deviations, information_to_find

ALPHA = 0.025
EFFECT = log(1.5)


def even(hits: list[tuple[int, int]], candidate: float = 100.0, stable: float = 100.0) -> list[Counts]:
    """Periods of the same traffic with the given hits of candidate and stable."""
    return [Counts(mine, theirs, candidate, stable) for mine, theirs in hits]


def likelihood_ratio(periods: list[Counts], base: float, effect: float) -> float:
    """By how much the mixture of ratios explains better who had the hits; scipy's binomial distribution."""
    bets = [effect]
    while bets[-1] * 2.0 <= LARGEST_BET:
        bets.append(2.0 * bets[-1])

    def likelihood(ratio: float) -> float:
        total = 0.0
        for period in periods:
            share = ratio * period.candidate / (ratio * period.candidate + period.stable)
            total += stats.binom.logpmf(period.candidate_hits, period.candidate_hits + period.stable_hits, share)
        return total

    return float(special.logsumexp([likelihood(base * exp(bet)) - likelihood(base) for bet in bets]) - log(len(bets)))


@pytest.mark.parametrize("base", [1.0, 0.6, 1.5])
@pytest.mark.parametrize("effect", [0.02, EFFECT, 6.0])
def test_evidence_is_the_likelihood_given_the_hits_of_both(base: float, effect: float) -> None:
    periods = [Counts(3, 2, 100, 400), Counts(0, 1, 50, 700), Counts(9, 0, 300, 100), Counts(0, 0, 10, 10)]
    assert log_evidence(periods, base, effect) == pytest.approx(likelihood_ratio(periods, base, effect), rel=1e-9)


def test_a_period_in_which_only_one_has_traffic_says_nothing_of_the_ratio() -> None:
    periods = even([(5, 3), (2, 4)])
    alone = [*periods, Counts(7, 0, 100, 0), Counts(0, 9, 0, 100), Counts(0, 0, 0, 0)]
    assert log_evidence(alone, 1.0, EFFECT) == log_evidence(periods, 1.0, EFFECT)
    assert score(alone, 1.0) == score(periods, 1.0)
    assert ratio_bounds(alone, EFFECT, 0.05, 0.1) == ratio_bounds(periods, EFFECT, 0.05, 0.1)
    assert log_evidence([], 1.0, EFFECT) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("candidate", "stable"), [(1, 1), (1, 4), (3, 5), (6, 2)])
@pytest.mark.parametrize("hits", [0, 1, 3, 6])
@pytest.mark.parametrize("base", [0.5, 1.0, 2.0])
def test_evidence_against_what_is_true_is_1_on_average_for_poisson_counts(
    candidate: int, stable: int, hits: int, base: float
) -> None:
    """Given the hits of both, the candidate's are binomial. Every outcome is counted."""
    law = stats.binom(hits, base * candidate / (base * candidate + stable))
    evidence = [exp(log_evidence([Counts(k, hits - k, candidate, stable)], base, EFFECT)) for k in range(hits + 1)]
    assert sum(law.pmf(range(hits + 1)) * evidence) == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize(("candidate", "stable", "hits"), [(3, 3, 3), (2, 8, 4), (8, 2, 5), (5, 5, 9), (4, 4, 8)])
def test_and_no_more_where_each_request_fails_only_once(candidate: int, stable: int, hits: int) -> None:
    """Then the candidate's hits are a draw without putting back: hypergeometric."""
    law = stats.hypergeom(candidate + stable, hits, candidate)
    possible = range(max(0, hits - stable), min(hits, candidate) + 1)
    evidence = [exp(log_evidence([Counts(k, hits - k, candidate, stable)], 1.0, EFFECT)) for k in possible]
    assert sum(law.pmf(possible) * evidence) <= 1.0 + 1e-12


@pytest.mark.parametrize("base", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5])
def test_nor_for_requests_that_fail_independently_whatever_the_ratio(base: float, rate: float) -> None:
    """Two periods of single requests, the second weighed differently: the product is a fair bet too."""
    total = 0.0
    sizes = [(2, 3), (3, 1)]
    laws = [(stats.binom(c, min(base * rate, 1.0)), stats.binom(s, rate)) for c, s in sizes]
    for outcome in product(*(range(n + 1) for size in sizes for n in size)):
        hits = [outcome[:2], outcome[2:]]
        chance = 1.0
        for (mine, theirs), (k, m) in zip(laws, hits, strict=True):
            chance *= mine.pmf(k) * theirs.pmf(m)
        periods = [Counts(k, m, c, s) for (k, m), (c, s) in zip(hits, sizes, strict=True)]
        total += chance * exp(log_evidence(periods, base, EFFECT))
    assert total <= 1.0 + 1e-9


@pytest.mark.parametrize("base", [0.5, 1.0, 3.0])
def test_the_score_has_the_moments_of_a_binomial_draw(base: float) -> None:
    periods = [Counts(3, 2, 100, 400), Counts(9, 0, 300, 100)]
    laws = [stats.binom(5, base * 100 / (base * 100 + 400)), stats.binom(9, base * 300 / (base * 300 + 100))]
    skewness = [float(law.stats("s")) for law in laws]
    total, information, third = score(periods, base)
    assert total == pytest.approx(12 - sum(law.mean() for law in laws), rel=1e-9)
    assert information == pytest.approx(sum(law.var() for law in laws), rel=1e-9)
    expected = sum(skew * law.std() ** 3 for skew, law in zip(skewness, laws, strict=True))
    assert third == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_ratio_is_told_when_the_score_passes_the_bound() -> None:
    """One period of even traffic: the anytime test needs more, so the patient one decides."""
    alpha = 0.05
    patient = Patient(alpha * (1.0 - ANYTIME_SHARE), information_to_find(0.1, alpha * (1.0 - ANYTIME_SHARE)))
    hits = 2000
    needed = patient.limit(hits / 4.0) * sqrt(hits / 4.0)
    for excess, told in ((needed - 1.0, False), (needed + 1.0, True)):
        period = Counts(hits / 2 + excess, hits / 2 - excess, 1e5, 1e5)
        assert ratio_exceeds([period], 1.0, 0.1, alpha, 1.0) is told


def test_what_was_proven_at_the_end_of_a_horizon_stays_proven() -> None:
    """A little more data reach for the next horizon, whose bound lies further out."""
    alpha = 0.05
    horizon = information_to_find(0.1, alpha * (1.0 - ANYTIME_SHARE))
    patient = Patient(alpha * (1.0 - ANYTIME_SHARE), horizon)
    hits = 4.0 * horizon
    excess = patient.limit(horizon) * sqrt(horizon) + 1.0
    proven = Counts(hits / 2.0 + excess, hits / 2.0 - excess, 1e5, 1e5)
    after = Counts(4.0, 4.0, 100.0, 100.0)
    assert excess < patient.limit(horizon + 2.0) * sqrt(horizon + 2.0)
    assert ratio_exceeds([proven, after], 1.0, 0.1, alpha, 1.0)
    unproven = Counts(hits / 2.0 + excess - 2.0, hits / 2.0 - excess + 2.0, 1e5, 1e5)
    assert not ratio_exceeds([unproven, Counts(8.0, 0.0, 100.0, 100.0)], 1.0, 0.1, alpha, 1.0)
    assert [information for _, information, _ in scores([proven, after], 1.0, horizon)] == [horizon, horizon + 2.0]


def test_a_plain_break_is_told_from_a_few_hits() -> None:
    """15 of 30 requests fail where stable's 570 had six errors. The patient test alone would have to wait."""
    assert ratio_exceeds(even([(15, 6)], 30.0, 570.0), 1.0, 0.1, 0.05)
    assert not ratio_exceeds(even([(2, 6)], 30.0, 570.0), 1.0, 0.1, 0.05)


def test_the_anytime_test_has_its_share_of_the_chance_and_no_more() -> None:
    """30 hits are far from the patient test's horizon."""
    periods = [even([(mine, 30 - mine)]) for mine in range(15, 31)]
    told = [log_evidence(one, 1.0, 0.02) >= -log(0.05 * ANYTIME_SHARE) for one in periods]
    assert [ratio_exceeds(one, 1.0, 0.02, 0.05, 1.0) for one in periods] == told
    assert told.index(True) > 8


def test_scattered_scores_must_reach_the_bound_times_their_scatter() -> None:
    spent = 0.05 * (1.0 - ANYTIME_SHARE)
    bound = deviations(spent) * sqrt(information_to_find(EFFECT, spent))
    outcomes = []
    for excess in range(0, 100, 4):
        periods = even([(275 + excess, 125 - excess), (125 + excess, 275 - excess)] * 10, 1e4, 1e4)
        spread = dispersion(periods)
        assert spread > 10.0
        outcomes.append(score(periods, 1.0)[0] / spread >= bound)
        assert ratio_exceeds(periods, 1.0, EFFECT, 0.05) is outcomes[-1]
    assert set(outcomes) == {False, True}


counts = some.builds(
    lambda c, s, n, m: Counts(min(c, n), min(s, m), n, m),
    some.integers(0, 30),
    some.integers(0, 30),
    some.integers(0, 200),
    some.integers(0, 200),
)
series = some.lists(counts, max_size=12)
bases = some.sampled_from([0.5, 0.8, 1.0, 1.25])


@given(series, bases)
def test_to_swap_the_variants_is_to_turn_the_question_round(periods: list[Counts], base: float) -> None:
    other = swapped(periods)
    total, information, third = score(periods, base)
    assert score(other, 1.0 / base) == pytest.approx((-total, information, -third), abs=1e-9)
    assert dispersion(other) == pytest.approx(dispersion(periods))
    estimate, low, high = ratio_bounds(periods, EFFECT, 0.05, 0.1)
    assert ratio_bounds(other, EFFECT, 0.1, 0.05) == pytest.approx((-estimate, -high, -low))
    assert not (ratio_exceeds(periods, base, EFFECT, ALPHA) and ratio_exceeds(other, 1.0 / base, EFFECT, ALPHA))


@given(series)
def test_an_estimate_lies_between_its_bounds(periods: list[Counts]) -> None:
    estimate, low, high = ratio_bounds(periods, EFFECT, 0.05, 0.1)
    assert low <= estimate <= high


def test_surer_bounds_lie_further_apart() -> None:
    periods = even([(9, 6)] * 4)
    widths = [ratio_bounds(periods, EFFECT, chance, chance) for chance in (0.2, 0.1, 0.05, 0.01)]
    assert [low for _, low, _ in widths] == sorted((low for _, low, _ in widths), reverse=True)
    assert [high for _, _, high in widths] == sorted(high for _, _, high in widths)


def test_the_bounds_of_a_ratio_are_where_its_score_would_pass_the_patient_bound() -> None:
    periods = even([(9, 6), (4, 8)] * 3, 100.0, 300.0)
    assert dispersion(periods) == 1.0
    _, information, third = score(periods, 1.0)
    estimate, low, high = ratio_bounds(periods, EFFECT, 0.05, 0.1)
    for chance, side, apart in ((0.05, 1.0, estimate - low), (0.1, -1.0, high - estimate)):
        spent = chance * (1.0 - ANYTIME_SHARE)
        patient = Patient(spent, information_to_find(EFFECT, spent))
        assert apart == pytest.approx(patient.limit(information, side * third / information) / sqrt(information))


@given(some.lists(counts, min_size=1, max_size=FEWEST_BLOCKS - 1), bases, some.data())
def test_another_hit_of_the_candidate_is_evidence_that_it_has_more_and_none_that_it_has_fewer(
    periods: list[Counts], base: float, data: some.DataObject
) -> None:
    """Of so few periods none is called bursty, so that what is proven stands."""
    at = data.draw(some.integers(0, len(periods) - 1))
    assume(periods[at].candidate and periods[at].stable)
    worse = list(periods)
    worse[at] = periods[at]._replace(candidate_hits=periods[at].candidate_hits + 1)
    assert log_evidence(worse, base, EFFECT) > log_evidence(periods, base, EFFECT)
    assert score(worse, base)[0] > score(periods, base)[0]
    if ratio_exceeds(periods, base, EFFECT, ALPHA):
        assert not ratio_exceeds(swapped(worse), 1.0 / base, EFFECT, ALPHA)


def test_the_ratio_is_haldanes_where_traffic_stays_as_it_is() -> None:
    estimate, _, _ = ratio_bounds(even([(3, 7), (0, 5)], 100.0, 400.0), EFFECT, 0.05, 0.1)
    assert estimate == pytest.approx(log((3.5 / 200.0) / (12.5 / 800.0)), rel=1e-9)
    assert ratio_bounds([], EFFECT, 0.05, 0.1) == (0.0, -inf, inf)
    assert ratio_bounds(even([(0, 0)]), EFFECT, 0.05, 0.1) == (0.0, -inf, inf)


def test_traffic_that_moves_while_errors_grow_more_frequent_feigns_no_difference() -> None:
    """The candidate gets 5 % of the traffic in a quiet hour and half of it in a bad one. Its errors are just as
    frequent as stable's in both, but over both hours twice as frequent."""
    periods = even([(1, 19)] * 10, 200.0, 3800.0) + even([(60, 60)] * 10, 2000.0, 2000.0)
    (mine, theirs), (candidate, stable) = weighted_hits(periods)
    assert (610 / 22_000) / (790 / 58_000) > 2.0
    assert mine == pytest.approx(theirs)
    assert (candidate, stable) == (22_000.0, 58_000.0)
    estimate, low, high = ratio_bounds(periods, EFFECT, 0.05, 0.1)
    assert estimate == pytest.approx(0.0, abs=0.001)
    assert low < 0.0 < high
    assert dispersion(periods) == 1.0


def test_and_hides_none() -> None:
    """Half as many errors again in both hours; the sums say fewer."""
    periods = even([(9, 114)] * 10, 200.0, 3800.0) + even([(30, 20)] * 10, 2000.0, 2000.0)
    assert (390 / 22_000) / (1340 / 58_000) < 0.8
    assert ratio_exceeds(periods, 1.0, EFFECT, 0.05)
    assert ratio_bounds(periods, EFFECT, 0.05, 0.1)[0] == pytest.approx(log(1.5), abs=0.02)


# ---------------------------------------------------------------- hits that come in bursts


def test_the_scatter_is_pearsons_chi_square_over_groups() -> None:
    """24 groups of even traffic with 16 hits each (variance 4), ten of them (14, 2): off by 6, so 36 / 4 = 9 each."""
    periods = even([(14, 2), (2, 14)] * 5 + [(8, 8)] * 14)
    assert dispersion(periods) == pytest.approx(10 * 9 / 24)
    observed = [[period.candidate_hits, period.stable_hits] for period in periods]
    whole = sum(stats.chisquare(pair, [sum(pair) / 2] * 2).statistic for pair in observed)
    assert dispersion(periods) == pytest.approx(whole / 24)


def test_what_lasts_for_some_periods_shows_in_groups_of_them() -> None:
    """Each period has a variance of 1 and is off by 2: 4 one by one, but by twos 4 and 4 of every three are off by
    4."""
    periods = even([(4, 0), (4, 0), (4, 0), (0, 4), (0, 4), (0, 4)] * 6)
    assert dispersion(periods) == pytest.approx(2 * 4.0**2 / 6)


@pytest.mark.parametrize(
    "periods",
    [
        even([(8, 8)] * 50),
        even([(9, 7), (7, 9)] * 20),
        even([(8, 0)] * 20),
        even([(10, 6), (6, 10)] * 5 + [(8, 8)] * 2),
    ],
    ids=["no scatter", "little scatter", "one side", "by chance"],
)
def test_what_scatters_by_chance_or_too_little_to_tell_is_left_as_it_is(periods: list[Counts]) -> None:
    assert dispersion(periods) == 1.0


def test_a_first_burst_is_no_proof_yet() -> None:
    """Four errors at once, or four of a candidate that is worse: too few periods tell which."""
    assert dispersion([]) == UNSEEN
    assert dispersion(even([(8, 8)] * (FEWEST_GROUPS - 1))) == UNSEEN
    assert dispersion(even([(8, 8)] * FEWEST_GROUPS)) == 1.0
    assert ratio_exceeds(even([(4, 0)], 100.0, 900.0), 1.0, EFFECT, 0.05, 1.0)
    assert not ratio_exceeds(even([(4, 0)], 100.0, 900.0), 1.0, EFFECT, 0.05)
    assert ratio_exceeds(even([(20, 0)], 100.0, 900.0), 1.0, EFFECT, 0.05)


def test_bursts_prove_less_than_as_many_single_hits() -> None:
    single, bursts = even([(18, 12)] * 20), even([(36, 0), (0, 24)] * 10)
    assert dispersion(bursts) > 5.0
    assert score(single, 1.0) == score(bursts, 1.0)
    assert ratio_exceeds(single, 1.0, EFFECT, 0.05)
    assert not ratio_exceeds(bursts, 1.0, EFFECT, 0.05)
    near, far = (ratio_bounds(periods, EFFECT, 0.05, 0.1) for periods in (single, bursts))
    assert near[0] == pytest.approx(far[0])
    assert far[1] < near[1] < near[2] < far[2]


# ---------------------------------------------------------------- one rate


def exact_bound(hits: int, requests: int, beta: tuple[float, float], chance: float, *, low: bool) -> float:
    """The rate at which the Beta mixture explains the hits 1/chance times as well, by scipy's root finder."""
    a, b = beta

    def excess(rate: float) -> float:
        explained = special.betaln(a + hits, b + requests - hits) - special.betaln(a, b)
        return float(explained - special.xlogy(hits, rate) - special.xlog1py(requests - hits, -rate) + log(chance))

    measured = hits / requests
    bracket = (1e-15, max(measured, 1e-14)) if low else (min(measured, 1 - 1e-15), 1 - 1e-16)
    return float(optimize.brentq(excess, *bracket, xtol=1e-16, rtol=1e-14))


@pytest.mark.parametrize(
    ("hits", "requests", "limit"),
    [(5, 100, 0.02), (1, 1000, 0.02), (50, 60, 0.5), (400, 100_000, 0.005), (30, 30, 0.02), (3, 7, 0.9)],
)
def test_the_bounds_of_a_rate_are_where_a_mixture_explains_the_hits_better(
    hits: int, requests: int, limit: float
) -> None:
    low, high = rate_bounds(hits, requests, limit, 0.05, 0.1)
    above = (1.0, max(1.0 / limit / 3.0, 0.5))
    assert low == pytest.approx(exact_bound(hits, requests, above, 0.05, low=True), rel=1e-9)
    if hits < requests:
        assert high == pytest.approx(exact_bound(hits, requests, (0.5, 2.0 / limit), 0.1, low=False), rel=1e-9)


def test_without_a_hit_or_a_miss_a_bound_is_the_end() -> None:
    assert rate_bounds(0, 0, 0.02, 0.05, 0.1) == (0.0, 1.0)
    assert rate_bounds(0, 500, 0.02, 0.05, 0.1)[0] == 0.0
    assert rate_bounds(500, 500, 0.02, 0.05, 0.1)[1] == 1.0
    assert rate_bounds(510, 500, 0.02, 0.05, 0.1) == rate_bounds(510, 510, 0.02, 0.05, 0.1)


def test_a_limit_of_nothing_is_broken_by_the_first_hit_and_never_kept() -> None:
    low, high = rate_bounds(0, 10_000, 0.0, 0.05, 0.1)
    assert low == 0.0 < high
    assert rate_bounds(1, 10_000, 0.0, 0.05, 0.1)[0] > 0.0


@given(some.integers(0, 400), some.integers(1, 400), some.sampled_from([0.001, 0.02, 0.5, 1.0]))
def test_a_rate_lies_between_its_bounds_which_move_with_the_hits(hits: int, requests: int, limit: float) -> None:
    assume(hits < requests)
    low, high = rate_bounds(hits, requests, limit, 0.05, 0.1)
    assert 0.0 <= low <= hits / requests <= high <= 1.0
    lower, higher = rate_bounds(hits, requests, limit, 0.01, 0.02)
    assert lower <= low
    assert higher >= high
    more = rate_bounds(hits + 1, requests, limit, 0.05, 0.1)
    assert more[0] >= low
    assert more[1] >= high


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.02, 0.3, 1.0])
@pytest.mark.parametrize("requests", [1, 12, 60])
def test_bounds_of_a_rate_are_wrong_no_more_often_than_they_may(rate: float, requests: int) -> None:
    """Every number of hits at one look; at all looks together it is the bench that counts."""
    law = stats.binom(requests, rate)
    bounds = [rate_bounds(hits, requests, 0.02, 0.05, 0.1) for hits in range(requests + 1)]
    assert sum(law.pmf(hits) for hits, (low, _) in enumerate(bounds) if low > rate) <= 0.05
    assert sum(law.pmf(hits) for hits, (_, high) in enumerate(bounds) if high < rate) <= 0.1
