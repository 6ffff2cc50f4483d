from __future__ import annotations

import json
from itertools import product
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.evidence.findings import Verdict
from interlock.evidence.judge import follow, judge, read_series, worst
from interlock.evidence.looks import Judgement, Look
from interlock.model.plan import HELD
from interlock.model.quantities import in_words
from tests.unit.examples import (
    CANARY,
    ERROR_RULE,
    ERRORS_LIKE_STABLE,
    LATENCY_RULE,
    answered,
    baked,
    minute,
)

Request = dict[str, Any]
GUARD = "interlock-churn-v7-1-error-rate"
QUIET = [{"AlarmName": GUARD, "StateValue": "OK"}]
RAISED = [{"AlarmName": GUARD, "StateValue": "ALARM", "StateReason": "Threshold Crossed"}]
SINCE = "2026-01-05T09:59:30.000Z"


def task(measured: list[Request], rules: list[Request] | None = None, **fields: Any) -> Look:
    """What the judge is given at the only look of a bake."""
    given_ = {"alarms": QUIET, "error": "", "looks": 0, "since": SINCE}
    own = {name: fields.pop(name) for name in given_ if name in fields}
    bake = baked([ERROR_RULE] if rules is None else rules, alarms=(GUARD,), **fields)
    there = {result["Id"] for result in measured}
    empty = answered(**{query["Id"]: [] for query in bake["queries"] if query["Id"] not in there})
    return cast(Look, {"bake": bake, "results": [*measured, *empty]} | given_ | own)


def traffic(**values: Any) -> list[Request]:
    return answered(candidate_requests=200.0, stable_requests=3800.0, **values)


GOOD = traffic(candidate_error_rate=0.0)
BAD = traffic(candidate_error_rate=40.0)
UNCERTAIN = traffic(candidate_error_rate=4.0)
UNMEASURED = traffic()


# ---------------------------------------------------------------- a look


@pytest.mark.parametrize(
    ("measured", "verdict", "following", "reason", "said"),
    [
        (GOOD, "Pass", "Advance", "Delivered", "proven within the limit of 2 %"),
        (BAD, "Fail", "RollBack", "EvidenceFailed", "proven above the limit of 2 %"),
        (UNCERTAIN, "Inconclusive", "Look", "EvidenceInconclusive", "not proven on either side"),
        (UNMEASURED, "Error", "Look", "EvidenceError", "CloudWatch has the server error rate for 0 of the 2000"),
    ],
)
def test_measurements_lead_to_one_of_four_verdicts(
    measured: list[Request], verdict: str, following: str, reason: str, said: str
) -> None:
    answer = judge(task(measured))
    assert (answer["verdict"], answer["next"], answer["reason"]) == (verdict, following, reason)
    assert said in answer["sentence"]
    (finding,) = answer["findings"]
    assert (finding["rule"], finding["verdict"]) == ("error_rate", verdict)


def test_one_failed_rule_is_what_is_told() -> None:
    measured = traffic(candidate_error_rate=0.0, candidate_p99_latency=9e5, candidate_p99_latency_over=20.0)
    answer = judge(task(measured, [ERROR_RULE, LATENCY_RULE]))
    assert answer["verdict"] == "Fail"
    assert answer["sentence"].startswith("P99 latency 900 ms")
    assert "error" not in answer["sentence"]
    assert [finding["verdict"] for finding in answer["findings"]] == ["Pass", "Fail"]


def test_what_is_not_whole_is_not_judged_and_an_old_record_is_judged_as_it_was() -> None:
    """Of the last period, which is two minutes, the errors are there, and few of the requests."""
    measured = answered(candidate_requests=[200.0] * 9 + [20.0], candidate_error_rate=[0.0] * 9 + [100.0])
    assert judge(task(measured))["verdict"] == "Fail"
    assert judge({**task(measured), "until": "2026-01-05T10:13:59.000Z"})["verdict"] == "Pass"
    assert judge({**task(measured), "until": "2026-01-05T10:14:00.000Z"})["verdict"] == "Fail"


def test_without_rules_and_with_quiet_alarms_a_bake_passes_and_says_so() -> None:
    answer = judge(task([], []))
    assert (answer["verdict"], answer["next"], answer["findings"]) == ("Pass", "Advance", [])
    assert answer["sentence"] == "No alarm was raised, and there was no rule to judge."


def test_a_finding_is_plain_data_with_all_its_numbers() -> None:
    (finding,) = judge(task(GOOD))["findings"]
    assert list(finding) == [
        *("rule", "verdict", "sentence", "bound", "unit", "scale", "candidate", "stable", "difference"),
        *("interval", "limit", "requests", "periods", "needs", "best"),
    ]
    assert (finding["bound"], finding["unit"], finding["scale"]) == ("max", "share", "share")
    assert (finding["requests"], finding["periods"], finding["limit"], finding["candidate"]) == (2000, 10, 0.02, 0.0)
    assert finding["interval"][0] == 0.0 < finding["interval"][1] < 0.02
    assert (finding["stable"], finding["difference"], finding["needs"], finding["best"]) == (None, None, None, None)
    (none,) = judge(task([]))["findings"]
    assert (none["candidate"], none["interval"], none["requests"], none["periods"]) == (None, None, 0, 0)


# ---------------------------------------------------------------- alarms, and what CloudWatch answers


@pytest.mark.parametrize("measured", [GOOD, []])
@pytest.mark.parametrize("error", ["", "Rate exceeded"])
def test_a_raised_alarm_fails_a_bake_whatever_was_or_was_not_measured(measured: list[Request], error: str) -> None:
    answer = judge(task(measured, alarms=RAISED, error=error))
    assert (answer["verdict"], answer["next"], answer["reason"]) == ("Fail", "RollBack", "AlarmRaised")
    assert answer["sentence"] == f"Alarm {GUARD} is raised: Threshold Crossed"


def test_a_raised_alarm_and_a_failed_rule_are_both_told_and_the_alarm_is_the_reason() -> None:
    answer = judge(task(BAD, alarms=[{"AlarmName": GUARD, "StateValue": "ALARM"}]))
    assert answer["reason"] == "AlarmRaised"
    assert f"Alarm {GUARD} is raised: no reason given Server error rate 20 %" in answer["sentence"]


def test_an_alarm_without_data_is_neither_alarm_nor_obstacle() -> None:
    assert judge(task(GOOD, alarms=[{"AlarmName": GUARD, "StateValue": "INSUFFICIENT_DATA"}]))["verdict"] == "Pass"


def test_an_alarm_that_is_gone_guarded_nothing() -> None:
    answer = judge(task(GOOD, alarms=[]))
    assert (answer["verdict"], answer["reason"], answer["next"]) == ("Error", "EvidenceError", "Look")
    assert answer["sentence"] == f"Alarm {GUARD} does not exist any more; it guarded this bake."


def test_what_could_not_be_asked_is_an_error_in_awss_words() -> None:
    answer = judge(task(GOOD, alarms=[], error="Rate exceeded"))
    assert (answer["verdict"], answer["reason"]) == ("Error", "EvidenceError")
    assert answer["sentence"] == "The candidate could not be measured: Rate exceeded."


@pytest.mark.parametrize("left_out", ["candidate_requests", "candidate_error_rate"])
@pytest.mark.parametrize("then", ["promote", "roll_back"])
def test_a_query_without_an_answer_is_not_no_requests(left_out: str, then: str) -> None:
    given_ = task(GOOD, inconclusive={"extensions": 0, "then": then})
    given_["results"] = [result for result in given_["results"] if result["Id"] != left_out]
    answer = judge(given_)
    assert (answer["verdict"], answer["reason"]) == ("Error", "EvidenceError")
    assert answer["next"] == "RollBack"
    assert f"CloudWatch did not answer about {left_out}." in answer["sentence"]


def test_the_pages_of_an_answer_are_one_answer_and_the_last_says_whether_it_is_complete() -> None:
    whole = task(BAD)["results"]
    first = [{**each, "StatusCode": "PartialData"} | _cut(each, slice(0, 4)) for each in whole]
    last = [each | _cut(each, slice(4, None)) for each in whole]
    assert judge({**task(BAD), "results": first + last}) == judge(task(BAD))
    assert judge({**task(BAD), "results": last + first})["sentence"].startswith("Server error rate")
    assert judge({**task(GOOD), "results": first})["reason"] != "Delivered"


def _cut(answer: Request, part: slice) -> Request:
    return {name: answer[name][part] for name in ("Timestamps", "Values")}


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_an_answer_in_part_is_none(status: str) -> None:
    measured = [GOOD[0], *GOOD[1:-1], GOOD[-1] | {"StatusCode": status}]
    answer = judge(task(measured))
    assert (answer["verdict"], answer["reason"]) == ("Error", "EvidenceError")
    assert answer["sentence"] == f"CloudWatch answered {status} about candidate_error_rate."


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"Values": [0.0] * 9 + [float("nan")]}, "values that are no numbers"),
        ({"Values": [0.0] * 9 + [float("inf")]}, "values that are no numbers"),
        ({"Values": [0.0] * 9}, "9 values for 10 periods"),
    ],
)
def test_values_that_are_none_do_not_pass_and_do_not_stop_the_judge(odd: Request, said: str) -> None:
    answer = judge(task([GOOD[0], *GOOD[1:-1], GOOD[-1] | odd]))
    assert (answer["verdict"], answer["reason"]) == ("Error", "EvidenceError")
    assert answer["sentence"] == f"CloudWatch answered {said} about candidate_error_rate."
    json.dumps(answer, allow_nan=False)


# ---------------------------------------------------------------- how the traffic was split

COMPARING = [ERRORS_LIKE_STABLE, ERROR_RULE]


def split(candidate: float, stable: float, **fields: Any) -> Judgement:
    measured = answered(
        candidate_requests=candidate, stable_requests=stable, candidate_error_rate=0.0, stable_error_rate=stable / 50
    )
    return judge(task(measured, COMPARING, **fields))


def test_a_split_as_configured_is_no_finding() -> None:
    answer = split(200.0, 3800.0)
    assert (answer["verdict"], [finding["rule"] for finding in answer["findings"]]) == ("Pass", ["error_rate"] * 2)


def test_a_split_that_was_not_as_configured_voids_the_rules_that_compare_and_no_others() -> None:
    answer = split(400.0, 3600.0)
    assert (answer["verdict"], answer["next"]) == ("Error", "Look")
    assert [(finding["rule"], finding["bound"], finding["verdict"]) for finding in answer["findings"]] == [
        ("traffic split", "", "Error"),
        ("error_rate", "max", "Pass"),
    ]
    assert answer["sentence"] == (
        "The comparison is void: the candidate served 4000 of 40000 requests, 10.0 %, where its weight asks for 5.0 %. "
        "Find out what routes requests past the weights (a TargetVariant header, sticky sessions, retries)."
    )


def test_a_limit_that_is_broken_fails_whatever_the_split() -> None:
    measured = answered(
        candidate_requests=400.0, stable_requests=3600.0, candidate_error_rate=80.0, stable_error_rate=0.0
    )
    assert judge(task(measured, COMPARING))["verdict"] == "Fail"


def test_the_split_is_that_of_this_bake_alone() -> None:
    """Five minutes at 5 %, then five at 25 %, which is what this step asks for."""
    measured = answered(
        candidate_requests=[200.0] * 5 + [1000.0] * 5,
        stable_requests=[3800.0] * 5 + [3000.0] * 5,
        candidate_error_rate=0.0,
        stable_error_rate=76.0,
    )
    later = minute(4).replace("00Z", "30.000Z")
    assert judge(task(measured, COMPARING, percent=25, since=later))["verdict"] == "Pass"
    assert judge(task(measured, COMPARING, percent=25))["verdict"] == "Error"


def test_a_baseline_may_have_as_much_as_the_candidate() -> None:
    assert split(200.0, 200.0, strategy=CANARY | {"baseline": True})["verdict"] == "Pass"


# ---------------------------------------------------------------- several verdicts together


@pytest.mark.parametrize(
    ("several", "together"),
    [
        ([], "Pass"),
        (["Pass", "Pass"], "Pass"),
        (["Pass", "Inconclusive"], "Inconclusive"),
        (["Inconclusive", "Error"], "Error"),
        (["Pass", "Error"], "Error"),
        (["Error", "Fail", "Pass"], "Fail"),
        (["Inconclusive", "Fail"], "Fail"),
    ],
)
def test_the_verdict_of_several(several: list[str], together: str) -> None:
    assert worst([Verdict(verdict) for verdict in several]) == together


verdicts = some.lists(some.sampled_from(Verdict))


@given(verdicts, verdicts)
def test_the_worst_of_several_does_not_depend_on_their_order(some_: list[Verdict], others: list[Verdict]) -> None:
    assert worst(some_ + others) is worst(others + some_) is worst([worst(some_), worst(others)])


# ---------------------------------------------------------------- what follows

EARLY, END, LATER, LAST, ONCE_MORE = 1, 3, 5, 9, 10
"""Looks of bakes with three looks each, of which there are three."""

NEXT = {
    ("Fail", None, None): "RollBack",
    ("Pass", None, EARLY): "Look",
    ("Pass", None, END): "Advance",
    ("Pass", None, LATER): "Advance",
    ("Pass", None, LAST): "Advance",
    ("Pass", None, ONCE_MORE): "Advance",
    ("Inconclusive", None, EARLY): "Look",
    ("Inconclusive", None, END): "Look",
    ("Inconclusive", None, LATER): "Look",
    ("Inconclusive", "roll_back", LAST): "RollBack",
    ("Inconclusive", "extend", LAST): "RollBack",
    ("Inconclusive", "promote", LAST): "Advance",
    ("Inconclusive", "hold", LAST): "Hold",
    ("Inconclusive", "hold", ONCE_MORE): "RollBack",
    ("Error", None, EARLY): "Look",
    ("Error", None, END): "Look",
    ("Error", None, LATER): "Look",
    ("Error", "roll_back", LAST): "RollBack",
    ("Error", "extend", LAST): "RollBack",
    ("Error", "promote", LAST): "RollBack",
    ("Error", "hold", LAST): "Hold",
    ("Error", "hold", ONCE_MORE): "RollBack",
}
SECONDS = {"Look": 600, "Hold": HELD, "Advance": 0, "RollBack": 0}
CASES = [
    (verdict, then, look, following)
    for (verdict, only_then, only_look), following in NEXT.items()
    for then, look in product(("roll_back", "promote", "hold", "extend"), (EARLY, END, LATER, LAST, ONCE_MORE))
    if only_then in (None, then) and only_look in (None, look)
]


@pytest.mark.parametrize(("verdict", "then", "look", "following"), CASES)
def test_what_follows_a_verdict(verdict: str, then: str, look: int, following: str) -> None:
    bake_ = {"looks": 3, "bakes": 3, "wait": 600, "then": then}
    assert follow(Verdict(verdict), bake_, look) == (following, SECONDS[following])


@pytest.mark.parametrize(("looks", "following"), [(0, "Look"), (4, "Look"), (5, "Advance"), (6, "Advance")])
def test_a_good_look_advances_no_sooner_than_the_bake_is_over(looks: int, following: str) -> None:
    answer = judge(task(GOOD, looks=looks, strategy=CANARY | {"looks": 6}))
    assert (answer["verdict"], answer["next"]) == ("Pass", following)
    assert answer["seconds"] == (300 if following == "Look" else 0)


def test_a_bad_look_ends_the_bake_at_once() -> None:
    assert judge(task(BAD, looks=0, strategy=CANARY | {"looks": 6}))["next"] == "RollBack"


HELD_BACK = {"subject": "[Interlock] churn v7 waits for a person", "body": "Waiting: release churn-v7-1"}


def test_who_is_to_decide_is_told_what_was_found_and_how_long_there_is() -> None:
    look = task(UNCERTAIN, looks=0, inconclusive={"extensions": 0, "then": "hold"})
    look["bake"]["held"] = HELD_BACK
    answer = judge(look)
    assert answer["next"] == "Hold"
    assert answer["notice"]["subject"] == HELD_BACK["subject"]
    assert answer["notice"]["body"].startswith("Waiting: release churn-v7-1 stays with the candidate at 5 % of the ")
    assert answer["sentence"] in answer["notice"]["body"]
    assert f"after {in_words(HELD)} it is judged once more" in answer["notice"]["body"]


@pytest.mark.parametrize("measured", [GOOD, BAD])
def test_nobody_is_told_to_decide_where_the_evidence_does(measured: list[Request]) -> None:
    look = task(measured, looks=0, inconclusive={"extensions": 0, "then": "hold"})
    look["bake"]["held"] = HELD_BACK
    assert "notice" not in judge(look)


def test_more_data_than_a_state_can_carry_is_told_in_words() -> None:
    answer = judge(task([], alarms=[], error="States.DataLimitExceeded"))
    assert answer["sentence"] == (
        "The candidate could not be measured: CloudWatch has more data of this release than a state can carry."
    )


# ---------------------------------------------------------------- records

counts = some.lists(some.floats(0, 1000) | some.integers(0, 1000).map(float), max_size=5)


@given(counts, counts, counts, some.booleans(), some.integers(0, 3))
def test_a_record_judged_again_gives_the_same_and_what_was_not_measured_never_advances(
    requests: list[float], errors: list[float], latencies: list[float], guarded: bool, looks: int
) -> None:
    measured = answered(
        candidate_requests=requests,
        stable_requests=[19 * value for value in requests],
        candidate_error_rate=errors,
        stable_error_rate=errors,
        candidate_p99_latency=latencies,
        candidate_p99_latency_over=[value / 10 for value in latencies],
    )
    record = task(measured, [*COMPARING, LATENCY_RULE], alarms=QUIET if guarded else [], looks=looks)
    answer = judge(record)
    assert judge(json.loads(json.dumps(record))) == answer
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    if answer["next"] == "Advance":
        assert guarded
        assert sum(requests[: len(errors)]) >= 99.5
        assert sum(requests[: len(latencies)]) >= 99.5


def test_answers_are_read_by_metric_and_time() -> None:
    assert read_series(answered(candidate_requests=[1.0, 2.0])) == {
        "candidate_requests": {"2026-01-05T10:00:00Z": 1.0, "2026-01-05T10:01:00Z": 2.0}
    }


def test_a_person_reads_how_long_a_hold_is() -> None:
    assert in_words(HELD) == "1 d"
