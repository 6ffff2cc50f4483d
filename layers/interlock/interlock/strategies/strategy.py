"""What all strategies have in common, and what the planner asks of each."""

import math
from abc import ABC, abstractmethod
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from interlock.model.fields import Durations, Part
from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.strategies.allocation import Allocation
from interlock.strategies.batches import Batches

SHORTEST_BAKE = 60
"""Seconds: one period of SageMaker's metrics (docs: monitoring-cloudwatch)."""

LONGEST_BAKE = 30 * 86400
"""Seconds. A wait may last a year (Step Functions quotas); a month with two fleets is already more than anybody
wants."""

LONGEST_NATIVE_BAKE = 3600
"""Seconds; longest wait interval and termination wait of a native deployment (botocore BlueGreenUpdatePolicy,
RollingUpdatePolicy)."""

NATIVE_SPARE = 3600
"""Seconds of a blue/green deployment's timeout for starting and ending fleets, in addition to its waits."""

NO_COPIES = "guardrails cannot give the candidate copies of requests"


def lasts_long_enough(what: str, seconds: int) -> None:
    """Raises ValueError if ``what`` is measured, a bake or an A/B test, lasts too short or too long."""
    if not SHORTEST_BAKE <= seconds <= LONGEST_BAKE:
        raise ValueError(f"{what} lasts from 1m to 30d, for example 10m; got {in_words(seconds)}")


def are_apart(looks: int, what: str, seconds: int) -> None:
    """Raises ValueError if so many ``looks`` in ``seconds`` would be less than a period apart."""
    if looks * SHORTEST_BAKE > seconds:
        most = f"write at most {seconds // SHORTEST_BAKE} for {what} of {in_words(seconds)}"
        raise ValueError(f"looks must be at least a minute apart; {most}")


def _each(bake: int | tuple[int, ...]) -> tuple[int, ...]:
    return bake if isinstance(bake, tuple) else (bake,)


class Strategy(ABC):
    """How a candidate takes stable's place, and for how long it is watched meanwhile. What guardrails do with a fleet
    depends on how many ``instances`` it has."""

    @property
    @abstractmethod
    def shares(self) -> tuple[int, ...]:
        """The candidate's percentages of the traffic, one for each step. They grow, and the last is 100."""

    @property
    @abstractmethod
    def bakes(self) -> tuple[int, ...]:
        """Seconds for which each of the ``shares`` is watched. An A/B test leaves out the last: it has its winner by
        then."""

    @abstractmethod
    def deployment_config(self, instances: int) -> Request:
        """The DeploymentConfig that asks guardrails for this, without the alarms (botocore DeploymentConfig)."""

    @abstractmethod
    def native_wait(self, instances: int) -> int:
        """Seconds after which a native deployment should be over; PATIENCE is added to it."""

    @abstractmethod
    def native_share(self, instances: int) -> float:
        """Percent of the traffic that the candidate gets at the first step of guardrails."""

    @abstractmethod
    def native_course(self, instances: int) -> str:
        """What guardrails will do, as a verb with its objects."""

    @abstractmethod
    def native_obstacles(self, instances: int) -> list[str]:
        """Why guardrails cannot do this."""

    @property
    def weights_obstacles(self) -> list[str]:
        """Why variant weights cannot do this, whatever the endpoint is."""
        return []

    def batches(self, unit: str) -> Batches | None:
        """The batches in which it replaces instances or copies (``unit``: see batches.PLURALS); None if it does not."""
        return None

    @property
    def side_by_side(self) -> bool:
        """Whether stable and candidate can both be measured for a while, as two variants, and so can be compared."""
        return False

    @property
    def copied(self) -> float:
        """Percent of the requests of which the candidate gets copies as stable's shadow, before it answers any; 0 if it
        answers from the start."""
        return 0.0

    @property
    def shadow_bake(self) -> int:
        """Seconds for which stable and its shadow are compared."""
        return 0

    @property
    def names_winner(self) -> Literal["evidence", "person"] | None:
        """Who says which of two variants wins an A/B test; None if nothing is tested."""
        return None

    @property
    def brings_baseline(self) -> bool:
        """Whether the candidate is compared with a fresh copy of stable."""
        return False

    def compared_share(self, percent: int) -> float:
        """Percent of the traffic that stable gets while the candidate has ``percent``. With a baseline: what the
        baseline gets, which is the same as the candidate's share, or all that is left if that is less."""
        rest = 100.0 - percent
        return min(float(percent), rest) if self.brings_baseline else rest

    def allocation_at(self, percent: int) -> Allocation | None:
        """How the traffic is reallocated during the bake at ``percent``; None if it stays."""
        return None


class BlueGreen(Part, Strategy):
    """All of the candidate's fleet comes up beside stable's, and then the traffic moves."""

    kind: str

    @property
    def shares(self) -> tuple[int, ...]:
        """One step, to 100 %."""
        return (100,)

    @property
    def routing(self) -> Request:
        """How guardrails shift the traffic: one shift without a wait; what follows is the wait before stable ends
        (botocore TrafficRoutingConfig)."""
        return {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}

    def native_obstacles(self, instances: int) -> list[str]:
        """The longest bake that guardrails allow, and that no variant of theirs is a shadow."""
        obstacles = {
            NO_COPIES: self.copied,
            "guardrails bake for at most an hour": max(self.bakes) > LONGEST_NATIVE_BAKE,
        }
        return [said for said, stands in obstacles.items() if stands]

    def native_share(self, instances: int) -> float:
        """Guardrails shift whole instances (docs: deployment-guardrails-blue-green-canary, -linear); that they round
        up is an assumption."""
        return 100.0 * math.ceil(instances * self.shares[0] / 100) / instances if instances else float(self.shares[0])

    def native_course(self, instances: int) -> str:
        """The shift and its bakes."""
        return "shift the traffic, bake"

    def native_wait(self, instances: int) -> int:
        """One wait beside stable, and one before stable ends."""
        return self.bakes[0] + self.bakes[-1]

    def deployment_config(self, instances: int) -> Request:
        """A blue/green deployment with this ``routing``."""
        return {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": self.routing,
                "TerminationWaitInSeconds": self.bakes[-1],
                "MaximumExecutionTimeoutInSeconds": self.native_wait(instances) + NATIVE_SPARE,
            }
        }

    @property
    def side_by_side(self) -> bool:
        """Where there is a step before the one to 100 %, or copies before all steps."""
        return len(self.shares) > 1 or bool(self.copied)


class Baked(BlueGreen):
    """Each step of the traffic is watched for a bake."""

    bake: Durations = Field(
        600,
        description="How long each step is watched, 1m to 30d; or a list: the shadow, if any, each step, and 100 %.",
        json_schema_extra={"default": "10m"},
    )
    looks: int = Field(
        1, ge=1, le=100, description="How often the evidence is judged in each bake. A Fail ends the bake at any look."
    )
    traffic: Literal["auto", "native", "weights"] = Field(
        "auto", description="SageMaker's deployment guardrails (native), variant weights, or Interlock's choice (auto)."
    )

    @field_validator("bake")
    @classmethod
    def _bake_is_long_enough_to_measure(cls, bake: int | tuple[int, ...]) -> int | tuple[int, ...]:
        for each in _each(bake):
            lasts_long_enough("a bake", each)
        return bake

    @field_validator("looks")
    @classmethod
    def _looks_are_a_period_apart(cls, looks: int, info: ValidationInfo) -> int:
        are_apart(looks, "a bake", min(_each(info.data.get("bake", LONGEST_BAKE)), default=LONGEST_BAKE))
        return looks

    @model_validator(mode="after")
    def _every_step_has_its_bake(self) -> Self:
        steps = len(self.shares) + bool(self.copied)
        if isinstance(self.bake, tuple) and len(self.bake) != steps:
            included = "the shadow and 100 %" if self.copied else "100 %"
            said = f"{steps} steps, {included} included, need {steps} bakes, or one for all"
            raise ValueError(f"{said}, for example bake: 10m; got {len(self.bake)}")
        if self.copied and self.traffic == "native":
            raise ValueError(f"{NO_COPIES}; write traffic: weights, or leave the shadow out")
        if self.copied and self.brings_baseline:
            # one production variant beside a shadow (botocore CreateEndpointConfig.ShadowProductionVariants)
            raise ValueError("a shadow stands beside one variant only; leave out the baseline, or the shadow")
        return self

    @property
    def shadow_bake(self) -> int:
        """The first of the bakes."""
        return _each(self.bake)[0] if self.copied else 0

    @property
    def bakes(self) -> tuple[int, ...]:
        """One for all steps, or one for each; without that of the copies."""
        steps = len(self.shares)
        return self.bake[-steps:] if isinstance(self.bake, tuple) else (self.bake,) * steps
