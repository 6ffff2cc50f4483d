from __future__ import annotations

import pytest

from interlock.model.release_input import release_input
from tests.unit.intake.incoming import asked, becomes


@pytest.mark.parametrize(
    ("action", "kind"), [("release", "Release"), ("dry_run", "DryRun"), ("lift_quarantine", "LiftQuarantine")]
)
def test_a_person_names_a_version(action: str, kind: str) -> None:
    command = asked({"action": action, "group": "churn", "version": 7})
    assert (command["kind"], command["group"], command["version"]) == (kind, "churn", 7)


@pytest.mark.parametrize(("action", "name"), [("release", "churn-v7"), ("dry_run", "churn-v7-dry-run")])
def test_an_execution_that_a_person_asks_for_is_named_for_the_version(action: str, name: str) -> None:
    assert asked({"action": action, "group": "churn", "version": 7})["name"] == name


@pytest.mark.parametrize("action", ["release", "dry_run"])
def test_the_longest_name_leaves_room_for_what_the_machine_adds(action: str) -> None:
    """A hyphen and eight characters; the name of an execution has at most 80."""
    name = asked({"action": action, "group": "g" * 63, "version": 9999})["name"]
    assert len(name) + 1 + 8 <= 80


def test_a_person_is_told_that_a_version_is_not_quarantined() -> None:
    command = asked({"action": "lift_quarantine", "group": "churn", "version": 7})
    said = "A person asked to lift quarantine. There is nothing it could apply to."
    assert becomes(command, "NothingToDo") == ("Ignore", "NothingToDo", said)


def test_a_release_may_begin_in_a_freeze_and_ignore_alarms_for_a_reason() -> None:
    despite = {"despite_freeze": True, "despite_alarms": ["churn-5xx"]}
    command = asked({"action": "release", "group": "churn", "version": 7, "because": "it burns", **despite})
    said = "A person asked to release because: it burns."
    assert command["input"] == release_input("churn", 7, said, despite_freeze=True, despite_alarms=["churn-5xx"])
    plain = asked({"action": "dry_run", "group": "churn", "version": 7})["input"]
    assert plain == release_input("churn", 7, "A person asked to dry run.", dry_run=True)


@pytest.mark.parametrize("despite", [{"despite_freeze": True}, {"despite_alarms": ["churn-5xx"]}])
def test_without_a_reason_it_may_not(despite: dict[str, object]) -> None:
    command = asked({"action": "release", "group": "churn", "version": 7, **despite})
    assert command["reason"] == "InputInvalid"
    assert command["sentence"].startswith('despite_freeze and despite_alarms need a reason; write "because": "..."')
