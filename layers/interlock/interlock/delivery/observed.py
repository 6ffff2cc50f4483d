"""The answers that were collected about an account before a plan is made."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from interlock.model.aws_errors import TRANSIENT, says_not_found, told, verbatim
from interlock.model.observation import Endpoint, Version, read_component, read_endpoint, read_version, unquoted


@dataclass(frozen=True)
class Observed:
    """The answers that ``observe`` collected, by what was asked about; if it could not answer, there is
    only ``failed`` with the error. ``endpoint`` is None when there is none."""

    answers: dict[str, Any]
    group: str
    number: int
    decided_at: str | None = None
    """When the version was approved (ISO 8601). Empty if an event asks for the release that does not tell; None if a
    person asks."""
    stack: str = ""
    """The stack that asks."""
    started: str = ""
    """When the release began (ISO 8601)."""
    approved: dict[str, Any] = field(default_factory=dict)
    """The container that was approved, as far as the event of the approval told it: Image, ImageDigest, ModelDataUrl
    and ModelDataETag."""

    def found(self, name: str) -> dict[str, Any] | None:
        """The API's answer called ``name``, or None if it was an error or was not asked for."""
        found: dict[str, Any] | None = self.answers.get(name, {}).get("found")
        return found

    def cause(self, name: str) -> str:
        """AWS's words where ``name`` was answered by an error, else an empty string."""
        answer = self.answers.get(name, {})
        return told(answer["error"], answer["cause"]) if "error" in answer else ""

    def answered(self, name: str) -> bool:
        """Whether AWS was asked about ``name`` and said anything, be it an error."""
        return bool(self.answers.get(name))

    def absent(self, name: str) -> bool:
        """Whether AWS says that there is no such thing as ``name``."""
        return says_not_found(self.answers.get(name, {}))

    def unreadable(self) -> str:
        """The message of an error that is worth a retry, or an empty string."""
        if "failed" in self.answers:
            return f"{self.answers['failed']} instead of an answer."
        asked = ((name, answer) for name, answer in self.answers.items() if isinstance(answer, dict))
        return next((self.cause(name) for name, answer in asked if re.search(TRANSIENT, verbatim(answer))), "")

    @property
    def live(self) -> dict[str, str]:
        """What the ledger says is live on the endpoint: ``version``, ``config``, ``model_group`` and ``decided_at``
        (ISO 8601)."""
        item = (self.found("control") or {}).get("Item") or {}
        return {name: next(iter(value.values())) for name, value in item.get("live", {}).get("M", {}).items()}

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the endpoint."""
        return {tag["Key"]: tag["Value"] for tag in (self.found("tags") or {}).get("Tags", [])}

    @property
    def version(self) -> Version | None:
        """The version. An ETag that the registry does not know is what the artifact has now."""
        registered = self.registered
        return replace(registered, etag=registered.etag or self.artifact["etag"]) if registered else None

    @property
    def registered(self) -> Version | None:
        """The version as the registry has it. It may not know the ETag of the artifact."""
        found = self.found("version")
        return read_version(found) if found else None

    @property
    def artifact(self) -> dict[str, str]:
        """The version's artifact now: ``etag``, and when it was ``written`` (ISO 8601); empty where S3 did not tell."""
        found = self.found("artifact") or {}
        return {"etag": unquoted(found.get("ETag", "")), "written": found.get("LastModified", "")}

    @property
    def host(self) -> Endpoint | None:
        """The endpoint itself, also where a release is about an inference component on it."""
        found = self.found("endpoint")
        return read_endpoint(found, self.found("endpoint_config"), self.found("model")) if found else None

    @property
    def endpoint(self) -> Endpoint | None:
        """What a release changes: the endpoint, or the inference component, where ``observe`` was asked about one."""
        if self.released == "endpoint":
            return self.host
        found = self.found("component")
        return read_component(found, self.found("endpoint_config")) if found else None

    @property
    def released(self) -> str:
        """The answer that describes what a release changes."""
        return "component" if self.answered("component") else "endpoint"
