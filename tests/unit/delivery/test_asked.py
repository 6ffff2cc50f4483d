"""A way back goes all at once; alarms that a person named do not count."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from interlock.delivery.planner import plan_delivery
from interlock.model.plan import PlanDocument
from tests.unit.examples import ALL_AT_ONCE, CANARY, ROLLING, SHADOW, answers, endpoint, found
from tests.unit.planned import asked, deliver, stages

RINGS = found(
    {
        "MetricAlarms": [
            {"AlarmName": name, "StateValue": value} for name, value in (("rings", "ALARM"), ("quiet", "OK"))
        ]
    }
)
ALARMED: dict[str, Any] = {"alarms": ["rings", "quiet"]}
WHY = "Ann asked to release because: production burns."


def plan(said: Any, observed: Any = None, **fields: Any) -> PlanDocument:
    return plan_delivery({**asked(observed or answers(alarms=RINGS), **fields), "decided_at": None, "asked": said})


@pytest.mark.parametrize("strategy", [CANARY, ALL_AT_ONCE, ROLLING, SHADOW], ids=lambda each: each["kind"])
def test_a_way_back_is_one_move_that_only_alarms_guard(strategy: dict[str, Any]) -> None:
    evidence = {"evidence": None, "smoke": None} if strategy["kind"] == "rolling" else {}
    document = plan({"roll_back": True}, alarms=["quiet"], strategy=strategy, **evidence)
    assert (document["decision"], document["strategy"]) == ("Proceed", "all_at_once")
    bakes = [step["bake"] for step in document["steps"] if step["action"] == "Bake"]
    assert len(bakes) <= 1
    assert all(not bake["rules"] and bake["seconds"] <= 600 for bake in bakes)
    assert "|quiet|" in document["watched"]
    assert "It goes back to this version all at once, without evidence." in document["warnings"]


@settings(max_examples=60, deadline=None)
@given(stages)
def test_whatever_the_policy_says_a_release_that_can_go_forward_can_go_back(fields: dict[str, Any]) -> None:
    if deliver(answers(), **fields)["decision"] == "Proceed":
        back = plan({"roll_back": True}, answers(), **fields)
        assert (back["decision"], back["strategy"]) == ("Proceed", "all_at_once"), back["why"]


def test_a_way_back_takes_no_longer_than_the_policy_bakes() -> None:
    document = plan({"roll_back": True}, strategy={"kind": "canary", "steps": [50], "bake": "2m"})
    assert [step["bake"]["seconds"] for step in document["steps"] if step["action"] == "Bake"] == [120]


def test_a_way_back_may_lead_to_a_version_that_is_older_than_the_live_one() -> None:
    live = {"version": {"N": "9"}, "config": {"S": "x"}, "decided_at": {"S": "2026-01-05T08:59:00.000Z"}}
    later = answers(control=found({"Item": {"live": {"M": live}}}))
    assert plan({"roll_back": True}, later)["decision"] == "Proceed"


@pytest.mark.parametrize(
    ("different", "reason"),
    [
        ({"quarantine": found({"Item": {"sentence": {"S": "Bad."}}})}, "VersionQuarantined"),
        ({"version": {"error": "SageMaker.ValidationException", "cause": "does not exist"}}, "VersionNotFound"),
    ],
)
def test_a_way_back_is_refused_by_name(different: dict[str, Any], reason: str) -> None:
    assert plan({"roll_back": True}, answers(**different))["reason"] == reason


def test_a_way_back_goes_to_the_endpoint_that_was_named_or_nowhere() -> None:
    assert plan({"roll_back": True, "endpoint": "churn-live"})["decision"] == "Proceed"
    document = plan({"roll_back": True, "endpoint": "churn-old"})
    said = "The policy names endpoint churn-live, not churn-old; change it, or name that endpoint."
    assert (document["decision"], document["reason"], document["why"]) == ("Refuse", "InputInvalid", said)


def test_an_alarm_that_rings_refuses_a_release_unless_a_person_names_it() -> None:
    assert plan(None, **ALARMED)["reason"] == "AlarmAlreadyRaised"
    document = plan({"despite_alarms": ["rings"], "because": WHY}, **ALARMED)
    assert document["decision"] == "Proceed"
    assert "|quiet|" in document["watched"]
    assert "|rings|" not in document["watched"]
    assert not any("rings" in str(step.get("bake", {}).get("alarms")) for step in document["steps"])
    assert document["warnings"][:2] == ["These alarms of the policy do not count for this release: rings.", WHY]
    assert document["facts"]["because"] == WHY


def test_another_alarm_that_rings_refuses_it_all_the_same() -> None:
    assert plan({"despite_alarms": ["quiet"]}, **ALARMED)["reason"] == "AlarmAlreadyRaised"


@pytest.mark.parametrize(
    ("alarms", "said"),
    [
        (["rings", "quiet"], "despite_alarms: ring is no alarm of the policy; they are rings, quiet."),
        (None, "despite_alarms: ring is no alarm of the policy; it has none."),
    ],
)
def test_an_alarm_that_the_policy_does_not_have_is_named(alarms: list[str] | None, said: str) -> None:
    document = plan({"despite_alarms": ["ring"]}, alarms=alarms)
    assert (document["decision"], document["reason"], document["why"]) == ("Refuse", "InputInvalid", said)


def test_while_it_waits_for_the_endpoint_the_alarm_does_not_count_either() -> None:
    busy = answers(alarms=RINGS, endpoint=found(endpoint("Updating")))
    assert plan({"despite_alarms": ["rings"]}, busy, **ALARMED)["watched"] == "|quiet|"
    assert plan(None, answers(endpoint=found(endpoint("Updating"))))["watched"] == "|"
