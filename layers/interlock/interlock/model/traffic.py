"""How traffic is split between the variants of an endpoint."""

from __future__ import annotations

from interlock.model.request import Request


def shares(weights: dict[str, float]) -> dict[str, float]:
    """``weights`` as percentages of their sum; all zero where the sum is zero."""
    total = sum(weights.values())
    return {name: 100 * weight / total if total else 0.0 for name, weight in weights.items()}


def set_weights(endpoint: str, weights: dict[str, float]) -> Request:
    """UpdateEndpointWeightsAndCapacities: ``weights`` of all variants in one call, capacity untouched."""
    return {
        "EndpointName": endpoint,
        "DesiredWeightsAndCapacities": [
            {"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()
        ],
    }
