from __future__ import annotations

from itertools import product
from math import exp, inf, log, sqrt
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from scipy import integrate, optimize, special, stats  # type: ignore[import-untyped]

from interlock.means import BETWEEN_LOOKS, MOST_ALIKE, anytime_t, independent_blocks, mean_bounds, neighbours, patient_t
from interlock.ratios import (
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
from interlock.sequential import (
    ANYTIME_SHARE,
    FEWEST_BLOCKS,
    LATER,
    LATER_SHARE,
    POWER,
    Patient,
    crossing,
    deviations,
    information_to_find,
)

ALPHA = 0.025
EFFECT = log(1.5)


def even(hits: list[tuple[int, int]], candidate: float = 100.0, stable: float = 100.0) -> list[Counts]:
    """Periods of the same traffic with the given hits of candidate and stable."""
    return [Counts(mine, theirs, candidate, stable) for mine, theirs in hits]


# ---------------------------------------------------------------- the patient test's bound


def test_the_bounds_of_all_horizons_together_spend_the_chance_of_a_false_alarm() -> None:
    spent = [2.0 * stats.norm.sf(deviations(ALPHA, later)) for later in range(60)]
    assert spent[0] == pytest.approx(ALPHA * (1.0 - LATER_SHARE), rel=1e-9)
    assert sum(spent) == pytest.approx(ALPHA, rel=1e-9)


@pytest.mark.parametrize("information", [1.0, 10.0, 99.9, 100.0])
def test_up_to_the_horizon_the_sum_of_scores_has_one_bound(information: float) -> None:
    bound = Patient(ALPHA, 100.0).limit(information) * sqrt(information)
    assert bound == pytest.approx(stats.norm.isf(ALPHA * (1.0 - LATER_SHARE) / 2.0) * 10.0, rel=1e-9)


@pytest.mark.parametrize(("information", "later"), [(100.1, 1), (200.0, 1), (200.1, 2), (400.0, 2), (401.0, 3)])
def test_after_it_there_are_later_horizons(information: float, later: int) -> None:
    bound = Patient(ALPHA, 100.0).limit(information) * sqrt(information)
    assert LATER == 2.0
    assert bound == pytest.approx(deviations(ALPHA, later) * 10.0 * sqrt(2.0) ** later, rel=1e-9)


def test_a_skewed_sum_needs_what_cornish_and_fisher_say_of_its_tail() -> None:
    """A Poisson sum of mean 100 has a skewness of 0.1."""
    usual, skewed = (Patient(ALPHA, 100.0).limit(100.0, skewness) for skewness in (0.0, 1.0))
    assert skewed - usual == pytest.approx(0.1 * (usual**2 - 1.0) / 6.0, rel=1e-9)
    exact = stats.gamma(100.0)  # continuous, of the same mean and variance, with twice the skewness
    expected = (exact.isf(stats.norm.sf(usual)) - 100.0) / 10.0
    assert Patient(ALPHA, 100.0).limit(100.0, 2.0) == pytest.approx(expected, rel=0.02)
    assert Patient(ALPHA, 100.0).limit(100.0, -1.0) == usual


@pytest.mark.parametrize(("bound", "drift"), [(2.0, 0.0), (2.5, 1.0), (2.5, 3.0), (1.0, -1.0), (3.0, 5.0)])
def test_the_chance_of_crossing_is_the_integral_of_the_density_of_the_first_passage(bound: float, drift: float) -> None:
    """The inverse Gaussian density (Schrödinger 1915)."""

    def first_passage(time: float) -> float:
        return bound / sqrt(2.0 * 3.141592653589793 * time**3) * exp(-((bound - drift * time) ** 2) / (2.0 * time))

    assert crossing(bound, drift) == pytest.approx(integrate.quad(first_passage, 0.0, 1.0, epsrel=1e-12)[0], rel=1e-9)


def test_a_drift_that_nothing_could_hold_back_crosses() -> None:
    assert crossing(3.0, 60.0) == pytest.approx(1.0)


@pytest.mark.parametrize(("effect", "alpha"), [(0.1, 0.05), (0.4, 0.01), (1.0, 0.05)])
def test_the_horizon_is_where_the_effect_is_found_with_the_power(effect: float, alpha: float) -> None:
    found = information_to_find(effect, alpha)
    assert crossing(deviations(alpha), effect * sqrt(found)) == pytest.approx(POWER, abs=1e-9)
    assert found * effect**2 == pytest.approx(information_to_find(1.0, alpha))


# ---------------------------------------------------------------- counts


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


# ---------------------------------------------------------------- means


@pytest.mark.parametrize("n", [8, 12, 30, 120])
@pytest.mark.parametrize("alpha", [0.05, 0.002])
def test_the_anytime_t_is_where_a_mixture_of_noncentral_ts_explains_it_better(n: int, alpha: float) -> None:
    t = anytime_t(n, alpha)
    law = stats.nct

    def mixed(effect: float) -> float:
        return float(law.pdf(t, n - 1, sqrt(n) * effect) * stats.norm.pdf(effect))

    whole = integrate.quad(mixed, -10.0, 10.0, points=[0.0, t / sqrt(n)], epsabs=0.0, epsrel=1e-11, limit=200)[0]
    assert whole / stats.t.pdf(t, n - 1) == pytest.approx(1.0 / alpha, rel=1e-9)


def test_so_few_values_that_no_t_proves_anything() -> None:
    assert anytime_t(3, 0.01) == inf
    assert anytime_t(2, 0.5) == inf
    assert anytime_t(50, 0.01) < inf


@pytest.mark.parametrize(("n", "horizon"), [(3, 30), (10, 30), (30, 30), (31, 30), (500, 30)])
def test_the_patient_t_has_the_chance_of_its_normal_bound(n: int, horizon: float) -> None:
    limit = Patient(ALPHA, horizon).limit(n) - BETWEEN_LOOKS / sqrt(n)
    assert patient_t(n, horizon, ALPHA) == pytest.approx(stats.t.isf(stats.norm.sf(limit), n - 1), rel=1e-9)


@pytest.mark.parametrize("horizon", range(100, 900, 10))
def test_a_horizon_that_is_far_away_asks_for_more_than_any_t(horizon: int) -> None:
    assert patient_t(3, horizon, 0.001) > 1e20


def test_a_mean_lies_between_its_bounds_by_the_test_that_is_sooner() -> None:
    points = [10.0 + (-1.0) ** place * (place % 7) for place in range(30)]
    found = mean_bounds(points, 30.0, 0.05, 0.1)
    assert found.mean == pytest.approx(sum(points) / 30)
    assert found.error == pytest.approx(stats.sem(points), rel=1e-9)
    for wrong, bound in ((0.05, found.mean - found.low), (0.1, found.high - found.mean)):
        needed = min(
            anytime_t(30, wrong * ANYTIME_SHARE),
            patient_t(30, 30.0, wrong * (1.0 - ANYTIME_SHARE)),
        )
        assert bound == pytest.approx(needed * found.error, rel=1e-9)
    assert found.blocks == 30


def alternating(length: int, middle: float = 10.0) -> list[float]:
    return [middle + (-1.0) ** place * (1 + place % 7) for place in range(length)]


@pytest.mark.parametrize("end", [30, 120])
def test_what_was_proven_of_a_mean_at_the_end_of_a_horizon_stays_so(end: int) -> None:
    at_the_end, later = (mean_bounds(alternating(length), 30.0, 0.05, 0.1) for length in (end, end + 2))
    assert later.low >= at_the_end.low
    assert later.high <= at_the_end.high
    assert later.blocks == end + 2
    assert patient_t(end + 2, 30.0, 0.05) > 1.2 * patient_t(end, 30.0, 0.05)


def test_unless_the_mean_went_elsewhere() -> None:
    moved = mean_bounds(alternating(30) + alternating(60, middle=0.0), 30.0, 0.05, 0.1)
    assert mean_bounds(alternating(30), 30.0, 0.05, 0.1).low > moved.mean
    assert moved.low <= moved.mean <= moved.high


def test_early_on_a_plain_difference_is_the_anytime_tests() -> None:
    assert anytime_t(12, 0.05 * ANYTIME_SHARE) < patient_t(12, 300.0, 0.05 * (1.0 - ANYTIME_SHARE))
    assert anytime_t(300, 0.05 * ANYTIME_SHARE) > patient_t(300, 300.0, 0.05 * (1.0 - ANYTIME_SHARE))


@pytest.mark.parametrize(("points", "mean"), [([], 0.0), ([7.0], 7.0), ([7.0, 8.0], 7.5)])
def test_two_points_bound_nothing(points: list[float], mean: float) -> None:
    found = mean_bounds(points, 30.0, 0.05, 0.1)
    assert (found.mean, found.low, found.high, found.error) == (mean, -inf, inf, inf)


def test_a_few_equal_points_bound_nothing_and_many_are_what_they_are() -> None:
    """Three quiet minutes would else prove that nothing ever happens."""
    few, many = (mean_bounds([0.0] * n, 30.0, 0.05, 0.1) for n in (FEWEST_BLOCKS - 1, FEWEST_BLOCKS))
    assert (few.mean, few.low, few.high) == (0.0, -inf, inf)
    assert (many.low, many.high, many.error) == (0.0, 0.0, 0.0)


@given(some.lists(some.floats(-1e3, 1e3), min_size=3, max_size=40), some.floats(1e-3, 1e6), some.floats(-1e3, 1e3))
def test_bounds_of_a_mean_keep_their_place_when_the_unit_changes(points: list[float], unit: float, zero: float) -> None:
    assume(len(set(points)) > 1 and stats.sem(points) > 1e-3)
    found = mean_bounds(points, 12.0, 0.05, 0.1)
    assert found.low <= found.mean <= found.high
    moved = mean_bounds([unit * point + zero for point in points], 12.0, 0.05, 0.1)
    assume(moved.blocks == found.blocks)  # at the edge of being alike, rounding decides
    for before, after in ((found.low, moved.low), (found.high, moved.high)):
        assert after == pytest.approx(unit * before + zero, rel=1e-6, abs=1e-5 * max(unit, 1.0))


# ---------------------------------------------------------------- periods that are alike


def test_neighbours_are_compared_as_box_and_jenkins_do() -> None:
    values = [1.0, 2.0, 4.0, 3.0]  # apart from their mean: -1.5, -0.5, 1.5, 0.5
    assert neighbours(values) == pytest.approx((0.75 - 0.75 + 0.75) / 5.0)
    assert neighbours([2.0] * 5) == 0.0


def test_points_that_are_not_alike_are_left_as_they_are() -> None:
    chance = Random(1)
    points = [chance.gauss(0.0, 1.0) for _ in range(100)]
    assert independent_blocks(points) == (points, 1, 0.0)
    assert independent_blocks([1.0, 2.0, 3.0]) == ([1.0, 2.0, 3.0], 1, 0.0)


def test_points_that_go_in_pairs_are_judged_by_the_pair_and_the_newest_count() -> None:
    pairs = [7.0, 4.0, 4.0] * 7
    points = [pair for pair in pairs for _ in range(2)]
    assert independent_blocks(points) == (pytest.approx(pairs), 2, 0.0)
    assert independent_blocks([5.0, *points]) == (pytest.approx(pairs), 2, 0.0)


def test_a_horizon_in_points_is_one_in_blocks() -> None:
    pairs = [7.0, 4.0, 4.0] * 7
    by_point, by_pair = (
        mean_bounds([pair for pair in pairs for _ in range(2)], 80.0, 0.05, 0.1),
        mean_bounds(pairs, 40.0, 0.05, 0.1),
    )
    assert (by_point.low, by_point.high) == (pytest.approx(by_pair.low), pytest.approx(by_pair.high))


@pytest.mark.parametrize("length", [20, 60, 300])
def test_a_trend_is_as_alike_as_can_be_and_bounded_as_widely(length: int) -> None:
    trend = [float(place) for place in range(length)]
    blocks, _, alike = independent_blocks(trend)
    assert len(blocks) >= min(length, FEWEST_BLOCKS)
    assert alike > 0.8
    assert mean_bounds(trend, 300.0, 0.05, 0.1).low < 0.0


def test_how_alike_neighbours_may_be_is_one_standard_error_above_what_was_seen() -> None:
    points = [1.0, 2.0, 3.0, 4.0, 5.0]
    assert independent_blocks(points) == (points, 1, MOST_ALIKE)
    points = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    assert independent_blocks(points)[2] == pytest.approx(neighbours(points) + 1 / 12 + 1 / sqrt(12))


def test_a_series_that_wanders_is_told_from_fewer_blocks_with_wider_bounds() -> None:
    chance, wandering = Random(5), [0.0]
    for _ in range(400):
        wandering.append(0.9 * wandering[-1] + chance.gauss(0.0, 1.0))
    shuffled = [wandering[place * 149 % 401] for place in range(401)]
    alike, apart = (mean_bounds(points, 400.0, 0.05, 0.1) for points in (wandering, shuffled))
    assert alike.blocks <= 401 / 8
    assert apart.blocks == 401
    assert alike.high - alike.low > 2.0 * (apart.high - apart.low)
