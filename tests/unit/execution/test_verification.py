from __future__ import annotations

from typing import Any

import pytest

from interlock.execution.verdicts import Verified
from interlock.execution.verification import verify_endpoint
from interlock.model.aws_errors import message
from interlock.model.plan import LONGEST_WAIT
from interlock.model.registration import read_registration
from interlock.model.traffic import SHARE_TOLERANCE
from tests.unit.examples import DENIED, ENDPOINT, NO_ENDPOINT, STABLE, THROTTLED, endpoint, found, live, scaled

CANDIDATE = "churn-v7-1"
EXPECT = {"config": "canary", "shares": {"AllTraffic": 95.0, CANDIDATE: 5.0}}
SINCE, SOON, LATE = "2026-01-05T09:00:00.000Z", "2026-01-05T09:04:00.000Z", "2026-01-06T09:00:00.000Z"


def split(percent: float = 5.0, status: str = "InService", config: str = "canary", **fields: Any) -> dict[str, Any]:
    return found(endpoint(status, config, live("AllTraffic", 100 - percent), live(CANDIDATE, percent), **fields))


def verify(answer: dict[str, Any], expect: Any = EXPECT, now: str = SOON, mode: str = "deliver") -> Verified:
    return verify_endpoint(
        {"expect": expect, "endpoint": answer, "since": SINCE, "now": now, "mode": mode, "patience": 1800}
    )


ARTIFACT = {"uri": "s3://models/7", "etag": "0a1b", "written": "2026-01-05T08:00:00Z"}
SAME = {"ETag": '"0a1b"', "LastModified": "2026-01-05T08:00:00Z"}
GONE = {"error": "S3.S3Exception", "cause": "null (Service: S3, Status Code: 404, Request ID: 0)"}
FORBIDDEN = {"error": "S3.S3Exception", "cause": "null (Service: S3, Status Code: 403, Request ID: 0)"}


@pytest.mark.parametrize(
    ("artifact", "following", "reason"),
    [
        (found(SAME), "Advance", "Accepted"),
        (found(SAME | {"ETag": '"ffff"'}), "RollBack", "ArtifactChanged"),
        (found(SAME | {"LastModified": "2026-01-05T09:01:00Z"}), "RollBack", "ArtifactChanged"),
        (GONE, "RollBack", "ArtifactMissing"),
        (FORBIDDEN, "RollBack", "ArtifactUnreadable"),
        (THROTTLED, "Await", "AwsRefused"),
        (None, "Await", "AwsRefused"),
    ],
)
def test_the_artifact_must_be_the_same_when_the_candidate_has_started(
    artifact: dict[str, Any] | None, following: str, reason: str
) -> None:
    step = {
        "expect": EXPECT | {"artifacts": [ARTIFACT]},
        "since": SINCE,
        "now": SOON,
        "mode": "deliver",
        "patience": 60,
    }
    answer = verify_endpoint({**step, "endpoint": split(), "artifacts": [artifact] if artifact else []})  # type: ignore[typeddict-item]
    assert (answer["next"], answer["reason"]) == (following, reason)
    assert "s3://models/7" in answer["sentence"] or following == "Advance"

    busy = verify_endpoint({**step, "endpoint": BUSY, "artifacts": [artifact] if artifact else []})  # type: ignore[typeddict-item]
    assert busy["next"] == "Await"


@pytest.mark.parametrize(
    ("second", "following", "reason"),
    [
        (found(SAME), "Advance", "Accepted"),
        (THROTTLED, "Await", "AwsRefused"),
        (found(SAME | {"ETag": '"ffff"'}), "RollBack", "ArtifactChanged"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_one_artifact_of_several_that_was_replaced_is_enough(
    second: dict[str, Any], following: str, reason: str, order: int
) -> None:
    step = {"expect": EXPECT | {"artifacts": [ARTIFACT] * 2}, "since": SINCE, "now": SOON, "mode": "deliver"}
    answers = {"endpoint": split(), "artifacts": [found(SAME), second][::order], "patience": 60}
    answer = verify_endpoint({**step, **answers})  # type: ignore[typeddict-item]
    assert (answer["next"], answer["reason"]) == (following, reason)
    if following == "RollBack":
        unread = verify_endpoint({**step, **answers, "artifacts": [THROTTLED, second]})  # type: ignore[typeddict-item]
        assert unread["next"] == "RollBack"


@pytest.mark.parametrize("before", [None, {"config": "canary", "shares": {}, "instances": {}}])
@pytest.mark.parametrize(
    ("answer", "following", "reason"),
    [
        (scaled(), "", "Accepted"),
        (scaled(MaxCapacity=20), "Hold", "EndpointMoved"),
        (found({"ScalableTargets": []}), "Hold", "EndpointMoved"),
        (THROTTLED, "Await", "AwsRefused"),
        (None, "Await", "AwsRefused"),
    ],
)
def test_how_stable_scales_must_be_as_the_release_found_it(
    answer: dict[str, Any] | None, following: str, reason: str, before: dict[str, Any] | None
) -> None:
    """Before the step, and after it: what somebody has changed would be lost with stable."""
    registered = read_registration(scaled()["found"], ENDPOINT, STABLE)
    expect = EXPECT | {"scaling": {"variant": STABLE, "registration": registered}}
    stood = before and {**before, "shares": EXPECT["shares"], "instances": {STABLE: 2, CANDIDATE: 2}}
    step = {"expect": expect, "since": SINCE, "now": SOON, "mode": "deliver", "patience": 60, "before": stood}
    seen = verify_endpoint({**step, "endpoint": split(), "scaling": answer})  # type: ignore[typeddict-item]
    assert (seen["next"], seen["reason"]) == (following or ("Act" if before else "Advance"), reason)
    if following == "Hold":
        assert seen["sentence"].startswith("Somebody else changed how AllTraffic scales during the release: it")


@pytest.mark.parametrize(("mode", "following"), [("deliver", "Grow"), ("roll_back", "Advance")])
def test_what_was_scaled_out_while_its_registration_changed_is_kept(mode: str, following: str) -> None:
    """Nobody looks again before stable is removed."""
    registered = read_registration(scaled()["found"], ENDPOINT, STABLE)
    expect = {"config": "canary", "shares": {STABLE: 0.0, CANDIDATE: 100.0}}
    step = {"expect": expect | {"scaling": {"variant": STABLE, "registration": registered}}, "mode": mode}
    larger = found(endpoint("InService", "canary", live(STABLE, 0.0, 5), live(CANDIDATE, 100.0, 2)))
    answers = {"endpoint": larger, "scaling": scaled(), "since": SINCE, "now": SOON, "patience": 60}
    seen = verify_endpoint({**step, **answers})  # type: ignore[typeddict-item]
    assert seen["next"] == following
    if following == "Grow":
        assert seen["step"]["request"]["DesiredWeightsAndCapacities"] == [
            {"VariantName": CANDIDATE, "DesiredInstanceCount": 5}
        ]


OTHERWISE, BUSY = split(config="churn-config-6"), split(status="Updating")


@pytest.mark.parametrize(
    ("answer", "now", "status", "following", "reason"),
    [
        (split(), SOON, "Reached", "Advance", "Accepted"),
        (BUSY, SOON, "Pending", "Await", "EndpointBusy"),
        (OTHERWISE, SOON, "NotReached", "RollBack", "SageMakerRolledBack"),
        (BUSY, LATE, "Stuck", "Hold", "EndpointStuck"),
    ],
)
def test_what_was_seen_says_what_follows(
    answer: dict[str, Any], now: str, status: str, following: str, reason: str
) -> None:
    seen = verify(answer, now=now)
    assert (seen["status"], seen["next"], seen["reason"]) == (status, following, reason)


@pytest.mark.parametrize(
    ("answer", "now", "following", "reason"),
    [
        (split(), SOON, "Advance", "Accepted"),
        (BUSY, SOON, "Await", "EndpointBusy"),
        (OTHERWISE, SOON, "Hold", "RollbackFailed"),
        (BUSY, LATE, "Hold", "RollbackFailed"),
    ],
)
def test_a_rollback_that_does_not_get_there_is_held_in_the_words_of_what_was_seen(
    answer: dict[str, Any], now: str, following: str, reason: str
) -> None:
    seen = verify(answer, now=now, mode="roll_back")
    assert (seen["next"], seen["reason"]) == (following, reason)
    assert seen["sentence"] == verify(answer, now=now)["sentence"]


def test_in_service_on_the_config_with_the_shares_is_reached() -> None:
    answer = verify(split())
    assert (answer["status"], answer["reason"]) == ("Reached", "Accepted")


def test_weights_count_as_shares_of_their_sum() -> None:
    answer = found(endpoint("InService", "canary", live("AllTraffic", 19.0), live(CANDIDATE, 1.0)))
    assert verify(answer)["status"] == "Reached"


@pytest.mark.parametrize(
    ("reason", "said", "code"),
    [
        ({"FailureReason": "Alarm churn-5xx is on."}, "SageMaker says: Alarm churn-5xx is on.", "AlarmRaised"),
        ({"FailureReason": "Something new."}, "SageMaker says: Something new.", "SageMakerRolledBack"),
        ({}, "SageMaker gave no reason.", "SageMakerRolledBack"),
    ],
)
def test_in_service_on_the_old_config_is_a_rollback_with_or_without_a_reason(
    reason: dict[str, Any], said: str, code: str
) -> None:
    answer = verify(split(config="churn-config-6", **reason))
    assert (answer["status"], answer["reason"]) == ("NotReached", code)
    assert "it is in service on churn-config-6, not on canary" in answer["sentence"]
    assert answer["sentence"].endswith(said)


def test_a_failed_endpoint_speaks_against_the_candidate_in_sagemakers_words() -> None:
    answer = verify(split(status="Failed", FailureReason="The primary container did not pass the ping health check."))
    assert (answer["status"], answer["reason"]) == ("NotReached", "CandidateFailedToStart")
    assert "ping health check" in answer["sentence"]


@pytest.mark.parametrize("status", ["UpdateRollbackFailed", "OutOfService"])
def test_settled_but_not_in_service_is_not_reached(status: str) -> None:
    answer = verify(split(status=status))
    assert (answer["status"], answer["reason"]) == ("NotReached", "SageMakerRolledBack")
    assert status in answer["sentence"]


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_a_change_in_progress_is_pending(status: str) -> None:
    answer = verify(split(status=status))
    assert (answer["status"], answer["reason"]) == ("Pending", "EndpointBusy")


def test_in_service_with_a_deployment_pending_is_pending() -> None:
    assert verify(split(PendingDeploymentSummary={"EndpointConfigName": "next"}))["status"] == "Pending"


@pytest.mark.parametrize("answer", [split(status="Updating"), THROTTLED, DENIED])
@pytest.mark.parametrize("expect", [EXPECT, {"absent": True}, None])
def test_a_change_that_does_not_end_is_stuck_and_needs_a_person(answer: dict[str, Any], expect: Any) -> None:
    assert verify(answer, expect)["status"] == "Pending"
    late = verify(answer, expect, LATE)
    assert (late["status"], late["reason"]) == ("Stuck", "EndpointStuck")
    assert late["sentence"].endswith("This has lasted for 1 d; a person is needed.")


def test_the_longest_change_is_longer_than_any_deployment_may_take() -> None:
    assert LONGEST_WAIT > 28800 + 11 * 3600


def test_a_change_that_ended_late_has_ended() -> None:
    assert verify(split(), now=LATE)["status"] == "Reached"


@pytest.mark.parametrize(("percent", "status"), [(5.09, "Reached"), (5.2, "NotReached"), (0.0, "NotReached")])
def test_other_shares_than_asked_for_were_set_by_somebody_else(percent: float, status: str) -> None:
    answer = verify(split(percent))
    assert answer["status"] == status
    if status == "NotReached":
        assert answer["reason"] == "EndpointMoved"
        assert f"{CANDIDATE} {percent:g} %" in answer["sentence"]


PING = (
    "The primary container for production variant {} did not pass the ping health check. Please check CloudWatch logs."
)


@pytest.mark.parametrize("status", ["InService", "Failed"])
@pytest.mark.parametrize(
    ("words", "reason", "advice"),
    [
        (PING.format(CANDIDATE), "CandidateFailedToStart", "/aws/sagemaker/Endpoints/churn-live"),
        (PING.format("AllTraffic"), "StableFailedToStart", "repair it first"),
        (
            "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
            "Please retry using a different ML instance type or after some time.",
            "InsufficientCapacity",
            "choose another instance type",
        ),
        ("CapacityError: Unable to provision requested ML compute capacity.", "InsufficientCapacity", "Wait"),
        (
            "The account-level service limit 'ml.m4.xlarge for endpoint usage' is 0 Instances, with current "
            "utilization of 0 Instances and a request delta of 1 Instances.",
            "QuotaExceeded",
            "Service Quotas",
        ),
        (
            "The role 'arn:aws:iam::1:role/r' does not have BatchGetImage permission for the image: '1.dkr/x'.",
            "ImageUnreadable",
            "let SageMaker pull it",
        ),
        (
            "Please make sure all images included in the model for the production variant churn-v7-1 exist, and that "
            "the execution role used to create the model has permissions to access them.",
            "ImageUnreadable",
            "let SageMaker pull it",
        ),
        (
            'Failed to download model data for container "container_1" from URL: "s3://a/b". Please ensure that there '
            "is an object located at the URL and that the role passed to CreateModel has permissions to download it.",
            "ArtifactUnreadable",
            "may read it",
        ),
        (
            'Failed to extract model data archive for container "container_1" from URL "s3://a/b". Please ensure that '
            "the object located at the URL is a valid tar.gz archive.",
            "CandidateFailedToStart",
            "log group",
        ),
        (
            "Request to service failed. If failure persists after retry, contact customer support.",
            "AwsRefused",
            "again",
        ),
        ("Rate exceeded", "AwsRefused", "again"),
    ],
)
def test_sagemakers_own_words_say_whose_fault_it_is(words: str, reason: str, advice: str, status: str) -> None:
    answer = verify(
        split(status=status, config="churn-config-6", FailureReason=words), EXPECT | {"candidate": CANDIDATE}
    )
    assert (answer["status"], answer["reason"]) == ("NotReached", reason)
    assert f"SageMaker says: {words}" in answer["sentence"]
    assert advice in answer["sentence"]


def test_a_failed_endpoint_without_a_reason_speaks_against_nobody() -> None:
    assert verify(split(status="Failed"))["reason"] == "EndpointFailed"


@pytest.mark.parametrize("words", ["", "Request to service failed."])
def test_shares_as_before_were_left_by_sagemaker_and_set_by_nobody(words: str) -> None:
    expect = EXPECT | {"before": {"AllTraffic": 100.0, CANDIDATE: 0.0}}
    answer = verify(split(0.0, FailureReason=words), expect)
    assert (answer["status"], answer["reason"]) == ("NotReached", "AwsRefused")
    assert "did not change the traffic of endpoint churn-live as asked; it is AllTraffic 100 %" in answer["sentence"]
    assert verify(split(50.0), expect)["reason"] == "EndpointMoved"


def test_one_variant_more_or_less_is_the_change_of_somebody_else() -> None:
    for variants in ([live("AllTraffic", 95.0)], [live("AllTraffic", 95.0), live(CANDIDATE, 5.0), live("third", 0.0)]):
        answer = verify(found(endpoint("InService", "canary", *variants)))
        assert (answer["status"], answer["reason"]) == ("NotReached", "EndpointMoved")


def test_shares_are_held_to_a_tolerance_of_floats_not_of_traffic() -> None:
    assert SHARE_TOLERANCE < 1


def test_an_endpoint_that_is_gone_was_deleted_by_somebody_else() -> None:
    answer = verify(NO_ENDPOINT)
    assert (answer["status"], answer["reason"]) == ("NotReached", "EndpointMoved")


@pytest.mark.parametrize("expect", [{"absent": True}, None])
def test_an_endpoint_that_is_gone_is_as_expected_if_nothing_else_was_expected(expect: Any) -> None:
    answer = verify(NO_ENDPOINT, expect)
    assert (answer["status"], answer["reason"]) == ("Reached", "Accepted")


def test_an_endpoint_that_should_be_gone_and_is_not_is_pending() -> None:
    answer = verify(split(), {"absent": True})
    assert (answer["status"], answer["reason"]) == ("Pending", "EndpointBusy")
    assert answer["sentence"] == "Endpoint churn-live is still there."


def test_any_settled_endpoint_will_do_where_nothing_is_expected() -> None:
    answer = verify(split(status="Failed"), None)
    assert (answer["status"], answer["reason"]) == ("Reached", "Accepted")


@pytest.mark.parametrize("answer", [THROTTLED, DENIED])
def test_an_endpoint_that_could_not_be_read_is_read_again(answer: dict[str, Any]) -> None:
    said = verify(answer)
    assert (said["status"], said["reason"]) == ("Pending", "AwsRefused")
    assert said["sentence"] == f"The endpoint could not be read: {message(answer['cause'])}"
