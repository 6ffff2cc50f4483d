"""Strategies: pure functions that turn a policy stage and what was observed into the steps of a release."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.evidence import bake
from interlock.guards import guards, veto, veto_alarm
from interlock.hosting import (
    FIRST_VARIANT,
    create_model,
    endpoint_config,
    live_variant,
    new_variant,
    set_weights,
    smoke_test,
    swap_config,
    tidy,
)
from interlock.names import resource_name, variant_name
from interlock.observation import Endpoint, Version
from interlock.plan import Request, Step
from interlock.policy import Stage

PATIENCE = 1800
"""Seconds to wait for an endpoint event before looking: a re-weighting takes a minute, a new fleet some ten."""

MAX_NATIVE_WAIT = 3600
"""Seconds; longest wait interval and termination wait of a native deployment (botocore BlueGreenUpdatePolicy)."""

MAX_CANARY_PERCENT = 50
"""Largest canary of a native deployment (botocore TrafficRoutingConfig.CanarySize)."""

MAX_ROLLBACK_ALARMS = 10
"""Alarms a native deployment takes (botocore AutoRollbackConfig.Alarms)."""


@dataclass(frozen=True)
class Release:
    """What a strategy works on. ``endpoint`` is None when there is none yet; ``role`` is the models' execution role."""

    name: str
    version: Version
    stage: Stage
    role: str
    endpoint: Endpoint | None = None

    @property
    def model(self) -> str:
        return resource_name(self.name)

    @property
    def config(self) -> str:
        """The config that holds the candidate alone."""
        return resource_name(self.name)

    @property
    def transition(self) -> str:
        """The config that holds stable and candidate side by side."""
        return resource_name(self.name, "canary")


Steps = tuple[Step, ...]


def create(release: Release) -> tuple[Steps, None]:
    """First deployment: there is nothing to shift traffic from."""
    stage = release.stage
    variant = new_variant(FIRST_VARIANT, release.model, stage.hosting, stage.hosting.instances, 1.0)
    steps: list[Step] = [
        create_model(release.model, release.version, release.role),
        endpoint_config(release.config, [variant], {}, "Config of the new endpoint"),
        Step(
            "CreateEndpoint",
            "Create the endpoint",
            {"EndpointName": stage.endpoint, "EndpointConfigName": release.config},
            expect={"config": release.config, "shares": {FIRST_VARIANT: 100.0}},
            patience=PATIENCE,
        ),
    ]
    if stage.smoke:
        steps.append(smoke_test(stage.endpoint, FIRST_VARIANT, stage.smoke.content_type, stage.smoke.body))
    return tuple(steps), None


def native_obstacles(stage: Stage, endpoint: Endpoint) -> list[str]:
    """Why SageMaker's own deployment guardrails cannot carry out ``stage.strategy`` on ``endpoint``."""
    strategy, fleet = stage.strategy, endpoint.variants[0].instances
    obstacles = []
    if len(strategy.steps) > 1:
        obstacles.append("guardrails shift a canary in one step, the policy has several")
    if strategy.steps and max(strategy.steps) > MAX_CANARY_PERCENT:
        obstacles.append(f"a guardrail canary takes at most {MAX_CANARY_PERCENT} %")
    if strategy.steps and fleet < 2:
        obstacles.append("a guardrail canary is a share of the fleet, which has only one instance")
    if strategy.bake > MAX_NATIVE_WAIT:
        obstacles.append("guardrails bake for at most an hour")
    if stage.hosting.instance_type.startswith("ml.inf1."):
        obstacles.append("guardrails do not work on Inf1 and would fall back silently")
    if len(guards("", stage, {})) + len(stage.alarms) + 1 > MAX_ROLLBACK_ALARMS:
        obstacles.append(f"guardrails watch at most {MAX_ROLLBACK_ALARMS} alarms")
    return obstacles


def native(release: Release) -> tuple[Steps, Request]:
    """One UpdateEndpoint with guardrails: SageMaker shifts the traffic, watches the alarms and goes back by itself.

    The variant keeps its name: guardrails need it, and fall back silently without (docs:
    deployment-guardrails-exclusions).
    """
    stage, endpoint = release.stage, _adopted(release)
    stable = endpoint.variants[0]
    variant = live_variant(stable, 1.0) | {"ModelName": release.model, "InstanceType": stage.hosting.instance_type}
    dimensions = {"EndpointName": stage.endpoint, "VariantName": stable.name, "EndpointConfigName": release.config}
    alarms = (*guards(release.name, stage, dimensions), veto_alarm(release.name))
    own = tuple(alarm.request["AlarmName"] for alarm in alarms)
    update = swap_config(
        stage.endpoint,
        release.config,
        "Deploy with SageMaker's guardrails: it shifts, bakes, and goes back on an alarm",
        {"shares": {stable.name: 100.0}},
        _native_patience(stage),
    )
    update.request["DeploymentConfig"] = _guardrails(stage, (*own, *stage.alarms))
    steps = (
        create_model(release.model, release.version, release.role),
        endpoint_config(
            release.config, [variant], endpoint.config_settings, "The live config with the candidate's model"
        ),
        *alarms,
        update,
        *tidy(alarms=own),
    )
    restore = {"action": "PutMetricData", "request": veto(release.name)}
    return steps, restore


def _native_patience(stage: Stage) -> int:
    return 2 * stage.strategy.bake + PATIENCE


def _guardrails(stage: Stage, alarms: tuple[str, ...]) -> Request:
    """The DeploymentConfig; the timeout leaves an hour beside the waits (600 to 28800 s, botocore)."""
    routing: Request = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    if stage.strategy.steps:
        size = {"Type": "CAPACITY_PERCENT", "Value": stage.strategy.steps[0]}
        routing = {"Type": "CANARY", "WaitIntervalInSeconds": stage.strategy.bake, "CanarySize": size}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": stage.strategy.bake,
            "MaximumExecutionTimeoutInSeconds": 2 * stage.strategy.bake + 3600,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]},
    }


def weights(release: Release) -> tuple[Steps, Request]:
    """Stable and candidate side by side; traffic moves by weights, each step baked and judged, stable warm until the
    end."""
    stage, endpoint = release.stage, _adopted(release)
    stable, candidate = endpoint.variants[0], variant_name(release.name)
    dimensions = {"EndpointName": stage.endpoint, "VariantName": candidate}
    alarms = guards(release.name, stage, dimensions)
    own = tuple(alarm.request["AlarmName"] for alarm in alarms)
    stays = live_variant(stable, 100.0)
    comes = live_variant(stable, 0.0) | {
        "VariantName": candidate,
        "ModelName": release.model,
        "InstanceType": stage.hosting.instance_type,
    }
    alone = comes | {"InitialVariantWeight": 100.0}

    steps: list[Step] = [
        create_model(release.model, release.version, release.role),
        endpoint_config(
            release.transition, [stays, comes], endpoint.config_settings, "Stable and candidate side by side"
        ),
        endpoint_config(release.config, [alone], endpoint.config_settings, "The candidate alone, for the end"),
        *alarms,
        swap_config(
            stage.endpoint,
            release.transition,
            "Bring up the candidate beside stable, without traffic",
            {"shares": {stable.name: 100.0, candidate: 0.0}},
            PATIENCE,
        ),
    ]
    if stage.smoke:
        steps.append(smoke_test(stage.endpoint, candidate, stage.smoke.content_type, stage.smoke.body))
    for percent in (*stage.strategy.steps, 100):
        split = {stable.name: 100.0 - percent, candidate: float(percent)}
        steps.append(
            Step(
                "UpdateEndpointWeightsAndCapacities",
                f"Send {percent} % of the traffic to the candidate",
                set_weights(stage.endpoint, split),
                expect={"config": release.transition, "shares": split},
                patience=PATIENCE,
            )
        )
        steps.append(bake(stage, percent, dimensions, (*own, *stage.alarms)))
    steps += [
        swap_config(
            stage.endpoint, release.config, "Retire the stable variant", {"shares": {candidate: 100.0}}, PATIENCE
        ),
        *tidy(alarms=own, configs=(release.transition,)),
    ]
    back = set_weights(stage.endpoint, {stable.name: 100.0, candidate: 0.0})
    restore = {"action": "UpdateEndpointWeightsAndCapacities", "request": back}
    return tuple(steps), restore


def _adopted(release: Release) -> Endpoint:
    if release.endpoint is None:
        raise ValueError("traffic can only be moved on an endpoint that exists")
    return release.endpoint
