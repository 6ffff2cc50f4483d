"""The registration with Application Auto Scaling follows the variant that serves, and comes back with stable."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from interlock.hosting.step_scaling import StepScaling
from interlock.model.plan import PlanDocument
from interlock.model.registration import read_registration
from interlock.model.step_policies import is_own, starting_alarm
from tests.unit import examples
from tests.unit.examples import AUTOSCALED, DENIED, ENDPOINT, NOTHING_YET, RELEASE, STABLE, answers, found, scaled
from tests.unit.fake_account import Account, walk
from tests.unit.planned import actions, deliver, request, roll_back, stages

ASKED = {"min": 2, "max": 8, "invocations_per_instance": 600, "scale_in_cooldown": "10m"}
BY_STEPS: dict[str, Any] = {
    "min": 2,
    "max": 8,
    "by_steps": [
        {"metric": "cpu", "above": 70, "steps": [{"adjust": 1}, {"beyond": 20, "adjust": 3}]},
        {"metric": "cpu", "below": 20, "minutes": 15, "steps": [{"adjust": -1}]},
    ],
}
BY_POLICY: dict[str, Any] = {"hosting": {"instance_type": "ml.m5.large", "instances": 2, "autoscaling": ASKED}}
NATIVE: dict[str, Any] = {
    "strategy": {"kind": "canary", "steps": [50], "bake": "30m", "traffic": "native"},
    "smoke": None,
    "evidence": None,
}
STEPS = [StepScaling.model_validate(each).policy for each in BY_STEPS["by_steps"]]
OWN = "interlock-invocations-per-instance"
BEFORE = read_registration(AUTOSCALED["scaling"]["found"], ENDPOINT, STABLE)
SCALING = (
    *("RegisterScalableTarget", "PutScalingPolicy", "PutScheduledAction"),
    *("DeleteScalingPolicy", "DeregisterScalableTarget"),
)


def in_short(plan: PlanDocument) -> list[str]:
    """The steps, those about autoscaling with their variant."""
    return [
        f"{step['action']} {step['request']['ResourceId'].rpartition('/')[2]}"
        if step["action"] in SCALING
        else step["action"]
        for step in plan["steps"]
        if step["action"] not in ("CreateModel", "CreateEndpointConfig", "PutMetricAlarm")
    ]


def test_the_candidate_is_registered_before_it_gets_traffic_and_stable_deregistered_before_it_is_removed() -> None:
    assert in_short(deliver(answers(**AUTOSCALED))) == [
        "UpdateEndpoint",
        f"RegisterScalableTarget {STABLE}",
        f"RegisterScalableTarget {RELEASE}",
        f"PutScalingPolicy {RELEASE}",
        f"PutScheduledAction {RELEASE}",
        "InvokeEndpoint",
        *["UpdateEndpointWeightsAndCapacities", "Bake"] * 4,
        f"RegisterScalableTarget {RELEASE}",
        f"DeregisterScalableTarget {STABLE}",
        "UpdateEndpoint",
        "DeleteAlarms",
        "DeleteEndpointConfig",
    ]


def test_while_the_traffic_moves_no_instance_is_removed() -> None:
    """A variant with little traffic would be scaled in, and may get all of it a moment later."""
    plan = deliver(answers(**AUTOSCALED))
    held, candidate, ends = (request(plan, "RegisterScalableTarget", index) for index in range(3))
    for each in (held, candidate):
        assert each["SuspendedState"] == BEFORE["target"]["SuspendedState"] | {"DynamicScalingInSuspended": True}
    assert ends["SuspendedState"] == BEFORE["target"]["SuspendedState"]
    assert "MinCapacity" not in held | ends


def test_a_policy_is_carried_over_as_it_is_but_for_the_variant_in_its_dimensions() -> None:
    plan = deliver(answers(**AUTOSCALED))
    put = request(plan, "PutScalingPolicy")
    tracked = put["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    assert tracked["Dimensions"][1] == {"Name": "VariantName", "Value": RELEASE}
    was = BEFORE["policies"][0]["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    assert tracked | {"Dimensions": []} == was | {"Dimensions": []}
    assert request(plan, "PutScheduledAction").items() >= examples.MORNING.items()


def test_an_endpoint_that_does_not_scale_has_no_step_about_it() -> None:
    assert not set(SCALING) & set(actions(deliver()))
    assert deliver()["facts"]["scaling"] == {}


def test_what_the_policy_asks_for_takes_the_place_of_what_tracked_the_same() -> None:
    metric = {"PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}
    team = examples.TRACKING | {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1.0} | metric}
    plan = deliver(answers(scaling=scaled(policies=[team])), **BY_POLICY)
    (put,) = (step["request"] for step in plan["steps"] if step["action"] == "PutScalingPolicy")
    assert put["PolicyName"] == OWN
    assert put["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 600.0,
        **metric,
        "ScaleInCooldown": 600,
        "ScaleOutCooldown": 300,
    }
    registered = request(plan, "RegisterScalableTarget", 1)
    assert (registered["MinCapacity"], registered["MaxCapacity"]) == (2, 8)


def test_a_maximum_below_what_serves_is_raised_and_the_plan_warns() -> None:
    """Application Auto Scaling removes at once what is above the maximum (botocore RegisterScalableTarget)."""
    fleet = found(examples.endpoint("InService", examples.STABLE_CONFIG, examples.live(instances=9)))
    plan = deliver(answers(endpoint=fleet, **AUTOSCALED), **BY_POLICY)
    assert request(plan, "RegisterScalableTarget", 1)["MaxCapacity"] == 9
    assert "Live capacity is kept: 9 instances, more than autoscaling.max, which is 8." in plan["warnings"]


def test_a_first_deployment_registers_the_variant_when_it_serves() -> None:
    plan = deliver(answers(**NOTHING_YET), **BY_POLICY)
    assert in_short(plan)[:3] == ["CreateEndpoint", "RegisterScalableTarget AllTraffic", "PutScalingPolicy AllTraffic"]


def test_guardrails_keep_the_registration_and_set_what_the_policy_asks_for() -> None:
    for most in (1, 6):  # fewer than serve, too: nobody asks to change it
        plan = deliver(answers(scaling=scaled(MaxCapacity=most)), **NATIVE)
        assert (plan["traffic"], set(SCALING) & set(actions(plan))) == ("native", set())
    plan = deliver(answers(**AUTOSCALED), **NATIVE, **BY_POLICY)
    wanted = [f"RegisterScalableTarget {STABLE}", f"PutScalingPolicy {STABLE}", "UpdateEndpoint"]
    assert in_short(plan)[:3] == wanted


def test_autoscaling_that_cannot_be_read_cannot_be_set_by_guardrails() -> None:
    plan = deliver(answers(scaling=DENIED), **NATIVE, **BY_POLICY)
    assert (plan["decision"], plan["reason"]) == ("Refuse", "StrategyImpossible")
    assert "whether the endpoint is autoscaled could not be read" in plan["why"]


# ---------------------------------------------------------------- the way back


def halfway(registered: dict[str, Any]) -> dict[str, Any]:
    """What is observed in the canary."""
    both = (examples.live(STABLE, 50.0), examples.live(RELEASE, 50.0))
    shared = examples.endpoint("InService", "interlock-churn-v7-1-canary", *both)
    return answers(endpoint=found(shared), scaling=registered)


def test_on_the_way_back_the_candidate_is_deregistered_before_it_is_removed_and_stable_scales_in_again() -> None:
    plan = deliver(answers(**AUTOSCALED))
    held = scaled(SuspendedState=BEFORE["target"]["SuspendedState"] | {"DynamicScalingInSuspended": True})
    back = roll_back(halfway(held), plan, actions(plan).index("Bake"))
    assert in_short(back)[:4] == [
        "UpdateEndpointWeightsAndCapacities",
        f"DeregisterScalableTarget {RELEASE}",
        "UpdateEndpoint",
        f"RegisterScalableTarget {STABLE}",
    ]
    assert "MinCapacity" not in request(back, "RegisterScalableTarget")


@pytest.mark.parametrize("moment", ["Bake", "UpdateEndpoint"])
def test_a_registration_that_a_person_has_removed_stays_removed(moment: str) -> None:
    plan = deliver(answers(**AUTOSCALED))
    taken = actions(plan).index("DeregisterScalableTarget")
    nothing = found({"ScalableTargets": [], "ScalingPolicies": [], "ScheduledActions": []})
    back = roll_back(halfway(nothing), plan, actions(plan).index("Bake") if moment == "Bake" else taken + 1)
    again = [each for each in in_short(back) if each.startswith("RegisterScalableTarget")]
    assert again == ([] if moment == "Bake" else [f"RegisterScalableTarget {STABLE}"])


def test_bounds_that_a_person_has_set_stay_after_guardrails() -> None:
    plan = deliver(answers(**AUTOSCALED), **NATIVE, **BY_POLICY)
    stable = examples.endpoint("InService", examples.STABLE_CONFIG, examples.live())
    back = roll_back(answers(endpoint=found(stable), scaling=scaled(MaxCapacity=20)), plan)
    assert not set(SCALING) & set(actions(back))


def test_a_variant_is_deregistered_before_its_endpoint_is_deleted() -> None:
    """AWS deregisters it by itself only if it may (docs: endpoint-delete-with-scaling)."""
    plan = deliver(answers(**NOTHING_YET), **BY_POLICY)
    failed = examples.endpoint("Failed", "interlock-churn-v7-1", examples.live("AllTraffic"))
    back = roll_back(answers(endpoint=found(failed)), plan)
    assert in_short(back)[:2] == ["DeregisterScalableTarget AllTraffic", "DeleteEndpoint"]


def test_a_release_that_reached_no_step_about_scaling_leaves_it_alone() -> None:
    plan = deliver(answers(**AUTOSCALED))
    assert not set(SCALING) & set(actions(roll_back(halfway(AUTOSCALED["scaling"]), plan, 2)))


def test_facts_of_a_release_that_began_before_scaling_was_remembered_are_enough() -> None:
    plan = deliver()
    del plan["facts"]["scaling"]
    assert roll_back(halfway({}), plan)["decision"] == "Proceed"


OTHER_STEPS = {**BEFORE, "policies": [STEPS[0] | {"PolicyName": "interlock-gpu-above-50-for-5m"}, STEPS[1]]}
scaling = some.sampled_from([None, BEFORE, {**BEFORE, "policies": [], "schedules": []}, OTHER_STEPS])
hosting = some.sampled_from([None, ASKED, BY_STEPS])


def _account(exists: bool, registered: dict[str, Any] | None) -> Account:
    account = Account(exists=exists)
    if exists and registered:
        account.register(STABLE, registered)
    return account


def _fields(fields: dict[str, Any], asked: dict[str, Any] | None) -> dict[str, Any]:
    """``fields`` on a fleet that is scaled as ``asked``; beside one nothing can stand by."""
    scaled = {"rollback": None} if asked else {}
    return (
        fields | scaled | {"hosting": fields["hosting"] | {"instances": 2, **({"autoscaling": asked} if asked else {})}}
    )


def _scales_alone(account: Account, plan: PlanDocument, registered: dict[str, Any] | None) -> None:
    """The only variant is registered as the plan says, or as it was if the plan says nothing."""
    remembered = plan["facts"]["scaling"]
    after = remembered["after"] if remembered else registered
    assert _in_order(account.registered) == _in_order(dict.fromkeys(account.weights, after) if after else {})
    _alarms_go_with_it(account)


def _in_order(registered: dict[str, Any]) -> dict[str, Any]:
    """By variant, with the policies by name: they have no order."""
    return {
        variant: each | {"policies": sorted(each["policies"], key=lambda policy: str(policy["PolicyName"]))}
        for variant, each in registered.items()
    }


def _alarms_go_with_it(account: Account) -> None:
    """Each step policy of Interlock's own has its alarm, and no other alarm of one is left."""
    own = {
        starting_alarm(ENDPOINT, variant, policy)["AlarmName"]
        for variant, registration in account.registered.items()
        for policy in registration["policies"]
        if is_own(policy)
    }
    assert {name for name in account.alarms if name.startswith("interlock-scaling-")} == own


@settings(max_examples=100)
@given(stages, some.booleans(), scaling, hosting)
def test_after_every_plan_the_variant_that_serves_is_registered_and_no_other(
    fields: dict[str, Any], exists: bool, registered: dict[str, Any] | None, asked: dict[str, Any] | None
) -> None:
    account = _account(exists, registered)
    plan = deliver(account.answers(), **_fields(fields, asked))
    if plan["decision"] != "Proceed":
        return
    assert walk(account, plan, "deliver") == "Done"
    _scales_alone(account, plan, registered if exists else None)


def _from(account: Account, plan: PlanDocument, reached: int, made: bool, reason: str, stopped: int | None) -> str:
    """Carry out ``plan`` until it has ``reached`` a step, with its call ``made`` or not; roll back, which is
    ``stopped`` at a step and done again; and once more. Answers the reason of the rollback, empty if there is none."""
    walk(account, plan, "deliver", reached + made)
    back = roll_back(account.answers(), plan, reached, reason)
    if back["decision"] != "Proceed":
        return ""
    assert walk(account, back, "roll_back", stopped) == "Done"
    again = roll_back(account.answers(), plan, reached, reason)
    assert walk(account, again, "roll_back") == "Done"
    once = account.snapshot()
    assert walk(account, roll_back(account.answers(), plan, reached, reason), "roll_back") == "Done"
    assert account.snapshot() == once
    return again["reason"]


@pytest.mark.parametrize("fields", [{}, NATIVE, {"strategy": {"kind": "all_at_once", "bake": "30m"}}])
@pytest.mark.parametrize("asked", [None, ASKED, BY_STEPS])
@pytest.mark.parametrize("registered", [None, BEFORE, OTHER_STEPS])
@pytest.mark.parametrize("exists", [True, False])
def test_from_every_step_stable_is_registered_as_before_or_the_candidate_as_planned(
    fields: dict[str, Any], exists: bool, registered: dict[str, Any] | None, asked: dict[str, Any] | None
) -> None:
    written = _fields(fields | {"hosting": {"instance_type": "ml.m5.large"}}, asked)
    before = registered if exists else None
    plan = deliver(_account(exists, registered).answers(), **written)
    for reached in range(len(plan["steps"])):
        for made in (False, True):
            for reason in ("AlarmRaised", "ExecutionStopped"):
                account = _account(exists, registered)
                ended = _from(account, plan, reached, made, reason, None)
                if ended == "RecoveredForward":
                    _scales_alone(account, plan, before)
                elif ended:
                    assert _in_order(account.registered) == _in_order({STABLE: before} if before else {})
                    _alarms_go_with_it(account)


@pytest.mark.parametrize("registered", [BEFORE, OTHER_STEPS])
@pytest.mark.parametrize("stopped", range(8))
def test_a_rollback_that_dies_while_it_registers_stable_is_completed_by_the_next(
    stopped: int, registered: dict[str, Any]
) -> None:
    plan = deliver(_account(True, registered).answers())
    for reached in range(actions(plan).index("DeregisterScalableTarget"), len(plan["steps"])):
        account = _account(True, registered)
        _from(account, plan, reached, True, "AlarmRaised", stopped)
        assert _in_order(account.registered) == _in_order({STABLE: registered})
        _alarms_go_with_it(account)


def test_a_rollback_that_died_between_a_step_policy_and_its_alarm_is_completed_by_the_next() -> None:
    plan = deliver(_account(True, OTHER_STEPS).answers())
    reached = len(plan["steps"]) - 1
    account = _account(True, OTHER_STEPS)
    walk(account, plan, "deliver", actions(plan).index("DeregisterScalableTarget") + 2)
    account.register(STABLE, OTHER_STEPS)
    account.alarms.clear()
    back = roll_back(account.answers(), plan, reached, "AlarmRaised")
    assert walk(account, back, "roll_back") == "Done"
    _alarms_go_with_it(account)


def test_step_policies_of_the_policy_take_the_place_of_those_before_and_come_with_their_alarms() -> None:
    hosting = {"instance_type": "ml.m5.large", "instances": 2, "autoscaling": BY_STEPS}
    plan = deliver(_account(True, OTHER_STEPS).answers(), hosting=hosting)
    puts = [step["request"] for step in plan["steps"] if step["action"] == "PutStepScalingPolicy"]
    assert [put["Policy"]["PolicyName"] for put in puts] == [policy["PolicyName"] for policy in STEPS]
    for put in puts:
        assert put["Policy"]["ResourceId"] == f"endpoint/{ENDPOINT}/variant/{RELEASE}"
        assert {"Name": "VariantName", "Value": RELEASE} in put["Alarm"]["Dimensions"]
    first = actions(plan).index("PutStepScalingPolicy")
    assert first < actions(plan).index("UpdateEndpointWeightsAndCapacities")
    taken = actions(plan).index("DeregisterScalableTarget")
    gone = [step["request"]["AlarmNames"] for step in plan["steps"][taken + 1 : taken + 3]]
    assert [name.startswith(f"interlock-scaling-{ENDPOINT}-{STABLE}-") for [name] in gone] == [True, True]


@settings(max_examples=100)
@given(stages, some.sampled_from([True, True, False]), scaling, hosting, some.data())
def test_from_any_step_stable_is_registered_as_before_or_the_candidate_as_planned(
    fields: dict[str, Any],
    exists: bool,
    registered: dict[str, Any] | None,
    asked: dict[str, Any] | None,
    data: some.DataObject,
) -> None:
    account = _account(exists, registered)
    plan = deliver(account.answers(), **_fields(fields, asked))
    if plan["decision"] != "Proceed":
        return
    reached = data.draw(some.integers(0, len(plan["steps"]) - 1), "reached")
    made, stopped = data.draw(some.booleans(), "made"), data.draw(some.integers(0, 9), "stopped")
    ended = _from(
        account, plan, reached, made, data.draw(some.sampled_from(["AlarmRaised", "ExecutionStopped"])), stopped
    )
    before = registered if exists else None
    if ended == "RecoveredForward":
        _scales_alone(account, plan, before)
    elif ended:
        assert _in_order(account.registered) == _in_order({STABLE: before} if before else {})
        _alarms_go_with_it(account)
