"""A person's approval before a stage or a step of it, and whether the rest of the stage has a step that can wait."""

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from interlock.hosting.registry import AnyHosting
from interlock.model.approval_words import STAGE
from interlock.model.fields import Duration, Part, SageMakerName, Written
from interlock.model.quantities import in_words
from interlock.strategies.registry import AnyStrategy

SHORTEST_ANSWER, LONGEST_ANSWER = 60, 7 * 86_400
"""Seconds for an answer. Two fleets serve while a person is asked."""


class LifeCycle(Part):
    """What the package's ModelLifeCycle must say (botocore ModelLifeCycle: Stage and StageStatus are EntityNames)."""

    stage: SageMakerName = Field(description="The Stage, for example Production.")
    status: SageMakerName = Field(description="The StageStatus, for example Approved.")

    def __str__(self) -> str:
        return f"{self.stage}/{self.status}"


def _one_or_several(written: object) -> tuple[int | str, ...]:
    several: list[Any] = written if isinstance(written, list) else [written]
    steps = [each for each in several if each != STAGE]
    if not several or not all(type(each) is int and 1 <= each <= 100 for each in steps):
        said = f"write a percentage of the strategy's steps, or a list, for example 100; or {STAGE}; got {written!r}"
        raise ValueError(said)
    return (*([STAGE] if STAGE in several else []), *sorted(set(steps)))


_PERCENT = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 100}, {"const": STAGE}]}
Steps = Annotated[
    tuple[int | str, ...],
    Written(_one_or_several, {"anyOf": [_PERCENT, {"type": "array", "items": _PERCENT, "minItems": 1}]}),
]


class StepApproval(Part):
    """Before these steps, or before the stage begins, a person must say yes."""

    before: Steps = Field(
        description="The step before which a person is asked, as its percentage; or stage, before it begins; or a list."
    )
    within: Duration = Field(
        86_400,
        description="How long the release waits for the answer, 1m to 7d. No answer is a refusal.",
        json_schema_extra={"default": "24h"},
    )
    life_cycle: LifeCycle | None = Field(
        None, description="The package's ModelLifeCycle says yes, too, if it is changed to this during the release."
    )

    @field_validator("within")
    @classmethod
    def _a_person_has_time(cls, within: int) -> int:
        if not SHORTEST_ANSWER <= within <= LONGEST_ANSWER:
            raise ValueError(f"a person has from 1m to 7d to answer, for example 24h; got {in_words(within)}")
        return within

    @model_validator(mode="after")
    def _a_life_cycle_says_yes_once(self) -> "StepApproval":
        if self.life_cycle and len(self.before) > 1:
            raise ValueError("a life_cycle says yes once; write one step under before, or leave it out")
        return self

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps before which a person is asked, as percentages."""
        return tuple(each for each in self.before if isinstance(each, int))


def answer_time(approval: "StepApproval | None") -> int:
    """Seconds for which a release waits for all its answers at most, once it has begun."""
    return len(approval.steps) * approval.within if approval else 0


def unaskable(before: tuple[int, ...], section: str, strategy: AnyStrategy, hosting: AnyHosting) -> str | None:
    """Why nobody can be asked before these steps, as ``section`` of the policy wants it; None if somebody can. Only
    where Interlock moves the traffic by weights is there a step that waits, and only after the first bake is anything
    known that an answer could rest on. Before a stage, that is what the stage before it showed."""
    if not before:
        return None
    in_registry = section == "approval"
    if "weights" not in hosting.moves:
        said = f"kind: {hosting.kind} {hosting.alone}, and Interlock does not move its traffic step by step"
        return f"{said}; leave {section} out{', and approve the version in the registry' if in_registry else ''}"
    if strategy.traffic == "native" or strategy.weights_obstacles:
        how = f"kind: {strategy.kind}" if strategy.weights_obstacles else "traffic: native"
        said = f"{how} leaves the steps to SageMaker's guardrails, which wait for nobody"
        return f"{said}; write kind: canary and traffic: weights, or leave {section} out"
    if any(strategy.allocation_at(share) for share in strategy.shares):
        who = "a person" if in_registry else "a gate"
        return f"an allocation changes the share that {who} would be asked about; leave out one of them"
    known = strategy.shares if strategy.copied else strategy.shares[1:]
    unknown = [share for share in before if share not in known]
    if not unknown:
        return None
    choice = _choice(known) or "kind: canary with steps"
    if unknown[0] not in strategy.shares:
        return f"{unknown[0]} is no step of this strategy; write {choice}"
    said = f"nothing is known of a candidate before {unknown[0]}, its first step"
    return f"{said}; {'approve the version in the registry, or ' if in_registry else ''}write {choice}"


def _choice(shares: tuple[int, ...]) -> str:
    return " or ".join(map(str, shares))
