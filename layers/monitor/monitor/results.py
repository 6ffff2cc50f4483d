"""What a monitor found in one window."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["Completed", "CompletedWithViolations", "TooThin", "WaitingForLabels", "NoBaseline", "Unusable"]

JUDGED: tuple[Status, ...] = ("Completed", "CompletedWithViolations")


@dataclass(frozen=True)
class Results:
    """``files``: name -> JSON, written beside constraint_violations.json; ``violations``: as Model Monitor writes them.

    ``Unusable``: nothing can be judged before somebody writes other settings; the sentence says which. More records
    would not help, as with ``TooThin``.

    ``problems``: what of the baseline could not be followed, each a sentence and an example.

    ``sentence`` is for people; ``details`` is for pages that draw the run. A run that was not judged has no violations.
    """

    files: dict[str, dict[str, Any]]
    violations: list[dict[str, Any]]
    status: Status
    sentence: str
    details: dict[str, Any] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()


def judged(files: dict[str, dict[str, Any]], violations: list[dict[str, Any]], details: dict[str, Any]) -> Results:
    """A run that was judged, in Model Monitor's own words (the exit messages of a monitoring execution;
    docs: sagemaker/latest/dg/model-monitor-interpreting-results)."""
    if not violations:
        return Results(files, [], "Completed", "Job completed successfully with no violations.", details)
    sentence = f"Job completed successfully with {len(violations)} violations."
    return Results(files, violations, "CompletedWithViolations", sentence, details)
