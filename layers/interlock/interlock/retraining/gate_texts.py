"""What the gate writes: the request that updates the package, and the notice that shows both versions side by side."""

from __future__ import annotations

import re

from interlock.model.notices import Notice, about_version
from interlock.model.request import Request
from interlock.retraining.comparison import Finding
from interlock.retraining.verdict import GateFacts, Opinion

LONGEST_DESCRIPTION = 1024
"""Characters of an ApprovalDescription (botocore UpdateModelPackage)."""

LONGEST_VALUE = 256
"""Characters of a metadata value (botocore CustomerMetadataValue)."""

_UNFIT = re.compile(r"[^\w\s.:/=+\-@]")
"""Characters that a metadata value may not have (botocore CustomerMetadataValue: letters, spaces, numbers and
``_.:/=+-@``). Words of Python are letters, numbers and the underscore."""

STATUSES = {"Approve": "Approved", "Reject": "Rejected"}
"""The approval status that a verdict sets. A version that is left keeps the one it has."""

HAPPENS = {"Approve": "is approved", "Leave": "waits for your approval", "Reject": "is rejected"}


def update_request(facts: GateFacts, opinion: Opinion) -> Request:
    """UpdateModelPackage: the verdict, and how the version came to be."""
    signal, champion = facts["signal"], facts["champion"]
    told = {
        "interlock-retraining": facts["retraining"],
        "interlock-signal": str(signal.get("kind", "")),
        "interlock-signal-evidence": str(signal.get("evidence", "")),
        "interlock-verdict": opinion.verdict,
        "interlock-verdict-reason": str(opinion.reason),
        "interlock-verdict-at": facts["now"],
        "interlock-champion": "" if champion is None else str(champion["version"]),
    }
    request: Request = {
        "ModelPackageArn": facts["challenger"].get("arn", ""),
        "CustomerMetadataProperties": {name: fit for name, value in told.items() if (fit := metadata_value(value))},
    }
    if opinion.verdict in STATUSES:
        request["ModelApprovalStatus"] = STATUSES[opinion.verdict]
        request["ApprovalDescription"] = _one_line(f"Interlock ({opinion.reason}): {opinion.sentence}")
    return request


def metadata_value(text: str) -> str:
    """``text`` as a metadata value may be."""
    return " ".join(_UNFIT.sub("-", text).split())[:LONGEST_VALUE].strip()


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_DESCRIPTION else f"{line[: LONGEST_DESCRIPTION - 3]}..."


def gate_notice(facts: GateFacts, opinion: Opinion) -> Notice:
    """What a person is told: the verdict, the versions side by side, and how to answer."""
    challenger, champion = facts["challenger"], facts["champion"]
    lines = [opinion.sentence, "", *_table(facts, opinion.findings)]
    lines += [
        f"Model package group: {facts['group']}",
        f"Endpoint: {facts['endpoint']}",
        f"Retraining: {facts['retraining']} (signal: {facts['signal'].get('kind', 'none')})",
        f"New version: {challenger['version']}",
        f"Live version: {'none' if champion is None else champion['version']}",
        f"Verdict: {opinion.verdict} ({opinion.reason})",
    ]
    if facts["signal"].get("evidence"):
        lines.append(f"Evidence of the signal: {facts['signal']['evidence']}")
    if opinion.verdict == "Approve":
        lines += ["", "Its release starts now. To stop it, reject the version:", *_command(facts, "Rejected")]
    elif opinion.verdict == "Leave":
        lines += ["", "Nothing happens until you answer. To release it:", *_command(facts, "Approved")]
        lines += ["To reject it:", *_command(facts, "Rejected")]
    else:
        lines += ["", "To release it all the same:", *_command(facts, "Approved")]
    return about_version(facts["group"], challenger["version"], HAPPENS[opinion.verdict], "\n".join(lines))


def _command(facts: GateFacts, status: str) -> list[str]:
    arn = facts["challenger"].get("arn", "")
    return [
        f"  aws sagemaker update-model-package --model-package-arn {arn} --model-approval-status {status}"
        ' --approval-description "why"'
    ]


HEADINGS = ("metric", "new", "live", "better by", "rule")


def _table(facts: GateFacts, findings: tuple[Finding, ...]) -> list[str]:
    """One line a rule, in columns. Empty without rules."""
    if not findings:
        return []
    rows = [HEADINGS, *(_cells(each) for each in findings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]
    return [*lines, ""]


def _cells(finding: Finding) -> tuple[str, ...]:
    spread = ""
    if finding.low is not None and finding.high is not None:
        spread = f"{finding.low:+.4g} to {finding.high:+.4g}"
    return (
        finding.metric,
        _number(finding.challenger),
        _number(finding.champion),
        spread or "-",
        f"{finding.rule}: {finding.verdict}",
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
