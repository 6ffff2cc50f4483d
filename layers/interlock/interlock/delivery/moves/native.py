"""Native: SageMaker's own deployment guardrails shift the traffic, watch the alarms and roll back by themselves."""

from __future__ import annotations

from interlock.delivery.guard_alarms import guards, is_guarded, veto, veto_alarm
from interlock.delivery.moves.model import create_model
from interlock.delivery.observed import Observed
from interlock.delivery.release import Release
from interlock.delivery.scaling import adjust, followed, registered, scaling_unread
from interlock.delivery.steps import PATIENCE, Compiled, endpoint_config, not_paused, swap_config, tidy
from interlock.model.observation import Endpoint
from interlock.model.plan import Step
from interlock.model.request import Request
from interlock.policy.stage import Stage

MAX_ROLLBACK_ALARMS = 10
"""Alarms a native deployment takes (botocore AutoRollbackConfig.Alarms)."""

MOST_EXPOSED = 1.5
"""How many times the share that the policy asks for guardrails may begin with before weights are better."""


def native(release: Release) -> Compiled:
    """One UpdateEndpoint with guardrails. Interlock stops it with the veto alarm, which only Interlock can raise.

    The variant keeps its name: guardrails need that (docs: deployment-guardrails-exclusions).
    """
    stage, stable = release.stage, release.stable
    strategy, instances = stage.strategy, stage.hosting.fleet(stable)
    variant = stage.hosting.like(stable, stable.name, release.model, 1.0)
    alarms = _alarms(release.name, stage, stable.name, release.config)
    own = tuple(alarm.request["AlarmName"] for alarm in alarms)
    update = swap_config(
        stage.endpoint,
        release.config,
        f"Deploy with SageMaker's guardrails, which {strategy.native_course(instances)}, and roll back on an alarm",
        {"shares": {stable.name: 100.0}, "candidate": stable.name},
        strategy.native_wait(instances) + PATIENCE,
    )
    if instances > stable.instances:
        update.request["ExcludeRetainedVariantProperties"].append({"VariantPropertyType": "DesiredInstanceCount"})
    watched = _rolled_back_on((*own, *stage.alarms))
    update.request["DeploymentConfig"] = strategy.deployment_config(instances) | watched
    scales = followed(release, stable.name) if stage.hosting.scaling else release.scaling
    steps = (
        create_model(release),
        endpoint_config(
            release.config,
            [variant],
            release.in_force,
            "The live config with the candidate's model",
            release.capture,
        ),
        *alarms,
        *adjust(stage.endpoint, stable.name, release.scaling, scales),
        update,
        *tidy(alarms=own),
    )
    return not_paused(steps), Step(
        "PutMetricData", "Stop the deployment: SageMaker puts all traffic on stable", veto(release.name)
    )


def _alarms(release: str, stage: Stage, variant: str, config: str) -> tuple[Step, ...]:
    """Those that watch the candidate; where nothing may tell its fleet apart, those that watch both together; and the
    veto."""
    both = {"EndpointName": stage.endpoint, "VariantName": variant}
    of_both = () if stage.hosting.fleets_told_apart else guards(release, stage, both, "both fleets")
    return *guards(release, stage, {**both, "EndpointConfigName": config}), *of_both, veto_alarm(release)


def _rolled_back_on(alarms: tuple[str, ...]) -> Request:
    return {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}}


def native_obstacles(stage: Stage, endpoint: Endpoint, observed: Observed) -> list[str]:
    """Why guardrails cannot carry out ``stage.strategy`` on ``endpoint`` (docs: deployment-guardrails-exclusions)."""
    alarms = len(_alarms("", stage, "", "")) + len(stage.alarms)
    product = observed.version.product if observed.version else ""
    obstacles = {
        "guardrails cannot compare the candidate with stable": stage.compares,
        "guardrails cannot start a baseline": stage.strategy.brings_baseline,
        "guardrails end stable, which should stand by": stage.rollback.stays,
        "guardrails wait for no approval": stage.asks_at,
        "guardrails wait for no gate": stage.gates,
        f"guardrails do not work with AWS Marketplace ({product}) and would move all traffic at once": product,
        f"guardrails watch at most {MAX_ROLLBACK_ALARMS} alarms": alarms > MAX_ROLLBACK_ALARMS,
    }
    return [
        *stage.strategy.native_obstacles(stage.hosting.fleet(endpoint.variants[0])),
        *stage.hosting.native_obstacles(endpoint.variants[0]),
        *(said for said, stands in obstacles.items() if stands),
        *_scaling_obstacles(stage, endpoint, observed),
    ]


def _scaling_obstacles(stage: Stage, endpoint: Endpoint, observed: Observed) -> list[str]:
    """An update that changes the instance type of a scalable target fails (docs: endpoint-scaling)."""
    change, asked = stage.hosting.changes(endpoint.variants[0]), stage.hosting.scaling
    if not change and not asked:
        return []
    if observed.cause("scaling"):
        return [scaling_unread(observed)]
    said = f"variant {endpoint.variants[0].name} is a scalable target, so it could not change {change}"
    return [said] if change and registered(endpoint, observed) else []


def native_warnings(stage: Stage) -> list[str]:
    """What the policy asks for and guardrails cannot do, although the release goes on."""
    unseen = ", ".join(f"{rule.metric} {rule.bound}" for rule in stage.evidence if not is_guarded(rule))
    warnings = {
        "No smoke test: guardrails give no way to reach the new fleet before it has traffic.": stage.smoke,
        "Evidence rules act as alarms only: guardrails do not wait for a verdict.": stage.evidence,
        f"No alarm can watch {unseen}, so nothing judges it.": unseen,
    }
    return [said for said, holds in warnings.items() if holds]


def first_shares(stage: Stage, endpoint: Endpoint) -> tuple[float, int]:
    """Percent of the traffic with which guardrails would begin on ``endpoint``, and what the policy asks for."""
    return stage.strategy.native_share(stage.hosting.fleet(endpoint.variants[0])), stage.strategy.shares[0]


def rounding_warnings(stage: Stage, endpoint: Endpoint) -> list[str]:
    """How much more of the traffic the candidate gets at first than the policy asks for."""
    exposed, asked = first_shares(stage, endpoint)
    if exposed <= asked:
        return []
    fleet = f"of {endpoint.variants[0].instances} instances"
    return [f"Guardrails shift whole instances: the first step is {exposed:.3g} % {fleet}, not {asked} %."]
