"""Callers of a multi-model endpoint name a key: what is done for a new one, and that one write leads back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from interlock.delivery.moves.pointer import LARGEST_COPY
from tests.unit import examples
from tests.unit.delivery.test_every_plan import request_is_one_that_aws_takes
from tests.unit.examples import NOTHING_YET, STABLE, STABLE_CONFIG, found
from tests.unit.planned import MULTI_MODEL, PREFIX, actions, deliver, multi_model, multi_models, request, roll_back

LIVE = "churn/6-0d0d0d0d.tar.gz"
PARAMETER = "/interlock/interlock/live/churn-live/churn"
STEPS = ["CopyObject", "InvokeEndpoint", "PutMetricAlarm", "PutParameter", "Bake", "DeleteAlarms"]
PUBLISHES, BAKES = STEPS.index("PutParameter"), STEPS.index("Bake")


def plan(live: str = LIVE, **fields: Any) -> Any:
    return deliver(multi_model(live), **{**MULTI_MODEL, **fields})


def key(made: Any) -> str:
    return str(request(made, "PutParameter")["Value"])


def refused(observed: dict[str, Any] | None = None, **fields: Any) -> str:
    made = deliver(observed or multi_model(LIVE), **{**MULTI_MODEL, **fields})
    assert made["decision"] == "Refuse" and made["steps"] == []
    return f"{made['reason']}: {made['why']}"


def test_a_version_is_copied_loaded_published_and_watched() -> None:
    made = plan()
    assert (made["traffic"], actions(made)) == ("pointer", STEPS)
    assert request(made, "CopyObject") == {
        "Bucket": "models",
        "Key": f"multi-model/shop/{key(made)}",
        "CopySource": "models/churn/7/model.tar.gz",
        "CopySourceIfMatch": "0a1b2c3d",
        "TaggingDirective": "REPLACE",
    }
    assert request(made, "InvokeEndpoint")["TargetModel"] == key(made)
    assert request(made, "PutParameter") == {
        "Name": PARAMETER,
        "Value": key(made),
        "Type": "String",
        "Overwrite": True,
    }
    assert PARAMETER in made["why"] and LIVE in made["why"]


def test_what_is_measured_is_the_endpoint_as_a_whole() -> None:
    """Per-model metrics aren't supported (docs: multi-model-endpoint-cloudwatch-metrics)."""
    made = plan()
    (query, *_) = made["steps"][BAKES]["bake"]["queries"]
    dimensions = {each["Name"]: each["Value"] for each in query["MetricStat"]["Metric"]["Dimensions"]}
    assert dimensions == {"EndpointName": "churn-live", "VariantName": STABLE}
    assert any("as a whole" in said for said in made["warnings"])


def test_the_endpoint_is_live_on_the_config_that_it_has() -> None:
    assert plan()["facts"]["final_config"] == STABLE_CONFIG


def test_one_request_leads_back_from_the_step_that_publishes() -> None:
    made = plan()
    assert made["restore"]["request"] == request(made, "PutParameter") | {"Value": LIVE}
    assert made["restore_from"] == PUBLISHES
    first = plan(live="")
    assert (first["restore"]["action"], first["restore"]["request"]) == ("DeleteParameter", {"Name": PARAMETER})


def test_another_artifact_gets_another_key() -> None:
    """The package of a version may get another artifact; what instances have loaded must not have the same name."""
    other = multi_model(LIVE, artifacts=[found(examples.ARTIFACT | {"ETag": '"ffff"'})])
    keys = {key(plan()), key(deliver(other, **MULTI_MODEL))}
    assert len(keys) == 2 and all(each.startswith("churn/7-") for each in keys)


def test_a_key_with_unusual_characters_is_encoded() -> None:
    package = examples.package()
    package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] = "s3://models/new model/ü+1.tar.gz"
    made = deliver(multi_model(LIVE, version=found(package)), **MULTI_MODEL)
    assert request(made, "CopyObject")["CopySource"] == "models/new%20model/%C3%BC%2B1.tar.gz"


def test_a_version_that_callers_are_told_is_live_only_while_they_are() -> None:
    told = key(plan())
    live = {"version": {"N": "7"}, "config": {"S": STABLE_CONFIG}, "model_group": {"S": "churn"}}
    control = found({"Item": {"live": {"M": live}}})
    assert "already live" in refused(multi_model(told, control=control))
    assert deliver(multi_model(LIVE, control=control), **MULTI_MODEL)["decision"] == "Proceed"


@pytest.mark.parametrize(
    ("container", "said"),
    [
        ({"Image": "other@sha256:1"}, "its image is"),
        ({"Environment": {"SAGEMAKER_PROGRAM": "other.py"}}, "its environment is not that of the endpoint"),
    ],
)
def test_a_version_with_another_container_is_refused_with_a_remedy(container: dict[str, Any], said: str) -> None:
    found_reason = refused(multi_model(LIVE, container))
    assert found_reason.startswith("ContainerDiffers") and said in found_reason
    assert "Write another endpoint into the policy" in found_reason


def test_the_image_that_runs_is_known_by_its_digest() -> None:
    tag = {"Image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/sklearn:1.2-1"}
    image = f"{examples.REGISTRY}/sklearn@{examples.DIGEST}"
    runs = examples.live() | {"DeployedImages": [{"SpecifiedImage": tag["Image"], "ResolvedImage": image}]}
    same = multi_model(LIVE, tag, endpoint=found(examples.endpoint("InService", STABLE_CONFIG, runs)))
    assert deliver(same, **MULTI_MODEL)["decision"] == "Proceed"
    pushed = runs | {"DeployedImages": [{"SpecifiedImage": tag["Image"], "ResolvedImage": f"{image[:-1]}f"}]}
    other = multi_model(LIVE, tag, endpoint=found(examples.endpoint("InService", STABLE_CONFIG, pushed)))
    assert refused(other).startswith("ContainerDiffers")


def test_what_cannot_be_copied_or_published_is_refused() -> None:
    large = found(examples.ARTIFACT | {"ContentLength": LARGEST_COPY + 1})
    assert "S3 copies at most 5 GiB at once" in refused(multi_model(LIVE, artifacts=[large]))
    assert "may write models nowhere" in refused(writable="")
    assert "may write under s3://models/other/ only" in refused(writable="s3://models/other/")
    assert "could not be read" in refused(multi_model(LIVE) | {"pointer": examples.DENIED})
    network = {"subnets": ["subnet-0123456789abcdef0"], "security_groups": ["sg-0123456789abcdef0"]}
    assert "another network than the endpoint has" in refused(protection=network)
    assert "another volume_key" in refused(protection={"volume_key": "alias/volumes"})


@pytest.mark.parametrize(
    ("container", "said"),
    [
        ({"Mode": "SingleModel"}, "it has a model of its own"),
        ({"ModelDataUrl": "s3://models/multi-model/other/"}, "its models lie under s3://models/multi-model/other/"),
    ],
)
def test_another_kind_of_endpoint_is_refused_by_name(container: dict[str, Any], said: str) -> None:
    assert refused(multi_model(LIVE, container)).startswith("EndpointUnsupported")
    assert said in refused(multi_model(LIVE, container))


@pytest.mark.parametrize("kind", ["realtime", "async"])
def test_no_single_model_takes_the_place_of_many(kind: str) -> None:
    output = {"output": "s3://results/churn"} if kind == "async" else {}
    hosting = {"kind": kind, "instance_type": "ml.m5.large", **output}
    config = examples.endpoint_config(
        STABLE_CONFIG, **({"AsyncInferenceConfig": {"OutputConfig": {}}} if output else {})
    )
    observed = multi_model(LIVE, endpoint_config=found(config))
    smoke: dict[str, Any] = {"smoke": None, "evidence": None} if output else {}
    made = deliver(observed, hosting=hosting, **smoke)
    assert made["reason"] == "EndpointUnsupported" and "it is a multi-model endpoint" in made["why"]


def test_a_first_deployment_puts_the_model_there_before_the_container_that_loads_it() -> None:
    """Whether CreateModel takes a prefix with nothing under it is not documented."""
    made = deliver(multi_model() | NOTHING_YET, **MULTI_MODEL)
    assert actions(made) == [
        "CopyObject",
        "CreateModel",
        "CreateEndpointConfig",
        "CreateEndpoint",
        "InvokeEndpoint",
        "PutParameter",
        "None",
    ]
    assert request(made, "CreateModel")["PrimaryContainer"] == {
        "Image": f"{examples.REGISTRY}/sklearn@{examples.DIGEST}",
        "Mode": "MultiModel",
        "ModelDataUrl": PREFIX,
        "MultiModelConfig": {"ModelCacheSetting": "Enabled"},
        "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
    }


def test_a_new_endpoint_keeps_no_model_if_the_policy_says_so() -> None:
    hosting = MULTI_MODEL["hosting"] | {"cache": False}
    made = deliver(multi_model() | NOTHING_YET, **{**MULTI_MODEL, "hosting": hosting})
    container = request(made, "CreateModel")["PrimaryContainer"]
    assert container["MultiModelConfig"] == {"ModelCacheSetting": "Disabled"}


# ---------------------------------------------------------------- the way back


@pytest.mark.parametrize("reached", range(len(STEPS) + 1))
@pytest.mark.parametrize("reason", ["AlarmRaised", "ExecutionStopped"])
@pytest.mark.parametrize("told", ["stable", "candidate"])
def test_from_every_step_callers_are_told_stable_again_unless_the_candidate_was_judged(
    reached: int, reason: str, told: str
) -> None:
    """An answer of Parameter Store may be old, so that what it names is no proof of what callers read."""
    made = plan()
    back = roll_back(multi_model(LIVE if told == "stable" else key(made)), made, reached, reason)
    published = [step["request"]["Value"] for step in back["steps"] if step["action"] == "PutParameter"]
    forward = reason == "ExecutionStopped" and reached > BAKES and told == "candidate"
    assert back["decision"] == "Proceed"
    assert back["reason"] == ("RecoveredForward" if forward else "Accepted")
    assert published == ([LIVE] if reached >= PUBLISHES and not forward else [])
    assert ("DeleteAlarms" in actions(back)) == (reached >= STEPS.index("PutMetricAlarm"))
    assert not {"DeleteModel", "DeleteEndpointConfig", "UpdateEndpoint"} & set(actions(back))


def test_what_was_published_first_is_told_no_more() -> None:
    made = plan(live="")
    assert actions(roll_back(multi_model(key(made)), made))[0] == "DeleteParameter"


def test_what_somebody_else_tells_callers_is_left() -> None:
    made = plan()
    back = roll_back(multi_model("churn/other.tar.gz"), made)
    assert (back["decision"], back["reason"], back["steps"]) == ("Hold", "EndpointMoved", [])
    assert "churn/other.tar.gz" in back["why"]
    before = roll_back(multi_model("churn/other.tar.gz"), made, PUBLISHES - 1)
    assert (before["decision"], actions(before)) == ("Proceed", ["DeleteAlarms"])


def test_a_parameter_that_cannot_be_read_is_left_to_a_person() -> None:
    back = roll_back(multi_model() | {"pointer": examples.DENIED}, plan())
    assert (back["decision"], back["reason"]) == ("Hold", "RollbackFailed")


@pytest.mark.parametrize(("reached", "gone"), [(4, False), (5, True)])
def test_an_endpoint_that_was_created_goes_with_what_was_published(reached: int, gone: bool) -> None:
    made = deliver(multi_model() | NOTHING_YET, **MULTI_MODEL)
    stands = examples.endpoint("InService", "interlock-churn-v7-1", examples.live())
    back = roll_back(multi_model(key(made), endpoint=found(stands)), made, reached, "AbortedByPerson")
    told = ["DeleteParameter"] if gone else []
    assert actions(back) == [*told, "DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"]


def test_a_created_endpoint_whose_version_was_published_stays() -> None:
    made = deliver(multi_model() | NOTHING_YET, **MULTI_MODEL)
    stands = found(examples.endpoint("InService", "interlock-churn-v7-1", examples.live()))
    forward = roll_back(multi_model(key(made), endpoint=stands), made, 5, "ExecutionStopped")
    assert (forward["reason"], actions(forward)) == ("RecoveredForward", ["None"])
    unknown = roll_back(multi_model(endpoint=stands), made, 5, "ExecutionStopped")
    assert actions(unknown)[:2] == ["DeleteParameter", "DeleteEndpoint"]


@settings(max_examples=40)
@given(multi_models, some.booleans())
def test_every_request_of_every_plan_is_one_that_aws_takes(fields: dict[str, Any], exists: bool) -> None:
    made = deliver(multi_model(LIVE) | ({} if exists else NOTHING_YET), **fields)
    assert made["decision"] == "Proceed"
    assert all(request_is_one_that_aws_takes(step) for step in made["steps"])
    assert deliver(multi_model(LIVE) | ({} if exists else NOTHING_YET), **fields) == made
