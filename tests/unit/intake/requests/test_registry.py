from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.intake.requests.registry import ACTIONS, UnusableRequestError, example, read_request


def refusal(asked: dict[str, Any]) -> str:
    with pytest.raises(UnusableRequestError) as caught:
        read_request(asked)
    return str(caught.value)


@pytest.mark.parametrize("action", ACTIONS)
def test_the_example_of_an_action_is_a_request_for_it(action: str) -> None:
    kind = {"retrain": "Weigh"}.get(action, action.replace("_", " ").title().replace(" ", ""))
    assert read_request(json.loads(example(action)))["kind"] == kind


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_takes_the_persons_reason(action: str) -> None:
    command = read_request({**json.loads(example(action)), "because": "a holiday"})
    assert command["sentence"] == f"A person asked to {action.replace('_', ' ')} because: a holiday."
    command = read_request({**json.loads(example(action)), "by": "ann"})
    assert command["sentence"] == f"ann asked to {action.replace('_', ' ')}."


def test_the_actions_are_those_that_operate_knows() -> None:
    of_releases = {
        "promote",
        "pause",
        "resume",
        "abort",
        "approve",
        "release",
        "dry_run",
        "lift_quarantine",
        "roll_back",
    }
    assert set(ACTIONS) == of_releases | {
        "retrain",
        "weigh",
        "freeze",
        "unfreeze",
        "status",
        "history",
        "list_leftovers",
    }


@pytest.mark.parametrize(
    ("typo", "meant"), [("premote", "promote"), ("Abort", "abort"), ("dry-run", "dry_run"), ("releese", "release")]
)
def test_a_misspelt_action_is_answered_with_what_was_meant_and_with_all_there_are(typo: str, meant: str) -> None:
    said = refusal({"action": typo, "endpoint": "churn"})
    assert said.startswith(f"action: '{typo}' is not one of promote, ")
    assert said.endswith(f"Did you mean {meant}?")


@pytest.mark.parametrize("action", [None, "", "xyzzy", 7, [7], {"abort": 1}, True])
def test_something_else_than_an_action_is_answered_with_all_there_are(action: Any) -> None:
    said = refusal({"action": action, "endpoint": "churn"})
    assert all(name in said for name in ACTIONS)
    assert "Did you mean" not in said


def test_a_request_without_action_is_answered_with_all_there_are() -> None:
    assert refusal({"endpoint": "churn"}).startswith("action: None is not one of promote, pause")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"action": "abort"}, "endpoint: this field is required."),
        ({"action": "abort", "endpont": "churn"}, "endpoint: this field is required. endpont: no such field."),
        ({"action": "abort", "endpoint": "churn", "version": 7}, "version: no such field."),
        ({"action": "abort", "endpoint": "churn", "before": 100}, "before: Input should be 'stage'"),
        ({"action": "abort", "endpoint": 7}, "endpoint: Input should be a valid string."),
        ({"action": "abort", "endpoint": "my_churn"}, "endpoint: write letters, digits and hyphens"),
        ({"action": "abort", "endpoint": "x" * 64}, "endpoint: String should have at most 63 characters."),
        ({"action": "abort", "endpoint": "churn", "because": "x" * 501}, "because: String should have at most 500"),
        ({"action": "release", "group": "churn"}, "version: this field is required."),
        ({"action": "release", "group": "churn", "version": "7"}, "version: Input should be a valid integer."),
        ({"action": "release", "group": "churn", "version": 0}, "version: Input should be greater than or equal to 1."),
        ({"action": "release", "group": "churn", "version": 2**31}, "version: Input should be less than or equal to"),
        ({"action": "release", "group": "churn", "version": True}, "version: Input should be a valid integer."),
        ({"action": "lift_quarantine", "group": "a b", "version": 1}, "group: write letters, digits and hyphens"),
    ],
)
def test_a_wrong_field_is_named_and_a_right_request_shown(asked: dict[str, Any], said: str) -> None:
    text = refusal(asked)
    assert said in text
    assert text.endswith(f"For {asked['action']} write: {example(asked['action'])}")
