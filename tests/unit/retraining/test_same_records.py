"""Challenger and champion are compared on the same records, wherever the challenger's report has both."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.execution.retrainings import judge_versions
from interlock.retraining.evaluation import read_evaluation, share_error
from tests.unit.retraining.trained import beside, binary, contest, regression

BETTER = {"approve": "automatically", "better": [{"metric": "accuracy", "by": "1%"}]}
BOTH = BETTER | {"not_worse": [{"metric": "auc", "by": "1%"}]}
ELSEWHERE = "(the live version was measured on other records)"
OLD = binary(0.90)
AUC = {"value": 0.9, "standard_error": 0.002}


def judged(gate: dict[str, Any], challenger: Any, champion: Any, /, **fields: Any) -> dict[str, Any]:
    return dict(judge_versions(contest(gate, challenger, champion, **fields)))  # type: ignore[arg-type]


def said(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["verdict"], answer["reason"]


def paired(challenger: int, champion: int, version: Any = 7, total: int = 2000) -> dict[str, Any]:
    """How often one alone was right; both were in 1,200 of the records."""
    counts = {"both_right": 1200, "only_challenger_right": challenger, "only_champion_right": champion}
    return {"paired": counts | {"both_wrong": total - 1200 - challenger - champion, "champion_version": version}}


def test_after_a_drift_the_live_version_is_judged_by_what_it_is_worth_now() -> None:
    """Evaluated long ago at 0.90, the live version has 0.70 on today's records, and the new one 0.80."""
    fair = judged(BETTER, beside(binary(0.80), binary(0.70)), OLD)
    assert said(fair) == ("Approve", "GatePassed")
    assert ELSEWHERE not in fair["sentence"]
    assert [(row["challenger"], row["champion"]) for row in fair["comparison"]] == [(0.80, 0.70)]
    unfair = judged(BETTER, binary(0.80), OLD)
    assert said(unfair) == ("Reject", "GateFailed")
    assert f"better by less than 1 %, if at all {ELSEWHERE}: the improvement" in unfair["sentence"]


@given(some.floats(0.5, 1), some.floats(0.5, 1), some.floats(0, 1), some.integers(1, 10**6))
def test_the_old_report_changes_nothing_where_the_same_records_were_measured(
    new: float, live: float, old: float, records: int
) -> None:
    challenger = beside(binary(new), binary(live))
    alone = judged(BETTER, challenger, None)
    assert judged(BETTER, challenger, binary(old, records)) == alone
    assert judged(BETTER, challenger | paired(300, 100), OLD) == judged(BETTER, challenger | paired(300, 100), None)


@given(some.integers(1, 20), some.integers(1, 20), some.integers(1, 20))
def test_only_the_version_that_is_live_now_counts(measured: int, live: int, before: int) -> None:
    champion = {"version": live, "report": OLD, "bias": None}
    fields: dict[str, Any] = {"champion": champion, "champion_at_start": before}
    answer = judged(BETTER, beside(binary(0.80), binary(0.70), measured), None, **fields)
    if measured == live:
        assert said(answer) == ("Approve", "GatePassed")
        return
    assert said(answer) == ("Leave", "ChampionChanged")
    assert f"beside version {measured}, but version {live} is live now" in answer["sentence"]
    assert answer["comparison"] == []


def test_a_metric_that_only_the_old_report_has_is_said_to_be_of_other_records() -> None:
    answer = judged(BOTH, beside(binary(0.80, auc=AUC), binary(0.70)), binary(0.90, auc=AUC))
    accuracy, auc = (row["sentence"] for row in answer["comparison"])
    assert ELSEWHERE not in accuracy and ELSEWHERE in auc
    missing = judged(BOTH, beside(binary(0.80, auc=AUC), binary(0.70)), None)
    assert said(missing) == ("Leave", "ReportMissing")
    assert "The report of the live version has no auc" in missing["sentence"]


def test_paired_counts_say_the_accuracy_of_the_live_version_on_the_same_records() -> None:
    answer = judged(BETTER, binary(0.80) | paired(400, 200), OLD)
    assert said(answer) == ("Approve", "GatePassed")
    (row,) = answer["comparison"]
    assert row["champion"] == pytest.approx(0.70) and ELSEWHERE not in row["sentence"]
    assert said(judged(BETTER, binary(0.80) | paired(400, 200), None)) == ("Approve", "GatePassed")
    assert ELSEWHERE in judged(BETTER, binary(0.80) | paired(400, 200, version=6), OLD)["sentence"]


def test_errors_of_the_live_version_are_those_of_the_records_that_both_saw() -> None:
    lower = {"approve": "automatically", "better": [{"metric": "mae", "by": "1%"}]}
    assert said(judged(lower, beside(regression(0.5), regression(0.9)), regression(0.3))) == ("Approve", "GatePassed")
    found = read_evaluation(beside(binary(0.8, 1000), binary(0.7, 50)))
    assert found and found.on_same_records(7)["accuracy"].error == pytest.approx(share_error(0.7, 1000))
    assert found.on_same_records(6) == {}


@pytest.mark.parametrize(
    "champion",
    [
        {"error": "NoSuchKey"},
        {"version": 7},
        {"version": 7, "binary_classification_metrics": {"accuracy": {"value": "NaN"}}},
        {"binary_classification_metrics": {"accuracy": {"value": 0.1}}},
        {"version": "none", "binary_classification_metrics": {"accuracy": {"value": 0.1}}},
        {"version": 7.5, "binary_classification_metrics": {"accuracy": {"value": 0.1}}},
        None,
        "x",
    ],
)
def test_a_champion_that_was_not_measured_is_judged_by_its_own_report(champion: Any) -> None:
    answer = judged(BETTER, binary(0.97) | {"champion": champion}, OLD)
    assert said(answer) == ("Approve", "GatePassed")
    assert ELSEWHERE in answer["sentence"]


def test_a_version_may_be_written_as_the_text_that_the_pipeline_got() -> None:
    assert judged(BETTER, beside(binary(0.80), binary(0.70), "7"), OLD)["verdict"] == "Approve"
    assert judged(BETTER, binary(0.80) | paired(400, 200, version="7"), OLD)["verdict"] == "Approve"
    assert ELSEWHERE in judged(BETTER, binary(0.80) | paired(400, 200, version="none"), OLD)["sentence"]
