"""Rolling deployments: instances are replaced batch by batch, and put back when an alarm says so."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.sagemaker import Options
from tests.rehearsal.sagemaker.account import Account, variant
from tests.rehearsal.sagemaker.test_deployments import NEW, OLD, prepared, rolling, stages, trip

BACK_BY_ONE: dict[str, Any] = {"RollbackMaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}}


def seen(account: Account) -> tuple[int, int, float]:
    """Instances of the old fleet and of the new one, and the new one's share of the traffic."""
    described = account.describe()
    pending = described.get("PendingDeploymentSummary", {}).get("ProductionVariants", [{}])[0]
    old = described["ProductionVariants"][0]["CurrentInstanceCount"]
    return old, pending.get("CurrentInstanceCount", 0), account.shares().get(NEW, 0.0)


def course(account: Account, minutes: int) -> list[tuple[int, int, float]]:
    """What is ``seen``, each time it changes."""
    found = [seen(account)]
    for _ in range(minutes * 4):
        account.wait(0.25)
        if seen(account) != found[-1]:
            found.append(seen(account))
    return found


def test_each_batch_starts_takes_traffic_and_bakes_before_as_many_old_instances_end() -> None:
    account = prepared()
    account.update(DeploymentConfig=rolling(50))

    assert course(account, 30) == [
        *[(4, 0, 0.0), (4, 2, 0.0), (4, 2, 0.5)],
        *[(2, 2, 0.5), (2, 4, 0.5), (2, 4, 1.0)],
        (4, 0, 1.0),  # the new fleet is the live one
    ]
    assert stages(account) == ["Creating", "ActivatingTraffic", "Baking", "Deleting"] * 2
    described = account.describe()
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "second")


@pytest.mark.parametrize("size", [25, 30, 50])
@pytest.mark.parametrize("tripped_after", [None, 6, 16])
def test_there_are_never_fewer_instances_than_before(size: int, tripped_after: int | None) -> None:
    account = prepared(instances=5)
    account.update(DeploymentConfig=rolling(size, **BACK_BY_ONE))
    found = course(account, tripped_after or 0)
    if tripped_after:
        trip(account)
    found += course(account, 60)

    assert min(old + new for old, new, _ in found) == 5
    assert max(old + new for old, new, _ in found) <= 5 + 3
    assert account.shares() == ({OLD: 1.0} if tripped_after else {NEW: 1.0})


def test_an_alarm_in_the_first_batch_gives_the_old_fleet_its_traffic_back_at_once() -> None:
    account = prepared()
    account.update(DeploymentConfig=rolling(50))
    account.wait(6)
    trip(account)
    account.wait(1.6)
    assert account.shares() == {OLD: 1.0}

    account.wait(2)
    described = account.describe()
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "first")
    assert "errors" in described["FailureReason"]


def test_an_alarm_in_a_later_batch_brings_the_old_instances_back_before_their_traffic() -> None:
    account = prepared()
    account.update(DeploymentConfig=rolling(50))
    account.wait(16)
    assert seen(account) == (2, 4, 1.0)
    trip(account)

    assert course(account, 15) == [(2, 4, 1.0), (4, 4, 1.0), (4, 4, 0.0), (4, 0, 0.0)]


def test_a_rollback_goes_in_batches_where_it_is_asked_to() -> None:
    account = prepared()
    account.update(DeploymentConfig=rolling(50, **BACK_BY_ONE))
    account.wait(6)
    trip(account)

    assert course(account, 10) == [(4, 2, 0.5), (4, 2, 0.25), (4, 1, 0.25), (4, 1, 0.0), (4, 0, 0.0)]


@pytest.mark.parametrize(("option", "wanted"), [("as wanted", 4), ("as left", 3)])
def test_a_rollback_that_fails_leaves_a_mix_until_the_endpoint_is_updated_again(option: Any, wanted: int) -> None:
    account = prepared(Options(mixed_fleet=option))
    account.sagemaker.endpoints.fail_next("digits", "rollback")
    account.update(DeploymentConfig=rolling(25))
    account.wait(16)
    trip(account)
    account.wait(3)
    (described,) = account.describe()["ProductionVariants"]
    assert (described["CurrentInstanceCount"], described["DesiredInstanceCount"]) == (3, wanted)
    assert account.status() == "UpdateRollbackFailed"
    assert account.shares() == {OLD: 0.5, NEW: 0.5}

    account.update("first")
    account.wait(10)
    assert (account.status(), account.shares()) == ("InService", {OLD: 1.0})


def test_a_batch_that_cannot_start_puts_everything_back() -> None:
    account = prepared()
    account.update(DeploymentConfig=rolling(50))
    account.wait(10)
    account.sagemaker.endpoints.fail_next("digits", "update")

    assert course(account, 20)[-1] == (4, 0, 0.0)
    assert "InsufficientInstanceCapacity" in account.describe()["FailureReason"]


def test_what_cannot_roll_moves_all_at_once_without_a_bake() -> None:
    """docs: deployment-guardrails-exclusions."""
    account = prepared()
    account.config("inf1", variant(instances=4, model="better") | {"InstanceType": "ml.inf1.xlarge"})
    account.update("inf1", DeploymentConfig=rolling(50))
    account.wait(10)
    assert stages(account) == ["Creating", "ActivatingTraffic", "Deleting"]
