"""Pointer: the candidate gets a key of its own on a multi-model endpoint, and one write tells all callers to name it.

The endpoint does not change, and stable stays under its key, so the way back is one write as well. No share of the
callers can be moved, as all read the same parameter; and SageMaker measures the endpoint as a whole ("Per-model metrics
aren't supported", docs: multi-model-endpoint-cloudwatch-metrics).
"""

from __future__ import annotations

from interlock.delivery.bakes import Variants, bake
from interlock.delivery.guard_alarms import guards
from interlock.delivery.observed import Observed
from interlock.delivery.pointer import copy, point, warm_up
from interlock.delivery.protection import changes_network
from interlock.delivery.release import Release
from interlock.delivery.steps import Compiled, Steps, tidy
from interlock.model.observation import Endpoint
from interlock.model.plan import Step
from interlock.model.protection import Protection
from interlock.policy.stage import Stage

LARGEST_COPY = 5 * 1024**3
"""Bytes that S3 copies in one call (botocore CopyObject)."""


def pointed(release: Release) -> Compiled:
    """The candidate is put beside stable, loaded, published and watched. ``restore`` tells callers what they were told
    before."""
    stage, pointer = release.stage, release.published
    both = {"EndpointName": stage.endpoint, "VariantName": release.stable.name}
    alarms = guards(release.name, stage, both, "all models of the endpoint")
    own = tuple(alarm.request["AlarmName"] for alarm in alarms)
    variants, planned = Variants(stage.endpoint, release.stable.name), stage.strategy.bakes[-1]
    watch = bake(stage, release.catalog, 100, variants, (*own, *stage.alarms), release.references, planned)
    copied, (loaded, told) = publish(release)
    return (*copied, loaded, *alarms, told, watch, *tidy(alarms=own)), back(pointer.parameter, pointer.live)


def publish(release: Release) -> tuple[Steps, Steps]:
    """From the artifact of the version to callers who name it: put under its key; then, as soon as there is an
    endpoint, loaded once and published."""
    stage, pointer = release.stage, release.published
    if stage.smoke is None:
        raise ValueError("a policy of this hosting has a smoke test")
    loaded = warm_up(stage.endpoint, pointer, stage.smoke.content_type, stage.smoke.body)
    told = point(pointer.parameter, pointer.key, f"Publish {pointer.key}: callers name it from now on")
    return (copy(release.version, pointer),), (loaded, told)


def back(parameter: str, stable: str) -> Step:
    """Callers are told ``stable``'s key again; or, if it is empty, nothing, as before."""
    if stable:
        return point(parameter, stable, f"Publish {stable} again, as before")
    return Step("DeleteParameter", "Nothing was published before, so nothing is again", {"Name": parameter})


def pointer_obstacles(
    stage: Stage, endpoint: Endpoint | None, observed: Observed, protection: Protection, writable: str
) -> list[str]:
    """Why the candidate cannot be put under the prefix of ``stage.hosting`` and published. ``writable``: the S3 URI
    under which this stack may write models; empty if it may not. ``endpoint`` is None where it is created first."""
    prefix = stage.hosting.shared_prefix
    asked = [answer.get("found") or {} for _, answer in observed.artifact_answers()]
    size = max((found.get("ContentLength", 0) for found in asked), default=0)
    where = f"this stack may write under {writable} only" if writable else "this stack may write models nowhere"
    key = endpoint and protection.volume_key and endpoint.config_settings.get("KmsKeyId") != protection.volume_key
    obstacles = {
        f"{where}, and the models lie under {prefix}; update the stack with the parameter MultiModelFolder": (
            not writable or not prefix.startswith(writable)
        ),
        f"the artifact has {size / 1024**3:.1f} GiB, and S3 copies at most 5 GiB at once; register a smaller one": (
            size > LARGEST_COPY
        ),
        f"the parameter that callers read could not be read: {observed.cause('pointer')}": (
            bool(observed.cause("pointer")) and not observed.absent("pointer")
        ),
        "the policy requires another network than the endpoint has; name an endpoint that does not exist": (
            endpoint is not None and changes_network(observed, protection)
        ),
        "the policy requires another volume_key than the endpoint has; name an endpoint that does not exist": bool(key),
    }
    return [said for said, stands in obstacles.items() if stands]


def pointer_warnings(stage: Stage) -> list[str]:
    """What a careful policy has and this one does not, and what is left to callers."""
    warnings = {
        "Callers who keep the key that they have read follow the release when they read it again.": True,
        "No evidence rules: only alarms can roll the release back.": not stage.evidence,
    }
    return [said for said, holds in warnings.items() if holds]
