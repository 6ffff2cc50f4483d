"""How long answers take: slow minutes, shared or a variant's own, and rare answers that take very long."""

from __future__ import annotations

import numpy as np
import pytest

from rehearsal.clock import Clock
from rehearsal.traffic import Behaviour, SharedNoise
from rehearsal.traffic.latency import LONGEST_US, SlowMinutes, generator, with_tail
from tests.rehearsal.flowing import BEGIN, flowing, medians
from tests.rehearsal.sagemaker.account import START

STEADY = Behaviour(spread=0.4)  # so that a minute's median shows the minute, not the draw


def factors(noise: SharedNoise, minutes: int) -> list[float]:
    slow = SlowMinutes(noise, Clock(START, seed=3), "noise")
    return [slow.factor(BEGIN + 60 * minute) for minute in range(minutes)]


def test_shared_slow_minutes_spread_and_last_as_asked() -> None:
    levels = np.log(factors(SharedNoise(spread=0.3, memory=0.8), 20_000))

    assert levels.mean() == pytest.approx(0, abs=0.03)
    assert levels.std() == pytest.approx(0.3, rel=0.05)
    assert np.corrcoef(levels[1:], levels[:-1])[0, 1] == pytest.approx(0.8, abs=0.02)


def test_a_minute_is_as_slow_whether_the_minutes_before_it_were_asked_for_or_not() -> None:
    noise = SharedNoise(spread=0.3)
    slow = SlowMinutes(noise, Clock(START, seed=3), "noise")

    assert slow.factor(BEGIN + 60 * 50 + 30) == factors(noise, 51)[50]


def test_a_slow_minute_is_slow_for_both_variants() -> None:
    account, traffic = flowing(stable=50, candidate=50, shared_noise=SharedNoise(spread=0.3), usual=STEADY)
    account.wait(120)
    stable, candidate = np.array(medians(traffic, "stable")), np.array(medians(traffic, "candidate"))

    assert np.log(stable).std() > 0.15
    assert candidate == pytest.approx(stable, rel=0.03)


def test_a_variant_s_own_noise_leaves_the_other_variant_alone() -> None:
    noisy = Behaviour(spread=0.4, minute_noise=0.3)
    account, traffic = flowing(stable=50, candidate=50, variants={"candidate": noisy}, usual=STEADY)
    account.wait(120)

    assert np.log(medians(traffic, "candidate")).std() == pytest.approx(0.3, rel=0.3)
    assert np.log(medians(traffic, "stable")).std() < 0.02


def test_the_own_noise_of_two_variants_is_independent() -> None:
    usual = Behaviour(spread=0.4, minute_noise=0.3)
    account, traffic = flowing(stable=50, candidate=50, requests_per_second=0.5, usual=usual)
    account.wait(200)
    together = np.corrcoef(np.log(medians(traffic, "stable")), np.log(medians(traffic, "candidate")))[0, 1]

    assert abs(together) < 0.25


def test_a_minute_that_is_cut_is_slow_as_a_whole() -> None:
    account, traffic = flowing(stable=50, candidate=50, usual=Behaviour(spread=0.004, minute_noise=0.5))
    account.wait(1.5)
    account.weigh(stable=80, candidate=20)
    account.wait(1.6)

    assert all(each.latency_p99_us < 1.01 * each.latency_p50_us for each in traffic.minutes)


def test_a_heavy_tail_moves_the_mean_and_hardly_the_median() -> None:
    stream = generator(Clock(START, seed=3), "tail")
    plain = np.full(200_000, 10_000.0)
    tailed = with_tail(stream, plain, 0.02)

    assert np.median(tailed) == 10_000
    assert (tailed > 10_000).mean() == pytest.approx(0.02, rel=0.1)
    assert tailed.mean() > 1.02 * plain.mean()
    assert 1e6 < tailed.max() <= LONGEST_US


def test_what_one_variant_draws_for_its_options_changes_nothing_for_the_other() -> None:
    histories = []
    for behaviour in (Behaviour(), Behaviour(tail=0.1, minute_noise=0.4)):
        account, traffic = flowing(stable=50, candidate=50, variants={"candidate": behaviour})
        account.wait(30)
        histories.append([each for each in traffic.minutes if each.variant == "stable"])

    assert histories[0] == histories[1]
