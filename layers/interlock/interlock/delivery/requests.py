"""Request bodies for real-time hosting: models, endpoint configs and variants."""

from __future__ import annotations

from typing import Any

from interlock.model.observation import Endpoint, Variant, Version
from interlock.model.plan import Request, Step
from interlock.policy.document import Hosting

FIRST_VARIANT = "AllTraffic"
"""Variant name of an endpoint that Interlock creates: what the SageMaker SDK and console call an only variant."""

_CARRIED_OVER = (
    "DataCaptureConfig",
    "KmsKeyId",
    "ExplainerConfig",
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
    "MetricsConfig",
)
"""What a new endpoint config takes over from the one in force (botocore CreateEndpointConfig, less names, variants
and tags)."""


def create_model(name: str, version: Version, role: str) -> Step:
    """The model of ``version``, pinned to the image digest and artifact that were approved (an Approved package can
    still change)."""
    container: dict[str, Any] = {"Image": version.image, "ModelDataUrl": version.model_data}
    if version.environment:
        container["Environment"] = version.environment
    return Step(
        "CreateModel",
        f"Model of version {version.number}, pinned to its image and artifact",
        {"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": role},
    )


def new_variant(name: str, model: str, hosting: Hosting, instances: int, weight: float) -> Request:
    """A production variant of ``instances`` machines at ``weight``."""
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": hosting.instance_type,
        "InitialInstanceCount": instances,
        "InitialVariantWeight": weight,
    }


def live_variant(variant: Variant, weight: float) -> Request:
    """``variant`` as its config has it, at its live capacity, so that a new config does not shrink a fleet that has
    scaled."""
    return {**variant.settings, "InitialInstanceCount": variant.instances, "InitialVariantWeight": weight}


def beside(stable: Variant, name: str, **different: str) -> Request:
    """A variant called ``name``, without traffic yet, like ``stable`` but for what is ``different``."""
    return live_variant(stable, 0.0) | {"VariantName": name} | different


def endpoint_config(name: str, variants: list[Request], in_force: Request, note: str) -> Step:
    """A config with ``variants`` that carries over capture, encryption and network settings of the one ``in_force``."""
    carried = {key: in_force[key] for key in _CARRIED_OVER if in_force.get(key)}
    return Step("CreateEndpointConfig", note, {"EndpointConfigName": name, "ProductionVariants": variants, **carried})


def swap_config(endpoint: str, config: str, note: str, expect: Request, patience: int) -> Step:
    """Move ``endpoint`` to ``config`` at once, keeping live capacity; the weights are the config's.

    Says DeploymentConfig and RetainAllVariantProperties outright: neither is remembered from the last update
    (botocore UpdateEndpoint: RetainDeploymentConfig and RetainAllVariantProperties default to false).
    """
    at_once = {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
        "TerminationWaitInSeconds": 0,
    }
    return Step(
        "UpdateEndpoint",
        note,
        {
            "EndpointName": endpoint,
            "EndpointConfigName": config,
            "RetainAllVariantProperties": True,
            "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
            "DeploymentConfig": {"BlueGreenUpdatePolicy": at_once},
        },
        expect={"config": config, **expect},
        patience=patience,
    )


def smoke_test(endpoint: str, variant: str, content_type: str, body: str) -> Step:
    """One request to ``variant`` itself; TargetVariant overrides the weights (docs: model-ab-testing)."""
    return Step(
        "InvokeEndpoint",
        "Smoke test: the candidate must answer before it gets traffic",
        {"EndpointName": endpoint, "TargetVariant": variant, "ContentType": content_type, "Body": body},
    )


def tidy(
    *, alarms: tuple[str, ...] = (), configs: tuple[str, ...] = (), models: tuple[str, ...] = ()
) -> tuple[Step, ...]:
    """Delete what a release made and nothing uses any more: a config before the model it names."""
    of_alarms = (
        [Step("DeleteAlarms", "Remove the alarms of this release", {"AlarmNames": list(alarms)})] if alarms else []
    )
    return (
        *of_alarms,
        *(
            Step("DeleteEndpointConfig", "Remove a config no endpoint uses", {"EndpointConfigName": name})
            for name in configs
        ),
        *(Step("DeleteModel", "Remove the candidate's model", {"ModelName": name}) for name in models),
    )


def unsupported(endpoint: Endpoint) -> str:
    """Why Interlock cannot release to ``endpoint`` yet, or an empty string."""
    settings = [variant.settings for variant in endpoint.variants]
    if endpoint.config_settings.get("AsyncInferenceConfig"):
        return "it is an asynchronous endpoint"
    if any(variant.get("ServerlessConfig") for variant in settings):
        return "it is a serverless endpoint"
    if endpoint.config_settings.get("ShadowProductionVariants"):
        return "it has a shadow variant"
    if len(endpoint.variants) != 1:
        return f"it has {len(endpoint.variants)} production variants ({', '.join(v.name for v in endpoint.variants)})"
    if not settings[0].get("ModelName"):
        return "it hosts inference components"
    return ""
