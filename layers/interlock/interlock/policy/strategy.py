"""How traffic moves and how it is watched, as a team writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from interlock.evidence.metrics import Metric
from interlock.model.fields import SHARE_SCHEMA, Duration, Section
from interlock.model.quantities import fraction, in_words
from interlock.policy.rules import EvidenceRule

SHORTEST_BAKE = 60
"""Seconds: one period of SageMaker's metrics (docs: monitoring-cloudwatch)."""

SMALLEST_FLOOR, LARGEST_FLOOR = 0.01, 0.5
"""Of an allocation: without some traffic a variant is never known better, and two cannot each have more than half."""

LONGEST_BAKE = 30 * 86400
"""Seconds. A wait may last a year (Step Functions quotas); a month of two fleets is already more than anybody means."""


class Allocation(Section):
    """How an A/B test shares the traffic while it runs."""

    kind: Literal["thompson"] = Field(
        description="By Thompson sampling: a variant's share is the probability that it is the better one."
    )
    floor: Annotated[float, WithJsonSchema(SHARE_SCHEMA | {"default": "10%"})] = Field(
        0.1, description="The least that either variant gets, 1% to 50%."
    )

    @field_validator("floor", mode="before")
    @classmethod
    def _both_variants_are_seen(cls, written: object) -> float:
        floor = fraction(written)
        if not SMALLEST_FLOOR <= floor <= LARGEST_FLOOR:
            raise ValueError(f"write from 1% to 50%, for example 10%; got {written!r}")
        return floor


class Strategy(Section):
    """How traffic moves, and how it is watched."""

    kind: Literal["all_at_once", "canary"] = Field(description="All traffic at once, or step by step.")
    steps: tuple[Annotated[int, Field(ge=1, le=99)], ...] = Field(
        (), description="The candidate's percentages before the last one, which is always 100."
    )
    bake: Annotated[Duration, Field(json_schema_extra={"default": "10m"})] = Field(
        600, description="How long each step is watched, 1m to 30d."
    )
    looks: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="How often the evidence is judged in each bake; a failure ends it at any look."
    )
    traffic: Literal["auto", "native", "weights"] = Field(
        "auto", description="SageMaker's deployment guardrails, variant weights, or what Interlock chooses."
    )
    baseline: bool = Field(
        False, description="Whether a fresh variant of stable, as large as the candidate, is what it is compared with."
    )
    allocation: Allocation | None = Field(
        None, description="Moves the traffic of an A/B test to the better variant at its looks. Left out, it stays."
    )

    @field_validator("bake")
    @classmethod
    def _bake_is_long_enough_to_measure(cls, bake: int) -> int:
        if not SHORTEST_BAKE <= bake <= LONGEST_BAKE:
            raise ValueError(f"a bake lasts from 1m to 30d, for example 10m; got {in_words(bake)}")
        return bake

    @field_validator("looks")
    @classmethod
    def _looks_are_a_period_apart(cls, looks: int, info: ValidationInfo) -> int:
        bake = info.data.get("bake", LONGEST_BAKE)
        if looks * SHORTEST_BAKE > bake:
            most = bake // SHORTEST_BAKE
            raise ValueError(f"looks are a minute apart or more; write at most {most} for a bake of {in_words(bake)}")
        return looks

    @field_validator("baseline")
    @classmethod
    def _a_baseline_stands_beside(cls, baseline: bool, info: ValidationInfo) -> bool:
        if baseline and (info.data.get("kind") == "all_at_once" or info.data.get("traffic") == "native"):
            raise ValueError(
                "only weights bring up a baseline; write kind: canary and traffic: weights, or leave it out"
            )
        return baseline

    @field_validator("allocation")
    @classmethod
    def _traffic_can_be_shared_anew(cls, allocation: Allocation | None, info: ValidationInfo) -> Allocation | None:
        written = info.data
        if allocation is None:
            return None
        if written.get("kind") == "all_at_once" or written.get("traffic") == "native":
            raise ValueError(
                "only weights share traffic anew; write kind: canary and traffic: weights, or leave it out"
            )
        if written.get("baseline"):
            raise ValueError("a baseline keeps the candidate's share; write baseline: false, or leave this out")
        if written.get("looks") == 1:
            raise ValueError("traffic is shared anew between looks; write looks: 2 or more, or leave this out")
        return allocation

    @model_validator(mode="after")
    def _steps_fit_the_kind(self) -> Self:
        if self.kind == "canary" and not self.steps:
            raise ValueError("a canary needs steps, for example steps: [5, 25, 50]")
        if self.kind == "all_at_once" and self.steps:
            raise ValueError("all_at_once has no steps; remove them, or write kind: canary")
        if list(self.steps) != sorted(set(self.steps)):
            raise ValueError(f"steps must grow, for example [5, 25, 50]; got {list(self.steps)}")
        return self


def without_a_goal(rules: tuple[EvidenceRule, ...], catalog: Mapping[str, Metric]) -> str | None:
    """Why ``rules`` do not tell an allocation which variant is the better one; None if they do."""
    goals = [rule.metric for rule in rules if rule.bound == "better_by"]
    if len(goals) != 1:
        got = f"{', '.join(goals)} have it" if goals else "none has it"
        return f"strategy.allocation follows one goal; write better_by in exactly one rule, or leave it out; {got}"
    if not catalog[goals[0]].kind.allocates:
        return f"strategy.allocation follows a rate, which {goals[0]} is not; write better_by for one, or leave it out"
    return None
