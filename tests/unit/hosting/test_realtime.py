from __future__ import annotations

from typing import Any

import pytest

from interlock.hosting.realtime import Realtime
from interlock.model.observation import Endpoint, Variant, read_endpoint
from tests.unit import examples

HOSTING = Realtime(instance_type="ml.c5.xlarge", instances=3)


def endpoint(*settings: dict[str, Any], **fields: Any) -> Endpoint:
    """An endpoint whose config has variants with ``settings``, each on seven instances, and ``fields`` beside."""
    variants = settings or (examples.production_variant(),)
    live = [examples.live(variant["VariantName"], instances=7) for variant in variants]
    described = examples.endpoint("InService", "c", *live)
    return read_endpoint(described, examples.endpoint_config("c", *variants, **fields))


def stable(**settings: Any) -> Variant:
    return endpoint(examples.production_variant(**settings)).variants[0]


def test_a_new_endpoint_gets_what_the_policy_says() -> None:
    assert HOSTING.variant("AllTraffic", "m") == {
        "VariantName": "AllTraffic",
        "ModelName": "m",
        "InstanceType": "ml.c5.xlarge",
        "InitialInstanceCount": 3,
        "InitialVariantWeight": 1.0,
    }


def test_a_variant_over_again_keeps_its_settings_and_its_live_capacity() -> None:
    settings = examples.production_variant(VolumeSizeInGB=50)
    again = HOSTING.again(stable(VolumeSizeInGB=50), "other", 3.0)
    assert again == settings | {"VariantName": "other", "InitialInstanceCount": 7, "InitialVariantWeight": 3.0}


def test_a_candidate_is_like_stable_but_for_its_model_and_its_machines() -> None:
    live = stable(VolumeSizeInGB=50)
    different = {"ModelName": "m", "InstanceType": "ml.c5.xlarge"}
    assert HOSTING.like(live, "candidate", "m", 0.0) == HOSTING.again(live, "candidate", 0.0) | different


def test_a_real_time_endpoint_with_one_variant_can_be_released_to() -> None:
    assert HOSTING.obstacles(endpoint()) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (endpoint(AsyncInferenceConfig={"OutputConfig": {}}), "it is an asynchronous endpoint"),
        (endpoint(examples.production_variant(ServerlessConfig={"MaxConcurrency": 5})), "it is a serverless endpoint"),
        (endpoint(ShadowProductionVariants=[examples.production_variant("shadow")]), "it has a shadow variant"),
        (
            endpoint(examples.production_variant("a"), examples.production_variant("b")),
            "it has 2 production variants (a, b)",
        ),
        (endpoint({"VariantName": "AllTraffic"}), "it hosts inference components"),
        (
            endpoint(examples.production_variant(InstancePools=[{"InstanceType": "ml.m5.large", "Priority": 1}])),
            "it has instance pools, which may name a model and hardware of their own",
        ),
    ],
)
def test_any_other_endpoint_has_an_obstacle(found: Endpoint, said: str) -> None:
    assert HOSTING.obstacles(found) == [said]


INF1 = ["guardrails do not work on Inf1 and would move all traffic at once"]


@pytest.mark.parametrize(
    ("live", "asked", "obstacles"),
    [
        ("ml.m5.large", "ml.inf1.xlarge", INF1),
        ("ml.inf1.xlarge", "ml.m5.large", INF1),
        ("ml.m5.large", "ml.inf2.xlarge", []),
    ],
)
def test_guardrails_work_on_all_instances_but_inf1(live: str, asked: str, obstacles: list[str]) -> None:
    assert Realtime(instance_type=asked).native_obstacles(stable(InstanceType=live)) == obstacles


def test_another_instance_type_is_a_change_of_stable() -> None:
    assert HOSTING.changes(stable()) == "from ml.m5.large to ml.c5.xlarge"
    assert HOSTING.changes(stable(InstanceType="ml.c5.xlarge")) == ""


def test_a_fleet_of_another_size_is_kept_and_told() -> None:
    assert HOSTING.warnings(stable()) == ["Live capacity is kept: 7 instances; the policy says 3."]
    assert Realtime(instance_type="ml.m5.large", instances=7).warnings(stable()) == []
