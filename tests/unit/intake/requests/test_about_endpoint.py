from __future__ import annotations

import pytest

from tests.unit.intake.incoming import asked, becomes


@pytest.mark.parametrize("action", ["promote", "pause", "resume"])
def test_a_person_steers_a_release_by_its_endpoint(action: str) -> None:
    command = asked({"action": action, "endpoint": "churn"})
    assert (command["kind"], command["endpoint"]) == (action.capitalize(), "churn")
    assert command["reason"] == "Accepted"


def test_an_abort_gives_the_person_as_the_reason_and_the_persons_words() -> None:
    command = asked({"action": "abort", "endpoint": "churn", "because": "wrong data"})
    assert (command["kind"], command["reason"]) == ("Abort", "AbortedByPerson")
    assert command["sentence"] == "A person asked to abort because: wrong data."
    assert "because" not in command


@pytest.mark.parametrize("action", ["resume", "abort"])
def test_a_person_is_told_that_no_release_holds_the_endpoint(action: str) -> None:
    said = f"A person asked to {action}. There is nothing it could apply to."
    assert becomes(asked({"action": action, "endpoint": "churn"}), "NothingToDo") == (
        "Ignore",
        "NothingToDo",
        said,
    )


def test_a_person_is_told_when_a_release_can_be_paused() -> None:
    kind, reason, said = becomes(asked({"action": "pause", "endpoint": "churn"}), "NothingToDo")
    assert (kind, reason) == ("Ignore", "NothingToDo")
    assert "No release on churn can be paused now." in said


def test_a_person_is_told_that_an_abort_came_too_late() -> None:
    kind, reason, said = becomes(asked({"action": "abort", "endpoint": "churn"}), "TooLate")
    assert (kind, reason) == ("Ignore", "TooLate")
    assert said.endswith('To take back a version that is live: {"action": "roll_back", "endpoint": "churn"}.')


def test_a_promotion_that_comes_as_the_bake_ends_promotes_nothing() -> None:
    said = "A person asked to promote. The evidence was being judged at that moment; ask again in a minute."
    command = asked({"action": "promote", "endpoint": "churn"})
    assert becomes(command, "WaitEnded") == ("Ignore", "NothingToDo", said)


def test_a_pause_that_ends_as_it_is_resumed_is_resumed() -> None:
    command = asked({"action": "resume", "endpoint": "churn"})
    assert becomes(command, "WaitEnded") == ("Resume", "Accepted", "A person asked to resume.")


def test_an_approval_is_heard_for_one_step_of_one_version() -> None:
    command = asked({"action": "approve", "endpoint": "churn", "version": 7, "before": 100, "by": "Mei"})
    assert (command["kind"], command["endpoint"]) == ("Approve", "churn")
    assert command["word"] == "|Approve version 7 before 100|"
    assert command["word"] != asked({"action": "approve", "endpoint": "churn", "version": 7, "before": 50})["word"]


def test_a_promotion_is_no_approval_and_the_person_is_told_so() -> None:
    command = asked({"action": "promote", "endpoint": "churn"})
    kind, _, said = becomes(command, "NothingToDo")
    assert (command["word"], kind) == ("|Promote|", "Ignore")
    assert "needs approve, with its version and its step" in said


@pytest.mark.parametrize(
    ("case", "reason", "said"),
    [
        ("NothingToDo", "NothingToDo", "asks now whether version 7 may get 100 %"),
        ("WaitEnded", "TooLate", "The time for the answer was just over"),
    ],
)
def test_an_approval_that_nobody_asks_for_is_answered_so(case: str, reason: str, said: str) -> None:
    found = becomes(asked({"action": "approve", "endpoint": "churn", "version": 7, "before": 100}), case)
    assert found[:2] == ("Ignore", reason)
    assert said in found[2]


def test_a_yes_or_no_to_a_stage_goes_to_its_entrance_and_not_to_the_endpoint() -> None:
    about = {"endpoint": "churn", "before": "stage"}
    yes, no = asked({"action": "approve", **about, "version": 7}), asked({"action": "abort", **about})
    assert (yes["endpoint"], yes["word"]) == ("churn/stage", "|Approve version 7 before stage|")
    assert (no["endpoint"], asked({"action": "abort", "endpoint": "churn"})["endpoint"]) == ("churn/stage", "churn")
    assert "before the stage of churn" in becomes(yes, "NothingToDo")[2]
    assert becomes(yes, "WaitEnded")[2].endswith("the version goes no further.")
