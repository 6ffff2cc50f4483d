"""A signal: something that may call for a remedy. Monitors, alarms, teams, new data, a calendar and people send them.

Every channel says the same of one run, so ``run`` alone tells whether two signals are one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Kind = Literal[
    "data_quality",
    "model_quality",
    "bias",
    "attribution",
    "alarm",
    "rejected",
    "custom",
    "new_data",
    "calendar",
    "person",
    "monitor_failed",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

Severity = Literal["low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the mildest."""

MOST_VIOLATIONS = 30
"""Violations that a signal carries itself; ``count`` counts all of them."""


@dataclass(frozen=True)
class Violation:
    """One thing that a monitor found. ``check`` is the check type as Model Monitor names it; ``subject`` the feature,
    ``facet=value`` or the metric, empty when there is none."""

    check: str
    subject: str = ""
    description: str = ""


@dataclass(frozen=True)
class Signal:
    """What happened to which endpoint and version, how bad it is, since when, and where the evidence lies.

    ``run`` is the identity of what is told: the same through every channel. ``since`` is ISO 8601 in UTC; ``evidence``
    an S3 URI or empty; ``violations`` are the first MOST_VIOLATIONS of ``count``. ``group`` or ``endpoint`` may be
    empty where the source cannot know it; the policy says which belong together.
    """

    kind: Kind
    group: str
    endpoint: str
    version: int | None
    run: str
    since: str
    severity: Severity
    sentence: str
    evidence: str = ""
    violations: tuple[Violation, ...] = ()
    count: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The signal as JSON; ``read_signal`` reads it again."""
        return {**asdict(self), "violations": [asdict(each) for each in self.violations]}


def read_signal(written: Mapping[str, Any]) -> Signal:
    """The signal that ``as_dict`` wrote. A part that is left out gets its default, and ``count`` the number of
    violations. Raises ValueError if the kind or the severity is unknown, KeyError if a needed part is missing."""
    if written["kind"] not in KINDS:
        raise ValueError(f"kind: {written['kind']!r} is not one of {', '.join(KINDS)}")
    if written["severity"] not in SEVERITIES:
        raise ValueError(f"severity: {written['severity']!r} is not one of {', '.join(SEVERITIES)}")
    violations = tuple(
        Violation(str(each["check"]), str(each.get("subject", "")), str(each.get("description", "")))
        for each in written.get("violations", ())
    )
    version = written.get("version")
    return Signal(
        kind=written["kind"],
        group=str(written.get("group", "")),
        endpoint=str(written.get("endpoint", "")),
        version=None if version is None else int(version),
        run=str(written["run"]),
        since=str(written["since"]),
        severity=written["severity"],
        sentence=str(written["sentence"]),
        evidence=str(written.get("evidence", "")),
        violations=violations[:MOST_VIOLATIONS],
        count=int(written.get("count", len(violations))),
    )
