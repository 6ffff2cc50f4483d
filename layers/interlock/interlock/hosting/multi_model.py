"""Multi-model hosting: one endpoint serves any artifact that lies under a prefix, and each request names the one it is
for (docs: multi-model-endpoints; botocore InvokeEndpoint.TargetModel).

A new version is a new object under the prefix, and changes nothing of the endpoint. An object is never overwritten:
instances that have loaded it would go on with the old one (docs: add-models-to-endpoint).
"""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from interlock.hosting.fleet import MULTI_MODEL, OnInstances, instance_obstacles
from interlock.model.fields import S3_FOLDER

if TYPE_CHECKING:
    # Not needed to check a policy, and so not loaded for that.
    from interlock.model.observation import Endpoint, Variant
    from interlock.model.request import Request
    from interlock.model.version import Version

Folder = Annotated[str, Field(pattern=S3_FOLDER, max_length=512)]


class MultiModel(OnInstances):
    """Many models share the container and the instances of one endpoint."""

    moves = ("pointer",)
    published = True
    one_step = "has one pointer, which all callers follow"
    needs_smoke = True
    pins_artifact = False
    """Its model is a prefix; CopyObject pins the artifact (botocore ContainerDefinition.ModelDataSource)."""
    unjudged: ClassVar[dict[str, str]] = {
        "cold_start": "SageMaker publishes it for serverless endpoints; judge model_loading_wait",
    }

    kind: Literal["multi_model"] = Field(description="Each request names the model that it is for.")
    prefix: Folder = Field(description="Where the models lie, an S3 URI with a folder.")
    cache: bool = Field(
        True,
        description="Whether instances of a new endpoint keep the models that they have loaded (MultiModelConfig).",
    )

    @property
    def shared_prefix(self) -> str:
        """Where the models of the endpoint lie, with a slash at the end."""
        return f"{self.prefix.rstrip('/')}/"

    def shared_container(self, version: "Version") -> "Request":
        """The container of a new endpoint, which knows no model yet: image and environment of ``version``."""
        environment = {"Environment": version.container.environment} if version.container.environment else {}
        return {
            "Image": version.container.image,
            "Mode": MULTI_MODEL,
            "ModelDataUrl": self.shared_prefix,
            "MultiModelConfig": {"ModelCacheSetting": "Enabled" if self.cache else "Disabled"},
            **environment,
        }

    def obstacles(self, endpoint: "Endpoint") -> list[str]:
        """Why Interlock cannot release to ``endpoint``. To make one of it that has a model of its own, all its callers
        would have to name a model from the same moment on."""
        container = endpoint.container
        lies = container.get("ModelDataUrl", "").rstrip("/")
        alone = "it has a model of its own; name an endpoint that does not exist, or write kind: realtime"
        gone = "its model is gone, so nobody knows its prefix; name an endpoint that does not exist"
        moved = f"its models lie under {lies}/; write that prefix, or name an endpoint that does not exist"
        obstacles = instance_obstacles(endpoint) | {
            "it is an asynchronous endpoint": bool(endpoint.config_settings.get("AsyncInferenceConfig")),
            "it is an inference pipeline": len(endpoint.containers) > 1,
            gone: not endpoint.containers,
            alone: container.get("Mode") != MULTI_MODEL,
            moved: lies != self.prefix.rstrip("/"),
        }
        return [said for said, stands in obstacles.items() if stands]

    @property
    def supported(self) -> str:
        """The endpoints that have no ``obstacles``, in words."""
        return "multi-model endpoints with one variant"

    def other_container(self, endpoint: "Endpoint", version: "Version") -> str:
        """How the container of ``version`` differs from the one that ``endpoint`` runs; empty if it does not. An image
        is compared by its digest where both are known (botocore DeployedImage)."""
        live, specified = endpoint.variants[0].image, endpoint.container.get("Image", "")
        running = live if "@" in version.container.image and live else specified
        if version.container.image != running:
            return f"its image is {version.container.image}, and the endpoint runs {running}"
        if version.container.environment != endpoint.container.get("Environment", {}):
            return "its environment is not that of the endpoint"
        return ""

    def warnings(self, stable: "Variant | None") -> list[str]:
        """What a reader of the plan should know: whose errors count, and what a warm-up does not do."""
        shared = (
            "SageMaker measures a multi-model endpoint as a whole, not each model (per-model metrics aren't supported):"
            " errors of other models count against this version, and theirs may hide its own."
        )
        warmed = (
            "The smoke test loads the model on one instance; another one loads it when the first request comes there."
        )
        return [*super().warnings(stable), shared, warmed]
