"""The model that a release creates is the one that was approved."""

from __future__ import annotations

from interlock.delivery.moves.model import create_model
from interlock.delivery.release import Release
from interlock.model.version import Version, read_version
from tests.unit import examples
from tests.unit.awsmodel import input_of, unfit


def release(version: Version) -> Release:
    return Release("r", version, examples.stage(), examples.ROLE)


def test_a_model_is_pinned_to_the_image_and_artifact_that_were_approved() -> None:
    step = create_model(release(read_version(examples.package())))
    assert step.request == {
        "ModelName": "interlock-r",
        "ExecutionRoleArn": examples.ROLE,
        "PrimaryContainer": {
            "Image": f"{examples.REGISTRY}/sklearn@{examples.DIGEST}",
            "ModelDataUrl": "s3://models/churn/7/model.tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
        },
    }


def test_a_model_names_the_etag_of_its_artifact_where_it_is_known() -> None:
    container = {"Image": "i", "ModelDataUrl": "s3://a/b", "ModelDataETag": '"0a1b"'}
    version = read_version(examples.package(InferenceSpecification={"Containers": [container]}))
    source = {"S3Uri": "s3://a/b", "S3DataType": "S3Object", "CompressionType": "Gzip", "ETag": "0a1b"}
    asked = create_model(release(version)).request
    assert asked["PrimaryContainer"] == {"Image": "i", "ModelDataSource": {"S3DataSource": source}}
    assert unfit(input_of("sagemaker", "CreateModel"), asked) == []


def test_a_model_without_environment_gets_none() -> None:
    container = {"Image": "i", "ModelDataUrl": "s3://a/b"}
    version = read_version(examples.package(InferenceSpecification={"Containers": [container]}))
    assert create_model(release(version)).request["PrimaryContainer"] == container
