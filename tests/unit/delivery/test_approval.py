from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.delivery.observed import Observed
from interlock.delivery.preflight import Refusal, refusal
from interlock.model.reasons import Reason
from tests.unit import examples
from tests.unit.examples import found, stage

DIGEST, OTHER = "sha256:" + "4d" * 32, "sha256:" + "5e" * 32
APPROVED = {
    "Image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:7",
    "ImageDigest": DIGEST,
    "ModelDataUrl": "s3://models/churn/7/model.tar.gz",
}


def refused(approved: Any, **now: Any) -> Refusal | None:
    """What is said of a version whose container is as APPROVED, but for what is given ``now``."""
    container = {name: value for name, value in {**APPROVED, **now}.items() if value is not None}
    version = {
        "ModelPackageArn": "arn:aws:sagemaker:eu-west-1:111122223333:model-package/churn/7",
        "ModelPackageVersion": 7,
        "ModelApprovalStatus": "Approved",
        "ModelPackageStatus": "Completed",
        "InferenceSpecification": {"Containers": [container]},
    }
    answers = examples.answers(version=found(version))
    about = (examples.GROUP, examples.NUMBER, examples.NOW, examples.STACK, examples.NOW)
    return refusal(Observed(answers, *about, [approved] if approved else []), stage())


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"ModelDataUrl": "s3://b/8"}, "its ModelDataUrl was s3://models/churn/7/model.tar.gz and is s3://b/8. Put"),
        ({"ImageDigest": OTHER}, f"its image digest was {DIGEST} and is {OTHER}."),
        ({"Image": f"x/churn@{OTHER}", "ImageDigest": None}, f"its image digest was {DIGEST} and is {OTHER}."),
    ],
)
def test_a_version_that_was_changed_since_its_approval_is_refused_with_both(now: dict[str, Any], said: str) -> None:
    found_ = refused(APPROVED, **now)
    assert found_ is not None
    assert found_[0] is Reason.ARTIFACT_CHANGED
    assert f"Version 7 of churn is not what was approved: {said}" in found_[1]


def test_an_image_without_a_digest_is_compared_by_its_name() -> None:
    found_ = refused({"Image": "x/churn:7"}, Image="x/churn:8", ImageDigest=None)
    assert found_ is not None
    assert "its Image was x/churn:7 and is x/churn:8" in found_[1]


def test_an_etag_that_was_approved_is_compared_without_its_quotation_marks() -> None:
    """The registry may resolve it anew when a version is given the same address again."""
    found_ = refused({"ModelDataETag": '"ffff"'}, ModelDataETag="0a1b2c3d")
    assert found_ is not None
    assert 'its ModelDataETag was "ffff" and is 0a1b2c3d' in found_[1]
    assert refused({"ModelDataETag": '"0a1b2c3d"'}, ModelDataETag="0a1b2c3d") is None


def test_each_of_several_containers_is_compared_with_the_one_that_was_approved() -> None:
    def of(*containers: dict[str, Any]) -> Refusal | None:
        version = examples.package(InferenceSpecification={"Containers": [APPROVED, APPROVED]})
        answers = examples.answers(version=found(version), artifacts=[found(examples.ARTIFACT)] * 2)
        about = (examples.GROUP, examples.NUMBER, examples.NOW, examples.STACK, examples.NOW)
        return refusal(Observed(answers, *about, containers), stage())

    assert of(APPROVED, APPROVED) is None
    changed = of(APPROVED, {**APPROVED, "ImageDigest": OTHER})
    assert changed is not None
    assert f"container 2: its image digest was {OTHER} and is {DIGEST}" in changed[1]
    fewer = of(APPROVED)
    assert fewer is not None
    assert "the number of its containers was 1 and is 2" in fewer[1]


@pytest.mark.parametrize(
    ("approved", "now"),
    [
        (APPROVED, {}),
        ({}, {}),
        ({"ModelDataUrl": APPROVED["ModelDataUrl"]}, {}),
        ({"ImageDigest": DIGEST}, {"Image": f"mirror/churn@{DIGEST}", "ImageDigest": None}),
        ({**APPROVED, "ModelDataETag": "0a1b2c3d"}, {}),
    ],
)
def test_what_only_one_of_both_tells_is_not_compared(approved: dict[str, Any], now: dict[str, Any]) -> None:
    assert refused(approved, **now) is None


@given(
    some.dictionaries(
        some.sampled_from([*APPROVED, "ModelDataETag"]), some.none() | some.integers() | some.lists(some.text())
    )
)
def test_what_cannot_be_read_is_not_compared(approved: dict[str, Any]) -> None:
    assert refused(approved) is None
