"""Batches in which guardrails replace what serves: the instances of an endpoint, or the copies of an inference
component (botocore RollingUpdatePolicy, InferenceComponentRollingUpdatePolicy, which have the same limits)."""

import math
from typing import NamedTuple

from interlock.model.quantities import in_words
from interlock.model.request import Request

LONGEST_NATIVE = 28_800
"""Seconds; longest MaximumExecutionTimeoutInSeconds, which must hold all waits (botocore BlueGreenUpdatePolicy,
RollingUpdatePolicy)."""

SMALLEST_BATCH, LARGEST_BATCH = 5, 50
"""Percent of all (MaximumBatchSize)."""

BATCH_SPARE = 600
"""Seconds that each batch needs beside its bake, to start what is new and to end what it replaces."""

PLURALS = {"instance": "instances", "copy": "copies"}


class Batches(NamedTuple):
    """``batch`` percent at a time, each watched for ``bake`` seconds, and ``rollback`` percent at a time back (None:
    all at once). ``unit``: a key of PLURALS. It is a tuple because a dataclass takes longer to make."""

    unit: str
    batch: int
    rollback: int | None
    bake: int

    @property
    def units(self) -> str:
        return PLURALS[self.unit]

    def obstacles(self, total: int) -> list[str]:
        """Why ``total`` units cannot be replaced so."""
        if not total:
            return [f"a rolling deployment replaces {self.units}, and there are none"]
        if total == 1:
            return [f"a rolling deployment needs at least two {self.units}, and there is one"]
        if self.batch * total < 100:
            least = math.ceil(100 / total)
            said = f"a batch must be at least one {self.unit}, and {self.batch} % of {total} is less than one"
            return [f"{said} (write batch: {least} or more)"]
        taken, batches = self.wait(total), self._number(total)
        if taken > LONGEST_NATIVE:
            said = f"guardrails have {in_words(LONGEST_NATIVE)}, and {batches} batches take {in_words(taken)}"
            return [f"{said} (write a larger batch, or a shorter bake)"]
        return []

    def course(self, total: int) -> str:
        """How many go at a time, and how long each batch bakes, as a verb with its objects."""
        size = whole(self.batch, total)
        return f"replace {total} {self.units}, {size} at a time, bake each batch for {in_words(self.bake)}"

    def wait(self, total: int) -> int:
        """Seconds: a bake for each batch, and the time to start it and to end what it replaces."""
        return self._number(total) * (self.bake + BATCH_SPARE)

    def config(self, total: int) -> Request:
        """The DeploymentConfig without alarms. Sizes as numbers of units, since how SageMaker rounds percentages is not
        documented. It may take as long as SageMaker allows: how long a batch needs to start is not known."""
        back = {"RollbackMaximumBatchSize": self._size(self.rollback, total)} if self.rollback else {}
        return {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": self._size(self.batch, total),
                "WaitIntervalInSeconds": self.bake,
                "MaximumExecutionTimeoutInSeconds": LONGEST_NATIVE,
                **back,
            }
        }

    def _number(self, total: int) -> int:
        return math.ceil(total / whole(self.batch, total))

    def _size(self, percent: int, total: int) -> Request:
        return {"Type": f"{self.unit.upper()}_COUNT", "Value": whole(percent, total)}


def whole(percent: int, total: int) -> int:
    """``percent`` of ``total`` as whole ones: rounded down, but never less than SageMaker takes."""
    return max(total * percent // 100, math.ceil(total * SMALLEST_BATCH / 100), 1)
