"""A candidate is at least as protected as stable, and as the policy requires."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit import examples
from tests.unit.examples import found
from tests.unit.planned import actions, config, deliver, request

VPC = {"Subnets": ["subnet-0aaaaaaa", "subnet-0bbbbbbb"], "SecurityGroupIds": ["sg-0ccccccc"]}
KEY, OTHER_KEY = "arn:aws:kms:eu-west-1:111122223333:key/1", "arn:aws:kms:eu-west-1:111122223333:key/2"
REQUIRED = {"subnets": ["subnet-0ddddddd"], "security_groups": ["sg-0eeeeeee"], "network_isolation": True}
REQUIRED_VPC = {"Subnets": ["subnet-0ddddddd"], "SecurityGroupIds": ["sg-0eeeeeee"]}
BY_ONE: dict[str, Any] = {"strategy": examples.ALL_AT_ONCE, "evidence": None, "smoke": None}
GONE = {"error": "SageMaker.SageMakerException", "cause": 'Could not find model "churn-6". (Status Code: 400)'}


def _answers(model: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    return examples.answers(
        model=found(examples.model(**(model or {}))), endpoint_config=found(examples.endpoint_config(**settings))
    )


@pytest.mark.parametrize("fields", [{}, BY_ONE], ids=["weights", "native"])
def test_the_candidates_model_has_the_network_of_stables_model(fields: dict[str, Any]) -> None:
    made = request(deliver(_answers({"VpcConfig": VPC, "EnableNetworkIsolation": True}), **fields), "CreateModel")
    assert made["VpcConfig"] == VPC
    assert made["EnableNetworkIsolation"] is True


def test_a_model_without_network_gets_none() -> None:
    made = request(deliver(), "CreateModel")
    assert "VpcConfig" not in made
    assert "EnableNetworkIsolation" not in made


def test_a_new_endpoint_gets_what_the_policy_requires() -> None:
    required = REQUIRED | {"volume_key": KEY, "output_key": OTHER_KEY}
    hosting: dict[str, Any] = {"instance_type": "ml.m5.large", "data_capture": {"sampling": 20}}
    plan = deliver(examples.answers(**examples.NOTHING_YET), bucket="captures", protection=required, hosting=hosting)

    made = request(plan, "CreateModel")
    assert (made["VpcConfig"], made["EnableNetworkIsolation"]) == (REQUIRED_VPC, True)
    hosted = request(plan, "CreateEndpointConfig")
    assert (hosted["KmsKeyId"], hosted["DataCaptureConfig"]["KmsKeyId"]) == (KEY, OTHER_KEY)


def test_the_policy_decides_over_stable_but_never_takes_isolation_away() -> None:
    stable = _answers({"VpcConfig": VPC, "EnableNetworkIsolation": True}, KmsKeyId=KEY)
    required = {"subnets": ["subnet-0ddddddd"], "security_groups": ["sg-0eeeeeee"], "network_isolation": False}
    plan = deliver(stable, **BY_ONE, protection=required | {"volume_key": OTHER_KEY})

    made = request(plan, "CreateModel")
    assert (made["VpcConfig"], made["EnableNetworkIsolation"]) == (REQUIRED_VPC, True)
    assert request(plan, "CreateEndpointConfig")["KmsKeyId"] == OTHER_KEY


def test_variants_in_different_networks_are_not_put_beside_each_other() -> None:
    refused = deliver(strategy=examples.CANARY | {"traffic": "weights"}, protection=REQUIRED)
    assert refused["reason"] == "StrategyImpossible"
    assert "another network" in refused["why"]
    assert deliver(**BY_ONE, protection=REQUIRED)["traffic"] == "native"

    same = {"Subnets": VPC["Subnets"][::-1], "SecurityGroupIds": VPC["SecurityGroupIds"]}
    as_stable = {"subnets": same["Subnets"], "security_groups": same["SecurityGroupIds"]}
    assert deliver(_answers({"VpcConfig": VPC}), protection=as_stable)["traffic"] == "weights"


def test_a_model_that_is_gone_is_refused_until_the_policy_says_its_network() -> None:
    gone = examples.answers(model=GONE)
    refused = deliver(gone)
    assert (refused["decision"], refused["reason"]) == ("Refuse", "LessProtected")
    assert "Write the section protection" in refused["why"]

    assert deliver(gone, **BY_ONE, protection={"network_isolation": False})["decision"] == "Proceed"


def test_a_model_that_cannot_be_read_is_refused_whatever_the_policy_says() -> None:
    plan = deliver(examples.answers(model=examples.DENIED), protection=REQUIRED)
    assert (plan["decision"], plan["reason"]) == ("Refuse", "AwsRefused")


def test_an_encrypted_volume_is_not_changed_for_one_that_the_key_does_not_encrypt() -> None:
    local = {"instance_type": "ml.g5.xlarge"}
    refused = deliver(_answers(KmsKeyId=KEY), hosting=local)
    assert refused["reason"] == "LessProtected"
    assert KEY in refused["why"]
    assert "ml.g5.xlarge" in refused["why"]

    already = examples.production_variant(InstanceType="ml.g5.xlarge")
    stable = examples.answers(endpoint_config=found(examples.endpoint_config("c", already, KmsKeyId=KEY)))
    assert deliver(stable, hosting=local)["decision"] == "Proceed"


def test_captured_traffic_keeps_its_key() -> None:
    capture = {"EnableCapture": True, "DestinationS3Uri": "s3://capture", "KmsKeyId": KEY}
    hosting: dict[str, Any] = {"instance_type": "ml.m5.large", "data_capture": {"sampling": 20}}
    stable = _answers(DataCaptureConfig=capture)

    refused = deliver(stable, bucket="captures", hosting=hosting)
    assert (refused["reason"], KEY in refused["why"]) == ("LessProtected", True)
    plan = deliver(stable, bucket="captures", hosting=hosting, protection={"output_key": OTHER_KEY})
    assert config(plan, "interlock-churn-v7-1")["DataCaptureConfig"]["KmsKeyId"] == OTHER_KEY

    hosting["data_capture"] = {"sampling": 20, "kms_key": KEY}
    named = deliver(stable, bucket="captures", hosting=hosting, protection={"output_key": OTHER_KEY})
    assert config(named, "interlock-churn-v7-1")["DataCaptureConfig"]["KmsKeyId"] == KEY


@pytest.mark.parametrize(("has", "refused"), [(None, True), (KEY, True), (OTHER_KEY, False)])
def test_a_capture_that_stays_must_have_the_required_key(has: str | None, refused: bool) -> None:
    capture = {"EnableCapture": True, "DestinationS3Uri": "s3://capture", **({"KmsKeyId": has} if has else {})}
    plan = deliver(_answers(DataCaptureConfig=capture), protection={"output_key": OTHER_KEY})
    assert (plan["reason"] == "LessProtected") is refused


def test_what_is_refused_touches_nothing() -> None:
    assert actions(deliver(examples.answers(model=GONE))) == []
