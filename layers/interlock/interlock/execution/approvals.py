"""The steward's decisions about approvals that were not heard of or led to no decision, and about signals whose
execution was stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NotRequired, TypedDict

from interlock.execution.reconciliation import Listed, Problem, decision_found, found, sentences
from interlock.execution.settlement import Unsettled, end_of_dead
from interlock.model.freezes import POLICY, read_freezes
from interlock.model.ledger_item import number, text
from interlock.model.names import release_name
from interlock.model.quantities import seconds_between
from interlock.model.reasons import Reason
from interlock.model.request import Request

CLAIM_SECONDS = 300
"""So long may pass between the claim of an approval and the start of its release (an execution of ``intake`` ends
before). A younger claim without an execution is no dead release."""

FIRST_HOUR = 3600
"""Seconds for which an approval without a decision comes back at every round. After that it comes back once an hour,
so that what needs a person does not send a notice every five minutes."""

FRESH = 3600
"""Seconds. An execution that was stopped longer ago is not brought back: what it had read is not true any more. Nor is
its end looked for: many rounds have."""


class GroupVersions(TypedDict):
    """The newest ``versions`` of a group, the newest first, and their DECISION items as DynamoDB has them. ``written``:
    when its policy was written last (ISO 8601)."""

    group: str
    written: str
    versions: list[Listed]
    decisions: list[Request]


class Stopped(TypedDict):
    """An execution that somebody stopped (sfn ExecutionListItem)."""

    ExecutionArn: str
    Name: str
    StopDate: str
    RedriveCount: NotRequired[int]


class VersionsTask(TypedDict):
    """A page of groups with a policy, and all ``freezes`` as DynamoDB has them; with the first page the newest
    executions that were stopped, of ``respond`` (``stopped``) and of ``deliver`` (``died``). ``now``: ISO 8601;
    ``problems``: the errors met so far."""

    now: str
    groups: list[GroupVersions]
    freezes: list[Request]
    stopped: list[Stopped]
    died: list[Stopped]
    problems: list[Problem]


class Approval(TypedDict):
    """An approval that led to no decision. ``claimed``: the number of the claim; ``event``: what brings it back."""

    group: str
    version: int
    claimed: int
    event: Request


class MayBeDead(TypedDict):
    """A ``release`` that may have died before it had a lease. If so, this is its ``end``, without what its execution
    says of it, and its ``approval``, if it is known, comes back. ``fresh``: the claim is so young that the release may
    not have started."""

    release: str
    fresh: bool
    end: Unsettled
    approval: NotRequired[Approval]


class VersionsReconciled(TypedDict):
    """``events`` go to the door. ``redrive``: ARNs of executions that go on where they were stopped. ``problems`` are
    sentences."""

    redrive: list[str]
    dead: list[MayBeDead]
    events: list[Request]
    problems: list[str]


def reconcile_versions(task: VersionsTask) -> VersionsReconciled:
    """What the registry says of each group, beside what Interlock has heard of."""
    answer: VersionsReconciled = {
        "redrive": list(_brought_back(task)),
        "dead": [],
        "events": [],
        "problems": sentences(task["problems"]),
    }
    freezes = {each.where for each in read_freezes(task["freezes"], task["now"])}
    for group in task["groups"]:
        decided = {text(item, "pk"): item for item in group["decisions"]}
        newest = next((each["version"] for each in group["versions"] if each["status"] == "Approved"), 0)
        first = text(decided.get(f"VERSION#{group['group']}/{newest}", {}), "undecided_since")
        for each in group["versions"]:
            item = decided.get(f"VERSION#{group['group']}/{each['version']}", {})
            after_newest = bool(first) and each["version"] != newest
            if each["status"] == "Approved" and _is_kept(item, task["now"], freezes, group["written"], after_newest):
                continue
            if each["status"] == "Approved":
                _approved(answer, task["now"], group["group"], each["version"], item, each["version"] == newest)
            elif text(item, "decision") == "Approved":
                answer["events"].append(decision_found(group["group"], each))
    known = {each["release"] for each in answer["dead"]}
    answer["dead"] += [_may_be_dead(name, task["now"]) for name in _died_lately(task) if name not in known]
    return answer


def _brought_back(task: VersionsTask) -> Iterator[str]:
    """A signal is told once, so its execution is brought back, but only once: who stops it again means it."""
    for each in task["stopped"]:
        if _age(task["now"], each["StopDate"]) < FRESH and not each.get("RedriveCount"):
            yield each["ExecutionArn"]


def _died_lately(task: VersionsTask) -> list[str]:
    """The releases that were stopped within the last hour. Some had no approval, or have none any more."""
    return [each["Name"] for each in task["died"] if _age(task["now"], each["StopDate"]) < FRESH]


def _may_be_dead(release: str, now: str, fresh: bool = False) -> MayBeDead:
    end = end_of_dead(release, now, ended="Unbegun", reason=Reason.EXECUTION_STOPPED)
    return {"release": release, "fresh": fresh, "end": end}


def _approved(answer: VersionsReconciled, now: str, group: str, version: int, item: Request, newest: bool) -> None:
    """An approval that is known has nothing to tell unless it led to no decision. Of those that are not known the
    newest counts, and each of a version that was released before and has been approved again: the older ones may have
    been approved before there was a policy."""
    event = found("Approved Version Found", {"group": group, "version": version})
    claimed = number(item, "decisions")
    if text(item, "decision") != "Approved":
        if newest or claimed:
            answer["events"].append(event)
    elif _comes_back(now, text(item, "undecided_since"), text(item, "claimed_at")):
        release = f"{release_name(group, version)}-{claimed}"
        fresh = _age(now, text(item, "claimed_at")) < CLAIM_SECONDS
        approval: Approval = {"group": group, "version": version, "claimed": claimed, "event": event}
        answer["dead"].append({**_may_be_dead(release, now, fresh), "approval": approval})


def _is_kept(item: Request, now: str, freezes: set[str], written: str, after_newest: bool) -> bool:
    """Whether an approval waits for the end of a freeze: of one of ``freezes``, which hold ``now``, or of the policy's
    calendar, unless the policy was ``written`` since. Of several that waited the newest version goes first."""
    by = text(item, "frozen_by")
    if by != POLICY:
        return by in freezes or (bool(by) and after_newest)
    over = now >= text(item, "frozen_until") or _age(now, written) < _age(now, text(item, "claimed_at"))
    return not over or after_newest


def _comes_back(now: str, since: str, claimed_at: str) -> bool:
    """Whether an approval without a decision ``since`` then should be acted on again. ``claimed_at``: when it was acted
    on last. Times that cannot be read are long ago."""
    if not since:
        return False
    return _age(now, since) < FIRST_HOUR or _age(now, claimed_at) >= FIRST_HOUR


def _age(now: str, then: str) -> float:
    try:
        return seconds_between(then, now)
    except (ValueError, TypeError):
        return float("inf")
