"""A/B tests: the winner that the judge names, and how it shares the traffic where a policy asks for that."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.evidence.judge import judge
from interlock.evidence.looks import Look
from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from tests.unit.awsmodel import input_of, unfit
from tests.unit.examples import (
    AB_TEST,
    CANARY,
    ENDPOINT,
    ERROR_RULE,
    ERRORS_LIKE_STABLE,
    FEWER_ERRORS,
    GROUP,
    OWN_METRICS,
    STABLE,
    answered,
    baked,
    document,
)
from tests.unit.planned import deliver

Request = dict[str, Any]
GOAL = {"metric": "conversion", "better_by": "20%"}
BANDIT = AB_TEST | {"duration": "2h", "looks": 4, "allocation": {"kind": "thompson", "floor": "10%"}}
PERSON = AB_TEST | {"looks": 2, "winner": "person"}
SINCE = "2026-01-05T09:59:30.000Z"


def problems(strategy: Request, *rules: Request) -> list[str]:
    content = json.loads(document(strategy=strategy, evidence=list(rules))) | {"metrics": OWN_METRICS}
    with pytest.raises(PolicyError) as error:
        read_policy(json.dumps(content), GROUP)
    return [problem.text for problem in error.value.problems]


def bakes(strategy: Request = BANDIT, *rules: Request) -> list[Request]:
    plan = deliver(strategy=strategy, evidence=list(rules) or [FEWER_ERRORS])
    return [step["bake"] for step in plan["steps"] if step["action"] == "Bake"]


def errors(candidate: float, stable: float, requests: float = 100.0, **fields: Any) -> Look:
    """What the judge is given after ten minutes in which both variants served as many ``requests`` a minute, and so
    many of them failed."""
    counts = {"candidate_requests": requests, "stable_requests": requests}
    results = answered(**counts, candidate_error_rate=candidate, stable_error_rate=stable)
    quiet = [{"AlarmName": name, "StateValue": "OK"} for name in bakes()[0]["alarms"]]
    given_: Request = {"bake": bakes()[0], "results": results, "alarms": quiet, "error": "", "looks": 0, "since": SINCE}
    return cast(Look, given_ | {"split": given_["bake"]["split"]} | fields)


# ---------------------------------------------------------------- the policy


@pytest.mark.parametrize(
    ("different", "said"),
    [
        ({"baseline": True}, "allocation: an allocation cannot be used with a baseline; write baseline: false"),
        ({"looks": 1}, "allocation: an allocation changes the traffic between looks; write looks: 2 or more"),
        ({"allocation": {"kind": "thompson", "floor": "0.5%"}}, "allocation.floor: write from 1% to 50%, for example"),
        ({"allocation": {"kind": "thompson", "floor": "51%"}}, "allocation.floor: write from 1% to 50%, for example"),
        ({"allocation": {"kind": "greedy"}}, "allocation.kind: write 'thompson'"),
        ({"allocation": {"kind": "thompson", "cap": 1}}, "allocation.cap: no such field; allowed here: kind, floor"),
    ],
)
def test_an_allocation_that_could_not_be_carried_out_is_refused(different: Request, said: str) -> None:
    assert problems(BANDIT | different, GOAL)[0].startswith(f"stages.0.strategy.{said}")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([ERROR_RULE], "follows one goal; write better_by in exactly one rule, or leave it out; none has it"),
        ([GOAL, FEWER_ERRORS], "or leave it out; conversion, error_rate have it"),
        ([{"metric": "basket", "better_by": "5%"}], "follows a rate, which basket is not; write better_by for one"),
        ([{"metric": "p99_latency", "better_by": "5%"}], "follows a rate, which p99_latency is not"),
    ],
)
def test_an_allocation_follows_the_one_goal_of_the_policy(rules: list[Request], said: str) -> None:
    (told,) = problems(BANDIT | {"winner": "person"}, *rules)
    assert told.startswith("stages.0.evidence: strategy.allocation follows")
    assert said in told


@pytest.mark.parametrize("floor", ["1%", "50%", 0.25, None])
def test_a_floor_may_be_left_out_or_lie_at_its_bounds(floor: object) -> None:
    allocation = {"kind": "thompson"} | ({"floor": floor} if floor else {})
    content = document(strategy=BANDIT | {"allocation": allocation}, evidence=[FEWER_ERRORS])
    read = read_policy(content, GROUP).stage.strategy.allocation_at(50)
    assert read and read.floor == {"1%": 0.01, "50%": 0.5, 0.25: 0.25, None: 0.1}[floor]


def test_only_an_ab_test_that_asks_for_it_shares_its_traffic_anew() -> None:
    assert ["allocation" in bake for strategy in (BANDIT, AB_TEST) for bake in bakes(strategy)] == [True, False]


def test_each_time_the_traffic_is_shared_anew_counts_as_a_look() -> None:
    stays = {key: value for key, value in BANDIT.items() if key != "allocation"} | {"duration": "10d", "looks": 100}
    three, four = {"extensions": 2}, {"extensions": 3}
    for strategy, again in ((stays, four), (stays | {"allocation": BANDIT["allocation"]}, three)):
        read_policy(document(strategy=strategy, evidence=[FEWER_ERRORS], inconclusive=again), GROUP)
    with pytest.raises(PolicyError, match="more than one execution can have"):
        read_policy(document(strategy=BANDIT | stays, evidence=[FEWER_ERRORS], inconclusive=four), GROUP)


def test_a_candidate_that_has_won_is_not_watched_again() -> None:
    plan = deliver(strategy=AB_TEST, evidence=[FEWER_ERRORS, ERROR_RULE])
    shares = [step["bake"]["percent"] for step in plan["steps"] if step["action"] == "Bake"]
    moves = [step["note"] for step in plan["steps"] if step["action"] == "UpdateEndpointWeightsAndCapacities"]
    assert shares == [AB_TEST["share"]]
    assert moves[-1] == "Send 100 % of the traffic to the candidate"


# ---------------------------------------------------------------- sharing the traffic


def test_the_better_variant_gets_the_larger_share() -> None:
    answer = judge(errors(candidate=4.0, stable=5.0))
    assert (answer["verdict"], answer["next"], answer["winner"]) == ("Inconclusive", "Reallocate", "none")
    assert answer["split"] == {"candidate": 86.0, "stable": 14.0}
    assert answer["sentence"].endswith("There is no winner yet. From here on the candidate gets 86 % of the traffic.")
    assert (answer["percent"], answer["seconds"]) == (50.0, 1800)


def test_the_step_is_one_that_the_machine_can_take_and_aws_accepts() -> None:
    step, allocation = judge(errors(candidate=4.0, stable=5.0))["step"], bakes()[0]["allocation"]
    shares = {STABLE: 14.0, allocation["candidate"]: 86.0}
    assert step["expect"] == {
        "config": allocation["config"],
        "shares": shares,
        "before": {STABLE: 50.0, allocation["candidate"]: 50.0},
        "candidate": allocation["candidate"],
    }
    assert (step["action"], step["patience"]) == ("UpdateEndpointWeightsAndCapacities", allocation["patience"])
    assert step["request"] == {
        "EndpointName": ENDPOINT,
        "DesiredWeightsAndCapacities": [
            {"VariantName": name, "DesiredWeight": weight} for name, weight in shares.items()
        ],
    }
    assert unfit(input_of("sagemaker", step["action"]), step["request"]) == []


@pytest.mark.parametrize(
    ("task", "why"),
    [
        (errors(4.0, 5.0, split={"candidate": 82.0, "stable": 18.0}, since="2026-01-06"), "less than five points"),
        (errors(0.4, 0.9, requests=9.0), "fewer requests than the goal takes"),
        (errors(4.0, 5.0, looks=11), "the last look"),
        (errors(4.0, 5.0, error="AccessDenied"), "nothing could be measured"),
        (errors(4.0, 5.0, split={"candidate": 90.0, "stable": 10.0}), "the split is not as it was set"),
        (errors(40.0, 5.0), "proven worse"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_traffic_stays_where_it_is(task: Look, why: str) -> None:
    answer = judge(task)
    assert answer["next"] in ("Look", "RollBack"), why
    assert answer["split"] == task["split"]
    assert "step" not in answer


def test_without_being_asked_for_it_nothing_is_shared_anew() -> None:
    task = errors(4.0, 5.0)
    del task["bake"]["allocation"]
    assert judge(task)["next"] == "Look"


def test_while_nothing_says_which_variant_is_better_traffic_stays_where_it_is() -> None:
    """The record of a goal about a mean, of which two periods are not enough."""
    goal = baked([{"metric": "basket", "better_by": "5%"}], percent=50, strategy=BANDIT | {"allocation": None})
    task = errors(4.0, 5.0)
    task["bake"] |= {"rules": goal["rules"]}
    task["results"] = answered(candidate_requests=100.0, stable_requests=100.0, candidate_basket=[1.0, 2.0]) + answered(
        stable_basket=[2.0, 1.0]
    )
    assert judge(task)["next"] == "Look"


def test_the_split_is_held_against_the_shares_since_they_were_last_set() -> None:
    """Requests went half and half, as they were meant to until ten minutes ago."""
    before = judge(errors(4.0, 5.0))
    after = judge(errors(4.0, 5.0, looks=1, split=before["split"]))
    assert [finding["rule"] for finding in after["findings"] if finding["verdict"] == "Error"] == ["traffic split"]
    assert after["percent"] == 86.0


def test_a_record_without_a_split_is_judged_by_that_of_its_bake() -> None:
    task = errors(4.0, 5.0)
    old = task.copy()
    del old["split"]
    assert judge(old) == judge(task)


@given(
    counts=some.tuples(*[some.tuples(some.integers(0, 300), some.integers(0, 3000))] * 2),
    floor=some.integers(10, 500),
    present=some.integers(1, 99),
)
def test_shares_are_whole_sum_to_100_keep_the_floor_and_are_always_the_same(
    counts: tuple[tuple[int, int], tuple[int, int]], floor: int, present: int
) -> None:
    (hits, more), (other, other_more) = counts
    split = {"candidate": float(present), "stable": 100.0 - present}
    task = errors(0.0, 0.0, split=split, since="2026-02-01")
    task["bake"]["allocation"]["floor"] = floor / 1000
    task["results"] = answered(
        candidate_requests=float(hits + more),
        stable_requests=float(other + other_more),
        candidate_error_rate=float(hits),
        stable_error_rate=float(other),
    )
    answer = judge(task)
    assert answer == judge(json.loads(json.dumps(task)))
    shares = list(answer["split"].values())
    assert sum(shares) == 100.0
    if answer["next"] == "Reallocate":
        assert all(share == int(share) and share >= floor / 10 for share in shares)
        assert abs(shares[0] - present) >= 5
        assert list(answer["step"]["expect"]["shares"].values()) == shares[::-1]
    else:
        assert answer["split"] == split


# ---------------------------------------------------------------- who has won


@pytest.mark.parametrize(
    ("task", "won", "said"),
    [
        (errors(1.0, 5.0, looks=3), "candidate", "The candidate wins."),
        (errors(50.0, 50.0, requests=2000.0), "stable", "Stable wins."),
        (errors(5.0, 5.5), "none", "There is no winner yet. From here on the candidate gets 69 % of the traffic."),
        (errors(5.0, 5.0, looks=11), "none", "There is no winner."),
        (errors(5.0, 5.0, error="AccessDenied"), "none", "There is no winner yet."),
    ],
)
def test_the_winner_is_named(task: Look, won: str, said: str) -> None:
    answer = judge(task)
    assert answer["winner"] == won
    assert answer["sentence"].endswith(said)


def test_an_alarm_ends_a_test_and_names_no_winner() -> None:
    name = bakes()[0]["alarms"][0]
    answer = judge(errors(1.0, 5.0, alarms=[{"AlarmName": name, "StateValue": "ALARM", "StateReason": "Threshold"}]))
    assert (answer["verdict"], answer["winner"]) == ("Fail", "none")


def test_a_guardrail_that_is_proven_bad_makes_stable_the_winner() -> None:
    bake = bakes(BANDIT, FEWER_ERRORS, {"metric": "client_error_rate", "max": "2%"})[0]
    results = errors(1.0, 5.0)["results"] + answered(candidate_client_error_rate=30.0)
    quiet = [{"AlarmName": name, "StateValue": "OK"} for name in bake["alarms"]]
    answer = judge(errors(1.0, 5.0, bake=bake, results=results, alarms=quiet))
    assert (answer["verdict"], answer["winner"]) == ("Fail", "stable")


def test_without_a_goal_nobody_wins() -> None:
    bake = bakes(CANARY, {"metric": "error_rate", "margin": "50%"})[0]
    answer = judge(errors(1.0, 5.0, bake=bake, split={}))
    assert (answer["winner"], "win" in answer["sentence"]) == ("", False)


# ---------------------------------------------------------------- where a person names the winner


def asking(*rules: Request, **fields: Any) -> Look:
    """The last look of a test whose winner a person names. A twentieth of the requests fails, whoever serves them."""
    bake = bakes(PERSON, *rules)[0]
    return errors(200.0, 200.0, requests=4000.0, bake=bake, **{"looks": 1, "split": bake["split"]} | fields)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (FEWER_ERRORS, "proven less than 20 % better than stable"),
        (ERRORS_LIKE_STABLE, "proven less than 50 % worse than stable"),
    ],
    ids=["not better", "as good"],
)
def test_a_person_is_asked_when_the_test_is_over_whatever_was_measured(rule: Request, said: str) -> None:
    before, asked = judge(asking(rule, looks=0)), judge(asking(rule))
    assert (before["next"], before["verdict"]) == ("Look", "Inconclusive")
    assert (asked["next"], asked["seconds"], asked["verdict"]) == ("Hold", 86_400, "Inconclusive")
    body = asked["notice"]["body"]
    assert said in body
    assert "Promote it with operate if the candidate wins, abort it if stable does" in body


def test_an_allocation_moves_the_traffic_until_a_person_is_asked() -> None:
    bake = bakes(BANDIT | {"winner": "person"})[0]
    assert [judge(errors(4.0, 5.0, bake=bake, looks=looks))["next"] for looks in (0, 2, 3)] == [
        *("Reallocate", "Reallocate", "Hold")
    ]


def test_a_person_who_does_not_answer_leaves_stable() -> None:
    answer = judge(asking(ERRORS_LIKE_STABLE, looks=2))
    assert (answer["next"], answer["reason"]) == ("RollBack", "EvidenceInconclusive")
    assert "A person is to name the winner." in answer["sentence"]


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_a_limit_that_is_broken_ends_the_test_without_asking_a_person(looks: int) -> None:
    answer = judge(asking(FEWER_ERRORS, {"metric": "error_rate", "max": "2%"}, looks=looks))
    assert (answer["next"], answer["reason"], answer["winner"]) == ("RollBack", "EvidenceFailed", "stable")
    assert "less than 20 % better" not in answer["sentence"]
