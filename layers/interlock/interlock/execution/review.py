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
    version and artifacts. ``told``: the item of the ledger with what was found last, or {}."""

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
    started = _started_from(observed["model"].get("found"))
    version = observed["version"].get("found") or {}
    containers = (version.get("InferenceSpecification") or {}).get("Containers") or []
    urls = [str(each["ModelDataUrl"]) for each in containers if each.get("ModelDataUrl")]
    for url, artifact in zip(urls, observed["artifacts"], strict=False):  # none if the version is gone
        if (started is None or url in started) and says_not_found(artifact):
            yield f"Its artifact {url} is gone."


def _started_from(model: dict[str, Any] | None) -> set[str] | None:
    """The artifacts that the model in force starts from, which need not be the version's: a multi-model endpoint has
    copies, and somebody may have put another model in force. None where the model is not looked at, as that of an
    inference component."""
    if model is None:
        return None
    containers = [*model.get("Containers", []), *filter(None, [model.get("PrimaryContainer")])]
    sources = [(each.get("ModelDataSource") or {}).get("S3DataSource") or {} for each in containers]
    return {*(str(each.get("ModelDataUrl")) for each in containers), *(str(each.get("S3Uri")) for each in sources)}
