"""The answers that were collected about an account before a plan is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from interlock.model.aws_errors import TRANSIENT, says_not_found, told, verbatim
from interlock.model.observation import Endpoint, read_endpoint, read_served
from interlock.model.version import PackagedContainer, Version, read_version, unquoted


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
    approved: Sequence[dict[str, Any]] = ()
    """The containers that were approved, as far as the event of the approval told them: Image, ImageDigest,
    ModelDataUrl and ModelDataETag of each."""

    def found(self, name: str) -> dict[str, Any] | None:
        """The API's answer called ``name``, or None if it was an error or was not asked for."""
        found: dict[str, Any] | None = self.answers.get(name, {}).get("found")
        return found

    def cause(self, name: str) -> str:
        """AWS's words where ``name`` was answered by an error, else an empty string."""
        return cause(self.answers.get(name, {}))

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
        asked = [*self.answers.values(), *(self.answers.get("artifacts") or [])]
        failed = (answer for answer in asked if isinstance(answer, dict) and "error" in answer)
        return next((cause(answer) for answer in failed if re.search(TRANSIENT, verbatim(answer))), "")

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
        if registered is None:
            return None
        held = zip(registered.containers, self.artifacts, strict=True)
        return replace(registered, containers=tuple(replace(each, etag=each.etag or now["etag"]) for each, now in held))

    @property
    def registered(self) -> Version | None:
        """The version as the registry has it. It may not know the ETags of the artifacts."""
        found = self.found("version")
        return read_version(found) if found else None

    @property
    def artifacts(self) -> list[dict[str, str]]:
        """The artifact of each container now: ``uri``, ``etag``, and when it was ``written`` (ISO 8601); these are
        empty where S3 did not tell."""
        return [_artifact(each, answer.get("found") or {}) for each, answer in self.artifact_answers()]

    def artifact_answers(self) -> list[tuple[PackagedContainer, dict[str, Any]]]:
        """Each container as the registry has it, with what S3 answered about its artifact; {} if it was not asked."""
        containers = self.registered.containers if self.registered else ()
        answers = [*(self.answers.get("artifacts") or []), *({} for _ in containers)]
        return list(zip(containers, answers, strict=False))

    @property
    def host(self) -> Endpoint | None:
        """The endpoint itself, also where a release is about an inference component on it."""
        found = self.found("endpoint")
        return read_endpoint(found, self.found("endpoint_config"), self.found("model")) if found else None

    @property
    def endpoint(self) -> Endpoint | None:
        """What a release changes: the endpoint; or the inference component, or what transform jobs are to name, where
        ``observe`` was asked about that."""
        if self.released == "endpoint":
            return self.host
        found = self.found(self.released)
        return read_served(found, self.found("endpoint_config")) if found else None

    @property
    def released(self) -> str:
        """The answer that describes what a release changes."""
        if self.answered("component"):
            return "component"
        return "pointer" if self.answered("pointer") and not self.answered("endpoint") else "endpoint"


def cause(answer: dict[str, Any]) -> str:
    """AWS's words if ``answer`` is an error, else an empty string."""
    return told(answer["error"], answer["cause"]) if "error" in answer else ""


def _artifact(container: PackagedContainer, found: dict[str, Any]) -> dict[str, str]:
    etag, written = unquoted(found.get("ETag", "")), found.get("LastModified", "")
    return {"uri": container.model_data, "etag": etag, "written": written}
