"""Whether a version still is what was approved: the image of each container, the address of its artifact, and the
artifact itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from interlock.delivery.observed import Observed
from interlock.delivery.protection import Refusal
from interlock.model.reasons import Reason
from interlock.model.version import PackagedContainer, unquoted
from interlock.policy.stage import Stage


def version_is_as_approved(observed: Observed, stage: Stage) -> Refusal | None:
    """Beside what the event of the approval told, as far as it did. An approved version may be given another inference
    specification (botocore UpdateModelPackage)."""
    described = observed.found("version") or {}
    containers = described.get("InferenceSpecification", {}).get("Containers") or [{}]
    changed = _changed(observed.approved, containers)
    if not changed:
        return None
    said = (
        f"Version {observed.number} of {observed.group} is not what was approved: {'; '.join(changed)}. Put back what"
        " was approved, or reject the version and approve it as it is now."
    )
    return Reason.ARTIFACT_CHANGED, said


def _changed(approved: Sequence[dict[str, Any]], now: Sequence[dict[str, Any]]) -> list[str]:
    """What differs between the containers that were approved, if anything was told of them, and those ``now``."""
    if approved and len(approved) != len(now):
        return [f"the number of its containers was {len(approved)} and is {len(now)}"]
    both = enumerate(zip(approved, now, strict=False), start=1)
    several = len(now) > 1
    return [
        f"{f'container {number}: ' if several else ''}{said}"
        for number, (then, is_) in both
        for said in _changes(then, is_)
    ]


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
    """The artifact of each container."""
    containers = observed.registered.containers if observed.registered else ()
    found = (_replaced(observed, each, now) for each, now in zip(containers, observed.artifacts, strict=True))
    return next((refused for refused in found if refused), None)


def _replaced(observed: Observed, container: PackagedContainer, now: dict[str, str]) -> Refusal | None:
    """By the ETag that the registry knows; where it knows none, the object must not be younger than the approval, or
    than the release where nobody tells when that was. Times of events are in whole seconds."""
    written = now["written"]
    then = f"when version {observed.number} was registered"
    changed = container.etag not in ("", now["etag"])
    known = observed.decided_at or observed.started
    if not container.etag and known and written:
        then = f"when {'version' if observed.decided_at else 'the release of version'} {observed.number}"
        then += f" {'was approved' if observed.decided_at else 'began'}, at {known}"
        changed = datetime.fromisoformat(written) > datetime.fromisoformat(known)
    if not changed:
        return None
    said = (
        f"The model artifact {container.model_data} is not what it was {then}: it was replaced"
        f"{f' at {written}' if written else ''}. Put the object back, or register the new one as a version of its own."
    )
    return Reason.ARTIFACT_CHANGED, said
