"""Inference components: models that share the instances of one endpoint, each with copies of its own.

A caller names the component (botocore InvokeEndpoint.InferenceComponentName), and no request is divided between
components. So the name stays from version to version, and a release replaces the component's model
(UpdateInferenceComponent): batch by batch, watched by alarms, or all at once without them (botocore
InferenceComponentDeploymentConfig knows a RollingUpdatePolicy only).
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from interlock.hosting.hosting import Hosting
from interlock.model.fields import INSTANCE_TYPE, SageMakerName
from interlock.model.protection import keyless

if TYPE_CHECKING:
    # Not needed to check a policy, and so not loaded for that.
    from interlock.model.observation import Endpoint, Variant
    from interlock.model.request import Request

_SHARED = "its instances also run what is not this model, so their use says nothing about the candidate"

_KEPT = ("StartupParameters", "ComputeResourceRequirements", "DataCacheConfig", "SchedulingConfig")
"""What a new version takes over of the live specification: what DescribeInferenceComponent tells in the shape in which
UpdateInferenceComponent takes it (botocore InferenceComponentSpecification, -Summary)."""


class InferenceComponents(Hosting):
    """The model is an inference component on an endpoint that others may share."""

    moves = ("native", "swap")
    in_networks = False
    rolls_only = True
    one_step = "divides no requests, because a caller names the component"
    by_steps = "strategy: {kind: rolling, batch: 50} or {kind: all_at_once, bake: 10m}"
    network_remark = "has the network of its endpoint, which a release does not change"
    unjudged: ClassVar[dict[str, str]] = {
        "cold_start": "SageMaker publishes it for serverless endpoints",
        **dict.fromkeys(("cpu", "memory", "disk", "gpu", "gpu_memory"), _SHARED),
    }

    kind: Literal["inference_components"] = Field(description="A model beside others, on instances that they share.")
    component: SageMakerName = Field(
        description="The inference component, whose name callers give with each request. Interlock makes it."
    )
    memory_mb: Annotated[int, Field(ge=128)] = Field(description="Memory that each copy needs at least, in MB.")
    cpus: Annotated[float, Field(ge=0.25)] | None = Field(None, description="CPU cores of each copy.")
    accelerators: Annotated[int, Field(ge=1)] | None = Field(None, description="GPUs, or Inferentia, of each copy.")
    copies: Annotated[int, Field(ge=1, le=1000)] = Field(
        1, description="Copies when Interlock makes the component. Later releases keep the live number."
    )
    instance_type: Annotated[str, Field(pattern=INSTANCE_TYPE)] = Field(
        description="Instance type when Interlock creates the endpoint."
    )
    instances: Annotated[int, Field(ge=1, le=1000)] = Field(
        1, description="Instances when Interlock creates the endpoint."
    )
    min_instances: Annotated[int, Field(ge=0, le=1000)] | None = Field(
        None, description="The fewest instances that SageMaker keeps for the copies; 0 lets it end all of them."
    )
    max_instances: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None,
        validate_default=True,
        description="The most instances that SageMaker starts for the copies. Without it, their number stays.",
    )

    @field_validator("max_instances")
    @classmethod
    def _instances_are_within(cls, most: int | None, info: ValidationInfo) -> int | None:
        least, first = info.data.get("min_instances"), info.data.get("instances", 1)
        if most is None and least is not None:
            raise ValueError("min_instances needs max_instances; write both, or neither")
        if most is not None and (least or 0) > most:
            raise ValueError(f"min_instances is {least}, and max_instances is {most}; write one that is not smaller")
        if most is not None and first > most:
            raise ValueError(f"instances is {first}, and max_instances is {most}; write at least {first}")
        return most

    @property
    def inference_component(self) -> str:
        """The name of the inference component."""
        return self.component

    @property
    def first_copies(self) -> int:
        """The copies that the policy names."""
        return self.copies

    def variant(self, name: str, model: str) -> "Request":
        """The only variant of a new endpoint. It names no ``model``: the components on it do (botocore
        ProductionVariant.ModelName; docs: realtime-endpoints-deploy-models)."""
        bounds = {"MinInstanceCount": self.min_instances, "MaxInstanceCount": self.max_instances}
        named = {key: value for key, value in bounds.items() if value is not None}
        scaling = {"ManagedInstanceScaling": {"Status": "ENABLED", **named}} if self.max_instances else {}
        return {
            "VariantName": name,
            "InstanceType": self.instance_type,
            "InitialInstanceCount": self.instances,
            **scaling,
        }

    def again(self, live: "Variant", name: str, weight: float) -> "Request":
        """The variant as it is: no release changes it."""
        return live.settings

    def like(self, stable: "Variant", name: str, model: str, weight: float) -> "Request":
        """The variant as it is: no release changes it."""
        return stable.settings

    def specification(self, model: str, live: "Request | None") -> "Request":
        """What runs ``model``, with the resources of the ``live`` specification, or those of the policy (botocore
        InferenceComponentSpecification)."""
        if live is not None:
            return {**{name: live[name] for name in _KEPT if live.get(name)}, "ModelName": model}
        asked: dict[str, Any] = {
            "MinMemoryRequiredInMb": self.memory_mb,
            "NumberOfCpuCoresRequired": self.cpus,
            "NumberOfAcceleratorDevicesRequired": self.accelerators,
        }
        needed = {name: value for name, value in asked.items() if value is not None}
        return {"ModelName": model, "ComputeResourceRequirements": needed}

    def obstacles(self, endpoint: "Endpoint") -> list[str]:
        """Why Interlock cannot release to ``endpoint``, which is the component, or, while there is none, the endpoint
        that is to host it."""
        settings = endpoint.config_settings
        variants, live = settings.get("ProductionVariants", []), settings.get("Specification")
        where = settings.get("EndpointName", endpoint.name)
        stands = {
            f"the endpoint {where} that hosted it is gone; delete the component, then release again": not variants,
            "its variant names a model of its own; name another endpoint, or write kind: realtime": any(
                variant.get("ModelName") for variant in variants
            ),
            f"it has {len(variants)} production variants": len(variants) > 1,
            "it has instance pools, which may name a specification each": any(
                variant.get("InstancePools") for variant in variants
            ),
            "it names no model, but a container, or several specifications": live is not None
            and not live.get("ModelName"),
            "it is an adapter of another component": bool((live or {}).get("BaseInferenceComponentName")),
        }
        return [said for said, holds in stands.items() if holds]

    @property
    def supported(self) -> str:
        """The endpoints that have no ``obstacles``, in words."""
        return "endpoints with one variant that names no model, and components on them that name one model"

    def warnings(self, stable: "Variant | None") -> list[str]:
        """Where ``stable`` differs from the policy and stays as it is, and what this kind brings with it."""
        live = stable.capacity.copies if stable else self.copies
        kept = f"Live capacity is kept: {live} copies; the policy says {self.copies}."
        asleep = (
            "The component has no copies now, so nothing shows whether the candidate starts before a request wakes it."
        )
        waits = "SageMaker sends no event of a component, so Interlock looks every minute, and after ten minutes less."
        return [*([kept] if live != self.copies else []), *([] if live else [asleep]), waits]

    @property
    def keyless_type(self) -> str:
        """The instance type, if its local storage is encrypted by no key of the customer; else empty."""
        return self.instance_type if keyless(self.instance_type) else ""
