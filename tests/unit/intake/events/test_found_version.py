from __future__ import annotations

from tests.unit.intake.incoming import routed


def test_a_version_the_steward_found_starts_like_an_approved_one() -> None:
    found = routed("interlock.steward", "Approved Version Found", {"group": "churn", "version": 7})
    assert (found["kind"], found["name"], found["decision"]) == ("StartRelease", "churn-v7", "Approved")
