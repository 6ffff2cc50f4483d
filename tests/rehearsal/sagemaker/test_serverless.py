"""Serverless endpoints: what SageMaker refuses, what it describes, and how their containers start."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.sagemaker import Options
from rehearsal.traffic import Load, Traffic
from tests.rehearsal.flowing import of, values
from tests.rehearsal.sagemaker.account import IMAGE, ROLE, Account, variant

VPC = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
CAPTURE = {"InitialSamplingPercentage": 10, "DestinationS3Uri": "s3://c", "CaptureOptions": [{"CaptureMode": "Input"}]}
SOURCE = {"S3Uri": "s3://models/plain.tar.gz", "S3DataType": "S3Object", "CompressionType": "Gzip"}
ASYNC = {"OutputConfig": {"S3OutputPath": "s3://out"}}
AT_ONCE = {
    "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}
}


def serverless(model: str = "plain", name: str = "AllTraffic", **config: int) -> dict[str, Any]:
    size = {"MemorySizeInMB": 2048, "MaxConcurrency": 20} | config
    return {"VariantName": name, "ModelName": model, "ServerlessConfig": size}


def account(**options: Any) -> Account:
    made = Account(Options(**options))
    made.model()
    return made


@pytest.mark.parametrize(
    ("variants", "fields", "said"),
    [
        ([serverless(), serverless(name="b")], {}, "exactly one production variant"),
        ([serverless(), variant("b")], {}, "exactly one production variant"),
        ([serverless()], {"ShadowProductionVariants": [serverless(name="b")]}, "exactly one production variant"),
        ([serverless()], {"DataCaptureConfig": CAPTURE}, "Data capture is not supported"),
        ([serverless()], {"AsyncInferenceConfig": ASYNC}, "AsyncInferenceConfig is not supported"),
        ([serverless(MemorySizeInMB=1536)], {}, "MemorySizeInMB must be one of 1024, 2048"),
        ([serverless(ProvisionedConcurrency=21)], {}, "ProvisionedConcurrency must be less than or equal"),
        ([serverless() | {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}], {}, "either a ServerlessConfig"),
    ],
)
def test_a_config_that_no_serverless_endpoint_can_have_is_refused(
    variants: list[dict[str, Any]], fields: dict[str, Any], said: str
) -> None:
    request = {"EndpointConfigName": "c", "ProductionVariants": variants, **fields}
    assert said in account().refused("create_endpoint_config", **request)


@pytest.mark.parametrize(
    ("container", "fields", "said"),
    [
        ({"ModelDataUrl": SOURCE["S3Uri"]}, {"VpcConfig": VPC}, "VpcConfig and network isolation"),
        ({"ModelDataUrl": SOURCE["S3Uri"]}, {"EnableNetworkIsolation": True}, "VpcConfig and network isolation"),
        ({"ModelDataUrl": SOURCE["S3Uri"], "Mode": "MultiModel"}, {}, "Multi-model containers"),
        ({"ModelDataSource": {"S3DataSource": SOURCE}}, {}, "ModelDataSource is not supported"),
    ],
)
def test_a_model_that_no_serverless_endpoint_can_host_is_refused(
    container: dict[str, Any], fields: dict[str, Any], said: str
) -> None:
    here = account()
    here.call(
        "create_model", ModelName="m", PrimaryContainer={"Image": IMAGE} | container, ExecutionRoleArn=ROLE, **fields
    )
    request = {"EndpointConfigName": "c", "ProductionVariants": [serverless("m")]}
    assert said in here.refused("create_endpoint_config", **request)


def test_instances_do_not_become_serverless_and_serverless_becomes_instances() -> None:
    """Docs: serverless-endpoints."""
    here = account()
    here.config("second", serverless())
    here.endpoint(variant())
    update = {"EndpointName": "digits", "EndpointConfigName": "second"}
    assert "from instance-based to serverless" in here.refused("update_endpoint", **update)

    other = account()
    other.config("second", variant())
    other.endpoint(serverless())
    other.update()
    other.wait(10)
    assert other.describe()["ProductionVariants"][0]["CurrentInstanceCount"] == 1


@pytest.mark.parametrize(
    ("option", "asked"),
    [
        ("serverless_guardrails", {"DeploymentConfig": AT_ONCE}),
        ("serverless_retained", {"RetainAllVariantProperties": True}),
    ],
)
def test_guardrails_and_retained_properties_are_refused_or_ignored(option: str, asked: dict[str, Any]) -> None:
    here = account(**{option: "refused"})
    here.config("second", serverless())
    here.endpoint(serverless())
    update = {"EndpointName": "digits", "EndpointConfigName": "second", **asked}
    assert "is not supported for serverless endpoints" in here.refused("update_endpoint", **update)

    here = account(**{option: "ignored"})
    here.config("second", serverless())
    here.endpoint(serverless())
    here.update(**asked)
    here.wait(10)
    assert here.describe()["EndpointConfigName"] == "second"


def test_the_concurrency_can_be_changed_and_is_described() -> None:
    here = account()
    here.endpoint(serverless())
    (described,) = here.describe()["ProductionVariants"]
    assert "CurrentInstanceCount" not in described
    change = {"VariantName": "AllTraffic", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 5}}
    here.call("update_endpoint_weights_and_capacities", EndpointName="digits", DesiredWeightsAndCapacities=[change])
    (described,) = here.describe()["ProductionVariants"]
    assert "ProvisionedConcurrency" not in described["CurrentServerlessConfig"]
    assert described["DesiredServerlessConfig"]["ProvisionedConcurrency"] == 5
    here.wait(5)
    (described,) = here.describe()["ProductionVariants"]
    whole = {"MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": 5}
    assert described["CurrentServerlessConfig"] == described["DesiredServerlessConfig"] == whole


@pytest.mark.parametrize(
    ("of", "change", "said"),
    [
        (serverless(), {"DesiredInstanceCount": 2}, "takes no DesiredInstanceCount"),
        (serverless(), {"ServerlessUpdateConfig": {"ProvisionedConcurrency": 21}}, "less than or equal to MaxConc"),
        (variant(), {"ServerlessUpdateConfig": {"MaxConcurrency": 2}}, "takes no ServerlessUpdateConfig"),
    ],
)
def test_a_variant_changes_in_what_it_has_only(of: dict[str, Any], change: dict[str, Any], said: str) -> None:
    here = account()
    here.endpoint(of)
    wanted = [{"VariantName": "AllTraffic", **change}]
    request = {"EndpointName": "digits", "DesiredWeightsAndCapacities": wanted}
    assert said in here.refused("update_endpoint_weights_and_capacities", **request)


def measured(here: Account, name: str, statistic: str, namespace: str = "AWS/SageMaker") -> list[float]:
    return values(here, name, statistic, 60, namespace, **of("AllTraffic"))


@pytest.mark.parametrize(("warm", "starts"), [({}, [12.0, 12.0]), ({"ProvisionedConcurrency": 5}, [])])
def test_requests_wait_for_a_container_at_first_and_after_a_silence_unless_some_are_kept_warm(
    warm: dict[str, int], starts: list[float]
) -> None:
    here = account()
    rate = [(0.0, 2.0), (600.0, 0.0), (1200.0, 2.0)]
    Traffic(here.clock, here.sagemaker.endpoints, here.cloudwatch.publish, [Load("digits", rate)])
    here.endpoint(serverless("plain", "AllTraffic", **warm))
    here.wait(30)
    assert measured(here, "ModelSetupTime", "SampleCount") == starts
    assert (max(measured(here, "OverheadLatency", "Maximum")) > 1e6) == bool(starts)
    assert max(measured(here, "ModelLatency", "Maximum")) < 1e6


def test_only_the_metrics_that_are_listed_for_serverless_endpoints_are_published() -> None:
    """Docs: serverless-endpoints-monitoring."""
    here = account()
    Traffic(here.clock, here.sagemaker.endpoints, here.cloudwatch.publish, [Load("digits")])
    here.endpoint(serverless())
    here.wait(10)
    assert measured(here, "Invocations", "Sum") and measured(here, "Invocation5XXErrors", "Sum")
    assert measured(here, "MemoryUtilization", "Average", "/aws/sagemaker/Endpoints")
    assert not measured(here, "InvocationModelErrors", "Sum")
    assert not measured(here, "CPUUtilization", "Average", "/aws/sagemaker/Endpoints")
