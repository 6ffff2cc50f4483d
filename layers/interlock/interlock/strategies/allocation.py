"""How an A/B test shares its traffic while it runs."""

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema, field_validator

from interlock.model.fields import SHARE_SCHEMA, Part
from interlock.model.quantities import fraction

SMALLEST_FLOOR, LARGEST_FLOOR = 0.01, 0.5
"""Without some traffic, a variant can never be proven better; and two variants cannot both have more than half."""


class Allocation(Part):
    """How an A/B test shares the traffic while it runs."""

    kind: Literal["thompson"] = Field(
        description="By Thompson sampling: a variant's share is the probability that it is the better one."
    )
    floor: Annotated[float, WithJsonSchema(SHARE_SCHEMA | {"default": "10%"})] = Field(
        0.1, description="The smallest share that either variant keeps, 1% to 50%."
    )

    @field_validator("floor", mode="before")
    @classmethod
    def _both_variants_are_seen(cls, written: object) -> float:
        floor = fraction(written)
        if not SMALLEST_FLOOR <= floor <= LARGEST_FLOOR:
            raise ValueError(f"write from 1% to 50%, for example 10%; got {written!r}")
        return floor
