"""What counts as a change of how a variant scales."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.model.registration import change, read_registration
from tests.unit.examples import ENDPOINT, MORNING, STABLE, STEPS, TRACKING, scaled


def registered(**different: Any) -> dict[str, Any]:
    return read_registration(scaled(**different)["found"], ENDPOINT, STABLE)


def test_only_what_is_of_the_variant_is_its_registration() -> None:
    assert read_registration(scaled()["found"], ENDPOINT, "another") == {}
    assert read_registration({}, ENDPOINT, STABLE) == {}
    assert registered()["policies"] == [TRACKING]
    assert set(registered()["target"]) == {"MinCapacity", "MaxCapacity", "SuspendedState"}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, ""),
        ({"SuspendedState": {"DynamicScalingInSuspended": True}}, ""),
        ({"MinCapacity": 2}, ""),  # the scheduled action sets it
        ({"MinCapacity": 3}, "its MinCapacity is 3, not 1"),
        ({"MaxCapacity": 9}, "its MaxCapacity is 9, not 6"),
        ({"policies": []}, "scaling policy team-tracking is gone"),
        ({"policies": [TRACKING, STEPS]}, "scaling policy team-steps is new"),
        ({"policies": [TRACKING | {"PolicyType": "other"}]}, "scaling policy team-tracking is another one"),
        ({"schedules": []}, "scheduled action morning is gone"),
        ({"schedules": [MORNING | {"Timezone": "Europe/Berlin"}]}, "scheduled action morning is another one"),
    ],
)
def test_a_change_is_told_by_what_has_changed(now: dict[str, Any], said: str) -> None:
    assert change(registered(), registered(**now)) == said


def test_a_variant_that_is_not_registered_any_more_has_changed() -> None:
    assert change(registered(), {}) == "it is not registered as a scalable target any more"
