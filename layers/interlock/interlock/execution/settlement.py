"""How a release ended: one outcome, one reason code and a sentence for a person."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from interlock.execution.lives import life_after, life_of
from interlock.execution.serving import as_before, delivered, serving, to_do, unremoved
from interlock.execution.standby import put_back, went_live
from interlock.model.aws_errors import message
from interlock.model.names import release_name
from interlock.model.notices import about_version
from interlock.model.quantities import in_words, seconds_between
from interlock.model.reasons import BLAMES_CANDIDATE, Outcome, Reason
from interlock.model.request import Request

LIVE = "Live"
"""The release goes on: see went_live."""

OUTCOMES: dict[str, Outcome] = {
    "Finished": Outcome.SUCCEEDED,
    "RolledBack": Outcome.ROLLED_BACK,
    "Held": Outcome.FAILED,
    "Refused": Outcome.REFUSED,
    "Superseded": Outcome.SUPERSEDED,
    "Cancelled": Outcome.CANCELLED,
    "Unbegun": Outcome.CANCELLED,
    "Abandoned": Outcome.FAILED,
}
"""How the machine ended, and the outcome that this is. ``Unbegun`` and ``Abandoned`` are what the steward says of a
release whose execution died: before it had a lease, and with a lease that could not be recovered."""

_NO_DECISION = frozenset({Reason.AWS_UNAVAILABLE, Reason.ENDPOINT_BUSY, Reason.INTERNAL_ERROR, Reason.RELEASES_FROZEN})
"""Reasons of a refusal that say nothing of the version or its policy: the approval comes back."""

_SUCCESSES = frozenset({Reason.ALREADY_LIVE, Reason.RECOVERED_FORWARD})
"""Reasons that make an end a success, whatever led to it."""


class _End(TypedDict):
    release: str
    group: str
    version: int
    endpoint: str
    ended: str
    reason: str
    sentence: str
    further: str
    planned: str
    by: str
    started: str
    left_behind: list[str]
    facts: Request


class Ending(_End):
    """How a release ended. ``ended``: a key of OUTCOMES; ``sentence``: why, and ``further`` what came after
    that, both empty where the reason says it all; ``planned``: the reason of the last plan; ``by``: the release that
    waits in this one's place; ``started`` and ``now``: ISO 8601; ``left_behind``: sentences; ``facts``: of the plan
    that went out, empty if none did; ``seen``: the endpoint as a failed release leaves it, as ``observe`` answers;
    ``following``: see continued."""

    now: str
    seen: Request
    following: NotRequired[Request]


class Unsettled(_End):
    """The same as ``settle`` takes it. The lease is freed if ``holder`` has it."""

    holder: str
    dry_run: bool


class Settled(TypedDict):
    """The end of a release. ``decides``: the number of the claim that it has decided, ``keeps``: that of the claim that
    is kept, for the end of a freeze or because an earlier stage had decided it, each 0 if none; ``live`` when the
    version now serves because of it and the ledger does not say so yet; ``lived``: what is live from now on, for the
    history of the endpoint, or null if that does not change; ``put_back``: see put_back; ``hands_on``: to the next
    stage, empty if not; ``tracked`` when SageMaker's lineage is to have it, ``red`` when the execution should show as
    failed; ``subject`` and ``body`` of the notice; ``document`` for the journal."""

    outcome: str
    reason: str
    sentence: str
    decides: int
    keeps: int
    quarantine: bool
    live: bool
    lived: Request | None
    put_back: Request | None
    hands_on: Request
    tracked: bool
    red: bool
    subject: str
    body: str
    document: dict[str, Any]


def end_of_dead(release: str, started: str, *, ended: str, reason: Reason) -> Unsettled:
    """The end of a release whose execution died, as ``settle`` takes it. What is not known of it can be filled in. No
    lease is freed."""
    return {
        "release": release,
        "holder": "",
        "group": "unknown",
        "version": 0,
        "endpoint": "unknown",
        "dry_run": False,
        "ended": ended,
        "reason": str(reason),
        "sentence": "",
        "further": "",
        "planned": "",
        "by": "",
        "started": started,
        "left_behind": [],
        "facts": {},
    }


def settle_release(task: Ending) -> Settled:
    """Name the outcome of a release, with a sentence for a person; or tell that its version is live and stable stands
    by."""
    if task["ended"] == LIVE:
        return went_live(task)
    reason = _reason(task)
    outcome = Outcome.SUCCEEDED if reason in _SUCCESSES else OUTCOMES[task["ended"]]
    seconds = seconds_between(task["started"], task["now"])
    sentence = _sentence(task, outcome, reason)
    delivered = outcome is Outcome.SUCCEEDED and reason in (Reason.DELIVERED, Reason.RECOVERED_FORWARD)
    goes_live, back = delivered and "standby" not in task["facts"], put_back(task, outcome)
    claim, later = _claim(task)
    hands_on = task.get("following", {}) if outcome is Outcome.SUCCEEDED else {}
    left_behind = [*task["left_behind"], *unremoved(task["facts"], outcome, reason)]
    undecided = task["ended"] == "Unbegun" or (outcome is Outcome.REFUSED and reason in _NO_DECISION)
    quarantine = outcome is Outcome.ROLLED_BACK and reason in BLAMES_CANDIDATE
    body = [
        f"{_HEADLINES[outcome]}: {sentence}",
        "",
        f"Model package group: {task['group']}",
        f"Version: {task['version']}",
        f"{'Batch' if 'batch' in task['facts'] else 'Endpoint'}: {task['endpoint']}",
        f"Outcome: {outcome} ({reason})",
        f"Took: {in_words(seconds)}",
        f"Release: {task['release']}",
    ]
    if undecided and claim and reason is Reason.RELEASES_FROZEN:
        body.append("The approval is kept: if the version is still approved then, it is released after the freeze.")
    elif undecided and claim:
        body.append("Nothing was decided about the version: if it is still approved it is released again by itself.")
    body += ([f"Next stage: {hands_on['stage']}"] if hands_on else []) + [f"Left behind: {it}" for it in left_behind]
    if quarantine:
        said = f"Version {task['version']} is quarantined: no repeated event can release it again."
        body.append(f"{said} Release a newer version.")
    notice = about_version(task["group"], task["version"], _HEADLINES[outcome].lower(), "\n".join(body))
    return {
        "outcome": str(outcome),
        "reason": str(reason),
        "sentence": sentence,
        "decides": 0 if undecided else claim,
        "keeps": claim if undecided and (later or reason is Reason.RELEASES_FROZEN) else 0,
        "quarantine": quarantine,
        "live": goes_live,
        "lived": life_of(task) if goes_live else life_after(back, sentence),
        "put_back": back,
        "hands_on": {**hands_on, "known": sentence} if hands_on else {},
        "tracked": delivered or outcome in (Outcome.ROLLED_BACK, Outcome.FAILED),
        "red": outcome in (Outcome.ROLLED_BACK, Outcome.FAILED, Outcome.REFUSED),
        **notice,
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
            "left_behind": left_behind,
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


def _claim(task: Ending) -> tuple[int, bool]:
    """The number of the claim that started the release, from its name; 0 if a person did. A person's release may look
    like one, with a number that no claim has. And whether it went to a later stage (see following_name)."""
    rest = task["release"].removeprefix(f"{release_name(task['group'], task['version'])}-")
    number, _, further = rest.partition("-")
    return int(number) if rest != task["release"] and number.isdecimal() else 0, bool(further)


def _reason(task: Ending) -> Reason:
    """A plan that was carried out to its end delivered. A rollback plan that found the candidate in service only
    tidied."""
    if task["ended"] == "Finished":
        return Reason.DELIVERED
    if task["ended"] == "RolledBack" and task["planned"] == Reason.RECOVERED_FORWARD:
        return Reason.RECOVERED_FORWARD
    return Reason(task["reason"])


_USAGE = (
    'The input needs group (text) and version (a number), for example {"group": "churn", "version": 7}; dry_run, if'
    " given, is true or false."
)


def _sentence(task: Ending, outcome: Outcome, reason: Reason) -> str:
    why = _why(task, outcome, reason)
    after = as_before(task["facts"]) if outcome is Outcome.ROLLED_BACK else ""
    if outcome is Outcome.FAILED:
        now = serving(task["endpoint"], task["version"], task["facts"], task["seen"])
        after = f"{now} {to_do(task['ended'], reason, task['endpoint'])}"
    return " ".join(filter(None, (why, message(task["further"]), after)))


def _why(task: Ending, outcome: Outcome, reason: Reason) -> str:
    said, endpoint = message(task["sentence"]), task["endpoint"]
    if reason is Reason.INTERNAL_ERROR:
        return f"Interlock failed{' before anything was touched' if outcome is Outcome.REFUSED else ''}: {said}"
    if said:
        return said
    return {
        Reason.DELIVERED: delivered(f"Version {task['version']} of {task['group']}", endpoint, task["facts"]),
        Reason.INPUT_INVALID: _USAGE,
        Reason.EXECUTION_STOPPED: (
            "The execution of this release was stopped, or died, before it had an endpoint. Nothing was changed."
        ),
        Reason.LEASE_LOST: "Another execution took over this endpoint.",
        Reason.RELEASE_IN_PROGRESS: (
            f"Release {task['by']} holds endpoint {endpoint}, and the policy says newer: reject. Ask for this version"
            " again with operate when that release has ended."
        ),
        Reason.NEWER_VERSION_WAITING: (
            f"Release {task['by']} of the same or a newer version waits for endpoint {endpoint} in its place."
        ),
    }.get(reason, "")
