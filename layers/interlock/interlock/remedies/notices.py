"""What a person is told about a decision."""

from __future__ import annotations

from interlock.model.notices import Notice, about_group
from interlock.remedies.case import Case, Decision
from interlock.remedies.memory import as_text

NAMED = 10
"""Violations that a notice lists."""

LONGEST_DESCRIPTION = 200

HAPPENS = {
    "notify": "needs attention",
    "investigate": "needs a person",
    "retrain": "is retrained",
    "roll_back": "is rolled back",
    "scale": "is scaled",
    "wait": "waits",
    "ignore": "stays as it is",
}
"""What the subject of a notice says, by remedy."""


def notice_of(case: Case, decision: Decision) -> Notice | None:
    """The notice about ``decision``; None if nobody needs to be told. A decision that still waits was told before."""
    waited = case.memory.about(case.signal.run) is not None
    if not case.by_person and (decision.remedy == "ignore" or (decision.remedy == "wait" and waited)):
        return None
    version = "" if case.version is None else f" v{case.version}"
    return about_group(f"{case.group}{version}", HAPPENS[decision.remedy], _body(case, decision))


def _body(case: Case, decision: Decision) -> str:
    signal = case.signal
    lines = [decision.sentence, "", f"Signal: {signal.kind}, severity {signal.severity}, since {signal.since or 'now'}"]
    lines += [f"Model package group: {case.group}", f"Endpoint: {case.endpoint}"]
    if case.version is not None:
        lines.append(f"Version: {case.version}")
    if signal.count:
        lines.append(f"Violations: {signal.count}")
    for each in signal.violations[:NAMED]:
        about = f"{each.subject}: " if each.subject else ""
        lines.append(f"  - {about}{each.check}. {each.description[:LONGEST_DESCRIPTION]}".rstrip())
    if signal.count > NAMED:
        lines.append("  - and more; see the evidence")
    if signal.evidence:
        lines.append(f"Evidence: {signal.evidence}")
    lines.append(f"Decision: {decision.remedy} ({decision.reason})")
    if decision.until is not None:
        lines.append(f"It is weighed again at {as_text(decision.until)}.")
    if decision.advice:
        lines += ["", decision.advice]
    return "\n".join(lines)
