"""What holds for the plan of every policy and every endpoint."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from tests.unit import examples
from tests.unit.awsmodel import input_of, unfit
from tests.unit.examples import AUTOSCALED, NOTHING_YET, STABLE, STABLE_CONFIG, answers, endpoint, found, live
from tests.unit.fake_account import Account, walk
from tests.unit.planned import actions, deliver, stages

_SERVICES = {
    "PutMetricAlarm": "cloudwatch",
    "DeleteAlarms": "cloudwatch",
    "PutMetricData": "cloudwatch",
    "InvokeEndpoint": "sagemaker-runtime",
    "RegisterScalableTarget": "application-autoscaling",
    "PutScalingPolicy": "application-autoscaling",
    "PutScheduledAction": "application-autoscaling",
    "DeleteScalingPolicy": "application-autoscaling",
    "DeregisterScalableTarget": "application-autoscaling",
    "CopyObject": "s3",
    "PutParameter": "ssm",
    "DeleteParameter": "ssm",
}


def _unfit(action: str, request: dict[str, Any]) -> list[str]:
    """What botocore's model finds wrong in a request; the SDK integration takes a blob as text."""
    sent = request | {"Body": request["Body"].encode()} if "Body" in request else request
    return unfit(input_of(_SERVICES.get(action, "sagemaker"), action), sent)


def request_is_one_that_aws_takes(step: dict[str, Any]) -> bool:
    return step["action"] in ("Bake", "None") or not _unfit(step["action"], step["request"])


observations = some.one_of(
    some.just(NOTHING_YET),
    some.just(AUTOSCALED),
    some.builds(
        lambda instances, weight: {
            "endpoint": found(endpoint("InService", STABLE_CONFIG, live(STABLE, weight, instances)))
        },
        some.integers(1, 20),
        some.sampled_from([0.0, 0.5, 1.0, 100.0]),
    ),
)


@settings(max_examples=60)
@given(stages, observations, some.sampled_from([examples.RELEASE, "g" * 63 + "-v12345-12", "try_1"]))
def test_every_request_of_every_plan_is_one_that_aws_takes(
    fields: dict[str, Any], observed: dict[str, Any], release: str
) -> None:
    plan = deliver(answers(**observed), release=release, **fields)
    for step in plan["steps"]:
        if step["action"] not in ("Bake", "None"):
            assert _unfit(step["action"], step["request"]) == []
    if plan["restore"]["action"] != "None":
        assert _unfit(plan["restore"]["action"], plan["restore"]["request"]) == []


@settings(max_examples=60)
@given(stages, observations)
def test_weights_always_sum_to_100_and_the_candidate_only_gains(
    fields: dict[str, Any], observed: dict[str, Any]
) -> None:
    plan = deliver(answers(**observed), **fields)
    splits = [
        {item["VariantName"]: item["DesiredWeight"] for item in step["request"]["DesiredWeightsAndCapacities"]}
        for step in plan["steps"]
        if step["action"] == "UpdateEndpointWeightsAndCapacities"
    ]
    candidate = [split[examples.RELEASE] for split in splits]
    assert all(sum(split.values()) == 100 for split in splits)
    assert all(0 <= weight <= 100 for split in splits for weight in split.values())
    assert candidate == sorted(set(candidate))
    assert candidate[-1:] == ([100] if plan["traffic"] == "weights" else [])
    for step in plan["steps"]:
        if step["awaits"]:
            assert sum(step["expect"]["shares"].values()) == 100


@settings(max_examples=60)
@given(stages, observations)
def test_every_move_of_traffic_to_the_candidate_is_watched_unless_sagemaker_watches(
    fields: dict[str, Any], observed: dict[str, Any]
) -> None:
    plan = deliver(answers(**observed), **fields)
    steps = plan["steps"]
    for index, step in enumerate(steps):
        if step["action"] == "UpdateEndpointWeightsAndCapacities":
            assert index >= plan["restore_from"]
            if plan["strategy"] == "ab_test" and 100 in step["expect"]["shares"].values():
                continue  # it has won
            assert steps[index + 1]["action"] == "Bake"
            assert steps[index + 1]["bake"]["alarms"]
    if plan["traffic"] == "native":
        update = steps[actions(plan).index("UpdateEndpoint")]["request"]["DeploymentConfig"]
        alarms = {alarm["AlarmName"] for alarm in update["AutoRollbackConfiguration"]["Alarms"]}
        assert alarms == set(plan["watched"].strip("|").split("|"))


@settings(max_examples=100)
@given(stages, observations)
def test_whenever_a_bake_is_watched_all_traffic_can_be_restored(
    fields: dict[str, Any], observed: dict[str, Any]
) -> None:
    """An alarm that ends a bake sends the restore of the plan without asking whether there is one. A shadow answers
    nobody, so that there is nothing to restore yet."""
    plan = deliver(answers(**observed), **fields)
    for index, step in enumerate(plan["steps"]):
        if step["action"] == "Bake" and not step["bake"]["percent"]:
            assert index < plan["restore_from"]
            moved = [each["expect"]["shares"] for each in plan["steps"][:index] if each["awaits"]]
            assert [list(shares.values()) for shares in moved] == [[100]]
        elif step["action"] == "Bake":
            assert index >= plan["restore_from"]
            assert plan["restore"]["action"] in ("UpdateEndpointWeightsAndCapacities", "PutMetricData")


@settings(max_examples=60)
@given(stages, observations)
def test_each_step_says_which_one_is_next(fields: dict[str, Any], observed: dict[str, Any]) -> None:
    plan = deliver(answers(**observed), **fields)
    assert [step["next"] for step in plan["steps"]] == list(range(1, len(plan["steps"]) + 1))


@settings(max_examples=60)
@given(stages, some.integers(1, 9), some.booleans())
def test_a_plan_that_is_carried_out_ends_with_the_candidate_at_100_percent(
    fields: dict[str, Any], instances: int, exists: bool
) -> None:
    account = Account(exists=exists, instances=instances)
    before = account.snapshot()
    plan = deliver(account.answers(), **fields)
    if plan["decision"] != "Proceed":
        assert account.snapshot() == before
        return
    assert walk(account, plan, "deliver") == "Done"
    assert account.config == plan["facts"]["final_config"]
    assert list(account.shares().values()) == [100]
    (variant,) = account.configs[account.config]["ProductionVariants"]
    assert variant["ModelName"] == "interlock-churn-v7-1"
    assert list(account.instances.values()) == [instances if exists else fields["hosting"]["instances"]]
    assert not account.lost_capacity
    assert account.alarms == set()
    assert set(account.configs) == {STABLE_CONFIG, account.config}


@settings(max_examples=60)
@given(
    stages, some.sampled_from(["Updating", "Failed", "OutOfService", "Creating", "UpdateRollbackFailed", "Deleting"])
)
def test_whatever_state_an_endpoint_is_in_nothing_is_done_unless_it_is_in_service(
    fields: dict[str, Any], status: str
) -> None:
    plan = deliver(answers(endpoint=found(endpoint(status))), **fields)
    assert plan["decision"] in ("Wait", "Refuse")
    assert plan["steps"] == []
