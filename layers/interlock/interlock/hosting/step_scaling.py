"""Step scaling: so many instances more or fewer, by how far a metric is beyond a threshold."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from interlock.model.fields import Duration, Part
from interlock.model.request import Request
from interlock.model.step_policies import policy_name

MOST_STEPS = 20
"""Steps of a policy (AWS: "There can be at most 20 step adjustments per scaling policy", quoted in aws/aws-cdk
#27020)."""

_TYPES = {"change": "ChangeInCapacity", "percent": "PercentChangeInCapacity", "exact": "ExactCapacity"}


class ScalingStep(Part):
    """What follows when the metric is so far beyond the threshold."""

    beyond: float = Field(0.0, ge=0, description="From so far beyond the threshold on; the first step has 0.")
    adjust: int = Field(description="Instances or per cent more, or fewer if negative; or how many there are then.")


class StepScaling(Part):
    """A step scaling policy, with the alarm that starts it."""

    metric: Literal["invocations_per_instance", "cpu", "gpu", "memory"] = Field(
        description="What the variant reports: requests of an instance per minute, or per cent of its cores or memory."
    )
    above: float | None = Field(
        None, gt=0, lt=1e9, multiple_of=0.001, description="It starts when the metric is at least this."
    )
    below: float | None = Field(
        None, gt=0, lt=1e9, multiple_of=0.001, description="It starts when the metric is at most this."
    )
    minutes: int = Field(3, ge=1, le=60, description="For so many minutes in a row.")
    adjustment: Literal["change", "percent", "exact"] = Field(
        "change", description="What adjust counts: instances, per cent of them, or how many there are then."
    )
    steps: tuple[ScalingStep, ...] = Field(min_length=1, max_length=MOST_STEPS)
    cooldown: Duration = Field(
        300, description="After it acted, the time until it acts again.", json_schema_extra={"default": "5m"}
    )

    @model_validator(mode="after")
    def _each_value_has_one_step(self) -> Self:
        """As AWS requires of step adjustments: neither gap nor overlap (botocore StepAdjustment)."""
        if (self.above is None) == (self.below is None):
            raise ValueError("write above or below, the threshold at which it starts, and not both")
        beyond = [step.beyond for step in self.steps]
        if beyond[0] or any(one >= next_ for one, next_ in pairwise(beyond)):
            raise ValueError(f"the first step is beyond: 0, and each further one is beyond more; got {beyond}")
        if self.adjustment == "exact":
            wrong = [step.adjust for step in self.steps if step.adjust < 1]
            said = "exact says how many instances there are then; write 1 or more"
        else:
            wrong = [step.adjust for step in self.steps if step.adjust * (1 if self.above else -1) <= 0]
            said = (
                "above adds instances and below removes some; write adjust above zero with above, below zero with below"
            )
        if wrong:
            raise ValueError(f"{said}; got {wrong[0]}")
        return self

    @property
    def name(self) -> str:
        """The name of the policy, which says everything about its alarm."""
        side, threshold = ("above", self.above) if self.above else ("below", self.below)
        return policy_name(self.metric, side, threshold or 0.0, self.minutes)

    @property
    def policy(self) -> Request:
        """The scaling policy (botocore PutScalingPolicy)."""
        ends = [*(step.beyond for step in self.steps[1:]), None]
        return {
            "PolicyName": self.name,
            "PolicyType": "StepScaling",
            "StepScalingPolicyConfiguration": {
                "AdjustmentType": _TYPES[self.adjustment],
                "StepAdjustments": [self._step(step, end) for step, end in zip(self.steps, ends, strict=True)],
                "Cooldown": self.cooldown,
                "MetricAggregationType": "Average",
            },
        }

    def _step(self, step: ScalingStep, end: float | None) -> Request:
        """Bounds count from the threshold; below it they are negative."""
        near, far = ("Lower", "Upper") if self.above else ("Upper", "Lower")
        sign = 1.0 if self.above else -1.0
        bounds = {f"MetricInterval{near}Bound": sign * step.beyond or 0.0}
        if end is not None:
            bounds[f"MetricInterval{far}Bound"] = sign * end
        return {**bounds, "ScalingAdjustment": step.adjust}
