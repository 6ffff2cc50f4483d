from __future__ import annotations

from typing import Any

import pytest

from interlock.policy.in_force import PolicyInForce, check_policy
from tests.unit.examples import ENDPOINT, GROUP, RELEASE, document

GOOD = document(alarms=["churn-5xx"])
BAD = document(strategy={"kind": "sliding"})


def check(written: str | None, last_good: str | None = None, version: object = 7) -> PolicyInForce:
    return check_policy(
        {"release": RELEASE, "group": GROUP, "version": version, "document": written, "last_good": last_good}
    )


def test_a_good_policy_is_in_force_with_what_must_be_looked_at() -> None:
    assert check(GOOD, last_good=document()) == {
        "status": "Good",
        "reason": "Accepted",
        "sentence": "",
        "document": GOOD,
        "endpoint": ENDPOINT,
        "component": "",
        "alarms": ["churn-5xx"],
        "signal_alarms": "||",
        "batch": False,
        "pointer": "",
        "serving": ENDPOINT,
        "newer": "queue",
        "superseding": "Version 7 of churn is newer and waits for the endpoint, and the policy says newer: supersede.",
        "queued": {
            "subject": "[Interlock] churn v7 waits",
            "body": "Waiting: release churn-v7-1 waits for endpoint churn-live, which another release is changing. It"
            " goes on by itself.",
        },
    }


def test_the_first_version_is_a_version_and_so_is_the_last() -> None:
    assert check(GOOD, version=1)["status"] == check(GOOD, version=2**31 - 1)["status"] == "Good"


def test_a_bad_policy_leaves_the_last_good_one_in_force_and_says_why() -> None:
    answer = check(BAD, last_good=GOOD)
    assert (answer["status"], answer["reason"], answer["document"]) == ("LastGood", "PolicyInvalid", GOOD)
    assert answer["endpoint"] == ENDPOINT
    assert "stages.0.strategy.kind" in answer["sentence"]
    assert answer["sentence"].endswith("The last good one stays in force.")


def test_a_bad_policy_without_a_good_one_before_is_refused() -> None:
    answer = check(BAD)
    assert (answer["status"], answer["reason"]) == ("Refused", "PolicyInvalid")
    assert (answer["document"], answer["endpoint"], answer["alarms"]) == ("", "", [])
    assert "stages.0.strategy.kind" in answer["sentence"]


def test_a_refusal_carries_its_notice_and_a_policy_in_force_has_none() -> None:
    answer = check(BAD)
    assert answer["notice"] == {
        "subject": "[Interlock] refused: PolicyInvalid",
        "body": f"Refused (PolicyInvalid): {answer['sentence']} Nothing was touched.",
    }
    assert "notice" not in check(BAD, last_good=GOOD)


def test_a_last_good_policy_that_is_not_valid_any_more_is_not_in_force() -> None:
    """The next release of Interlock may refuse a policy that this one accepts."""
    answer = check(BAD, last_good="stages: []")
    assert (answer["status"], answer["reason"], answer["document"]) == ("Refused", "PolicyInvalid", "")


@pytest.mark.parametrize("version", [0, -1, 2**31, 7.5, "7", None])
def test_something_else_than_a_version_is_refused_by_name(version: Any) -> None:
    answer = check(GOOD, version=version)
    assert (answer["status"], answer["reason"]) == ("Refused", "InputInvalid")
    assert answer["sentence"].startswith(f"version: {version} is not the number of a version; write a whole")


def test_a_group_without_policy_is_refused_even_if_it_once_had_one() -> None:
    for last_good in (None, GOOD):
        answer = check(None, last_good)
        assert (answer["status"], answer["reason"]) == ("Refused", "PolicyMissing")
        assert GROUP in answer["sentence"]


def test_the_parameter_that_callers_read_is_named_where_they_name_a_model() -> None:
    hosting = {"kind": "multi_model", "prefix": "s3://models/many", "instance_type": "ml.m5.large"}
    written = document(hosting=hosting, strategy={"kind": "all_at_once"})
    assert check(written)["pointer"] == f"{ENDPOINT}/{GROUP}"
