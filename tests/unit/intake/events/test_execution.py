from __future__ import annotations

from tests.unit.intake.incoming import Detail, routed


def execution(name: str) -> Detail:
    arn = f"arn:aws:states:us-east-1:012345678912:execution:deliver:{name}"
    detail = {"executionArn": arn, "stateMachineArn": "arn:deliver", "name": name, "status": "ABORTED"}
    return routed("aws.states", "Step Functions Execution Status Change", detail)


def test_an_execution_that_ended_badly_wakes_the_steward_once() -> None:
    command = execution("churn-v7-1")
    assert (command["kind"], command["name"]) == ("Reconcile", "after-churn-v7-1")


def test_the_stewards_are_told_apart_even_after_the_longest_names() -> None:
    names = {execution("x" * 78 + end)["name"] for end in ("-1", "-2")}
    assert len(names) == 2
    assert all(len(name) <= 80 for name in names)
