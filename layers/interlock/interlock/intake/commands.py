"""The commands that several events and requests lead to, and the parts that all commands share."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from interlock.model.names import release_name
from interlock.model.notices import Notice, refusal_notice
from interlock.model.reasons import Reason


class Command(TypedDict):
    """The answer to an event. Every command has these fields; ``kind`` is the one word that the machine branches on.

    A command may carry ``otherwise``: what it becomes if the machine meets one of the cases that are named there. The
    machine merges the alternative into the command.
    """

    kind: str
    reason: str
    sentence: str


class Ignore(Command):
    """Nothing follows, and nothing is wrong."""


class Refuse(Command):
    """Nothing follows, and a person should know."""

    notice: Notice


class IfNothingToDo(TypedDict):
    """``NothingToDo``: the ledger holds nothing that the command could apply to."""

    NothingToDo: Ignore


class IfNotStarted(TypedDict):
    """``PolicyMissing``: Interlock does not release the group. ``EventDuplicate``: the decision is known."""

    PolicyMissing: Ignore
    EventDuplicate: Ignore


class StartRelease(Command):
    """Release a version, unless its approval has been acted on before. The machine adds ``execution``, an ARN."""

    group: str
    version: int
    decision: str
    name: str
    otherwise: IfNotStarted
    execution: NotRequired[str]


def ignore(sentence: str, reason: Reason = Reason.EVENT_IRRELEVANT) -> Ignore:
    """Nothing follows from the event."""
    return {"kind": "Ignore", "reason": str(reason), "sentence": sentence}


def refuse(reason: Reason, sentence: str) -> Refuse:
    """The event cannot be read; ``sentence`` names the field and the remedy."""
    return {
        "kind": "Refuse",
        "reason": str(reason),
        "sentence": sentence,
        "notice": refusal_notice(reason, sentence),
    }


def if_nothing_to_do(sentence: str) -> IfNothingToDo:
    """The alternative to a command that says ``sentence``."""
    return {"NothingToDo": ignore(f"{sentence} There is nothing it could apply to.", Reason.NOTHING_TO_DO)}


def start_release(group: str, version: int, sentence: str) -> StartRelease:
    """The command that starts a release of an approved version."""
    without_policy = f"There is no policy for model package group {group}."
    return {
        "kind": "StartRelease",
        "reason": str(Reason.ACCEPTED),
        "sentence": sentence,
        "group": group,
        "version": version,
        "decision": "Approved",
        "name": release_name(group, version),
        "otherwise": {
            "PolicyMissing": ignore(without_policy, Reason.POLICY_MISSING),
            "EventDuplicate": ignore(f"{sentence} That is known already.", Reason.EVENT_DUPLICATE),
        },
    }
