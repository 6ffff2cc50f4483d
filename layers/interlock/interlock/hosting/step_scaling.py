"""Step scaling: so many instances more or fewer, by how far a metric is beyond a threshold."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from interlock.model.fields import Duration, Part, Written
from interlock.model.request import Request
from interlock.model.step_policies import policy_name

MOST_STEPS = 20
"""Steps of a policy (AWS: "There can be at most 20 step adjustments per scaling policy", quoted in aws/aws-cdk
#27020)."""

MOST_BEYOND = 1e9
LONGEST_ROW = 60
"""Minutes in a row."""

_TYPES = {"change": "ChangeInCapacity", "percent": "PercentChangeInCapacity", "exact": "ExactCapacity"}


def _steps(written: object) -> tuple[tuple[float, int], ...]:
    """Each step as how far beyond the threshold it begins, and what it adjusts. No model of its own: that would cost
    every function a part of its start-up."""
    if not isinstance(written, list) or not 1 <= len(written) <= MOST_STEPS:
        raise ValueError(f"write 1 to {MOST_STEPS} steps, for example [{{adjust: 1}}, {{beyond: 20, adjust: 3}}]")
    return tuple(_step(each) for each in written)


def _step(written: object) -> tuple[float, int]:
    step = written if isinstance(written, dict) and written.keys() <= {"beyond", "adjust"} else {}
    beyond, adjust = step.get("beyond", 0), step.get("adjust")
    if type(adjust) is not int or type(beyond) not in (int, float) or not 0 <= beyond < MOST_BEYOND:
        raise ValueError(f"a step has adjust, a whole number, and perhaps beyond, 0 or more; got {written!r}")
    return float(beyond), adjust


_STEP = {
    "type": "object",
    "properties": {"beyond": {"type": "number", "minimum": 0}, "adjust": {"type": "integer"}},
    "required": ["adjust"],
    "additionalProperties": False,
}
_STEPS = {"type": "array", "items": _STEP, "minItems": 1, "maxItems": MOST_STEPS}


class StepScaling(Part):
    """A step scaling policy, with the alarm that starts it."""

    metric: Literal["invocations_per_instance", "cpu", "gpu", "memory"] = Field(
        description="What the variant reports: requests of an instance per minute, or per cent of its cores or memory."
    )
    above: float | None = Field(None, description="It starts when the metric is at least this, above zero.")
    below: float | None = Field(None, description="It starts when the metric is at most this, above zero.")
    minutes: int = Field(3, description="For so many minutes in a row, 1 to 60.")
    adjustment: Literal["change", "percent", "exact"] = Field(
        "change", description="What adjust counts: instances, per cent of them, or how many there are then."
    )
    steps: Annotated[tuple[tuple[float, int], ...], Written(_steps, _STEPS)] = Field(
        description="beyond: from so far beyond the threshold on, the first step from 0; adjust: what it adjusts."
    )
    cooldown: Duration = Field(
        300, description="After it acted, the time until it acts again.", json_schema_extra={"default": "5m"}
    )

    @property
    def unusable(self) -> str:
        """Why AWS would not take it, or what is odd in it; empty if nothing is. Step adjustments have neither gap nor
        overlap (botocore StepAdjustment)."""
        if (self.above is None) == (self.below is None):
            return "write above or below, the threshold at which it starts, and not both"
        threshold = self.above or self.below or 0.0
        if not 0 < threshold < MOST_BEYOND or round(threshold, 3) != threshold:
            return f"write a threshold above zero, with at most three decimals; got {threshold}"
        if not 1 <= self.minutes <= LONGEST_ROW:
            return f"write minutes from 1 to {LONGEST_ROW}; got {self.minutes}"
        beyond = [each for each, _ in self.steps]
        if beyond[0] or any(one >= next_ for one, next_ in pairwise(beyond)):
            return f"the first step is beyond: 0, and each further one is beyond more; got {beyond}"
        if self.adjustment == "exact":
            wrong = [adjust for _, adjust in self.steps if adjust < 1]
            said = "exact says how many instances there are then; write 1 or more"
        else:
            wrong = [adjust for _, adjust in self.steps if adjust * (1 if self.above else -1) <= 0]
            said = (
                "above adds instances and below removes some; write adjust above zero with above, below zero with below"
            )
        return f"{said}; got {wrong[0]}" if wrong else ""

    @property
    def name(self) -> str:
        """The name of the policy, which says everything about its alarm."""
        side, threshold = ("above", self.above) if self.above else ("below", self.below)
        return policy_name(self.metric, side, threshold or 0.0, self.minutes)

    @property
    def policy(self) -> Request:
        """The scaling policy (botocore PutScalingPolicy)."""
        ends = [*(each for each, _ in self.steps[1:]), None]
        return {
            "PolicyName": self.name,
            "PolicyType": "StepScaling",
            "StepScalingPolicyConfiguration": {
                "AdjustmentType": _TYPES[self.adjustment],
                "StepAdjustments": [self._bounds(step, end) for step, end in zip(self.steps, ends, strict=True)],
                "Cooldown": self.cooldown,
                "MetricAggregationType": "Average",
            },
        }

    def _bounds(self, step: tuple[float, int], end: float | None) -> Request:
        """Bounds count from the threshold; below it they are negative."""
        near, far = ("Lower", "Upper") if self.above else ("Upper", "Lower")
        sign = 1.0 if self.above else -1.0
        bounds = {f"MetricInterval{near}Bound": sign * step[0] or 0.0}
        if end is not None:
            bounds[f"MetricInterval{far}Bound"] = sign * end
        return {**bounds, "ScalingAdjustment": step[1]}
