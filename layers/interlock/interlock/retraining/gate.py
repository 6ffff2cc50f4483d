"""The verdict about a new version: approved, left to a person, or rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypedDict

from interlock.model.notices import Notice
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.retraining.comparison import Finding, Verdict, compare
from interlock.retraining.evaluation import Evaluation, read_evaluation
from interlock.retraining.fairness import judge_bias
from interlock.retraining.gate_section import Gate
from interlock.retraining.gate_texts import gate_notice, update_request
from interlock.retraining.verdict import GateFacts, Opinion


class Judged(TypedDict):
    """``verdict``: Approve, Leave (to a person) or Reject. ``update``: UpdateModelPackage's request; ``comparison``:
    a row a rule; ``record``: for the ledger."""

    verdict: str
    reason: str
    sentence: str
    update: Request
    notice: Notice
    comparison: list[dict[str, Any]]
    record: dict[str, Any]


def judge_challenger(facts: GateFacts, gate: Gate) -> Judged:
    """The verdict of ``gate`` about the challenger."""
    opinion = _opinion(facts, gate)
    if opinion.reason in UNREAD:
        unread = (each.get("unread", "") for each in (facts["challenger"], facts["champion"]) if each)
        opinion = replace(opinion, sentence=" ".join(filter(None, (opinion.sentence, *unread))))
    return judged(facts, opinion)


UNREAD = frozenset({Reason.REPORT_MISSING, Reason.CHAMPION_CHANGED})
"""Reasons that a report which cannot be read may lead to."""


def judged(facts: GateFacts, opinion: Opinion) -> Judged:
    """``opinion`` with the request, the notice and the record that follow from it."""
    status = facts["challenger"].get("status", "")
    if status == "Approved" and opinion.verdict != "Approve":
        said = (
            f"{opinion.sentence} The training registered the version as Approved itself, so its release may have begun;"
            " let it register PendingManualApproval."
        )
        opinion = Opinion(opinion.verdict, opinion.reason, said, opinion.findings)
    comparison = [_row(each) for each in opinion.findings]
    champion = facts["champion"]
    return {
        "verdict": opinion.verdict,
        "reason": str(opinion.reason),
        "sentence": opinion.sentence,
        "update": update_request(facts, opinion),
        "notice": gate_notice(facts, opinion),
        "comparison": comparison,
        "record": {
            "at": facts["now"],
            "retraining": facts["retraining"],
            "version": facts["challenger"]["version"],
            "champion": champion and champion["version"],
            "verdict": opinion.verdict,
            "reason": str(opinion.reason),
            "sentence": opinion.sentence[:1000],
            "rules": [{"rule": each.rule, "verdict": each.verdict} for each in opinion.findings],
        },
    }


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "metric": finding.metric,
        "challenger": finding.challenger,
        "champion": finding.champion,
        "low": finding.low,
        "high": finding.high,
        "verdict": finding.verdict,
        "sentence": finding.sentence,
    }


def _opinion(facts: GateFacts, gate: Gate) -> Opinion:
    challenger = facts["challenger"]
    mine = read_evaluation(challenger.get("report"))
    if mine is None:
        return _left(Reason.REPORT_MISSING, _no_report("new", challenger["version"]))
    findings = _findings(facts, gate, mine)
    if mine.samples is None:
        said = "The evaluation report does not say dataset.item_count, so nobody knows how much it shows."
        return _left(Reason.REPORT_MISSING, said, findings)
    if mine.samples < gate.min_samples:
        said = f"The new version was evaluated on {mine.samples} records, and the gate asks for {gate.min_samples}."
        return _left(Reason.TOO_FEW_SAMPLES, said, findings)
    broken = _with(findings, "Fail")
    if broken:
        return Opinion("Reject", Reason.GATE_FAILED, _sentences(broken), findings)
    without = _incomparable(facts, mine) if gate.better or gate.not_worse else None
    if without:
        return _left(*without, findings)
    for verdict, reason in _OPEN.items():
        found = _with(findings, verdict)
        if found:
            return _left(reason, _sentences(found), findings)
    return _passed(facts, gate, findings)


_OPEN: dict[Verdict, Reason] = {"Missing": Reason.REPORT_MISSING, "Undecided": Reason.GATE_UNDECIDED}
"""Why a person decides about a rule that is neither kept nor broken."""


def _findings(facts: GateFacts, gate: Gate, mine: Evaluation) -> tuple[Finding, ...]:
    champion = facts["champion"]
    theirs = read_evaluation(champion.get("report")) if champion else None
    found: list[Finding] = []
    if champion and _incomparable(facts, mine) is None:
        found = compare(mine, theirs, gate.better, gate.not_worse, champion["version"])
    bias = champion.get("bias") if champion else None
    return (*found, *judge_bias(facts["challenger"].get("bias"), bias, gate.bias))


def _incomparable(facts: GateFacts, mine: Evaluation) -> tuple[Reason, str] | None:
    """Why the new version cannot be compared with the live one; None if it can."""
    champion, before = facts["champion"], facts["champion_at_start"]
    if champion is None:
        return Reason.CHAMPION_MISSING, "No version is live, so there is nothing to compare the new version with."
    live = champion["version"]
    if mine.beside and mine.beside_version != live:
        said = f"The new version was measured beside version {mine.beside_version}, but version {live} is live now."
        return Reason.CHAMPION_CHANGED, f"{said} So nothing says how both do on the same records."
    if mine.on_same_records(live) or read_evaluation(champion.get("report")) is not None:
        return None
    if live != before:
        was = f"version {before}" if before is not None else "none"
        said = f"While the new version was trained, version {live} went live (before: {was})."
        return Reason.CHAMPION_CHANGED, f"{said} {_no_report('live', live)}"
    return Reason.REPORT_MISSING, _no_report("live", live)


def _no_report(which: str, version: int) -> str:
    return (
        f"The {which} version, {version}, has no evaluation report that can be read: its package names none in"
        " ModelMetrics.ModelQuality.Statistics, or the file has no metrics."
    )


def _passed(facts: GateFacts, gate: Gate, findings: tuple[Finding, ...]) -> Opinion:
    champion, before = facts["champion"], facts["champion_at_start"]
    said = f"The new version shows all that the gate asks. {_sentences(findings)}".strip()
    if champion and champion["version"] != before:
        said += f" It was compared with version {champion['version']}, which went live while it was trained."
    if not findings:
        said = "The gate of the policy asks for nothing, so a person decides; write better or not_worse."
    if gate.approve == "by_person" or not findings:
        return _left(Reason.APPROVAL_LEFT_TO_PERSON, said, findings)
    return Opinion("Approve", Reason.GATE_PASSED, said, findings)


def _left(reason: Reason, sentence: str, findings: tuple[Finding, ...] = ()) -> Opinion:
    return Opinion("Leave", reason, sentence, findings)


def _with(findings: Sequence[Finding], verdict: Verdict) -> list[Finding]:
    return [each for each in findings if each.verdict == verdict]


def _sentences(findings: Sequence[Finding]) -> str:
    return " ".join(each.sentence for each in findings)
