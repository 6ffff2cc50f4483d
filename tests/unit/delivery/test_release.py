from __future__ import annotations

from typing import Any

import pytest

from interlock.delivery.release import MAX_ROLLBACK_ALARMS
from tests.unit import examples
from tests.unit.examples import ALL_AT_ONCE, CANARY, NOTHING_YET, RELEASE, STABLE, answers, found
from tests.unit.planned import LIKE_STABLE, WITH_BASELINE, actions, deliver, request

NATIVE = {"kind": "canary", "steps": [50], "bake": "30m", "traffic": "native"}
ADOPTED = answers(
    endpoint=found(examples.endpoint("InService", "made-by-hand", examples.live("blue", 3.0, 7))),
    endpoint_config=found(
        examples.endpoint_config(
            "made-by-hand",
            examples.production_variant(
                "blue", VolumeSizeInGB=50, ContainerStartupHealthCheckTimeoutInSeconds=900, InitialInstanceCount=2
            ),
            DataCaptureConfig={"EnableCapture": True, "DestinationS3Uri": "s3://capture"},
            KmsKeyId="arn:aws:kms:eu-west-1:111122223333:key/1",
            VpcConfig={"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        )
    ),
)
"""An endpoint that somebody else made, scaled out since, with settings of its own."""


def config(plan: dict[str, Any], name: str) -> dict[str, Any]:
    requests = [step["request"] for step in plan["steps"] if step["action"] == "CreateEndpointConfig"]
    return next(made for made in requests if made["EndpointConfigName"] == name)


def test_a_first_deployment_creates_everything_then_asks_the_candidate() -> None:
    plan = deliver(answers(**NOTHING_YET))
    assert actions(plan) == ["CreateModel", "CreateEndpointConfig", "CreateEndpoint", "InvokeEndpoint"]
    assert request(plan, "CreateEndpointConfig")["ProductionVariants"] == [
        {
            "VariantName": "AllTraffic",
            "ModelName": "interlock-churn-v7-1",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 2,
            "InitialVariantWeight": 1.0,
        }
    ]
    assert plan["steps"][2]["expect"] == {"config": "interlock-churn-v7-1", "shares": {"AllTraffic": 100.0}}
    assert request(plan, "InvokeEndpoint") == {
        "EndpointName": "churn-live",
        "TargetVariant": "AllTraffic",
        "ContentType": "text/csv",
        "Body": "1,2,3",
    }


def test_a_first_deployment_without_smoke_test_ends_with_the_endpoint() -> None:
    assert actions(deliver(answers(**NOTHING_YET), smoke=None))[-1] == "CreateEndpoint"


def test_by_weights_everything_is_created_before_the_endpoint_is_touched() -> None:
    plan = deliver()
    assert actions(plan) == [
        *["CreateModel", "CreateEndpointConfig", "CreateEndpointConfig", "PutMetricAlarm", "PutMetricAlarm"],
        *["UpdateEndpoint", "InvokeEndpoint"],
        *["UpdateEndpointWeightsAndCapacities", "Bake"] * 4,
        *["UpdateEndpoint", "DeleteAlarms", "DeleteEndpointConfig"],
    ]


def test_by_weights_the_candidate_comes_up_without_traffic_and_is_asked_before_it_gets_any() -> None:
    plan = deliver()
    bring_up = plan["steps"][5]
    assert bring_up["expect"]["shares"] == {STABLE: 100.0, RELEASE: 0.0}
    assert request(plan, "InvokeEndpoint")["TargetVariant"] == RELEASE
    both = config(plan, "interlock-churn-v7-1-canary")["ProductionVariants"]
    assert [(item["VariantName"], item["InitialVariantWeight"]) for item in both] == [(STABLE, 100.0), (RELEASE, 0.0)]


def test_by_weights_each_step_is_baked_and_judged_on_the_candidates_own_metrics() -> None:
    plan = deliver()
    bakes = [step["bake"] for step in plan["steps"] if step["action"] == "Bake"]
    assert [bake["percent"] for bake in bakes] == [5, 25, 50, 100]
    for bake in bakes:
        dimensions = bake["queries"][0]["MetricStat"]["Metric"]["Dimensions"]
        assert {item["Name"]: item["Value"] for item in dimensions} == {
            "EndpointName": "churn-live",
            "VariantName": RELEASE,
        }


def test_by_weights_one_request_puts_all_traffic_on_stable() -> None:
    plan = deliver()
    assert plan["restore"] == {
        "action": "UpdateEndpointWeightsAndCapacities",
        "note": "All traffic to stable",
        "awaits": False,
        "request": {
            "EndpointName": "churn-live",
            "DesiredWeightsAndCapacities": [
                {"VariantName": STABLE, "DesiredWeight": 100.0},
                {"VariantName": RELEASE, "DesiredWeight": 0.0},
            ],
        },
    }
    assert plan["restore_from"] == actions(plan).index("UpdateEndpointWeightsAndCapacities")


def test_the_last_step_retires_stable_and_leaves_the_candidate_alone() -> None:
    plan = deliver()
    assert request(plan, "UpdateEndpoint", 1)["EndpointConfigName"] == "interlock-churn-v7-1"
    alone = config(plan, "interlock-churn-v7-1")["ProductionVariants"]
    assert [(item["VariantName"], item["InitialVariantWeight"]) for item in alone] == [(RELEASE, 100.0)]
    assert request(plan, "DeleteEndpointConfig") == {"EndpointConfigName": "interlock-churn-v7-1-canary"}


def asked_about(bake: dict[str, Any], prefix: str) -> set[str]:
    """The variants that the queries of a bake whose Id starts with ``prefix`` ask about."""
    return {
        dimension["Value"]
        for query in bake["queries"]
        if query["Id"].startswith(prefix)
        for dimension in query["MetricStat"]["Metric"]["Dimensions"]
        if dimension["Name"] == "VariantName"
    }


@pytest.mark.parametrize(("fields", "other"), [(LIKE_STABLE, STABLE), (WITH_BASELINE, f"{RELEASE}-baseline")])
def test_a_candidate_is_compared_with_what_serves_beside_it(fields: dict[str, Any], other: str) -> None:
    bakes = [step["bake"] for step in deliver(**fields)["steps"] if step["action"] == "Bake"]
    assert [asked_about(bake, "candidate_") for bake in bakes] == [{RELEASE}] * len(bakes)
    assert [asked_about(bake, "stable_") for bake in bakes] == [{other}] * (len(bakes) - 1) + [set()]


def test_a_baseline_is_stable_over_again_as_new_and_as_large_as_the_candidate() -> None:
    made = config(deliver(ADOPTED, **WITH_BASELINE), "interlock-churn-v7-1-canary")["ProductionVariants"]
    stays, baseline, comes = made
    assert [item["VariantName"] for item in made] == ["blue", f"{RELEASE}-baseline", RELEASE]
    assert [item["InitialVariantWeight"] for item in made] == [100.0, 0.0, 0.0]
    assert baseline["InitialInstanceCount"] == comes["InitialInstanceCount"] == 7
    name = {"VariantName": f"{RELEASE}-baseline", "InitialVariantWeight": 0.0}
    assert baseline == stays | name


def test_a_baseline_gets_what_the_candidate_gets_as_long_as_there_is_as_much() -> None:
    plan = deliver(**WITH_BASELINE)
    shares = [step["expect"]["shares"] for step in plan["steps"] if step["action"].startswith("UpdateEndpointWeights")]
    assert [tuple(share[name] for name in (STABLE, f"{RELEASE}-baseline", RELEASE)) for share in shares] == [
        (90, 5, 5),
        (0, 50, 50),
        (0, 20, 80),
        (0, 0, 100),
    ]
    weights = request(plan, "UpdateEndpointWeightsAndCapacities")["DesiredWeightsAndCapacities"]
    assert {item["VariantName"]: item["DesiredWeight"] for item in weights} == shares[0]


def test_a_baseline_gets_nothing_on_the_way_back_and_goes_with_stable() -> None:
    plan = deliver(**WITH_BASELINE)
    back = plan["restore"]["request"]["DesiredWeightsAndCapacities"]
    names = (STABLE, f"{RELEASE}-baseline", RELEASE)
    assert [(item["VariantName"], item["DesiredWeight"]) for item in back] == list(zip(names, (100, 0, 0), strict=True))
    (alone,) = config(plan, "interlock-churn-v7-1")["ProductionVariants"]
    assert alone["VariantName"] == RELEASE
    notes = [step["note"] for step in plan["steps"]]
    assert "Send 5 % of the traffic to the candidate, 5 % to the baseline" in notes
    assert "Retire stable and baseline" in notes


def test_all_at_once_by_weights_is_one_step_to_100_that_is_baked() -> None:
    plan = deliver(strategy=ALL_AT_ONCE)
    assert actions(plan).count("UpdateEndpointWeightsAndCapacities") == actions(plan).count("Bake") == 1


@pytest.mark.parametrize("name", ["interlock-churn-v7-1-canary", "interlock-churn-v7-1"])
def test_adoption_by_weights_keeps_capacity_and_settings_for_both_variants(name: str) -> None:
    made = config(deliver(ADOPTED), name)
    assert made["DataCaptureConfig"] == {"EnableCapture": True, "DestinationS3Uri": "s3://capture"}
    assert made["KmsKeyId"].endswith("key/1")
    assert made["VpcConfig"]["Subnets"] == ["subnet-1"]
    assert "CreationTime" not in made
    for variant in made["ProductionVariants"]:
        assert variant["InitialInstanceCount"] == 7
        assert variant["VolumeSizeInGB"] == 50
        assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 900


def test_adoption_leaves_stable_its_name_its_model_and_its_machines() -> None:
    bigger = {"instance_type": "ml.c5.xlarge", "instances": 3}
    stays, comes = config(deliver(ADOPTED, hosting=bigger), "interlock-churn-v7-1-canary")["ProductionVariants"]
    assert (stays["VariantName"], stays["ModelName"], stays["InstanceType"]) == ("blue", "churn-6", "ml.m5.large")
    assert (comes["VariantName"], comes["ModelName"], comes["InstanceType"]) == (
        RELEASE,
        "interlock-churn-v7-1",
        "ml.c5.xlarge",
    )


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


def test_by_guardrails_the_alarms_see_only_the_new_fleet() -> None:
    """Config-scoped metrics (docs: deployment-guardrails-configuration): stable's errors must not end a release."""
    plan = deliver(strategy=NATIVE)
    latency = request(plan, "PutMetricAlarm", 1)
    assert {"Name": "EndpointConfigName", "Value": "interlock-churn-v7-1"} in latency["Dimensions"]
    assert {"Name": "VariantName", "Value": STABLE} in latency["Dimensions"]


def test_by_guardrails_the_way_back_is_the_veto() -> None:
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
