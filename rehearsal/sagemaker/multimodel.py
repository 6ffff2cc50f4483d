"""Multi-model endpoints: a container that loads the model which a request names, from under a prefix, and keeps it.

Sources: docs: multi-model-endpoints, add-models-to-endpoint, invoke-multi-model-endpoint, multi-model-caching,
mms-container-apis, multi-model-endpoint-cloudwatch-metrics; botocore ContainerDefinition, InvokeEndpoint. Messages in
our words where no source is named.

What this hides: each instance loads for itself, and unloads what it has no memory for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from rehearsal.sagemaker.containers import Container, Containers, Reply, Unhealthy

MULTI = "MultiModel"
NOT_READY_SECONDS = 90.0  # of a model that takes longer than a request may wait (60 seconds)


class Named(NamedTuple):
    """The model that a request named, and how long the request waited until it was loaded (µs); None if it was."""

    container: Container
    waited_us: float | None


class NotLoaded(Container):
    """What answers for a model that the container could not load."""

    def __init__(self, why: Unhealthy) -> None:
        self.why = why

    def answer(self, body: bytes, content_type: str = "", accept: str = "") -> Reply:
        """A server error, whatever is asked."""
        return Reply(500, f"Failed to load model: {self.why}".encode(), "text/plain")

    def answer_rows(self, rows: Any, *about: Any) -> list[Reply]:
        """The same for each."""
        return [self.answer(row) for row in rows]


class SharedContainer(Container):
    """Models by their key under `prefix`. One that is loaded stays as it was, though its object may be overwritten
    ("the old version of the model might still be loaded", docs: add-models-to-endpoint)."""

    def __init__(self, containers: Containers, prefix: str, keeps: bool) -> None:
        self._containers, self.prefix, self._keeps = containers, prefix, keeps
        self._models: dict[str, Container] = {}
        self._asked: dict[str, float] = {}

    @property
    def loaded(self) -> int:
        """How many models are in memory."""
        return len(self._models)

    def named(self, key: str, takes: float) -> Named:
        """The model called `key`, which takes so many seconds to load. Raises Unhealthy when its object is missing."""
        if key in self._models:
            return Named(self._models[key], None)
        try:
            found = self._containers.start(key, self.prefix + key)
        except Unhealthy as reason:
            if not reason.crash_loop:
                raise
            return Named(NotLoaded(reason), takes * 1e6)
        if self._keeps:
            self._models[key] = found
        return Named(found, takes * 1e6)

    def ready(self, key: str, now: float) -> bool:
        """Whether a model that takes longer than a request may wait has been loaded since it was first asked for."""
        return key in self._models or now >= self._asked.setdefault(key, now) + NOT_READY_SECONDS


def problem(container: Mapping[str, Any]) -> str:
    """Why a model with this container is refused, or ""."""
    if container.get("Mode") != MULTI:
        given = "MultiModelConfig" in container
        return "MultiModelConfig is for containers whose Mode is MultiModel." if given else ""
    if "ModelDataSource" in container:
        return "ModelDataSource is not supported for multi-model endpoints."
    if "ModelDataUrl" not in container:
        return "A multi-model container needs the S3 prefix of its models as ModelDataUrl."
    return ""


def keeps_models(container: Mapping[str, Any]) -> bool:
    """Whether it caches (botocore MultiModelConfig: by default it does)."""
    return bool(container.get("MultiModelConfig", {}).get("ModelCacheSetting", "Enabled") == "Enabled")
