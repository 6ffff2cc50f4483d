"""The steps before a candidate's first traffic: as stable's shadow it gets copies of requests, and answers nobody.

A plain endpoint config does this (botocore CreateEndpointConfig.ShadowProductionVariants), so the changes of the
endpoint send their events as ever. An inference experiment would take the endpoint over, and sends none.
"""

from __future__ import annotations

from interlock.delivery.observed import Observed
from interlock.delivery.release import Release
from interlock.delivery.steps import PATIENCE, Steps, endpoint_config, swap_config
from interlock.model.observation import Endpoint
from interlock.policy.stage import Stage


def shadow_config(release: Release) -> Steps:
    """The config in which stable answers and the candidate gets copies; none if the policy asks for no shadow.

    The share that is copied is the shadow's weight over that of the production variant (docs: model-shadow-deployment;
    amazon-sagemaker-examples, shadow variants: 0.5 beside 1 is half of the requests).
    """
    copied, stable, hosting = release.stage.strategy.copied, release.stable, release.stage.hosting
    if not copied:
        return ()
    note = "Stable, and the candidate as its shadow"
    step = endpoint_config(
        release.shadow, [hosting.again(stable, stable.name, 100.0)], release.in_force, note, release.capture
    )
    shadow = hosting.like(stable, release.candidate, release.model, copied)
    step.request["ShadowProductionVariants"] = [shadow]
    return (step,)


def shadow_phase(release: Release, held: Steps, watched: Steps) -> Steps:
    """Bring up the shadow, and compare it with stable (``watched``), which loses no instance meanwhile (``held``).
    There is nothing to restore, since stable answers everything."""
    return (
        swap_config(
            release.stage.endpoint,
            release.shadow,
            "Bring up the candidate as stable's shadow, which answers nobody",
            {"shares": {release.stable.name: 100.0}, "candidate": release.candidate},
            PATIENCE,
        ),
        *held,
        *watched,
    )


def shadow_obstacles(stage: Stage, endpoint: Endpoint, observed: Observed) -> list[str]:
    """Why ``endpoint`` can have no shadow variant (docs: shadow-tests-exclusions, shadow-tests-create). They are those
    of shadow tests; that they hold for shadow variants of an endpoint config, too, is the safe reading."""
    if not stage.strategy.copied:
        return []
    product = observed.version.product if observed.version else ""
    marketplace = [f"SageMaker runs no AWS Marketplace product ({product}) as a shadow"] if product else []
    several = observed.version and len(observed.version.containers) > 1
    multiple = ["SageMaker has no shadows on multi-container endpoints"] if several else []
    return [*marketplace, *multiple, *stage.hosting.shadow_obstacles(endpoint.variants[0])]
