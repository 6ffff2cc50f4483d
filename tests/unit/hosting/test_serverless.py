from __future__ import annotations

from typing import Any

import pytest

from interlock.hosting.serverless import Serverless
from interlock.model.capacity import Capacity, configured_capacity
from interlock.model.observation import Variant, read_endpoint
from tests.unit import examples
from tests.unit.awsmodel import input_of, limits, unfit

HOSTING = Serverless(kind="serverless", memory_mb=4096, max_concurrency=20, provisioned_concurrency=5)


def stable(current: dict[str, Any] | None = None, **live: Any) -> Variant:
    """Stable in an endpoint of 2048 MB, which has now the concurrency of ``current`` if SageMaker tells."""
    described = {"VariantName": examples.STABLE} | live | ({"CurrentServerlessConfig": current} if current else {})
    config = examples.endpoint_config("c", examples.serverless_variant())
    return read_endpoint(examples.endpoint("InService", "c", described), config).variants[0]


RAISED = {"MemorySizeInMB": 2048, "MaxConcurrency": 40, "ProvisionedConcurrency": 10}


def test_a_new_endpoint_gets_what_the_policy_says() -> None:
    assert HOSTING.variant("AllTraffic", "m") == {
        "VariantName": "AllTraffic",
        "ModelName": "m",
        "ServerlessConfig": {"MemorySizeInMB": 4096, "MaxConcurrency": 20, "ProvisionedConcurrency": 5},
        "InitialVariantWeight": 1.0,
    }


def test_what_is_not_provisioned_is_not_asked_for() -> None:
    on_demand = Serverless(kind="serverless", memory_mb=1024, max_concurrency=1)
    variant = on_demand.variant("AllTraffic", "m")
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    request = {"EndpointConfigName": "c", "ProductionVariants": [variant]}
    assert unfit(input_of("sagemaker", "CreateEndpointConfig"), request) == []


def test_a_candidate_has_the_memory_of_the_policy_and_the_concurrency_that_serves() -> None:
    candidate = HOSTING.like(stable(RAISED), "candidate", "m", 1.0)
    assert candidate == {
        "VariantName": "candidate",
        "ModelName": "m",
        "ServerlessConfig": RAISED | {"MemorySizeInMB": 4096},
        "InitialVariantWeight": 1.0,
    }
    assert HOSTING.again(stable(RAISED), "again", 0.0)["ServerlessConfig"] == RAISED


@pytest.mark.parametrize("current", [None, RAISED])
def test_whether_sagemaker_tells_weight_and_concurrency_or_not_all_traffic_is_at_a_known_one(
    current: dict[str, Any] | None,
) -> None:
    """Which fields DescribeEndpoint has for a serverless variant is not documented beyond their names."""
    seen = stable(current, **({} if current else {"CurrentWeight": 1.0}))
    assert seen.weight == 1.0
    assert seen.capacity == (Capacity(0, 40, 10) if current else Capacity(0, 20, 5))


def test_an_endpoint_on_instances_cannot_become_serverless() -> None:
    """Docs: serverless-endpoints."""
    on_instances = read_endpoint(examples.endpoint(), examples.endpoint_config())
    assert "SageMaker cannot turn it into a serverless one; name an endpoint" in HOSTING.obstacles(on_instances)[0]
    config = examples.endpoint_config("c", examples.serverless_variant())
    assert HOSTING.obstacles(read_endpoint(examples.endpoint("InService", "c"), config)) == []


def test_another_concurrency_is_kept_and_told_and_so_are_the_cold_starts_and_what_is_not_pinned() -> None:
    kept, cold, unpinned = HOSTING.warnings(stable(RAISED))
    assert kept == (
        "Live capacity is kept: a concurrency of 40, 10 of it provisioned; "
        "the policy says a concurrency of 20, 5 of it provisioned."
    )
    assert "10 containers are warm" in cold
    assert "cannot pin" in unpinned
    cold, _ = Serverless(kind="serverless", memory_mb=1024, max_concurrency=2).warnings(None)
    assert "its first requests wait for a container to start" in cold


def test_the_limits_are_those_of_aws() -> None:
    assert limits("sagemaker", "ServerlessMaxConcurrency") == {"min": 1, "max": 200}
    assert limits("sagemaker", "ServerlessMemorySizeInMB") == {"min": 1024, "max": 6144}


@pytest.mark.parametrize("config", [examples.serverless_variant(), examples.production_variant(), {"VariantName": "a"}])
def test_settings_at_the_capacity_that_they_ask_for_stay_as_they_are(config: dict[str, Any]) -> None:
    assert configured_capacity(config).of(config) == config


def test_a_capacity_that_nobody_knows_changes_no_concurrency() -> None:
    assert Capacity().of(examples.serverless_variant()) == examples.serverless_variant()
