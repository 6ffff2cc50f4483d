"""The retraining section of a policy: what trains the next version, when it may, and what the version must show."""

import re
from typing import Annotated, Any, Self

from pydantic import Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from interlock.model.fields import Duration, Part
from interlock.model.limits import DAY, Limits
from interlock.model.periods import Periods
from interlock.model.quantities import in_words
from interlock.retraining.at_most import AtMost
from interlock.retraining.gate_section import Gate

WAYS = ("pipeline", "training_job", "state_machine")
_PIPELINE = r"(arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:pipeline/)?[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}"
_MACHINE = r"arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[A-Za-z0-9_-]{1,80}"
_PARAMETER = r"[A-Za-z0-9_-]{1,256}"
LONGEST_VALUE = 1024
"""Characters of a parameter (botocore String1024 of StartPipelineExecution)."""

_PARAMETERS_SCHEMA = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}

NEEDED = ("AlgorithmSpecification", "OutputDataConfig", "ResourceConfig", "RoleArn", "StoppingCondition")
ALLOWED = frozenset(
    "AlgorithmSpecification CheckpointConfig EnableInterContainerTrafficEncryption EnableManagedSpotTraining"
    " EnableNetworkIsolation Environment ExperimentConfig HyperParameters InputDataConfig OutputDataConfig"
    " ResourceConfig RetryStrategy RoleArn StoppingCondition Tags VpcConfig".split()
)
"""Fields of a template (botocore CreateTrainingJob) that Interlock passes on."""

SHORTEST_CALENDAR = 3600

Dollars = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]


class Budget(Part):
    """What the retrainings of a calendar month (UTC) may cost. Each counts ``usd_per_run``, whatever it really cost."""

    usd_per_month: Dollars = Field(description="Dollars that the retrainings of a calendar month may cost.")
    usd_per_run: Dollars = Field(description="Dollars that one retraining costs, by your own estimate.")

    @model_validator(mode="after")
    def _allows_one(self) -> Self:
        if self.usd_per_run > self.usd_per_month:
            raise ValueError("usd_per_run exceeds usd_per_month, so no retraining could ever start; raise the month's")
        return self


class Retraining(Periods):
    """How the next version is trained, when that may happen, and what it must show."""

    pipeline: str | None = Field(None, description="Name or ARN of a SageMaker pipeline.")
    training_job: dict[str, Any] | None = Field(
        None, description="A template of CreateTrainingJob, without TrainingJobName."
    )
    state_machine: str | None = Field(None, description="ARN of a state machine of your own.")
    parameters: Annotated[dict[str, Any], Field(max_length=100), WithJsonSchema(_PARAMETERS_SCHEMA)] = Field(
        {}, description="Constants for the pipeline, the hyperparameters or the machine's input."
    )
    cooldown: Duration = Field(DAY, description="After a retraining started, signals start none for so long.")
    at_most: AtMost | None = Field(None, description="So many retrainings within a time, for example 3 per 7d.")
    budget: Budget | None = None
    every: Duration | None = Field(None, description="A retraining by the calendar, for example 7d.")
    regulated: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=256)], ...], Field(max_length=200)] = (
        Field((), description="Features whose drift a person must look at before anything is trained.")
    )
    gate: Gate = Field(default_factory=Gate, description="What the new version must show.")

    @field_validator("pipeline")
    @classmethod
    def _is_a_pipeline(cls, written: str | None) -> str | None:
        if written is not None and not re.fullmatch(_PIPELINE, written):
            raise ValueError(f"write the name or the ARN of a SageMaker pipeline; got {written!r}")
        return written

    @field_validator("state_machine")
    @classmethod
    def _is_a_machine(cls, written: str | None) -> str | None:
        if written is not None and not re.fullmatch(_MACHINE, written):
            raise ValueError(f"write the ARN of a state machine, arn:aws:states:...:stateMachine:name; got {written!r}")
        return written

    @field_validator("training_job")
    @classmethod
    def _is_a_template(cls, written: dict[str, Any] | None) -> dict[str, Any] | None:
        if written is None:
            return None
        if "TrainingJobName" in written:
            raise ValueError("leave out TrainingJobName; Interlock gives each job a name of its own")
        missing = [name for name in NEEDED if name not in written]
        if missing:
            raise ValueError(f"the template lacks {', '.join(missing)}; write it as CreateTrainingJob takes it")
        unknown = sorted(str(name) for name in written if name not in ALLOWED)
        if unknown:
            raise ValueError(f"the template must not have {', '.join(unknown)}; allowed: {', '.join(sorted(ALLOWED))}")
        return written

    @field_validator("parameters")
    @classmethod
    def _can_be_passed(cls, written: dict[str, Any]) -> dict[str, Any]:
        for name, value in written.items():
            if not re.fullmatch(_PARAMETER, name):
                raise ValueError(f"{name!r} is no name of a parameter; write letters, digits, hyphens and underscores")
            if not isinstance(value, str | int | float):
                raise ValueError(f"{name} must be text, a number, true or false; got {value!r}")
            if not 1 <= len(as_text(value)) <= LONGEST_VALUE or value != value:
                raise ValueError(f"{name} must be a value of 1 to {LONGEST_VALUE} characters")
        return written

    @field_validator("cooldown")
    @classmethod
    def _is_a_pause(cls, written: int) -> int:
        if not SHORTEST_CALENDAR <= written <= 90 * DAY:
            raise ValueError(f"a cooldown lasts from 1h to 90d, for example 24h; got {in_words(written)}")
        return written

    @field_validator("every")
    @classmethod
    def _comes_after_the_cooldown(cls, written: int | None, info: ValidationInfo) -> int | None:
        if written is None:
            return None
        if not SHORTEST_CALENDAR <= written <= 366 * DAY:
            raise ValueError(f"write from 1h to 366d, for example 7d; got {in_words(written)}")
        cooldown = info.data.get("cooldown", 0)
        if written < cooldown:
            raise ValueError(f"the cooldown of {in_words(cooldown)} is longer, so it would refuse each second one")
        return written

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        written = [way for way in WAYS if getattr(self, way) is not None]
        if len(written) != 1:
            got = " and ".join(written) or "none"
            raise ValueError(f"write exactly one of {', '.join(WAYS)}; got {got}")
        return self

    @property
    def limits(self) -> Limits:
        """When a retraining may start, as the rest of Interlock asks it."""
        count, window = self.at_most or (None, 0)
        periods = self.calendar
        return Limits(
            cooldown=self.cooldown,
            at_most=count,
            window=window,
            usd_per_month=self.budget.usd_per_month if self.budget else None,
            usd_per_run=self.budget.usd_per_run if self.budget else 0.0,
            quiet=periods.quiet,
            quiet_days=periods.quiet_days,
            freezes=periods.freezes,
            regulated=frozenset(self.regulated),
        )


def as_text(value: object) -> str:
    """A parameter as a pipeline, a hyperparameter or a person's machine gets it: numbers without an exponent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and "e" in repr(value):
        # Loaded here because only very large and very small numbers need it.
        from decimal import Decimal

        return f"{Decimal(repr(value)):f}"
    return str(value)
