"""Asynchronous hosting: the config of its queue, an empty fleet, and what the plan of a release to it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from interlock.hosting.asynchronous import Async
from interlock.model.observation import Endpoint, read_endpoint
from tests.unit import examples
from tests.unit.awsmodel import input_of, limits, unfit
from tests.unit.delivery.test_every_plan import request_is_one_that_aws_takes
from tests.unit.examples import STABLE, STABLE_CONFIG, answers, found
from tests.unit.planned import actions, asynchronous, deliver, request

OUTPUT, TOPIC = "s3://results/churn", "arn:aws:sns:eu-west-1:111122223333:failed"
HOSTING: dict[str, Any] = {"kind": "async", "instance_type": "ml.m5.large", "output": OUTPUT}
FIELDS: dict[str, Any] = {
    "hosting": HOSTING,
    "strategy": {"kind": "all_at_once", "bake": "10m"},
    "smoke": None,
    "evidence": [examples.ERROR_RULE],
}
LIVE = {
    "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 7},
    "OutputConfig": {
        "S3OutputPath": "s3://results/old",
        "KmsKeyId": "key",
        "NotificationConfig": {
            "SuccessTopic": f"{TOPIC}-not",
            "ErrorTopic": f"{TOPIC}-old",
            "IncludeInferenceResponseIn": ["ERROR_NOTIFICATION_TOPIC"],
        },
    },
}
GUARDS = ["PutMetricAlarm"] * 3  # errors of the candidate, and of both fleets; the veto


def observed(instances: int = 2, config: Any = LIVE) -> dict[str, Any]:
    settings = {"AsyncInferenceConfig": config} if config else {}
    return answers(
        endpoint=found(examples.endpoint("InService", STABLE_CONFIG, examples.live(STABLE, 1.0, instances))),
        endpoint_config=found(examples.endpoint_config(STABLE_CONFIG, **settings)),
    )


def endpoint(*variants: dict[str, Any], **fields: Any) -> Endpoint:
    config = examples.endpoint_config(STABLE_CONFIG, *variants, **fields)
    lives = [examples.live(each["VariantName"]) for each in config["ProductionVariants"]]
    return read_endpoint(examples.endpoint("InService", STABLE_CONFIG, *lives), config)


def hosting(**fields: Any) -> Async:
    return Async(**(HOSTING | fields))


def test_a_new_endpoint_gets_all_that_the_policy_names() -> None:
    full = hosting(failures="s3://results/bad", error_topic=TOPIC, concurrency=4, kms_key="alias/results")
    made = full.settings({}, {})
    assert made == {
        "AsyncInferenceConfig": {
            "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
            "OutputConfig": {
                "S3OutputPath": OUTPUT,
                "S3FailurePath": "s3://results/bad",
                "KmsKeyId": "alias/results",
                "NotificationConfig": {"ErrorTopic": TOPIC},
            },
        }
    }
    config = {"EndpointConfigName": "c", "ProductionVariants": [full.variant("AllTraffic", "m")], **made}
    assert unfit(input_of("sagemaker", "CreateEndpointConfig"), config) == []


def test_what_the_policy_does_not_name_stays_as_it_is_live() -> None:
    made = hosting(error_topic=TOPIC).settings({"AsyncInferenceConfig": LIVE}, {})["AsyncInferenceConfig"]
    assert made["ClientConfig"] == LIVE["ClientConfig"]
    assert made["OutputConfig"] == {
        "S3OutputPath": OUTPUT,
        "KmsKeyId": "key",
        "NotificationConfig": {
            "SuccessTopic": f"{TOPIC}-not",
            "ErrorTopic": TOPIC,
            "IncludeInferenceResponseIn": ["ERROR_NOTIFICATION_TOPIC"],
        },
    }


@pytest.mark.parametrize(("own", "key"), [({}, "required"), ({"kms_key": "own"}, "own")])
def test_a_required_key_takes_the_place_of_the_live_one_but_not_of_the_policys_own(
    own: dict[str, str], key: str
) -> None:
    made = hosting(**own).settings({"AsyncInferenceConfig": LIVE}, {"KmsKeyId": "required"})
    assert made["AsyncInferenceConfig"]["OutputConfig"]["KmsKeyId"] == key


def test_guardrails_move_the_traffic_and_watch_both_fleets_together_too() -> None:
    plan = deliver(observed(), **FIELDS)
    assert plan["traffic"] == "native"
    assert actions(plan)[:6] == ["CreateModel", "CreateEndpointConfig", *GUARDS, "UpdateEndpoint"]
    alone, both = (request(plan, "PutMetricAlarm", index) for index in (0, 1))
    watched = [_dimensions(each) for each in (alone, both)]
    assert watched == [{"EndpointName", "VariantName", "EndpointConfigName"}, {"EndpointName", "VariantName"}]
    names = {each["AlarmName"] for each in _rollback(plan)["Alarms"]}
    assert {alone["AlarmName"], both["AlarmName"]} < names
    assert any("errors of stable can roll the release back" in said for said in plan["warnings"])
    config = request(plan, "CreateEndpointConfig")["AsyncInferenceConfig"]
    assert config["OutputConfig"]["S3OutputPath"] == OUTPUT
    assert {"VariantPropertyType": "DesiredInstanceCount"} not in _excluded(plan)


def _dimensions(alarm: dict[str, Any]) -> set[str]:
    return {each["Name"] for each in alarm["Metrics"][0]["MetricStat"]["Metric"]["Dimensions"]}


def _rollback(plan: Any) -> dict[str, Any]:
    found_in: dict[str, Any] = request(plan, "UpdateEndpoint")["DeploymentConfig"]["AutoRollbackConfiguration"]
    return found_in


def _excluded(plan: Any) -> list[dict[str, str]]:
    excluded: list[dict[str, str]] = request(plan, "UpdateEndpoint")["ExcludeRetainedVariantProperties"]
    return excluded


def test_a_candidate_of_an_empty_fleet_comes_up_with_an_instance() -> None:
    """Retained, the count of stable would be its own: nothing would start, and no alarm could say so."""
    plan = deliver(observed(instances=0), **FIELDS)
    (variant,) = request(plan, "CreateEndpointConfig")["ProductionVariants"]
    assert variant["InitialInstanceCount"] == 1
    assert {"VariantPropertyType": "DesiredInstanceCount"} in _excluded(plan)
    assert any("Stable has no instances now. The candidate gets one" in said for said in plan["warnings"])


def test_a_first_deployment_creates_the_queue_and_sends_no_request() -> None:
    plan = deliver(answers(**examples.NOTHING_YET), **FIELDS)
    assert actions(plan) == ["CreateModel", "CreateEndpointConfig", "CreateEndpoint", "None"]
    assert request(plan, "CreateEndpointConfig")["AsyncInferenceConfig"]["OutputConfig"]["S3OutputPath"] == OUTPUT


def test_more_than_ten_alarms_and_what_guardrails_cannot_do_are_refused() -> None:
    rules = [{"metric": name, "max": limit} for name, limit in (("client_error_rate", "5%"), ("mean_latency", "1s"))]
    quiet = found({"MetricAlarms": [{"AlarmName": name, "StateValue": "OK"} for name in "abcde"]})
    plan = deliver(
        observed() | {"alarms": quiet}, **FIELDS | {"evidence": [examples.ERROR_RULE, *rules], "alarms": list("abcde")}
    )
    assert plan["decision"] == "Refuse"
    assert "guardrails watch at most 10 alarms" in plan["why"] and "kind: async has one variant" in plan["why"]


@pytest.mark.parametrize(
    ("found_there", "said"),
    [
        (endpoint(), "it answers at once, and its callers would be refused if it became asynchronous"),
        (endpoint(examples.serverless_variant()), "it is a serverless endpoint"),
        (
            endpoint(ShadowProductionVariants=[examples.production_variant("b")], AsyncInferenceConfig=LIVE),
            "it has a shadow variant",
        ),
    ],
)
def test_another_kind_of_endpoint_is_not_turned_into_an_asynchronous_one(found_there: Endpoint, said: str) -> None:
    assert hosting().obstacles(found_there)[0].startswith(said)
    assert hosting().obstacles(endpoint(AsyncInferenceConfig=LIVE)) == []


def test_the_limits_are_those_of_aws() -> None:
    assert limits("sagemaker", "MaxConcurrentInvocationsPerInstance") == {"min": 1, "max": 1000}
    assert limits("sagemaker", "InitialTaskCount") == {"min": 1}


@settings(max_examples=30)
@given(asynchronous, some.integers(0, 8))
def test_every_request_of_every_plan_is_one_that_aws_takes(fields: dict[str, Any], instances: int) -> None:
    plan = deliver(observed(instances), **fields)
    assert plan["decision"] == "Refuse" or plan["traffic"] == "native"
    assert all(request_is_one_that_aws_takes(step) for step in plan["steps"])
