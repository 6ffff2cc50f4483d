"""What the stack must not lose, and what it must not keep."""

from __future__ import annotations

import pytest

from tests.contract.documents import Resource, of_type, references

LASTING = {
    name: resource
    for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key")
    for name, resource in of_type(kind).items()
}
"""What nobody can make again: the ledger with its leases and journals, captured traffic, and the key without which
neither can be read."""

PERSONAL = {"capture/": "requests of customers", "runs/": "parts of them", "results/": "statistics of them"}
"""Folders of the bucket of monitors that hold what customers sent, or was computed from it."""

each_bucket = pytest.mark.parametrize("bucket", of_type("AWS::S3::Bucket").values(), ids=of_type("AWS::S3::Bucket"))


@pytest.mark.parametrize("name", LASTING)
def test_what_cannot_be_made_again_outlives_its_stack(name: str) -> None:
    """CloudFormation deletes a resource with its stack, or when a change replaces it, unless it is told not to (docs:
    AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy, aws-attribute-updatereplacepolicy)."""
    kept = [LASTING[name].get(policy) for policy in ("DeletionPolicy", "UpdateReplacePolicy")]

    assert kept == ["Retain", "Retain"]


def test_a_table_can_be_put_back_to_any_second_of_the_last_weeks() -> None:
    """A wrong write of a lease or of what is live is noticed days later (docs: amazondynamodb, PointInTimeRecovery)."""
    for name, table in of_type("AWS::DynamoDB::Table").items():
        assert table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True, name


def test_keys_are_rotated() -> None:
    assert [name for name, key in of_type("AWS::KMS::Key").items() if not key["Properties"]["EnableKeyRotation"]] == []


@each_bucket
def test_nobody_can_make_captured_traffic_public(bucket: Resource) -> None:
    """Each of the four closes a way of its own (docs: AmazonS3, access-control-block-public-access)."""
    blocked = bucket["Properties"]["PublicAccessBlockConfiguration"]

    assert set(blocked) == {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
    assert all(value is True for value in blocked.values())


@each_bucket
def test_captured_traffic_can_be_read_with_our_key_only(bucket: Resource) -> None:
    """A key of S3's own decrypts for whoever may read the object."""
    (rule,) = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    default = rule["ServerSideEncryptionByDefault"]

    assert default["SSEAlgorithm"] == "aws:kms"
    assert references(default.get("KMSMasterKeyID")) & set(of_type("AWS::KMS::Key"))


@each_bucket
def test_what_customers_sent_is_forgotten_when_the_owner_says(bucket: Resource) -> None:
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    forgotten = {
        rule["Prefix"]
        for rule in rules
        if rule["Status"] == "Enabled" and references(rule.get("ExpirationInDays")) == {"MonitorRetentionDays"}
    }

    assert forgotten == set(PERSONAL)
