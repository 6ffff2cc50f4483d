"""What botocore's models say about requests and names."""

from __future__ import annotations

from typing import Any

from rehearsal.account.shapes import misfits, operation_model, service_model, violations


def input_of(service: str, operation: str) -> Any:
    """The shape of an operation's request."""
    return operation_model(service, operation).input_shape


def unfit(shape: Any, value: Any) -> list[str]:
    """Everything that AWS, or the SDK before it, would say against ``value``."""
    return [*misfits(shape, value), *violations(shape, value)]


def limits(service: str, shape: str) -> dict[str, Any]:
    """Lengths and pattern of a name."""
    return dict(service_model(service).shape_for(shape).metadata)


def values(service: str, shape: str) -> list[str]:
    """The values of an enumeration."""
    return list(limits(service, shape)["enum"])
