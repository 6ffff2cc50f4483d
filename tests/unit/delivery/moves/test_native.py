from __future__ import annotations

from interlock.delivery.moves.native import MAX_ROLLBACK_ALARMS
from interlock.delivery.steps import PATIENCE
from interlock.strategies.batches import BATCH_SPARE
from tests.unit.examples import ALL_AT_ONCE, CANARY, ROLLING, STABLE, answers, found
from tests.unit.planned import ADOPTED, actions, config, deliver, request

NATIVE = {"kind": "canary", "steps": [50], "bake": "30m", "traffic": "native"}


def test_adoption_by_guardrails_keeps_capacity_settings_and_the_variants_name() -> None:
    made = config(deliver(ADOPTED, strategy=NATIVE), "interlock-churn-v7-1")
    (variant,) = made["ProductionVariants"]
    assert (variant["VariantName"], variant["ModelName"]) == ("blue", "interlock-churn-v7-1")
    assert (variant["InitialInstanceCount"], variant["VolumeSizeInGB"]) == (7, 50)
    assert made["DataCaptureConfig"]["EnableCapture"] is True
    assert made["KmsKeyId"].endswith("key/1")


def test_by_guardrails_one_update_does_it_all() -> None:
    plan = deliver(strategy=NATIVE)
    assert actions(plan) == [
        *["CreateModel", "CreateEndpointConfig"],
        *["PutMetricAlarm"] * 3,
        *["UpdateEndpoint", "DeleteAlarms"],
    ]
    deployment = request(plan, "UpdateEndpoint")["DeploymentConfig"]
    assert deployment["BlueGreenUpdatePolicy"] == {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "WaitIntervalInSeconds": 1800,
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        },
        "TerminationWaitInSeconds": 1800,
        "MaximumExecutionTimeoutInSeconds": 7200,
    }


def test_by_guardrails_all_at_once_bakes_once() -> None:
    policy = request(deliver(strategy=ALL_AT_ONCE, smoke=None, evidence=None), "UpdateEndpoint")["DeploymentConfig"]
    assert policy["BlueGreenUpdatePolicy"] == {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
        "TerminationWaitInSeconds": 600,
        "MaximumExecutionTimeoutInSeconds": 4800,
    }


def test_by_guardrails_instances_are_replaced_in_batches() -> None:
    plan = deliver(ADOPTED, strategy=ROLLING, smoke=None, evidence=None)
    (update,) = (step for step in plan["steps"] if step["action"] == "UpdateEndpoint")
    assert update["note"] == (
        "Deploy with SageMaker's guardrails, which replace 7 instances, 3 at a time, bake each batch for 10 min,"
        " and roll back on an alarm"
    )
    assert update["request"]["DeploymentConfig"] == {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 3},
            "WaitIntervalInSeconds": 600,
            "MaximumExecutionTimeoutInSeconds": 28_800,
        },
        "AutoRollbackConfiguration": {
            "Alarms": [{"AlarmName": "interlock-churn-v7-1-error-rate"}, {"AlarmName": "interlock-churn-v7-1-veto"}]
        },
    }
    assert update["patience"] == 3 * (600 + BATCH_SPARE) + PATIENCE


def test_by_guardrails_the_alarms_see_only_the_new_fleet() -> None:
    """Config-scoped metrics (docs: deployment-guardrails-configuration): stable's errors must not end a release."""
    plan = deliver(strategy=NATIVE)
    latency = request(plan, "PutMetricAlarm", 1)
    assert {"Name": "EndpointConfigName", "Value": "interlock-churn-v7-1"} in latency["Dimensions"]
    assert {"Name": "VariantName", "Value": STABLE} in latency["Dimensions"]


def test_with_guardrails_the_veto_rolls_back() -> None:
    plan = deliver(strategy=NATIVE)
    assert plan["restore"]["action"] == "PutMetricData"
    assert plan["restore_from"] == actions(plan).index("UpdateEndpoint")
    alarms = request(plan, "UpdateEndpoint")["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert {"AlarmName": "interlock-churn-v7-1-veto"} in alarms
    assert request(plan, "DeleteAlarms")["AlarmNames"] == [alarm["AlarmName"] for alarm in alarms]


def test_the_teams_alarms_are_watched_by_sagemaker_and_not_removed() -> None:
    quiet = found({"MetricAlarms": [{"AlarmName": "churn-5xx", "StateValue": "OK"}]})
    plan = deliver(answers(alarms=quiet), strategy=NATIVE, alarms=["churn-5xx"])
    alarms = request(plan, "UpdateEndpoint")["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert alarms[-1] == {"AlarmName": "churn-5xx"}
    assert "churn-5xx" not in request(plan, "DeleteAlarms")["AlarmNames"]


def test_by_guardrails_patience_covers_the_deployments_own_waits() -> None:
    update = next(step for step in deliver(strategy=NATIVE)["steps"] if step["action"] == "UpdateEndpoint")
    assert update["patience"] > 2 * 1800


def test_more_alarms_than_sagemaker_watches_go_by_weights() -> None:
    rules = [{"metric": f"{name}_latency", "max": "1s"} for name in ("mean", "p50", "p90", "p95", "p99")]
    teams = list("abcde")
    quiet = found({"MetricAlarms": [{"AlarmName": name, "StateValue": "OK"} for name in teams]})
    plan = deliver(answers(alarms=quiet), strategy=CANARY, evidence=rules, smoke=None, alarms=teams)
    assert plan["traffic"] == "weights"
    assert f"guardrails watch at most {MAX_ROLLBACK_ALARMS} alarms" in plan["why"]


def test_a_candidate_that_needs_ten_alarms_still_goes_by_guardrails() -> None:
    rules = [{"metric": f"{name}_latency", "max": "1s"} for name in ("p50", "p90", "p95")]
    teams = list("abcde")
    quiet = found({"MetricAlarms": [{"AlarmName": name, "StateValue": "OK"} for name in teams]})
    plan = deliver(answers(alarms=quiet), strategy=NATIVE, evidence=rules, alarms=teams)
    deployment = request(plan, "UpdateEndpoint")["DeploymentConfig"]
    assert len(deployment["AutoRollbackConfiguration"]["Alarms"]) == MAX_ROLLBACK_ALARMS
