from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.delivery.planner import LOOK_AGAIN, MOST_WAITS
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
from tests.unit.planned import actions, deliver

NATIVE_CANARY = {"kind": "canary", "steps": [50], "bake": "30m"}
PLAIN: dict[str, Any] = {"smoke": None, "evidence": None}
"""A policy that wants nothing that guardrails cannot do."""


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
    assert deliver(busy, waits=MOST_WAITS - 1)["decision"] == "Wait"
    plan = deliver(busy, waits=MOST_WAITS)
    assert (plan["decision"], plan["reason"]) == ("Refuse", "EndpointBusy")
    assert plan["why"].endswith("Interlock waited 20 times.")


def test_what_has_settled_at_the_last_look_goes_ahead() -> None:
    assert deliver(waits=MOST_WAITS)["decision"] == "Proceed"


def test_a_plan_that_is_too_large_to_be_handed_over_is_refused() -> None:
    latencies = [f"{statistic}_latency" for statistic in ("mean", "p50", "p90", "p95", "p99", "p99_9")]
    rules = [{"metric": name, "margin": "25%"} for name in latencies] + [{"metric": n, "max": "1s"} for n in latencies]
    rules += [{"metric": n, "margin": "25%"} for n in ("error_rate", "client_error_rate", "model_error_rate", "cpu")]
    assert deliver(evidence=rules)["decision"] == "Proceed"
    plan = deliver(evidence=rules, strategy=CANARY | {"steps": list(range(5, 65, 5))})
    assert (plan["decision"], plan["reason"]) == ("Refuse", "StrategyImpossible")
    assert plan["why"].endswith("KiB; at most 200 KiB are possible. Write fewer steps or rules.")


def test_a_question_that_aws_could_not_answer_is_soon_asked_again() -> None:
    plan = deliver(answers(version=THROTTLED))
    assert (plan["decision"], plan["reason"], plan["pause"]) == ("Wait", "AwsRefused", LOOK_AGAIN)
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


def test_a_plan_tells_the_alarms_that_end_the_release_its_own_and_the_teams() -> None:
    plan = deliver(answers(alarms=found({"MetricAlarms": [{"AlarmName": "a", "StateValue": "OK"}]})), alarms=["a"])
    assert plan["watched"] == "|interlock-churn-v7-1-error-rate|interlock-churn-v7-1-p99-latency|a|"


def test_what_a_plan_creates_is_listed_with_the_step_that_creates_it() -> None:
    plan = deliver()
    made = {(thing["step"], thing["kind"], thing["name"]) for thing in plan["facts"]["made"]}
    assert (0, "model", "interlock-churn-v7-1") in made
    for index, _, name in made:
        assert name in plan["steps"][index]["request"].values()
    assert len(made) == sum(action.startswith(("Create", "Put")) for action in actions(plan))


def test_a_plan_is_the_same_each_time() -> None:
    assert json.dumps(deliver()) == json.dumps(deliver())
