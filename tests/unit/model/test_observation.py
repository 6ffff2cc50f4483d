from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.model.observation import IN_PROGRESS, read_endpoint
from interlock.model.traffic import shares
from tests.unit import examples
from tests.unit.awsmodel import values


def test_an_endpoint_is_read_with_its_live_weights_and_the_settings_of_its_config() -> None:
    endpoint = read_endpoint(
        examples.endpoint("InService", "c", examples.live("a", 3.0, 4)),
        examples.endpoint_config("c", examples.production_variant("a", VolumeSizeInGB=50), KmsKeyId="key"),
    )
    (variant,) = endpoint.variants
    assert (variant.name, variant.weight, variant.instances) == ("a", 3.0, 4)
    assert variant.settings["VolumeSizeInGB"] == 50
    assert endpoint.config_settings["KmsKeyId"] == "key"
    assert (endpoint.config, endpoint.pending, endpoint.failure) == ("c", "", "")


def test_an_endpoint_that_is_being_created_has_no_variants_yet() -> None:
    endpoint = read_endpoint({"EndpointName": "e", "EndpointStatus": "Creating"})
    assert (endpoint.variants, endpoint.config, endpoint.settled) == ((), "", False)
    assert endpoint.config_settings == {}


def test_a_variant_that_has_no_machine_yet_has_none_and_no_traffic() -> None:
    (variant,) = read_endpoint(examples.endpoint("Creating", "c", {"VariantName": "a"})).variants
    assert (variant.weight, variant.instances, variant.settings) == (0.0, 0, {})


def test_a_running_deployment_is_seen() -> None:
    pending: dict[str, Any] = {"PendingDeploymentSummary": {"EndpointConfigName": "next"}, "FailureReason": "why"}
    endpoint = read_endpoint(examples.endpoint(**pending))
    assert (endpoint.pending, endpoint.failure) == ("next", "why")


def test_every_status_of_an_endpoint_is_either_settled_or_in_progress() -> None:
    statuses = set(values("sagemaker", "EndpointStatus"))
    settled = {status for status in statuses if read_endpoint(examples.endpoint(status)).settled}
    assert settled == {"InService", "OutOfService", "Failed", "UpdateRollbackFailed"}
    assert statuses - settled == IN_PROGRESS


@given(some.dictionaries(some.text(min_size=1, max_size=3), some.floats(0.01, 1e6), min_size=1))
def test_shares_are_percentages_of_the_whole(weights: dict[str, float]) -> None:
    assert sum(shares(weights).values()) == pytest.approx(100)
    assert all(0 <= share <= 100.000001 for share in shares(weights).values())


def test_without_weight_nobody_has_a_share() -> None:
    assert shares({"a": 0.0, "b": 0.0}) == {"a": 0.0, "b": 0.0}
    assert shares({}) == {}


def test_a_share_is_weight_over_the_sum_of_weights() -> None:
    endpoint = read_endpoint(examples.endpoint("InService", "c", examples.live("a", 3.0), examples.live("b", 1.0)))
    assert endpoint.shares() == {"a": 75.0, "b": 25.0}
