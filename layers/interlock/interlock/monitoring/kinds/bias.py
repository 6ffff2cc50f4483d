"""Bias: whether the answers treat a group of people otherwise than they did."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from interlock.model.fields import CLARIFY_IMAGE, Part
from interlock.model.request import Request
from interlock.monitoring.kinds.labels import Answers, Labels, Problem
from interlock.monitoring.kinds.monitor import ColumnName, Monitor, Source, Value, given

Metric = Literal[
    "CI",
    "DPL",
    "KL",
    "JS",
    "LP",
    "TVD",
    "KS",
    "CDDL",
    "DPPL",
    "DI",
    "DCA",
    "DCR",
    "AD",
    "RD",
    "DAR",
    "DRR",
    "SD",
    "TE",
    "CDDPL",
    "GE",
]
"""Clarify's metrics before and after training, by their short names (docs: clarify-measure-data-bias,
clarify-measure-post-training-bias). The flip test (FT) needs a model to ask, which this monitor has not."""


class Facet(Part):
    """A group of people: those with one of ``values`` in the column ``name``, or with a number above ``threshold``."""

    name: ColumnName = Field(description="The column.")
    values: Annotated[tuple[Value, ...], Field(max_length=100)] = Field((), description="The values of the group.")
    threshold: float | None = Field(None, description="Of a number: those above it are the group.")

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        if bool(self.values) == (self.threshold is not None):
            raise ValueError('say who is in the group in one way: values: ["monthly"], or threshold: 40')
        return self


class Bias(Monitor, Answers):
    """Clarify's published metrics of bias, of the facets that the policy names."""

    sources: ClassVar[tuple[Source, ...]] = (
        Source("Bias", "PostTrainingConstraints", "PostTrainingReport", "analysis.json"),
        Source("Bias", "PreTrainingConstraints", "PreTrainingReport", "pre_training.json"),
        Source("Bias", "", "Report", "analysis.json"),
    )

    kind: Literal["bias"] = Field(description="Metrics of bias, of the groups that facets name.")
    facets: Annotated[tuple[Facet, ...], Field(max_length=10)] = Field(
        (), validate_default=True, description="The groups of people."
    )
    problem: Problem | None = Field(None, description="What the model answers; binary_classification by default.")
    label: ColumnName | None = Field(None, description="The column of training_data that is predicted.")
    group: ColumnName | None = Field(None, description="The column by which CDDL and CDDPL tell groups apart.")
    metrics: tuple[Metric, ...] = Field((), description="Clarify's short names; all that the data allow by default.")
    tolerance: Annotated[float, Field(ge=0, le=1)] = Field(
        0.01, description="By how much a metric may be worse than in the baseline."
    )
    clarify_image: Annotated[str, Field(pattern=CLARIFY_IMAGE)] | None = Field(
        None, description="Clarify's container in your Region. With it, that container computes the metrics."
    )
    labels: Labels | None = Field(None, description="With it, metrics that need ground truth are computed, too.")

    @field_validator("facets")
    @classmethod
    def _names_somebody(cls, facets: "tuple[Facet, ...]") -> "tuple[Facet, ...]":
        if not facets:
            raise ValueError('a bias monitor needs facets, for example facets: [{name: contract, values: ["monthly"]}]')
        return facets

    @field_validator("metrics")
    @classmethod
    def _groups_are_named(cls, metrics: tuple[Metric, ...], info: ValidationInfo) -> tuple[Metric, ...]:
        needing = [name for name in metrics if name in ("CDDL", "CDDPL")]
        if needing and info.data.get("group") is None:
            raise ValueError(f"{needing[0]} compares within groups; write group: with the column that names them")
        return metrics

    @property
    def container(self) -> str:
        """Clarify's, if the policy names it."""
        return self.clarify_image or ""

    @property
    def columns_named(self) -> tuple[str, ...]:
        """The columns of the facets, and the group's."""
        return (*(facet.name for facet in self.facets), *([self.group] if self.group else []))

    def settings(self) -> Request:
        """In the words of the program: facets as ``{name, values}`` or ``{name, threshold}``, Clarify's ``methods`` and
        ``group_variable``."""
        return {
            "facets": [
                given(name=each.name, values=list(each.values) or None, threshold=each.threshold)
                for each in self.facets
            ],
            "tolerance": self.tolerance,
            **self.reading(),
            **given(
                problem=self.problem,
                label=self.label,
                group_variable=self.group,
                methods=list(self.metrics) or None,
                labels=self.labels.settings() if self.labels else None,
            ),
        }
