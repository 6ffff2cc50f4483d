"""Models and endpoint configurations: refusals in AWS's words, and what deleting does not prevent."""

from __future__ import annotations

import pytest

from rehearsal.account.shapes import operations, violations
from rehearsal.sagemaker import Options
from tests.rehearsal.sagemaker.account import IMAGE, Account, variant

ARN = "arn:aws:sagemaker:eu-central-1:111122223333:"


def test_creating_what_exists_is_refused_in_aws_words() -> None:
    account = Account()
    account.model(name="Twice")
    account.config("Same", variant(model="Twice"))

    container = {"Image": IMAGE, "ModelDataUrl": "s3://models/plain.tar.gz"}
    assert account.refused("create_model", ModelName="Twice", PrimaryContainer=container) == (
        f'Cannot create already existing model "{ARN}model/twice".'
    )
    assert account.refused(
        "create_endpoint_config", EndpointConfigName="Same", ProductionVariants=[variant(model="Twice")]
    ) == (f'Cannot create already existing endpoint configuration "{ARN}endpoint-config/same".')


def test_what_does_not_exist_is_a_validation_exception_that_could_not_find_it() -> None:
    account = Account()

    assert account.refused("describe_model", ModelName="m") == f'Could not find model "{ARN}model/m".'
    assert account.refused("delete_endpoint_config", EndpointConfigName="c") == (
        f'Could not find endpoint configuration "{ARN}endpoint-config/c".'
    )
    assert account.refused("describe_endpoint", EndpointName="e") == f'Could not find endpoint "{ARN}endpoint/e".'
    assert "Could not find model" in account.refused(
        "create_endpoint_config", EndpointConfigName="c", ProductionVariants=[variant(model="m")]
    )


def test_an_artifact_that_is_gone_is_refused_at_once_or_found_out_when_the_container_starts() -> None:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://models/gone.tar.gz"}
    assert Account().refused("create_model", ModelName="m", PrimaryContainer=container) == (
        "Could not find model data at s3://models/gone.tar.gz."
    )

    account = Account(Options(missing_artifact="found out"))
    account.call("create_model", ModelName="m", PrimaryContainer=container)
    account.endpoint(variant(model="m"))
    assert account.status() == "Failed"
    assert "s3://models/gone.tar.gz" in account.describe()["FailureReason"]


def test_shadow_mode_takes_one_production_and_one_shadow_variant() -> None:
    account = Account()
    account.model()
    account.config("shadowed", variant("a"), ShadowProductionVariants=[variant("b", weight=0.5)])

    described = account.call("describe_endpoint_config", EndpointConfigName="shadowed")
    assert described["ShadowProductionVariants"][0]["InitialVariantWeight"] == 0.5
    assert "exactly one" in account.refused(
        "create_endpoint_config",
        EndpointConfigName="more",
        ProductionVariants=[variant("a"), variant("b")],
        ShadowProductionVariants=[variant("c")],
    )


def test_a_configuration_in_use_can_be_deleted_and_then_its_endpoint_cannot_be_updated() -> None:
    account = Account()
    account.endpoint()
    account.config("second", variant())
    account.call("delete_endpoint_config", EndpointConfigName="first")

    assert account.status() == "InService"
    message = account.refused("update_endpoint", EndpointName="digits", EndpointConfigName="second")
    assert message == f'Could not find endpoint configuration "{ARN}endpoint-config/first".'


def test_deleting_a_model_leaves_what_runs_running() -> None:
    account = Account()
    account.endpoint()
    account.call("delete_model", ModelName="plain")
    account.wait(5)

    assert account.shares() == {("first", "AllTraffic"): 1.0}


VPC = {"Subnets": ["subnet-0aaaaaaa"], "SecurityGroupIds": ["sg-0ccccccc"]}


def test_network_and_isolation_belong_to_the_model_and_are_described() -> None:
    account = Account()
    container = {"Image": IMAGE, "ModelDataUrl": "s3://models/plain.tar.gz"}
    account.call("create_model", ModelName="m", PrimaryContainer=container, VpcConfig=VPC, EnableNetworkIsolation=True)
    account.model()

    described = account.call("describe_model", ModelName="m")
    assert (described["VpcConfig"], described["EnableNetworkIsolation"]) == (VPC, True)
    assert account.call("describe_model", ModelName="plain")["EnableNetworkIsolation"] is False


def test_a_configuration_of_models_has_no_network_of_its_own() -> None:
    account = Account()
    account.model()
    for network in ({"VpcConfig": VPC}, {"EnableNetworkIsolation": True}):
        said = account.refused(
            "create_endpoint_config", EndpointConfigName="c", ProductionVariants=[variant()], **network
        )
        assert said.startswith(next(iter(network)))


def test_models_of_different_networks_fit_into_one_configuration_or_not() -> None:
    for account in (Account(), Account(Options(mixed_networks="refused"))):
        container = {"Image": IMAGE, "ModelDataUrl": "s3://models/plain.tar.gz"}
        account.model()
        account.call("create_model", ModelName="inside", PrimaryContainer=container, VpcConfig=VPC)
        mixed = [variant("a"), variant("b", model="inside")]
        if account.options.mixed_networks == "accepted":
            account.config("mixed", *mixed)
        else:
            said = account.refused("create_endpoint_config", EndpointConfigName="mixed", ProductionVariants=mixed)
            assert "same VpcConfig" in said


@pytest.mark.parametrize("name", ["ModelDataDownloadTimeoutInSeconds", "ContainerStartupHealthCheckTimeoutInSeconds"])
def test_time_outs_are_a_minute_to_an_hour(name: str) -> None:
    def refused(seconds: int) -> list[str]:
        request = {"EndpointConfigName": "c", "ProductionVariants": [variant() | {name: seconds}]}
        return list(violations(operations("sagemaker")["create_endpoint_config"].input_shape, request))

    assert (refused(60), refused(3600)) == ([], [])
    assert "Member must have value greater than or equal to 60" in refused(59)[0]
    assert "Member must have value less than or equal to 3600" in refused(3601)[0]


def test_metrics_are_published_as_often_as_botocore_says_and_not_otherwise() -> None:
    account = Account()
    account.model()
    account.config("fits", variant(), MetricsConfig={"MetricPublishFrequencyInSeconds": 10})
    asked = {"ProductionVariants": [variant()], "MetricsConfig": {"MetricPublishFrequencyInSeconds": 20}}
    assert "20 is not one of" in account.refused("create_endpoint_config", EndpointConfigName="c", **asked)
