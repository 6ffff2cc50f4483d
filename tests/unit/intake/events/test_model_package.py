from __future__ import annotations

from typing import Any

import pytest

from tests.unit.intake.incoming import Detail, becomes, routed

TYPE = ("aws.sagemaker", "SageMaker Model Package State Change")
APPROVED: Detail = {
    "ModelPackageGroupName": "versionedmp-p-idy6c3e1fiqj",
    "ModelPackageVersion": 2,
    "ModelPackageArn": "arn:aws:sagemaker:us-east-2:111122223333:model-package/versionedmp-p-idy6c3e1fiqj/2",
    "CreationTime": "2021-02-24T17:00:14Z",
    "ModelPackageStatus": "Completed",
    "ModelApprovalStatus": "Approved",
    "ModelLifeCycle": {"Stage": "Development", "StageStatus": "Approved"},
    "UpdatedModelPackageFields": ["ModelApprovalStatus", "ApprovalDescription"],
}


def package(**fields: Any) -> Detail:
    return routed(*TYPE, APPROVED | fields)


def test_an_approval_starts_a_release_named_by_what_was_approved() -> None:
    command = package()
    assert command["kind"] == "StartRelease"
    assert (command["group"], command["version"]) == ("versionedmp-p-idy6c3e1fiqj", 2)
    assert (command["name"], command["decision"]) == ("versionedmp-p-idy6c3e1fiqj-v2", "Approved")


def test_an_approval_that_is_known_already_is_ignored() -> None:
    said = "Version 2 of versionedmp-p-idy6c3e1fiqj was approved. That is known already."
    assert becomes(package(), "EventDuplicate") == ("Ignore", "EventDuplicate", said)


def test_an_approval_in_a_group_without_policy_is_ignored() -> None:
    said = "There is no policy for model package group versionedmp-p-idy6c3e1fiqj."
    assert becomes(package(), "PolicyMissing") == ("Ignore", "PolicyMissing", said)


def test_an_approval_told_without_the_changed_fields_starts_a_release() -> None:
    older = {name: value for name, value in APPROVED.items() if name != "UpdatedModelPackageFields"}
    command = routed(*TYPE, older | {"ModelPackageName": "versionedmp-p-idy6c3e1fiqj/2"})
    assert command["kind"] == "StartRelease"


@pytest.mark.parametrize("fields", [["ApprovalDescription"], ["CustomerMetadataProperties", "sourceUri"], []])
def test_metadata_written_to_an_approved_version_starts_nothing(fields: list[str]) -> None:
    command = package(UpdatedModelPackageFields=fields)
    assert (command["kind"], command["reason"]) == ("Ignore", "EventIrrelevant")
    assert (", ".join(fields) or "nothing") in command["sentence"]


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval"])
def test_any_other_decision_is_recorded(status: str) -> None:
    command = package(ModelApprovalStatus=status)
    assert (command["kind"], command["reason"]) == ("RecordDecision", "VersionRejected")
    assert (command["decision"], command["version"]) == (status, 2)


def test_a_rejection_that_was_approved_meanwhile_is_ignored() -> None:
    said = "Version 2 of versionedmp-p-idy6c3e1fiqj is Rejected. By now the registry says Approved."
    assert becomes(package(ModelApprovalStatus="Rejected"), "EventOutdated") == (
        "Ignore",
        "EventOutdated",
        said,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ModelPackageGroupName", None),
        ("ModelPackageVersion", 2**31),
        ("ModelPackageGroupName", ""),
        ("ModelPackageVersion", "two"),
        ("ModelPackageVersion", 0),
        ("ModelApprovalStatus", 7),
        ("UpdatedModelPackageFields", "ModelApprovalStatus"),
    ],
)
def test_a_malformed_event_is_refused_by_its_field(field: str, value: Any) -> None:
    command = package(**{field: value})
    assert (command["kind"], command["reason"]) == ("Refuse", "EventMalformed")
    assert field in command["sentence"]
    assert TYPE[1] in command["sentence"]


def test_a_package_without_group_is_ignored() -> None:
    detail = {name: value for name, value in APPROVED.items() if name != "ModelPackageGroupName"}
    assert routed(*TYPE, detail)["kind"] == "Ignore"


def test_a_package_without_group_is_ignored_whatever_else_it_lacks() -> None:
    """A package outside of groups has no version."""
    command = routed(*TYPE, {"ModelPackageName": "one-of-a-kind", "ModelApprovalStatus": "Approved"})
    assert (command["kind"], command["reason"]) == ("Ignore", "EventIrrelevant")


@pytest.mark.parametrize(
    ("specification", "approved"),
    [
        (None, []),
        ([], []),
        ("x", []),
        ({}, []),
        ({"Containers": None}, []),
        ({"Containers": []}, []),
        ({"Containers": [None]}, [{}]),
        ({"Containers": [{"Image": 7}, {"Image": "r/x:1"}]}, [{}, {"Image": "r/x:1"}]),
    ],
)
def test_an_event_whose_containers_cannot_be_read_starts_the_release_all_the_same(
    specification: Any, approved: list[dict[str, str]]
) -> None:
    command = package(InferenceSpecification=specification)
    assert (command["kind"], command["approved"]) == ("StartRelease", approved)


def test_what_was_approved_goes_with_the_release() -> None:
    container = {"Image": "r/x:1", "ImageDigest": "sha256:4dc8", "ModelDataUrl": "s3://m/2", "Environment": {"A": "b"}}
    command = package(InferenceSpecification={"Containers": [container]})
    del container["Environment"]
    assert command["approved"] == [container]


def test_a_life_cycle_may_answer_a_release_that_asks() -> None:
    command = package(UpdatedModelPackageFields=["CustomerMetadataProperties", "ModelLifeCycle"])
    assert (command["kind"], command["group"], command["version"]) == (
        "ApproveInRegistry",
        APPROVED["ModelPackageGroupName"],
        2,
    )
    assert command["word"] == "|ModelLifeCycle Development/Approved|"
    assert becomes(command, "NothingToDo")[:2] == ("Ignore", "NothingToDo")


@pytest.mark.parametrize("told", [None, "Production", {"Stage": "Production"}, {"Stage": 1, "StageStatus": "Approved"}])
def test_a_life_cycle_that_is_not_told_starts_nothing(told: Any) -> None:
    assert package(UpdatedModelPackageFields=["ModelLifeCycle"], ModelLifeCycle=told)["kind"] == "Ignore"


def test_an_approval_that_writes_the_life_cycle_too_starts_a_release() -> None:
    assert package(UpdatedModelPackageFields=["ModelApprovalStatus", "ModelLifeCycle"])["kind"] == "StartRelease"


def test_an_event_that_does_not_say_what_was_changed_may_be_about_the_life_cycle() -> None:
    older = {name: value for name, value in APPROVED.items() if name != "UpdatedModelPackageFields"}
    command = routed(*TYPE, older)
    assert command["kind"] == "StartRelease"
    known = {**command, **command["otherwise"]["EventDuplicate"]}
    assert (known["kind"], known["word"]) == ("ApproveInRegistry", "|ModelLifeCycle Development/Approved|")


def test_a_rejection_is_a_signal_about_its_version_in_case_it_is_live() -> None:
    command = package(ModelApprovalStatus="Rejected")
    signal = command["signal"]
    assert (signal["kind"], signal["version"], signal["group"]) == ("rejected", 2, APPROVED["ModelPackageGroupName"])
    assert (command["kind"], command["once"], command["dry_run"]) == ("RecordDecision", True, False)
    assert signal["run"].startswith("rejected/versionedmp-p-idy6c3e1fiqj/2/")


def test_a_rejection_that_the_steward_found_is_weighed_although_it_has_no_time() -> None:
    found = {"group": "churn", "version": 2, "arn": "arn", "status": "Rejected"}
    command = routed("interlock.steward", "Decision Found", found)
    assert (command["kind"], command["once"], command["signal"]["version"]) == ("RecordDecision", False, 2)
