"""What a release hands on to the stage after it, and which release may begin a stage that asks first."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.delivery.planner import plan_delivery
from interlock.model.names import EXECUTION_NAME_LIMIT, following_name
from interlock.model.plan import PlanDocument
from tests.unit import examples, planned
from tests.unit.staged import PRODUCTION, STAGING, policy

APPROVED = [{"Image": f"{examples.REGISTRY}/sklearn:1.2-1"}]


def plan(asked: dict[str, Any] | None = None, document: str = "", **task: Any) -> PlanDocument:
    answers = examples.answers(endpoint=examples.NO_ENDPOINT, tags=examples.NO_ENDPOINT)
    fields = {"document": document or policy(), "asked": asked or {}, "approved": APPROVED}
    return plan_delivery({**planned.asked(answers), **fields, **task})  # type: ignore[typeddict-item]


def test_the_next_stage_stands_in_the_facts_with_the_input_of_its_release() -> None:
    following = plan({"because": "Version 7 was approved."})["facts"]["following"]
    assert (following["stage"], following["endpoint"], following["entrance"]) == (
        "production",
        "churn-live",
        "churn-live/stage",
    )
    assert following["name"] == "churn-v7-1-2-production"
    goes_on = following["input"]
    assert (goes_on["group"], goes_on["version"], goes_on["endpoint"]) == ("churn", 7, "churn-live")
    assert (goes_on["decided_at"], goes_on["approved"], goes_on["first"]) == (examples.NOW, APPROVED, "churn-v7-1")
    assert "admitted" not in goes_on


def test_the_plan_is_that_of_the_stage_whose_endpoint_was_asked_for() -> None:
    later = plan({"endpoint": "churn-live", "admitted": True, "first": "churn-v7-1"}, release="churn-v7-1-2-production")
    assert (later["facts"]["endpoint"], "following" in later["facts"]) == ("churn-live", False)
    assert plan()["facts"]["endpoint"] == "churn-staging"


def test_of_three_stages_the_names_go_on_from_the_first_release() -> None:
    third = {**PRODUCTION, "name": "everywhere", "endpoint": "churn-all"}
    second = plan({"endpoint": "churn-live", "first": "churn-v7-1"}, policy(STAGING, PRODUCTION, third))
    assert second["facts"]["following"]["name"] == "churn-v7-1-3-everywhere"
    assert second["facts"]["following"]["input"]["first"] == "churn-v7-1"


def test_a_way_back_and_the_only_stage_hand_nothing_on() -> None:
    assert "following" not in plan({"roll_back": True})["facts"]
    assert "following" not in plan(document=policy(PRODUCTION))["facts"]


def test_a_version_that_is_live_in_the_stage_already_goes_on() -> None:
    live = {"version": {"N": "7"}, "config": {"S": examples.STABLE_CONFIG}, "model_group": {"S": examples.GROUP}}
    control = examples.found({"Item": {"live": {"M": live}}})
    document = policy({**STAGING, "endpoint": examples.ENDPOINT}, {**PRODUCTION, "endpoint": "churn-all"})
    refused = plan(document=document, observed=examples.answers(control=control))
    assert (refused["reason"], refused["facts"]["following"]["endpoint"]) == ("AlreadyLive", "churn-all")


@pytest.mark.parametrize(
    ("asked", "begins"),
    [({}, False), ({"admitted": "yes"}, False), ({"admitted": True}, True), ({"roll_back": True}, True)],
)
def test_a_stage_that_asks_first_begins_only_when_it_was_asked(asked: dict[str, Any], begins: bool) -> None:
    made = plan({"endpoint": "churn-live", **asked})
    assert (made["decision"] == "Proceed") is begins
    if not begins:
        assert (made["reason"], made["why"][:44]) == ("InputInvalid", "Stage production asks a person before it beg")


def test_alarms_that_do_not_count_are_handed_on_where_the_next_stage_has_them() -> None:
    alarmed = policy({**STAGING, "alarms": ["a", "b"]}, {**PRODUCTION, "alarms": ["b"]})
    said = {"despite_alarms": ["a", "b"], "despite_freeze": True, "because": "It burns."}
    alarms = examples.found({"MetricAlarms": [{"AlarmName": name, "StateValue": "OK"} for name in "ab"]})
    answers = examples.answers(endpoint=examples.NO_ENDPOINT, tags=examples.NO_ENDPOINT, alarms=alarms)
    goes_on = plan(said, alarmed, observed=answers)["facts"]["following"]["input"]
    assert (goes_on["despite_alarms"], goes_on["despite_freeze"], goes_on["because"]) == (["b"], True, "It burns.")


def test_a_name_leaves_room_for_that_of_a_recovery() -> None:
    long = f"{'g' * 63}-v2147483647-1"
    name = following_name(long, 2, "production")
    assert len(name) <= EXECUTION_NAME_LIMIT - 3
    assert name.startswith(f"{'g' * 63}-v")
    assert name != following_name(long, 3, "production")
