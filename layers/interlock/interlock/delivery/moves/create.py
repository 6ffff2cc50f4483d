"""A first deployment: the endpoint is created with the version, as there is no traffic to move yet."""

from __future__ import annotations

from interlock.delivery.moves.model import create_model
from interlock.delivery.moves.pointer import publish
from interlock.delivery.release import Release
from interlock.delivery.scaling import followed, register
from interlock.delivery.steps import LIVE, PATIENCE, Compiled, endpoint_config, not_paused, smoke_test
from interlock.model.plan import Step
from interlock.policy.stage import Stage

FIRST_VARIANT = "AllTraffic"
"""Variant name of an endpoint that Interlock creates: what the SageMaker SDK and console call an only variant."""


def create(release: Release) -> Compiled:
    """The steps to a new endpoint. No step restores stable, as there is none."""
    stage = release.stage
    copied, told = publish(release) if release.pointer else ((), ())
    steps: list[Step] = [
        *copied,
        create_model(release),
        endpoint_config(
            release.config,
            [stage.hosting.variant(FIRST_VARIANT, release.model)],
            release.in_force,
            "Config of the new endpoint",
            release.capture,
        ),
        Step(
            "CreateEndpoint",
            "Create the endpoint",
            {"EndpointName": stage.endpoint, "EndpointConfigName": release.config},
            expect={"config": release.config, "shares": {FIRST_VARIANT: 100.0}, "candidate": FIRST_VARIANT},
            patience=PATIENCE,
        ),
    ]
    if scales := followed(release, FIRST_VARIANT):
        steps += register(stage.endpoint, FIRST_VARIANT, scales)
    steps += told
    if stage.smoke and not told:
        target = FIRST_VARIANT if "weights" in stage.hosting.moves else ""
        steps.append(smoke_test(stage.endpoint, target, stage.smoke))
    return (*not_paused(steps), LIVE), None


def create_warnings(stage: Stage) -> list[str]:
    """What the policy asks for and a first deployment cannot do."""
    names = ", ".join(dict.fromkeys(rule.metric for rule in stage.evidence if rule.compares))
    warnings = {
        "First deployment: there is no stable variant to compare with or to roll back to.": stage.strategy.side_by_side,
        f"First deployment: the rules that compare with stable cannot be judged ({names}).": stage.compares,
        "First deployment: there is no stable variant that could stand by.": stage.rollback.stays,
        "First deployment: there is no step before which a person could be asked.": stage.asks_at,
        "First deployment: there is no step before which a gate could be asked.": stage.gates,
        "No smoke test: the first request the candidate sees is a user's.": not stage.smoke,
    }
    return [said for said, holds in warnings.items() if holds]
