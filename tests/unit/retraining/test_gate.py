from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from interlock.execution.retrainings import compare_models, judge_versions
from interlock.model.reasons import Reason
from interlock.retraining.gate_texts import metadata_value
from tests.unit.awsmodel import input_of, unfit
from tests.unit.retraining.trained import bias, binary, contest, package_arn, regression

BETTER = {"approve": "automatically", "better": [{"metric": "accuracy", "by": "1%"}]}
NOT_WORSE = {"approve": "automatically", "not_worse": [{"metric": "accuracy", "by": "2%"}]}
LOWER = {"approve": "automatically", "better": [{"metric": "mae", "by": "1%"}]}


def judged(gate: dict[str, Any], challenger: Any, champion: Any, /, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = dict(judge_versions(contest(gate, challenger, champion, **fields)))  # type: ignore[arg-type]
    assert unfit(input_of("sagemaker", "UpdateModelPackage"), answer["update"]) == []
    assert len(answer["notice"]["subject"]) < 100
    assert answer["notice"]["subject"].isascii()
    return answer


def said(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["verdict"], answer["reason"]


def challenged(**fields: Any) -> dict[str, Any]:
    return {"challenger": {"version": 8, "arn": package_arn(8), "report": binary(0.9)} | fields}


def test_a_better_version_is_approved_where_the_policy_allows_it() -> None:
    answer = judged(BETTER, binary(0.90), binary(0.80))
    assert said(answer) == ("Approve", "GatePassed")
    assert answer["update"]["ModelApprovalStatus"] == "Approved"
    assert answer["update"]["ApprovalDescription"].startswith("Interlock (GatePassed): The new version shows all")
    told = answer["update"]["CustomerMetadataProperties"]
    assert told["interlock-verdict"] == "Approve"
    assert told["interlock-champion"] == "7"
    assert told["interlock-signal-evidence"] == "s3://m/v.json"
    assert answer["notice"]["subject"] == "[Interlock] churn v8 is approved"


def test_a_better_version_waits_for_a_person_where_the_policy_says_so() -> None:
    answer = judged(BETTER | {"approve": "by_person"}, binary(0.90), binary(0.80))
    assert said(answer) == ("Leave", "ApprovalLeftToPerson")
    assert not {"ModelApprovalStatus", "ApprovalDescription"} & set(answer["update"])
    body = answer["notice"]["body"]
    assert f"aws sagemaker update-model-package --model-package-arn {package_arn(8)} " in body
    assert "--model-approval-status Approved" in body
    assert "--model-approval-status Rejected" in body
    heading, row = next((a, b) for a, b in zip(body.split("\n"), body.split("\n")[1:], strict=False) if "metric" in a)
    assert heading.split()[:3] == ["metric", "new", "live"]
    assert row.split()[:3] == ["accuracy", "0.9", "0.8"]
    assert heading.index("rule") == row.index("accuracy better by 1 %: Pass")


def test_a_worse_version_is_rejected_with_the_reason_on_the_package() -> None:
    for gate, shown in ((BETTER, "better by less than 1 %, if at all"), (NOT_WORSE, "worse by more than 2 %")):
        answer = judged(gate, binary(0.70), binary(0.80))
        assert said(answer) == ("Reject", "GateFailed")
        assert answer["update"]["ModelApprovalStatus"] == "Rejected"
        assert f"accuracy is shown to be {shown}" in answer["update"]["ApprovalDescription"]


@pytest.mark.parametrize(
    ("n", "challenger", "verdict"),
    [
        (2_000, 0.815, "Leave"),  # better by 1.5 points, but that could be chance
        (200_000, 0.815, "Approve"),
        (200_000, 0.805, "Reject"),  # better, but shown to be by less than 0.8 points
        (200_000, 0.808, "Leave"),  # just as much as was asked
    ],
)
def test_intervals_decide_and_not_bare_numbers(n: int, challenger: float, verdict: str) -> None:
    answer = judged(BETTER, binary(challenger, n), binary(0.80, n))
    assert answer["verdict"] == verdict
    if verdict == "Leave":
        assert answer["reason"] == "GateUndecided"


def test_a_version_that_is_as_good_is_shown_to_be_not_worse_by_a_margin_if_there_are_enough_records() -> None:
    assert said(judged(NOT_WORSE, binary(0.80, 20_000), binary(0.80, 20_000))) == ("Approve", "GatePassed")
    assert said(judged(NOT_WORSE, binary(0.80, 500), binary(0.80, 500))) == ("Leave", "GateUndecided")


def test_of_an_error_less_is_better() -> None:
    assert judged(LOWER, regression(0.30), regression(0.40))["verdict"] == "Approve"
    assert judged(LOWER, regression(0.40), regression(0.30))["verdict"] == "Reject"
    own = {"approve": "automatically", "better": [{"metric": "cost", "by": "1%", "lower_is_better": True}]}
    report = {"metrics": {"cost": {"value": 3.0, "standard_error": 0.1}}, "dataset": {"item_count": 900}}
    cheaper = {"metrics": {"cost": {"value": 2.0, "standard_error": 0.1}}, "dataset": {"item_count": 900}}
    assert judged(own, cheaper, report)["verdict"] == "Approve"
    assert judged(own, report, cheaper)["verdict"] == "Reject"


@pytest.mark.parametrize("spread", ["NaN", None, 0.0, float("nan"), "0.1"])
def test_a_metric_of_which_nobody_knows_how_exact_it_is_decides_nothing(spread: Any) -> None:
    answer = judged(LOWER, regression(0.1, spread), regression(0.4))
    assert said(answer) == ("Leave", "GateUndecided")
    assert "Nothing says how exact mae is" in answer["sentence"]


def test_one_broken_rule_rejects_and_one_open_rule_leaves() -> None:
    both = BETTER | {"not_worse": [{"metric": "auc", "by": "1%"}]}
    good = {"value": 0.9, "standard_error": 0.002}
    bad = {"value": 0.7, "standard_error": 0.002}
    vague = {"value": 0.9, "standard_error": 0.2}
    assert judged(both, binary(0.9, auc=good), binary(0.8, auc=good))["verdict"] == "Approve"
    assert said(judged(both, binary(0.9, auc=bad), binary(0.8, auc=good))) == ("Reject", "GateFailed")
    assert said(judged(both, binary(0.9, auc=vague), binary(0.8, auc=good))) == ("Leave", "GateUndecided")
    missing = judged(both, binary(0.9), binary(0.8, auc=good))
    assert said(missing) == ("Leave", "ReportMissing")
    assert "report of the new version has no auc" in missing["sentence"]
    assert said(judged(both, binary(0.7), binary(0.8, auc=good))) == ("Reject", "GateFailed")


@pytest.mark.parametrize("report", [None, {}, [], "x", {"dataset": {"item_count": 9}}, {"metrics": 3}])
def test_without_a_report_a_person_decides(report: Any) -> None:
    assert said(judged(BETTER, report, binary(0.8))) == ("Leave", "ReportMissing")
    live = judged(BETTER, binary(0.9), report)
    assert said(live) == ("Leave", "ReportMissing")
    assert "The live version, 7, has no evaluation report" in live["sentence"]


def test_too_few_records_decide_nothing() -> None:
    gate = BETTER | {"min_samples": 500}
    assert said(judged(gate, binary(0.2, 499), binary(0.8))) == ("Leave", "TooFewSamples")
    assert judged(gate, binary(0.2, 500), binary(0.8))["verdict"] == "Reject"
    unsaid = {"metrics": {"accuracy": 0.9}}
    answer = judged(gate, unsaid, binary(0.8))
    assert said(answer) == ("Leave", "ReportMissing")
    assert "dataset.item_count" in answer["sentence"]


def test_a_champion_that_changed_meanwhile_is_the_one_to_beat() -> None:
    beaten = judged(BETTER, binary(0.9), binary(0.8), champion_at_start=6)
    assert said(beaten) == ("Approve", "GatePassed")
    assert "version 7, which went live while it was trained" in beaten["sentence"]
    assert said(judged(BETTER, binary(0.9), None, champion_at_start=6)) == ("Leave", "ChampionChanged")


def test_without_a_champion_a_person_decides() -> None:
    assert said(judged(BETTER, binary(0.9), None, champion=None)) == ("Leave", "ChampionMissing")


def test_a_gate_that_asks_for_nothing_approves_nothing() -> None:
    answer = judged({}, binary(0.9), binary(0.8))
    assert said(answer) == ("Leave", "ApprovalLeftToPerson")


BIASED = BETTER | {"bias": [{"metric": "DPPL", "facet": "contract", "at_most": 0.1}]}


@pytest.mark.parametrize(
    ("analysis", "verdict", "reason"),
    [
        (bias(0.05, -0.09), "Approve", "GatePassed"),
        (bias(0.05, -0.2), "Reject", "GateFailed"),
        (bias(0.05, standard_error=0.01), "Approve", "GatePassed"),
        (bias(0.09, standard_error=0.05), "Leave", "GateUndecided"),
        (bias(0.3, standard_error=0.05), "Reject", "GateFailed"),
        (bias(0.09, interval=[-0.1, 0.28]), "Leave", "GateUndecided"),
        (bias(0.05, interval=[0.03, 0.07]), "Approve", "GatePassed"),
        (bias(0.05, interval=[0.03, "Infinity"]), "Leave", "GateUndecided"),
        (bias(0.05, None), "Leave", "ReportMissing"),
        (bias(0.05, "Infinity"), "Leave", "ReportMissing"),
        (bias(0.05, facet="age"), "Leave", "ReportMissing"),
        (bias(0.05, metric="DI"), "Leave", "ReportMissing"),
        (None, "Leave", "ReportMissing"),
        ({"post_training_bias_metrics": {"facets": []}}, "Leave", "ReportMissing"),
    ],
)
def test_bias_has_a_limit_whatever_the_rest_shows(analysis: Any, verdict: str, reason: str) -> None:
    assert said(judged(BIASED, binary(0.9), binary(0.8), **challenged(bias=analysis))) == (verdict, reason)


def test_a_ratio_is_without_bias_at_one() -> None:
    gate = BETTER | {"bias": [{"metric": "DI", "facet": "contract", "at_most": 0.2}]}
    for value, verdict in ((1.1, "Approve"), (0.9, "Approve"), (0.7, "Reject"), (0.0, "Reject")):
        fields = challenged(bias=bias(value, metric="DI"))
        assert judged(gate, binary(0.9), binary(0.8), **fields)["verdict"] == verdict


def test_a_version_that_registered_itself_as_approved_is_named() -> None:
    fields = challenged(status="Approved", report=binary(0.7))
    assert "let it register PendingManualApproval" in judged(BETTER, None, binary(0.8), **fields)["sentence"]


def test_without_a_policy_a_person_decides() -> None:
    for document, reason in ((None, "PolicyMissing"), ("- x", "PolicyInvalid")):
        assert said(judged(BETTER, binary(0.9), binary(0.8), document=document)) == ("Leave", reason)


def test_a_report_that_is_too_long_is_no_report_and_the_sentence_says_why() -> None:
    uri = "s3://models/churn/8/evaluation.json"
    package = {"ModelMetrics": {"ModelQuality": {"Statistics": {"S3Uri": uri}}}}
    task: Any = {
        "now": "2026-01-05T12:00:00Z",
        "group": "churn",
        "name": "churn-1",
        "of": {},
        "challenger": {"version": 8, "arn": package_arn(8)},
        "live": 0,
        "versions": [{"found": package}],
        "reports": [{"uri": uri, "found": {"text": '{"metrics": {', "range": "bytes 0-39999/52318"}}],
        "policy": contest(BETTER, None, None),
    }
    end = compare_models(task)["end"]
    assert end["reason"] == "ReportMissing"
    assert f"{uri} is too long: it has 52,318 bytes, and Interlock reads 40,000 bytes of a file." in end["sentence"]
    assert "52,318" in end["notice"]["body"]


@example("x" * 300)
@given(some.text(max_size=400))
def test_whatever_is_written_to_the_package_fits(text: str) -> None:
    fields = {"retraining": text or "x", "signal": {"kind": text, "evidence": text, "sentence": text}}
    judged(BETTER, binary(0.9), binary(0.8), **fields)
    assert len(metadata_value(text)) <= 256


REPORTS = some.recursive(
    some.none() | some.booleans() | some.floats() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(
            some.sampled_from(
                [
                    "metrics",
                    "dataset",
                    "item_count",
                    "accuracy",
                    "value",
                    "standard_deviation",
                    "paired",
                    "champion",
                    "version",
                    "champion_version",
                    "confusion_matrix",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(REPORTS, REPORTS)
def test_whatever_a_report_holds_there_is_a_verdict_with_a_reason(challenger: Any, champion: Any) -> None:
    answer = judged(BIASED, challenger, champion, **challenged(report=challenger, bias=champion))
    assert answer["verdict"] != "Approve"
    assert answer["reason"] in set(Reason)
