"""What the kinds of hosting that run on instances have in common."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator

from interlock.hosting.hosting import Hosting
from interlock.model.fields import INSTANCE_TYPE, Duration
from interlock.model.protection import keyless
from interlock.model.quantities import in_words

if TYPE_CHECKING:
    # Not needed to check a policy, and so not loaded for that.
    from interlock.model.observation import Endpoint, Variant
    from interlock.model.request import Request


MULTI_MODEL = "MultiModel"
"""The Mode of a container that loads the models which requests name (botocore ContainerDefinition.Mode)."""


SHORTEST_TIME_OUT, LONGEST_TIME_OUT = 60, 3600
"""Seconds (botocore ProductionVariantModelDataDownloadTimeoutInSeconds,
ProductionVariantContainerStartupHealthCheckTimeoutInSeconds)."""


class OnInstances(Hosting):
    """The model runs on a fleet of instances."""

    instance_type: Annotated[str, Field(pattern=INSTANCE_TYPE)] = Field(description="Instance type of the candidate.")
    instances: Annotated[int, Field(ge=1, le=1000)] = Field(
        1, description="Instances when Interlock creates the endpoint. Later releases keep the live capacity."
    )

    download_timeout: Duration | None = Field(
        None, description="How long an instance may take to download and unpack the model, 1m to 1h."
    )
    health_check_timeout: Duration | None = Field(
        None, description="How long a container may take to pass its first health check, 1m to 1h."
    )

    @field_validator("download_timeout", "health_check_timeout")
    @classmethod
    def _sagemaker_waits_as_long(cls, written: int | None) -> int | None:
        if written is not None and not SHORTEST_TIME_OUT <= written <= LONGEST_TIME_OUT:
            raise ValueError(f"write from 1m to 1h, for example 20m; got {in_words(written)}")
        return written

    @property
    def time_outs(self) -> "Request":
        """Those that the policy names, of a production variant."""
        asked = {
            "ModelDataDownloadTimeoutInSeconds": self.download_timeout,
            "ContainerStartupHealthCheckTimeoutInSeconds": self.health_check_timeout,
        }
        return {name: seconds for name, seconds in asked.items() if seconds is not None}

    def variant(self, name: str, model: str) -> "Request":
        """The only variant of a new endpoint (botocore ProductionVariant)."""
        return {
            "VariantName": name,
            "ModelName": model,
            "InstanceType": self.instance_type,
            "InitialInstanceCount": self.instances,
            "InitialVariantWeight": 1.0,
            **self.time_outs,
        }

    def again(self, live: "Variant", name: str, weight: float) -> "Request":
        """The variant ``live`` as its config has it, under ``name`` and at ``weight``. It gets the instances that serve
        now, so that a new config does not shrink a fleet that has scaled; a config names at least one (botocore
        InitialTaskCount)."""
        return {
            **live.settings,
            "VariantName": name,
            "InitialInstanceCount": max(live.instances, 1),
            "InitialVariantWeight": weight,
        }

    def like(self, stable: "Variant", name: str, model: str, weight: float) -> "Request":
        """A variant for ``model`` with the settings and the capacity of ``stable``, on the instances that the policy
        names, with its time-outs."""
        named = {"ModelName": model, "InstanceType": self.instance_type, **self.time_outs}
        return self.again(stable, name, weight) | named

    def warnings(self, stable: "Variant | None") -> list[str]:
        """Where ``stable`` differs from the policy, and stays as it is."""
        if stable is None or stable.instances == self.instances:
            return []
        return [f"Live capacity is kept: {stable.instances} instances; the policy says {self.instances}."]

    @property
    def keyless_type(self) -> str:
        """The instance type, if its local storage is encrypted by no key of the customer; else empty."""
        return self.instance_type if keyless(self.instance_type) else ""

    @property
    def most_instances(self) -> int:
        """How many instances the policy names."""
        return self.instances

    def native_obstacles(self, stable: "Variant") -> list[str]:
        """Why guardrails cannot deploy to this hosting in the place of ``stable`` (docs:
        deployment-guardrails-exclusions)."""
        return ["guardrails do not work on Inf1 and would move all traffic at once"] if self.on_inf1(stable) else []

    def on_inf1(self, stable: "Variant") -> bool:
        """Whether the candidate or ``stable`` runs on Inf1."""
        types = (self.instance_type, stable.settings.get("InstanceType", ""))
        return any(each.startswith("ml.inf1.") for each in types)

    def changes(self, stable: "Variant") -> str:
        """The change of instance type, which an update of a scalable target may not make (docs: endpoint-scaling), as
        ``from ml.m5.large to ml.c5.xlarge``; empty if there is none."""
        live = stable.settings.get("InstanceType")
        return f"from {live} to {self.instance_type}" if live != self.instance_type else ""


def instance_obstacles(endpoint: "Endpoint") -> dict[str, bool]:
    """Why Interlock releases to no such endpoint on instances, each with whether it stands. An instance pool may have
    a model of its own (botocore InstancePool.ModelNameOverride), which the candidate would take over from stable."""
    settings = [variant.settings for variant in endpoint.variants]
    names = ", ".join(variant.name for variant in endpoint.variants)
    remedy = "first put it on a config whose variant has an InstanceType, or name another endpoint"
    return {
        "it is a serverless endpoint": any(variant.get("ServerlessConfig") for variant in settings),
        "it has a shadow variant": bool(endpoint.config_settings.get("ShadowProductionVariants")),
        f"it has {len(settings)} production variants ({names})": len(settings) != 1,
        "it hosts inference components": any(not variant.get("ModelName") for variant in settings),
        f"it has instance pools, which may name a model and hardware of their own; {remedy}": any(
            variant.get("InstancePools") for variant in settings
        ),
    }


def shared_by_models(endpoint: "Endpoint") -> dict[str, bool]:
    """Why no single model can take the place of what runs on ``endpoint``, with whether it stands."""
    many = endpoint.container.get("Mode") == MULTI_MODEL
    return {"it is a multi-model endpoint, and its callers name other models too; write kind: multi_model": many}
