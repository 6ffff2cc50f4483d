"""Models of several containers: what one answers is what the next is asked, or each request names one."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal import models
from rehearsal.aws import AwsError
from rehearsal.models.packing import pack
from tests.rehearsal.sagemaker.account import IMAGE, ROLE, Account, variant
from tests.rehearsal.sagemaker.test_runtime import invoke

SCRIPT = """
def model_fn(directory): return {word!r}
def input_fn(body, content_type):
    if body == "refused": raise ValueError("no")
    return body
def predict_fn(body, word): return word + "(" + body + ")"
def output_fn(said, accept): return said
"""


def account(*words: str) -> Account:
    """With an artifact for each word, whose model answers the word and, in brackets, what it was asked."""
    made = Account()
    for word in words:
        made.objects["models", f"{word}.tar.gz"] = pack({"inference.py": SCRIPT.format(word=word).encode()})
    return made


def container(model: str, hostname: str = "", **more: Any) -> dict[str, Any]:
    named = {"ContainerHostname": hostname} if hostname else {}
    return {"Image": IMAGE, "ModelDataUrl": f"s3://models/{model}.tar.gz", **named, **more}


def serve(made: Account, *containers: dict[str, Any], **more: Any) -> Account:
    made.call("create_model", ModelName="m", Containers=list(containers), ExecutionRoleArn=ROLE, **more)
    made.endpoint(variant(model="m"))
    return made


DIRECT: dict[str, Any] = {"InferenceExecutionConfig": {"Mode": "Direct"}}


def asked(made: Account, body: bytes = b"x", **more: Any) -> bytes:
    return bytes(invoke(made, body, **more)["Body"])


def said(made: Account, **more: Any) -> str:
    with pytest.raises(AwsError) as refusal:
        invoke(made, **more)
    return f"{refusal.value.code}: {refusal.value.message}"


def test_what_one_container_answers_is_what_the_next_is_asked() -> None:
    assert asked(serve(account("a", "b", "c"), container("a"), container("b"), container("c"))) == b"c(b(a(x)))"


def test_a_container_that_refuses_ends_the_pipeline() -> None:
    made = serve(account("a", "b"), container("a"), container("b"))
    assert "Received server error (500)" in said(made, body=b"refused")


def test_with_direct_each_request_reaches_the_container_that_it_names() -> None:
    made = serve(account("a", "b"), container("a", "one"), container("b", "two"), **DIRECT)
    assert asked(made, TargetContainerHostname="two") == b"b(x)"
    assert asked(made, TargetContainerHostname="one") == b"a(x)"


def test_a_request_that_names_no_container_or_none_that_is_there_is_a_validation_error() -> None:
    """docs: multi-container-direct names the three cases."""
    made = serve(account("a", "b"), container("a", "one"), container("b", "two"), **DIRECT)
    assert said(made).startswith("ValidationError: The request is missing a target container hostname")
    assert "Container three not found" in said(made, TargetContainerHostname="three")
    serial = serve(account("a", "b"), container("a", "one"), container("b", "two"))
    assert "does not support target container hostname" in said(serial, TargetContainerHostname="one")


def test_one_container_that_does_not_start_fails_the_endpoint_and_is_named() -> None:
    made = serve(Account(), container("clip"), container("crash"))
    made.wait(60)
    assert made.status() == "Failed"
    assert (
        "The container-2 for production variant AllTraffic did not pass the ping health check."
        in (made.describe()["FailureReason"])
    )


def test_an_endpoint_tells_the_image_of_each_container() -> None:
    made = serve(account("a", "b"), container("a"), container("b", Image=f"{IMAGE}-b"))
    (served,) = made.describe()["ProductionVariants"]
    assert [each["SpecifiedImage"] for each in served["DeployedImages"]] == [IMAGE, f"{IMAGE}-b"]


@pytest.mark.parametrize(
    ("containers", "more", "words"),
    [
        ([container("a", "x"), container("b", "x")], {}, "hostnames must be unique"),
        ([container("a", "x"), container("b")], {}, "every container, or for none"),
        ([container("a"), container("b")], DIRECT, "needs a ContainerHostname"),
        ([container("a", "x")], DIRECT, "more than one container"),
        ([container("a"), container("gone")], {}, "Could not find model data at s3://models/gone.tar.gz"),
        ([container("a")], {"PrimaryContainer": container("b")}, "either PrimaryContainer or Containers"),
        (
            [container("a", Mode="MultiModel"), container("b", Mode="MultiModel")],
            {},
            "More than one container in MultiModel mode is not supported with inference pipeline.",
        ),
    ],
)
def test_containers_that_do_not_go_together_are_refused(
    containers: list[dict[str, Any]], more: dict[str, Any], words: str
) -> None:
    assert words in account("a", "b").refused("create_model", ModelName="m", Containers=containers, **more)


def test_serverless_variants_and_shadows_take_no_such_model() -> None:
    """docs: serverless-endpoints, shadow-tests-create."""
    made = account("a", "b")
    made.call("create_model", ModelName="m", Containers=[container("a"), container("b")], ExecutionRoleArn=ROLE)
    made.model("plain")
    serverless = {
        "VariantName": "v",
        "ModelName": "m",
        "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 5},
    }
    refused = made.refused("create_endpoint_config", EndpointConfigName="c", ProductionVariants=[serverless])
    assert "Inference pipelines are not supported" in refused
    shadowed = {"ProductionVariants": [variant("a", "plain")], "ShadowProductionVariants": [variant("b", "m")]}
    assert "multi-container" in made.refused("create_endpoint_config", EndpointConfigName="c", **shadowed)


def test_a_pipeline_of_clip_and_a_classifier_reads_what_the_classifier_alone_reads() -> None:
    made = serve(Account(), container("clip"), container("better"))
    row = models.sample()
    assert asked(made, row.body).decode() == row.label
