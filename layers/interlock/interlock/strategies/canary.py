"""A canary: the candidate gets a few percent first, then more, by the steps that the policy lists."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from interlock.model.request import Request
from interlock.strategies.gradual import Gradual

MAX_CANARY_PERCENT = 50
"""Largest canary of a native deployment (botocore TrafficRoutingConfig.CanarySize)."""


class Canary(Gradual):
    """Step by step, by percentages that the policy lists."""

    model_config = ConfigDict(json_schema_extra={"required": ["kind", "steps"]})

    kind: Literal["canary"] = Field(description="Step by step, as listed in steps.")
    steps: tuple[Annotated[int, Field(ge=1, le=99)], ...] = Field(
        (), description="The candidate's percentages before the last one, which is always 100."
    )

    @model_validator(mode="after")
    def _steps_grow(self) -> Self:
        if not self.steps:
            raise ValueError("a canary needs steps, for example steps: [5, 25, 50]")
        if list(self.steps) != sorted(set(self.steps)):
            raise ValueError(f"steps must grow, for example [5, 25, 50]; got {list(self.steps)}")
        return self

    @property
    def shares(self) -> tuple[int, ...]:
        """The steps of the policy, and 100 %."""
        return (*self.steps, 100)

    @property
    def routing(self) -> Request:
        """The first step as a share of the new fleet (botocore TrafficRoutingConfig)."""
        size = {"Type": "CAPACITY_PERCENT", "Value": self.steps[0]}
        return {"Type": "CANARY", "WaitIntervalInSeconds": self.bakes[0], "CanarySize": size}

    def native_obstacles(self, instances: int) -> list[str]:
        """Guardrails shift a canary in two steps, the first at most half (botocore TrafficRoutingConfig.CanarySize)."""
        obstacles = {
            "guardrails allow only one canary step, and the policy has several": len(self.steps) > 1,
            f"a guardrail canary takes at most {MAX_CANARY_PERCENT} %": max(self.steps) > MAX_CANARY_PERCENT,
            "a guardrail canary needs at least two instances, and the fleet has one": instances < 2,
        }
        return [said for said, stands in obstacles.items() if stands] + super().native_obstacles(instances)
