"""The policy: what a team writes about one model package group."""

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError, ValidationInfo, field_validator

from interlock.evidence.metrics import METRICS, Metric
from interlock.hosting.autoscaling import Autoscaling
from interlock.hosting.batch import Sample
from interlock.hosting.data_capture import DataCapture
from interlock.hosting.registry import AnyHosting
from interlock.hosting.step_scaling import StepScaling
from interlock.model.fields import METRIC_NAME, SageMakerName, Section
from interlock.model.kinds import kinds_of
from interlock.model.periods import Freeze, Periods, QuietHours
from interlock.model.protection import Protection
from interlock.monitoring.kinds.bias import Facet
from interlock.monitoring.kinds.labels import Labels
from interlock.monitoring.kinds.model_quality import TrainingColumns
from interlock.monitoring.kinds.registry import AnyMonitor
from interlock.monitoring.section import Monitoring
from interlock.policy import agreement
from interlock.policy.errors import PolicyError, Sections, accept, in_words
from interlock.policy.path import impassable
from interlock.policy.protected import unprotected_model, unprotected_monitors, unprotected_training
from interlock.policy.rules import RESERVED_ENDINGS, RESERVED_NAMES, CustomMetric, EvidenceRule
from interlock.policy.stage import Stage
from interlock.policy.stage_parts import Inconclusive, Rollback, SmokeTest
from interlock.policy.step_approval import LifeCycle, StepApproval
from interlock.policy.step_gate import StepGate
from interlock.policy.written import read_text
from interlock.remedies.section import RemedyRow
from interlock.retraining.gate_section import BetterBy, BiasLimit, Gate, NotWorseBy
from interlock.retraining.section import Budget, Retraining
from interlock.strategies.allocation import Allocation
from interlock.strategies.registry import AnyStrategy

Stages = Annotated[tuple[Stage, ...], Field(min_length=1, max_length=10)]
_STAGES = TypeAdapter(Stages, config={"defer_build": True})
"""Built when the first policy is read, as Policy is."""


class Policy(Section, defer_build=True):
    """One document per model package group."""

    model_package_group: SageMakerName = Field(description="The group; the parameter of this policy has the same name.")
    metrics: Annotated[dict[Annotated[str, Field(pattern=METRIC_NAME)], CustomMetric], Field(max_length=20)] = Field(
        {},
        description="CloudWatch metrics of your own, each under the name that your rules use.",
        json_schema_extra={"additionalProperties": False},
    )
    stages: Stages
    protection: Protection = Field(default_factory=Protection, description="What must protect models and jobs.")
    monitoring: Monitoring | None = Field(None, description="What is watched while a version serves.")
    remedies: Annotated[tuple[RemedyRow, ...], Field(max_length=50)] = Field(
        (), description="What follows from a signal. The first row that fits decides; without one, the defaults."
    )
    retraining: Retraining | None = None
    releases: Periods = Field(
        default_factory=Periods, description="When no release begins, unless a person says despite_freeze."
    )

    @field_validator("metrics")
    @classmethod
    def _names_are_free(cls, metrics: dict[str, CustomMetric]) -> dict[str, CustomMetric]:
        for name in metrics:
            if name in METRICS or name in RESERVED_NAMES or name.endswith(RESERVED_ENDINGS):
                raise ValueError(f"{name} is a name of Interlock's own; choose another, for example shop_{name}_count")
        return metrics

    @field_validator("stages", mode="wrap")
    @classmethod
    def _rules_may_name_own_metrics(
        cls, written: object, _read: Callable[[object], tuple[Stage, ...]], info: ValidationInfo
    ) -> tuple[Stage, ...]:
        """The meaning of a rule's limit depends on its metric. If the metrics are refused, no rule can be read."""
        if "metrics" not in info.data:
            return ()
        stages = _STAGES.validate_python(written, context=_catalog(info.data["metrics"]))
        accept(impassable(stages))
        return stages

    @field_validator("protection")
    @classmethod
    def _models_can_be_protected(cls, protection: Protection, info: ValidationInfo) -> Protection:
        for stage in info.data.get("stages", ()):
            accept(unprotected_model(protection, stage.hosting))
        return protection

    @field_validator("monitoring")
    @classmethod
    def _monitors_can_watch_and_are_protected(
        cls, monitoring: Monitoring | None, info: ValidationInfo
    ) -> Monitoring | None:
        """If the stages are refused, nothing can be said about what they capture. Monitors watch the last one."""
        protection = info.data.get("protection")
        if monitoring and info.data.get("stages"):
            stage: Stage = info.data["stages"][-1]
            csv = stage.smoke is not None and stage.smoke.content_type == "text/csv"
            accept(agreement.unwatchable(monitoring, stage.hosting, csv))
        if monitoring and protection:
            accept(unprotected_monitors(protection, monitoring))
        return monitoring

    @field_validator("remedies")
    @classmethod
    def _there_is_something_to_scale(cls, rows: tuple[RemedyRow, ...], info: ValidationInfo) -> tuple[RemedyRow, ...]:
        for stage in info.data.get("stages", ()):
            accept(agreement.unscalable(stage.hosting, rows))
        return rows

    @field_validator("retraining")
    @classmethod
    def _training_is_protected(cls, retraining: Retraining | None, info: ValidationInfo) -> Retraining | None:
        protection, template = info.data.get("protection"), retraining and retraining.training_job
        accept(protection and template and unprotected_training(protection, template))
        return retraining

    @property
    def stage(self) -> Stage:
        """The stage that a version goes to first; of a policy ``at`` an endpoint, the stage of that."""
        return self.stages[0]

    def at(self, endpoint: str) -> "Policy":
        """The policy for a release to ``endpoint``: with its stage only, or with the first one if none has it."""
        stage = next((each for each in self.stages if each.endpoint == endpoint), self.stage)
        return self.model_copy(update={"stages": (stage,)})

    def after(self, endpoint: str) -> Stage | None:
        """The stage that follows the one of ``endpoint``; None after the last one."""
        following = (then for each, then in pairwise(self.stages) if each.endpoint == endpoint)
        return next(following, None)

    def catalog(self) -> dict[str, Metric]:
        """Every metric that a rule of this policy may name: Interlock's and the policy's own."""
        return _catalog(self.metrics)


def _catalog(own: dict[str, CustomMetric]) -> dict[str, Metric]:
    return METRICS | {name: declared.metric(name) for name, declared in own.items()}


THE_SECTIONS: Sections = {
    "metrics": CustomMetric,
    "stages": Stage,
    "hosting": kinds_of(AnyHosting),
    "autoscaling": Autoscaling,
    "by_steps": StepScaling,
    "data_capture": DataCapture,
    "sample": Sample,
    "strategy": kinds_of(AnyStrategy),
    "allocation": Allocation,
    "smoke": SmokeTest,
    "evidence": EvidenceRule,
    "inconclusive": Inconclusive,
    "rollback": Rollback,
    "approval": StepApproval,
    "gates": StepGate,
    "life_cycle": LifeCycle,
    "protection": Protection,
    "monitoring": Monitoring,
    "monitors": kinds_of(AnyMonitor),
    "labels": Labels,
    "facets": Facet,
    "training_columns": TrainingColumns,
    "remedies": RemedyRow,
    "retraining": Retraining,
    "releases": Periods,
    "budget": Budget,
    "quiet_hours": QuietHours,
    "freeze": Freeze,
    "gate": Gate,
    "better": BetterBy,
    "not_worse": NotWorseBy,
    "bias": BiasLimit,
}


@lru_cache(maxsize=32)
def read_policy(document: str, group: str) -> "Policy":
    """The policy in ``document`` (YAML or JSON), which was found under ``group``'s name. Raises PolicyError.

    One invocation reads the same text more than once, and reading takes milliseconds."""
    written = read_text(document)
    if not isinstance(written.content, dict):
        said = "the document must be a mapping that starts with model_package_group and stages"
        raise PolicyError([written.problem((), said)])
    try:
        policy = Policy.model_validate(written.content)
    except ValidationError as error:
        found = in_words(error, Policy, THE_SECTIONS)
        raise PolicyError([written.problem(place, said) for place, said in found]) from None
    if policy.model_package_group != group:
        said = f"model_package_group: says {policy.model_package_group!r}, but the parameter is named after {group!r}"
        raise PolicyError([written.problem(("model_package_group",), f"{said}; use the same name for both")])
    return policy
