"""The gate of a retraining: what the new version must show before it may go live."""

from collections.abc import Callable
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from interlock.model.fields import Part
from interlock.model.quantities import relative
from interlock.retraining.metrics import lower_is_better

LARGEST = 10.0
MetricName = Annotated[str, Field(min_length=1, max_length=64)]


def _between(smallest: float, words: str) -> Callable[[object], float]:
    def read(written: object) -> float:
        value = relative(written)
        if not smallest <= value <= LARGEST:
            raise ValueError(f"write {words} to 1000%, for example 1%; got {written!r}")
        return value

    return read


_PERCENT = {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*%\s*$", "examples": ["1%"]}


class _Compared(Part):
    """A metric of the evaluation report, compared with the champion's."""

    metric: MetricName = Field(description="A metric of the evaluation report, for example accuracy.")
    lower_is_better: bool | None = Field(
        None, description="For a metric that Interlock does not know; it knows mae, mse, rmse, log_loss and others."
    )

    @property
    def sign(self) -> int:
        """-1 where a smaller value is the better one, else 1."""
        lower = lower_is_better(self.metric) if self.lower_is_better is None else self.lower_is_better
        return -1 if lower else 1


class BetterBy(_Compared):
    """The new version must be shown to be better than the champion by at least this."""

    by: Annotated[float, BeforeValidator(_between(0.0, "0%")), WithJsonSchema(_PERCENT)] = Field(
        description="A part of the champion's value: 1% of an accuracy of 80% is 0.8 points."
    )


class NotWorseBy(_Compared):
    """The new version must be shown to be not worse than the champion by as much as this."""

    by: Annotated[float, BeforeValidator(_between(0.0001, "0.01%")), WithJsonSchema(_PERCENT)] = Field(
        description="A part of the champion's value. A margin of zero could never be shown."
    )


class BiasLimit(Part):
    """How far a bias metric may lie from no bias."""

    metric: Annotated[str, Field(min_length=1, max_length=16)] = Field(description="As Clarify names it, e.g. DPPL.")
    facet: Annotated[str, Field(min_length=1, max_length=256)] = Field(description="The facet, for example contract.")
    at_most: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = Field(
        description="The largest distance from no bias (0; for the ratio DI, 1)."
    )


class Gate(Part):
    """What the new version must show, and who approves it."""

    approve: Literal["automatically", "by_person"] = Field(
        "by_person", description="Who approves a version that shows all of it."
    )
    better: Annotated[tuple[BetterBy, ...], Field(max_length=10)] = ()
    not_worse: Annotated[tuple[NotWorseBy, ...], Field(max_length=10)] = ()
    bias: Annotated[tuple[BiasLimit, ...], Field(max_length=20)] = ()
    min_samples: Annotated[int, Field(ge=30, le=1_000_000_000)] = Field(
        200, description="With fewer records in the evaluation, a person decides."
    )

    @field_validator("better", "not_worse")
    @classmethod
    def _each_metric_once(cls, rules: "tuple[_Compared, ...]") -> "tuple[_Compared, ...]":
        names = [rule.metric for rule in rules]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"{twice} stands here more than once; keep one")
        return rules

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        both = {rule.metric for rule in self.better} & {rule.metric for rule in self.not_worse}
        if both:
            raise ValueError(f"{min(both)} is in better and in not_worse; what is better is not worse, so keep better")
        if self.approve == "automatically" and not (self.better or self.not_worse):
            raise ValueError("approve: automatically needs a comparison; write better or not_worse, or by_person")
        return self
