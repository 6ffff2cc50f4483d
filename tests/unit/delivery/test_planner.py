from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.delivery.planner import LOOK_AGAIN, LOOK_AGAIN_AT_MOST, plan_delivery
from interlock.model.plan import LONGEST_WAIT
from tests.unit import examples
from tests.unit.examples import (
    CANARY,
    NOTHING_YET,
    STABLE_CONFIG,
    THROTTLED,
    answers,
    endpoint,
    found,
)
from tests.unit.planned import actions, asked, deliver, roll_back

NATIVE_CANARY = {"kind": "canary", "steps": [50], "bake": "30m"}
PLAIN: dict[str, Any] = {"smoke": None, "evidence": None}
"""A policy that asks only for what guardrails can do."""


def live_version(number: int, config: str = STABLE_CONFIG) -> dict[str, Any]:
    item = {"live": {"M": {"version": {"N": str(number)}, "config": {"S": config}}}}
    return found({"Item": item})


def test_an_endpoint_that_does_not_exist_is_created() -> None:
    plan = deliver(answers(**NOTHING_YET))
    assert (plan["decision"], plan["traffic"]) == ("Proceed", "create")
    assert plan["why"] == "Endpoint churn-live does not exist yet; it is created with this version."
    assert plan["restore"] == {"action": "None", "request": {}}


def test_a_busy_endpoint_is_waited_for() -> None:
    plan = deliver(answers(endpoint=found(endpoint("SystemUpdating"))))
    assert (plan["decision"], plan["reason"], plan["steps"]) == ("Wait", "EndpointBusy", [])
    assert plan["why"] == "Endpoint churn-live is SystemUpdating."


def test_waiting_ends() -> None:
    busy = answers(endpoint=found(endpoint("Updating")))
    assert deliver(busy, waited=LONGEST_WAIT - 60)["decision"] == "Wait"
    plan = deliver(busy, waited=LONGEST_WAIT)
    assert (plan["decision"], plan["reason"]) == ("Refuse", "EndpointBusy")
    assert plan["why"].endswith("Interlock waited for 1 d.")


def test_what_wakes_a_release_does_not_use_up_its_patience() -> None:
    busy = answers(endpoint=found(endpoint("SystemUpdating")))
    assert {deliver(busy, waited=second)["decision"] for second in range(1, 60)} == {"Wait"}
    assert deliver(busy, waited=11 * 3600)["decision"] == "Wait"


@pytest.mark.parametrize(("waited", "pause"), [(100, LOOK_AGAIN), (1000, 100), (36000, LOOK_AGAIN_AT_MOST)])
def test_what_aws_cannot_answer_for_long_is_asked_less_often(waited: int, pause: int) -> None:
    assert deliver(answers(endpoint=THROTTLED), waited=waited)["pause"] == pause


def test_what_has_settled_at_the_last_look_goes_ahead() -> None:
    assert deliver(waited=LONGEST_WAIT)["decision"] == "Proceed"


def test_a_plan_that_is_too_large_to_be_handed_over_is_refused() -> None:
    latencies = [f"{statistic}_latency" for statistic in ("mean", "p50", "p90", "p95", "p99", "p99_9")]
    rules = [{"metric": name, "margin": "25%"} for name in latencies] + [{"metric": n, "max": "1s"} for n in latencies]
    rules += [{"metric": n, "margin": "25%"} for n in ("error_rate", "client_error_rate", "model_error_rate", "cpu")]
    assert deliver(evidence=rules)["decision"] == "Proceed"
    plan = deliver(evidence=rules, strategy=CANARY | {"steps": list(range(5, 65, 5))})
    assert (plan["decision"], plan["reason"]) == ("Refuse", "StrategyImpossible")
    assert plan["why"].endswith("KiB; at most 200 KiB are possible. Write fewer steps or rules.")


def test_a_question_that_aws_could_not_answer_is_soon_retried() -> None:
    plan = deliver(answers(version=THROTTLED))
    assert (plan["decision"], plan["reason"], plan["pause"]) == ("Wait", "AwsUnavailable", LOOK_AGAIN)
    assert "Rate exceeded" in plan["why"]


def test_a_refusal_of_preflight_is_the_plans() -> None:
    plan = deliver(answers(version=found(examples.package(ModelApprovalStatus="Rejected"))))
    assert (plan["decision"], plan["reason"], plan["steps"]) == ("Refuse", "VersionNotApproved", [])
    assert "approve it first" in plan["why"]


@pytest.mark.parametrize(
    ("control", "decision"),
    [
        (live_version(7), "Refuse"),
        (live_version(6), "Proceed"),
        (live_version(7, "an-older-config"), "Proceed"),
        (found({"Item": {}}), "Proceed"),
        ({}, "Proceed"),
    ],
)
def test_a_version_that_is_live_already_is_not_released_again(control: dict[str, Any], decision: str) -> None:
    plan = deliver(answers(control=control))
    assert plan["decision"] == decision
    assert (plan["reason"] == "AlreadyLive") == (decision == "Refuse")


@pytest.mark.parametrize(("live", "again"), [(6, False), (7, True)])
def test_a_version_that_goes_live_again_replaces_no_other(live: int, again: bool) -> None:
    assert deliver(answers(control=live_version(live, "an-older-config")))["facts"]["again"] is again


def test_a_plan_tells_the_alarms_that_end_the_release_its_own_and_the_teams() -> None:
    plan = deliver(answers(alarms=found({"MetricAlarms": [{"AlarmName": "a", "StateValue": "OK"}]})), alarms=["a"])
    assert plan["watched"] == "|interlock-churn-v7-1-error-rate|interlock-churn-v7-1-p99-latency|a|"


def test_a_plan_carries_what_people_are_told_on_the_way() -> None:
    plan = deliver()
    started, paused = plan["notices"]["started"], plan["notices"]["paused"]
    assert started["subject"] == "[Interlock] churn v7 starts"
    assert started["body"].startswith("Started: version 7 of churn goes to endpoint churn-live (canary by weights). ")
    assert plan["why"] in started["body"]
    assert started["body"].endswith("Release: churn-v7-1")
    assert paused["subject"] == "[Interlock] churn v7 is paused"
    assert "Resume or abort it with operate; after 1 d it is rolled back." in paused["body"]


def test_what_is_wrong_with_the_policy_is_told_at_the_start() -> None:
    said = "The policy of churn is not valid. The last good one stays in force."
    plan = plan_delivery({**asked(), "policy_sentence": said})
    assert said in plan["notices"]["started"]["body"]


def test_a_plan_that_is_not_carried_out_announces_nothing() -> None:
    assert deliver(answers(endpoint=found(endpoint("Updating"))))["notices"] == {}
    assert roll_back(answers(), deliver())["notices"] == {}


def test_a_pause_has_an_end_and_its_reason_is_known_from_the_start() -> None:
    plan = deliver()
    assert plan["longest_pause"] == 86_400
    assert plan["pause_expired"] == {
        "reason": "PauseExpired",
        "sentence": "The release was paused for 1 d and nobody resumed it.",
    }


@pytest.mark.parametrize(("then", "told"), [("hold", True), ("roll_back", False), ("promote", False)])
def test_a_bake_that_may_be_held_carries_the_beginning_of_what_people_are_told(then: str, told: bool) -> None:
    plan = deliver(inconclusive={"extensions": 1, "then": then})
    (opening,) = {json.dumps(step["bake"].get("held")) for step in plan["steps"] if step["action"] == "Bake"}
    held = {
        "subject": "[Interlock] churn v7 waits for a person",
        "body": "Waiting: release churn-v7-1 on endpoint churn-live",
    }
    assert json.loads(opening) == (held if told else None)


def test_what_a_plan_creates_is_listed_with_the_step_that_creates_it() -> None:
    plan = deliver()
    made = {(thing["step"], thing["kind"], thing["name"]) for thing in plan["facts"]["made"]}
    assert (0, "model", "interlock-churn-v7-1") in made
    for index, _, name in made:
        assert name in plan["steps"][index]["request"].values()
    assert len(made) == sum(action.startswith(("Create", "Put")) for action in actions(plan))


def test_a_plan_is_the_same_each_time() -> None:
    assert json.dumps(deliver()) == json.dumps(deliver())
