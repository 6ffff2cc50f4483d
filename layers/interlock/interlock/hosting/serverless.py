"""Serverless hosting: AWS runs as many containers as there are requests at a time, and none while there are none.

What it cannot do, and that guardrails are for real-time and asynchronous endpoints only: docs: serverless-endpoints
(feature exclusions), deployment-guardrails (note), serverless-endpoints-monitoring.
"""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from interlock.hosting.hosting import LOADED_ON_DEMAND, Hosting
from interlock.model.capacity import Capacity

if TYPE_CHECKING:
    # Not needed to check a policy, and so not loaded for that.
    from interlock.model.observation import Endpoint, Variant
    from interlock.model.request import Request

MOST_CONCURRENCY = 200
"""Of one endpoint (botocore ProductionVariantServerlessConfig)."""

_NOT_PUBLISHED = "SageMaker does not publish it for serverless endpoints"
"""The published metrics are listed exhaustively (docs: serverless-endpoints-monitoring)."""


class Serverless(Hosting):
    """The model runs on demand; AWS starts and ends its containers."""

    moves = ("swap",)
    in_networks = False
    pins_artifact = False
    """Serverless endpoints take no ModelDataSource (botocore ContainerDefinition.ModelDataSource)."""
    unjudged: ClassVar[dict[str, str]] = {
        **LOADED_ON_DEMAND,
        "mean_overhead": "overhead includes cold starts, which every version has when it is new; judge cold_start",
        **dict.fromkeys(("model_error_rate", "cpu", "disk", "gpu", "gpu_memory"), _NOT_PUBLISHED),
    }

    kind: Literal["serverless"] = Field(description="On demand: nothing runs, or costs, while there are no requests.")
    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = Field(description="Memory of a container, in MB.")
    max_concurrency: Annotated[int, Field(ge=1, le=MOST_CONCURRENCY)] = Field(
        description="Requests at a time when Interlock creates the endpoint. Later releases keep the live number."
    )
    provisioned_concurrency: Annotated[int, Field(ge=1, le=MOST_CONCURRENCY)] | None = Field(
        None, description="How many of these find a warm container. Later releases keep the live number."
    )

    @field_validator("provisioned_concurrency")
    @classmethod
    def _no_more_than_all_are_warm(cls, provisioned: int | None, info: ValidationInfo) -> int | None:
        most = info.data.get("max_concurrency", MOST_CONCURRENCY)
        if provisioned and provisioned > most:
            raise ValueError(f"write at most {most}, which is max_concurrency; got {provisioned}")
        return provisioned

    @property
    def _asked(self) -> Capacity:
        return Capacity(0, self.max_concurrency, self.provisioned_concurrency or 0)

    def variant(self, name: str, model: str) -> "Request":
        """The only variant of a new endpoint (botocore ProductionVariant)."""
        return {
            "VariantName": name,
            "ModelName": model,
            "ServerlessConfig": self._asked.serverless(self.memory_mb),
            "InitialVariantWeight": 1.0,
        }

    def again(self, live: "Variant", name: str, weight: float) -> "Request":
        """The variant ``live`` under ``name`` and at ``weight``, with the concurrency that it has now."""
        return {**live.capacity.of(live.settings), "VariantName": name, "InitialVariantWeight": weight}

    def like(self, stable: "Variant", name: str, model: str, weight: float) -> "Request":
        """A variant for ``model`` with the concurrency of ``stable`` and the memory that the policy names."""
        serverless = stable.capacity.serverless(self.memory_mb)
        return self.again(stable, name, weight) | {"ModelName": model, "ServerlessConfig": serverless}

    def obstacles(self, endpoint: "Endpoint") -> list[str]:
        """Why Interlock cannot release to ``endpoint``. SageMaker converts no endpoint to serverless (docs:
        serverless-endpoints, serverless-endpoints-update)."""
        if all(variant.settings.get("ServerlessConfig") for variant in endpoint.variants):
            return []
        said = "it runs on instances, and SageMaker cannot turn it into a serverless one"
        return [f"{said}; name an endpoint that does not exist, or write kind: realtime"]

    @property
    def supported(self) -> str:
        """The endpoints that have no ``obstacles``, in words."""
        return "serverless endpoints"

    def warnings(self, stable: "Variant | None") -> list[str]:
        """Where ``stable`` differs from the policy and stays as it is, the cold starts, and what is not pinned."""
        live = stable.capacity if stable else self._asked
        return [
            *([f"Live capacity is kept: {live}; the policy says {self._asked}."] if live != self._asked else []),
            _cold_starts(live.provisioned),
            "SageMaker cannot pin a serverless endpoint to the artifact that was approved: each cold start loads what"
            " lies there then. Deny everybody to overwrite it.",
        ]


def _cold_starts(provisioned: int) -> str:
    """What a new version does to its first requests (docs: serverless-endpoints-update, serverless-endpoints)."""
    said = "A new version starts cold, as stable did when it was new"
    if provisioned:
        return f"{said}: {provisioned} containers are warm, and more requests at a time wait for another to start."
    return f"{said}: its first requests wait for a container to start. provisioned_concurrency keeps some warm."
