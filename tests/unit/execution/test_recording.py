from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.execution.recording import LAST_BEGIN, LONGEST_CARD, Live, Recorded, record_release
from tests.unit.awsmodel import input_of, unfit

ARN = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/churn/7"
SENTENCE = (
    "Version 7 of churn went live on endpoint churn-live at 2026-01-05T10:30:00.500Z by Interlock's release churn-v7-1."
)


def record(**fields: Any) -> Recorded:
    task = {
        "release": "churn-v7-1",
        "group": "churn",
        "version": 7,
        "endpoint": "churn-live",
        "since": "2026-01-05T10:30:00.500Z",
        "arn": ARN,
        "began": "2026-01-05T10:30:00Z",
        "now": "2026-01-05T10:30:01Z",
        "looked": True,
        "card": {},
        "tried": 0,
        "refused": "",
    }
    return record_release(cast(Live, task | fields))


def card_of(content: Any, status: str = "Draft") -> dict[str, str]:
    return {"ModelCardContent": content if isinstance(content, str) else json.dumps(content), "ModelCardStatus": status}


def content_of(answer: Recorded) -> Any:
    return json.loads(answer["request"]["ModelCard"]["ModelCardContent"])


def test_the_package_says_since_when_where_and_by_which_release() -> None:
    answer = record()
    assert answer["next"] == "Update"
    assert answer["request"] == {
        "ModelPackageArn": ARN,
        "CustomerMetadataProperties": {
            "interlock-live-since": "2026-01-05T10:30:00.500Z",
            "interlock-release": "churn-v7-1",
            "interlock-endpoint": "churn-live",
        },
    }


def test_the_package_is_looked_at_before_it_is_changed() -> None:
    assert record(looked=False, card=None)["next"] == "Look"


def test_a_card_stays_as_it_is_but_for_our_place_in_it() -> None:
    before = {
        "intended_uses": {"purpose_of_model": "Zürich’s churn", "risk_rating": "Low"},
        "additional_information": {"ethical_considerations": "none", "custom_details": {"team": "a", "score": "0.10"}},
    }
    answer = record(card=card_of(before, "Approved"))
    after = content_of(answer)
    assert after["additional_information"]["custom_details"].pop("interlock_live") == SENTENCE
    assert after == before
    assert answer["request"]["ModelCard"]["ModelCardStatus"] == "Approved"
    assert answer["document"]["card"] == "Updated"


def test_a_card_without_details_gets_them_and_a_later_release_takes_the_same_place() -> None:
    first = record(card=card_of({"intended_uses": {}}))
    again = record(card=first["request"]["ModelCard"], release="churn-v7-2")
    assert list(content_of(again)["additional_information"]["custom_details"]) == ["interlock_live"]
    assert "churn-v7-2" in content_of(again)["additional_information"]["custom_details"]["interlock_live"]


@pytest.mark.parametrize(
    ("card", "word"),
    [
        (None, "NotRead"),
        ({}, "None"),
        ({"ModelCardStatus": "Draft"}, "None"),
        (card_of({}, "Archived"), "Archived"),
        (card_of("not json"), "NotUnderstood"),
        (card_of("[]"), "NotUnderstood"),
        (card_of({"additional_information": "text"}), "NotUnderstood"),
        (card_of({"additional_information": {"custom_details": []}}), "NotUnderstood"),
        (card_of('{"a": 1e999}'), "NotUnderstood"),
        (card_of('{"a": "\\ud800"}'), "NotUnderstood"),
        (card_of("[" * 50_000), "NotUnderstood"),
        (card_of({"a": "b" * (LONGEST_CARD - 20)}), "TooLong"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_any_other_card_is_left_alone_and_the_metadata_is_written(card: Any, word: str) -> None:
    answer = record(card=card)
    assert (answer["next"], answer["document"]["card"]) == ("Update", word)
    assert set(answer["request"]) == {"ModelPackageArn", "CustomerMetadataProperties"}


def test_a_refused_card_does_not_keep_the_metadata_from_being_written() -> None:
    first = record(card=card_of({}))
    second = record(card=card_of({}), tried=1, refused="No such field.")
    assert ("ModelCard" in first["request"], "ModelCard" in second["request"]) == (True, False)
    assert (second["next"], second["document"]["card"]) == ("Update", "Refused")


@pytest.mark.parametrize(
    ("fields", "card", "error"),
    [
        ({"tried": 1}, "None", ""),
        ({"tried": 1, "card": card_of({})}, "Updated", ""),
        ({"tried": 2, "card": card_of({})}, "Refused", ""),
        ({"tried": 1, "refused": "No."}, "None", "No."),
        ({"tried": 2, "refused": "No.", "card": card_of({})}, "Refused", "No."),
    ],
)
def test_it_ends_when_it_is_written_or_nothing_is_left_to_try(fields: dict[str, Any], card: str, error: str) -> None:
    answer = record(**fields)
    assert (answer["next"], answer["document"]["card"], answer["document"]["error"]) == ("End", card, error)


@pytest.mark.parametrize("looked", [False, True])
def test_no_call_begins_when_there_is_no_time_for_it(looked: bool) -> None:
    assert record(looked=looked, now=f"2026-01-05T10:30:{LAST_BEGIN}Z")["next"] != "End"
    late = record(looked=looked, now=f"2026-01-05T10:30:{LAST_BEGIN + 1}Z")
    assert (late["next"], late["document"]["error"]) == ("End", "There was no time left.")


json_values = some.recursive(
    some.none() | some.booleans() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


@given(
    release=some.text(min_size=1, max_size=80),
    card=some.none() | some.builds(card_of, some.text() | json_values, some.sampled_from(["Draft", "Archived"])),
    tried=some.integers(0, 1),
)
def test_every_request_is_one_that_sagemaker_takes(release: str, card: Any, tried: int) -> None:
    """botocore UpdateModelPackage."""
    answer = record(release=release, card=card, tried=tried, refused="No." if tried else "")
    assert answer["next"] == "End" or not unfit(input_of("sagemaker", "UpdateModelPackage"), answer["request"])
    assert "ModelApprovalStatus" not in answer["request"]


@given(card=some.builds(card_of, some.dictionaries(some.text(), json_values)))
def test_nothing_of_a_card_is_lost(card: dict[str, str]) -> None:
    answer = record(card=card)
    if answer["document"]["card"] == "Updated":
        before, after = json.loads(card["ModelCardContent"]), content_of(answer)
        assert {name: after[name] for name in before if name != "additional_information"} == {
            name: value for name, value in before.items() if name != "additional_information"
        }
