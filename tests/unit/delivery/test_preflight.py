from __future__ import annotations

from typing import Any

import pytest

from interlock.delivery.observed import Observed
from interlock.delivery.preflight import CHECKS, refusal
from interlock.model.reasons import Reason
from tests.unit import examples
from tests.unit.examples import DENIED, NOTHING_YET, THROTTLED, found, observed, package, production_variant, stage

ALARMED = stage(alarms=["churn-5xx", "churn-slow"])
MISSING = {"error": "SageMaker.SageMakerException", "cause": "ModelPackage arn:x/7 does not exist."}
NO_OBJECT = {"error": "S3.S3Exception", "cause": "null (Service: S3, Status Code: 404, Request ID: 0)"}
FORBIDDEN = {"error": "S3.S3Exception", "cause": "null (Service: S3, Status Code: 403, Request ID: 0)"}
CONTAINER = package()["InferenceSpecification"]["Containers"][0]


def containers(*several: dict[str, Any]) -> dict[str, Any]:
    return found(package(InferenceSpecification={"Containers": list(several)}))


def alarms(**states: str) -> dict[str, Any]:
    described = [{"AlarmName": name.replace("_", "-"), "StateValue": state} for name, state in states.items()]
    return found({"MetricAlarms": described})


QUIET = alarms(churn_5xx="OK", churn_slow="INSUFFICIENT_DATA")
QUARANTINED = found({"Item": {"sentence": {"S": "Alarm churn-5xx was raised."}}})


def config(*variants: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return found(examples.endpoint_config("churn-config-6", *variants, **fields))


def endpoint(status: str = "InService", *variants: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return found(examples.endpoint(status, "churn-config-6", *variants, **fields))


SERVERLESS = production_variant(ServerlessConfig={"MemorySizeInMB": 2048, "MaxConcurrency": 5})
COMPONENTS = {name: value for name, value in production_variant().items() if name != "ModelName"}


def test_an_endpoint_and_a_version_as_they_should_be_are_let_through() -> None:
    assert refusal(observed(alarms=QUIET), ALARMED) is None


def test_an_endpoint_that_does_not_exist_yet_is_let_through() -> None:
    assert refusal(observed(**NOTHING_YET), stage()) is None


WRITTEN = "2026-01-05T08:59:59Z"
UNKNOWN_IMAGE = CONTAINER | {"Image": "registry.example.com/churn:7", "ImageDigest": ""}


def artifact(etag: str = '"0a1b"', written: str = WRITTEN) -> dict[str, Any]:
    return found({"ContentLength": 1000, "ETag": etag, "LastModified": written})


def approved(registered: str, now: dict[str, Any], at: str | None = examples.NOW) -> Observed:
    """A version that was approved ``at`` some time and is released from NOW on. Its artifact had the ETag
    ``registered``, if any, and is ``now``."""
    known = CONTAINER | ({"ModelDataETag": registered} if registered else {})
    answers = examples.answers(version=containers(known), artifacts=[now])
    return Observed(answers, examples.GROUP, examples.NUMBER, at, examples.STACK, examples.NOW)


@pytest.mark.parametrize("at", ["", None])
def test_an_artifact_that_is_younger_than_its_release_is_refused_where_no_event_told_of_the_approval(
    at: str | None,
) -> None:
    refused = refusal(approved("", artifact(written="2026-01-05T09:00:01Z"), at), stage())
    assert refused is not None
    assert "when the release of version 7 began, at 2026-01-05T09:00:00.000Z: it was replaced" in refused[1]
    assert refusal(approved("", artifact(), at), stage()) is None


@pytest.mark.parametrize(
    ("registered", "now", "then"),
    [
        ("0a1b", artifact('"ffff"'), "when version 7 was registered: it was replaced at 2026-01-05T08:59:59Z. Put"),
        ("0a1b", artifact('"ffff"', ""), "when version 7 was registered: it was replaced. Put the object back"),
        ("", artifact(written="2026-01-05T09:00:01Z"), "when version 7 was approved, at 2026-01-05T09:00:00.000Z: it"),
    ],
)
def test_an_artifact_that_was_replaced_is_refused(registered: str, now: dict[str, Any], then: str) -> None:
    refused = refusal(approved(registered, now), stage())
    assert refused is not None
    assert refused[0] is Reason.ARTIFACT_CHANGED
    assert f"s3://models/churn/7/model.tar.gz is not what it was {then}" in refused[1]


@pytest.mark.parametrize(
    ("registered", "now"),
    [
        ("0a1b", artifact()),
        ('"0a1b"', artifact()),
        ("0a1b", artifact(written="2026-01-05T09:30:00Z")),  # the same bytes, put back
        ("", artifact()),
        ("", artifact(written="2026-01-05T09:00:00Z")),
    ],
)
def test_an_artifact_that_is_what_it_was_is_let_through(registered: str, now: dict[str, Any]) -> None:
    assert refusal(approved(registered, now), stage()) is None


def test_an_image_without_a_digest_is_refused_unless_the_policy_says_otherwise() -> None:
    seen = observed(version=containers(UNKNOWN_IMAGE))
    refused = refusal(seen, stage())
    assert refused is not None
    assert refused[0] is Reason.IMAGE_NOT_PINNED
    assert "names its image registry.example.com/churn:7 without a digest" in refused[1]

    hosting = {"instance_type": "ml.m5.large", "image_digest": "optional"}
    assert refusal(seen, stage(hosting=hosting)) is None


def tags(**values: str) -> dict[str, Any]:
    return found({"Tags": [{"Key": f"interlock:{name}", "Value": value} for name, value in values.items()]})


@pytest.mark.parametrize(
    ("different", "reason", "said"),
    [
        (
            tags(),
            Reason.CONSENT_MISSING,
            "Endpoint churn-live was made by somebody else, and no tag interlock:group lets",
        ),
        (
            tags(),
            Reason.CONSENT_MISSING,
            "aws sagemaker add-tags --resource-arn arn:aws:sagemaker:eu-west-1:111122223333:endpoint/churn-live --tags"
            " Key=interlock:group,Value=churn Then operate",
        ),
        (tags(group="other"), Reason.ENDPOINT_TAKEN, "is given to model package group other (tag interlock:group)"),
        (tags(group="churn", stack="other"), Reason.ENDPOINT_TAKEN, "belongs to the stack other (tag interlock:stack)"),
        (DENIED, Reason.AWS_REFUSED, "Endpoint churn-live could not be read"),
        ({}, Reason.CONSENT_MISSING, "Endpoint churn-live was made by somebody else"),
    ],
)
def test_an_endpoint_without_its_owners_consent_is_refused(
    different: dict[str, Any], reason: Reason, said: str
) -> None:
    refused = refusal(observed(tags=different), stage())
    assert refused is not None
    assert refused[0] is reason
    assert said in refused[1]


@pytest.mark.parametrize("given", [tags(group="churn"), tags(group="churn", stack="interlock")])
def test_an_endpoint_is_released_to_with_consent_whoever_made_it(given: dict[str, Any]) -> None:
    assert refusal(observed(tags=given), stage()) is None


def test_an_endpoint_that_is_busy_is_let_through_to_be_waited_for() -> None:
    assert refusal(observed(endpoint=endpoint("Updating")), stage()) is None


@pytest.mark.parametrize(
    ("different", "reason", "said"),
    [
        (
            {"version": MISSING},
            Reason.VERSION_NOT_FOUND,
            "Version 7 of churn does not exist in the model registry; check",
        ),
        (
            {"version": DENIED},
            Reason.AWS_REFUSED,
            "Version 7 of churn could not be read: SageMaker.SageMakerException: User",
        ),
        (
            {"version": found(package(ModelApprovalStatus="PendingManualApproval"))},
            Reason.VERSION_NOT_APPROVED,
            "Version 7 of churn has ModelApprovalStatus PendingManualApproval; approve it first.",
        ),
        (
            {"version": found(package(ModelPackageStatus="InProgress"))},
            Reason.VERSION_NOT_READY,
            "Version 7 has ModelPackageStatus InProgress; it must be Completed.",
        ),
        (
            {"version": containers()},
            Reason.VERSION_UNSUPPORTED,
            "Version 7 has 0 containers, and only packages whose",
        ),
        ({"version": containers(CONTAINER | {"ModelDataUrl": ""})}, Reason.VERSION_UNSUPPORTED, "ModelDataUrl"),
        ({"version": containers(CONTAINER | {"Image": "", "ImageDigest": ""})}, Reason.VERSION_UNSUPPORTED, "an Image"),
        ({"quarantine": QUARANTINED}, Reason.VERSION_QUARANTINED, "quarantined: Alarm churn-5xx was raised. Release a"),
        (
            {"quarantine": QUARANTINED},
            Reason.VERSION_QUARANTINED,
            '{"action": "lift_quarantine", "group": "churn", "ver',
        ),
        ({"quarantine": found({"Item": {"pk": {}}})}, Reason.VERSION_QUARANTINED, "rolled back before."),
        ({"quarantine": DENIED}, Reason.AWS_REFUSED, "The quarantine could not be read: "),
        (
            {"artifacts": [NO_OBJECT]},
            Reason.ARTIFACT_MISSING,
            "The model artifact s3://models/churn/7/model.tar.gz is gone; restore the object or register the version",
        ),
        ({"artifacts": [FORBIDDEN]}, Reason.ARTIFACT_UNREADABLE, "its bucket is not the stack's ArtifactBucket"),
        ({"artifacts": []}, Reason.ARTIFACT_UNREADABLE, "s3://models/churn/7/model.tar.gz cannot be read"),
        (
            {"endpoint": DENIED, "endpoint_config": {}},
            Reason.AWS_REFUSED,
            "Endpoint churn-live could not be read: Sage",
        ),
        ({"endpoint_config": DENIED}, Reason.AWS_REFUSED, "Endpoint churn-live could not be read: SageMaker"),
        (
            {"endpoint": endpoint("Failed", FailureReason="no capacity")},
            Reason.ENDPOINT_FAILED,
            "Endpoint churn-live is Failed (no capacity); repair or delete it first.",
        ),
        ({"endpoint": endpoint("OutOfService")}, Reason.ENDPOINT_FAILED, "is OutOfService (no reason given); repair"),
        ({"endpoint_config": config(SERVERLESS)}, Reason.ENDPOINT_UNSUPPORTED, "released to yet: it is a serverless"),
        ({"endpoint_config": config(AsyncInferenceConfig={"x": 1})}, Reason.ENDPOINT_UNSUPPORTED, "an asynchronous"),
        (
            {"endpoint_config": config(ShadowProductionVariants=[production_variant("s")])},
            Reason.ENDPOINT_UNSUPPORTED,
            "it has a shadow variant. Supported: real-time endpoints with one variant.",
        ),
        (
            {"endpoint": endpoint("InService", examples.live("a"), examples.live("b"))},
            Reason.ENDPOINT_UNSUPPORTED,
            "it has 2 production variants (a, b)",
        ),
        ({"endpoint_config": config(COMPONENTS)}, Reason.ENDPOINT_UNSUPPORTED, "it hosts inference components"),
        ({"alarms": alarms(churn_5xx="OK")}, Reason.ALARM_MISSING, "No metric alarm named churn-slow exists in this"),
        ({"alarms": found({"MetricAlarms": []})}, Reason.ALARM_MISSING, "churn-5xx, churn-slow"),
        ({"alarms": {}}, Reason.ALARM_MISSING, "correct the policy's alarms"),
        ({"alarms": DENIED}, Reason.AWS_REFUSED, "The policy's alarms could not be read: SageMaker"),
        (
            {"alarms": alarms(churn_5xx="ALARM", churn_slow="OK")},
            Reason.ALARM_ALREADY_RAISED,
            "already raised, so it cannot show that a candidate is bad. Clear it, then start again; or, if",
        ),
    ],
)
def test_a_release_is_refused_with_the_reason_and_the_remedy(
    different: dict[str, Any], reason: Reason, said: str
) -> None:
    refused = refusal(observed(**({"alarms": QUIET} | different)), ALARMED)
    assert refused is not None
    assert refused[0] is reason
    assert said in refused[1]


def test_the_first_refusal_in_the_order_of_the_checks_is_the_answer() -> None:
    wrong = observed(version=MISSING, artifacts=[NO_OBJECT], endpoint=endpoint("Failed"), alarms=DENIED)
    refusals = [found for check in CHECKS if (found := check(wrong, ALARMED))]
    assert len(refusals) > 3
    assert refusal(wrong, ALARMED) == refusals[0]
    assert refusals[0][0] is Reason.VERSION_NOT_FOUND


def live(**fields: str) -> dict[str, Any]:
    item = {"live": {"M": {name: {"S": value} for name, value in fields.items()}}}
    return found({"Item": item})


@pytest.mark.parametrize(
    ("decided_at", "number", "refused"),
    [
        ("2026-01-05T08:00:00.000Z", 7, True),
        (None, 7, False),
        ("", 7, True),
        ("", 9, False),
        ("2026-01-05T09:00:00.000Z", 7, True),
        ("2026-01-05T09:00:00.000Z", 9, False),
        ("2026-01-05T10:00:00.000Z", 7, False),
    ],
)
def test_a_late_event_does_not_replace_a_version_that_was_approved_after_it_but_a_person_may(
    decided_at: str | None, number: int, refused: bool
) -> None:
    """Whatever was written to the package since."""
    control = live(version="8", model_group="churn", decided_at="2026-01-05T09:00:00.000Z")
    answers = examples.answers(control=control, version=found(package(LastModifiedTime="2026-01-05T23:00:00.000Z")))
    found_ = refusal(Observed(answers, "churn", number, decided_at), stage())
    assert (found_ is not None) == refused
    if found_:
        assert found_[0] is Reason.EVENT_OUTDATED
        assert "Version 7 was approved before version 8, which is live on churn-live." in found_[1]
        assert '{"action": "release", "group": "churn", "version": 7}' in found_[1]


@pytest.mark.parametrize(("number", "refused"), [(6, True), (7, False), (8, False)])
def test_of_two_approvals_in_one_second_the_newer_version_counts_and_none_outdates_itself(
    number: int, refused: bool
) -> None:
    """Events tell whole seconds. The same version again is told to be live already, and not to be too old."""
    control = live(version="7", model_group="churn", decided_at="2026-01-05T09:00:00.000Z")
    observed = Observed(examples.answers(control=control), "churn", number, "2026-01-05T09:00:00.000Z")
    assert (refusal(observed, stage()) is not None) == refused


def test_an_endpoint_serves_one_group() -> None:
    refused = refusal(observed(control=live(version="3", model_group="fraud")), stage())
    assert refused is not None
    assert refused[0] is Reason.ENDPOINT_TAKEN
    assert "Endpoint churn-live serves model package group fraud; two policies must not share" in refused[1]
    assert refusal(observed(control=live(version="3", model_group="churn")), stage()) is None


def test_a_policy_without_alarms_needs_none() -> None:
    assert refusal(observed(alarms={}), stage()) is None


def test_an_answer_is_found_or_has_a_cause_or_was_not_asked_for() -> None:
    seen = Observed({"a": found({"x": 1}), "b": {"error": "E", "cause": "words"}, "c": {}}, "churn", 7)
    assert [seen.found(name) for name in "abcd"] == [{"x": 1}, None, None, None]
    assert [seen.cause(name) for name in "abcd"] == ["", "E: words", "", ""]


@pytest.mark.parametrize("name", ["endpoint", "version", "scaling", "alarms", "quarantine"])
def test_a_question_that_aws_could_not_answer_just_now_is_worth_asking_again(name: str) -> None:
    assert "Rate exceeded" in observed(**{name: THROTTLED}).unreadable()


def test_so_is_a_question_about_the_artifact_of_any_container() -> None:
    assert "Rate exceeded" in observed(artifacts=[found({}), THROTTLED]).unreadable()


def test_a_server_fault_is_known_by_its_status_whatever_it_says() -> None:
    fault = "It has failed because of an unknown error. (Service: SageMaker, Status Code: 500, Request ID: 0)"
    unreadable = observed(endpoint={"error": "SageMaker.SageMakerException", "cause": fault}).unreadable()
    assert unreadable == "SageMaker.SageMakerException: It has failed because of an unknown error."


@pytest.mark.parametrize("answer", [DENIED, MISSING, NO_OBJECT, found({})])
def test_an_answer_that_will_not_change_is_not_asked_for_again(answer: dict[str, Any]) -> None:
    assert observed(version=answer).unreadable() == ""
