"""The commands that several events and requests lead to, and the parts that all commands share."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from interlock.model.names import release_name, response_name
from interlock.model.notices import Notice, refusal_notice
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.model.results_path import bucket_and_key


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
    """``PolicyMissing``: Interlock does not release the group. ``EventDuplicate``: the decision is known, so the event
    may be about something else."""

    PolicyMissing: Ignore
    EventDuplicate: Command


class StartRelease(Command):
    """Release a version, unless its approval has been acted on before. ``decided_at``: when it was approved, as the
    ledger writes times; empty where nobody told; ``approved``: the containers that were, as far as the event told
    them. The machine adds ``execution``, an ARN."""

    group: str
    version: int
    decision: str
    decided_at: str
    approved: list[Request]
    name: str
    otherwise: IfNotStarted
    execution: NotRequired[str]


class EvidenceFile(TypedDict):
    """The file in which a monitor says what it found. ``size`` in bytes; null where it was not told."""

    bucket: str
    key: str
    size: int | None


class Weigh(Command):
    """Decide what a signal calls for. ``signal`` is a Signal as JSON (see model/signal.py); its kind is empty where
    only the violations file can tell it.

    ``name`` is the name of the execution that decides: the same run has the same name through every channel, so it is
    decided once. If ``once`` is false, what was told is not a repetition of anything, and the machine makes the name
    distinct. ``dry_run``: only say what would be decided. ``job``: the processing job, whose exit message says more.
    """

    name: str
    once: bool
    dry_run: bool
    signal: Request
    file: NotRequired[EvidenceFile]
    job: NotRequired[str]


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


def start_release(
    group: str, version: int, sentence: str, decided_at: str = "", approved: list[Request] | None = None
) -> StartRelease:
    """The command that starts a release of an approved version."""
    without_policy = f"There is no policy for model package group {group}."
    return {
        "kind": "StartRelease",
        "reason": str(Reason.ACCEPTED),
        "sentence": sentence,
        "group": group,
        "version": version,
        "decision": "Approved",
        "decided_at": decided_at,
        "approved": approved or [],
        "name": release_name(group, version),
        "otherwise": {
            "PolicyMissing": ignore(without_policy, Reason.POLICY_MISSING),
            "EventDuplicate": ignore(f"{sentence} That is known already.", Reason.EVENT_DUPLICATE),
        },
    }


def weigh(signal: Request, size: int | None = None, job: str = "", once: bool = True, dry_run: bool = False) -> Weigh:
    """The command that weighs ``signal``, with the file that its evidence names."""
    command: Weigh = {
        "kind": "Weigh",
        "reason": str(Reason.ACCEPTED),
        "sentence": signal["sentence"],
        "name": response_name(signal["run"]),
        "once": once,
        "dry_run": dry_run,
        "signal": signal,
    }
    bucket, key = bucket_and_key(signal["evidence"])
    if key.endswith(".json"):
        command["file"] = {"bucket": bucket, "key": key, "size": size}
    if job:
        command["job"] = job
    return command


def told(kind: str, run: str, since: str, severity: str, sentence: str, **more: str) -> Request:
    """A Signal as JSON, as far as an event can tell it. ``more``: group, endpoint, evidence."""
    return {
        "kind": kind,
        "group": more.get("group", ""),
        "endpoint": more.get("endpoint", ""),
        "version": None,
        "run": run,
        "since": since,
        "severity": severity,
        "sentence": sentence,
        "evidence": more.get("evidence", ""),
        "violations": [],
        "count": 0,
    }
