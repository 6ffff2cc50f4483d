"""A team's own metrics in a scenario: by "Namespace/Name", the outcomes of a variant's answers."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, NonNegativeFloat, PositiveFloat

from rehearsal.scenario.entries import Entry, OneOf, Share, not_so
from rehearsal.traffic.custom_metrics import Amount, Counted, Happens, Outcome

TOLD_APART_BY = ("EndpointName", "VariantName")
MOST_DIMENSIONS = 30  # of a metric (botocore PutMetricData)


def _further(dimensions: dict[str, str]) -> dict[str, str]:
    for name in TOLD_APART_BY:
        if name in dimensions:
            raise not_so("is there anyway, with the endpoint or the variant that answered; leave it out", name)
    most = MOST_DIMENSIONS - len(TOLD_APART_BY)
    if len(dimensions) > most:
        raise ValueError(f"{len(dimensions)} dimensions; CloudWatch takes {most} beside {' and '.join(TOLD_APART_BY)}")
    return dimensions


class CustomMetric(Entry):
    """One value per answer of status 200, under the endpoint's and variant's names."""

    dimensions: Annotated[dict[str, str], AfterValidator(_further)] = Field(
        default_factory=dict, description="beside EndpointName and VariantName"
    )

    @abstractmethod
    def outcome(self) -> Outcome:
        """As traffic knows it."""


class HappensAt(CustomMetric):
    """1 for each answer that leads to it, 0 for each that does not: the Sum is how often it happened."""

    rate: Share

    def outcome(self) -> Outcome:
        return Happens(self.rate, self.dimensions)


class AmountsTo(CustomMetric):
    """An amount for each answer."""

    mean: PositiveFloat
    spread: NonNegativeFloat = Field(0.0, description="standard deviation")

    def outcome(self) -> Outcome:
        return Amount(self.mean, self.spread, self.dimensions)


class CountsAnswers(CustomMetric):
    """1 for each answer: the base of a rate."""

    count: Literal[True]

    def outcome(self) -> Outcome:
        return Counted(self.dimensions)


def _named(metrics: object) -> object:
    """Metrics whose names CloudWatch takes (docs: API_PutMetricData; a namespace of AWS is not a team's)."""
    for key in metrics if isinstance(metrics, Mapping) else ():
        namespace, _, name = str(key).rpartition("/")
        if not namespace or not name:
            raise not_so("is not a metric; write Namespace/Name, for example Shop/Conversions", key)
        if re.match(r"/?aws/", key, re.IGNORECASE) or namespace.startswith(":"):
            raise not_so("is not for a team's own metrics: a namespace starts neither with AWS/ nor with a colon", key)
        if len(namespace) > 255 or len(name) > 255:
            raise not_so("is too long; CloudWatch takes 255 characters each for namespace and name", key)
    return metrics


CustomMetrics = Annotated[
    dict[
        str,
        Annotated[
            HappensAt | AmountsTo | CountsAnswers,
            OneOf("custom metric", {"rate": HappensAt, "mean": AmountsTo, "count": CountsAnswers}),
        ],
    ],
    BeforeValidator(_named),
]


def outcomes(metrics: Mapping[str, CustomMetric]) -> dict[str, Outcome]:
    """As traffic knows them."""
    return {key: metric.outcome() for key, metric in metrics.items()}
