"""What a plan makes says whose it is."""

from __future__ import annotations

import re

import pytest

from interlock.delivery.ownership import Owner
from tests.unit import examples, planned

MAKES = {"CreateModel", "CreateEndpointConfig", "CreateEndpoint", "PutMetricAlarm"}
TAGS = [
    {"Key": "interlock:stack", "Value": "interlock"},
    {"Key": "interlock:group", "Value": "churn"},
    {"Key": "interlock:version", "Value": "7"},
    {"Key": "interlock:release", "Value": "churn-v7-1"},
]


@pytest.mark.parametrize("observed", [None, examples.answers(**examples.NOTHING_YET)])
def test_everything_that_a_release_makes_is_tagged_and_nothing_else(
    observed: dict[str, object] | None,
) -> None:
    steps = planned.deliver(observed)["steps"]
    made = [step for step in steps if step["action"] in MAKES]
    assert len(made) >= 3
    assert all(step["request"]["Tags"] == TAGS for step in made)
    assert not any("Tags" in step["request"] for step in steps if step not in made)


def test_what_a_rollback_makes_is_tagged_too() -> None:
    plan = planned.deliver()
    on_candidate = examples.answers(
        endpoint=examples.found(
            examples.endpoint("InService", plan["facts"]["final_config"], examples.live("churn-v7-1"))
        )
    )
    made = [step for step in planned.roll_back(on_candidate, plan)["steps"] if step["action"] in MAKES]
    assert made
    assert all(step["request"]["Tags"] == TAGS for step in made)


@pytest.mark.parametrize("release", ["churn-v7-1", "it's (a) release!", "é" * 300, "a;b"])
def test_a_release_of_any_name_fits_into_a_tag(release: str) -> None:
    """botocore TagValue."""
    value = Owner("interlock", "churn", 7, release).tags()[-1]["Value"]
    assert re.fullmatch(r"[\w\s.:/=+\-@]{0,256}", value)
