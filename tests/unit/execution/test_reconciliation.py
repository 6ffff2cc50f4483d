from __future__ import annotations

from typing import Any

import pytest

from interlock.execution.reconciliation import MOST_RECOVERIES, reconcile_leases
from tests.unit.awsmodel import values

STATUSES = [*values("stepfunctions", "ExecutionStatus"), "Unknown"]


def lease(status: str, recoveries: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "endpoint": "churn-live",
        "release": "churn-v7-1",
        "owner": "arn:aws:states:eu-west-1:111122223333:execution:deliver:churn-v7-1",
        "group": "churn",
        "version": 7,
        "recoveries": recoveries,
        "status": status,
    } | fields


def reconcile(*leases: dict[str, Any], problems: tuple[str, ...] = ()) -> dict[str, Any]:
    return reconcile_leases({"leases": list(leases), "problems": list(problems)})


@pytest.mark.parametrize("status", STATUSES)
def test_a_lease_is_left_to_who_is_alive_and_recovered_from_who_is_not(status: str) -> None:
    alive = status in ("RUNNING", "PENDING_REDRIVE")
    assert len(reconcile(lease(status))["recover"]) == (0 if alive else 1)


def test_a_recovery_says_whose_release_it_takes_over() -> None:
    (recovery,) = reconcile(lease("ABORTED"))["recover"]
    assert recovery == {
        "recoveries": 0,
        "name": "churn-v7-1-r1",
        "input": {
            "group": "churn",
            "version": 7,
            "recover": {
                "release": "churn-v7-1",
                "endpoint": "churn-live",
                "owner": "arn:aws:states:eu-west-1:111122223333:execution:deliver:churn-v7-1",
                "status": "ABORTED",
            },
        },
    }


def test_the_same_dead_lease_found_twice_gives_the_same_recovery_and_the_next_one_another() -> None:
    names = [reconcile(lease("FAILED", recoveries))["recover"][0]["name"] for recoveries in (0, 0, 1)]
    assert names == ["churn-v7-1-r1", "churn-v7-1-r1", "churn-v7-1-r2"]


def test_the_longest_release_still_has_room_for_its_recovery() -> None:
    names = {reconcile(lease("FAILED", release="x" * 78 + end))["recover"][0]["name"] for end in ("-1", "-2")}
    assert len(names) == 2
    assert all(len(name) <= 80 for name in names)


def test_recoveries_end_with_a_person() -> None:
    answer = reconcile(lease("FAILED", MOST_RECOVERIES))
    assert answer["recover"] == []
    (abandoned,) = answer["abandoned"]
    assert (abandoned["endpoint"], abandoned["owner"]) == ("churn-live", lease("FAILED")["owner"])
    assert "churn-v7-1 died (FAILED) and 3 recoveries did not help" in abandoned["sentence"]
    assert "delete the attribute holder" in abandoned["sentence"]


def test_the_last_recovery_is_still_tried() -> None:
    assert len(reconcile(lease("FAILED", MOST_RECOVERIES - 1))["recover"]) == 1


def test_each_lease_is_judged_by_itself() -> None:
    answer = reconcile(lease("RUNNING"), lease("ABORTED", endpoint="b"), lease("TIMED_OUT", 9, endpoint="c"))
    assert [recovery["input"]["recover"]["endpoint"] for recovery in answer["recover"]] == ["b"]
    assert [abandoned["endpoint"] for abandoned in answer["abandoned"]] == ["c"]


def test_a_group_that_does_not_exist_yet_is_no_problem() -> None:
    told = ("Could not find group churn.", "Rate exceeded")
    assert reconcile(problems=told)["problems"] == ["Rate exceeded"]


def test_without_leases_there_is_nothing_to_do() -> None:
    assert reconcile() == {"recover": [], "abandoned": [], "problems": []}
