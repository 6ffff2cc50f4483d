from __future__ import annotations

from typing import Any

import pytest

from interlock.model.version import PackagedContainer, read_version
from tests.unit import examples
from tests.unit.examples import DIGEST, REGISTRY


def image(written: str, digest: str = DIGEST) -> str:
    container = {"Image": written, "ImageDigest": digest, "ModelDataUrl": "s3://models/1"}
    return read_version(examples.package(InferenceSpecification={"Containers": [container]})).container.image


@pytest.mark.parametrize(
    ("written", "pinned"),
    [
        (f"{REGISTRY}/sklearn:1.2-1", f"{REGISTRY}/sklearn@{DIGEST}"),
        (f"{REGISTRY}/team/sklearn", f"{REGISTRY}/team/sklearn@{DIGEST}"),
        (f"localhost:5000/sklearn:1.2@{DIGEST}", f"localhost:5000/sklearn:1.2@{DIGEST}"),
        ("localhost:5000/sklearn:1.2", f"localhost:5000/sklearn@{DIGEST}"),
        ("sklearn:1.2", f"sklearn@{DIGEST}"),
    ],
)
def test_the_image_is_pinned_by_its_digest(written: str, pinned: str) -> None:
    assert image(written) == pinned


def test_an_image_without_known_digest_stays_as_it_was_approved() -> None:
    assert image(f"{REGISTRY}/sklearn:1.2-1", digest="") == f"{REGISTRY}/sklearn:1.2-1"


def test_a_version_is_read_as_described() -> None:
    version = read_version(examples.package())
    assert (version.number, version.approval, version.status) == (7, "Approved", "Completed")
    (container,) = version.containers
    assert container.model_data == "s3://models/churn/7/model.tar.gz"
    assert container.environment == {"SAGEMAKER_PROGRAM": "inference.py"}
    assert version.product == ""


def test_the_containers_of_a_version_keep_their_order() -> None:
    described = [
        {"Image": "a", "ModelDataUrl": "s3://m/a", "ContainerHostname": "prepare"},
        {"Image": "b", "ModelDataUrl": "s3://m/b", "ProductId": "prod-1", "ModelDataETag": '"0a"'},
    ]
    version = read_version(examples.package(InferenceSpecification={"Containers": described}))
    assert version.containers == (
        PackagedContainer("a", "s3://m/a", hostname="prepare"),
        PackagedContainer("b", "s3://m/b", product="prod-1", etag="0a"),
    )
    assert (version.container.hostname, version.product) == ("prepare", "prod-1")


@pytest.mark.parametrize("specification", [{}, {"InferenceSpecification": {"Containers": []}}])
def test_a_version_without_container_is_read_too(specification: dict[str, Any]) -> None:
    version = read_version({"ModelPackageArn": "arn:x"} | specification)
    assert (version.containers, version.container, version.approval) == ((), PackagedContainer(), "")
