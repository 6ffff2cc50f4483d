from __future__ import annotations

from typing import Any

import pytest

from interlock.model.signal import KINDS
from tests.unit.awsmodel import limits
from tests.unit.remedies.weighed import at, drift, past, policy, said, weighed

TWO_OF_THREE = [{"on": "data_quality", "do": "retrain", "runs": "2 of 3"}]
ROLL_BACK = [{"on": "model_quality", "do": "roll_back"}]


def bad_quality(**fields: Any) -> dict[str, Any]:
    return drift("f1", check="LessThanThreshold", kind="model_quality", **fields)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("retraining", [None, {"pipeline": "churn-train"}], ids=["no section", "a section"])
def test_every_kind_of_signal_has_a_default(kind: str, retraining: dict[str, Any] | None) -> None:
    told = {"alarm", "rejected", "custom", "monitor_failed"}
    answer = weighed(drift("tenure", kind=kind), retraining=retraining)
    assert answer["remedy"] == ("retrain" if retraining and kind not in told else "notify")


@pytest.mark.parametrize("check", ["missing_column_check", "extra_column_check", "data_type_check"])
def test_a_changed_form_of_the_inputs_needs_a_person_whatever_the_policy_says(check: str) -> None:
    for rows in ([], TWO_OF_THREE):
        answer = weighed(drift("tenure", "contract", check=check), rows)
        assert said(answer) == ("investigate", "PersonNeeded")
        assert "tenure, contract" in answer["notice"]["body"]
        assert "retrain" not in answer


def test_a_regulated_feature_needs_a_person() -> None:
    section = {"pipeline": "p", "regulated": ["age", "contract"]}
    assert said(weighed(drift("tenure", "age"), retraining=section)) == ("investigate", "PersonNeeded")
    assert said(weighed(drift("contract=monthly", kind="bias"), retraining=section))[0] == "investigate"
    assert said(weighed(drift("tenure"), retraining=section))[0] == "retrain"


def test_the_first_row_that_fits_decides() -> None:
    rows: list[dict[str, Any]] = [
        {"on": "data_quality", "do": "ignore", "features": ["contract"]},
        {"on": "data_quality", "do": "notify", "checks": ["completeness_check"]},
        {"on": "data_quality", "do": "investigate", "severity": "high"},
        {"on": "data_quality", "do": "retrain"},
    ]
    assert weighed(drift("contract", "tenure"), rows)["remedy"] == "ignore"
    assert weighed(drift("tenure", check="completeness_check"), rows)["remedy"] == "notify"
    assert weighed(drift("tenure", severity="high"), rows)["remedy"] == "investigate"
    assert weighed(drift("tenure"), rows)["remedy"] == "retrain"


def test_thirty_violations_are_one_decision() -> None:
    answer = weighed(drift(*(f"f{number}" for number in range(30)), count=45))
    assert said(answer) == ("retrain", "RemedyChosen")
    assert answer["record"]["count"] == 45
    assert len(answer["record"]["subjects"]) == 30


def test_a_run_that_is_told_again_is_decided_once() -> None:
    first = weighed(drift("tenure"))
    again = weighed(drift("tenure"), decisions=[first["record"]])
    assert said(again) == ("ignore", "EventDuplicate")
    assert not {"record", "remember", "notice"} & set(again)


def test_drift_is_confirmed_by_k_of_the_last_n_runs() -> None:
    clean: dict[str, Any] = {"reason": "NoViolations", "subjects": []}
    assert said(weighed(drift("tenure"), TWO_OF_THREE)) == ("ignore", "DriftNotConfirmed")
    assert said(weighed(drift("tenure"), TWO_OF_THREE, decisions=[past(-1, **clean)]))[1] == "DriftNotConfirmed"
    confirmed = weighed(drift("tenure"), TWO_OF_THREE, decisions=[past(-1, **clean), past(-2)])
    assert said(confirmed) == ("retrain", "RemedyChosen")
    assert "2 of the last 3 runs show it" in confirmed["sentence"]
    too_old = [past(-1, **clean), past(-2, **clean), past(-3)]
    assert said(weighed(drift("tenure"), TWO_OF_THREE, decisions=too_old))[1] == "DriftNotConfirmed"


def test_runs_of_another_kind_version_or_feature_confirm_nothing() -> None:
    row = [TWO_OF_THREE[0] | {"features": ["tenure"]}]
    for other in ({"kind": "bias"}, {"version": 6}, {"subjects": ["contract"]}):
        answer = weighed(drift("tenure"), row, decisions=[past(-1, **other)])
        assert said(answer) == ("ignore", "DriftNotConfirmed"), other


def test_one_run_that_was_told_three_times_confirms_nothing() -> None:
    again = [past(hours, run="the same") for hours in (-1, -1.1, -1.2)]
    rows = [{"on": "data_quality", "do": "retrain", "runs": "3 of 3"}]
    assert said(weighed(drift("tenure"), rows, decisions=again)) == ("ignore", "DriftNotConfirmed")


def test_drift_that_goes_away_by_itself_says_so() -> None:
    clean = weighed(drift(), TWO_OF_THREE, decisions=[past(-1)])
    assert said(clean) == ("ignore", "DriftWentAway")
    assert "went away by itself" in clean["sentence"]
    assert said(weighed(drift(), TWO_OF_THREE)) == ("ignore", "NoViolations")
    assert "notice" not in clean


def test_a_decision_that_waited_is_dropped_if_the_newer_runs_are_clean() -> None:
    waited = past(-3, run="mine", remedy="wait", reason="QuietHours")
    newer = [past(hours, reason="NoViolations", subjects=[]) for hours in (-1, -2)]
    older = past(-4)
    answer = weighed(drift("tenure", run="mine"), TWO_OF_THREE, decisions=[*newer, waited, older])
    assert said(answer) == ("ignore", "DriftWentAway")
    assert said(weighed(drift("tenure", run="mine"), TWO_OF_THREE, decisions=[waited, older]))[0] == "retrain"
    one_of_two = [TWO_OF_THREE[0] | {"runs": "1 of 2"}]
    answer = weighed(drift("tenure", run="mine"), one_of_two, decisions=[*newer, waited])
    assert said(answer) == ("ignore", "DriftWentAway")
    assert weighed(drift("tenure", run="mine"), one_of_two, decisions=[newer[0], waited])["remedy"] == "retrain"


def test_a_signal_about_a_version_that_is_not_live_is_ignored() -> None:
    assert said(weighed(drift("tenure", version=6))) == ("ignore", "VersionNotLive")
    assert said(weighed(drift("tenure"), live=None)) == ("ignore", "VersionNotLive")
    assert said(weighed(drift("tenure", version=None)))[0] == "retrain"
    for kind in ("data_quality", "alarm"):
        older = drift("tenure", version=None, kind=kind, since="2025-12-31T23:00:00Z")
        assert said(weighed(older)) == ("ignore", "VersionNotLive")
    assert said(weighed(drift(version=None, kind="calendar", since="2025-12-31T23:00:00Z")))[0] == "retrain"


def test_a_storm_is_one_decision() -> None:
    first = weighed(drift("tenure"))
    stormy = [
        weighed(drift("tenure", run=f"run {number}"), decisions=[first["record"]], now=at(number / 60))
        for number in range(14)
    ]
    assert {said(each) for each in stormy} == {("ignore", "Coalesced")}
    assert all("record" in each and "notice" not in each for each in stormy)


@pytest.mark.parametrize(("minutes", "counted"), [(14.9, True), (15, False)])
def test_a_quarter_of_an_hour_after_a_decision_the_next_one_is_made(minutes: float, counted: bool) -> None:
    first = weighed(drift("tenure"), now=at(0))
    later = weighed(drift("tenure", run="next"), decisions=[first["record"]], now=at(minutes / 60))
    assert (said(later)[1] == "Coalesced") is counted


def test_a_changed_form_is_not_lost_in_a_storm_of_drift() -> None:
    decisions = [past(-0.1, reason="RemedyChosen", remedy="notify")]
    broken = drift("tenure", check="missing_column_check")
    assert said(weighed(broken, decisions=decisions)) == ("investigate", "PersonNeeded")
    after = [weighed(broken, decisions=decisions)["record"], *decisions]
    assert said(weighed(broken | {"run": "next"}, decisions=after)) == ("ignore", "Coalesced")


def test_the_same_is_told_once_a_day_and_new_subjects_at_once() -> None:
    told = weighed(drift("tenure"), retraining=None)
    assert said(told)[0] == "notify"
    decisions = [told["record"] | {"at": at(-2)}]
    hourly = drift("tenure", run="next hour")
    assert said(weighed(hourly, retraining=None, decisions=decisions)) == ("ignore", "AlreadyTold")
    assert said(weighed(drift("age", run="next hour"), retraining=None, decisions=decisions))[0] == "notify"
    yesterday = [told["record"] | {"at": at(-25)}]
    assert said(weighed(hourly, retraining=None, decisions=yesterday))[0] == "notify"
    just_a_day = [told["record"] | {"at": at(-24)}]
    assert said(weighed(hourly, retraining=None, decisions=just_a_day))[0] == "notify"


def test_a_rollback_goes_to_the_version_before_if_it_was_free_of_this() -> None:
    answer = weighed(bad_quality(), ROLL_BACK)
    assert said(answer) == ("roll_back", "RemedyChosen")
    assert answer["roll_back"] == {"group": "churn", "version": 6}
    other_kind = [past(-90, version=6, kind="bias")]
    assert said(weighed(bad_quality(), ROLL_BACK, decisions=other_kind))[0] == "roll_back"
    clean = [past(-90, version=6, kind="model_quality", reason="NoViolations")]
    assert said(weighed(bad_quality(), ROLL_BACK, decisions=clean))[0] == "roll_back"


def test_a_live_version_that_is_rejected_goes_back_unless_the_one_before_was_rejected_too() -> None:
    rejected = drift(kind="rejected", version=7)
    back = [{"on": "rejected", "do": "roll_back"}]
    assert weighed(rejected, back)["roll_back"] == {"group": "churn", "version": 6}
    assert said(weighed(rejected, back, decisions=[past(-90, version=6, kind="rejected")]))[0] == "notify"
    assert said(weighed(drift(kind="rejected", version=5), back)) == ("ignore", "VersionNotLive")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"previous": None}, "no earlier version"),
        ({"previous": {"version": 7}}, "no earlier version"),
        ({"previous": {"version": 6, "exists": False}}, "no earlier version"),
        ({"decisions": [past(-90, version=6, kind="model_quality")]}, "showed the same"),
    ],
)
def test_a_rollback_that_would_not_help_is_told_instead(facts: dict[str, Any], words: str) -> None:
    answer = weighed(bad_quality(), ROLL_BACK, **facts)
    assert said(answer) == ("notify", "NoVersionToRollBackTo")
    assert words in answer["sentence"]
    assert "roll_back" not in answer


def test_what_changes_the_endpoint_waits_for_a_release() -> None:
    for signal, rows in ((bad_quality(), ROLL_BACK), (drift("tenure"), []), (drift(kind="alarm"), SCALE)):
        answer = weighed(signal, rows, releasing=True)
        assert said(answer) == ("wait", "ReleaseInProgress")
        assert answer["until"] == at(1)
    assert weighed(drift("tenure"), retraining=None, releasing=True)["remedy"] == "notify"


SCALE = [{"on": "alarm", "do": "scale"}]


def test_an_endpoint_is_scaled_by_one_instance_an_hour() -> None:
    answer = weighed(drift(kind="alarm"), SCALE)
    assert answer["scale"] == {"endpoint": "churn-live", "add_instances": 1}
    before = [past(-0.5, remedy="scale", reason="RemedyChosen", kind="alarm")]
    assert said(weighed(drift(kind="alarm"), SCALE, decisions=before)) == ("notify", "ScaledAlready")


@pytest.mark.parametrize(("instances", "words"), [(2, "has 2 instances"), (3, "has 3"), (0, "an unknown number")])
def test_an_endpoint_that_is_as_large_as_it_may_be_is_told_of_instead(instances: int, words: str) -> None:
    answer = weighed(drift(kind="alarm"), SCALE, instances=instances)
    assert said(answer) == ("notify", "ScaledAlready")
    assert (answer["record"]["remedy"], answer["record"]["reason"]) == ("notify", "ScaledAlready")
    assert "scale" not in answer
    assert words in answer["notice"]["body"]
    assert "needs attention" in answer["notice"]["subject"]


def test_that_a_policy_cannot_be_used_is_told_once_a_day() -> None:
    def again(hours: float, **fields: Any) -> tuple[str, str]:
        told = [past(-hours, kind="custom", remedy="notify", reason="PolicyInvalid")]
        return said(weighed(drift(kind="custom", run="another", **fields), document="a: b", decisions=told))

    assert again(0.1) == ("ignore", "Coalesced")
    assert again(1) == ("ignore", "PolicyInvalid")
    assert again(25) == ("notify", "PolicyInvalid")
    for remedy in ("notify", "ignore"):
        told = [past(-0.1, kind="custom", remedy=remedy, reason="PolicyInvalid")]
        repaired = weighed(drift(kind="custom", run="another"), decisions=told)
        assert said(repaired) == ("notify", "RemedyChosen")


def test_without_a_policy_nothing_is_decided() -> None:
    assert said(weighed(drift("tenure"), document=None)) == ("ignore", "PolicyMissing")
    asked = weighed(drift(kind="person", run="person/churn"), document=None)
    assert said(asked) == ("notify", "PolicyMissing")
    assert "There is no policy" in asked["notice"]["body"]
    broken = weighed(drift("tenure"), document="a: b", last_good="c")
    assert said(broken) == ("notify", "PolicyInvalid")
    kept = weighed(drift("tenure"), document="a: b", last_good=policy([], {"pipeline": "p"}))
    assert kept["remedy"] == "retrain"
    assert "last good one stays in force" in kept["sentence"]


@pytest.mark.parametrize("signal", [{}, {"kind": "weather"}, None, {"kind": "bias", "severity": "low", "run": "x"}])
def test_a_signal_that_cannot_be_read_is_named(signal: Any) -> None:
    assert said(weighed(signal)) == ("ignore", "EventMalformed")


def test_a_memory_that_cannot_be_read_is_counted() -> None:
    answer = weighed(drift("tenure"), decisions=[{"at": "yesterday"}, 3], remedy={"retrainings": [7]})  # type: ignore[list-item]
    assert answer["remedy"] == "retrain"
    assert "(3 entries of the ledger's memory could not be read.)" in answer["sentence"]


def test_a_notice_says_what_was_seen_and_fits_a_subject() -> None:
    notice = weighed(drift("tenure", group="a"))["notice"]
    assert notice["subject"] == "[Interlock] churn v7 is retrained"
    assert len(notice["subject"]) < limits("sns", "subject").get("max", 100)
    for words in ("tenure: baseline_drift_check", "Evidence: s3://", "Decision: retrain (RemedyChosen)"):
        assert words in notice["body"]
