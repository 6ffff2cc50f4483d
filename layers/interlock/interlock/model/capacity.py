"""With how much a variant serves: instances, or the concurrency of a serverless one."""

from __future__ import annotations

from typing import Any, NamedTuple

from interlock.model.request import Request

SERVERLESS, COUNT = "ServerlessConfig", "InitialInstanceCount"


class Capacity(NamedTuple):
    """How much of each quantity; 0 where the variant has none of it. It is a tuple because a dataclass takes longer to
    make.

    ``concurrency``: requests that a serverless variant answers at a time, of which ``provisioned`` find a container
    that is already warm (botocore ProductionVariantServerlessConfig). ``copies``: of an inference component, on
    instances that it may share with others (botocore InferenceComponentRuntimeConfig).
    """

    instances: int = 0
    concurrency: int = 0
    provisioned: int = 0
    copies: int = 0

    @property
    def label(self) -> str:
        """The numbers, for the name of a config: ``4``, or ``20-5``."""
        return f"{self.concurrency}-{self.provisioned}" if self.concurrency else str(self.instances)

    def __str__(self) -> str:
        if self.concurrency:
            return f"a concurrency of {self.concurrency}, {self.provisioned} of it provisioned"
        if self.copies:
            return f"{self.copies} copies"
        return f"{self.instances} instances"

    def serverless(self, memory: int) -> Request:
        """A ServerlessConfig with ``memory`` in MB at this concurrency."""
        provisioned = {"ProvisionedConcurrency": self.provisioned} if self.provisioned else {}
        return {"MemorySizeInMB": memory, "MaxConcurrency": self.concurrency, **provisioned}

    def of(self, settings: Request) -> Request:
        """``settings`` of a variant (botocore ProductionVariant) with this capacity; what has none stays as it is. A
        config names at least one instance (botocore InitialTaskCount), also of a fleet that is empty now."""
        if SERVERLESS in settings and self.concurrency:
            return {**settings, SERVERLESS: self.serverless(settings[SERVERLESS]["MemorySizeInMB"])}
        return {**settings, COUNT: max(self.instances, 1)} if COUNT in settings else settings


def live_capacity(described: dict[str, Any], settings: dict[str, Any]) -> Capacity:
    """The capacity that serves now (botocore ProductionVariantSummary); of a serverless variant, that of its
    ``settings`` where SageMaker does not tell."""
    serverless = described.get("CurrentServerlessConfig") or settings.get(SERVERLESS)
    return _capacity(described.get("CurrentInstanceCount"), serverless)


def configured_capacity(settings: dict[str, Any]) -> Capacity:
    """The capacity that a config asks for (botocore ProductionVariant)."""
    return _capacity(settings.get(COUNT), settings.get(SERVERLESS))


def _capacity(instances: int | None, serverless: dict[str, Any] | None) -> Capacity:
    config = serverless or {}
    return Capacity(instances or 0, config.get("MaxConcurrency", 0), config.get("ProvisionedConcurrency", 0))
