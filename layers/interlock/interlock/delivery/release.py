"""Strategies: pure functions that turn a policy stage and what was observed into the steps of a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from interlock.delivery.bakes import Variants, bake
from interlock.delivery.guard_alarms import guards, veto, veto_alarm
from interlock.delivery.requests import (
    FIRST_VARIANT,
    beside,
    create_model,
    endpoint_config,
    live_variant,
    new_variant,
    smoke_test,
    swap_config,
    tidy,
)
from interlock.evidence.metrics import METRICS, Metric
from interlock.model.names import resource_name, variant_name
from interlock.model.observation import Endpoint, Variant, Version
from interlock.model.plan import Request, Step
from interlock.model.traffic import set_weights
from interlock.policy.document import Stage

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
    """What a strategy works on. ``endpoint`` is None when there is none yet; ``role`` is the models' execution role.

    ``catalog``: the metrics that the policy's rules may name. ``references``: of the percentiles that are compared,
    stable's own before the release (microseconds).
    """

    name: str
    version: Version
    stage: Stage
    role: str
    endpoint: Endpoint | None = None
    catalog: Mapping[str, Metric] = field(default_factory=lambda: METRICS)
    references: Mapping[str, float] = field(default_factory=dict)

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

    @property
    def stable(self) -> Variant:
        """The variant that serves now. Raises ValueError if there is no endpoint."""
        if self.endpoint is None:
            raise ValueError("traffic can only be moved on an endpoint that exists")
        return self.endpoint.variants[0]

    @property
    def in_force(self) -> Request:
        """The settings of the endpoint config that serves now; empty if there is no endpoint."""
        return self.endpoint.config_settings if self.endpoint else {}

    @property
    def candidate(self) -> str:
        """The candidate's variant under variant weights."""
        return variant_name(self.name)

    @property
    def baseline(self) -> str:
        """The variant that is stable over again, as new and as large as the candidate; empty if none is asked for."""
        return variant_name(self.name, "baseline") if self.stage.strategy.baseline else ""

    def split(self, percent: int) -> dict[str, float]:
        """Each variant's share with the candidate at ``percent``. The baseline gets as much, if there is as much."""
        baseline = float(min(percent, 100 - percent)) if self.baseline else 0.0
        shares = {self.stable.name: 100.0 - percent - baseline, self.baseline: baseline, self.candidate: float(percent)}
        return {name: share for name, share in shares.items() if name}


Steps = tuple[Step, ...]
Compiled = tuple[Steps, Step | None]
"""The steps of a release, and the one that puts all traffic on stable; None where there is no stable."""


def create(release: Release) -> Compiled:
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
    if stage.compares:
        obstacles.append("guardrails compare nothing with stable")
    if strategy.baseline:
        obstacles.append("guardrails bring up no baseline")
    if len(guards("", stage, {})) + len(stage.alarms) + 1 > MAX_ROLLBACK_ALARMS:
        obstacles.append(f"guardrails watch at most {MAX_ROLLBACK_ALARMS} alarms")
    return obstacles


def native(release: Release) -> Compiled:
    """One UpdateEndpoint with guardrails: SageMaker shifts the traffic, watches the alarms and goes back by itself.

    The variant keeps its name: guardrails need it, and fall back silently without (docs:
    deployment-guardrails-exclusions).
    """
    stage, stable = release.stage, release.stable
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
        endpoint_config(release.config, [variant], release.in_force, "The live config with the candidate's model"),
        *alarms,
        update,
        *tidy(alarms=own),
    )
    return steps, Step("PutMetricData", "Stop the deployment: SageMaker puts all traffic on stable", veto(release.name))


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


def weights(release: Release) -> Compiled:
    """Stable and candidate side by side; traffic moves by weights, each step baked and judged, stable warm until the
    end."""
    stage, candidate = release.stage, release.candidate
    alarms = guards(release.name, stage, {"EndpointName": stage.endpoint, "VariantName": candidate})
    own = tuple(alarm.request["AlarmName"] for alarm in alarms)
    watched = (*own, *stage.alarms)
    company = "stable and baseline" if release.baseline else "stable"
    together, alone = _side_by_side(release)

    steps: list[Step] = [
        create_model(release.model, release.version, release.role),
        endpoint_config(
            release.transition, together, release.in_force, f"{company.capitalize()} and candidate side by side"
        ),
        endpoint_config(release.config, [alone], release.in_force, "The candidate alone, for the end"),
        *alarms,
        swap_config(
            stage.endpoint,
            release.transition,
            f"Bring up the candidate{' and a baseline' if release.baseline else ''} beside stable, without traffic",
            {"shares": release.split(0)},
            PATIENCE,
        ),
    ]
    if stage.smoke:
        steps.append(smoke_test(stage.endpoint, candidate, stage.smoke.content_type, stage.smoke.body))
    for percent in (*stage.strategy.steps, 100):
        steps += [_shift(release, percent), _watch(release, percent, watched)]
    steps += [
        swap_config(stage.endpoint, release.config, f"Retire {company}", {"shares": {candidate: 100.0}}, PATIENCE),
        *tidy(alarms=own, configs=(release.transition,)),
    ]
    back = set_weights(stage.endpoint, release.split(0))
    return tuple(steps), Step("UpdateEndpointWeightsAndCapacities", "All traffic to stable", back)


def _side_by_side(release: Release) -> tuple[list[Request], Request]:
    """The variants that serve together during the release, and the candidate as it serves in the end."""
    stable = release.stable
    candidate = beside(
        stable, release.candidate, ModelName=release.model, InstanceType=release.stage.hosting.instance_type
    )
    baseline = [beside(stable, release.baseline)] if release.baseline else []
    return [live_variant(stable, 100.0), *baseline, candidate], candidate | {"InitialVariantWeight": 100.0}


def _shift(release: Release, percent: int) -> Step:
    """Set the weights so that the candidate gets ``percent``."""
    shares = release.split(percent)
    beside_it = shares.get(release.baseline, 0.0)
    as_much = f", {beside_it:g} % to the baseline" if beside_it else ""
    return Step(
        "UpdateEndpointWeightsAndCapacities",
        f"Send {percent} % of the traffic to the candidate{as_much}",
        set_weights(release.stage.endpoint, shares),
        expect={"config": release.transition, "shares": shares},
        patience=PATIENCE,
    )


def _watch(release: Release, percent: int, alarms: tuple[str, ...]) -> Step:
    """The bake at ``percent``. With all traffic on the candidate there is nothing left to compare it with."""
    stage = release.stage
    against = (release.baseline or release.stable.name) if percent < 100 else None
    planned = stage.strategy.bake * len(stage.strategy.steps)
    variants = Variants(stage.endpoint, release.candidate, against)
    watched = bake(stage, release.catalog, percent, variants, alarms, release.references, planned)
    return replace(watched, bake={**(watched.bake or {}), **_allocated(release, percent)})


def _allocated(release: Release, percent: int) -> Request:
    """What the judge must know to share the traffic anew. The steps before the last are the careful beginning, in which
    no more than they say is risked."""
    strategy = release.stage.strategy
    if strategy.allocation is None or percent != strategy.steps[-1]:
        return {}
    return {
        "allocation": {
            "kind": strategy.allocation.kind,
            "floor": strategy.allocation.floor,
            "endpoint": release.stage.endpoint,
            "config": release.transition,
            "candidate": release.candidate,
            "stable": release.stable.name,
            "patience": PATIENCE,
        }
    }
