"""What is known about an endpoint's autoscaling."""

from __future__ import annotations

from interlock.delivery.observed import Observed
from interlock.model.observation import Endpoint


def scaled_variants(endpoint: Endpoint, observed: Observed) -> list[str]:
    """The names of the variants that are registered as scalable targets."""
    targets = (observed.found("scaling") or {}).get("ScalableTargets", [])
    prefix = f"endpoint/{endpoint.name}/variant/"
    return [target["ResourceId"].removeprefix(prefix) for target in targets]


def scaling_unread(observed: Observed) -> str:
    """The sentence for an endpoint whose autoscaling could not be read."""
    return f"whether the endpoint is autoscaled could not be read ({observed.cause('scaling')})"
