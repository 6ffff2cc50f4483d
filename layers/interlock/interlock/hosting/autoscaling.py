"""Autoscaling: how many instances a variant has, by how many requests each of them gets, or by steps."""

from pydantic import Field

from interlock.hosting.step_scaling import StepScaling
from interlock.model.fields import Duration, Part
from interlock.model.request import Request

POLICY_NAME = "interlock-invocations-per-instance"
METRIC = "SageMakerVariantInvocationsPerInstance"


class Autoscaling(Part):
    """Target tracking: Application Auto Scaling keeps the requests of each instance near a number. Or step scaling, or
    both."""

    min: int = Field(ge=1, description="The fewest instances.")
    max: int = Field(le=1000, description="The most instances.")
    invocations_per_instance: float | None = Field(
        None, gt=0, description="Requests that an instance should get per minute, on average."
    )
    by_steps: tuple[StepScaling, ...] = Field(
        (), max_length=10, description="Step scaling policies, each with an alarm of its own."
    )
    scale_in_cooldown: Duration = Field(
        300, description="After instances were removed, the time until more are.", json_schema_extra={"default": "5m"}
    )
    scale_out_cooldown: Duration = Field(
        300, description="After instances were added, the time until more are.", json_schema_extra={"default": "5m"}
    )

    def excludes(self, instances: int) -> str:
        """Why a variant cannot begin with so many ``instances``; empty if it can."""
        if self.min > self.max:
            return f"min is {self.min}, and max is {self.max}; write a max that is not smaller"
        if not self.invocations_per_instance and not self.by_steps:
            return "nothing says when to scale; write invocations_per_instance, or by_steps"
        if wrong := next((each.unusable for each in self.by_steps if each.unusable), ""):
            return f"by_steps: {wrong}"
        names = [step.name for step in self.by_steps]
        if len(set(names)) < len(names):
            return "two of by_steps start at the same threshold; write their steps as one policy"
        if self.min <= instances <= self.max:
            return ""
        return (
            f"scales from {self.min} to {self.max}, and instances is {instances}; write instances within these bounds"
        )

    @property
    def target(self) -> Request:
        """The bounds (botocore RegisterScalableTarget)."""
        return {"MinCapacity": self.min, "MaxCapacity": self.max}

    @property
    def policies(self) -> list[Request]:
        """The scaling policies (botocore PutScalingPolicy)."""
        return [*([self._tracking] if self.invocations_per_instance else []), *(each.policy for each in self.by_steps)]

    @property
    def _tracking(self) -> Request:
        return {
            "PolicyName": POLICY_NAME,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": self.invocations_per_instance,
                "PredefinedMetricSpecification": {"PredefinedMetricType": METRIC},
                "ScaleInCooldown": self.scale_in_cooldown,
                "ScaleOutCooldown": self.scale_out_cooldown,
            },
        }
