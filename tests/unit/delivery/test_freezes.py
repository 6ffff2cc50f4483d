"""In a freeze no release begins, but the way back and what a person says."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.delivery.planner import plan_delivery
from interlock.model.plan import PlanDocument
from tests.unit.examples import DENIED, NOW, THROTTLED, answers, freezes
from tests.unit.planned import asked

FROZEN = freezes({"sk": "GROUP#churn", "at": NOW, "until": "", "because": "Ann asked to freeze because: Christmas."})
NO_MONDAYS = {"quiet_days": ["monday"]}
"""NOW is a Monday."""


def plan(frozen: Any = None, said: Any = None, **fields: Any) -> PlanDocument:
    """The plan of a release whose input ``said`` something."""
    observed = answers() if frozen is None else answers(freezes=frozen)
    return plan_delivery({**asked(observed, **fields), "asked": said})


def decided(document: PlanDocument) -> tuple[str, str]:
    return document["decision"], document["reason"]


def test_a_persons_freeze_refuses_a_release_and_says_how_to_go_on() -> None:
    document = plan(FROZEN)
    assert decided(document) == ("Refuse", "ReleasesFrozen")
    assert document["frozen"] == {"by": "GROUP#churn", "until": ""}
    assert document["why"] == (
        "Group churn is frozen until somebody ends the freeze. Ann asked to freeze because: Christmas. To release it"
        ' all the same: operate {"action": "release", "group": "churn", "version": 7, "despite_freeze": true,'
        ' "because": "..."}.'
    )


def test_the_calendar_of_the_policy_refuses_a_release_until_its_end() -> None:
    document = plan(releases=NO_MONDAYS)
    assert decided(document) == ("Refuse", "ReleasesFrozen")
    assert document["frozen"] == {"by": "POLICY", "until": "2026-01-06T00:00:00.000Z"}


@pytest.mark.parametrize(
    "releases",
    [{"quiet_hours": [{"from": "08:00", "to": "10:00"}]}, {"freeze": [{"from": "2026-01-01", "until": "2026-01-06"}]}],
)
def test_hours_and_days_of_the_calendar_refuse_too(releases: dict[str, Any]) -> None:
    assert decided(plan(releases=releases)) == ("Refuse", "ReleasesFrozen")


def test_outside_of_all_freezes_a_release_begins() -> None:
    other = freezes({"sk": "GROUP#digits", "until": ""}, {"sk": "EVERYTHING", "until": NOW})
    assert decided(plan(other, releases={"quiet_days": ["friday"]}))[0] != "Refuse"
    assert "frozen" not in plan(other)


@pytest.mark.parametrize("said", [{"despite_freeze": True, "because": "Ann asked."}, {"roll_back": True}])
def test_what_a_person_says_and_the_way_back_are_not_frozen(said: dict[str, Any]) -> None:
    assert decided(plan(FROZEN, said, releases=NO_MONDAYS)) == ("Proceed", "Accepted")


@pytest.mark.parametrize("said", [None, [], "x", {"despite_freeze": "true"}, {"despite_freeze": 1, "roll_back": "yes"}])
def test_garbage_in_the_input_ends_no_freeze(said: Any) -> None:
    assert decided(plan(FROZEN, said)) == ("Refuse", "ReleasesFrozen")


def test_freezes_that_cannot_be_read_are_not_absent() -> None:
    assert decided(plan(DENIED)) == ("Refuse", "AwsRefused")
    assert decided(plan(THROTTLED)) == ("Wait", "AwsUnavailable")
    assert decided(plan(DENIED, {"roll_back": True})) == ("Proceed", "Accepted")
