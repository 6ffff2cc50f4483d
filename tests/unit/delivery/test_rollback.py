from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from interlock.model.plan import LONGEST_WAIT, PlanDocument
from tests.unit import examples
from tests.unit.examples import DENIED, NOTHING_YET, RELEASE, STABLE, STABLE_CONFIG, THROTTLED, answers, endpoint, found
from tests.unit.fake_account import Account, walk
from tests.unit.planned import WITH_BASELINE, actions, deliver, request, roll_back

FINAL, BOTH = "interlock-churn-v7-1", "interlock-churn-v7-1-canary"
NATIVE: dict[str, Any] = {"strategy": {"kind": "canary", "steps": [50], "bake": "30m", "traffic": "native"}}

ROLLING: dict[str, Any] = {"strategy": examples.ROLLING, "smoke": None, "evidence": None}


def seen(status: str, config: str, *variants: dict[str, Any], instances: int = 2, **fields: Any) -> dict[str, Any]:
    settings = [examples.production_variant(item["VariantName"], InitialInstanceCount=instances) for item in variants]
    return answers(
        endpoint=found(endpoint(status, config, *variants, **fields)),
        endpoint_config=found(examples.endpoint_config(config, *settings)),
    )


def test_from_the_shared_config_traffic_goes_first_then_the_candidate() -> None:
    halfway = seen("InService", BOTH, examples.live(STABLE, 75.0), examples.live(RELEASE, 25.0))
    back = roll_back(halfway, deliver())
    assert (back["decision"], back["strategy"]) == ("Proceed", "roll_back")
    assert actions(back) == [
        *["UpdateEndpointWeightsAndCapacities", "UpdateEndpoint", "DeleteAlarms"],
        *["DeleteEndpointConfig", "DeleteEndpointConfig", "DeleteModel"],
    ]
    assert back["steps"][0]["expect"] == {"config": BOTH, "shares": {STABLE: 100.0, RELEASE: 0.0}}
    assert request(back, "UpdateEndpoint")["EndpointConfigName"] == STABLE_CONFIG
    assert request(back, "DeleteAlarms")["AlarmNames"] == [f"{FINAL}-error-rate", f"{FINAL}-p99-latency"]


@pytest.mark.parametrize("share", [0.0, 5.0, 50.0])
def test_a_baseline_loses_its_traffic_with_the_candidate(share: float) -> None:
    names = (STABLE, f"{RELEASE}-baseline", RELEASE)
    three = seen("InService", BOTH, *(examples.live(name, share) for name in names[1:]), examples.live(STABLE, 90.0))
    back = roll_back(three, deliver(**WITH_BASELINE))
    if share:
        assert back["steps"][0]["expect"]["shares"] == {STABLE: 100.0, names[1]: 0.0, RELEASE: 0.0}
    else:
        assert actions(back)[0] == "UpdateEndpoint"
    assert request(back, "UpdateEndpoint")["EndpointConfigName"] == STABLE_CONFIG


def test_weights_that_are_back_already_are_not_set_again() -> None:
    restored = seen("InService", BOTH, examples.live(STABLE, 100.0), examples.live(RELEASE, 0.0))
    assert actions(roll_back(restored, deliver()))[0] == "UpdateEndpoint"


@pytest.mark.parametrize("config", [STABLE_CONFIG, FINAL])
@pytest.mark.parametrize(("left", "needed"), [(1, 6), (6, 6), (8, 8)])
def test_after_a_failed_rollback_an_update_brings_stable_back_as_large_as_before(
    config: str, left: int, needed: int
) -> None:
    """botocore EndpointStatus UpdateRollbackFailed: the way out is another UpdateEndpoint. How many instances are left
    of stable, and which config is then said to be in force, is not documented."""
    six = answers(endpoint=found(endpoint("InService", STABLE_CONFIG, examples.live(instances=6))))
    plan = deliver(observed=six, **ROLLING)
    back = roll_back(seen("UpdateRollbackFailed", config, examples.live(STABLE, 1.0, left), instances=2), plan)
    assert actions(back)[:2] == ["CreateEndpointConfig", "UpdateEndpoint"]
    made, update = request(back, "CreateEndpointConfig"), request(back, "UpdateEndpoint")
    assert [variant["InitialInstanceCount"] for variant in made["ProductionVariants"]] == [needed]
    assert made["EndpointConfigName"] == update["EndpointConfigName"]
    retained_not = {item["VariantPropertyType"] for item in update["ExcludeRetainedVariantProperties"]}
    assert retained_not == {"DesiredWeight", "DesiredInstanceCount"}


def test_live_capacity_is_retained_where_nothing_has_failed() -> None:
    alone = seen("InService", FINAL, examples.live(STABLE, 100.0, 6))
    update = request(roll_back(alone, deliver(**NATIVE)), "UpdateEndpoint")
    assert update["ExcludeRetainedVariantProperties"] == [{"VariantPropertyType": "DesiredWeight"}]


def test_from_the_candidate_alone_stable_comes_back_at_todays_capacity() -> None:
    alone = seen("InService", FINAL, examples.live(RELEASE, 100.0, 6))
    back = roll_back(alone, deliver())
    assert actions(back)[:2] == ["CreateEndpointConfig", "UpdateEndpoint"]
    made = request(back, "CreateEndpointConfig")
    assert made["EndpointConfigName"] == request(back, "UpdateEndpoint")["EndpointConfigName"]
    (variant,) = made["ProductionVariants"]
    assert variant == examples.production_variant(InitialInstanceCount=6)
    assert "CreationTime" not in made


def test_a_stable_without_instances_of_its_own_comes_back_as_it_was() -> None:
    serverless = {
        "VariantName": STABLE,
        "ModelName": "churn-6",
        "ServerlessConfig": {"MaxConcurrency": 5, "MemorySizeInMB": 2048},
    }
    plan = deliver()
    plan["facts"]["stable_settings"] = examples.endpoint_config(STABLE_CONFIG, serverless)
    back = roll_back(seen("InService", FINAL, examples.live(RELEASE, 100.0, 0)), plan)
    assert request(back, "CreateEndpointConfig")["ProductionVariants"] == [serverless]


def test_stables_settings_come_back_with_it() -> None:
    capture = {"EnableCapture": True}
    plan = deliver(answers(endpoint_config=found(examples.endpoint_config(DataCaptureConfig=capture))))
    back = roll_back(seen("InService", FINAL, examples.live(RELEASE, 100.0)), plan)
    assert request(back, "CreateEndpointConfig")["DataCaptureConfig"] == capture


def test_stable_in_force_leaves_only_the_tidying() -> None:
    back = roll_back(seen("InService", STABLE_CONFIG, examples.live()), deliver())
    assert actions(back) == ["DeleteAlarms", "DeleteEndpointConfig", "DeleteEndpointConfig", "DeleteModel"]
    assert back["why"] == "Stable is already in force; what the release made is removed."


def test_stable_as_an_earlier_rollback_restored_it_is_stable() -> None:
    plan = deliver()
    first = roll_back(seen("InService", FINAL, examples.live(RELEASE, 100.0, 6)), plan)
    restored = request(first, "CreateEndpointConfig")["EndpointConfigName"]
    again = roll_back(seen("InService", restored, examples.live(STABLE, 1.0, 9), instances=6), plan)
    assert again["decision"] == "Proceed"
    assert actions(again) == ["DeleteAlarms", "DeleteEndpointConfig", "DeleteEndpointConfig", "DeleteModel"]


def test_a_second_rollback_at_another_capacity_asks_for_another_config() -> None:
    names = {
        request(
            roll_back(seen("InService", FINAL, examples.live(RELEASE, 100.0, count)), deliver()), "CreateEndpointConfig"
        )["EndpointConfigName"]
        for count in (6, 7)
    }
    assert len(names) == 2


@pytest.mark.parametrize(
    ("observed", "reason", "said"),
    [
        (seen("InService", "somebody-elses", examples.live()), "EndpointMoved", "on config somebody-elses, not one of"),
        (seen("Failed", STABLE_CONFIG, examples.live(), FailureReason="dead"), "EndpointFailed", "is Failed: dead"),
        (seen("OutOfService", BOTH, examples.live()), "EndpointFailed", "is OutOfService"),
        (answers(**NOTHING_YET), "EndpointMoved", "Endpoint churn-live is gone; somebody else deleted it."),
        (answers(endpoint=DENIED, endpoint_config={}), "RollbackFailed", "The endpoint could not be read: Sage"),
    ],
)
def test_where_no_safe_step_is_known_a_person_is_asked(observed: dict[str, Any], reason: str, said: str) -> None:
    back = roll_back(observed, deliver())
    assert (back["decision"], back["reason"], back["steps"]) == ("Hold", reason, [])
    assert said in back["why"]


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_a_change_in_progress_is_waited_for_and_then_needs_a_person(status: str) -> None:
    busy = seen(status, BOTH, examples.live())
    assert roll_back(busy, deliver())["decision"] == "Wait"
    late = roll_back(busy, deliver(), waited=LONGEST_WAIT)
    assert (late["decision"], late["reason"]) == ("Hold", "EndpointBusy")


def test_an_endpoint_that_could_not_be_read_just_now_is_read_again() -> None:
    assert roll_back(answers(endpoint=THROTTLED), deliver())["decision"] == "Wait"


def first_deployment() -> PlanDocument:
    return deliver(answers(**NOTHING_YET))


@pytest.mark.parametrize("status", ["InService", "Failed", "OutOfService"])
def test_an_endpoint_that_was_not_there_before_is_removed(status: str) -> None:
    back = roll_back(seen(status, FINAL, examples.live()), first_deployment())
    assert actions(back) == ["DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"]
    assert back["steps"][0]["expect"] == {"absent": True}
    assert back["steps"][0]["patience"] > 0


def test_an_endpoint_that_never_came_to_be_leaves_only_the_tidying() -> None:
    back = roll_back(answers(**NOTHING_YET), first_deployment(), reached=2)
    assert (back["decision"], actions(back)) == ("Proceed", ["DeleteEndpointConfig", "DeleteModel"])


def test_an_endpoint_that_somebody_else_created_meanwhile_is_left_alone() -> None:
    back = roll_back(seen("InService", "somebody-elses", examples.live()), first_deployment())
    assert (back["decision"], back["reason"]) == ("Hold", "EndpointMoved")


@pytest.mark.parametrize(
    ("share", "config", "decision"),
    [(30.0, BOTH, "Hold"), (50.0, BOTH, "Proceed"), (0.0, BOTH, "Proceed"), (30.0, STABLE_CONFIG, "Proceed")],
)
def test_weights_that_neither_the_last_look_nor_the_restoring_explains_are_somebody_elses(
    share: float, config: str, decision: str
) -> None:
    """Where stable's own config is in force, weights that others set harm nobody: only tidying is left."""
    now = seen("InService", config, examples.live(STABLE, 100.0 - share), examples.live(RELEASE, share))
    before = {"config": BOTH, "shares": {STABLE: 50.0, RELEASE: 50.0}, "instances": {STABLE: 2, RELEASE: 2}}
    back = roll_back(now, deliver(), before=before)
    assert back["decision"] == decision
    if decision == "Hold":
        split = f"{STABLE} 70 %, {RELEASE} 30 %"
        said = f"Somebody else changed the traffic of endpoint churn-live during the rollback: {split}."
        assert (back["reason"], back["why"]) == ("EndpointMoved", f"{said} It is left as it is.")
    assert roll_back(now, deliver())["decision"] == "Proceed"


def test_weights_that_somebody_else_set_before_the_stop_are_told_while_they_are_overwritten() -> None:
    """The current weights are those from before while the endpoint is Updating."""
    before = {"config": BOTH, "shares": {STABLE: 50.0, RELEASE: 50.0}, "instances": {STABLE: 2, RELEASE: 2}}
    for share, reason in ((30.0, "EndpointMoved"), (50.0, "EndpointBusy"), (0.0, "EndpointBusy")):
        now = seen("Updating", BOTH, examples.live(STABLE, 100.0 - share), examples.live(RELEASE, share))
        back = roll_back(now, deliver(), before=before)
        assert (back["decision"], back["reason"]) == ("Wait", reason)


@pytest.mark.parametrize("fields", [{}, NATIVE])
def test_a_release_that_died_with_the_candidate_alone_in_force_goes_forward(fields: dict[str, Any]) -> None:
    plan = deliver(**fields)
    alone = seen("InService", FINAL, examples.live(RELEASE, 100.0))
    forward = roll_back(alone, plan, reason="ExecutionStopped")
    assert (forward["decision"], forward["reason"]) == ("Proceed", "RecoveredForward")
    assert "DeleteModel" not in actions(forward)
    assert {"EndpointConfigName": FINAL} not in [step["request"] for step in forward["steps"]]
    assert "DeleteAlarms" in actions(forward)
    assert {step["hears"] for step in forward["steps"]} == {"|"}


def test_a_recovery_that_has_nothing_to_remove_still_has_a_step_before_which_it_is_asked_whether_to_stop() -> None:
    plan = deliver()
    plan["facts"]["made"] = []
    forward = roll_back(seen("InService", FINAL, examples.live(RELEASE, 100.0)), plan, reason="ExecutionStopped")
    assert [(step["action"], step["hears"]) for step in forward["steps"]] == [("None", "|")]


@pytest.mark.parametrize(("reached", "decision"), [(3, "RecoveredForward"), (2, "Accepted")])
def test_a_new_endpoint_whose_release_died_stays_if_it_came_to_the_smoke_test(reached: int, decision: str) -> None:
    serving = seen("InService", FINAL, examples.live())
    back = roll_back(serving, first_deployment(), reached, "ExecutionStopped")
    assert back["reason"] == decision
    assert ("DeleteEndpoint" in actions(back)) == (decision == "Accepted")


def test_a_release_that_was_aborted_with_the_candidate_alone_in_force_is_rolled_back() -> None:
    alone = seen("InService", FINAL, examples.live(RELEASE, 100.0))
    assert roll_back(alone, deliver(), reason="AbortedByPerson")["reason"] == "Accepted"


def test_only_what_was_reached_is_removed() -> None:
    stable = seen("InService", STABLE_CONFIG, examples.live())
    assert actions(roll_back(stable, deliver(), reached=0)) == ["DeleteModel"]
    assert actions(roll_back(stable, deliver(), reached=1)) == ["DeleteEndpointConfig", "DeleteModel"]


def test_a_resource_of_somebody_else_is_not_removed() -> None:
    stable = seen("InService", STABLE_CONFIG, examples.live())
    assert actions(roll_back(stable, deliver(), reached=0, reason="NameTaken")) == []
    assert actions(roll_back(stable, deliver(), reached=1, reason="NameTaken")) == ["DeleteModel"]


def test_a_config_of_stable_that_somebody_deleted_is_made_again_from_what_was_remembered() -> None:
    answer = {
        "error": "SageMaker.SageMakerException",
        "cause": 'Could not find endpoint configuration "churn-config-6".',
    }
    halfway = seen("InService", BOTH, examples.live(STABLE, 75.0), examples.live(RELEASE, 25.0))
    back = roll_back(halfway | {"stable_config": answer}, deliver())
    made = request(back, "CreateEndpointConfig")
    assert made["EndpointConfigName"] == request(back, "UpdateEndpoint")["EndpointConfigName"] == f"{FINAL}-stable-2"
    assert made["ProductionVariants"] == [examples.production_variant()]


@pytest.mark.parametrize(("since", "decision"), [("2026-01-05T08:58:01Z", "Wait"), ("2026-01-05T08:58:00Z", "Proceed")])
def test_nothing_is_removed_while_the_last_change_may_not_be_told_of_yet(since: str, decision: str) -> None:
    stable = seen("InService", STABLE_CONFIG, examples.live())
    assert roll_back(stable, deliver(), since=since)["decision"] == decision
    assert roll_back(stable, deliver(), reached=3, since=since)["decision"] == "Proceed"


@pytest.mark.parametrize(("before_the_move", "decision"), [(0, "Wait"), (1, "Proceed")])
def test_the_first_step_that_changes_the_endpoint_may_not_be_told_of_yet(before_the_move: int, decision: str) -> None:
    """It was asked for when the release had reached it, and its answer may have been lost."""
    plan, stable = deliver(), seen("InService", STABLE_CONFIG, examples.live())
    reached = plan["facts"]["moves_from"] - before_the_move
    assert roll_back(stable, plan, reached=reached, since="2026-01-05T08:59:00Z")["decision"] == decision


def test_a_candidate_that_was_scaled_out_leaves_its_capacity_to_stable() -> None:
    halfway = seen("InService", BOTH, examples.live(STABLE, 75.0, 2), examples.live(RELEASE, 25.0, 6))
    back = roll_back(halfway, deliver())
    assert request(back, "UpdateEndpointWeightsAndCapacities", 1)["DesiredWeightsAndCapacities"] == [
        {"VariantName": STABLE, "DesiredInstanceCount": 6}
    ]


reasons = some.sampled_from(["AlarmRaised", "EvidenceFailed", "AbortedByPerson", "AwsRefused", "ExecutionStopped"])
settled = some.sampled_from(["InService", "InService", "InService", "UpdateRollbackFailed"])
statuses = settled | some.sampled_from(["Updating", "SystemUpdating", "RollingBack", "Failed", "OutOfService"])
kinds = some.sampled_from(
    [{}, NATIVE, ROLLING, {"strategy": examples.ALL_AT_ONCE}, {"smoke": None, "evidence": None}, WITH_BASELINE]
)


def _interrupted(account: Account, plan: PlanDocument, reached: int, data: some.DataObject) -> None:
    """Carry ``plan`` out up to a step and then let anything happen to the endpoint that may happen to one."""
    assert walk(account, plan, "deliver", reached) == "Done"
    if not account.status:
        return
    account.configs["somebody-elses"] = examples.endpoint_config(
        "somebody-elses", examples.production_variant("theirs")
    )
    account.status = data.draw(statuses, "status")
    account.config = data.draw(some.sampled_from([account.config, *sorted(account.configs)]), "config")
    names = [variant["VariantName"] for variant in account.configs[account.config]["ProductionVariants"]]
    least = 0.0 if len(names) > 1 else 1.0
    for name in names:
        account.weights[name] = data.draw(some.sampled_from([least, 5.0, 50.0, 100.0]), "weight")
        account.instances[name] = data.draw(some.integers(1, 9), "instances")
    account.weights = {name: account.weights[name] for name in names}
    account.instances = {name: account.instances[name] for name in names}


def _ended_well(account: Account, existed: bool, back: PlanDocument) -> None:
    if back["reason"] == "RecoveredForward":
        assert account.config == FINAL
    elif existed:
        assert account.status == "InService"
        assert account.config == STABLE_CONFIG or account.config.startswith(f"{FINAL}-stable-")
        assert account.shares() == {STABLE: 100.0}
        assert {"churn-6"} == account.models
        assert not {FINAL, BOTH} & set(account.configs)
    else:
        assert (account.status, account.models) == ("", {"churn-6"})
    assert account.alarms == set()


@settings(max_examples=200)
@given(kinds, some.sampled_from([True, True, True, False]), reasons, some.data())
def test_from_any_state_a_rollback_ends_with_stable_or_the_candidate_at_100_percent_or_touches_nothing(
    fields: dict[str, Any], existed: bool, reason: str, data: some.DataObject
) -> None:
    account = Account(exists=existed)
    plan = deliver(account.answers(), **fields)
    reached = data.draw(some.integers(0, len(plan["steps"])), "reached")
    _interrupted(account, plan, reached, data)

    back = roll_back(account.answers(), plan, reached, reason)
    if back["decision"] != "Proceed":
        assert back["decision"] in ("Wait", "Hold")
        assert back["steps"] == []
        return

    stopped = data.draw(some.integers(0, len(back["steps"])), "stopped")
    assert walk(account, back, "roll_back", stopped) == "Done"
    again = roll_back(account.answers(), plan, reached, reason)
    assert again["decision"] == "Proceed"
    assert walk(account, again, "roll_back") == "Done"
    _ended_well(account, existed, again)
    assert not account.lost_capacity

    once = account.snapshot()
    third = roll_back(account.answers(), plan, reached, reason)
    assert third["decision"] == "Proceed"
    assert walk(account, third, "roll_back") == "Done"
    assert account.snapshot() == once
