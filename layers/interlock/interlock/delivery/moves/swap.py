"""Swap: one update replaces stable by the candidate, without guardrails and without a second variant; Interlock watches
the candidate afterwards, and brings stable back if need be.

For hosting that can do neither: guardrails are for real-time and asynchronous endpoints only (docs:
deployment-guardrails, note), and a serverless endpoint has one variant (docs: serverless-endpoints, feature
exclusions). Without a DeploymentConfig, SageMaker starts the candidate, moves all traffic to it and ends stable
(botocore UpdateEndpoint).
"""

from __future__ import annotations

from interlock.delivery.bakes import Variants, bake
from interlock.delivery.guard_alarms import guards
from interlock.delivery.moves.model import create_model
from interlock.delivery.observed import Observed
from interlock.delivery.release import Release
from interlock.delivery.scaling import is_scalable, scaling_unread
from interlock.delivery.steps import (
    PATIENCE,
    Compiled,
    endpoint_config,
    not_paused,
    smoke_test,
    swap_config,
    tidy,
)
from interlock.model.observation import Endpoint
from interlock.model.plan import Step
from interlock.policy.stage import Stage


def swap(release: Release) -> Compiled:
    """The candidate takes the place of stable under a variant name of its own, so that metrics and alarms tell the two
    apart. No step restores stable in one request: its config is made anew first, at the capacity that serves then."""
    stage, candidate = release.stage, release.candidate
    alarms = guards(release.name, stage, {"EndpointName": stage.endpoint, "VariantName": candidate})
    own = tuple(alarm.request["AlarmName"] for alarm in alarms)
    alone = stage.hosting.like(release.stable, candidate, release.model, 1.0)
    steps: list[Step] = [
        create_model(release),
        endpoint_config(
            release.config, [alone], release.in_force, "The live config with the candidate's model", release.capture
        ),
        *alarms,
        swap_config(
            stage.endpoint,
            release.config,
            "Replace stable by the candidate, which gets all traffic at once",
            {"shares": {candidate: 100.0}, "candidate": candidate},
            PATIENCE,
            retain=False,
        ),
    ]
    if stage.smoke:
        steps.append(smoke_test(stage.endpoint, "", stage.smoke))
    variants = Variants(stage.endpoint, candidate)
    planned = stage.strategy.bakes[-1]
    steps.append(bake(stage, release.catalog, 100, variants, (*own, *stage.alarms), release.references, planned))
    return (*not_paused(steps), *tidy(alarms=own)), None


def swap_obstacles(stage: Stage, endpoint: Endpoint, observed: Observed) -> list[str]:
    """Why stable cannot be replaced. An update that removes a scalable target fails (docs: endpoint-scaling); that this
    holds for provisioned concurrency too is an assumption."""
    if observed.cause("scaling"):
        return [scaling_unread(observed)]
    name = endpoint.variants[0].name
    scalable = is_scalable(endpoint.name, name, observed)
    return [f"variant {name} is a scalable target, so it could not be replaced"] if scalable else []


def swap_warnings(stage: Stage) -> list[str]:
    """What this way cannot do, and what a careful policy has and this one does not."""
    warnings = {
        "Stable ends when the candidate takes over. A rollback starts stable anew, which takes minutes.": True,
        "No evidence rules: only alarms can roll the release back.": not stage.evidence,
        "No smoke test: the first request the candidate sees is a user's.": not stage.smoke,
    }
    return [said for said, holds in warnings.items() if holds]
