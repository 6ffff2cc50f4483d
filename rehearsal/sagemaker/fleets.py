"""What stands behind an endpoint at a moment: fleets of variants, and the share of requests that each gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rehearsal.sagemaker.containers import Container

if TYPE_CHECKING:
    from rehearsal.sagemaker.hosting import Source

# Statuses in which nothing about an endpoint can be changed (botocore DescribeEndpointOutput.EndpointStatus).
BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


@dataclass(frozen=True)
class Stage:
    """What a fleet or variant is going through: a VariantStatus of botocore, its message, and since when."""

    status: str
    message: str
    since: float


@dataclass
class Variant:
    """One production variant. `sources`: the containers of its model, of which requests name one if it is `direct`.
    `instances` is None for a serverless one, which has a `serverless` config instead; `desired_*` differ during a
    change.
    """

    name: str
    spec: Mapping[str, Any]
    sources: tuple[Source, ...]
    weight: float
    desired_weight: float
    instances: int | None
    desired_instances: int | None
    direct: bool = False
    container: Container | None = None
    stage: Stage | None = None
    serverless: Mapping[str, Any] | None = None
    desired_serverless: Mapping[str, Any] | None = None

    @property
    def source(self) -> Source:
        """The first container of its model."""
        return self.sources[0]


@dataclass
class Fleet:
    """The instances of one endpoint configuration. `from_update` once UpdateEndpoint made it, not CreateEndpoint.

    `share` of the endpoint's requests: of all of them for a fleet that is being deployed, of the rest for one that
    serves. `capture` is the configuration's DataCaptureConfig, and `asynchronous` its AsyncInferenceConfig. `shadows`
    get copies of what the `variants` answer.
    """

    config: str
    variants: dict[str, Variant]
    began: float
    from_update: bool
    share: float = 0.0
    stage: Stage | None = None
    capture: Mapping[str, Any] | None = None
    shadows: dict[str, Variant] = field(default_factory=dict)
    asynchronous: Mapping[str, Any] | None = None

    @property
    def started(self) -> tuple[Variant, ...]:
        """All that has instances."""
        return (*self.variants.values(), *self.shadows.values())

    @property
    def instances(self) -> int:
        return sum(variant.instances or 0 for variant in self.started)

    @property
    def hosts(self) -> bool:
        """Whether it has no model of its own, but inference components (botocore ProductionVariant.ModelName)."""
        return all("ModelName" not in variant.spec for variant in self.variants.values())

    @property
    def serverless(self) -> bool:
        """Whether it has containers on demand and no instances."""
        return any(variant.serverless is not None for variant in self.variants.values())


@dataclass
class Endpoint:
    """An endpoint and its fleets: `serving` (two after a failed rollback), and `pending` during a deployment."""

    name: str
    arn: str
    config: str
    created: float
    modified: float
    status: str = "Creating"
    serving: list[Fleet] = field(default_factory=list)
    pending: Fleet | None = None
    failure: str = ""
    last_deployment: dict[str, Any] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def live(self) -> Fleet | None:
        """The fleet of the endpoint's configuration, None before the first one serves."""
        return self.serving[0] if self.serving else None

    def take_fault(self, kind: str) -> str:
        """The FailureReason with which a scenario wants this to go wrong, or ""; each wish is granted once."""
        for wish in self.faults:
            if wish[0] == kind:
                self.faults.remove(wish)
                return wish[1]
        return ""


@dataclass(frozen=True)
class Route:
    """Where requests can go: a variant of a fleet, and its share of the endpoint's requests now (0 to 1): of their
    answers, or for a shadow of their copies."""

    endpoint: str
    config: str
    variant: str
    model: str
    model_data: str
    share: float
    container: Container
    from_update: bool
    capture: Mapping[str, Any] | None = None
    role: str = ""
    serverless: Mapping[str, Any] | None = None
    asynchronous: Mapping[str, Any] | None = None
    instances: int | None = None
    component: str = ""  # whose name a request gives; metrics have it as their only dimension
    told_apart: bool = True  # whether metrics may have the dimension EndpointConfigName
    names_models: bool = False  # whether a request names one of the models under `model_data`


def routes(endpoint: Endpoint, *, all_zero_reach_everybody: bool) -> tuple[Route, ...]:
    """All variants that can answer, with their shares; variants of weight 0 too, since TargetVariant reaches them.

    Share of a variant: weight over the sum of weights (docs: model-ab-testing).
    """
    return tuple(
        _route(endpoint, fleet, variant, variant.container, share * part)
        for fleet, share in _fleets(endpoint)
        for variant, part in _parts(fleet.variants.values(), all_zero_reach_everybody)
        if variant.container is not None
    )


def shadowed(endpoint: Endpoint) -> tuple[Route, ...]:
    """The shadow variants, each with the share of the requests of which it gets copies: its weight over that of the
    production variant (amazon-sagemaker-examples, shadow variants: 0.5 beside 1 is half of the requests)."""
    return tuple(
        _route(endpoint, fleet, shadow, shadow.container, share * min(1.0, shadow.weight / weight))
        for fleet, share in _fleets(endpoint)
        if (weight := sum(variant.weight for variant in fleet.variants.values()))
        for shadow in fleet.shadows.values()
        if shadow.container is not None
    )


def _fleets(endpoint: Endpoint) -> list[tuple[Fleet, float]]:
    """The fleets that get requests, each with its share."""
    taken = endpoint.pending.share if endpoint.pending else 0.0
    fleets = [(fleet, fleet.share * (1 - taken)) for fleet in endpoint.serving]
    if endpoint.pending and endpoint.pending.share:
        fleets.append((endpoint.pending, taken))
    return fleets


def _route(endpoint: Endpoint, fleet: Fleet, variant: Variant, container: Container, share: float) -> Route:
    return Route(
        endpoint=endpoint.name,
        config=fleet.config,
        variant=variant.name,
        model=variant.spec.get("ModelName", ""),
        model_data=variant.source.model_data,
        share=share,
        container=container,
        from_update=fleet.from_update,
        capture=fleet.capture,
        role=variant.source.role,
        serverless=variant.serverless,
        asynchronous=fleet.asynchronous,
        instances=variant.instances,
        names_models=variant.source.shared,
    )


def _parts(variants: Iterable[Variant], even_if_all_zero: bool) -> list[tuple[Variant, float]]:
    held = list(variants)
    total = sum(variant.weight for variant in held)
    if not total:
        return [(variant, 1 / len(held) if even_if_all_zero else 0.0) for variant in held]
    return [(variant, variant.weight / total) for variant in held]
