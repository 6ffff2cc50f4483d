"""The policy: what a team writes about one model package group."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from interlock.metrics import RATES
from interlock.quantities import Duration, fraction, microseconds

SAGEMAKER_NAME = r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"
"""Names of endpoints and model package groups (botocore: EndpointName, ModelPackageGroupName)."""

LONGEST_BAKE = 30 * 86400
"""Seconds. A wait may last a year (Step Functions quotas); a month of two fleets is already more than anybody means."""


class PolicyError(ValueError):
    """A policy that cannot be used. ``problems`` names each field, what is wrong and what would be right."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hosting(_Section):
    """Where the model runs. ``instances`` is the fleet when Interlock creates the endpoint; live capacity is kept
    afterwards."""

    kind: Literal["realtime"] = "realtime"
    instance_type: Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")]
    instances: Annotated[int, Field(ge=1, le=1000)] = 1


class Strategy(_Section):
    """How traffic moves. ``steps`` are the candidate's percentages before the last one, which is always 100."""

    kind: Literal["all_at_once", "canary"]
    steps: tuple[Annotated[int, Field(ge=1, le=99)], ...] = ()
    bake: Annotated[Duration, Field(ge=60, le=LONGEST_BAKE)] = 600
    traffic: Literal["auto", "native", "weights"] = "auto"

    @model_validator(mode="after")
    def _steps_fit_the_kind(self) -> Self:
        if self.kind == "canary" and not self.steps:
            raise ValueError("a canary needs steps, for example steps: [5, 25, 50]")
        if self.kind == "all_at_once" and self.steps:
            raise ValueError("all_at_once has no steps; remove them, or write kind: canary")
        if list(self.steps) != sorted(set(self.steps)):
            raise ValueError(f"steps must grow, for example [5, 25, 50]; got {list(self.steps)}")
        return self


class SmokeTest(_Section):
    """One request the candidate must answer before it gets traffic."""

    content_type: str = "text/csv"
    body: Annotated[str, Field(min_length=1, max_length=6_000)]


class EvidenceRule(_Section):
    """A limit that the candidate must keep during every bake. ``max``: microseconds for latencies, a share for
    rates."""

    metric: Literal[
        "error_rate", "client_error_rate", "mean_latency", "p50_latency", "p90_latency", "p95_latency", "p99_latency"
    ]
    max: float
    min_requests: Annotated[int, Field(ge=1)] = 100

    @model_validator(mode="before")
    @classmethod
    def _limit_in_its_unit(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "max" not in data:
            return data
        read = fraction if data.get("metric") in RATES else microseconds
        try:
            return {**data, "max": read(data["max"])}
        except ValueError as problem:
            raise ValueError(f"max: {problem}") from None


class Inconclusive(_Section):
    """What to do with a bake that proved nothing: bake again up to ``extensions`` times, then ``then``."""

    extensions: Annotated[int, Field(ge=0, le=100)] = 2
    then: Literal["roll_back", "promote"] = "roll_back"


class Stage(_Section):
    """One endpoint on the path of a version."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "production"
    endpoint: Annotated[str, Field(pattern=SAGEMAKER_NAME)]
    hosting: Hosting
    strategy: Strategy
    smoke: SmokeTest | None = None
    evidence: tuple[EvidenceRule, ...] = ()
    inconclusive: Inconclusive = Inconclusive()
    alarms: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=255)], ...], Field(max_length=5)] = ()
    """The team's own CloudWatch alarms that stop a release. At most 5, so that with Interlock's own the ten of
    botocore's AutoRollbackConfiguration are never exceeded."""

    @field_validator("evidence")
    @classmethod
    def _one_rule_per_metric(cls, rules: tuple[EvidenceRule, ...]) -> tuple[EvidenceRule, ...]:
        metrics = [rule.metric for rule in rules]
        twice = sorted({metric for metric in metrics if metrics.count(metric) > 1})
        if twice:
            raise ValueError(f"one rule per metric; {', '.join(twice)} has more than one")
        return rules


class Policy(_Section):
    """One document per model package group."""

    model_package_group: Annotated[str, Field(pattern=SAGEMAKER_NAME)]
    stages: Annotated[tuple[Stage, ...], Field(min_length=1, max_length=1)]

    @property
    def stage(self) -> Stage:
        """The only stage; more than one is refused until Interlock can take a version along several."""
        return self.stages[0]


def read_policy(document: str, group: str) -> Policy:
    """The policy in ``document`` (YAML or JSON), which was found under ``group``'s name. Raises PolicyError."""
    try:
        content = yaml.safe_load(document)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise PolicyError([f"{where}not readable as YAML or JSON ({getattr(error, 'problem', error)})"]) from None
    if not isinstance(content, dict):
        raise PolicyError(["the document must be a mapping that starts with model_package_group and stages"])
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        raise PolicyError([_in_words(problem) for problem in error.errors()]) from None
    if policy.model_package_group != group:
        raise PolicyError(
            [
                (
                    f"model_package_group: says {policy.model_package_group!r}, but the "
                    f"parameter is named for {group!r}; make them agree"
                )
            ]
        )
    return policy


def _in_words(problem: Any) -> str:
    """``stages.0.strategy.bake: …`` of one pydantic error, with the allowed fields where an unknown one was written."""
    field = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        message = f"no such field; allowed here: {', '.join(_fields_at(problem['loc'][:-1]))}"
    elif problem["type"] == "missing":
        message = "this field is required"
    elif problem["type"] == "too_long" and field == "stages":
        message = "only one stage is supported so far; keep the one to release to"
    elif "input" in problem and not isinstance(problem["input"], dict | list | tuple) and "got" not in message:
        message = f"{message}; got {problem['input']!r}"
    return f"{field}: {message}" if field else message


def _fields_at(location: tuple[int | str, ...]) -> list[str]:
    """The fields of the section at ``location`` of a policy document."""
    section: type[BaseModel] = Policy
    for part in location:
        if isinstance(part, str):
            section = THE_SECTIONS[part]
    return list(section.model_fields)


THE_SECTIONS: dict[str, type[BaseModel]] = {
    "stages": Stage,
    "hosting": Hosting,
    "strategy": Strategy,
    "smoke": SmokeTest,
    "evidence": EvidenceRule,
    "inconclusive": Inconclusive,
}
