"""The bench's traffic is what it says, the judge it asks is the deployed one, and a missed target is not hidden."""

from __future__ import annotations

import numpy as np
import pytest

from bench.evidence import __main__ as program
from bench.evidence.release import ERRORS, MEAN, P99, Release, judged
from bench.evidence.table import Row, Table, share
from bench.evidence.traffic import (
    Latencies,
    Traffic,
    errors,
    latencies,
    log_normal,
    neighbours,
    normal_values,
    pareto,
    slow_counts,
    split,
)


def chance() -> np.random.Generator:
    return np.random.default_rng(7)


def slow_share(traffic: Traffic, name: str) -> float:
    return float(1.0 - traffic.columns[name].mean() / 100.0)


@pytest.mark.parametrize("kind", [log_normal(0.6), pareto(1.5)])
def test_one_in_a_hundred_requests_is_slower_than_the_p99_before(kind: Latencies) -> None:
    traffic = latencies(chance(), 20, 50, kind)
    assert slow_share(traffic, "candidate_p99_latency_slow") == pytest.approx(0.01, rel=0.1)
    assert slow_share(traffic, "stable_p99_latency_slow") == pytest.approx(0.01, rel=0.1)


def test_latencies_longer_by_the_margin_lie_beyond_it_as_often_as_stables_are_slow() -> None:
    traffic = latencies(chance(), 40, 50, log_normal(0.6), ratio=1.5, margin=0.5)
    assert slow_share(traffic, "candidate_p99_latency_beyond") == pytest.approx(0.01, rel=0.1)


def test_counts_of_slow_requests_are_those_of_single_ones() -> None:
    single = latencies(chance(), 40, 50, log_normal(0.6))
    counted = slow_counts(chance(), split(chance(), 40, 50), 0.6)
    for name in ("candidate_p99_latency_slow", "stable_p99_latency_slow", "candidate_p99_latency_beyond"):
        assert slow_share(counted, name) == pytest.approx(slow_share(single, name), rel=0.2)
    assert counted.levels["p99_latency"] == pytest.approx(single.levels["p99_latency"])


def test_errors_in_bursts_are_as_many_but_come_together() -> None:
    requests = split(chance(), 100, 100)
    alone, together = (
        errors(chance(), requests, 0.01, burst=burst).columns["candidate_error_rate"] for burst in (1, 5)
    )
    assert together.mean() == pytest.approx(alone.mean(), rel=0.1)
    assert together.var() == pytest.approx(5 * alone.var(), rel=0.2)


def test_minutes_are_as_alike_as_they_are_to_be() -> None:
    noise = neighbours(chance(), 200, 100, 0.6)
    assert np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1] == pytest.approx(0.6, abs=0.02)
    assert noise.std() == pytest.approx(1.0, abs=0.03)


def test_the_judge_fails_what_is_broken_and_passes_what_is_not() -> None:
    requests = split(chance(), 4, 60)
    release = Release((ERRORS, MEAN), 60)
    good = errors(chance(), requests, 0.01) | normal_values(chance(), requests, noise=0.01)
    bad = errors(chance(), requests, 0.01, 20.0) | normal_values(chance(), requests, noise=0.01)
    looks = range(1, 61)
    assert judged(release, good, looks).last == ("Pass",) * 4
    broken = judged(release, bad, looks)
    assert broken.last == ("Fail",) * 4
    assert (broken.when() <= 3).all()
    assert broken.ever().all()


def test_a_look_sees_only_the_minutes_before_it() -> None:
    requests = split(chance(), 4, 60)
    rate = np.repeat([0.01, 0.5], 30)
    traffic = errors(chance(), requests, 0.01)
    late = traffic.columns | {"candidate_error_rate": requests["candidate_requests"] * rate}
    found = judged(Release((ERRORS,), 60), Traffic(late, traffic.levels), (30, 60), go_on=True)
    assert found.failed.tolist() == [[False, True]] * 4
    assert found.ever(2).all()


def test_the_judge_is_given_stables_percentile() -> None:
    slower = latencies(chance(), 4, 30, log_normal(0.6), ratio=3.0)
    assert judged(Release((P99,), 30), slower, (30,)).last == ("Fail",) * 4


def test_a_missed_target_is_said_and_ends_the_program_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (Row("good", ("1 %",), True), Row("bad", ("9 %",), False), Row("no target", ("3 %",)))
    monkeypatch.setattr(program, "tables", lambda times: [lambda chance: (Table("T", "5 %", ("A",), rows),)])
    monkeypatch.setattr("sys.argv", ["bench.evidence"])
    assert program.main() == 1
    said = capsys.readouterr().out
    assert "Missed:\n  T: bad\n" in said


def test_a_share_says_how_far_it_may_be_off() -> None:
    assert share([True] * 50 + [False] * 950) == "5.0 % ± 1.4"
    assert share([False] * 100) == "0.0 % ± 2.7"
