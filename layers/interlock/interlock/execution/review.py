"""Whether an endpoint that serves could be started again: what it runs may be gone without anybody having noticed.

An endpoint goes on serving when its config, its model or its artifact is deleted. It then cannot be updated, and
instances that are added or replaced do not start (terraform-provider-aws #48997; botocore DeleteEndpointConfig).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

from interlock.model.aws_errors import says_not_found
from interlock.model.ledger_item import text
from interlock.model.notices import Notice, about_version
from interlock.model.request import Request


class ReviewTask(TypedDict):
    """``live``: endpoint, group and version. ``observed``: the answer of ``observe``: endpoint, endpoint_config, model,
    version and artifact. ``told``: the item of the ledger with what was found last, or {}."""

    live: dict[str, Any]
    observed: dict[str, Any]
    told: Request


class Review(TypedDict):
    """``found``: what is gone, as one text; empty if nothing is. ``tell``: it was not told yet; ``keep``: the ledger
    says something else. What comes back after it was put right is told again."""

    found: str
    tell: bool
    keep: bool
    notice: Notice


def review_endpoint(task: ReviewTask) -> Review:
    """What is to be told of an endpoint now."""
    live, before = task["live"], text(task["told"], "found")
    gone = list(_gone(task["observed"]))
    found = " ".join(gone)
    new = [each for each in gone if each not in before]
    body = (
        f"Endpoint {live['endpoint']} serves version {live['version']} of {live['group']}, but it could be neither"
        f" started again nor scaled out nor updated. {found} Put it back, or have the version released again:"
        f' {{"action": "release", "group": "{live["group"]}", "version": {live["version"]}}}.'
    )
    notice = about_version(live["group"], live["version"], "could not be started again", body)
    return {"found": found, "tell": bool(new), "keep": found != before, "notice": notice}


def _gone(observed: dict[str, Any]) -> Iterator[str]:
    """A sentence for each thing that is gone. What could not be read is not known to be gone."""
    endpoint = observed["endpoint"].get("found")
    if endpoint is None:
        return
    if says_not_found(observed["endpoint_config"]):
        yield f"Its endpoint config {endpoint['EndpointConfigName']} is gone."
    if says_not_found(observed["model"]):
        variant = observed["endpoint_config"]["found"]["ProductionVariants"][0]
        yield f"Its model {variant['ModelName']} is gone."
    artifact = _artifact(observed)
    if artifact and says_not_found(observed["artifact"]):
        yield f"Its artifact {artifact} is gone."


def _artifact(observed: dict[str, Any]) -> str:
    """The artifact of the version, if it is what the model in force starts from: a multi-model endpoint has a copy, and
    somebody may have put another model in force. Of an inference component the model is not looked at."""
    version = observed["version"].get("found") or {}
    containers = (version.get("InferenceSpecification") or {}).get("Containers") or [{}]
    registered = str(containers[0].get("ModelDataUrl", ""))
    container = (observed["model"].get("found") or {}).get("PrimaryContainer")
    if container is None:
        return registered
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    return registered if registered in (container.get("ModelDataUrl"), source.get("S3Uri")) else ""
