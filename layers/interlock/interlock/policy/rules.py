"""The rules of evidence, as a team writes them: the metrics, and the bounds that the candidate must keep."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, cast

from pydantic import Field, ValidationInfo, field_validator, model_validator

from interlock.evidence.metrics import COMPARING, KINDS, MEAN, METRICS, RATE, Metric, in_unit
from interlock.model.fields import Limit, Part, Relative, Share
from interlock.model.quantities import fraction, limit, relative

Bound = Literal["max", "min", "margin", "better_by"]
BOUNDS: tuple[Bound, ...] = ("max", "min", "margin", "better_by")

SMALLEST_DIFFERENCE, LARGEST_DIFFERENCE = 0.01, 10.0
"""Bounds of a margin. Less than 1 % needs more traffic than a release has; more than 1000 % is not a comparison."""

NEGLIGIBLE = 0.005
"""Error rate below which a difference to stable does not matter, unless the policy says otherwise: twice a very small
rate is still very small."""

RESERVED_NAMES = frozenset({"requests", "alarm", "measurement"})
RESERVED_ENDINGS = tuple(f"_{part}" for kind in KINDS for part in kind.parts)
"""The endings that Interlock puts behind a metric's name when it asks CloudWatch for the parts of it."""

SPLIT_BY_WEIGHT = frozenset({"invocations"})
"""Metrics that depend on how much traffic a variant gets, so that a comparison of two variants means nothing."""


CloudWatchName = Annotated[str, Field(min_length=1, max_length=255)]
"""Names of namespaces, metrics and dimensions (botocore: Namespace, MetricName, DimensionName)."""


class CustomMetric(Part):
    """A CloudWatch metric of the team's own. It must carry the dimensions EndpointName and VariantName, so that the
    candidate can be told from stable."""

    namespace: CloudWatchName = Field(description="CloudWatch namespace, for example Shop.")
    name: CloudWatchName = Field(description="Name of the metric in CloudWatch.")
    better: Literal["lower", "higher"] = Field(description="Which direction is an improvement.")
    per: CloudWatchName | None = Field(
        None, description="Makes it a rate: its sum over the sum of the metric named here, in the same namespace."
    )
    statistic: Literal["Average", "Sum", "Minimum", "Maximum", "SampleCount"] = Field(
        "Average", description="Of each period; not together with per. Only latencies have percentiles."
    )
    unit: Annotated[str, Field(max_length=20)] = Field(
        "", description="The unit after a number. With us, % and share, limits are written as for Interlock's own."
    )
    dimensions: Annotated[dict[CloudWatchName, CloudWatchName], Field(max_length=28)] = Field(
        {}, description="Dimensions in addition to EndpointName and VariantName."
    )

    @field_validator("dimensions")
    @classmethod
    def _variants_are_told_apart_by_interlock(cls, dimensions: dict[str, str]) -> dict[str, str]:
        ours = sorted({"EndpointName", "VariantName"} & set(dimensions))
        if ours:
            raise ValueError(f"leave out {' and '.join(ours)}; Interlock adds this itself")
        return dimensions

    @model_validator(mode="after")
    def _a_rate_is_a_share(self) -> Self:
        for field in ("statistic", "unit"):
            if self.per is not None and field in self.model_fields_set:
                raise ValueError(f"per makes this a share of {self.per}; leave out {field}, or leave out per")
        return self

    def metric(self, name: str) -> Metric:
        """This metric as the rest of Interlock knows it, under its ``name`` in the policy."""
        title = name.replace("_", " ")
        common = {"better": self.better, "namespace": self.namespace, "dimensions": self.dimensions}
        if self.per is not None:
            return Metric(self.name, "Sum", RATE, title, "share", per=self.per, **cast(Any, common))
        return Metric(self.name, self.statistic, MEAN, title, self.unit, **cast(Any, common))


class EvidenceRule(Part):
    """A bound that the candidate must keep: exactly one of max, min, margin and better_by. Limits are stored in the
    metric's unit (a share, microseconds, …), differences as fractions."""

    metric: str = Field(description="One of Interlock's metrics, or one declared under metrics.")
    max: Limit = Field(None, description="At most this: 1% or 0.01 (rate), 250ms (latency), 80% or 80 (utilisation).")
    min: Limit = Field(None, description="At least this, written like max.")
    margin: Relative = Field(None, description="Not worse than stable by this or more, for example 10%.")
    better_by: Relative = Field(
        None, description="Better than stable by this, for example 2%: the goal of an A/B test."
    )
    min_requests: Annotated[int, Field(ge=1)] = Field(
        100, description="With fewer requests to the candidate, the rule does not pass."
    )
    ignore_below: Share = Field(
        None,
        validate_default=True,
        description="For a rate with a margin: below this, a difference does not matter. Default 0.5%.",
    )

    @field_validator("metric")
    @classmethod
    def _metric_is_known(cls, name: str, info: ValidationInfo) -> str:
        catalog = _catalog(info)
        if name not in catalog:
            raise ValueError(_no_such_metric(name, catalog))
        return name

    @field_validator("max", "min", mode="before")
    @classmethod
    def _limit_in_the_unit_of_the_metric(cls, written: object, info: ValidationInfo) -> float | None:
        if written is None or "metric" not in info.data:
            return None
        return limit(_catalog(info)[info.data["metric"]].unit, written)

    @field_validator("margin", "better_by", mode="before")
    @classmethod
    def _difference_is_possible(cls, written: object, info: ValidationInfo) -> float | None:
        if written is None or "metric" not in info.data:
            return None
        name, fraction_of_stable = info.data["metric"], relative(written)
        if name in SPLIT_BY_WEIGHT:
            raise ValueError(f"{name} depends on the weights, not on the model, so it cannot be compared; write min")
        if not SMALLEST_DIFFERENCE <= fraction_of_stable <= LARGEST_DIFFERENCE:
            raise ValueError(f"write from 1% to 1000%, for example 10%; got {written!r}")
        shrinks = (_catalog(info)[name].better == "higher") == (info.field_name == "margin")
        if shrinks and fraction_of_stable >= 1:
            raise ValueError(f"{name} cannot fall by 100% or more; write less, for example 10%; got {written!r}")
        return fraction_of_stable

    @field_validator("ignore_below", mode="before")
    @classmethod
    def _only_rates_can_be_negligible(cls, written: object, info: ValidationInfo) -> float | None:
        metric = _catalog(info).get(info.data.get("metric", ""))
        fits = metric and metric.kind.negligible and metric.better == "lower" and info.data.get("margin") is not None
        if written is None:
            return NEGLIGIBLE if fits and info.data["metric"] in METRICS else None
        if metric and not fits:
            raise ValueError("only for a margin on a rate where lower is better; leave it out")
        return fraction(written)

    @model_validator(mode="after")
    def _has_one_bound(self) -> Self:
        written = [bound for bound in BOUNDS if getattr(self, bound) is not None]
        if len(written) != 1:
            got = " and ".join(written) or "none"
            raise ValueError(f"write exactly one of max, min, margin, better_by in a rule; got {got}")
        return self

    @property
    def bound(self) -> Bound:
        """The one of the four bounds that is written."""
        return next(bound for bound in BOUNDS if getattr(self, bound) is not None)

    @property
    def value(self) -> float:
        """The limit in the metric's unit, or the difference as a fraction."""
        return float(getattr(self, self.bound))

    @property
    def compares(self) -> bool:
        """Whether the rule compares the candidate with stable, not with a number."""
        return self.bound in COMPARING


def _catalog(info: ValidationInfo) -> Mapping[str, Metric]:
    """The metrics that rules may name: those of the policy that is read, else Interlock's own."""
    return cast(Mapping[str, Metric], info.context or METRICS)


def _no_such_metric(name: str, catalog: Mapping[str, Metric]) -> str:
    # Loaded here because only a mistyped name needs it.
    from difflib import get_close_matches

    near = get_close_matches(name, catalog, n=2)
    if near:
        return f"there is no such metric; nearest is {' or '.join(near)}"
    return f"there is no such metric; declare it under metrics, or write one of {', '.join(catalog)}"


def contradiction(rules: "tuple[EvidenceRule, ...]", catalog: Mapping[str, Metric]) -> str | None:
    """Why no candidate could keep all ``rules``, or which rule limits the good side; None if all is well."""
    for name in dict.fromkeys(rule.metric for rule in rules):
        bounds = [rule.bound for rule in rules if rule.metric == name]
        twice = next((bound for bound in bounds if bounds.count(bound) > 1), None)
        if twice:
            return f"{name} has {twice} more than once; keep one"
        if set(COMPARING) <= set(bounds):
            return f"{name} has margin and better_by; a better candidate is also not worse, so keep only better_by"
        limits = {rule.bound: rule.value for rule in rules if rule.metric == name}
        wrong = _against_its_direction(name, limits, catalog[name])
        if wrong:
            return wrong
    return None


def _against_its_direction(name: str, limits: Mapping[Bound, float], metric: Metric) -> str | None:
    """Why a limit on the good side alone makes no sense. Both limits together are a band, which some kinds of metric
    may have."""
    right: Bound = "max" if metric.better == "lower" else "min"
    wrong: Bound = "min" if right == "max" else "max"
    if wrong not in limits:
        return None
    if right not in limits or not metric.kind.banded:
        return f"for {name}, {metric.better} is better, so {wrong} makes no sense; write {right}"
    if limits["min"] < limits["max"]:
        return None
    least, most = (in_unit(metric.unit, limits[bound]) for bound in ("min", "max"))
    return f"{name} cannot be at least {least} and at most {most}; write a min below max"
