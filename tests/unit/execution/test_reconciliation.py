from __future__ import annotations

import pytest

from interlock.execution.reconciliation import (
    MOST_RECOVERIES,
    Lease,
    Problem,
    Reconciliation,
    Stopped,
    reconcile_leases,
)
from tests.unit.awsmodel import values

STATUSES = [*values("stepfunctions", "ExecutionStatus"), "Unknown"]


def lease(status: str, recoveries: int = 0, release: str = "churn-v7-1", endpoint: str = "churn-live") -> Lease:
    return {
        "endpoint": endpoint,
        "release": release,
        "owner": "arn:aws:states:eu-west-1:111122223333:execution:deliver:churn-v7-1",
        "group": "churn",
        "version": 7,
        "recoveries": recoveries,
        "status": status,
    }


def reconcile(*leases: Lease, problems: tuple[Problem, ...] = ()) -> Reconciliation:
    return reconcile_leases({"now": NOW, "leases": list(leases), "stopped": [], "problems": list(problems)})


NOW = "2026-01-05T12:00:00Z"


@pytest.mark.parametrize(
    ("stopped", "count", "again"),
    [
        ("2026-01-05T11:59:59.123Z", {}, True),
        ("2026-01-05T11:00:01Z", {"RedriveCount": 0}, True),
        ("2026-01-05T11:00:00Z", {"RedriveCount": 0}, False),
        ("2026-01-05T11:59:59Z", {"RedriveCount": 1}, False),
        ("soon", {}, False),
    ],
)
def test_a_signal_whose_execution_was_stopped_lately_is_brought_back_once(
    stopped: str, count: dict[str, int], again: bool
) -> None:
    execution: Stopped = {"ExecutionArn": "arn:one", "StopDate": stopped, **count}  # type: ignore[typeddict-item]
    found = reconcile_leases({"now": NOW, "leases": [], "stopped": [execution], "problems": []})
    assert found["redrive"] == (["arn:one"] if again else [])


@pytest.mark.parametrize("status", STATUSES)
def test_a_lease_stays_with_an_execution_that_lives_and_is_recovered_from_a_dead_one(status: str) -> None:
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
                "sentence": "The execution of this release ended as ABORTED before the release was done.",
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
    assert "churn-v7-1 died (FAILED) and 3 recoveries failed" in abandoned["body"]
    assert "delete the attribute holder" in abandoned["body"]
    assert abandoned["subject"] == "[Interlock] a release needs a person"


def test_the_last_recovery_is_still_tried() -> None:
    assert len(reconcile(lease("FAILED", MOST_RECOVERIES - 1))["recover"]) == 1


def test_each_lease_is_judged_by_itself() -> None:
    answer = reconcile(lease("RUNNING"), lease("ABORTED", endpoint="b"), lease("TIMED_OUT", 9, endpoint="c"))
    assert [recovery["input"]["recover"]["endpoint"] for recovery in answer["recover"]] == ["b"]
    assert [abandoned["endpoint"] for abandoned in answer["abandoned"]] == ["c"]


def problem(error: str, cause: str) -> Problem:
    return {"what": "/interlock/policies/churn", "error": error, "cause": cause}


def test_a_group_that_does_not_exist_yet_is_not_a_problem() -> None:
    absent = problem("SageMaker.SageMakerException", "Could not find group churn. (Service: SageMaker)")
    throttled = problem("SageMaker.SageMakerException", "Rate exceeded (Service: SageMaker, Status Code: 400)")
    assert reconcile(problems=(absent, throttled))["problems"] == [
        "The steward could not look at /interlock/policies/churn: SageMaker.SageMakerException, Rate exceeded."
    ]


def test_a_problem_without_a_cause_is_described_by_its_error() -> None:
    """Step Functions gives none for a time-out."""
    told = reconcile(problems=({"what": "/interlock/policies", "error": "States.Timeout"},))["problems"]
    assert told == ["The steward could not look at /interlock/policies: States.Timeout."]


def test_without_leases_there_is_nothing_to_do() -> None:
    assert reconcile() == {"recover": [], "abandoned": [], "redrive": [], "problems": []}
