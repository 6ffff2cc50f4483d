"""S3, as far as model artifacts need it: buckets, and objects that can be put, read, asked about and deleted."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC
from typing import Any

from moto.s3.models import FakeKey, s3_backends

from rehearsal.account.authorization import Place
from rehearsal.account.iam import Denied, Iam
from rehearsal.aws import AwsError, Caller


class S3:
    """Objects are kept by moto's S3 backend, which is spoken to directly: its HTTP layer would only parse headers."""

    def __init__(self, place: Place, iam: Iam) -> None:
        self._place = place
        self._iam = iam
        self._backend = s3_backends[place.account]["aws"]

    def create_bucket(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """CreateBucket; creating it again changes nothing."""
        bucket = request["Bucket"]
        if bucket not in self._backend.buckets:
            self._backend.create_bucket(bucket, self._place.region)
        return {"Location": f"http://{bucket}.s3.amazonaws.com/"}

    def put_object(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """PutObject with a Body of bytes."""
        body = request.get("Body", b"")
        self._require_bucket(request["Bucket"])
        self._backend.put_object(request["Bucket"], request["Key"], body)
        return {"ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'}

    def get_object(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """GetObject; the Body is bytes, not a stream. NoSuchKey when there is none."""
        key = self._find(request)
        if key is None:
            raise AwsError("s3", "NoSuchKey", "The specified key does not exist.", 404)
        return {"Body": key.value, **_facts(key)}

    def head_object(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """HeadObject. A missing object is 404 to whoever may list the bucket and 403 to everyone else (botocore
        HeadObject: "If you don't have the s3:ListBucket permission, Amazon S3 returns an HTTP status code 403")."""
        key = self._find(request)
        if key is not None:
            return _facts(key)
        if self._may_list(caller, request["Bucket"]):
            raise AwsError("s3", "404", "Not Found", 404)
        raise AwsError("s3", "403", "Forbidden", 403)

    def delete_object(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """DeleteObject; deleting what is not there succeeds, as on S3."""
        self._require_bucket(request["Bucket"])
        self._backend.delete_object(request["Bucket"], request["Key"])
        return {}

    def _find(self, request: dict[str, Any]) -> FakeKey | None:
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


def _facts(key: FakeKey) -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha256(key.value).digest()).decode()
    return {
        "ContentLength": key.size,
        "ETag": key.etag,
        "LastModified": key.last_modified.replace(tzinfo=UTC),
        "ChecksumSHA256": digest,
    }
