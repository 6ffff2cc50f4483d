"""Calls that are checked both ways against botocore's model of the service, as the gateway checks them."""

from __future__ import annotations

from typing import Any

from rehearsal.account.shapes import misfits, operations, violations
from rehearsal.aws import Caller

PERSON = Caller("person")


def checked(service: str, simulator: Any, operation: str, request: dict[str, Any]) -> Any:
    """The simulator's answer; AssertionError when request or answer is not as botocore has it."""
    model = operations(service)[operation]
    assert [*misfits(model.input_shape, request), *violations(model.input_shape, request)] == []
    answer = getattr(simulator, operation)(request, PERSON)
    if model.output_shape is not None:
        assert [*misfits(model.output_shape, answer), *violations(model.output_shape, answer)] == []
    else:
        assert answer == {}
    return answer
