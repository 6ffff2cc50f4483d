"""S3: buckets, and objects that can be put, read whole or in part, listed and deleted; and the events of new ones."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any
from urllib.parse import unquote

from moto.s3.models import FakeKey, s3_backends

from rehearsal.account.authorization import Place
from rehearsal.account.iam import Denied, Iam
from rehearsal.aws import AwsError, Caller

Emit = Callable[[str, str, dict[str, Any], list[str]], None]

MOST_KEYS = 1_000  # botocore ListObjectsV2: "returns up to 1,000 key names"
# What GetObject answers of an object of which nothing else was said (recorded on AWS: localstack/localstack,
# test_aws_sdk_task_service.snapshot.json, test_s3_get_object).
_ALWAYS = {
    "AcceptRanges": "bytes",
    "ContentType": "binary/octet-stream",
    "Metadata": {},
    "ServerSideEncryption": "AES256",
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def _to_nobody(source: str, kind: str, detail: dict[str, Any], resources: list[str]) -> None:
    return None


class S3:
    """Objects are kept by moto's S3 backend, which is spoken to directly: its HTTP layer would only parse headers.

    `emit(source, detail type, detail, resources)` gets the event of each new object in a bucket that sends its events
    to EventBridge.
    """

    def __init__(self, place: Place, iam: Iam, emit: Emit = _to_nobody) -> None:
        self._place = place
        self._iam = iam
        self._emit = emit
        self._backend = s3_backends[place.account]["aws"]
        self._notifications: dict[str, Mapping[str, Any]] = {}
        self._written = 0
        self.copied: dict[str, str] = {}  # URL of what was copied last to a URL

    def create_bucket(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """CreateBucket; creating it again changes nothing."""
        bucket = request["Bucket"]
        if bucket not in self._backend.buckets:
            self._backend.create_bucket(bucket, self._place.region)
        return {"Location": f"http://{bucket}.s3.amazonaws.com/"}

    def put_bucket_notification_configuration(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """PutBucketNotificationConfiguration: an EventBridgeConfiguration, which is empty, switches all events on; a
        configuration without one switches them off (botocore NotificationConfiguration)."""
        self._require_bucket(request["Bucket"])
        wanted = request["NotificationConfiguration"]
        if set(wanted) - {"EventBridgeConfiguration"}:
            raise AwsError("s3", "NotImplemented", "Only notifications to EventBridge are simulated.", 501)
        self._notifications[request["Bucket"]] = wanted
        return {}

    def get_bucket_notification_configuration(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """GetBucketNotificationConfiguration."""
        self._require_bucket(request["Bucket"])
        return dict(self._notifications.get(request["Bucket"], {}))

    def put_object(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """PutObject with a Body of bytes. With `IfNoneMatch: "*"` 412 when the key is there already (S3 User Guide,
        "How to prevent object overwrites with conditional writes")."""
        bucket, key = request["Bucket"], request["Key"]
        self._require_bucket(bucket)
        if "IfMatch" in request:
            raise AwsError("s3", "NotImplemented", "PutObject with IfMatch is not simulated.", 501)
        if request.get("IfNoneMatch") == "*" and self._find(request) is not None:
            words = "At least one of the pre-conditions you specified did not hold"
            raise AwsError("s3", "PreconditionFailed", words, 412)
        return {"ETag": self.write(bucket, key, request.get("Body", b""))}

    def copy_object(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """CopyObject from "bucket/key", URL-encoded; 412 when the source has another ETag than CopySourceIfMatch
        (botocore CopyObject)."""
        bucket, _, key = unquote(request["CopySource"]).lstrip("/").partition("/")
        self._require_bucket(request["Bucket"])
        source = self._find({"Bucket": bucket, "Key": key})
        if source is None:
            raise AwsError("s3", "NoSuchKey", "The specified key does not exist.", 404)
        if request.get("CopySourceIfMatch", source.etag).strip('"') != source.etag.strip('"'):
            words = "At least one of the pre-conditions you specified did not hold"
            raise AwsError("s3", "PreconditionFailed", words, 412)
        etag = self.write(request["Bucket"], request["Key"], bytes(source.value), "CopyObject")
        self.copied[f"s3://{request['Bucket']}/{request['Key']}"] = f"s3://{bucket}/{key}"
        return {"CopyObjectResult": {"ETag": etag}}

    def get_object(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """GetObject; the Body is bytes, not a stream. With a Range a part of it, ContentRange and status 206.

        A missing object is NoSuchKey to whoever may list the bucket and AccessDenied to everyone else (botocore
        GetObject, "Permissions"). Errors: InvalidRange when the range begins behind the end of the object, as every
        range of an empty object does (RFC 9110, 14.1.2); a Range that cannot be read is ignored (RFC 9110, 14.2).
        """
        key = self._find(request)
        if key is None:
            self._require_bucket(request["Bucket"])
            if self._may_list(caller, request["Bucket"]):
                raise AwsError("s3", "NoSuchKey", "The specified key does not exist.", 404)
            raise AwsError("s3", "AccessDenied", "Access Denied", 403)
        content = key.value
        facts = {**_facts(key), **_ALWAYS}
        if request.get("ChecksumMode") != "ENABLED":
            del facts["ChecksumSHA256"]
        part = _part(request.get("Range", ""), len(content))
        if part is None:
            return {**facts, "Body": content}
        first, last = part
        whole = f"bytes {first}-{last}/{len(content)}"
        return {**facts, "Body": content[first : last + 1], "ContentLength": last + 1 - first, "ContentRange": whole}

    def head_object(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """HeadObject. A missing object is 404 to whoever may list the bucket and 403 to everyone else (botocore
        HeadObject: "If you don't have the s3:ListBucket permission, Amazon S3 returns an HTTP status code 403")."""
        key = self._find(request)
        if key is not None:
            return _facts(key)
        if self._may_list(caller, request["Bucket"]):
            raise AwsError("s3", "404", "Not Found", 404)
        raise AwsError("s3", "403", "Forbidden", 403)

    def list_objects_v2(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ListObjectsV2: keys in the order of their UTF-8 bytes, a page at a time; with a Delimiter what lies deeper is
        rolled up into CommonPrefixes, each of which counts as one key (botocore ListObjectsV2)."""
        bucket, prefix, delimiter = request["Bucket"], request.get("Prefix", ""), request.get("Delimiter", "")
        most = min(int(request.get("MaxKeys", MOST_KEYS)), MOST_KEYS)
        after = request.get("ContinuationToken") or request.get("StartAfter", "")
        entries: dict[str, FakeKey | None] = {}
        for name in self.keys(bucket, prefix):
            at = name.find(delimiter, len(prefix)) if delimiter else -1
            entry = name if at < 0 else name[: at + len(delimiter)]
            if entry > after and not (at >= 0 and after.startswith(entry)):
                entries.setdefault(entry, self._backend.buckets[bucket].keys[name] if at < 0 else None)
        page = list(entries.items())[:most]
        answer: dict[str, Any] = {
            "Name": bucket,
            "Prefix": prefix,
            "MaxKeys": most,
            "KeyCount": len(page),
            "IsTruncated": len(entries) > len(page),
        }
        found = [{"Key": name, **_listed(key)} for name, key in page if key is not None]
        rolled = [{"Prefix": name} for name, key in page if key is None]
        answer |= {"Contents": found} if found else {}
        answer |= {"CommonPrefixes": rolled} if rolled else {}
        return answer | ({"NextContinuationToken": page[-1][0]} if len(entries) > len(page) and page else {})

    def delete_object(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """DeleteObject; deleting what is not there succeeds, as on S3."""
        self._require_bucket(request["Bucket"])
        self._backend.delete_object(request["Bucket"], request["Key"])
        return {}

    # For services of AWS that read and write on somebody's behalf, which are not in the journal

    def write(self, bucket: str, key: str, body: bytes, reason: str = "PutObject") -> str:
        """Put an object and tell EventBridge, if the bucket does. Returns its ETag, in quotes. Raises AwsError."""
        self._require_bucket(bucket)
        self._backend.put_object(bucket, key, body, disable_notification=True)
        self._written += 1
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        if "EventBridgeConfiguration" in self._notifications.get(bucket, {}):
            self._announce(bucket, key, len(body), etag, reason)
        return f'"{etag}"'

    def read(self, bucket: str, key: str) -> bytes:
        """An object's bytes. LookupError when there is none."""
        found = self._find({"Bucket": bucket, "Key": key})
        if found is None:
            raise LookupError(key)
        return bytes(found.value)

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys that begin with a prefix, in order. Raises AwsError when there is no such bucket."""
        self._require_bucket(bucket)
        return sorted(name for name in self._backend.buckets[bucket].keys if name.startswith(prefix))

    def _announce(self, bucket: str, key: str, size: int, etag: str, reason: str) -> None:
        """Object Created (S3 User Guide, "Amazon S3 EventBridge message structure"). A sequencer grows for one key."""
        request = hashlib.sha256(f"{bucket}/{key}/{self._written}".encode()).hexdigest()[:16].upper()
        detail = {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": size, "etag": etag, "sequencer": f"{self._written:018X}"},
            "request-id": request,
            "requester": self._place.account,
            "source-ip-address": "203.0.113.7",
            "reason": reason,
        }
        self._emit("aws.s3", "Object Created", detail, [f"arn:aws:s3:::{bucket}"])

    def _find(self, request: Mapping[str, Any]) -> FakeKey | None:
        if request["Bucket"] not in self._backend.buckets:
            return None
        return self._backend.get_object(request["Bucket"], request["Key"])

    def _require_bucket(self, bucket: str) -> None:
        if bucket not in self._backend.buckets:
            raise AwsError("s3", "NoSuchBucket", "The specified bucket does not exist", 404)

    def _may_list(self, caller: Caller, bucket: str) -> bool:
        if not caller.principal.startswith("arn:aws:iam::"):
            return True
        try:
            self._iam.check_role(caller.principal, "s3:ListBucket", f"arn:aws:s3:::{bucket}", {})
        except Denied:
            return False
        return True


def _part(wanted: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a Range header, or None for the whole."""
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or found.groups() == ("", ""):
        return None
    begin, end = found.groups()
    if begin and end and int(end) < int(begin):
        return None
    first = int(begin) if begin else max(0, size - int(end))
    last = min(int(end), size - 1) if begin and end else size - 1
    if first >= size or (not begin and int(end) == 0):
        raise AwsError("s3", "InvalidRange", "The requested range is not satisfiable", 416)
    return first, last


def _facts(key: FakeKey) -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha256(key.value).digest()).decode()
    return {
        "ContentLength": key.size,
        "ETag": key.etag,
        "LastModified": key.last_modified.replace(tzinfo=UTC),
        "ChecksumSHA256": digest,
    }


def _listed(key: FakeKey) -> dict[str, Any]:
    modified = key.last_modified.replace(tzinfo=UTC)
    return {"LastModified": modified, "ETag": key.etag, "Size": key.size, "StorageClass": "STANDARD"}
