"""The pointer: the parameter that tells callers of a multi-model endpoint which key they should name, or who starts
transform jobs which model.

S3 has no alias for a key, and a key may not be overwritten, because instances that have loaded it would go on with the
old model (docs: add-models-to-endpoint). So each version has a key of its own, and callers read from a parameter of
Parameter Store which one is live.
"""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass

from interlock.delivery.observed import Observed
from interlock.model.names import pointer_name
from interlock.model.observation import Endpoint
from interlock.model.plan import Step
from interlock.model.version import Version

_PIN = 8
"""Hex digits of the artifact's pin in a key."""

_PLAIN = frozenset(f"{string.ascii_letters}{string.digits}-._~/")
"""Characters that stay in a URL (RFC 3986, 2.3), and the slash."""


@dataclass(frozen=True)
class Pointer:
    """Where callers look. ``parameter``: its whole name, of which ``name`` is the end; ``live``: the key that it names
    now, empty if there is none yet; ``key``: the candidate's, as callers write it (botocore TargetModel); ``prefix``:
    where the keys lie, an S3 URI that ends in a slash."""

    name: str
    parameter: str
    live: str
    key: str
    prefix: str


def parameter_name(observed: Observed, endpoint: str) -> str:
    """The whole name of the parameter that callers of ``endpoint`` read."""
    return f"/interlock/{observed.stack}/live/{pointer_name(endpoint, observed.group)}"


def read_pointer(observed: Observed, version: Version, endpoint: str, prefix: str, model: str) -> Pointer:
    """The pointer of ``endpoint`` as it is now, and the key of ``version``: ``churn/7-1b9d6bcd.tar.gz``; or, where no
    models lie under a ``prefix``, its ``model``.

    The end of the key is made of the artifact's ETag. An approved package may get another artifact, and its models must
    not get one key.
    """
    pin = hashlib.sha256(version.container.etag.encode()).hexdigest()[:_PIN]
    return Pointer(
        name=pointer_name(endpoint, observed.group),
        parameter=parameter_name(observed, endpoint),
        live=live_key(observed),
        key=f"{observed.group}/{version.number}-{pin}.tar.gz" if prefix else model,
        prefix=prefix,
    )


def live_key(observed: Observed) -> str:
    """The key that the pointer names now; empty if there is no pointer."""
    return str((observed.found("pointer") or {}).get("Value", ""))


def copy(version: Version, pointer: Pointer) -> Step:
    """The artifact of ``version`` under its key, if it is still the one that was approved. Its tags stay behind, so
    that nobody need be allowed to read them (botocore CopyObject, Permissions)."""
    bucket, _, folder = pointer.prefix.removeprefix("s3://").partition("/")
    source = version.container.model_data.removeprefix("s3://")
    request = {
        "Bucket": bucket,
        "Key": f"{folder}{pointer.key}",
        "CopySource": _url_encoded(source),
        "TaggingDirective": "REPLACE",
        **({"CopySourceIfMatch": version.container.etag} if version.container.etag else {}),
    }
    return Step("CopyObject", f"Put version {version.number} under its key {pointer.key}", request)


def _url_encoded(path: str) -> str:
    """``path`` as CopySource takes it (botocore: "must be URL-encoded"); the slashes stay."""
    return "".join(chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in path.encode())


def warm_up(endpoint: str, pointer: Pointer, content_type: str, body: str) -> Step:
    """The first request for the key, which makes an instance load the model. Until it has, SageMaker answers
    ModelNotReadyException (docs: invoke-multi-model-endpoint), and the step is made again."""
    request = {"EndpointName": endpoint, "TargetModel": pointer.key, "ContentType": content_type, "Body": body}
    return Step("InvokeEndpoint", f"Smoke test: an instance must load {pointer.key} and answer", request)


def point(parameter: str, key: str, note: str) -> Step:
    """Callers are to name ``key`` from now on."""
    return Step("PutParameter", note, {"Name": parameter, "Value": key, "Type": "String", "Overwrite": True})


def is_live(observed: Observed, endpoint: Endpoint, pointer: Pointer | None) -> bool:
    """Whether the ledger says that this version is live, and the endpoint still has the config it went live with; and
    where callers name a key, whether they are told its."""
    live = observed.live
    told = pointer is None or pointer.live == pointer.key
    return told and live.get("version") == str(observed.number) and live.get("config") == endpoint.config
