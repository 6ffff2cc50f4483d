from __future__ import annotations

from typing import Any

import pytest

from tests.unit.examples import ALL_AT_ONCE, RELEASE, STABLE
from tests.unit.planned import ADOPTED, LIKE_STABLE, WITH_BASELINE, actions, config, deliver, request


def test_by_weights_everything_is_created_before_the_endpoint_is_touched() -> None:
    plan = deliver()
    assert actions(plan) == [
        *["CreateModel", "CreateEndpointConfig", "CreateEndpointConfig", "PutMetricAlarm", "PutMetricAlarm"],
        *["UpdateEndpoint", "InvokeEndpoint"],
        *["UpdateEndpointWeightsAndCapacities", "Bake"] * 4,
        *["UpdateEndpoint", "DeleteAlarms", "DeleteEndpointConfig"],
    ]


def test_with_weights_the_candidate_starts_without_traffic_and_is_smoke_tested_before_it_gets_any() -> None:
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
        "hears": "|Abort|Pause|",
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


def test_a_baseline_gets_no_traffic_in_a_rollback_and_is_removed_with_stable() -> None:
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
