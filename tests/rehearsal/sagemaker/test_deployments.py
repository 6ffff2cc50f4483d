"""Deployment guardrails: how UpdateEndpoint shifts traffic, bakes, rolls back, and what it resets."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.sagemaker import Options
from tests.rehearsal.sagemaker.account import PERSON, Account, variant

STAGES = "SageMaker Endpoint Deployment State Change"
OLD, NEW = ("first", "AllTraffic"), ("second", "AllTraffic")


def blue_green(kind: str = "CANARY", size: int = 25, wait: int = 600, final: int = 300, **more: Any) -> dict[str, Any]:
    routing: dict[str, Any] = {"Type": kind, "WaitIntervalInSeconds": wait}
    name = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(kind)
    if name:
        routing[name] = {"Type": "CAPACITY_PERCENT", "Value": size}
    alarms = more.pop("alarms", ("errors",))
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": final,
            **more,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]},
    }


def by_instances(number: int) -> dict[str, Any]:
    canary = {"Type": "INSTANCE_COUNT", "Value": number}
    routing = {"Type": "CANARY", "CanarySize": canary, "WaitIntervalInSeconds": 60}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}


def rolling(size: int = 50, wait: int = 300, **more: Any) -> dict[str, Any]:
    batch = {"Type": "CAPACITY_PERCENT", "Value": size}
    return {
        "RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": wait, **more},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }


def prepared(options: Options | None = None, instances: int = 4, name: str = "AllTraffic") -> Account:
    """digits in service on `first`, a better model in `second`, and an alarm `errors` that is OK."""
    account = Account(options or Options())
    account.model("plain")
    account.model("better")
    account.endpoint(variant(instances=instances))
    account.config("second", variant(name, "better", instances=instances))
    alarm(account)
    account.wait(2)
    return account


def alarm(account: Account, name: str = "errors") -> None:
    account.cloudwatch.put_metric_alarm(
        {
            "AlarmName": name,
            "Namespace": "Test",
            "MetricName": name,
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0,
            "TreatMissingData": "notBreaching",
        },
        PERSON,
    )


def trip(account: Account, name: str = "errors") -> None:
    account.cloudwatch.publish("Test", name, {}, account.clock.now, [1])


def course(account: Account, minutes: int) -> list[float]:
    """The new fleet's share of requests, each time it changes."""
    seen: list[float] = [0.0]
    for _ in range(minutes * 4):
        account.wait(0.25)
        share = round(account.shares().get(NEW, 0.0), 4)
        if share != seen[-1]:
            seen.append(share)
    return seen


def stages(account: Account) -> list[str]:
    statuses = []
    for detail in account.told(STAGES):
        for pending in detail["PendingDeploymentSummary"]["ProductionVariants"]:
            statuses.append(pending["VariantStatus"][0]["Status"])
    return statuses


def test_without_a_deployment_config_all_traffic_moves_at_once_without_a_bake() -> None:
    account = prepared()
    account.update()

    assert course(account, 10) == [0.0, 1.0]
    assert stages(account) == ["Creating", "ActivatingTraffic", "Deleting"]
    assert account.describe()["EndpointConfigName"] == "second"


def test_a_canary_bakes_on_its_share_and_again_on_everything() -> None:
    account = prepared()
    account.update(DeploymentConfig=blue_green("CANARY", 25))

    assert course(account, 30) == [0.0, 0.25, 1.0]
    assert stages(account) == ["Creating", "ActivatingTraffic", "Baking", "ActivatingTraffic", "Baking", "Deleting"]
    baking = [
        detail["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"][0]["StatusMessage"]
        for detail in account.told(STAGES)
    ]
    assert baking[2] == (
        "Baking for 600 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of 1 instance(s)."
    )
    assert baking[4] == (
        "Baking for 300 seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of 4 instance(s)."
    )


def test_a_linear_deployment_bakes_after_each_step() -> None:
    account = prepared()
    account.update(DeploymentConfig=blue_green("LINEAR", 25, wait=120))

    assert course(account, 30) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert stages(account).count("Baking") == 4


@pytest.mark.parametrize(("option", "share"), [("instances", 0.25), ("percent", 0.1)])
def test_a_canary_of_ten_percent_of_four_instances_is_one_instance_or_ten_percent_as_the_option_says(
    option: Any, share: float
) -> None:
    account = prepared(Options(canary_share=option))
    account.update(DeploymentConfig=blue_green("CANARY", 10))

    assert course(account, 10) == [0.0, share]


def test_a_canary_of_two_of_four_instances_gets_half_the_requests() -> None:
    account = prepared()
    account.update(DeploymentConfig=by_instances(2))

    assert course(account, 10) == [0.0, 0.5, 1.0]


def test_during_a_deployment_the_live_configuration_is_the_old_one_and_the_new_one_is_pending() -> None:
    account = prepared()
    account.update(DeploymentConfig=blue_green())
    account.wait(6)
    described = account.describe()

    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("Updating", "first")
    pending = described["PendingDeploymentSummary"]
    assert pending["EndpointConfigName"] == "second"
    assert pending["ProductionVariants"][0]["VariantStatus"][0]["Status"] == "Baking"
    detail = account.told(STAGES)[-1]
    assert (detail["EndpointConfigName"], detail["PendingDeploymentSummary"]["EndpointConfigName"]) == (
        "first",
        "second",
    )
    assert described["LastDeploymentConfig"] == blue_green()


@pytest.mark.parametrize(("option", "said"), [("given", True), ("silent", False)])
def test_an_alarm_during_a_bake_ends_in_service_on_the_old_configuration_with_or_without_a_reason(
    option: Any, said: bool
) -> None:
    account = prepared(Options(rollback_reason=option))
    account.update(DeploymentConfig=blue_green())
    account.wait(6)
    trip(account)
    account.wait(4)
    described = account.describe()

    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "first")
    assert "PendingDeploymentSummary" not in described
    assert ("FailureReason" in described) == said
    assert account.shares() == {OLD: 1.0}


def test_a_rollback_gives_the_old_fleet_all_traffic_before_the_endpoint_is_in_service_again() -> None:
    account = prepared()
    account.update(DeploymentConfig=blue_green())
    account.wait(6)
    trip(account)
    account.wait(1.3)

    assert (account.status(), account.shares()) == ("Updating", {OLD: 1.0})


def test_an_alarm_set_by_hand_may_be_back_to_ok_before_sagemaker_looks() -> None:
    account = prepared()
    account.update(DeploymentConfig=blue_green())
    account.wait(6)
    account.cloudwatch.set_alarm_state({"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "veto"}, PERSON)
    account.wait(24)

    assert account.describe()["EndpointConfigName"] == "second"


def test_an_alarm_outside_the_bakes_is_not_looked_at() -> None:
    account = prepared()
    account.update()
    for _ in range(6):
        trip(account)
        account.wait(1)

    assert account.describe()["EndpointConfigName"] == "second"


def test_an_alarm_in_alarm_at_the_start_ends_the_first_bake_or_refuses_the_update() -> None:
    account = prepared()
    trip(account)
    account.wait(1.5)
    account.update(DeploymentConfig=blue_green())
    for _ in range(8):
        trip(account)
        account.wait(1)
    assert account.describe()["EndpointConfigName"] == "first"

    strict = prepared(Options(alarm_at_start="refused"))
    trip(strict)
    strict.wait(1.5)
    assert "in ALARM" in strict.refused(
        "update_endpoint", EndpointName="digits", EndpointConfigName="second", DeploymentConfig=blue_green()
    )


def test_an_unknown_rollback_alarm_is_refused_or_ignored_as_the_option_says() -> None:
    unknown = blue_green(alarms=("nobody-made-me",))
    strict, lenient = prepared(), prepared(Options(unknown_alarm="ignored"))

    assert "nobody-made-me" in strict.refused(
        "update_endpoint", EndpointName="digits", EndpointConfigName="second", DeploymentConfig=unknown
    )
    lenient.update(DeploymentConfig=unknown)
    lenient.wait(30)
    assert lenient.describe()["EndpointConfigName"] == "second"


def test_a_deployment_config_for_other_variant_names_is_refused_or_ignored_as_the_option_says() -> None:
    strict, lenient = prepared(Options(other_variant_names="refused"), name="Renamed"), prepared(name="Renamed")

    assert "variant names" in strict.refused(
        "update_endpoint", EndpointName="digits", EndpointConfigName="second", DeploymentConfig=blue_green()
    )
    lenient.update(DeploymentConfig=blue_green())
    lenient.wait(6)
    assert lenient.describe()["EndpointConfigName"] == "second"
    assert "Baking" not in stages(lenient)


def test_an_update_to_other_variant_names_needs_no_deployment_config() -> None:
    account = prepared(Options(other_variant_names="refused"), name="Renamed")
    account.update(RetainAllVariantProperties=True)
    account.wait(10)

    assert account.describe()["EndpointConfigName"] == "second"


def test_a_container_that_never_gets_healthy_leaves_the_endpoint_on_its_old_configuration() -> None:
    account = prepared()
    account.model("crash")
    account.config("third", variant(model="crash", instances=4))
    account.update("third")
    account.wait(20)
    assert account.status() == "Updating"
    account.wait(10)

    described = account.describe()
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "first")
    assert "ping health check" in described["FailureReason"]


def test_capacity_that_cannot_be_had_rolls_back_and_the_next_update_works() -> None:
    account = prepared()
    account.sagemaker.endpoints.fail_next("digits", "update")
    account.update()
    account.wait(10)
    assert "InsufficientInstanceCapacity" in account.describe()["FailureReason"]

    account.update()
    account.wait(10)
    described = account.describe()
    assert (described["EndpointConfigName"], described.get("FailureReason")) == ("second", None)


def test_a_deployment_that_takes_longer_than_its_limit_is_rolled_back() -> None:
    account = prepared(Options(provision_seconds=500))
    account.update(DeploymentConfig=blue_green("CANARY", 25, wait=400, final=100, MaximumExecutionTimeoutInSeconds=600))
    account.wait(15)

    described = account.describe()
    assert described["EndpointConfigName"] == "first"
    assert "MaximumExecutionTimeoutInSeconds" in described["FailureReason"]


def test_an_update_resets_live_weights_and_counts_unless_they_are_retained_by_variant_name() -> None:
    for more, count in (
        ({}, 4),
        ({"RetainAllVariantProperties": True}, 9),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}],
            },
            4,
        ),
    ):
        account = prepared()
        account.sagemaker.endpoints.autoscale("digits", "AllTraffic", 9)
        account.update(**more)
        account.wait(10)
        assert account.describe()["ProductionVariants"][0]["CurrentInstanceCount"] == count


def test_the_last_deployment_config_is_used_again_only_when_asked_for() -> None:
    account = prepared()
    account.update(DeploymentConfig=blue_green())
    account.wait(30)
    account.update("first", RetainDeploymentConfig=True)
    account.wait(30)
    assert stages(account).count("Baking") == 4

    account.update("second")
    account.wait(30)
    assert stages(account).count("Baking") == 4


def test_an_autoscaled_variant_may_change_its_model_but_not_its_instance_type_nor_go_away() -> None:
    account = prepared()
    account.autoscaling.register_scalable_target(
        {
            "ServiceNamespace": "sagemaker",
            "ResourceId": "endpoint/digits/variant/AllTraffic",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "MinCapacity": 1,
            "MaxCapacity": 9,
        },
        PERSON,
    )
    account.config("bigger", variant(instances=4) | {"InstanceType": "ml.m5.xlarge"})
    account.config("renamed", variant("Other", instances=4))

    for config in ("bigger", "renamed"):
        assert "[AllTraffic] must be deregistered" in account.refused(
            "update_endpoint", EndpointName="digits", EndpointConfigName=config
        )
    account.update("second")


@pytest.mark.parametrize(
    ("deployment", "instances", "words"),
    [
        (blue_green("CANARY", 51), 4, "CanarySize must be between 1 and 50"),
        (blue_green("LINEAR", 5), 4, "LinearStepSize must be between 10 and 50"),
        (blue_green("CANARY", 50), 1, "at least 2 instances"),
        (by_instances(3), 4, "CanarySize must be between 1 and 50"),
        (rolling(60), 4, "MaximumBatchSize must be between 5 and 50"),
        (rolling(50), 1, "at least 2 instances"),
        (rolling(50, wait=300, MaximumExecutionTimeoutInSeconds=600), 4, "larger than the total"),
        (blue_green("CANARY", 25, MaximumExecutionTimeoutInSeconds=900), 4, "larger than the total"),
        (blue_green() | rolling(), 4, "one of"),
    ],
)
def test_a_deployment_config_outside_its_limits_is_refused(
    deployment: dict[str, Any], instances: int, words: str
) -> None:
    account = prepared(instances=instances)

    assert words in account.refused(
        "update_endpoint", EndpointName="digits", EndpointConfigName="second", DeploymentConfig=deployment
    )
