"""Whether a version still is what was approved: its image, the address of its artifact, and the artifact itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from interlock.delivery.observed import Observed
from interlock.delivery.protection import Refusal
from interlock.model.observation import unquoted
from interlock.model.reasons import Reason
from interlock.policy.stage import Stage


def version_is_as_approved(observed: Observed, stage: Stage) -> Refusal | None:
    """Beside what the event of the approval told, as far as it did. An approved version may be given another inference
    specification (botocore UpdateModelPackage)."""
    described = observed.found("version") or {}
    containers = described.get("InferenceSpecification", {}).get("Containers") or [{}]
    changed = list(_changes(observed.approved, containers[0]))
    if not changed:
        return None
    said = (
        f"Version {observed.number} of {observed.group} is not what was approved: {'; '.join(changed)}. Put back what"
        " was approved, or reject the version and approve it as it is now."
    )
    return Reason.ARTIFACT_CHANGED, said


def _changes(approved: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """What is told by both and differs. Of two images whose digests are known, the digests count."""
    for name in ("Image", "ModelDataUrl", "ModelDataETag"):
        then, is_ = approved.get(name), now.get(name)
        if name == "Image" and _digest(approved) and _digest(now):
            name, then, is_ = "image digest", _digest(approved), _digest(now)
        if isinstance(then, str) and isinstance(is_, str) and then and is_ and unquoted(then) != unquoted(is_):
            yield f"its {name} was {then} and is {is_}"


def _digest(container: dict[str, Any]) -> str:
    """Of an image that names it, or whose registry resolved it."""
    image, digest = container.get("Image"), container.get("ImageDigest")
    named = image.partition("@")[2] if isinstance(image, str) else ""
    return named or (digest if isinstance(digest, str) else "")


def artifact_is_as_approved(observed: Observed, stage: Stage) -> Refusal | None:
    """By the ETag that the registry knows; where it knows none, the object must not be younger than the approval, or
    than the release where nobody tells when that was. Times of events are in whole seconds."""
    registered, written = observed.registered, observed.artifact["written"]
    if registered is None:
        return None
    then = f"when version {observed.number} was registered"
    changed = registered.etag not in ("", observed.artifact["etag"])
    known = observed.decided_at or observed.started
    if not registered.etag and known and written:
        then = f"when {'version' if observed.decided_at else 'the release of version'} {observed.number}"
        then += f" {'was approved' if observed.decided_at else 'began'}, at {known}"
        changed = datetime.fromisoformat(written) > datetime.fromisoformat(known)
    if not changed:
        return None
    said = (
        f"The model artifact {registered.model_data} is not what it was {then}: it was replaced"
        f"{f' at {written}' if written else ''}. Put the object back, or register the new one as a version of its own."
    )
    return Reason.ARTIFACT_CHANGED, said
