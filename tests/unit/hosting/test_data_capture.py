from __future__ import annotations

from typing import Any

import pytest

from interlock.delivery.planner import plan_delivery
from tests.unit.awsmodel import input_of, unfit
from tests.unit.examples import ALL_AT_ONCE, CANARY, NOTHING_YET, RELEASE, answers, endpoint, found
from tests.unit.planned import ADOPTED, LIKE_STABLE, asked, config, deliver, request, roll_back

BUCKET = "interlock-monitoring"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/2"
HOSTING = {"instance_type": "ml.m5.large", "instances": 2}
CAPTURED = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 20,
    "DestinationS3Uri": f"s3://{BUCKET}/capture",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
}
SHAPE = input_of("sagemaker", "CreateEndpointConfig")


def captured(observed: Any = None, capture: Any = None, **fields: Any) -> Any:
    """The plan of a release whose policy asks for data capture."""
    hosting = HOSTING | {"data_capture": capture or {"sampling": 20}}
    task = asked(observed, hosting=hosting, evidence=None, **fields) | {"monitoring_bucket": BUCKET}
    return plan_delivery(task)  # type: ignore[arg-type]


def configs(plan: Any) -> list[dict[str, Any]]:
    return [step["request"] for step in plan["steps"] if step["action"] == "CreateEndpointConfig"]


@pytest.mark.parametrize("observed", [None, ADOPTED, answers(**NOTHING_YET)], ids=["own", "adopted", "new"])
@pytest.mark.parametrize(
    "strategy",
    [CANARY, ALL_AT_ONCE | {"traffic": "native"}, ALL_AT_ONCE | {"traffic": "weights"}],
    ids=["canary", "native", "weights"],
)
def test_every_config_of_a_release_captures_what_the_policy_says(observed: Any, strategy: Any) -> None:
    made = configs(captured(observed, strategy=strategy))
    assert made
    assert [each["DataCaptureConfig"] for each in made] == [CAPTURED] * len(made)
    assert [unfit(SHAPE, each) for each in made] == [[]] * len(made)


def test_the_capture_is_encrypted_with_the_key_of_the_policy() -> None:
    (made, *_) = configs(captured(capture={"sampling": 1, "kms_key": KEY}))
    assert (made["DataCaptureConfig"]["KmsKeyId"], made["DataCaptureConfig"]["InitialSamplingPercentage"]) == (KEY, 1)
    assert unfit(SHAPE, made) == []


def test_without_a_word_of_the_policy_the_live_capture_stays() -> None:
    plan = deliver(ADOPTED, **LIKE_STABLE)
    assert config(plan, "interlock-churn-v7-1")["DataCaptureConfig"] == {
        "EnableCapture": True,
        "DestinationS3Uri": "s3://capture",
    }
    assert "DataCaptureConfig" not in request(deliver(), "CreateEndpointConfig")


def test_a_stack_without_a_bucket_cannot_capture_and_says_so() -> None:
    plan = deliver(hosting=HOSTING | {"data_capture": {"sampling": 20}})
    assert (plan["decision"], plan["reason"]) == ("Refuse", "StrategyImpossible")
    assert "this stack has no bucket" in plan["why"]


def test_a_rollback_gives_stable_back_its_own_capture() -> None:
    plan = captured(ADOPTED, strategy=CANARY)
    final = plan["facts"]["final_config"]
    moved = answers(endpoint=found(endpoint("InService", final)))
    back = configs(roll_back(moved, plan))
    assert [each["DataCaptureConfig"]["DestinationS3Uri"] for each in back] == ["s3://capture"]
    assert RELEASE in plan["facts"]["final_config"]
