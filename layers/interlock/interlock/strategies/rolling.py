"""Rolling: instance by instance, or in larger batches, the candidate takes stable's place.

Only SageMaker's guardrails can do this (docs: deployment-guardrails-rolling): they start a batch of new instances,
shift its part of the traffic, bake, end as many old instances, and begin again. So a release needs one batch of
instances more than serve now, not a second fleet.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, field_validator

from interlock.model.fields import Duration, Part
from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.strategies.strategy import LONGEST_NATIVE, LONGEST_NATIVE_BAKE, SHORTEST_BAKE, Strategy

SMALLEST_BATCH, LARGEST_BATCH = 5, 50
"""Percent of the fleet (botocore RollingUpdatePolicy.MaximumBatchSize)."""

BATCH_SPARE = 600
"""Seconds that each batch needs beside its bake, to start new instances and to end old ones."""


class Rolling(Part, Strategy):
    """Batch by batch, in the place of stable's instances."""

    kind: Literal["rolling"] = Field(description="Batch by batch, in the place of stable's instances.")
    batch: int = Field(
        ge=SMALLEST_BATCH,
        le=LARGEST_BATCH,
        description="Percent of the instances that are replaced at a time. A batch is whole instances, rounded down.",
    )
    rollback_batch: Annotated[int, Field(ge=SMALLEST_BATCH, le=LARGEST_BATCH)] | None = Field(
        None, description="Percent of the instances that a rollback puts back at a time. By default all at once."
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

    def native_obstacles(self, instances: int) -> list[str]:
        """The limits of a rolling deployment (botocore RollingUpdatePolicy; docs: deployment-guardrails-rolling,
        -exclusions)."""
        if not instances:
            return ["a rolling deployment replaces instances, and this endpoint has none of its own"]
        if instances == 1:
            return ["a rolling deployment needs at least two instances, and the fleet has one"]
        if self.batch * instances < 100:
            least = math.ceil(100 / instances)
            said = f"a batch must be at least one instance, and {self.batch} % of {instances} is less than one"
            return [f"{said} (write batch: {least} or more)"]
        taken, batches = self.native_wait(instances), self._batches(instances)
        if taken > LONGEST_NATIVE:
            said = f"guardrails have {in_words(LONGEST_NATIVE)}, and {batches} batches take {in_words(taken)}"
            return [f"{said} (write a larger batch, or a shorter bake)"]
        return []

    def native_share(self, instances: int) -> float:
        """The first batch, which is whole instances."""
        return 100.0 * _whole(self.batch, instances) / instances if instances else float(self.batch)

    def native_course(self, instances: int) -> str:
        """How many instances go at a time, and how long each batch bakes."""
        size = _whole(self.batch, instances)
        return f"replace {instances} instances, {size} at a time, bake each batch for {in_words(self.bake)}"

    def native_wait(self, instances: int) -> int:
        """A bake for each batch, and the time to start it and to end what it replaces."""
        return self._batches(instances) * (self.bake + BATCH_SPARE)

    def deployment_config(self, instances: int) -> Request:
        """Sizes as numbers of instances, since how SageMaker rounds percentages is not documented. It may take as long
        as SageMaker allows: how long a batch needs to start is not known."""
        back = {"RollbackMaximumBatchSize": _size(self.rollback_batch, instances)} if self.rollback_batch else {}
        return {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": _size(self.batch, instances),
                "WaitIntervalInSeconds": self.bake,
                "MaximumExecutionTimeoutInSeconds": LONGEST_NATIVE,
                **back,
            }
        }

    def _batches(self, instances: int) -> int:
        return math.ceil(instances / _whole(self.batch, instances))


def _whole(percent: int, instances: int) -> int:
    """``percent`` of the ``instances`` as whole ones: rounded down, but never less than SageMaker takes."""
    return max(instances * percent // 100, math.ceil(instances * SMALLEST_BATCH / 100), 1)


def _size(percent: int, instances: int) -> Request:
    return {"Type": "INSTANCE_COUNT", "Value": _whole(percent, instances)}
