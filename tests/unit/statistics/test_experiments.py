from __future__ import annotations

from itertools import pairwise
from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import integrate, special, stats

from interlock.statistics.experiments import (
    SPLIT_ALPHA,
    STRENGTHS,
    chance_of_higher_rate,
    split_mismatch,
    thompson_share,
)

THOUSANDFOLD = log(1000.0)
Arm = tuple[int, int]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((5, 10), (50, 1000)),
        ((0, 10), (0, 30)),
        ((0, 10), (3, 30)),
        ((10, 10), (9, 10)),
        ((50, 1000), (40, 1000)),
        ((20, 1000), (10_000, 300_000)),
        ((6, 10), (50_000, 100_000)),
        ((10_100, 100_000), (10_000, 100_000)),
    ],
)
def test_the_chance_of_the_higher_rate_is_the_integral_over_both_beta_densities(one: Arm, other: Arm) -> None:
    first, second = (stats.beta(hits + 1, requests - hits + 1) for hits, requests in (one, other))
    places = sorted({float(law.ppf(q)) for law in (first, second) for q in (1e-9, 0.01, 0.5, 0.99, 1 - 1e-9)})

    def product(rate: float) -> float:
        return float(first.pdf(rate) * second.cdf(rate))

    edges = [0.0, *places, 1.0]
    pieces = pairwise(edges)
    expected = sum(integrate.quad(product, *piece, epsabs=1e-13, epsrel=1e-12, limit=200)[0] for piece in pieces)
    assert chance_of_higher_rate(*one, *other) == pytest.approx(expected, rel=1e-9)


arms = some.integers(0, 800).flatmap(lambda requests: some.tuples(some.integers(0, requests), some.just(requests)))


@settings(max_examples=25)
@given(arms, arms)
def test_one_of_the_two_is_the_higher_rate(one: Arm, other: Arm) -> None:
    chance = chance_of_higher_rate(*one, *other)
    assert 0.0 <= chance <= 1.0 + 1e-12
    assert chance + chance_of_higher_rate(*other, *one) == pytest.approx(1.0, abs=1e-10)
    assert chance == pytest.approx(1.0 - chance_of_higher_rate(*_misses(one), *_misses(other)), abs=1e-10)


def _misses(arm: Arm) -> Arm:
    return arm[1] - arm[0], arm[1]


def test_nothing_known_of_either_is_even() -> None:
    assert chance_of_higher_rate(0, 0, 0, 0) == pytest.approx(0.5)
    assert chance_of_higher_rate(7, 70, 7, 70) == pytest.approx(0.5)


def test_more_hits_than_requests_are_all_of_them() -> None:
    """The two are counted by different metrics, and one may be late."""
    assert chance_of_higher_rate(12, 10, 3, 10) == pytest.approx(chance_of_higher_rate(12, 12, 3, 10))
    assert chance_of_higher_rate(3, 10, 12, 10) < 0.01


def split_evidence(candidate: int, stable: int, share: float) -> float:
    """How many times as well the Beta mixtures explain the split as the configured share does; as a logarithm."""
    mixtures = [
        special.betaln(strength * share + candidate, strength * (1 - share) + stable)
        - special.betaln(strength * share, strength * (1 - share))
        for strength in STRENGTHS
    ]
    expected = special.xlogy(candidate, share) + special.xlogy(stable, 1 - share)
    return float(special.logsumexp(mixtures) - log(len(mixtures)) - expected)


@pytest.mark.parametrize(
    ("candidate", "stable", "share"), [(0, 0, 0.5), (5, 200, 0.05), (700, 100, 0.5), (0, 90, 0.05)]
)
def test_a_mixture_of_splits_is_a_beta_binomial_distribution(candidate: int, stable: int, share: float) -> None:
    laws = [stats.betabinom(candidate + stable, s * share, s * (1 - share)) for s in STRENGTHS]
    usual = stats.binom.logpmf(candidate, candidate + stable, share)
    explained = special.logsumexp([law.logpmf(candidate) for law in laws]) - log(len(laws)) - usual
    assert explained == pytest.approx(split_evidence(candidate, stable, share), rel=1e-9, abs=1e-8)


@given(some.integers(0, 5000), some.integers(0, 5000), some.sampled_from([0.01, 0.05, 0.25, 0.5, 0.9]))
def test_a_split_is_a_mismatch_where_the_mixture_explains_it_a_thousand_times_as_well(
    candidate: int, stable: int, share: float
) -> None:
    evidence = split_evidence(candidate, stable, share)
    if abs(evidence - THOUSANDFOLD) > 1e-6:
        assert split_mismatch(candidate, stable, share) == (evidence >= THOUSANDFOLD)


@pytest.mark.parametrize("share", [0.05, 0.5])
@pytest.mark.parametrize("requests", [1, 7, 60])
def test_the_evidence_against_a_right_split_is_1_on_average(requests: int, share: float) -> None:
    chances = stats.binom.pmf(range(requests + 1), requests, share)
    evidence = [exp(split_evidence(k, requests - k, share)) for k in range(requests + 1)]
    assert sum(chances * evidence) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("candidate", "stable", "share", "mismatch"),
    [
        (0, 0, 0.05, False),
        (500, 9500, 0.05, False),
        (540, 9460, 0.05, False),
        (700, 9300, 0.05, True),
        (330, 9670, 0.05, True),
        (0, 250, 0.05, True),
        (0, 100, 0.05, False),
        (5000, 5000, 0.5, False),
        (5300, 4700, 0.5, True),
        (30, 0, 0.5, True),
        (8, 0, 0.5, False),
        (0, 100, 0.0, False),
        (1, 100, 0.0, True),
    ],
)
def test_which_splits_are_as_configured(candidate: int, stable: int, share: float, mismatch: bool) -> None:
    assert split_mismatch(candidate, stable, share) is mismatch
    assert split_mismatch(stable, candidate, 1.0 - share) is mismatch
    assert SPLIT_ALPHA == 0.001


def test_thompson_gives_the_better_arm_more_but_never_starves_the_other() -> None:
    chances = (0.0, 0.04, 0.1, 0.5, 0.83, 0.9, 0.97, 1.0)
    assert [thompson_share(chance, 0.1) for chance in chances] == [0.1, 0.1, 0.1, 0.5, 0.83, 0.9, 0.9, 0.9]
    assert [thompson_share(chance, 0.5) for chance in chances] == [0.5] * len(chances)
