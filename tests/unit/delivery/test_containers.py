"""Versions with several containers: which are released, what is pinned, and what their callers need."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from interlock.delivery.asked import read_asked
from interlock.delivery.moves.model import create_model
from interlock.delivery.observed import Observed
from interlock.delivery.planner import plan_release
from interlock.delivery.preflight import Refusal, refusal
from interlock.delivery.release import Release
from interlock.model.plan import Plan
from interlock.model.reasons import Reason
from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from tests.unit import examples
from tests.unit.awsmodel import input_of, unfit
from tests.unit.delivery.test_every_plan import observations, request_is_one_that_aws_takes
from tests.unit.examples import DIGEST, NOTHING_YET, REGISTRY, document, found, package, stage
from tests.unit.planned import absolute, deliver, request

HOSTING = {"kind": "realtime", "instance_type": "ml.m5.large"}
SERIAL: dict[str, Any] = {"hosting": HOSTING, "smoke": {"body": "1,2"}}
DIRECT: dict[str, Any] = {"hosting": HOSTING | {"mode": "direct"}, "smoke": {"body": "1,2", "container": "b"}}
SERVERLESS: dict[str, Any] = {
    "hosting": {"kind": "serverless", "memory_mb": 2048, "max_concurrency": 5},
    "strategy": examples.ALL_AT_ONCE,
    "evidence": None,
}
GONE = {"error": "SageMaker.SageMakerException", "cause": 'Could not find model "arn:x".'}


def container(name: str, hostname: str = "", **fields: Any) -> dict[str, Any]:
    named = {"ContainerHostname": hostname} if hostname else {}
    image = {"Image": f"{REGISTRY}/{name}:1", "ImageDigest": DIGEST, "ModelDataUrl": f"s3://models/churn/7/{name}"}
    return image | named | fields


A, B = container("a", "a"), container("b", "b")
THREE = [found(examples.ARTIFACT)] * 3
ARTIFACTS = [found(examples.ARTIFACT | {"ETag": f'"{name}"'}) for name in "ab"]


def observed(*containers: dict[str, Any], **different: Any) -> Observed:
    version = found(package(InferenceSpecification={"Containers": list(containers)}))
    answers = examples.answers(version=version, artifacts=ARTIFACTS[: len(containers)]) | different
    return Observed(answers, examples.GROUP, examples.NUMBER, examples.NOW, examples.STACK, examples.NOW)


def live(mode: str, *hostnames: str) -> dict[str, Any]:
    """DescribeModel of stable's model, which has one container, or several."""
    several = [{"Image": "i", "ContainerHostname": each} for each in hostnames]
    one = {"PrimaryContainer": {"Image": "i"}}
    return found(
        examples.model(**({"Containers": several, "InferenceExecutionConfig": {"Mode": mode}} if mode else one))
    )


def planned(policy: dict[str, Any], answers: Observed) -> Plan:
    written = read_policy(document(**policy), examples.GROUP)
    return plan_release(examples.RELEASE, answers, written, examples.ROLE, examples.NOW, read_asked(None))


def test_each_container_is_pinned_to_its_image_and_artifact_and_keeps_its_name_and_environment() -> None:
    seen = observed(A, B | {"Environment": {"K": "v"}})
    assert seen.version is not None
    asked = create_model(Release("r", seen.version, stage(**DIRECT), examples.ROLE)).request
    source = {"S3DataType": "S3Object", "CompressionType": "Gzip"}
    assert asked["Containers"] == [
        {
            "Image": f"{REGISTRY}/a@{DIGEST}",
            "ModelDataSource": {"S3DataSource": {**source, "S3Uri": "s3://models/churn/7/a", "ETag": "a"}},
            "ContainerHostname": "a",
        },
        {
            "Image": f"{REGISTRY}/b@{DIGEST}",
            "ModelDataSource": {"S3DataSource": {**source, "S3Uri": "s3://models/churn/7/b", "ETag": "b"}},
            "Environment": {"K": "v"},
            "ContainerHostname": "b",
        },
    ]
    assert asked["InferenceExecutionConfig"] == {"Mode": "Direct"}
    assert "PrimaryContainer" not in asked
    assert unfit(input_of("sagemaker", "CreateModel"), asked) == []


def test_the_artifact_of_each_container_is_looked_at_when_the_candidate_has_started() -> None:
    plan = planned(SERIAL, observed(A, B))
    (expected,) = [step.expect["artifacts"] for step in plan.steps if step.expect and "artifacts" in step.expect]
    assert [(each["uri"], each["etag"]) for each in expected] == [
        ("s3://models/churn/7/a", "a"),
        ("s3://models/churn/7/b", "b"),
    ]


def test_the_smoke_test_names_a_container_where_requests_do() -> None:
    steps = {step.action: step.request for step in planned(DIRECT, observed(A, B, **NOTHING_YET)).steps}
    assert steps["InvokeEndpoint"]["TargetContainerHostname"] == "b"
    steps = {step.action: step.request for step in planned(SERIAL, observed(A, B, **NOTHING_YET)).steps}
    assert "TargetContainerHostname" not in steps["InvokeEndpoint"]


@pytest.mark.parametrize(
    ("written", "stable", "mode"),
    [
        (None, NOTHING_YET, "Serial"),
        (None, {"model": live("")}, "Serial"),
        (None, {"model": live("Serial", "x", "y")}, "Serial"),
        (None, {"model": live("Direct", "a", "b")}, "Direct"),
        ("serial", {"model": live("")}, "Serial"),
        ("direct", NOTHING_YET, "Direct"),
    ],
)
def test_without_a_mode_in_the_policy_requests_reach_the_containers_as_they_did(
    written: str | None, stable: dict[str, Any], mode: str
) -> None:
    policy = {"hosting": HOSTING | ({"mode": written} if written else {}), "smoke": None}
    steps = {step.action: step.request for step in planned(policy, observed(A, B, **stable)).steps}
    assert steps["CreateModel"]["InferenceExecutionConfig"] == {"Mode": mode}


def refused(policy: dict[str, Any], *containers: dict[str, Any], **different: Any) -> Refusal | None:
    return refusal(observed(*containers, **different), stage(**policy))


UNNAMED = container("a")


@pytest.mark.parametrize(
    ("policy", "containers", "said"),
    [
        (SERIAL, [A, B | {"ModelDataUrl": ""}], "only packages whose containers each have an Image and a ModelDataUrl"),
        (SERIAL, [A, container("b", "a")], "two of them have the ContainerHostname a; give each"),
        (SERIAL, [UNNAMED, B], "some have a ContainerHostname and some have none"),
        (DIRECT, [UNNAMED, UNNAMED], "with mode: direct requests name one of several by its ContainerHostname"),
        (DIRECT, [A], "with mode: direct there are at least two; leave mode out"),
        (
            SERVERLESS,
            [A, B],
            "kind: serverless takes one; register a version with one, or write kind: realtime",
        ),
    ],
)
def test_containers_that_sagemaker_does_not_take_together_are_refused(
    policy: dict[str, Any], containers: list[dict[str, Any]], said: str
) -> None:
    found_ = refused(policy, *containers)
    assert found_ is not None
    assert found_[0] is Reason.VERSION_UNSUPPORTED
    assert f"Version 7 has {len(containers)} container{'s' * (len(containers) > 1)}, and {said}" in found_[1]


def test_names_are_not_needed_where_no_request_has_one() -> None:
    assert refused(SERIAL, UNNAMED, container("b")) is None


@pytest.mark.parametrize(
    ("second", "now", "reason", "said"),
    [
        ({"ImageDigest": ""}, found(examples.ARTIFACT), Reason.IMAGE_NOT_PINNED, f"its image {REGISTRY}/b:1 without"),
        (
            {},
            {"error": "S3.S3Exception", "cause": "null (Service: S3, Status Code: 404, Request ID: 0)"},
            Reason.ARTIFACT_MISSING,
            "s3://models/churn/7/b is gone",
        ),
        (
            {"ModelDataETag": "0a1b"},
            found(examples.ARTIFACT | {"ETag": '"ffff"'}),
            Reason.ARTIFACT_CHANGED,
            "s3://models/churn/7/b is not what it was when version 7 was registered",
        ),
    ],
)
def test_what_is_wrong_with_the_second_container_is_found(
    second: dict[str, Any], now: dict[str, Any], reason: Reason, said: str
) -> None:
    found_ = refused(SERIAL, A, B | second, artifacts=[ARTIFACTS[0], now])
    assert found_ is not None
    assert found_[0] is reason
    assert said in found_[1]


def test_an_artifact_that_was_not_asked_about_is_not_taken_for_there() -> None:
    found_ = refused(SERIAL, A, B, artifacts=ARTIFACTS[:1])
    assert found_ is not None
    assert found_[0] is Reason.ARTIFACT_UNREADABLE


@pytest.mark.parametrize(
    ("policy", "containers", "stable", "said"),
    [
        (DIRECT, [A, B], live(""), "requests to it name no container, and now they would have to name a or b."),
        (DIRECT, [A, B], live("Serial", "a", "b"), "requests to it name no container"),
        (SERIAL | {"hosting": HOSTING | {"mode": "serial"}}, [A, B], live("Direct", "a", "b"), "have to name none."),
        (SERIAL, [A], live("Direct", "a", "b"), "requests to it name a or b, and now they would have to name none."),
        (DIRECT, [A, B], live("Direct", "a", "b", "c"), "may name c, which version 7 does not have."),
    ],
)
def test_a_version_that_callers_would_not_reach_is_refused(
    policy: dict[str, Any], containers: list[dict[str, Any]], stable: dict[str, Any], said: str
) -> None:
    found_ = refused(policy, *containers, model=stable)
    assert found_ is not None
    assert found_[0] is Reason.CONTAINER_DIFFERS
    assert f"Callers of endpoint {examples.ENDPOINT} would be refused: " in found_[1]
    assert said in found_[1]


def test_a_version_with_one_container_more_is_reached_as_before() -> None:
    assert refused(DIRECT, A, B, container("c", "c"), model=live("Direct", "a", "b"), artifacts=THREE) is None


def test_a_mode_that_nobody_knows_any_more_must_be_written() -> None:
    found_ = refused(SERIAL, A, B, model=GONE)
    assert found_ is not None
    assert found_[0] is Reason.CONTAINER_DIFFERS
    assert "Write mode: direct under hosting if they do, else mode: serial." in found_[1]
    assert refused(SERIAL | {"hosting": HOSTING | {"mode": "serial"}}, A, B, model=GONE) is None
    assert refused(SERIAL, A, model=GONE) is None


@pytest.mark.parametrize(
    ("policy", "containers", "stable", "said"),
    [
        (
            DIRECT | {"smoke": {"body": "1", "container": "c"}},
            [A, B],
            NOTHING_YET,
            "write container: under smoke, a or",
        ),
        (SERIAL, [A, B], {"model": live("Direct", "a", "b")}, "names no container, and SageMaker would refuse it"),
        (SERIAL | {"smoke": {"body": "1", "container": "b"}}, [A, B], NOTHING_YET, "leave container out of smoke"),
        (SERIAL | {"smoke": {"body": "1", "container": "a"}}, [A], NOTHING_YET, "names the container a, and SageMaker"),
    ],
)
def test_a_smoke_test_that_would_be_refused_is_refused_before(
    policy: dict[str, Any], containers: list[dict[str, Any]], stable: dict[str, Any], said: str
) -> None:
    found_ = refused(policy, *containers, **stable)
    assert found_ is not None
    assert found_[0] is Reason.VERSION_UNSUPPORTED
    assert said in found_[1]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (DIRECT | {"smoke": {"body": "1"}}, "write container: with its ContainerHostname"),
        (DIRECT | {"hosting": HOSTING | {"mode": "direct", "data_capture": {"sampling": 20}}}, "Model Monitor one"),
        ({"hosting": HOSTING | {"mode": "parallel"}}, "mode"),
        (
            SERVERLESS | {"smoke": {"body": "1", "container": "a"}},
            "kind: serverless has one container; leave container out",
        ),
    ],
)
def test_a_policy_that_cannot_be_about_several_containers_is_refused(policy: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        read_policy(document(**policy), examples.GROUP)


def test_a_version_with_several_containers_has_no_shadow() -> None:
    """docs: shadow-tests-create."""
    shadow = SERIAL | {"strategy": examples.SHADOW, "smoke": None, "evidence": None}
    plan = planned(shadow, observed(A, B, model=live("")))
    assert plan.reason is Reason.STRATEGY_IMPOSSIBLE
    assert "no shadows on multi-container endpoints" in plan.why


@settings(max_examples=40)
@given(absolute, observations, some.booleans())
def test_every_plan_pins_each_container_and_looks_at_each_artifact(
    fields: dict[str, Any], stable: dict[str, Any], direct: bool
) -> None:
    hosting = fields["hosting"] | ({"mode": "direct"} if direct else {})
    smoke = fields["smoke"] and fields["smoke"] | ({"container": "a"} if direct else {})
    version = found(package(InferenceSpecification={"Containers": [A, B]}))
    model = live("Direct" if direct else "Serial", "a", "b")
    known = examples.answers(**{"model": model, **stable}, version=version, artifacts=ARTIFACTS)
    plan = deliver(known, **fields | {"hosting": hosting, "smoke": smoke})
    if plan["decision"] == "Refuse":  # as with one container, or because there is no shadow
        assert plan["steps"] == []
        return
    assert all(request_is_one_that_aws_takes(dict(step)) for step in plan["steps"])
    containers = request(plan, "CreateModel")["Containers"]
    assert [each["ModelDataSource"]["S3DataSource"]["ETag"] for each in containers] == ["a", "b"]
    looks = [step["expect"]["artifacts"] for step in plan["steps"] if "artifacts" in step.get("expect", {})]
    assert [[each["etag"] for each in look] for look in looks] == [["a", "b"]]
    asked = [step["request"] for step in plan["steps"] if step["action"] == "InvokeEndpoint"]
    assert all(each.get("TargetContainerHostname") == ("a" if direct else None) for each in asked)
