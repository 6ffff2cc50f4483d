from __future__ import annotations

from interlock.evidence.bounds import MOST_PERIODS, counts
from interlock.evidence.judge import read_series
from interlock.evidence.measurements import Seen
from interlock.statistics.rates import Counts
from tests.unit.evidence.weighed import FEWER, LIKE_STABLE, Rule, rule_of
from tests.unit.examples import answered


def counted(written: Rule, length: int) -> list[Counts]:
    """Of periods in which the candidate has 2 hits in 10 requests and stable 1 in 20."""
    traffic = {"candidate_requests": [10.0] * length, "stable_requests": [20.0] * length}
    hits = {"candidate_error_rate": [2.0] * length, "stable_error_rate": [1.0] * length}
    seen = Seen(rule_of(written), read_series(answered(**traffic, **hits)))
    return counts(seen, seen.values("candidate"), seen.values("stable"))


def test_counts_stand_so_that_the_rule_asks_about_a_larger_ratio() -> None:
    assert counted(LIKE_STABLE, 1) == [Counts(2.0, 1.0, 10.0, 20.0)]
    assert counted(FEWER, 1) == [Counts(1.0, 2.0, 20.0, 10.0)]


def test_more_periods_than_a_plan_asks_for_are_added_up_in_groups() -> None:
    assert counted(LIKE_STABLE, MOST_PERIODS) == [Counts(2.0, 1.0, 10.0, 20.0)] * MOST_PERIODS
    pairs = [Counts(4.0, 2.0, 20.0, 40.0)] * (MOST_PERIODS // 2)
    assert counted(LIKE_STABLE, MOST_PERIODS + 1) == [*pairs, Counts(2.0, 1.0, 10.0, 20.0)]
