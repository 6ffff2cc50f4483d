"""Rolling: instance by instance, or in larger batches, the candidate takes stable's place.

Only SageMaker's guardrails can do this (docs: deployment-guardrails-rolling): they start a batch of new instances,
shift its part of the traffic, bake, end as many old instances, and begin again. So a release needs one batch of
instances more than serve now, not a second fleet.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from interlock.model.fields import Duration, Part
from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.strategies.batches import LARGEST_BATCH, SMALLEST_BATCH, Batches, whole
from interlock.strategies.strategy import LONGEST_NATIVE_BAKE, SHORTEST_BAKE, Strategy


class Rolling(Part, Strategy):
    """Batch by batch, in the place of stable's instances."""

    kind: Literal["rolling"] = Field(description="Batch by batch, in the place of stable's instances or copies.")
    batch: int = Field(
        ge=SMALLEST_BATCH,
        le=LARGEST_BATCH,
        description="Percent that is replaced at a time. A batch is whole instances, or copies, rounded down.",
    )
    rollback_batch: Annotated[int, Field(ge=SMALLEST_BATCH, le=LARGEST_BATCH)] | None = Field(
        None, description="Percent that a rollback puts back at a time. By default all at once."
    )
    bake: Duration = Field(
        600, description="How long each batch is watched, 1m to 1h.", json_schema_extra={"default": "10m"}
    )

    @field_validator("bake")
    @classmethod
    def _bake_is_one_that_guardrails_take(cls, bake: int) -> int:
        if not SHORTEST_BAKE <= bake <= LONGEST_NATIVE_BAKE:
            raise ValueError(f"a batch is watched from 1m to 1h, for example 10m; got {in_words(bake)}")
        return bake

    @property
    def shares(self) -> tuple[int, ...]:
        """After each batch, if batches of this percentage were whole instances."""
        return (*range(self.batch, 100, self.batch), 100)

    @property
    def bakes(self) -> tuple[int, ...]:
        """The same for each batch."""
        return (self.bake,) * len(self.shares)

    @property
    def traffic(self) -> Literal["auto"]:
        """There is nothing to choose: only guardrails can do this."""
        return "auto"

    @property
    def looks(self) -> int:
        """Guardrails watch the alarms all the time, and nothing is judged before the bake is over."""
        return 1

    @property
    def weights_obstacles(self) -> list[str]:
        """Weights divide the traffic between fleets that are both there."""
        return ["variant weights cannot replace the instances of a fleet in batches"]

    def batches(self, unit: str) -> Batches:
        """The batches of instances, or of copies."""
        return Batches(unit, self.batch, self.rollback_batch, self.bake)

    def native_obstacles(self, instances: int) -> list[str]:
        """The limits of a rolling deployment (botocore RollingUpdatePolicy; docs: deployment-guardrails-rolling,
        -exclusions)."""
        return self.batches("instance").obstacles(instances)

    def native_share(self, instances: int) -> float:
        """The first batch, which is whole instances."""
        return 100.0 * whole(self.batch, instances) / instances if instances else float(self.batch)

    def native_course(self, instances: int) -> str:
        """How many instances go at a time, and how long each batch bakes."""
        return self.batches("instance").course(instances)

    def native_wait(self, instances: int) -> int:
        """A bake for each batch, and the time to start it and to end what it replaces."""
        return self.batches("instance").wait(instances)

    def deployment_config(self, instances: int) -> Request:
        """Batches of so many instances."""
        return self.batches("instance").config(instances)
