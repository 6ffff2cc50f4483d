"""How a release ended, in one outcome, one reason code and words for a person."""

from __future__ import annotations

from datetime import datetime

from interlock.model.aws_errors import message
from interlock.model.plan import Request
from interlock.model.quantities import in_words
from interlock.model.reasons import BLAMES_CANDIDATE, Outcome, Reason

OUTCOMES: dict[str, Outcome] = {
    "Finished": Outcome.SUCCEEDED,
    "TakenBack": Outcome.ROLLED_BACK,
    "Held": Outcome.FAILED,
    "Refused": Outcome.REFUSED,
    "Superseded": Outcome.SUPERSEDED,
    "Cancelled": Outcome.CANCELLED,
}
"""Where the machine stood when it came to an end, and what that is called."""

_SUCCESSES = frozenset({Reason.ALREADY_LIVE, Reason.RECOVERED_FORWARD})
"""Reasons that make an ending a success whatever led to it."""

NOTICE_LIMIT = 99
"""Characters of an SNS subject (botocore Publish Subject: less than 100, no line breaks or control characters)."""


def settle_release(task: Request) -> Request:
    """Name the ending of a release.

    ``task``: ``release``, ``group``, ``version``, ``endpoint``, ``ended`` (a key of OUTCOMES), ``reason``,
    ``sentence``, ``started`` and ``now`` (ISO 8601), ``left_behind`` (sentences). Answers ``{"outcome", "reason",
    "sentence", "quarantine", "live", "red", "subject", "body", "document"}``: ``live`` when the version now serves
    because of this release, ``red`` when the execution should show as failed.
    """
    reason = Reason(task["reason"])
    outcome = Outcome.SUCCEEDED if reason in _SUCCESSES else OUTCOMES[task["ended"]]
    seconds = (datetime.fromisoformat(task["now"]) - datetime.fromisoformat(task["started"])).total_seconds()
    sentence = _sentence(task, outcome)
    quarantine = outcome is Outcome.ROLLED_BACK and reason in BLAMES_CANDIDATE
    body = [
        f"{_HEADLINES[outcome]}: {sentence}",
        "",
        f"Model package group: {task['group']}",
        f"Version: {task['version']}",
    ]
    body += [
        f"Endpoint: {task['endpoint']}",
        f"Outcome: {outcome} ({reason})",
        f"Took: {in_words(seconds)}",
        f"Release: {task['release']}",
    ]
    body += [f"Left behind: {item}" for item in task["left_behind"]]
    if quarantine:
        body.append(
            f"Version {task['version']} is quarantined: no repeated event brings it back. Release a newer version."
        )
    return {
        "outcome": str(outcome),
        "reason": str(reason),
        "sentence": sentence,
        "quarantine": quarantine,
        "live": outcome is Outcome.SUCCEEDED and reason in (Reason.DELIVERED, Reason.RECOVERED_FORWARD),
        "red": outcome in (Outcome.ROLLED_BACK, Outcome.FAILED, Outcome.REFUSED),
        "subject": _subject(f"[Interlock] {task['group']} v{task['version']} {_HEADLINES[outcome].lower()}"),
        "body": "\n".join(body),
        "document": {
            "release": task["release"],
            "group": task["group"],
            "version": task["version"],
            "endpoint": task["endpoint"],
            "outcome": str(outcome),
            "reason": str(reason),
            "sentence": sentence,
            "seconds": round(seconds),
            "quarantined": quarantine,
            "left_behind": task["left_behind"],
        },
    }


_HEADLINES = {
    Outcome.SUCCEEDED: "Succeeded",
    Outcome.ROLLED_BACK: "Rolled back",
    Outcome.FAILED: "Failed, a person is needed",
    Outcome.REFUSED: "Refused, nothing was touched",
    Outcome.SUPERSEDED: "Superseded",
    Outcome.CANCELLED: "Cancelled",
}


def _subject(text: str) -> str:
    """``text`` as a subject: a group may be whatever a person typed into the console."""
    return "".join(char if char.isprintable() else " " for char in text)[:NOTICE_LIMIT]


def _sentence(task: Request, outcome: Outcome) -> str:
    if task["ended"] == "Finished" and not task["sentence"]:
        return f"Version {task['version']} of {task['group']} is live on {task['endpoint']} with all traffic."
    if outcome is Outcome.ROLLED_BACK:
        return f"{message(task['sentence'])} The endpoint is as it was before."
    return message(task["sentence"])
