"""The policy: what a team writes about one model package group."""

from __future__ import annotations

from textwrap import shorten
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from interlock.metrics import RATES
from interlock.quantities import Duration, Limit, fraction, in_words, microseconds

_NAME = r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"
_INSTANCE_TYPE = r"^ml\.[a-z0-9-]+\.[a-z0-9]+$"
_STAGE_NAME = r"^[a-z][a-z0-9-]{0,30}$"

PATTERNS_IN_WORDS = {
    _NAME: "write letters, digits and hyphens, with a letter or digit first and last",
    _INSTANCE_TYPE: "write an instance type for hosting, for example ml.m5.large",
    _STAGE_NAME: "write lower-case letters, digits and hyphens, at most 31 and a letter first, for example production",
}
"""What would fit a pattern: a regular expression is no answer for a person."""

SageMakerName = Annotated[str, Field(pattern=_NAME, max_length=63)]
"""Names of endpoints and model package groups (botocore: EndpointName, ModelPackageGroupName)."""

SHORTEST_BAKE = 60
"""Seconds: one period of SageMaker's metrics (docs: monitoring-cloudwatch)."""

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
    instance_type: Annotated[str, Field(pattern=_INSTANCE_TYPE)]
    instances: Annotated[int, Field(ge=1, le=1000)] = 1


class Strategy(_Section):
    """How traffic moves. ``steps`` are the candidate's percentages before the last one, which is always 100."""

    kind: Literal["all_at_once", "canary"]
    steps: tuple[Annotated[int, Field(ge=1, le=99)], ...] = ()
    bake: Annotated[Duration, Field(json_schema_extra={"default": "10m"})] = 600
    traffic: Literal["auto", "native", "weights"] = "auto"

    @field_validator("bake")
    @classmethod
    def _bake_is_long_enough_to_measure(cls, bake: int) -> int:
        if not SHORTEST_BAKE <= bake <= LONGEST_BAKE:
            raise ValueError(f"a bake lasts from 1m to 30d, for example 10m; got {in_words(bake)}")
        return bake

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
    """A limit that the candidate must keep during every bake. ``max`` is held in microseconds for a latency, as a
    share of requests for a rate."""

    metric: Literal[
        "error_rate", "client_error_rate", "mean_latency", "p50_latency", "p90_latency", "p95_latency", "p99_latency"
    ]
    max: Limit
    min_requests: Annotated[int, Field(ge=1)] = 100

    @model_validator(mode="before")
    @classmethod
    def _limit_in_its_unit(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "max" not in data:
            return data
        read = fraction if str(data.get("metric")) in RATES else microseconds
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

    name: Annotated[str, Field(pattern=_STAGE_NAME)] = "production"
    endpoint: SageMakerName
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

    model_package_group: SageMakerName
    stages: Annotated[tuple[Stage, ...], Field(min_length=1, max_length=1)]

    @property
    def stage(self) -> Stage:
        """The only stage; more than one is refused until Interlock can take a version along several."""
        return self.stages[0]


def read_policy(document: str, group: str) -> Policy:
    """The policy in ``document`` (YAML or JSON), which was found under ``group``'s name. Raises PolicyError."""
    content = _load(document)
    if not isinstance(content, dict):
        raise PolicyError(["the document must be a mapping that starts with model_package_group and stages"])
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        raise PolicyError(_problems(error)) from None
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


def _load(document: str) -> Any:
    """The content of ``document``. Besides YAMLError, PyYAML lets through what the constructors of dates and numbers
    raise."""
    try:
        return yaml.safe_load(document)
    except RecursionError:
        raise PolicyError(["not readable as YAML or JSON (nested too deeply)"]) from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise PolicyError([f"{where}not readable as YAML or JSON ({getattr(error, 'problem', error)})"]) from None


def _problems(error: ValidationError) -> list[str]:
    """One sentence per problem. A list whose items failed is to pydantic also too short; that is no second problem."""
    problems = error.errors()
    places = [problem["loc"] for problem in problems]
    return [
        _in_words(problem)
        for problem in problems
        if problem["type"] != "too_short" or not any(_lies_under(place, problem["loc"]) for place in places)
    ]


def _lies_under(place: tuple[int | str, ...], section: tuple[int | str, ...]) -> bool:
    return len(place) > len(section) and place[: len(section)] == section


def _in_words(problem: Any) -> str:
    """``stages.0.strategy.bake: …`` of one pydantic error, with the remedy."""
    field, kind = ".".join(str(part) for part in problem["loc"]), problem["type"]
    message = problem["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        message = f"no such field; allowed here: {', '.join(_fields_at(problem['loc'][:-1]))}"
    elif kind == "missing":
        message = "this field is required"
    elif kind == "tuple_type":
        message = "write a list, in brackets or with a hyphen before each item"
    elif kind == "model_type":
        message = f"write fields here: {', '.join(_fields_at(problem['loc']))}"
    elif kind == "too_long" and field == "stages":
        message = "only one stage is supported so far; keep the one to release to"
    elif kind == "string_pattern_mismatch":
        message = PATTERNS_IN_WORDS[problem["ctx"]["pattern"]]
    elif kind == "too_long":
        message = f"write at most {problem['ctx']['max_length']}"
    if kind != "extra_forbidden" and not isinstance(problem["input"], dict | list | tuple) and "; got " not in message:
        message = f"{message}; got {shorten(repr(problem['input']), 80)}"
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
