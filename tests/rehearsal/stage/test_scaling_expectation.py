"""How an endpoint is autoscaled at the end is told apart from everything else."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from rehearsal.report.result import Final, Result
from rehearsal.scenario.expectations import Expected

READ: TypeAdapter[Any] = TypeAdapter(Expected)
WANTED = {"autoscaled": "digits", "min": 1, "max": 4, "policies": ["team"], "schedules": ["morning"]}


def result(variant: str = "v2", **different: Any) -> Result:
    target = {"MinCapacity": 1, "MaxCapacity": 4, "SuspendedState": {"DynamicScalingInSuspended": False}}
    registered = {"target": target, "policies": {"team": {}}, "schedules": {"morning": {}}} | different
    final = Final(registered={f"endpoint/digits/variant/{variant}": registered}, variants={"digits": ("v2",)})
    return Result("scaled", "", 1, 0.0, 1.0, 0.0, final=final)


@pytest.mark.parametrize(
    ("found", "held"),
    [
        (result(), True),
        (result("v1"), False),
        (result(policies={}), False),
        (result(schedules={}), False),
        (result(target={"MinCapacity": 1, "MaxCapacity": 9, "SuspendedState": {}}), False),
        (
            result(target={"MinCapacity": 1, "MaxCapacity": 4, "SuspendedState": {"DynamicScalingInSuspended": True}}),
            False,
        ),
        (Result("nothing", "", 1, 0.0, 1.0, 0.0, final=Final(variants={"digits": ("v2",)})), False),
    ],
)
def test_an_endpoint_is_autoscaled_as_expected_or_not(found: Result, held: bool) -> None:
    assert all(finding.held for finding in READ.validate_python(WANTED).findings(found)) is held
