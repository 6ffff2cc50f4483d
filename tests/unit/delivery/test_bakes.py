from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.delivery.bakes import (
    FALSE_PASS,
    FALSE_ROLLBACK,
    FALSE_WINNER,
    FIVE_MINUTES_KEPT,
    MINUTES_KEPT,
    MOST_POINTS,
    MOST_VALUES,
)
from interlock.evidence.looks import LATE_METRICS
from interlock.model.plan import HELD
from interlock.policy.agreement import LONGEST_RELEASE
from interlock.strategies.strategy import LONGEST_BAKE
from tests.unit.awsmodel import input_of, unfit
from tests.unit.examples import (
    AB_TEST,
    CANARY,
    ERROR_RULE,
    ERRORS_LIKE_STABLE,
    LATENCY_LIKE_STABLE,
    LATENCY_RULE,
    baked,
)

Request = dict[str, Any]
GUARD = "interlock-churn-v7-1-error-rate"
COMPARING = [ERRORS_LIKE_STABLE, ERROR_RULE]


@pytest.mark.parametrize(
    ("inconclusive", "bakes"),
    [({}, 3), ({"extensions": 0}, 1), ({"then": "extend"}, 20), ({"extensions": 25, "then": "extend"}, 26)],
)
def test_how_often_a_step_is_baked(inconclusive: Request, bakes: int) -> None:
    carried = baked([ERROR_RULE], inconclusive=inconclusive, strategy=CANARY | {"looks": 6})
    assert (carried["bakes"], carried["looks"], carried["wait"], carried["seconds"]) == (bakes, 6, 300, 1800)
    assert carried["then"] == inconclusive.get("then", "roll_back")


def test_each_look_comes_when_the_metrics_of_its_time_are_there() -> None:
    carried = baked([ERROR_RULE], strategy=CANARY | {"looks": 6})
    assert (carried["first"], carried["wait"]) == (300 + LATE_METRICS, 300)


def test_each_step_is_watched_for_its_own_time() -> None:
    strategy = CANARY | {"bake": ["10m", "20m", "1h", "2h"]}
    asked = {percent: baked([ERROR_RULE], percent=percent, strategy=strategy) for percent in (5, 25, 50, 100)}
    assert [each["seconds"] for each in asked.values()] == [600, 1200, 3600, 7200]
    assert {each["period"] for each in asked.values()} == {180}  # 3 h 30 min, up to three times, in 300 points


def test_a_baseline_gets_as_much_as_the_candidate_where_there_is_as_much() -> None:
    strategy = CANARY | {"steps": [5, 75], "baseline": True}
    assert baked(COMPARING, strategy=strategy)["split"] == {"candidate": 5.0, "stable": 5.0}
    assert baked(COMPARING, percent=75, strategy=strategy)["split"] == {"candidate": 75.0, "stable": 25.0}
    assert baked(COMPARING)["split"] == {"candidate": 5.0, "stable": 95.0}


def test_without_a_comparison_no_split_is_planned() -> None:
    assert baked([ERROR_RULE])["split"] == {}
    assert baked(COMPARING, percent=100, against=None)["split"] == {}


def asked(bake_: Request) -> dict[str, Request]:
    return {query["Id"]: query["MetricStat"] for query in bake_["queries"]}


def test_a_bake_asks_for_what_people_read_and_for_what_tests_count() -> None:
    own: list[Request] = [{"metric": "conversion", "margin": "5%"}, {"metric": "basket", "min": 20}]
    found = asked(baked([*COMPARING, LATENCY_LIKE_STABLE, LATENCY_RULE, *own]))
    stats = {
        name: (stat["Metric"]["Namespace"], stat["Metric"]["MetricName"], stat["Stat"]) for name, stat in found.items()
    }
    of_both = {
        "requests": ("AWS/SageMaker", "Invocations", "Sum"),
        "error_rate": ("AWS/SageMaker", "Invocation5XXErrors", "Sum"),
        "p99_latency": ("AWS/SageMaker", "ModelLatency", "p99"),
        "p99_latency_slow": ("AWS/SageMaker", "ModelLatency", "PR(:100000)"),
        "conversion": ("Shop", "Conversions", "Sum"),
        "conversion_of": ("Shop", "Recommendations", "Sum"),
    }
    assert stats == {
        **{f"{role}_{name}": stat for role in ("candidate", "stable") for name, stat in of_both.items()},
        "candidate_p99_latency_beyond": ("AWS/SageMaker", "ModelLatency", "PR(:125000)"),
        "candidate_p99_latency_over": ("AWS/SageMaker", "ModelLatency", "PR(:250000)"),
        "candidate_basket": ("Shop", "BasketValue", "Average"),
    }
    for name, stat in found.items():
        variant = "churn-v7-1" if name.startswith("candidate") else "AllTraffic"
        assert stat["Metric"]["Dimensions"] == [
            {"Name": "EndpointName", "Value": "churn-live"},
            {"Name": "VariantName", "Value": variant},
        ]


def test_a_goal_counts_from_a_threshold_below_stables_percentile() -> None:
    found = asked(baked([{"metric": "p99_latency", "better_by": "20%"}]))
    assert found["candidate_p99_latency_beyond"]["Stat"] == "PR(:80000)"


def test_a_percentile_that_is_not_known_is_not_counted_by() -> None:
    assert set(asked(baked([LATENCY_LIKE_STABLE], references={}))) == {
        *("candidate_requests", "candidate_p99_latency", "stable_requests", "stable_p99_latency")
    }


def test_a_candidate_with_all_traffic_is_not_compared() -> None:
    alone = baked([*COMPARING, LATENCY_LIKE_STABLE], percent=100, against=None)
    assert set(asked(alone)) == {"candidate_requests", "candidate_error_rate"}
    assert [rule["bound"] for rule in alone["rules"]] == ["max"]
    beside = baked([*COMPARING, LATENCY_LIKE_STABLE])
    assert alone["rules"][0]["alpha"] == beside["rules"][0]["alpha"] == FALSE_ROLLBACK / 3
    assert alone["period"] == beside["period"]


def test_the_period_stays_when_the_last_step_has_fewer_questions() -> None:
    names = ("error_rate", "client_error_rate", "model_error_rate", "p50_latency", "p90_latency", "p95_latency")
    rules = [{"metric": name, "margin": "50%"} for name in names]
    strategy = CANARY | {"bake": "5h"}
    beside, alone = baked(rules, strategy=strategy), baked(rules, percent=100, against=None, strategy=strategy)
    assert len(beside["queries"]) > 13 > len(alone["queries"])
    assert alone["period"] == beside["period"]


SLOW = AB_TEST | {"share": 5, "duration": "3h"}


def test_a_rule_carries_all_that_it_takes_to_judge_it() -> None:
    rules = [LATENCY_LIKE_STABLE, {"metric": "conversion", "better_by": "2%"}]
    slow, better = baked(rules, planned=5400, strategy=SLOW)["rules"]
    assert slow == {
        "metric": "p99_latency",
        "kind": "percentile",
        "title": "p99 latency",
        "unit": "us",
        "better": "lower",
        "own": False,
        "bound": "margin",
        "value": 0.25,
        "min_requests": 100,
        "ignore_below": None,
        "tail": 0.01,
        "reference": 100_000.0,
        "alpha": FALSE_ROLLBACK / 2,
        "beta": FALSE_PASS,
        "horizon": 5400 / slow_period(),
    }
    assert (better["own"], better["tail"], better["beta"]) == (True, None, FALSE_WINNER)


def slow_period() -> int:
    period = baked([LATENCY_LIKE_STABLE, {"metric": "conversion", "better_by": "2%"}], strategy=SLOW)["period"]
    assert period == 120
    return int(period)


def test_a_release_with_nothing_side_by_side_is_tested_over_its_bake() -> None:
    carried = baked([ERROR_RULE], planned=0)
    assert carried["rules"][0]["horizon"] == 1800 / carried["period"]


def test_a_bake_says_what_it_watches() -> None:
    carried = baked([ERROR_RULE], percent=25, alarms=(GUARD, "churn-5xx"))
    assert (carried["seconds"], carried["percent"], carried["alarms"]) == (1800, 25, [GUARD, "churn-5xx"])


LONG = some.integers(1, LONGEST_BAKE // 60)


@given(LONG, some.integers(0, 3), some.integers(1, 8), some.sampled_from(["hold", "extend"]))
def test_the_measurements_of_a_release_fit_a_state_and_are_still_kept(
    minutes_: int, extensions: int, rules: int, then: str
) -> None:
    names = ["error_rate", "client_error_rate", "model_error_rate", "p50_latency", "p90_latency", "p95_latency"]
    wanted = [{"metric": name, "margin": "50%"} for name in [*names, "p99_latency", "mean_latency"][:rules]]
    possible = (LONGEST_RELEASE // 4 - HELD) // (20 if then == "extend" else 1 + extensions)
    strategy = CANARY | {"bake": f"{min(minutes_, possible // 60)}m"}
    carried = baked(wanted, strategy=strategy, inconclusive={"extensions": extensions, "then": then})
    longest = carried["seconds"] * 4 * carried["bakes"]
    points = longest / carried["period"]
    assert points <= MOST_POINTS
    assert points * len(carried["queries"]) <= MOST_VALUES
    kept = 60 if longest < MINUTES_KEPT else 300 if longest < FIVE_MINUTES_KEPT else 3600
    assert carried["period"] % kept == 0


@pytest.mark.parametrize(
    ("bake_", "period"),
    [
        ("1h", 60),
        ("75m", 60),
        ("76m", 120),
        ("5h", 240),
        ("89h", 4320),
        ("91h", 4500),
        ("377h", 18_300),
        ("378h", 21_600),
        ("30d", 36_000),
    ],
)
def test_the_period_is_the_finest_that_fits(bake_: str, period: int) -> None:
    carried = baked([ERROR_RULE], strategy=CANARY | {"bake": bake_}, inconclusive={"extensions": 0})
    assert {query["MetricStat"]["Period"] for query in carried["queries"]} == {carried["period"]} == {period}
    assert all(query["ReturnData"] for query in carried["queries"])


@pytest.mark.parametrize(("then", "period"), [("roll_back", 60), ("hold", 120)])
def test_a_day_of_being_held_fits_a_state(then: str, period: int) -> None:
    """Four queries of 60 s would be 5,000 datapoints after a day; a judgement reads at most MOST_VALUES."""
    rules = [ERROR_RULE, {"metric": "client_error_rate", "max": "5%"}, {"metric": "mean_latency", "max": "1s"}]
    carried = baked(rules, strategy=CANARY | {"bake": "10m"}, inconclusive={"extensions": 0, "then": then})
    assert len(carried["queries"]) == 4
    assert carried["period"] == period
    assert 4 * 86_400 / 120 < MOST_VALUES < 4 * 86_400 / 60


def test_the_questions_are_ones_that_cloudwatch_takes() -> None:
    latencies = ("mean_latency", "p50_latency", "p90_latency", "p95_latency", "p99_9_latency", "mean_overhead")
    rules = [{"metric": metric, "margin": "20%"} for metric in ("client_error_rate", *latencies, "conversion", "cpu")]
    carried = baked([*rules, ERROR_RULE, LATENCY_RULE])
    assert unfit(input_of("cloudwatch", "GetMetricData").members["MetricDataQueries"], carried["queries"]) == []
