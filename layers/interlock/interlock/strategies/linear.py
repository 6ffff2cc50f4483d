"""Linear: the candidate's share grows by equal steps until it has all traffic."""

from typing import Annotated, Literal

from pydantic import Field

from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.strategies.batches import LONGEST_NATIVE
from interlock.strategies.gradual import Gradual
from interlock.strategies.strategy import NATIVE_SPARE

SMALLEST_NATIVE_STEP, LARGEST_NATIVE_STEP = 10, 50
"""Percent of the new fleet (botocore TrafficRoutingConfig.LinearStepSize; docs:
deployment-guardrails-blue-green-linear)."""


class Linear(Gradual):
    """By equal steps."""

    kind: Literal["linear"] = Field(description="By equal steps of the size in step.")
    step: Annotated[int, Field(ge=1, le=99)] = Field(
        description="Percentage that each step adds, until the candidate has all traffic: 20 is 20, 40, 60, 80, 100."
    )

    @property
    def shares(self) -> tuple[int, ...]:
        """Every multiple of the step below 100 %, and 100 %."""
        return (*range(self.step, 100, self.step), 100)

    @property
    def routing(self) -> Request:
        """Each step as a share of the new fleet (botocore TrafficRoutingConfig)."""
        size = {"Type": "CAPACITY_PERCENT", "Value": self.step}
        return {"Type": "LINEAR", "WaitIntervalInSeconds": self.bakes[0], "LinearStepSize": size}

    def native_wait(self, instances: int) -> int:
        """One wait after each step, the last before stable ends (docs: deployment-guardrails-blue-green-linear)."""
        return sum(self.bakes)

    def native_obstacles(self, instances: int) -> list[str]:
        """Guardrails shift whole instances of the new fleet. How they round is not documented (docs:
        deployment-guardrails-blue-green-linear), so a step must be at least one instance."""
        left = LONGEST_NATIVE - NATIVE_SPARE
        taken = self.native_wait(instances)
        wait = f"guardrails leave {in_words(left)} for all bakes together, and these take {in_words(taken)}"
        size = f"a guardrail step must be from {SMALLEST_NATIVE_STEP} to {LARGEST_NATIVE_STEP} %"
        whole = f"a guardrail step must be at least one instance, and {self.step} % of {instances} is less than one"
        obstacles = {
            size: not SMALLEST_NATIVE_STEP <= self.step <= LARGEST_NATIVE_STEP,
            whole: self.step * instances < 100,
            wait: taken > left,
            "guardrails wait equally long after each step but the last": len(set(self.bakes[:-1])) > 1,
        }
        return [said for said, stands in obstacles.items() if stands] + super().native_obstacles(instances)
