from __future__ import annotations

import json

import pytest

from interlock.model.plan import Decision, Plan, Step
from interlock.model.reasons import Reason

SHIFT = Step("UpdateEndpointWeightsAndCapacities", "shift")
SWAP = Step("UpdateEndpoint", "swap", expect={"config": "c", "shares": {}}, patience=60)
BAKE = Step("Bake", "watch", bake={"seconds": 600})
BACK = Step("UpdateEndpointWeightsAndCapacities", "back")


def plan(traffic: str, *steps: Step, restore: Step | None = BACK, watched: tuple[str, ...] = ()) -> Plan:
    return Plan(
        Decision.PROCEED, Reason.ACCEPTED, "why", traffic=traffic, steps=steps, restore=restore, watched=watched
    )


@pytest.mark.parametrize(
    ("made", "index"),
    [
        (plan("weights", SWAP, SHIFT, BAKE, SHIFT), 1),
        (plan("native", BAKE, SWAP, BAKE), 1),
        (plan("weights", SWAP, BAKE), 2),
        (plan("create", SWAP, restore=None), 1),
        (plan("native"), 0),
    ],
)
def test_restore_has_something_to_put_back_from_the_first_step_that_moves_traffic(made: Plan, index: int) -> None:
    assert made.restore_from == made.as_dict()["restore_from"] == index


def test_a_step_waits_only_where_something_is_expected() -> None:
    assert SWAP.as_dict() == {
        "action": "UpdateEndpoint",
        "note": "swap",
        "request": {},
        "awaits": True,
        "hears": "|Abort|Pause|",
        "expect": {"config": "c", "shares": {}},
        "patience": 60,
    }
    heard = {"hears": "|Abort|Pause|"}
    assert SHIFT.as_dict() == {"action": SHIFT.action, "note": "shift", "request": {}, "awaits": False} | heard
    assert BAKE.as_dict()["bake"] == {"seconds": 600}


def test_a_plan_without_a_restore_step_says_so_in_the_same_shape() -> None:
    assert plan("create", restore=None).as_dict()["restore"] == {"action": "None", "request": {}}
    assert plan("weights").as_dict()["restore"] == BACK.as_dict()


@pytest.mark.parametrize(("names", "written"), [((), "|"), (("a",), "|a|"), (("a", "b"), "|a|b|")])
def test_watched_alarms_differ_from_alarms_whose_names_contain_theirs(names: tuple[str, ...], written: str) -> None:
    assert plan("weights", watched=names).as_dict()["watched"] == written


def test_a_plan_is_plain_data() -> None:
    read = json.loads(json.dumps(plan("weights", SWAP, BAKE).as_dict()))
    assert read == plan("weights", SWAP, BAKE).as_dict()
    assert (read["decision"], read["reason"], read["pause"]) == ("Proceed", "Accepted", 1800)


def test_only_a_plan_that_has_to_measure_says_what() -> None:
    measure = {"queries": [], "start": "2026-01-04T09:00:00.000Z", "end": "2026-01-05T09:00:00.000Z"}
    assert Plan(Decision.MEASURE, Reason.ACCEPTED, "why", measure=measure).as_dict()["measure"] == measure
    assert "measure" not in plan("weights").as_dict()
