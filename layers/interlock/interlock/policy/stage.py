"""A stage of a policy: one endpoint, and how a version gets there."""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from interlock.evidence.metrics import METRICS
from interlock.hosting.registry import AnyHosting
from interlock.model.approval_words import STAGE
from interlock.model.fields import STAGE_NAME, Part, SageMakerName
from interlock.policy import agreement
from interlock.policy.errors import accept
from interlock.policy.rules import EvidenceRule, contradiction
from interlock.policy.stage_parts import Inconclusive, Rollback, SmokeTest
from interlock.policy.step_approval import StepApproval, answer_time, unaskable
from interlock.policy.step_gate import MOST_GATES, StepGate, unanswerable
from interlock.strategies.registry import AnyStrategy


class Stage(Part):
    """One endpoint on the path of a version."""

    name: Annotated[str, Field(pattern=STAGE_NAME)] = "production"
    endpoint: SageMakerName = Field(description="Interlock creates it if it does not exist, else adopts it.")
    hosting: AnyHosting
    strategy: AnyStrategy
    smoke: SmokeTest | None = Field(None, validate_default=True)
    evidence: Annotated[tuple[EvidenceRule, ...], Field(max_length=20)] = Field(
        (), validate_default=True, description="Rules that the candidate must keep."
    )
    inconclusive: Inconclusive = Field(default_factory=agreement.unless_written)
    rollback: Rollback = Field(default_factory=Rollback)
    alarms: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=255)], ...], Field(max_length=5)] = Field(
        (), description="CloudWatch alarms of your own that roll the release back."
    )
    # Five, so that these and Interlock's own never exceed the ten of botocore's AutoRollbackConfiguration.
    approval: StepApproval | None = Field(None, description="Before these steps a person must say yes.")
    gates: tuple[StepGate, ...] = Field(
        (), max_length=MOST_GATES, description="Before these steps something of the team's own must pass the candidate."
    )
    newer: Literal["queue", "supersede", "reject"] = Field(
        "queue", description="What follows from another approval while a release runs."
    )

    @field_validator("strategy")
    @classmethod
    def _traffic_can_be_moved(cls, strategy: AnyStrategy, info: ValidationInfo) -> AnyStrategy:
        accept("hosting" in info.data and agreement.unmovable(info.data["hosting"], strategy))
        return strategy

    @field_validator("smoke")
    @classmethod
    def _a_request_has_an_answer(cls, smoke: SmokeTest | None, info: ValidationInfo) -> SmokeTest | None:
        accept("hosting" in info.data and agreement.untestable(info.data["hosting"], smoke))
        return smoke

    @field_validator("evidence")
    @classmethod
    def _rules_can_be_kept(cls, rules: tuple[EvidenceRule, ...], info: ValidationInfo) -> tuple[EvidenceRule, ...]:
        catalog, strategy, hosting = info.context or METRICS, info.data.get("strategy"), info.data.get("hosting")
        accept(contradiction(rules, catalog))
        accept(strategy and agreement.disagreement(strategy, rules, catalog))
        accept(hosting and agreement.unjudgeable(hosting, rules, catalog, strategy))
        return rules

    @field_validator("approval")
    @classmethod
    def _a_step_can_wait(cls, approval: StepApproval | None, info: ValidationInfo) -> StepApproval | None:
        if approval and info.data.keys() >= {"hosting", "strategy"}:
            accept(unaskable(approval.steps, "approval", info.data["strategy"], info.data["hosting"]))
        return approval

    @field_validator("gates")
    @classmethod
    def _a_step_can_wait_for_each(cls, gates: tuple[StepGate, ...], info: ValidationInfo) -> tuple[StepGate, ...]:
        accept(unanswerable(gates))
        if gates and info.data.keys() >= {"hosting", "strategy"}:
            before = tuple(sorted(gate.before for gate in gates))
            accept(unaskable(before, "gates", info.data["strategy"], info.data["hosting"]))
        return gates

    @model_validator(mode="after")
    def _bakes_end_in_time_and_stable_can_stand_by(self) -> Self:
        """Without evidence no bake is inconclusive, so none is repeated."""
        again = self.inconclusive if self.evidence else Inconclusive(extensions=0)
        waits = tuple(self.watched.values())
        accept(self.rollback.stays and agreement.without_standby(self.hosting, self.strategy))
        accept(agreement.unheeded(self.strategy, self.model_fields_set - ({"approval"} if not self.asks_at else set())))
        asked = answer_time(self.approval) + sum(gate.within for gate in self.gates)
        looks = sum(gate.looks for gate in self.gates)
        accept(agreement.too_long(self.strategy, waits, again.bakes, again.then == "hold", asked, looks))
        return self

    @property
    def asks_first(self) -> bool:
        """Whether a person must say yes before the stage begins."""
        return self.approval is not None and STAGE in self.approval.before

    @property
    def asks_at(self) -> tuple[int, ...]:
        """The steps before which a person must say yes, as percentages."""
        return self.approval.steps if self.approval else ()

    @property
    def compares(self) -> bool:
        """Whether any rule compares the candidate with stable."""
        return any(rule.compares for rule in self.evidence)

    @property
    def watched(self) -> dict[int, int]:
        """The percentages of the traffic at which the candidate is watched (0: it gets copies), each with its
        seconds."""
        steps = {0: self.strategy.shadow_bake} if self.strategy.copied else {}
        return steps | dict(zip(self.strategy.shares, self.strategy.bakes, strict=False))
