"""What a policy may say of autoscaling."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from tests.unit.examples import GROUP, document

ASKED = {"min": 2, "max": 8, "invocations_per_instance": 600}


def _document(instances: int = 2, **different: Any) -> str:
    return document(hosting={"instance_type": "ml.m5.large", "instances": instances, "autoscaling": ASKED | different})


def test_cooldowns_are_five_minutes_unless_the_policy_says_otherwise() -> None:
    """docs: endpoint-auto-scaling-add-code-define, the defaults of Application Auto Scaling for variants."""
    asked = read_policy(_document(scale_in_cooldown="10m"), GROUP).stage.hosting.scaling
    assert asked
    assert (asked.scale_in_cooldown, asked.scale_out_cooldown) == (600, 300)


@pytest.mark.parametrize(
    ("instances", "different", "said"),
    [
        (1, {}, "scales from 2 to 8, and instances is 1; write instances within these bounds"),
        (9, {}, "scales from 2 to 8, and instances is 9; write instances within these bounds"),
        (2, {"max": 1}, "min is 2, and max is 1; write a max that is not smaller"),
        (2, {"min": 0}, "autoscaling.min"),
        (2, {"invocations_per_instance": 0}, "autoscaling.invocations_per_instance"),
        (2, {"scale_in_cooldown": 300}, "autoscaling.scale_in_cooldown"),
        (2, {"target": 70}, "autoscaling.target"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(instances: int, different: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=r"hosting\.autoscaling") as caught:
        read_policy(_document(instances, **different), GROUP)
    assert said in str(caught.value)
