"""Asynchronous endpoints: what SageMaker refuses and describes, how the queue goes down, and what is measured."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.sagemaker import Options
from rehearsal.traffic import Load, Traffic
from tests.rehearsal.flowing import values
from tests.rehearsal.sagemaker.account import PERSON, Account, variant

ASYNC = {"OutputConfig": {"S3OutputPath": "s3://out/x"}, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 1}}
SHADOW = {"ShadowProductionVariants": [variant("b")]}
AT_ONCE = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
        "TerminationWaitInSeconds": 600,
    }
}


def account(requests_per_second: float = 2.0, **options: Any) -> Account:
    """An asynchronous endpoint with one instance, which has one request at a time, for 12 ms."""
    here = Account(Options(**options))
    here.model()
    Traffic(here.clock, here.sagemaker.endpoints, here.cloudwatch.publish, [Load("digits", requests_per_second)])
    config(here, "first")
    here.call("create_endpoint", EndpointName="digits", EndpointConfigName="first")
    here.wait(10)
    return here


def config(here: Account, name: str, **fields: Any) -> None:
    request = {"EndpointConfigName": name, "ProductionVariants": [variant()], "AsyncInferenceConfig": ASYNC}
    here.call("create_endpoint_config", **request | fields)


def scale(here: Account, instances: int) -> None:
    change = [{"VariantName": "AllTraffic", "DesiredInstanceCount": instances}]
    here.call("update_endpoint_weights_and_capacities", EndpointName="digits", DesiredWeightsAndCapacities=change)
    here.wait(10)


def measured(here: Account, name: str, statistic: str = "Sum", **dimensions: str) -> list[float]:
    return values(here, name, statistic, 60, **({"EndpointName": "digits"} | dimensions))


@pytest.mark.parametrize("fields", [{"ProductionVariants": [variant(), variant("b")]}, SHADOW])
def test_a_second_variant_is_refused(fields: dict[str, Any]) -> None:
    here = account()
    request = {"EndpointConfigName": "c", "ProductionVariants": [variant()], "AsyncInferenceConfig": ASYNC} | fields
    assert "exactly one production variant" in here.refused("create_endpoint_config", **request)


def test_no_endpoint_becomes_asynchronous_or_stops_being_so() -> None:
    here = account()
    here.config("second", variant())
    update = {"EndpointName": "digits", "EndpointConfigName": "second"}
    assert "Cannot add AsyncInferenceConfig to endpoint" in here.refused("update_endpoint", **update)
    assert here.describe()["AsyncInferenceConfig"] == ASYNC


def test_it_takes_asynchronous_requests_only() -> None:
    """Docs: async-inference."""
    here = account()
    with pytest.raises(AwsError, match="does not support this inference type") as refusal:
        here.sagemaker.runtime.invoke_endpoint({"EndpointName": "digits", "Body": b"1"}, PERSON)
    assert refusal.value.code == "ValidationError"


def test_requests_wait_while_there_is_no_instance_and_are_processed_when_there_is_one() -> None:
    here = account()
    shared = {"VariantName": "AllTraffic"}
    before = sum(measured(here, "InvocationsProcesssed", **shared))
    scale(here, 0)
    waiting = measured(here, "ApproximateBacklogSize", "Maximum")[-1]
    assert waiting >= 6 * 120
    assert measured(here, "HasBacklogWithoutCapacity", "Maximum")[-1] == 1
    assert measured(here, "ApproximateAgeOfOldestRequest", "Maximum")[-1] > 300
    scale(here, 1)
    assert measured(here, "ApproximateBacklogSize", "Maximum")[-1] == 0
    assert measured(here, "HasBacklogWithoutCapacity", "Maximum")[-1] == 0
    assert sum(measured(here, "InvocationsProcesssed", **shared)) == before + 20 * 120
    assert max(measured(here, "TimeInBacklog", "Maximum", **shared)) > 60e6


def test_more_requests_than_places_make_the_queue_grow() -> None:
    here = account(requests_per_second=100.0)
    sizes = measured(here, "ApproximateBacklogSizePerInstance", "Maximum")
    assert len(sizes) > 3
    assert sizes == sorted(sizes) and sizes[-1] > 2000


def test_only_the_metrics_that_are_listed_for_asynchronous_endpoints_are_published() -> None:
    """Docs: async-inference-monitor."""
    here = account()
    shared = {"VariantName": "AllTraffic"}
    assert measured(here, "Invocation5XXErrors", "SampleCount", **shared)
    assert measured(here, "ModelLatency", "Average", **shared)
    for name in ("Invocations", "OverheadLatency", "InvocationModelErrors"):
        assert measured(here, name, **shared) == []


@pytest.mark.parametrize("answer", ["published", "absent"])
def test_a_deployment_has_metrics_of_its_own_or_not(answer: str) -> None:
    here = account(async_config_metrics=answer)
    config(here, "second")
    here.update(DeploymentConfig=AT_ONCE)
    here.wait(10)
    own = measured(here, "Invocation5XXErrors", "SampleCount", VariantName="AllTraffic", EndpointConfigName="second")
    assert bool(own) is (answer == "published")
    assert here.describe()["AsyncInferenceConfig"] == ASYNC
