"""The facts that a decision rests on, read from the answers of AWS that a state machine hands over.

Each fact comes as ``{"found": <the API's answer>}`` or ``{"error": <error name>, "cause": <AWS's words>}``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from interlock.model.capacity import Capacity, live_capacity
from interlock.model.invocation import SERIAL
from interlock.model.quantities import seconds_between
from interlock.model.traffic import same_shares, shares

Answer = dict[str, Any]

IN_PROGRESS = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""Statuses in which AWS refuses to update, re-weight or delete an endpoint (botocore
DescribeEndpointOutput.EndpointStatus)."""


@dataclass(frozen=True)
class Variant:
    """A production variant. ``weight`` and ``capacity`` are the current ones; ``settings`` its entry in the endpoint
    config; ``image`` what it runs, by its digest (botocore DeployedImage.ResolvedImage), empty where that is not told.
    """

    name: str
    weight: float
    capacity: Capacity
    settings: Answer
    image: str = ""

    @property
    def instances(self) -> int:
        """How many serve now; 0 if it is serverless."""
        return self.capacity.instances


@dataclass(frozen=True)
class Endpoint:
    """An endpoint as it is now, or an inference component, which is released to as to an endpoint (see read_component).
    ``pending`` is the config that a running deployment is moving to, if any. ``kind``: what it is, in words.
    ``containers``: those of its first variant's model (botocore ContainerDefinition), none if that is not known; and
    ``mode``, how requests reach them if there are several (botocore InferenceExecutionMode), else empty."""

    name: str
    status: str
    config: str
    variants: tuple[Variant, ...]
    pending: str = ""
    failure: str = ""
    config_settings: Answer = field(default_factory=dict)
    containers: tuple[Answer, ...] = ()
    mode: str = ""
    kind: str = "endpoint"

    @property
    def container(self) -> Answer:
        """The first of its containers; empty if it is not known."""
        return self.containers[0] if self.containers else {}

    @property
    def named(self) -> str:
        """What it is, and its name."""
        return f"{self.kind} {self.name}"

    @property
    def title(self) -> str:
        """The same, to begin a sentence with."""
        return f"{self.kind.capitalize()} {self.name}"

    @property
    def log_group(self) -> str:
        """Where its containers log (docs: logging-cloudwatch)."""
        return f"/aws/sagemaker/{self.kind.title().replace(' ', '')}s/{self.name}"

    @property
    def settled(self) -> bool:
        """Whether AWS would accept a change."""
        return self.status not in IN_PROGRESS

    def shares(self) -> dict[str, float]:
        """Percent of the traffic of each variant: weight over the sum of weights (docs: model-ab-testing)."""
        return shares({variant.name: variant.weight for variant in self.variants})

    @property
    def capacity(self) -> Capacity:
        """That of its largest variant."""
        return max(variant.capacity for variant in self.variants)

    def split(self) -> str:
        """The shares in words."""
        return ", ".join(f"{name} {share:g} %" for name, share in self.shares().items())

    def reweighted(self, before: Answer) -> bool:
        """Whether it is on the config of ``before`` (see standing), but with another split of the traffic."""
        return self.config == before.get("config") and not same_shares(self.shares(), before["shares"])

    def standing(self) -> Answer:
        """What a later look is compared with: config, percent of the traffic and instances of each variant; of a
        serverless one, its capacity in words."""
        instances = {variant.name: variant.instances for variant in self.variants}
        serverless = {each.name: str(each.capacity) for each in self.variants if each.capacity.concurrency}
        standing = {"config": self.config, "shares": self.shares(), "instances": instances}
        return {**standing, "serverless": serverless} if serverless else standing


DESCRIBED_LATE = 120
"""Seconds for which DescribeEndpoint may answer how an endpoint was before a change; no bound is documented. A change
that SageMaker rolls back takes longer: it provisions first."""


def may_lag(since: str, now: str) -> bool:
    """Whether DescribeEndpoint may not know yet, at ``now``, of a change that was asked for at ``since``."""
    return seconds_between(since, now) < DESCRIBED_LATE


def read_endpoint(described: Answer, config: Answer | None = None, model: Answer | None = None) -> Endpoint:
    """The endpoint in a DescribeEndpoint answer, with its DescribeEndpointConfig answer, and the DescribeModel answer
    of its first variant, where those were asked for."""
    first = (model or {}).get("PrimaryContainer")
    containers = (first,) if first else tuple((model or {}).get("Containers", ()))
    settings = {variant["VariantName"]: variant for variant in (config or {}).get("ProductionVariants", [])}
    return Endpoint(
        name=described["EndpointName"],
        status=described["EndpointStatus"],
        config=described.get("EndpointConfigName", ""),
        variants=tuple(
            Variant(
                name=variant["VariantName"],
                weight=variant.get("CurrentWeight", 1.0 if "CurrentServerlessConfig" in variant else 0.0),
                capacity=live_capacity(variant, settings.get(variant["VariantName"], {})),
                settings=settings.get(variant["VariantName"], {}),
                image=next((each.get("ResolvedImage", "") for each in variant.get("DeployedImages", ())), ""),
            )
            for variant in described.get("ProductionVariants", [])
        ),
        pending=described.get("PendingDeploymentSummary", {}).get("EndpointConfigName", ""),
        failure=described.get("FailureReason", ""),
        config_settings=config or {},
        containers=containers,
        mode=(model or {}).get("InferenceExecutionConfig", {}).get("Mode", SERIAL) if len(containers) > 1 else "",
    )


COMPONENT = "inference component"
"""The kind of an inference component, as Endpoint has it."""


def read_component(described: Answer, config: Answer | None = None) -> Endpoint:
    """The inference component in a DescribeInferenceComponent answer, as an endpoint that has one variant of its name.
    What an update replaces is its model, so the model's name is its ``config``. Its statuses are among those of
    endpoints (botocore InferenceComponentStatus). ``config``: the DescribeEndpointConfig answer of the endpoint that
    hosts it, to which ``config_settings`` adds that endpoint's name and the specification."""
    name, specification = described["InferenceComponentName"], described.get("Specification", {})
    hosting = (config or {}).get("ProductionVariants", [{}])[0]
    copies = described.get("RuntimeConfig", {}).get("DesiredCopyCount", 0)
    return Endpoint(
        name=name,
        status=described["InferenceComponentStatus"],
        config=specification.get("ModelName", ""),
        variants=(Variant(name, 1.0, Capacity(copies=copies), hosting),),
        failure=described.get("FailureReason", ""),
        config_settings={
            **(config or {}),
            "EndpointName": described.get("EndpointName", ""),
            "Specification": specification,
        },
        kind=COMPONENT,
    )


BATCH = "batch"
"""The kind of what batch hosting has in the place of an endpoint, as Endpoint has it."""


def read_parameter(described: Answer) -> Endpoint:
    """The parameter in a GetParameter answer that tells callers which model their transform jobs are to name, as an
    endpoint that is called like it and whose ``config`` is that model."""
    name = described["Name"].split("/")[-2]
    return Endpoint(name, "InService", described["Value"], (Variant(name, 1.0, Capacity(), {}),), kind=BATCH)


def read_served(described: Answer, config: Answer | None = None) -> Endpoint:
    """What an answer describes: an inference component, what transform jobs are to name, or an endpoint."""
    if "Value" in described:
        return read_parameter(described)
    return (read_component if "InferenceComponentName" in described else read_endpoint)(described, config)
