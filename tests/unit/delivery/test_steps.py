from __future__ import annotations

import pytest

from interlock.delivery.steps import _CARRIED_OVER, create_model, endpoint_config, swap_config, tidy
from interlock.model.observation import read_version
from tests.unit import examples
from tests.unit.awsmodel import input_of, unfit


def test_a_config_takes_over_everything_that_can_be_carried() -> None:
    asked = set(input_of("sagemaker", "CreateEndpointConfig").members)
    ours = {"EndpointConfigName", "ProductionVariants"}
    refused_by_preflight = {"ShadowProductionVariants"}
    assert set(_CARRIED_OVER) == asked - ours - refused_by_preflight - {"Tags"}


@pytest.mark.parametrize("setting", _CARRIED_OVER)
def test_a_setting_of_the_config_in_force_stays(setting: str) -> None:
    step = endpoint_config("next", [], {setting: {"x": 1}, "CreationTime": "2026", "EndpointConfigArn": "arn"}, "why")
    assert step.request == {"EndpointConfigName": "next", "ProductionVariants": [], setting: {"x": 1}}


def test_a_model_is_pinned_to_the_image_and_artifact_that_were_approved() -> None:
    step = create_model("m", read_version(examples.package()), examples.ROLE, {})
    assert step.request == {
        "ModelName": "m",
        "ExecutionRoleArn": examples.ROLE,
        "PrimaryContainer": {
            "Image": f"{examples.REGISTRY}/sklearn@{examples.DIGEST}",
            "ModelDataUrl": "s3://models/churn/7/model.tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
        },
    }


def test_a_model_names_the_etag_of_its_artifact_where_it_is_known() -> None:
    container = {"Image": "i", "ModelDataUrl": "s3://a/b", "ModelDataETag": '"0a1b"'}
    version = read_version(examples.package(InferenceSpecification={"Containers": [container]}))
    source = {"S3Uri": "s3://a/b", "S3DataType": "S3Object", "CompressionType": "Gzip", "ETag": "0a1b"}
    asked = create_model("m", version, examples.ROLE, {}).request
    assert asked["PrimaryContainer"] == {"Image": "i", "ModelDataSource": {"S3DataSource": source}}
    assert unfit(input_of("sagemaker", "CreateModel"), asked) == []


def test_a_model_without_environment_gets_none() -> None:
    container = {"Image": "i", "ModelDataUrl": "s3://a/b"}
    version = read_version(examples.package(InferenceSpecification={"Containers": [container]}))
    assert create_model("m", version, "r", {}).request["PrimaryContainer"] == container


def test_an_update_says_outright_what_it_keeps() -> None:
    step = swap_config("e", "c", "why", {"shares": {"a": 100.0}}, 60)
    assert step.request["RetainAllVariantProperties"] is True
    assert step.request["ExcludeRetainedVariantProperties"] == [{"VariantPropertyType": "DesiredWeight"}]
    assert step.expect == {"config": "c", "shares": {"a": 100.0}}


def test_an_update_that_may_change_variant_names_has_no_deployment_config() -> None:
    step = swap_config("e", "c", "why", {"shares": {"a": 100.0}}, 60)
    assert "DeploymentConfig" not in step.request


def test_tidying_removes_alarms_then_configs_then_models() -> None:
    steps = tidy(alarms=("a", "b"), configs=("c", "d"), models=("m",))
    assert [(step.action, next(iter(step.request.values()))) for step in steps] == [
        ("DeleteAlarms", ["a", "b"]),
        ("DeleteEndpointConfig", "c"),
        ("DeleteEndpointConfig", "d"),
        ("DeleteModel", "m"),
    ]
    assert tidy() == ()
