from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.evidence import MOST_POINTS, Finding, Verdict, bake, judge, judge_rule, read_series, worst
from interlock.policy import LONGEST_BAKE
from tests.unit.awsmodel import input_of, unfit
from tests.unit.examples import CANARY, ERROR_RULE, LATENCY_RULE, stage

Request = dict[str, Any]
GUARD = "interlock-churn-v7-1-error-rate"
DIMENSIONS = {"EndpointName": "churn-live", "VariantName": "churn-v7-1"}


def minutes(values: list[float], first: int = 0) -> dict[str, Any]:
    """Datapoints of consecutive minutes as GetMetricData answers them."""
    times = [f"2026-01-05T09:{minute:02d}:00Z" for minute in range(first, first + len(values))]
    return {"Timestamps": times, "Values": values, "StatusCode": "Complete"}


def results(requests: list[float], **metrics: list[float]) -> list[Request]:
    return [{"Id": name, **minutes(values)} for name, values in {"requests": requests, **metrics}.items()]


def task(measured: list[Request], rules: list[Request] | None = None, **fields: Any) -> Request:
    read = stage(evidence=[ERROR_RULE] if rules is None else rules, inconclusive=fields.pop("inconclusive", {}))
    step = bake(read, 5, DIMENSIONS, (GUARD,))
    quiet = [{"AlarmName": GUARD, "StateValue": "OK"}]
    return {"bake": step.bake, "results": measured, "alarms": quiet, "error": "", "extensions": 0, **fields}


GOOD = results([200.0, 300.0], error_rate=[0.0, 2.0])
BAD = results([200.0, 300.0], error_rate=[10.0, 12.0])
LITTLE = results([40.0, 50.0], error_rate=[40.0, 50.0])
UNMEASURED = results([200.0, 300.0])


@pytest.mark.parametrize(
    ("measured", "verdict", "following", "reason", "said"),
    [
        (GOOD, "Pass", "Advance", "Delivered", "Server error rate 0.4 % over 500 requests, within the limit of 2 %."),
        (BAD, "Fail", "RollBack", "EvidenceFailed", "Server error rate 4.4 % over 500 requests, above the limit"),
        (LITTLE, "Inconclusive", "Extend", "EvidenceInconclusive", "Only 90 of the 100 requests"),
        (
            UNMEASURED,
            "Error",
            "Extend",
            "EvidenceError",
            "CloudWatch has Invocation5XXErrors for 0 of the 500 requests",
        ),
    ],
)
def test_measurements_lead_to_one_of_four_verdicts(
    measured: list[Request], verdict: str, following: str, reason: str, said: str
) -> None:
    answer = judge(task(measured))
    assert (answer["verdict"], answer["next"], answer["reason"]) == (verdict, following, reason)
    assert said in answer["sentence"]
    (finding,) = answer["findings"]
    assert (finding["rule"], finding["verdict"], finding["limit"]) == ("error_rate", verdict, 0.02)


@pytest.mark.parametrize(("errors", "verdict"), [(2.0, "Pass"), (2.001, "Fail")])
def test_the_limit_itself_is_still_good(errors: float, verdict: str) -> None:
    assert judge(task(results([100.0], error_rate=[errors])))["verdict"] == verdict


@pytest.mark.parametrize(("requests", "verdict"), [(99.0, "Inconclusive"), (100.0, "Pass")])
def test_the_least_number_of_requests_is_enough(requests: float, verdict: str) -> None:
    assert judge(task(results([requests], error_rate=[0.0])))["verdict"] == verdict


def test_a_rate_is_all_errors_over_all_requests_not_the_mean_of_the_minutes() -> None:
    (finding,) = judge(task(results([10.0, 990.0], error_rate=[10.0, 0.0])))["findings"]
    assert finding["value"] == pytest.approx(0.01)


def test_a_latency_is_weighted_by_the_requests_it_was_measured_on() -> None:
    measured = results([900.0, 100.0], p99_latency=[100_000.0, 400_000.0])
    answer = judge(task(measured, [LATENCY_RULE]))
    assert answer["findings"][0]["value"] == pytest.approx(130_000)
    assert answer["sentence"] == "P99 latency 130 ms over 1000 requests, within the limit of 250 ms."


def test_a_latency_above_its_limit_fails() -> None:
    assert judge(task(results([500.0], p99_latency=[250_001.0]), [LATENCY_RULE]))["verdict"] == "Fail"


def test_a_measurement_of_a_few_of_the_requests_is_none() -> None:
    measured = results([1.0, 499.0], p99_latency=[1000.0])
    answer = judge(task(measured, [LATENCY_RULE]))
    assert (answer["verdict"], answer["next"]) == ("Error", "Extend")
    assert "ModelLatency for 1 of the 500 requests" in answer["sentence"]


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_an_answer_in_part_is_none(status: str) -> None:
    measured = [GOOD[0], GOOD[1] | {"StatusCode": status}]
    answer = judge(task(measured))
    assert (answer["verdict"], answer["reason"]) == ("Error", "EvidenceError")
    assert status in answer["sentence"]


def test_what_is_not_a_number_does_not_pass() -> None:
    assert judge(task(results([500.0], error_rate=[float("nan")])))["verdict"] != "Pass"


def test_no_traffic_is_inconclusive() -> None:
    answer = judge(task([]))
    assert (answer["verdict"], answer["next"]) == ("Inconclusive", "Extend")
    assert "Only 0 of the 100 requests" in answer["sentence"]


def test_without_rules_and_with_quiet_alarms_a_bake_passes_and_says_so() -> None:
    answer = judge(task([], []))
    assert (answer["verdict"], answer["next"], answer["findings"]) == ("Pass", "Advance", [])
    assert answer["sentence"] == "No alarm was raised and the policy has no rules."


def test_a_raised_alarm_fails_a_bake_whose_measurements_are_good() -> None:
    raised = [{"AlarmName": GUARD, "StateValue": "ALARM", "StateReason": "Threshold Crossed"}]
    answer = judge(task(GOOD, alarms=raised))
    assert (answer["verdict"], answer["next"], answer["reason"]) == ("Fail", "RollBack", "AlarmRaised")
    assert answer["sentence"] == f"Alarm {GUARD} is raised: Threshold Crossed"


def test_a_raised_alarm_fails_a_bake_that_could_not_be_measured() -> None:
    raised = [{"AlarmName": GUARD, "StateValue": "ALARM"}]
    answer = judge(task([], alarms=raised, error="Rate exceeded"))
    assert (answer["verdict"], answer["reason"]) == ("Fail", "AlarmRaised")


def test_an_alarm_without_data_is_neither_alarm_nor_obstacle() -> None:
    assert judge(task(GOOD, alarms=[{"AlarmName": GUARD, "StateValue": "INSUFFICIENT_DATA"}]))["verdict"] == "Pass"


def test_an_alarm_that_is_gone_guarded_nothing() -> None:
    answer = judge(task(GOOD, alarms=[]))
    assert (answer["verdict"], answer["reason"], answer["next"]) == ("Error", "EvidenceError", "Extend")
    assert answer["sentence"] == f"Alarm {GUARD} does not exist any more; it guarded this bake."


def test_what_could_not_be_asked_is_an_error_in_awss_words() -> None:
    answer = judge(task([], alarms=[], error="Rate exceeded"))
    assert (answer["verdict"], answer["reason"]) == ("Error", "EvidenceError")
    assert answer["sentence"] == "The candidate could not be measured: Rate exceeded"


def test_one_failed_rule_is_what_is_told() -> None:
    measured = results([500.0], error_rate=[0.0], p99_latency=[900_000.0])
    answer = judge(task(measured, [ERROR_RULE, LATENCY_RULE]))
    assert answer["verdict"] == "Fail"
    assert answer["sentence"].startswith("P99 latency")
    assert [finding["verdict"] for finding in answer["findings"]] == ["Pass", "Fail"]


@pytest.mark.parametrize(
    ("measured", "extensions", "then", "following"),
    [
        (LITTLE, 1, "roll_back", "Extend"),
        (LITTLE, 2, "roll_back", "RollBack"),
        (LITTLE, 2, "promote", "Advance"),
        (UNMEASURED, 1, "promote", "Extend"),
        (UNMEASURED, 2, "promote", "RollBack"),
        (BAD, 0, "promote", "RollBack"),
    ],
)
def test_what_cannot_be_told_is_tried_again_and_then_the_policys_choice_but_never_if_unmeasured(
    measured: list[Request], extensions: int, then: str, following: str
) -> None:
    inconclusive = {"extensions": 2, "then": then}
    assert judge(task(measured, inconclusive=inconclusive, extensions=extensions))["next"] == following


verdicts = some.lists(some.sampled_from(Verdict))


@given(verdicts)
def test_one_fail_fails_and_nothing_missing_passes(several: list[Verdict]) -> None:
    found = worst(several)
    assert (found is Verdict.FAIL) == (Verdict.FAIL in several)
    assert (found is Verdict.PASS) == (set(several) <= {Verdict.PASS})
    assert found in (several or [Verdict.PASS])


@given(verdicts, verdicts)
def test_the_worst_of_several_does_not_depend_on_their_order(some_: list[Verdict], others: list[Verdict]) -> None:
    assert worst(some_ + others) is worst(others + some_) is worst([worst(some_), worst(others)])


counts = some.lists(some.floats(0, 1000) | some.integers(0, 1000).map(float), max_size=5)


@given(counts, counts, counts, some.booleans(), some.integers(0, 3))
def test_a_record_judged_again_gives_the_same_and_what_was_not_measured_never_advances(
    requests: list[float], errors: list[float], latencies: list[float], guarded: bool, extensions: int
) -> None:
    measured = results(requests, error_rate=errors, p99_latency=latencies)
    record = task(
        measured,
        [ERROR_RULE, LATENCY_RULE],
        alarms=[{"AlarmName": GUARD, "StateValue": "OK"}] if guarded else [],
        extensions=extensions,
    )
    answer = judge(json.loads(json.dumps(record)))
    assert answer == judge(record)
    json.dumps(answer, allow_nan=False)
    if answer["next"] == "Advance":
        assert guarded
        assert sum(requests[: len(errors)]) >= 99.5
        assert sum(requests[: len(latencies)]) >= 99.5
    assert (answer["next"] == "Extend") <= (extensions < 2)


def test_a_finding_is_plain_data() -> None:
    assert judge_rule(task([])["bake"]["rules"][0], {}).as_dict() == {
        "rule": "error_rate",
        "verdict": "Inconclusive",
        "sentence": "Only 0 of the 100 requests that judging the server error rate takes.",
        "value": None,
        "limit": 0.02,
        "requests": 0,
    }
    assert Finding("x", Verdict.PASS, "y").as_dict()["requests"] == 0


def test_answers_are_read_by_metric_and_time() -> None:
    assert read_series([{"Id": "requests", **minutes([1.0, 2.0])}]) == {
        "requests": {"2026-01-05T09:00:00Z": 1.0, "2026-01-05T09:01:00Z": 2.0}
    }


def test_a_bake_asks_for_the_requests_and_for_each_metric_of_a_rule() -> None:
    step = bake(stage(), 25, DIMENSIONS, (GUARD, "churn-5xx"))
    assert step.action == "Bake"
    assert step.note == "Watch the candidate at 25 % for 30 min"
    assert step.bake is not None
    assert [query["Id"] for query in step.bake["queries"]] == ["requests", "error_rate", "p99_latency"]
    assert (step.bake["seconds"], step.bake["percent"]) == (1800, 25)
    assert step.bake["alarms"] == [GUARD, "churn-5xx"]
    assert {"Name": "VariantName", "Value": "churn-v7-1"} in step.bake["queries"][1]["MetricStat"]["Metric"][
        "Dimensions"
    ]


@given(some.integers(1, LONGEST_BAKE // 60), some.integers(0, 3))
def test_the_measurements_of_a_bake_and_its_extensions_fit_a_state(minutes_: int, extensions: int) -> None:
    read = stage(strategy=CANARY | {"bake": f"{minutes_}m"}, inconclusive={"extensions": extensions})
    step = bake(read, 5, DIMENSIONS, ())
    assert step.bake is not None
    for query in step.bake["queries"]:
        assert query["MetricStat"]["Period"] % 60 == 0
        assert step.bake["seconds"] * (1 + extensions) / query["MetricStat"]["Period"] <= MOST_POINTS


@pytest.mark.parametrize(
    ("bake_", "period"),
    [("5h", 60), ("301m", 300), ("25h", 300), ("26h", 3600), ("12d", 3600), ("13d", 21600), ("30d", 21600)],
)
def test_the_period_is_the_finest_that_fits(bake_: str, period: int) -> None:
    read = stage(strategy=CANARY | {"bake": bake_}, inconclusive={"extensions": 0})
    step = bake(read, 5, DIMENSIONS, ())
    assert step.bake is not None
    assert {query["MetricStat"]["Period"] for query in step.bake["queries"]} == {period}
    assert all(query["ReturnData"] for query in step.bake["queries"])


def test_a_bake_of_years_is_asked_by_the_day() -> None:
    step = bake(stage(strategy=CANARY | {"bake": "30d"}, inconclusive={"extensions": 100}), 5, DIMENSIONS, ())
    assert step.bake is not None
    assert step.bake["queries"][0]["MetricStat"]["Period"] == 86400


def test_the_questions_are_ones_that_cloudwatch_takes() -> None:
    rules = [
        {"metric": metric, "max": "1%" if "rate" in metric else "1s"}
        for metric in ("error_rate", "client_error_rate", "mean_latency", "p50_latency", "p90_latency", "p95_latency")
    ]
    step = bake(stage(evidence=rules), 5, DIMENSIONS, ())
    assert step.bake is not None
    assert unfit(input_of("cloudwatch", "GetMetricData").members["MetricDataQueries"], step.bake["queries"]) == []
