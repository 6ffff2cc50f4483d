"""How traffic is split between the variants of an endpoint."""

from __future__ import annotations

from interlock.model.request import Request

SHARE_TOLERANCE = 0.1
"""Percentage points; weights are floats."""


def shares(weights: dict[str, float]) -> dict[str, float]:
    """``weights`` as percentages of their sum; all zero where the sum is zero."""
    total = sum(weights.values())
    return {name: 100 * weight / total if total else 0.0 for name, weight in weights.items()}


def same_shares(some: dict[str, float], others: dict[str, float]) -> bool:
    """Whether both split the traffic alike, between the same variants."""
    return set(some) == set(others) and all(abs(some[name] - others[name]) <= SHARE_TOLERANCE for name in some)


def set_capacity(endpoint: str, variant: str, instances: int) -> Request:
    """UpdateEndpointWeightsAndCapacities: the ``instances`` of one variant, weights untouched."""
    change = {"VariantName": variant, "DesiredInstanceCount": instances}
    return {"EndpointName": endpoint, "DesiredWeightsAndCapacities": [change]}


def set_weights(endpoint: str, weights: dict[str, float]) -> Request:
    """UpdateEndpointWeightsAndCapacities: ``weights`` of all variants in one call, capacity untouched."""
    return {
        "EndpointName": endpoint,
        "DesiredWeightsAndCapacities": [
            {"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()
        ],
    }
