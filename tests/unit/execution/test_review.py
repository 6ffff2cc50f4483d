"""Whether an endpoint could be started again follows from what observe answers."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.execution.review import review_endpoint

URL = "s3://models/churn/7/model.tar.gz"
MISSING = {"error": "SageMaker.SageMakerException", "cause": "Could not find it."}
NO_OBJECT = {"error": "S3.NoSuchKeyException", "cause": "(Status Code: 404)"}
VERSION = {"found": {"InferenceSpecification": {"Containers": [{"ModelDataUrl": URL}]}}}


def found(**observed: Any) -> str:
    variant = {"VariantName": "A", "ModelName": "m"}
    usual = {
        "endpoint": {"found": {"EndpointConfigName": "c"}},
        "endpoint_config": {"found": {"ProductionVariants": [variant]}},
        "model": {"found": {"PrimaryContainer": {"ModelDataUrl": URL}}},
        "version": VERSION,
        "artifacts": [{"found": {}}],
    }
    live = {"endpoint": "churn", "group": "churn", "version": 7}
    return review_endpoint({"live": live, "observed": usual | observed, "told": {}})["found"]


def test_nothing_is_gone_where_everything_is_found_or_the_endpoint_itself_is_gone() -> None:
    assert found() == ""
    assert found(endpoint=MISSING, endpoint_config={}, model={}, artifacts=[NO_OBJECT]) == ""


@pytest.mark.parametrize(
    ("container", "said"),
    [
        ({"ModelDataUrl": URL}, f"Its artifact {URL} is gone."),
        ({"ModelDataSource": {"S3DataSource": {"S3Uri": URL}}}, f"Its artifact {URL} is gone."),
        ({"ModelDataUrl": "s3://models/multi/", "Mode": "MultiModel"}, ""),
    ],
)
def test_the_artifact_counts_that_the_model_starts_from(container: dict[str, Any], said: str) -> None:
    """A multi-model endpoint has a copy."""
    assert found(model={"found": {"PrimaryContainer": container}}, artifacts=[NO_OBJECT]) == said


def test_of_an_inference_component_the_artifact_of_the_version_counts() -> None:
    """The config of its endpoint names no model."""
    config = {"found": {"ProductionVariants": [{"VariantName": "A"}]}}
    assert found(endpoint_config=config, model={}, artifacts=[NO_OBJECT]) == f"Its artifact {URL} is gone."


def test_of_several_containers_each_artifact_counts() -> None:
    containers = [{"ModelDataUrl": f"{URL}/{number}"} for number in range(2)]
    version = {"found": {"InferenceSpecification": {"Containers": containers}}}
    model = {"found": {"Containers": containers}}
    said = found(version=version, model=model, artifacts=[{"found": {}}, NO_OBJECT])
    assert said == f"Its artifact {URL}/1 is gone."


def test_all_that_is_gone_is_told_together() -> None:
    assert found(endpoint_config=MISSING, model={}, artifacts=[NO_OBJECT]) == (
        f"Its endpoint config c is gone. Its artifact {URL} is gone."
    )
