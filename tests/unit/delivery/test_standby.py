"""After success stable stays beside the version that is live, so that one call takes it back."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.evidence.findings import Verdict
from interlock.evidence.judge import follow
from tests.unit import examples
from tests.unit.examples import AUTOSCALED, RELEASE, STABLE, answers, endpoint, found, live
from tests.unit.fake_account import Account, walk
from tests.unit.planned import ADOPTED, LIKE_STABLE, actions, deliver, roll_back

BOTH: dict[str, Any] = {"rollback": {"watch": "1h", "standby": "2h"}}
SIDE_BY_SIDE, FINAL = "interlock-churn-v7-1-canary", "interlock-churn-v7-1"
LIVE = {"M": {"version": {"N": "6"}, "config": {"S": "before"}}}
EARLIER = {"M": {"version": {"N": "5"}, "config": {"S": "long-before"}}}


def after_success(plan: Any) -> list[dict[str, Any]]:
    """The steps between the last bake before success and the removal of stable."""
    names, end = actions(plan), len(actions(plan)) - 1 - actions(plan)[::-1].index("UpdateEndpoint")
    return list(plan["steps"][names.index("None") : end])


def at(candidate: float, config: str = SIDE_BY_SIDE) -> dict[str, Any]:
    """What is seen of an endpoint on which the candidate has so many percent beside stable."""
    variants = [STABLE, RELEASE] if config == SIDE_BY_SIDE else [RELEASE]
    settings = examples.endpoint_config(config, *(examples.production_variant(name) for name in variants))
    both = (live(STABLE, 100.0 - candidate), live(RELEASE, candidate))
    return answers(
        endpoint=found(endpoint("InService", config, *both[-len(variants) :])), endpoint_config=found(settings)
    )


def test_the_version_is_live_then_watched_and_then_stable_stands_by_for_the_rest() -> None:
    live_now, watch, rest = after_success(deliver(**BOTH))
    assert (live_now["action"], live_now["live"]) == ("None", True)
    assert (watch["bake"]["seconds"], watch["bake"]["percent"]) == (3600, 100)
    assert watch["bake"]["first"] + (watch["bake"]["looks"] - 1) * watch["bake"]["wait"] + rest["bake"]["first"] == 7200


@pytest.mark.parametrize(
    ("rollback", "waits"),
    [({"standby": "2h"}, [7200]), ({"watch": "1h"}, [3600]), ({"watch": "1h", "standby": "1h"}, [3600]), ({}, [])],
)
def test_a_policy_may_ask_for_one_of_the_two(rollback: dict[str, str], waits: list[int]) -> None:
    plan = deliver(rollback=rollback)
    assert [step["bake"]["seconds"] for step in (after_success(plan) if waits else []) if "bake" in step] == waits
    assert ("standby" in plan["facts"]) == bool(waits)


def test_without_a_rollback_section_the_plan_has_no_step_more() -> None:
    assert "None" not in actions(deliver())


def test_in_both_waits_nothing_can_be_paused_and_a_newer_release_ends_them() -> None:
    steps = after_success(deliver(**BOTH))
    assert [step["hears"] for step in steps] == ["|Abort|", "|Abort|Promote|", "|Abort|Promote|"]
    assert [step["bake"]["yields"] for step in steps[1:]] == [True, True]


def test_the_watch_judges_what_needs_no_stable_and_the_rest_only_alarms() -> None:
    _, watch, rest = after_success(deliver(**BOTH, **LIKE_STABLE))
    assert [rule["bound"] for rule in watch["bake"]["rules"]] == ["max"]
    assert rest["bake"]["rules"] == []
    assert watch["bake"]["alarms"] == rest["bake"]["alarms"] != []


def test_the_watch_is_looked_at_as_often_as_the_last_bake() -> None:
    strategy = {"kind": "canary", "steps": [50], "bake": ["30m", "10m"], "looks": 2}
    _, watch, _ = after_success(deliver(**BOTH, strategy=strategy))
    assert (watch["bake"]["looks"], watch["bake"]["wait"]) == (12, 300)


def test_a_long_watch_has_at_most_so_many_looks_as_an_execution_can_carry() -> None:
    _, watch = after_success(deliver(rollback={"watch": "7d"}))
    assert watch["bake"]["looks"] == 48
    assert watch["bake"]["period"] * 300 >= 7 * 86_400


def test_bakes_and_watch_together_are_wrong_no_more_often_than_bakes_alone() -> None:
    """Each has data of its own, so each gets half of the chance to roll a good version back."""
    alphas = [
        {rule["alpha"] for step in deliver(**fields)["steps"] if "bake" in step for rule in step["bake"]["rules"]}
        for fields in ({}, BOTH)
    ]
    assert [{alpha / 2 for alpha in alphas[0]}] == alphas[1:]


@pytest.mark.parametrize("verdict", ["Pass", "Inconclusive", "Error"])
def test_a_version_that_is_live_is_taken_back_by_a_fail_only(verdict: str) -> None:
    bake = after_success(deliver(**BOTH))[1]["bake"]
    assert follow(Verdict(verdict), bake, bake["looks"]) == ("Advance", 0)
    assert follow(Verdict.FAIL, bake, 1) == ("RollBack", 0)


def test_an_autoscaled_endpoint_has_no_standby() -> None:
    plan = deliver(answers(**AUTOSCALED), **BOTH)
    assert (plan["decision"], plan["reason"]) == ("Refuse", "StrategyImpossible")
    assert "autoscaled" in plan["why"]
    assert "leave rollback out" in plan["why"]
    assert deliver(answers(**AUTOSCALED))["decision"] == "Proceed"


def test_a_strategy_that_guardrails_could_carry_out_goes_by_weights() -> None:
    native: dict[str, Any] = {"strategy": {"kind": "all_at_once", "bake": "10m"}, "smoke": None, "evidence": None}
    plans = [deliver(**native), deliver(**native, **BOTH)]
    assert [plan["traffic"] for plan in plans] == ["native", "weights"]
    assert "guardrails end stable, which should stand by" in plans[1]["why"]


def test_the_plan_says_what_a_standby_costs() -> None:
    [warned] = [said for said in deliver(**BOTH)["warnings"] if "Standby" in said]
    assert warned == "Standby: stable stays for 2 h after success, and the instances are paid for so long."


def test_a_first_deployment_says_that_nothing_stands_by() -> None:
    plan = deliver(answers(**examples.NOTHING_YET), **BOTH)
    assert "First deployment: there is no stable variant that could stand by." in plan["warnings"]
    assert "standby" not in plan["facts"]


def test_a_rollback_knows_what_the_ledger_said_before() -> None:
    control = found({"Item": {"live": LIVE, "previous": EARLIER, "holder": {"S": "me"}}})
    assert deliver(answers(control=control), **BOTH)["facts"]["standby"]["before"] == {
        "live": LIVE,
        "previous": EARLIER,
    }
    assert deliver(**BOTH)["facts"]["standby"]["before"] == {}


def test_in_standby_a_dead_release_goes_forward_and_leaves_no_second_fleet() -> None:
    plan = deliver(**BOTH)
    back = roll_back(at(100.0), plan, reached=plan["facts"]["standby"]["from"], reason="ExecutionStopped")
    assert (back["reason"], actions(back)[:2]) == ("RecoveredForward", ["None", "UpdateEndpoint"])
    assert back["steps"][0]["live"]
    assert back["steps"][1]["request"]["EndpointConfigName"] == FINAL
    assert {step["hears"] for step in back["steps"]} == {"|"}
    assert "DeleteModel" not in actions(back)


@pytest.mark.parametrize(
    ("reason", "candidate", "before"),
    [("ExecutionStopped", 100.0, 1), ("ExecutionStopped", 40.0, 0), ("AbortedByPerson", 100.0, 0)],
)
def test_before_it_is_live_or_if_somebody_moved_traffic_or_said_so_it_goes_back(
    reason: str, candidate: float, before: int
) -> None:
    plan = deliver(**BOTH)
    back = roll_back(at(candidate), plan, reached=plan["facts"]["standby"]["from"] - before, reason=reason)
    assert actions(back)[0] == "UpdateEndpointWeightsAndCapacities"
    assert not any(step.get("live") for step in back["steps"])


@pytest.mark.parametrize("reason", ["ExecutionStopped", "AlarmRaised"])
def test_from_every_step_of_a_standby_a_recovery_leaves_one_variant_and_nothing_of_the_other(reason: str) -> None:
    steps = len(deliver(**BOTH)["steps"])
    for reached in range(deliver(**BOTH)["facts"]["standby"]["from"], steps):
        account = Account(exists=True, instances=3)
        plan = deliver(account.answers(), **BOTH)
        assert walk(account, plan, "deliver", reached) == "Done"
        back = roll_back(account.answers(), plan, reached=reached, reason=reason)
        assert walk(account, back, "roll_back") == "Done"
        kept = FINAL if reason == "ExecutionStopped" else account.config
        assert (account.config, list(account.shares().values()), account.alarms) == (kept, [100], set())
        assert SIDE_BY_SIDE not in account.configs


def test_an_adopted_endpoint_keeps_its_variant_in_standby() -> None:
    assert after_success(deliver(ADOPTED, **BOTH))[0]["live"]
