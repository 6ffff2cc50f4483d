"""Batch: what is done for a new version where no endpoint serves it, and that one write leads back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit import examples
from tests.unit.delivery.test_every_plan import request_is_one_that_aws_takes
from tests.unit.planned import BATCH, SAMPLE, actions, batch, deliver, request, roll_back

LIVE, OWN = "interlock-churn-v6-1", "interlock-churn-v7-1"
PARAMETER = "/interlock/interlock/live/churn-live/churn"
STEPS = ["CreateModel", "CreateTransformJob", "PutParameter", "Bake"]
TRIES, PUBLISHES, BAKES = 1, 2, 3


def plan(live: str = LIVE, sample: dict[str, Any] | None = None, **fields: Any) -> Any:
    hosting = {**BATCH["hosting"], "sample": BATCH["hosting"]["sample"] | (sample or {})}
    return deliver(batch(live), **{**BATCH, "hosting": hosting, **fields})


def refused(observed: dict[str, Any] | None = None, **fields: Any) -> str:
    made = deliver(observed or batch(LIVE), **{**BATCH, **fields})
    assert made["decision"] == "Refuse" and made["steps"] == []
    return f"{made['reason']}: {made['why']}"


def test_a_model_is_made_tried_published_and_watched() -> None:
    made = plan()
    assert (made["traffic"], actions(made)) == ("pointer", STEPS)
    job = request(made, "CreateTransformJob")
    assert {tag["Key"] for tag in job.pop("Tags")} >= {"interlock:stack", "interlock:release"}
    assert job == {
        "TransformJobName": OWN,
        "ModelName": OWN,
        "BatchStrategy": "MultiRecord",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": SAMPLE}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": f"s3://models/batch/churn-live/{OWN}",
            "AssembleWith": "Line",
            "Accept": "text/csv",
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    assert request(made, "PutParameter") == {"Name": PARAMETER, "Value": OWN, "Type": "String", "Overwrite": True}
    assert PARAMETER in made["why"] and LIVE in made["why"]


@pytest.mark.parametrize("live", [LIVE, ""])
def test_aws_takes_every_request(live: str) -> None:
    made = plan(live)
    steps = [*made["steps"], made["restore"], *roll_back(batch(OWN), made, reached=TRIES)["steps"]]
    assert [step for step in steps if not request_is_one_that_aws_takes(step)] == []


def test_a_transform_job_takes_no_pinned_artifact() -> None:
    """botocore ContainerDefinition.ModelDataSource."""
    made = plan()
    assert "ModelDataSource" not in request(made, "CreateModel")["PrimaryContainer"]
    assert any("cannot pin" in said for said in made["warnings"])
    assert made["steps"][TRIES]["expect"]["artifacts"][0]["etag"]


def test_both_places_are_looked_at_where_the_answers_may_lie() -> None:
    expect = plan(sample={"expected": "s3://models/samples/right.csv"})["steps"][TRIES]["expect"]
    folder = f"s3://models/batch/churn-live/{OWN}"
    assert expect["answers"] == [f"{folder}/churn.csv.out", f"{folder}/samples/churn.csv.out"]
    assert expect["objects"] == [SAMPLE, *expect["answers"], "s3://models/samples/right.csv"]


def test_keys_that_the_policy_requires_encrypt_the_job() -> None:
    keys = {"volume_key": "k-volume", "output_key": "k-output"}
    made = deliver(batch(LIVE), **BATCH, protection=keys)
    job = request(made, "CreateTransformJob")
    assert job["TransformResources"]["VolumeKmsKeyId"] == "k-volume"
    assert job["TransformOutput"]["KmsKeyId"] == "k-output"


def test_the_bake_judges_no_metrics_and_does_not_wait_for_them() -> None:
    bake = plan()["steps"][BAKES]["bake"]
    assert (bake["first"], bake["rules"]) == (600, [])


def test_one_write_leads_back() -> None:
    made = plan()
    assert made["restore"]["request"] == {"Name": PARAMETER, "Value": LIVE, "Type": "String", "Overwrite": True}
    assert made["restore_from"] == PUBLISHES
    assert plan("")["restore"]["action"] == "DeleteParameter"


@pytest.mark.parametrize(
    ("reached", "live", "now", "expected"),
    [
        (0, LIVE, LIVE, ["DeleteModel"]),
        (TRIES, LIVE, LIVE, ["StopTransformJob", "DeleteModel"]),
        (TRIES, "", "", ["StopTransformJob", "DeleteModel"]),
        (PUBLISHES, LIVE, OWN, ["PutParameter", "DeleteModel"]),
        (BAKES, "", OWN, ["DeleteParameter", "DeleteModel"]),
    ],
)
def test_what_a_rollback_takes_back(reached: int, live: str, now: str, expected: list[str]) -> None:
    made = roll_back(batch(now), plan(live), reached=reached)
    assert (made["decision"], actions(made)) == ("Proceed", expected)


def test_a_name_that_is_somebody_elses_is_not_stopped() -> None:
    assert actions(roll_back(batch(LIVE), plan(), reached=TRIES, reason="NameTaken")) == ["DeleteModel"]


def test_what_somebody_else_has_published_is_left() -> None:
    made = roll_back(batch("by-hand"), plan(), reached=BAKES)
    assert (made["decision"], made["reason"]) == ("Hold", "EndpointMoved")


def test_a_dead_release_goes_forward_once_it_was_judged() -> None:
    judged = roll_back(batch(OWN), plan(), reached=BAKES + 1, reason="ExecutionStopped")
    assert (judged["reason"], actions(judged)) == ("RecoveredForward", ["None"])
    unjudged = roll_back(batch(OWN), plan(), reached=BAKES, reason="ExecutionStopped")
    assert actions(unjudged) == ["PutParameter", "DeleteModel"]


def test_what_is_live_already_is_left_as_it_is() -> None:
    item = {"live": {"M": {"version": {"N": "7"}, "config": {"S": OWN}, "model_group": {"S": "churn"}}}}
    same = batch(OWN, control=examples.found({"Item": item}))
    assert refused(same).startswith("AlreadyLive")
    assert deliver({**same, "pointer": batch(LIVE)["pointer"]}, **BATCH)["decision"] == "Proceed"


def test_the_finished_release_knows_its_own_model() -> None:
    assert plan()["facts"]["final_config"] == OWN


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"trials": ""}, "BatchFolder"),
        ({"trials": "s3://other/batch/"}, "is not in other"),
        ({"observed": batch(LIVE) | {"pointer": {"error": "Ssm.Denied", "cause": "no"}}}, "could not be read"),
    ],
)
def test_what_cannot_be_tried_is_refused(fields: dict[str, Any], said: str) -> None:
    answer = refused(**fields)
    assert answer.startswith("StrategyImpossible") and said in answer


def test_expected_answers_that_would_be_taken_for_input_are_refused() -> None:
    made = plan(sample={"expected": f"{SAMPLE}.right"})
    assert made["decision"] == "Refuse" and "would try it, too" in made["why"]


def test_a_place_of_another_group_is_refused_as_batch() -> None:
    item = {"live": {"M": {"version": {"N": "3"}, "config": {"S": "x"}, "model_group": {"S": "other"}}}}
    said = refused(batch("x", control=examples.found({"Item": item})))
    assert said.startswith("EndpointTaken: Batch churn-live serves model package group other")
