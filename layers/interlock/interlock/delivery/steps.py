"""Steps that a release takes on every kind of hosting: each with its exact API request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from interlock.model.plan import PAUSE, Decision, Plan, Step
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.policy.stage_parts import SmokeTest

Steps = tuple[Step, ...]

Compiled = tuple[Steps, Step | None]
"""The steps of a release, and the one that puts all traffic on stable; None where there is no stable."""

PATIENCE = 1800
"""Seconds to wait for an endpoint event before looking: a re-weighting takes a minute, a new fleet some ten."""

DELETION_PATIENCE = 120
"""Seconds until a deletion is checked. Whether an event reports its end is not documented."""

_CARRIED_OVER = (
    "DataCaptureConfig",
    "KmsKeyId",
    "ExplainerConfig",
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
    "MetricsConfig",
    "AsyncInferenceConfig",
)
"""What a new endpoint config takes over from the one in force (botocore CreateEndpointConfig, less names, variants
and tags)."""


def endpoint_config(
    name: str, variants: list[Request], in_force: Request, note: str, capture: Request | None = None
) -> Step:
    """A config with ``variants`` that carries over capture, encryption and network settings of the one ``in_force``;
    ``capture``, if any, is the DataCaptureConfig in place of the one in force."""
    carried = {key: in_force[key] for key in _CARRIED_OVER if in_force.get(key)}
    if capture:
        carried["DataCaptureConfig"] = capture
    return Step("CreateEndpointConfig", note, {"EndpointConfigName": name, "ProductionVariants": variants, **carried})


def swap_config(endpoint: str, config: str, note: str, expect: Request, patience: int, retain: bool = True) -> Step:
    """Move ``endpoint`` to ``config`` at once, keeping live capacity; the weights are the config's.

    There is no DeploymentConfig: without one all traffic moves at once (docs: AWS::SageMaker::Endpoint
    DeploymentConfig), and none of the last update is used again (botocore UpdateEndpoint: RetainDeploymentConfig
    defaults to false). With one, the variant names would have to be those in service (docs:
    deployment-guardrails-exclusions). RetainAllVariantProperties keeps the counts of variants of the same name, also
    where others are removed (docs: endpoint-scaling-update). What it does for a serverless variant is not documented,
    so it is not sent for one (``retain``): its config has the live concurrency.
    """
    kept = {
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
    }
    return Step(
        "UpdateEndpoint",
        note,
        {
            "EndpointName": endpoint,
            "EndpointConfigName": config,
            **(kept if retain else {}),
        },
        expect={"config": config, **expect},
        patience=patience,
    )


def smoke_test(endpoint: str, variant: str, smoke: SmokeTest, component: str = "") -> Step:
    """One request to ``variant`` itself; TargetVariant overrides the weights (docs: model-ab-testing). Without a
    ``variant``, to the only one, or to the inference ``component``, which has all traffic already."""
    target, when = ({"TargetVariant": variant}, " before it gets traffic") if variant else ({}, "")
    target |= {"InferenceComponentName": component} if component else {}
    target |= {"TargetContainerHostname": smoke.container} if smoke.container else {}
    return Step(
        "InvokeEndpoint",
        f"Smoke test: the candidate must answer{when}",
        {"EndpointName": endpoint, **target, "ContentType": smoke.content_type, "Body": smoke.body},
    )


def tidy(
    *,
    alarms: tuple[str, ...] = (),
    jobs: tuple[str, ...] = (),
    configs: tuple[str, ...] = (),
    models: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    """Delete what a release made and no longer needs: a config before the model that it names. By then the version is
    delivered, and no word stops it any more. A job cannot be deleted; it is stopped."""
    of_alarms = (
        [Step("DeleteAlarms", "Remove the alarms of this release", {"AlarmNames": list(alarms)})] if alarms else []
    )
    steps = (
        *of_alarms,
        *(Step("StopTransformJob", "Stop the job, if it still runs", {"TransformJobName": name}) for name in jobs),
        *(
            Step("DeleteEndpointConfig", "Remove a config no endpoint uses", {"EndpointConfigName": name})
            for name in configs
        ),
        *(Step("DeleteModel", "Remove the candidate's model", {"ModelName": name}) for name in models),
    )
    return deaf(steps)


def delete_endpoint(name: str) -> Step:
    """Remove an endpoint that the release created."""
    return Step(
        "DeleteEndpoint",
        "Remove the endpoint this release created",
        {"EndpointName": name},
        expect={"absent": True},
        patience=DELETION_PATIENCE,
    )


LIVE = Step("None", "The version is live; nothing is left to do", hears=())
"""The last step where nothing has to be removed: from here on no word stops the release."""


def back(steps: Steps, why: str) -> Plan:
    """The plan of a rollback, which no word stops."""
    return Plan(Decision.PROCEED, Reason.ACCEPTED, why, strategy="roll_back", steps=deaf(steps))


def deaf(steps: Iterable[Step]) -> Steps:
    """``steps`` that no word stops."""
    return tuple(replace(step, hears=()) for step in steps)


def not_paused(steps: Iterable[Step]) -> Steps:
    """``steps`` that a pause cannot stop: Interlock shifts no traffic between them. An abort still ends the release."""
    return tuple(replace(step, hears=tuple(word for word in step.hears if word != PAUSE)) for step in steps)
