from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.execution.settlement import OUTCOMES, Ending, Settled, settle_release
from interlock.model.reasons import BLAMES_CANDIDATE, Outcome, Reason
from tests.unit.examples import NO_ENDPOINT, THROTTLED, endpoint, found, live


def settle(ended: str, reason: str, sentence: str = "", **fields: Any) -> Settled:
    task: Ending = {
        "release": "churn-v7-1",
        "group": "churn",
        "version": 7,
        "endpoint": "churn-live",
        "ended": ended,
        "reason": reason,
        "sentence": sentence,
        "further": "",
        "planned": "Accepted",
        "by": "",
        "started": "2026-01-05T09:00:00.000Z",
        "now": "2026-01-05T10:30:00.500Z",
        "left_behind": [],
        "facts": {},
        "seen": {},
    }
    return settle_release(cast(Ending, task | fields))


@pytest.mark.parametrize(
    ("ended", "reason", "outcome", "red", "live", "quarantine"),
    [
        ("Finished", "Delivered", "Succeeded", False, True, False),
        ("Refused", "AlreadyLive", "Succeeded", False, False, False),
        ("RolledBack", "AlarmRaised", "RolledBack", True, False, True),
        ("RolledBack", "EvidenceFailed", "RolledBack", True, False, True),
        ("RolledBack", "SmokeTestFailed", "RolledBack", True, False, True),
        ("RolledBack", "CandidateFailedToStart", "RolledBack", True, False, True),
        ("RolledBack", "SageMakerRolledBack", "RolledBack", True, False, False),
        ("RolledBack", "EvidenceInconclusive", "RolledBack", True, False, False),
        ("RolledBack", "EvidenceError", "RolledBack", True, False, False),
        ("RolledBack", "AbortedByPerson", "RolledBack", True, False, False),
        ("RolledBack", "PauseExpired", "RolledBack", True, False, False),
        ("RolledBack", "VersionRejected", "RolledBack", True, False, False),
        ("RolledBack", "AwsRefused", "RolledBack", True, False, False),
        ("RolledBack", "ExecutionStopped", "RolledBack", True, False, False),
        ("Held", "RollbackFailed", "Failed", True, False, False),
        ("Held", "AlarmRaised", "Failed", True, False, False),
        ("Refused", "VersionNotApproved", "Refused", True, False, False),
        ("Superseded", "NewerVersionWaiting", "Superseded", False, False, False),
        ("Cancelled", "ExecutionStopped", "Cancelled", False, False, False),
    ],
)
def test_a_release_ends_in_one_outcome(
    ended: str, reason: str, outcome: str, red: bool, live: bool, quarantine: bool
) -> None:
    end = settle(ended, reason, "Because.")
    assert (end["outcome"], end["reason"]) == (outcome, reason)
    assert (end["red"], end["live"], end["quarantine"]) == (red, live, quarantine)


MADE = [
    {"step": 0, "kind": "alarm", "name": "churn-v7-1-error-rate"},
    {"step": 1, "kind": "config", "name": "churn-v7-1"},
]


def test_a_release_that_failed_names_what_it_has_not_removed() -> None:
    end = settle("Held", "EndpointMoved", left_behind=["One more."], facts={"made": MADE})
    said = "As far as they were made: alarm churn-v7-1-error-rate, config churn-v7-1. Delete what nothing uses."
    assert end["document"]["left_behind"] == ["One more.", said]
    assert f"Left behind: {said}" in end["body"]


@pytest.mark.parametrize(("ended", "reason"), [("RolledBack", "AlarmRaised"), ("Held", "LeaseLost")])
def test_one_that_tidied_up_or_that_another_execution_tidies_up_after_does_not(ended: str, reason: str) -> None:
    assert settle(ended, reason, facts={"made": MADE})["document"]["left_behind"] == []


def test_a_success_says_what_is_live() -> None:
    assert settle("Finished", "Delivered")["sentence"] == "Version 7 of churn is live on churn-live with all traffic."


def test_a_recovery_that_found_the_candidate_serving_is_a_success_whatever_it_began_for() -> None:
    end = settle("RolledBack", "ExecutionStopped", "It died.", planned="RecoveredForward")
    assert (end["outcome"], end["reason"]) == ("Succeeded", "RecoveredForward")
    assert (end["red"], end["live"], end["quarantine"]) == (False, True, False)


def test_a_plan_that_was_walked_to_its_end_delivered_whatever_was_said_before() -> None:
    assert settle("Finished", "InternalError")["reason"] == "Delivered"


def test_a_rollback_says_that_the_endpoint_is_as_before() -> None:
    end = settle("RolledBack", "AlarmRaised", "Alarm x was raised.")
    assert end["sentence"] == "Alarm x was raised. The endpoint is as it was before."


def test_any_other_end_repeats_the_sentence_it_was_given() -> None:
    assert settle("Refused", "AlarmMissing", "It is gone.")["sentence"] == "It is gone."


@given(some.sampled_from(Reason))
def test_a_failure_says_who_serves_now_and_what_to_do(reason: Reason) -> None:
    seen = found(endpoint("InService", "c", live("AllTraffic", 80.0), live("churn-v7-1", 20.0)))
    facts = {"transition_config": "c", "candidate_variant": "churn-v7-1"}
    end = settle("Held", str(reason), "It hangs.", seen=seen, facts=facts)
    if end["outcome"] == Outcome.FAILED:
        assert "AllTraffic has 80 % of the traffic with the model from before version 7" in end["sentence"]
        assert "churn-v7-1 has 20 % of the traffic with version 7." in end["sentence"]
        assert end["sentence"] == end["document"]["sentence"]
        assert end["sentence"].rpartition("version 7. ")[2].split()[0] in {"Decide", "Open", "Delete", "See", "Send"}


@pytest.mark.parametrize(
    ("seen", "facts", "said"),
    [
        (
            found(endpoint("InService", "c", live())),
            {"final_config": "c"},
            "AllTraffic has 100 % of the traffic with v",
        ),
        (
            found(endpoint("InService", "c", live())),
            {"stable_config": "c"},
            "traffic with the model from before version 7",
        ),
        (
            found(endpoint("InService", "c", live())),
            {},
            "Now on endpoint churn-live: AllTraffic has 100 % of the traffic.",
        ),
        (
            found(endpoint("Updating", "c", live())),
            {},
            "Now on endpoint churn-live (it is Updating): AllTraffic has 100 %",
        ),
        (found(endpoint("Failed", "c")), {}, "Nothing serves on endpoint churn-live (it is Failed)."),
        (NO_ENDPOINT, {}, "Nothing serves: there is no endpoint churn-live."),
        (THROTTLED, {}, "could not be read (SageMaker.SageMakerException: Rate exceeded)."),
        ({}, {}, "What serves now on endpoint churn-live could not be read."),
    ],
)
def test_who_serves_is_said_as_far_as_it_is_known(seen: dict[str, Any], facts: dict[str, Any], said: str) -> None:
    assert said in settle("Held", "EndpointMoved", "It moved.", seen=seen, facts=facts)["sentence"]


@pytest.mark.parametrize(
    ("ended", "reason", "sentence"),
    [
        ("Refused", "AlarmMissing", "Alarm x was raised. AWS refused: no."),
        ("RolledBack", "AlarmRaised", "Alarm x was raised. AWS refused: no. The endpoint is as it was before."),
    ],
)
def test_what_came_after_the_reason_is_told_after_it(ended: str, reason: str, sentence: str) -> None:
    assert settle(ended, reason, "Alarm x was raised.", further="AWS refused: no.")["sentence"] == sentence


@pytest.mark.parametrize(
    ("ended", "reason", "sentence"),
    [
        ("Refused", "InputInvalid", "The input needs group (text) and version (a number), for example"),
        ("Held", "LeaseLost", "Another execution took over this endpoint."),
        ("Superseded", "NewerVersionWaiting", "Release churn-v8-1 of the same or a newer version waits for endpoint"),
        ("Refused", "InternalError", "Interlock failed before anything was touched: "),
        ("Held", "InternalError", "Interlock failed: "),
    ],
)
def test_an_end_that_was_told_nothing_still_says_why(ended: str, reason: str, sentence: str) -> None:
    assert settle(ended, reason, by="churn-v8-1")["sentence"].startswith(sentence)


def test_a_notice_is_one_a_person_can_read() -> None:
    end = settle("RolledBack", "AlarmRaised", "Alarm x was raised.", left_behind=["DeleteModel: denied"])
    assert end["subject"] == "[Interlock] churn v7 rolled back"
    assert end["body"] == (
        "Rolled back: Alarm x was raised. The endpoint is as it was before.\n"
        "\n"
        "Model package group: churn\n"
        "Version: 7\n"
        "Endpoint: churn-live\n"
        "Outcome: RolledBack (AlarmRaised)\n"
        "Took: 1 h 30 min\n"
        "Release: churn-v7-1\n"
        "Left behind: DeleteModel: denied\n"
        "Version 7 is quarantined: no repeated event can release it again. Release a newer version."
    )


def test_an_approval_that_met_a_freeze_is_kept_and_people_are_told_so() -> None:
    end = settle("Refused", "ReleasesFrozen", "Group churn is frozen.")
    assert (end["decides"], end["keeps"], end["quarantine"]) == (0, 1, False)
    assert "The approval is kept: " in end["body"]
    by_hand = settle("Refused", "ReleasesFrozen", "Group churn is frozen.", release="churn-v7-0a1b2c3d")
    assert (by_hand["keeps"], "is kept" in by_hand["body"]) == (0, False)


@pytest.mark.parametrize("reason", ["AwsUnavailable", "EndpointBusy", "Delivered", "VersionNotApproved"])
def test_only_a_freeze_keeps_an_approval(reason: str) -> None:
    assert settle("Refused", reason, "No.")["keeps"] == 0


def test_quarantine_is_told_only_where_there_is_one() -> None:
    assert "quarantine" not in settle("RolledBack", "AbortedByPerson", "No.")["body"]


def test_the_journal_gets_what_programs_need() -> None:
    end = settle("Finished", "Delivered", left_behind=["x"])
    assert end["document"] == {
        "release": "churn-v7-1",
        "group": "churn",
        "version": 7,
        "endpoint": "churn-live",
        "outcome": "Succeeded",
        "reason": "Delivered",
        "sentence": end["sentence"],
        "seconds": 5400,
        "quarantined": False,
        "left_behind": ["x"],
    }


@given(some.text() | some.text("a\n", min_size=60, max_size=63), some.sampled_from(sorted(OUTCOMES)))
def test_a_subject_is_one_that_sns_takes(group: str, ended: str) -> None:
    """botocore Publish: "no line breaks or control characters, and less than 100 characters long"."""
    subject = settle(ended, "AwsRefused", "Because.", group=group)["subject"]
    assert len(subject) < 100
    assert subject.isprintable()


@given(some.sampled_from(Reason), some.sampled_from(sorted(OUTCOMES)))
def test_a_version_is_quarantined_only_when_it_was_rolled_back_and_is_to_blame(reason: Reason, ended: str) -> None:
    end = settle(ended, reason, "Because.")
    assert end["quarantine"] == (ended == "RolledBack" and reason in BLAMES_CANDIDATE)
    assert end["red"] == (end["outcome"] in (Outcome.ROLLED_BACK, Outcome.FAILED, Outcome.REFUSED))
    assert end["live"] <= (end["outcome"] == Outcome.SUCCEEDED)


FOLLOWING = {"name": "churn-v7-1-2-production", "stage": "production"}


@pytest.mark.parametrize(
    ("ended", "reason", "goes_on"),
    [
        ("Finished", "Delivered", True),
        ("Refused", "AlreadyLive", True),
        ("RolledBack", "AlarmRaised", False),
        ("Refused", "VersionNotApproved", False),
        ("Held", "EndpointMoved", False),
        ("Live", "Delivered", False),
    ],
)
def test_only_a_success_is_handed_on(ended: str, reason: str, goes_on: bool) -> None:
    facts = {"standby": {"seconds": 60}} if ended == "Live" else {}
    end = settle(ended, reason, following=FOLLOWING, facts=facts)
    assert end["hands_on"] == ({**FOLLOWING, "known": end["sentence"]} if goes_on else {})
    assert ("Next stage: production" in end["body"]) is goes_on


@pytest.mark.parametrize("reason", ["ReleasesFrozen", "AwsUnavailable"])
def test_the_approval_is_kept_that_a_stage_before_had_decided(reason: str) -> None:
    assert settle("Refused", reason, release="churn-v7-12-2-production")["keeps"] == 12
    assert settle("Refused", reason, release="churn-v7-12")["keeps"] == (12 if reason == "ReleasesFrozen" else 0)
    assert settle("Refused", "ApprovalExpired", release="churn-v7-12-2-production")["keeps"] == 0
