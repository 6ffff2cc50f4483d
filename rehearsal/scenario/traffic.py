"""The traffic of a scenario: how many requests come, how variants behave, and the outcomes of their answers."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, PositiveFloat, field_validator, model_validator

from rehearsal.scenario.custom_metrics import CustomMetrics, outcomes
from rehearsal.scenario.entries import Duration, Entry, Name, Share, not_so
from rehearsal.scenario.names import Drift
from rehearsal.scenario.own_rows import Data, OwnData
from rehearsal.traffic import Behaviour, Drifting, Labelled, Load, SharedNoise


class VariantBehaviour(Entry):
    """The behaviour of a variant's container, beside that of its model."""

    latency: PositiveFloat = Field(12.0, description="median, in milliseconds")
    spread: PositiveFloat = Field(4.0, description="standard deviation, in milliseconds")
    slower: PositiveFloat = Field(1.0, description="multiplies both")
    failing: Share = Field(0.0, description="share of requests on which the container breaks")
    tail: Share = Field(0.0, description="share of requests that take much longer, without a typical length (Pareto)")
    minute_noise: Share = Field(0.0, description="how far this variant's minutes are slower or quicker than each other")
    cpu: PositiveFloat = Field(10.0, description="CPU use without requests, in percent of one core")
    custom_metrics: CustomMetrics = Field(
        default_factory=dict, description="outcomes of its answers, where they differ from the others"
    )

    def behaviour(self) -> Behaviour:
        """As traffic knows it."""
        return Behaviour(
            latency=self.latency,
            spread=self.spread,
            slower=self.slower,
            failing=self.failing,
            tail=self.tail,
            minute_noise=self.minute_noise,
            cpu=self.cpu,
            custom_metrics=outcomes(self.custom_metrics),
        )


class Noise(Entry):
    """Minutes that are slow or quick for all variants alike: a factor on their latency that wanders around 1."""

    spread: Share = Field(description="standard deviation of the factor's logarithm; 20% is about a fifth up or down")
    memory: Share = Field(0.8, lt=1, description="how much of one minute's deviation is still there in the next")


class DriftingData(Entry):
    """A time, counted from the scenario's start, in which customers are not as they were."""

    begins: Duration = Field(alias="from")
    ends: Duration = Field(alias="to")
    drift: Drift


class LateLabels(Entry):
    """The true labels of captured requests, written to labels/<group>/YYYY/MM/DD/ of the day they are known."""

    group: str
    delay: Duration = Field(description="after the hour in which the requests came")
    share: Share = Field(1.0, description="of the captured requests; nobody ever learns the others' labels")
    bucket: str = Field("", description="instead of the stack's own bucket for monitoring")


class EndpointTraffic(Entry):
    """Requests that flow to an endpoint from the moment it first serves."""

    endpoint: Name
    component: Name = Field("", description="the inference component that requests name, if any")
    container: Name = Field("", description="the container that requests name (TargetContainerHostname), if any")
    requests_per_second: float | list[tuple[Duration, float]] = Field(
        2.0, description="constant, or steps of [from this time on, this rate]; the first holds from the beginning"
    )
    daily_cycle: Share = Field(0.0, description="how far the rate swings around its mean over a day")
    malformed: Share = Field(0.0, description="share of requests that no model can read")
    shared_noise: Noise | None = Field(None, description="slow minutes that all variants share")
    custom_metrics: CustomMetrics = Field(
        default_factory=dict, description="own metrics that answers lead to, as Namespace/Name"
    )
    pinned: dict[Name, Share] = Field(
        default_factory=dict, description="share of requests that name this variant as their TargetVariant"
    )
    data: Data = Field("digits", description="what is sent: a data set, or a file of one request's body a line")
    drifts: list[DriftingData] = Field(default_factory=list, description="of customers; the first that holds")
    labels: LateLabels | None = Field(None, description="how true labels come to be known; never, when absent")
    usual: VariantBehaviour = VariantBehaviour()
    variants: dict[str, VariantBehaviour] = Field(
        default_factory=dict, description="by a pattern of a variant's name, config, model or artifact, such as */2/*"
    )

    @field_validator("pinned")
    @classmethod
    def _no_more_than_all_are_pinned(cls, pinned: dict[str, float]) -> dict[str, float]:
        if sum(pinned.values()) > 1:
            raise ValueError(f"shares of the same requests; together they are {sum(pinned.values()):.0%}")
        return pinned

    @model_validator(mode="after")
    def _only_customers_drift(self) -> Self:
        if self.drifts and self.data != "customers":
            raise not_so("only `data: customers` knows drifts", "drifts")
        return self

    @model_validator(mode="after")
    def _only_known_labels_come_to_be_known(self) -> Self:
        if self.labels and isinstance(self.data, OwnData) and self.data.labels is None:
            raise not_so("nobody knows the labels of these rows; name their file: data: {rows: …, labels: …}", "data")
        return self

    @model_validator(mode="after")
    def _variants_are_found_by_the_same_dimensions(self) -> Self:
        for pattern, variant in self.variants.items():
            for key, metric in variant.custom_metrics.items():
                if key in self.custom_metrics and metric.dimensions != self.custom_metrics[key].dimensions:
                    said = "must be the same as in the traffic's custom_metrics, or nobody finds both variants' values"
                    raise not_so(said, "variants", pattern, "custom_metrics", key, "dimensions")
        return self

    def load(self, before: float, folder: Path) -> Load:
        """As traffic knows it, when its clock starts so many seconds `before` the scenario, whose files are in
        `folder`."""
        rate = self.requests_per_second
        if isinstance(rate, list):
            rate = [(at + before if index else 0.0, per_second) for index, (at, per_second) in enumerate(rate)]
        variants = {pattern: each.behaviour() for pattern, each in self.variants.items()}
        noise = self.shared_noise
        return Load(
            endpoint=self.endpoint,
            component=self.component,
            container=self.container,
            requests_per_second=rate,
            daily_cycle=self.daily_cycle,
            malformed=self.malformed,
            usual=self.usual.behaviour(),
            variants=variants,
            shared_noise=SharedNoise(noise.spread, noise.memory) if noise else None,
            custom_metrics=outcomes(self.custom_metrics),
            pinned=self.pinned,
            data=self.data if isinstance(self.data, str) else self.data.requests(folder),
            drifts=tuple(Drifting(each.begins + before, each.ends + before, each.drift) for each in self.drifts),
            labels=Labelled(**self.labels.model_dump()) if self.labels else None,
        )
