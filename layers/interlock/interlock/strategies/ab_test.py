"""An A/B test: stable and candidate share the traffic for a while. The winner then gets all of it, and the loser is
retired."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from interlock.model.fields import Duration
from interlock.strategies.allocation import Allocation
from interlock.strategies.strategy import LONGEST_BAKE, BlueGreen, are_apart, lasts_long_enough


class AbTest(BlueGreen):
    """Stable and candidate share the traffic for a while, and the winner gets all of it."""

    kind: Literal["ab_test"] = Field(description="Side by side for a while; the winner gets all traffic.")
    share: Annotated[int, Field(ge=1, le=99)] = Field(
        50, description="The candidate's percentage of the traffic while the test runs."
    )
    duration: Duration = Field(description="How long the test runs, 1m to 30d. Whole weeks hold every weekday.")
    looks: int = Field(
        1,
        ge=1,
        le=100,
        description="How often the evidence is judged meanwhile. A Fail ends the test at any look.",
    )
    winner: Literal["evidence", "person"] = Field(
        "evidence", description="Who names the winner: the rules with better_by, or a person who is asked at the end."
    )
    baseline: bool = Field(
        False, description="Compares the candidate with a fresh copy of stable, which is as large as the candidate."
    )
    allocation: Allocation | None = Field(None, description="Moves the traffic to the better variant at each look.")

    @field_validator("duration")
    @classmethod
    def _the_test_is_long_enough_to_measure(cls, duration: int) -> int:
        lasts_long_enough("an A/B test", duration)
        return duration

    @field_validator("looks")
    @classmethod
    def _looks_are_a_period_apart(cls, looks: int, info: ValidationInfo) -> int:
        are_apart(looks, "an A/B test", info.data.get("duration", LONGEST_BAKE))
        return looks

    @field_validator("allocation")
    @classmethod
    def _traffic_can_be_shared_anew(cls, allocation: Allocation | None, info: ValidationInfo) -> Allocation | None:
        if allocation and info.data.get("baseline"):
            raise ValueError("an allocation cannot be used with a baseline; write baseline: false, or leave this out")
        if allocation and info.data.get("looks") == 1:
            raise ValueError(
                "an allocation changes the traffic between looks; write looks: 2 or more, or leave this out"
            )
        return allocation

    @property
    def traffic(self) -> Literal["auto"]:
        """There is nothing to choose: only weights can do this."""
        return "auto"

    @property
    def shares(self) -> tuple[int, ...]:
        """The share of the test, and 100 % for a candidate that has won."""
        return (self.share, 100)

    @property
    def bakes(self) -> tuple[int, ...]:
        """The test. After it nothing is left to compare the winner with."""
        return (self.duration,)

    def native_obstacles(self, instances: int) -> list[str]:
        """Guardrails know alarms only (botocore AutoRollbackConfiguration), and no alarm names a winner."""
        return ["guardrails cannot say which of two variants wins an A/B test"]

    @property
    def names_winner(self) -> Literal["evidence", "person"]:
        """What the policy says."""
        return self.winner

    @property
    def brings_baseline(self) -> bool:
        """What the policy says."""
        return self.baseline

    def allocation_at(self, percent: int) -> Allocation | None:
        """The allocation of the policy, while the test runs."""
        return self.allocation if percent < 100 else None
