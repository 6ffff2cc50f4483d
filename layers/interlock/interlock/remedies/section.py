"""The remedies section of a policy: which signal leads to which remedy."""

import re
from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from interlock.model.fields import Part
from interlock.model.signal import SEVERITIES, Kind, Severity
from interlock.remedies.kinds.registry import REMEDIES, RemedyName
from interlock.remedies.kinds.remedy import MONITORS

MOST_RUNS = 20


def _runs(written: object) -> tuple[int, int]:
    """``(needed, of)`` of ``2 of 3``."""
    if isinstance(written, tuple):
        return written
    found = re.fullmatch(r"\s*([0-9]{1,2})\s+of\s+([0-9]{1,2})\s*", written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"write how many of the last runs must show it, for example 2 of 3; got {written!r}")
    needed, of = int(found[1]), int(found[2])
    if not 1 <= needed <= of <= MOST_RUNS:
        raise ValueError(f"write from 1 of 1 to {MOST_RUNS} of {MOST_RUNS}, for example 2 of 3; got {written!r}")
    return needed, of


_RUNS_SCHEMA = Annotated[str, Field(pattern=r"^\s*[0-9]{1,2}\s+of\s+[0-9]{1,2}\s*$", examples=["2 of 3"])]
Runs = Annotated[tuple[int, int], BeforeValidator(_runs, json_schema_input_type=_RUNS_SCHEMA)]
Words = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=256)], ...], Field(max_length=200)]


class RemedyRow(Part):
    """One row: signals of a kind, narrowed or not, and what follows. The first row that fits decides."""

    on: Kind = Field(description="The kind of signal.")
    do: RemedyName = Field(description="The remedy.")
    runs: Runs = Field((1, 1), description="How many of the monitor's last runs must show it, for example 2 of 3.")
    features: Words = Field((), description="Only if a violation is about one of these features, facets or metrics.")
    checks: Words = Field((), description="Only if a violation is of one of these check types.")
    severity: Severity = Field("low", description="Only if it is at least so severe.")

    @model_validator(mode="before")
    @classmethod
    def _on_is_a_word(cls, written: object) -> object:
        """YAML 1.1, which PyYAML reads, takes a bare ``on`` for true."""
        if not isinstance(written, dict) or "on" in written:
            return written
        return {"on" if name is True else name: value for name, value in written.items()}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.on not in REMEDIES[self.do].answers:
            raise ValueError(refusal(self.do, self.on))
        if self.on not in MONITORS:
            for field in ("runs", "features", "checks"):
                if field in self.model_fields_set:
                    raise ValueError(f"a signal {self.on} has no {field}; leave it out, or write it for a monitor")
        return self

    def fits(self, kind: str, subjects: Iterable[str], checks: Iterable[str], severity: str) -> bool:
        """Whether this row is about a signal of ``kind`` with violations of these ``subjects`` and ``checks``."""
        return (
            self.on == kind
            and (not self.features or any(_feature(subject) in self.features for subject in subjects))
            and (not self.checks or any(check in self.checks for check in checks))
            and SEVERITIES.index(severity) >= SEVERITIES.index(self.severity)
        )


def _feature(subject: str) -> str:
    """The feature or facet of a subject, which may be ``facet=value``."""
    return subject.partition("=")[0]


def refusal(remedy: str, kind: str) -> str:
    """Why ``remedy`` is no answer to a signal of ``kind``, with what to write."""
    if remedy == "roll_back" and kind == "data_quality":
        return "every version gets the same inputs, so going back does not help; write notify, investigate or retrain"
    allowed = [name for name, each in REMEDIES.items() if kind in each.answers]
    return f"{remedy} is no answer to {kind}; write {', '.join(allowed[:-1])} or {allowed[-1]}"
