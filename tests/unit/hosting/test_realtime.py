from __future__ import annotations

from typing import Any

import pytest

from interlock.hosting.realtime import Realtime
from interlock.model.observation import Endpoint, Variant, read_endpoint
from tests.unit import examples
from tests.unit.awsmodel import input_of, limits, unfit
from tests.unit.planned import deliver

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
            "it has instance pools, which may name a model and hardware of their own; first put it on a config whose"
            " variant has an InstanceType, or name another endpoint",
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


TIME_OUTS = {"ModelDataDownloadTimeoutInSeconds": 600, "ContainerStartupHealthCheckTimeoutInSeconds": 1200}
PATIENT = Realtime(
    instance_type="ml.c5.xlarge",
    download_timeout="10m",  # type: ignore[arg-type]
    health_check_timeout="20m",  # type: ignore[arg-type]
)


def test_a_candidate_gets_the_time_outs_of_the_policy_and_stable_keeps_its_own() -> None:
    live = stable(ContainerStartupHealthCheckTimeoutInSeconds=300)
    assert PATIENT.variant("AllTraffic", "m").items() >= TIME_OUTS.items()
    assert PATIENT.like(live, "candidate", "m", 0.0).items() >= TIME_OUTS.items()
    assert PATIENT.again(live, "AllTraffic", 1.0)["ContainerStartupHealthCheckTimeoutInSeconds"] == 300
    assert HOSTING.like(live, "candidate", "m", 0.0)["ContainerStartupHealthCheckTimeoutInSeconds"] == 300
    assert not HOSTING.variant("AllTraffic", "m").keys() & TIME_OUTS.keys()
    config = {"EndpointConfigName": "c", "ProductionVariants": [PATIENT.variant("AllTraffic", "m")]}
    assert unfit(input_of("sagemaker", "CreateEndpointConfig"), config) == []


@pytest.mark.parametrize("field", ["download_timeout", "health_check_timeout"])
@pytest.mark.parametrize(("written", "fits"), [("59s", False), ("1m", True), ("1h", True), ("61m", False)])
def test_time_outs_are_those_that_sagemaker_takes(field: str, written: str, fits: bool) -> None:
    shapes = [
        limits("sagemaker", f"ProductionVariant{name}")
        for name in ("ModelDataDownloadTimeoutInSeconds", "ContainerStartupHealthCheckTimeoutInSeconds")
    ]
    assert shapes == [{"min": 60, "max": 3600}] * 2
    asked: dict[str, Any] = {field: written}
    if fits:
        assert len(Realtime(instance_type="ml.c5.xlarge", **asked).time_outs) == 1
        return
    with pytest.raises(ValueError, match="write from 1m to 1h"):
        Realtime(instance_type="ml.c5.xlarge", **asked)


def test_metrics_come_as_often_as_the_policy_says_and_else_as_before() -> None:
    often = Realtime(instance_type="ml.c5.xlarge", metrics_every="10s")  # type: ignore[arg-type]
    enhanced = {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10}
    assert often.settings({}, {}) == {"MetricsConfig": enhanced}
    live = {"MetricsConfig": {"EnableDetailedObservability": False, "MetricPublishFrequencyInSeconds": 60}}
    assert often.settings(live, {}) == {"MetricsConfig": {"EnableDetailedObservability": False, **enhanced}}
    assert HOSTING.settings(live, {}) == {}
    config = {"EndpointConfigName": "c", "ProductionVariants": [often.variant("v", "m")], **often.settings(live, {})}
    assert unfit(input_of("sagemaker", "CreateEndpointConfig"), config) == []


@pytest.mark.parametrize(("written", "why"), [("20s", "SageMaker has these"), ("5m", "evidence is read by the minute")])
def test_metrics_come_no_more_seldom_than_evidence_is_read(written: Any, why: str) -> None:
    with pytest.raises(ValueError, match=f"write 10s, 30s or 1m: {why}; got"):
        Realtime(instance_type="ml.c5.xlarge", metrics_every=written)


def test_a_release_asks_for_the_metrics_in_each_config_that_it_makes() -> None:
    asked = {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 2, "metrics_every": "30s"}
    configs = [each["request"] for each in deliver(hosting=asked)["steps"] if each["action"] == "CreateEndpointConfig"]
    assert len(configs) == 2
    assert all(each["MetricsConfig"]["MetricPublishFrequencyInSeconds"] == 30 for each in configs)
