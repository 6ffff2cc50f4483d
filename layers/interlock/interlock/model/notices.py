"""Notices: what people are told by mail or chat, in a subject and a body."""

from __future__ import annotations

from typing import TypedDict

from interlock.model.reasons import Reason

SUBJECT_LIMIT = 99
"""Characters of an SNS subject (botocore Publish Subject: less than 100, no line breaks or control characters)."""


class Notice(TypedDict):
    """A notice as SNS sends it."""

    subject: str
    body: str


def about_version(group: str, version: int, happens: str, body: str) -> Notice:
    """A notice about a version: ``[Interlock] churn v7 starts``. A group may be whatever a person typed into the
    console, so what cannot stand in a subject is left out of it."""
    text = f"[Interlock] {group} v{version} {happens}"
    return {"subject": "".join(char if char.isprintable() else " " for char in text)[:SUBJECT_LIMIT], "body": body}


def about_group(group: str, happens: str, body: str) -> Notice:
    """A notice about a group: ``[Interlock] churn drifts``. What cannot stand in a subject is left out of it."""
    text = f"[Interlock] {group} {happens}"
    return {"subject": "".join(char if " " <= char <= "~" else " " for char in text)[:SUBJECT_LIMIT], "body": body}


def refusal_notice(reason: Reason, sentence: str) -> Notice:
    """The notice about an event, a request or a policy that was refused."""
    return {
        "subject": f"[Interlock] refused: {reason}",
        "body": f"Refused ({reason}): {sentence} Nothing was touched.",
    }
