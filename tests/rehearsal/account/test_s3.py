from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws import AwsError, Caller
from tests.rehearsal.account.conftest import PERSON, Account

BUCKET = "monitoring"
TRUST = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def bucket(account: Account) -> Account:
    account.ask("s3", "CreateBucket", Bucket=BUCKET)
    return account


def put(account: Account, key: str, body: bytes = b"x", caller: Caller = PERSON, **more: Any) -> Any:
    return account.gateway.call(caller, "s3", "PutObject", {"Bucket": BUCKET, "Key": key, "Body": body, **more})


def get(account: Account, key: str, caller: Caller = PERSON, **more: Any) -> Any:
    return account.gateway.call(caller, "s3", "GetObject", {"Bucket": BUCKET, "Key": key, **more})


def listed(account: Account, **request: Any) -> Any:
    return account.ask("s3", "ListObjectsV2", Bucket=BUCKET, **request)


def role(account: Account, *statements: dict[str, Any]) -> Caller:
    made = Caller(account.iam.put_role("role", {"Statement": TRUST}).arn)
    if statements:
        account.iam.put_policy(made.principal, "inline", {"Statement": list(statements)})
    return made


def allow(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": f"arn:aws:s3:::{resource}"}


@pytest.mark.parametrize(
    ("wanted", "body", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-30", b"0123456789", "bytes 0-9/10"),
        ("bytes=8-100000", b"89", "bytes 8-9/10"),
        ("bytes=7-2", b"0123456789", None),  # no range at all, and ignored
        ("lines=1-2", b"0123456789", None),
        ("bytes=-", b"0123456789", None),
    ],
)
def test_a_range_gives_a_part_and_says_which(
    bucket: Account, wanted: str, body: bytes, content_range: str | None
) -> None:
    put(bucket, "k", b"0123456789")
    answer = get(bucket, "k", Range=wanted)
    assert (answer["Body"], answer.get("ContentRange")) == (body, content_range)
    assert answer["ContentLength"] == len(body)


@pytest.mark.parametrize(("body", "wanted"), [(b"0123", "bytes=4-9"), (b"", "bytes=0-99"), (b"0123", "bytes=-0")])
def test_a_range_behind_the_end_is_not_satisfiable(bucket: Account, body: bytes, wanted: str) -> None:
    put(bucket, "k", body)
    with pytest.raises(AwsError) as refused:
        get(bucket, "k", Range=wanted)
    assert (refused.value.code, refused.value.status) == ("InvalidRange", 416)


def test_a_missing_object_is_hidden_from_whoever_may_not_list(bucket: Account) -> None:
    reader = role(bucket, allow("s3:GetObject", f"{BUCKET}/*"))
    with pytest.raises(AwsError) as hidden:
        get(bucket, "k", reader)
    bucket.iam.put_policy(reader.principal, "list", {"Statement": allow("s3:ListBucket", BUCKET)})
    with pytest.raises(AwsError) as told:
        get(bucket, "k", reader)
    assert [(e.value.code, e.value.status) for e in (hidden, told)] == [("AccessDenied", 403), ("NoSuchKey", 404)]


def test_a_conditional_put_does_not_overwrite(bucket: Account) -> None:
    put(bucket, "k", b"first", IfNoneMatch="*")
    with pytest.raises(AwsError) as refused:
        put(bucket, "k", b"second", IfNoneMatch="*")
    assert (refused.value.code, refused.value.status) == ("PreconditionFailed", 412)
    assert get(bucket, "k")["Body"] == b"first"


def test_keys_are_listed_in_order_and_in_pages(bucket: Account) -> None:
    names = [f"capture/{number:02}" for number in range(7)]
    for name in reversed([*names, "results/1"]):
        put(bucket, name)
    pages = [listed(bucket, Prefix="capture/", MaxKeys=3)]
    while pages[-1]["IsTruncated"]:
        token = pages[-1]["NextContinuationToken"]
        pages.append(listed(bucket, Prefix="capture/", MaxKeys=3, ContinuationToken=token))
    assert [[each["Key"] for each in page["Contents"]] for page in pages] == [names[:3], names[3:6], names[6:]]
    assert [page["KeyCount"] for page in pages] == [3, 3, 1]
    after = listed(bucket, StartAfter="capture/05")
    assert [each["Key"] for each in after["Contents"]] == ["capture/06", "results/1"]
    assert "Contents" not in listed(bucket, Prefix="nothing")


def test_a_delimiter_rolls_up_what_lies_deeper(bucket: Account) -> None:
    for name in ("a/1", "a/2", "b/c/1", "top"):
        put(bucket, name)
    pages = [listed(bucket, Delimiter="/", MaxKeys=2)]
    pages.append(listed(bucket, Delimiter="/", ContinuationToken=pages[0]["NextContinuationToken"]))
    assert [each["Prefix"] for each in pages[0]["CommonPrefixes"]] == ["a/", "b/"]
    assert [each["Key"] for each in pages[1]["Contents"]] == ["top"] and "CommonPrefixes" not in pages[1]


def test_a_bucket_tells_eventbridge_only_when_it_was_told_to(bucket: Account) -> None:
    put(bucket, "before")
    bridge: dict[str, Any] = {"EventBridgeConfiguration": {}}
    bucket.ask("s3", "PutBucketNotificationConfiguration", Bucket=BUCKET, NotificationConfiguration=bridge)
    assert bucket.ask("s3", "GetBucketNotificationConfiguration", Bucket=BUCKET) == bridge
    put(bucket, "results/constraint_violations.json", b"{}")
    put(bucket, "results/constraint_violations.json", b"{ }")
    bucket.ask("s3", "PutBucketNotificationConfiguration", Bucket=BUCKET, NotificationConfiguration={})
    put(bucket, "after")
    first, second = bucket.events.published
    assert (first["source"], first["detail-type"]) == ("aws.s3", "Object Created")
    assert first["resources"] == [f"arn:aws:s3:::{BUCKET}"]
    detail = first["detail"]
    assert (detail["bucket"], detail["reason"]) == ({"name": BUCKET}, "PutObject")
    assert detail["object"]["key"] == "results/constraint_violations.json"
    assert (detail["object"]["size"], detail["object"]["etag"]) == (2, "99914b932bd37a50b983c5e7c90ae93b")
    assert detail["object"]["sequencer"] < second["detail"]["object"]["sequencer"]


@pytest.mark.parametrize(
    ("operation", "request_", "action", "resource"),
    [
        ("GetObject", {"Key": "a/k"}, "s3:GetObject", "monitoring/a/*"),
        ("PutObject", {"Key": "a/k", "Body": b""}, "s3:PutObject", "monitoring/a/*"),
        ("ListObjectsV2", {"Prefix": "a/"}, "s3:ListBucket", "monitoring"),
    ],
)
def test_a_role_needs_the_permission(
    bucket: Account, operation: str, request_: dict[str, Any], action: str, resource: str
) -> None:
    put(bucket, "a/k")
    caller = role(bucket)
    with pytest.raises(AwsError) as denied:
        bucket.gateway.call(caller, "s3", operation, {"Bucket": BUCKET, **request_})
    assert (denied.value.code, denied.value.status) == ("AccessDenied", 403) and action in denied.value.message
    bucket.iam.put_policy(caller.principal, "may", {"Statement": allow(action, resource)})
    bucket.gateway.call(caller, "s3", operation, {"Bucket": BUCKET, **request_})


def test_a_listing_can_be_granted_for_one_prefix(bucket: Account) -> None:
    condition = {"StringLike": {"s3:prefix": "capture/*"}}
    caller = role(bucket, {**allow("s3:ListBucket", BUCKET), "Condition": condition})
    bucket.gateway.call(caller, "s3", "ListObjectsV2", {"Bucket": BUCKET, "Prefix": "capture/churn/"})
    with pytest.raises(AwsError, match="s3:ListBucket"):
        bucket.gateway.call(caller, "s3", "ListObjectsV2", {"Bucket": BUCKET, "Prefix": "labels/"})


def test_a_policy_of_the_bucket_speaks_about_its_objects(bucket: Account) -> None:
    caller = role(bucket, allow("s3:PutObject", f"{BUCKET}/*"))
    put(bucket, "k", caller=caller)
    deny = {**allow("s3:PutObject", f"{BUCKET}/results/*"), "Effect": "Deny", "Principal": "*"}
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    insecure = {**allow("s3:*", f"{BUCKET}/*"), "Effect": "Deny", "Principal": "*", "Condition": plain}
    bucket.iam.put_resource_policy(f"arn:aws:s3:::{BUCKET}", {"Statement": [deny, insecure]})
    put(bucket, "k", caller=caller)  # over TLS
    with pytest.raises(AwsError, match="explicit deny in a resource-based policy"):
        put(bucket, "results/k", caller=caller)


def test_an_encrypted_bucket_needs_its_key(bucket: Account) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/k"
    root = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*"}
    bucket.iam.put_resource_policy(key, {"Statement": {**root, "Resource": "*"}})
    bucket.iam.encrypt(f"arn:aws:s3:::{BUCKET}", key)
    caller = role(bucket, allow("s3:*Object", f"{BUCKET}/*"))
    with pytest.raises(AwsError, match="kms:GenerateDataKey"):
        put(bucket, "k", caller=caller)
    grant = {"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": key}
    bucket.iam.put_policy(caller.principal, "write", {"Statement": grant})
    put(bucket, "k", caller=caller)
    with pytest.raises(AwsError, match="kms:Decrypt"):
        get(bucket, "k", caller)


def test_an_object_is_copied_while_it_is_the_one_that_was_meant(bucket: Account) -> None:
    etag = put(bucket, "a model.tar.gz", b"one")["ETag"].strip('"')
    copied = {
        "Bucket": BUCKET,
        "Key": "1.tar.gz",
        "CopySource": f"{BUCKET}/a%20model.tar.gz",
        "CopySourceIfMatch": etag,
    }
    bucket.ask("s3", "CopyObject", **copied)
    assert get(bucket, "1.tar.gz")["Body"] == b"one"
    put(bucket, "a model.tar.gz", b"two")
    with pytest.raises(AwsError) as refused:
        bucket.ask("s3", "CopyObject", **copied)
    assert (refused.value.code, refused.value.status) == ("PreconditionFailed", 412)
    assert get(bucket, "1.tar.gz")["Body"] == b"one"
    with pytest.raises(AwsError) as missing:
        bucket.ask("s3", "CopyObject", **{**copied, "CopySource": f"{BUCKET}/none"})
    assert missing.value.code == "NoSuchKey"
