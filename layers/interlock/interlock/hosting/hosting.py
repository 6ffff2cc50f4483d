"""What all kinds of hosting have in common, and what the policy and the planner ask of each. Nothing asks a hosting
which kind it is."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from interlock.model.fields import Part

if TYPE_CHECKING:
    # Not needed to check a policy, and so not loaded for that.
    from interlock.hosting.autoscaling import Autoscaling
    from interlock.model.observation import Endpoint, Variant
    from interlock.model.request import Request
    from interlock.model.version import Version

_ONE_MODEL = "SageMaker publishes it for multi-model endpoints only"
LOADED_ON_DEMAND: Mapping[str, str] = {"model_loading_wait": _ONE_MODEL, "cache_hit_rate": _ONE_MODEL}
"""Metrics that an endpoint has whose models are loaded when a request asks for them (docs:
multi-model-endpoint-cloudwatch-metrics), with the reason why others cannot be judged by them."""


class Hosting(Part):
    """How the model is hosted."""

    moves: ClassVar[tuple[str, ...]]
    """The ways to move traffic from one version to the next (see delivery.moves.choice.MOVES), of which the planner
    takes one. With ``weights``, several variants can serve beside each other."""
    in_networks: ClassVar[bool] = True
    """Whether its containers can be in a VPC, or isolated from the network."""
    pins_artifact: ClassVar[bool] = True
    """Whether SageMaker compares the artifact with the ETag that was approved, each time that a container loads it."""
    one_step: ClassVar[str] = "has one variant and no guardrails"
    """Why traffic cannot move by steps, where no way of ``moves`` has any."""
    needs_smoke: ClassVar[bool] = False
    """Whether nothing but a request shows that the candidate can be loaded."""
    published: ClassVar[bool] = False
    """Whether callers read in a parameter which version they are to name."""
    served: ClassVar[bool] = True
    """Whether an endpoint serves the model."""
    place: ClassVar[str] = "endpoint"
    """What the policy's ``endpoint`` names, in a word."""
    alone: ClassVar[str] = "has one variant"
    """Why no other variant can stand beside stable, where ``weights`` is not among ``moves``."""
    no_smoke: ClassVar[str] = ""
    """Why no request can test the candidate, after its kind; empty if one can."""
    unmeasured: ClassVar[str] = ""
    """Why no rule of evidence can be judged, with the remedy; empty if some can."""
    rolls_only: ClassVar[bool] = False
    """Whether its guardrails replace what serves batch by batch, and in no other way."""
    by_steps: ClassVar[str] = "strategy: {kind: all_at_once, bake: 10m}"
    """What to write instead."""
    network_remark: ClassVar[str] = "can neither be in a VPC nor be isolated from the network"
    """Why a policy cannot ask for a network of this kind, after its kind, where it is not ``in_networks``."""
    most_containers: ClassVar[int] = 1
    """How many containers its model may have."""
    fleets_told_apart: ClassVar[bool] = True
    """Whether metrics are known to tell the two fleets of a deployment apart, by EndpointConfigName (docs:
    deployment-guardrails-configuration)."""
    unjudged: ClassVar[Mapping[str, str]] = LOADED_ON_DEMAND
    """Metrics that no rule may be about, each with the reason."""

    kind: str
    image_digest: Literal["required", "optional"] = Field(
        "required", description="Whether a version whose image has no known digest is refused."
    )

    def mode_beside(self, endpoint: "Endpoint | None") -> str:
        """How requests reach the containers of a model that has several, in the place of the one that ``endpoint``
        serves (see SERIAL, DIRECT); empty if this hosting takes one, or if nobody knows."""
        return ""

    @property
    def inference_component(self) -> str:
        """The name of the inference component that a release changes; empty if it changes the endpoint itself."""
        return ""

    def trial(self, model: str, results: str) -> "Request":
        """The transform job that tries ``model`` and writes under ``results``, an S3 URI (botocore CreateTransformJob);
        empty for hosting with an endpoint."""
        return {}

    @property
    def judged(self) -> "Request":
        """By what the outcome of that job is judged."""
        return {}

    @property
    def first_copies(self) -> int:
        """How many copies a new inference component gets; 0 if this is none."""
        return 0

    def specification(self, model: str, live: "Request | None") -> "Request":
        """What an inference component runs (botocore InferenceComponentSpecification); empty if this is none.
        ``live``: what it runs now, whose resources it keeps; None if it is new."""
        return {}

    @abstractmethod
    def variant(self, name: str, model: str) -> "Request":
        """The only variant of a new endpoint (botocore ProductionVariant)."""

    @abstractmethod
    def again(self, live: "Variant", name: str, weight: float) -> "Request":
        """The variant ``live`` as its config has it, under ``name`` and at ``weight``, with the capacity that serves
        now, so that a new config does not shrink what has scaled."""

    @abstractmethod
    def like(self, stable: "Variant", name: str, model: str, weight: float) -> "Request":
        """A variant for ``model`` with the settings and the capacity of ``stable``, on what the policy names."""

    @abstractmethod
    def obstacles(self, endpoint: "Endpoint") -> list[str]:
        """Why Interlock cannot release to ``endpoint``; the first reason is reported, with its remedy if the endpoints
        that are ``supported`` do not say it."""

    @property
    @abstractmethod
    def supported(self) -> str:
        """The endpoints that have no ``obstacles``, in words."""

    @abstractmethod
    def warnings(self, stable: "Variant | None") -> list[str]:
        """What a reader of the plan should know: where ``stable`` differs from the policy, and stays as it is, and what
        this kind brings with it. ``stable`` is None at a first deployment."""

    @property
    def scaling(self) -> "Autoscaling | None":
        """How the policy wants the capacity to follow the traffic; without it, the live setting stays."""
        return None

    @property
    def captures(self) -> bool:
        """Whether the policy asks for captured traffic."""
        return False

    @property
    def capture_remedy(self) -> str:
        """How a policy comes to captured traffic, as what to write."""
        return "write kind: realtime under hosting, with data_capture: {sampling: 20}"

    def capture(self, bucket: str) -> "Request":
        """The DataCaptureConfig of a new endpoint config, into ``bucket``; empty if the policy does not ask for one."""
        return {}

    @property
    def keyless_type(self) -> str:
        """The instance type, if its local storage is encrypted by no key of the customer; else empty."""
        return ""

    @property
    def most_instances(self) -> int:
        """How many instances the policy names; 0 if there are none."""
        return 0

    def settings(self, in_force: "Request", key: "Request") -> "Request":
        """What an endpoint config of this kind has beside its variants, where the live one has the settings
        ``in_force``; ``key``: the KmsKeyId that the policy requires of outputs, if any."""
        return {}

    @property
    def shared_prefix(self) -> str:
        """Where the models of an endpoint lie that loads what a request names, with a slash at the end; empty for an
        endpoint that has one model."""
        return ""

    def shared_container(self, version: "Version") -> "Request":
        """The container of such an endpoint (botocore ContainerDefinition), made for ``version``; else empty."""
        return {}

    def other_container(self, endpoint: "Endpoint", version: "Version") -> str:
        """How the container of ``version`` differs from the one that ``endpoint`` goes on with; empty if it does not,
        or gets its own."""
        return ""

    def fleet(self, stable: "Variant") -> int:
        """With how many instances a candidate comes up in the place of ``stable``; 0 if it has none."""
        return stable.instances

    def native_obstacles(self, stable: "Variant") -> list[str]:
        """Why guardrails cannot deploy to this hosting in the place of ``stable`` (docs:
        deployment-guardrails-exclusions)."""
        return []

    def shadow_obstacles(self, stable: "Variant") -> list[str]:
        """Why no shadow can stand beside ``stable``."""
        return []

    def changes(self, stable: "Variant") -> str:
        """What a release changes of ``stable`` that an update of a scalable target may not change, for example ``from
        ml.m5.large to ml.c5.xlarge``; empty if there is nothing."""
        return ""
