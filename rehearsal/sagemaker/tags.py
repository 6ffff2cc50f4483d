"""The tags of models, configurations and endpoints: what they were made with, and what somebody set since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws import Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker.options import Options

PROPAGATION = 60.0  # seconds, where tags are seen late


class Tags:
    """Tags by the ARN of their resource. A resource that is gone has none."""

    def __init__(self, clock: Clock, options: Options) -> None:
        self._clock, self._late = clock, options.tags_seen == "after a minute"
        self._set: dict[str, list[tuple[float, dict[str, str]]]] = {}  # since when, and all tags from then on

    def of(self, arn: str) -> Mapping[str, str]:
        """The tags that AWS tells and goes by now, which may be those of a minute ago (option tags_seen)."""
        before = self._clock.now - (PROPAGATION if self._late else 0.0)
        return next((tags for since, tags in reversed(self._set.get(arn, [])) if since <= before), {})

    def made(self, arn: str, request: Mapping[str, Any]) -> None:
        """A resource is made by `request`. Of another one that had its name before, nothing stays."""
        self._set[arn] = [(self._clock.now, _read(request.get("Tags", ())))]

    def gone(self, arn: str) -> None:
        """A resource is deleted."""
        self._set.pop(arn, None)

    def add_tags(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Adds tags, or overwrites those of the same key (botocore AddTags)."""
        tags = self._now(request["ResourceArn"]) | _read(request["Tags"])
        self._change(request["ResourceArn"], tags)
        return {"Tags": as_tags(tags)}

    def delete_tags(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        tags = self._now(request["ResourceArn"])
        self._change(request["ResourceArn"], {key: tags[key] for key in tags if key not in request["TagKeys"]})
        return {}

    def list_tags(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """All on one page: a resource has at most 50 tags of a user, and a page has at least 50 (botocore ListTags)."""
        return {"Tags": as_tags(self.of(request["ResourceArn"]))}

    def _now(self, arn: str) -> dict[str, str]:
        return dict(self._set[arn][-1][1]) if self._set.get(arn) else {}

    def _change(self, arn: str, tags: dict[str, str]) -> None:
        self._set.setdefault(arn, []).append((self._clock.now, tags))


def _read(listed: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed}


def as_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """As SageMaker gives them (botocore TagList)."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
