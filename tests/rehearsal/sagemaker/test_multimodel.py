"""Multi-model endpoints: what SageMaker refuses, what is loaded when, what stays loaded, and what is measured."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal import models
from rehearsal.aws import AwsError
from rehearsal.sagemaker import Options
from rehearsal.traffic import Load, Traffic
from tests.rehearsal.checked_calls import checked
from tests.rehearsal.flowing import of, values
from tests.rehearsal.sagemaker.account import IMAGE, ROLE, Account, variant

PREFIX = "s3://models/many/"
ROW = models.rows()[0].body
CONTAINER = {"Image": IMAGE, "Mode": "MultiModel", "ModelDataUrl": PREFIX}


def put(here: Account, key: str, kind: str) -> None:
    here.objects["models", f"many/{key}"] = models.artifact(kind)


def account(told: str = "", container: dict[str, Any] | None = None, **options: Any) -> Account:
    """A multi-model endpoint with `1.tar.gz` under its prefix, whose callers name `told`."""
    here = Account(Options(**options))
    put(here, "1.tar.gz", "plain")
    made = CONTAINER | (container or {})
    here.call("create_model", ModelName="plain", PrimaryContainer=made, ExecutionRoleArn=ROLE)
    loads = [Load("digits")] if told else []
    endpoints, publish = here.sagemaker.endpoints, here.cloudwatch.publish
    Traffic(here.clock, endpoints, publish, loads, told=lambda endpoint: told, loading=5.0)
    here.endpoint(variant())
    return here


def ask(here: Account, **target: str) -> bytes:
    request = {"EndpointName": "digits", "ContentType": "text/csv", "Body": ROW, **target}
    answer: bytes = checked("sagemaker-runtime", here.sagemaker.runtime, "invoke_endpoint", request)["Body"]
    return answer


def refused(here: Account, **target: str) -> tuple[str, str]:
    with pytest.raises(AwsError) as refusal:
        ask(here, **target)
    return refusal.value.code, refusal.value.message


@pytest.mark.parametrize(
    ("container", "said"),
    [
        ({"Mode": "SingleModel", "MultiModelConfig": {"ModelCacheSetting": "Disabled"}}, "whose Mode is MultiModel"),
        ({"ModelDataUrl": None}, "needs the S3 prefix"),
        (
            {
                "ModelDataSource": {
                    "S3DataSource": {"S3Uri": PREFIX, "S3DataType": "S3Prefix", "CompressionType": "None"}
                }
            },
            "ModelDataSource is not supported",
        ),
    ],
)
def test_a_container_that_cannot_be_is_refused(container: dict[str, Any], said: str) -> None:
    made = {name: each for name, each in (CONTAINER | container).items() if each is not None}
    assert said in Account().refused("create_model", ModelName="m", PrimaryContainer=made, ExecutionRoleArn=ROLE)


def test_a_request_names_its_model_on_such_an_endpoint_and_on_no_other() -> None:
    """Aws/sagemaker-tensorflow-serving-container #166, aws/amazon-sagemaker-examples #1026."""
    here = account()
    assert ask(here, TargetModel="1.tar.gz")
    assert refused(here) == ("ValidationError", "The request is missing a target model header.")
    single = Account()
    single.endpoint()
    code, message = refused(single, TargetModel="1.tar.gz")
    assert code == "ValidationError" and "does not support target model header" in message


def test_a_new_object_can_be_named_at_once() -> None:
    here = account()
    put(here, "churn/2.tar.gz", "better")
    assert ask(here, TargetModel="churn/2.tar.gz")


def test_a_model_that_is_loaded_stays_as_it_was_though_its_object_is_overwritten() -> None:
    """Docs: add-models-to-endpoint."""
    here = account()
    before = ask(here, TargetModel="1.tar.gz")
    put(here, "1.tar.gz", "crash")
    assert ask(here, TargetModel="1.tar.gz") == before
    uncached = account(container={"MultiModelConfig": {"ModelCacheSetting": "Disabled"}})
    ask(uncached, TargetModel="1.tar.gz")
    put(uncached, "1.tar.gz", "crash")
    assert refused(uncached, TargetModel="1.tar.gz")[0] == "ModelError"


def test_a_model_that_cannot_be_loaded_is_an_error_of_the_container() -> None:
    here = account()
    put(here, "2.tar.gz", "crash")
    code, message = refused(here, TargetModel="2.tar.gz")
    assert code == "ModelError" and "Failed to load model" in message


@pytest.mark.parametrize("answer", ["ValidationError", "ModelError"])
def test_what_is_said_of_a_missing_object_is_open(answer: str) -> None:
    code, message = refused(account(missing_named=answer), TargetModel="none.tar.gz")
    assert code == answer and "Failed to download model data" in message


def test_a_model_may_take_longer_than_a_request_may_wait() -> None:
    """Docs: invoke-multi-model-endpoint, ModelNotReadyException."""
    here = account(first_named="ModelNotReadyException")
    assert refused(here, TargetModel="1.tar.gz")[0] == "ModelNotReadyException"
    here.wait(1)
    assert refused(here, TargetModel="1.tar.gz")[0] == "ModelNotReadyException"
    here.wait(1)
    assert ask(here, TargetModel="1.tar.gz")


def test_whether_a_prefix_may_be_empty_is_open() -> None:
    for answer, taken in (("accepted", True), ("refused", False)):
        here = Account(Options(empty_prefix=answer))  # type: ignore[arg-type]
        request = {"ModelName": "m", "PrimaryContainer": CONTAINER, "ExecutionRoleArn": ROLE}
        if taken:
            here.call("create_model", **request)
        else:
            assert "Could not find model data" in here.refused("create_model", **request)


def test_the_cache_is_measured_for_the_variant_as_a_whole() -> None:
    """Docs: multi-model-endpoint-cloudwatch-metrics."""
    here = account(told="1.tar.gz")
    here.wait(5)
    hits = values(here, "ModelCacheHit", "Average", 60, **of("AllTraffic"))
    assert hits[0] < 1.0 and set(hits[1:]) == {1.0}
    assert values(here, "ModelLoadingWaitTime", "Average", 60, **of("AllTraffic")) == [5e6]
    assert values(here, "LoadedModelCount", "Average", 60, "/aws/sagemaker/Endpoints", **of("AllTraffic"))[-1] == 1.0


def test_callers_who_know_no_model_ask_nothing() -> None:
    here = Account()
    put(here, "1.tar.gz", "plain")
    here.call("create_model", ModelName="plain", PrimaryContainer=CONTAINER, ExecutionRoleArn=ROLE)
    traffic = Traffic(here.clock, here.sagemaker.endpoints, here.cloudwatch.publish, [Load("digits")])
    here.endpoint(variant())
    here.wait(5)
    assert (traffic.minutes, traffic.lost) == ([], [])
