from __future__ import annotations

import pytest

from interlock.delivery.steps import _CARRIED_OVER, endpoint_config, swap_config, tidy
from tests.unit.awsmodel import input_of


def test_a_config_takes_over_everything_that_can_be_carried() -> None:
    asked = set(input_of("sagemaker", "CreateEndpointConfig").members)
    ours = {"EndpointConfigName", "ProductionVariants"}
    refused_by_preflight = {"ShadowProductionVariants"}
    assert set(_CARRIED_OVER) == asked - ours - refused_by_preflight - {"Tags"}


@pytest.mark.parametrize("setting", _CARRIED_OVER)
def test_a_setting_of_the_config_in_force_stays(setting: str) -> None:
    step = endpoint_config("next", [], {setting: {"x": 1}, "CreationTime": "2026", "EndpointConfigArn": "arn"}, "why")
    assert step.request == {"EndpointConfigName": "next", "ProductionVariants": [], setting: {"x": 1}}


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
