"""The model registry: versions, approval, and an event for every write."""

from __future__ import annotations

from typing import Any

from rehearsal.sagemaker import Options
from tests.rehearsal.sagemaker.account import IMAGE, ROLE, Account

SPECIFICATION = {
    "Containers": [{"Image": IMAGE, "ImageDigest": "sha256:" + "0" * 64, "ModelDataUrl": "s3://models/plain.tar.gz"}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}
CHANGED = "SageMaker Model Package State Change"


def register(account: Account, group: str = "Digits", **more: Any) -> str:
    if not account.told(CHANGED):
        account.call("create_model_package_group", ModelPackageGroupName=group)
    answer = account.call(
        "create_model_package", ModelPackageGroupName=group, InferenceSpecification=SPECIFICATION, **more
    )
    return str(answer["ModelPackageArn"])


def test_versions_count_up_and_arns_hold_names_in_lower_case() -> None:
    account = Account()

    assert register(account) == "arn:aws:sagemaker:eu-central-1:111122223333:model-package/digits/1"
    assert register(account).endswith("/digits/2")


def test_a_new_version_awaits_a_persons_approval_unless_created_approved() -> None:
    account = Account()
    waiting, approved = register(account), register(account, ModelApprovalStatus="Approved")

    assert account.call("describe_model_package", ModelPackageName=waiting)["ModelApprovalStatus"] == (
        "PendingManualApproval"
    )
    assert [detail["ModelApprovalStatus"] for detail in account.told(CHANGED)] == ["PendingManualApproval", "Approved"]
    assert account.call("describe_model_package", ModelPackageName=approved)["ModelPackageVersion"] == 2


def test_an_update_changes_only_what_it_gives_and_merges_metadata() -> None:
    account = Account()
    arn = register(account, CustomerMetadataProperties={"a": "1", "b": "2"})
    account.call("update_model_package", ModelPackageArn=arn, ModelApprovalStatus="Approved")
    account.call(
        "update_model_package",
        ModelPackageArn=arn,
        CustomerMetadataProperties={"b": "3", "c": "4"},
        CustomerMetadataPropertiesToRemove=["a"],
    )
    described = account.call("describe_model_package", ModelPackageName=arn)

    assert described["ModelApprovalStatus"] == "Approved"
    assert described["CustomerMetadataProperties"] == {"b": "3", "c": "4"}


def test_writing_metadata_to_an_approved_version_says_approved_again() -> None:
    account = Account()
    arn = register(account, ModelApprovalStatus="Approved")
    account.call("update_model_package", ModelPackageArn=arn, CustomerMetadataProperties={"live": "yes"})
    created, written = account.told(CHANGED)

    assert created["ModelApprovalStatus"] == written["ModelApprovalStatus"] == "Approved"
    assert "UpdatedModelPackageFields" not in created
    assert written["UpdatedModelPackageFields"] == ["CustomerMetadataProperties"]


def test_older_events_do_not_list_the_changed_fields() -> None:
    account = Account(Options(changed_fields="absent"))
    arn = register(account)
    account.call("update_model_package", ModelPackageArn=arn, ModelApprovalStatus="Approved")

    assert all("UpdatedModelPackageFields" not in detail for detail in account.told(CHANGED))


def test_a_version_that_does_not_exist_is_a_validation_exception() -> None:
    account = Account()
    arn = register(account)

    assert "does not exist" in account.refused("describe_model_package", ModelPackageName=arn[:-1] + "9")
    assert "does not exist" in account.refused("list_model_packages", ModelPackageGroupName="other")


def test_versions_are_listed_newest_first_by_approval_and_page() -> None:
    account = Account()
    for status in ("Approved", "Rejected", "Approved", "Approved"):
        register(account, ModelApprovalStatus=status)
        account.wait(1)
    query = {"ModelPackageGroupName": "Digits", "ModelApprovalStatus": "Approved", "MaxResults": 2}
    first = account.call("list_model_packages", **query)
    rest = account.call("list_model_packages", **query, NextToken=first["NextToken"])

    listed = first["ModelPackageSummaryList"] + rest["ModelPackageSummaryList"]
    assert [summary["ModelPackageVersion"] for summary in listed] == [4, 3, 1]
    assert "NextToken" not in rest


def test_a_model_can_be_made_from_an_approved_version_only() -> None:
    account = Account()
    arn = register(account)
    container = {"ModelName": "m", "Containers": [{"ModelPackageName": arn}], "ExecutionRoleArn": ROLE}

    assert "not Approved" in account.refused("create_model", **container)
    account.call("update_model_package", ModelPackageArn=arn, ModelApprovalStatus="Approved")
    account.call("create_model", **container)
    assert account.sagemaker.hosting.sources("m")[0].model_data == "s3://models/plain.tar.gz"

    lenient = Account(Options(unapproved_package="accepted"))
    lenient.call("create_model", **container | {"Containers": [{"ModelPackageName": register(lenient)}]})
