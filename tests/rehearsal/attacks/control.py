"""What the CONTROL item of the ledger said at each moment of a play, read from the calls; and what follows from it.

Each function says what broke, in sentences. They ask the ledger, not the clock: an answer may be late, an order may not
be wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rehearsal.account.gateway import Call
from rehearsal.playing import Rehearsal
from tests.rehearsal.attacks.invariants import MOVES, is_step, restores

SOON = 30.0  # virtual seconds within which a word that was taken in ends the wait

_SET = re.compile(r"(\w+) = (?:if_not_exists\((\w+), )?(:?\w+)")
_TOKENS = ("next_token", "endpoint_token", "bake_token", "pause_token")


@dataclass(frozen=True)
class Write:
    """A write of the item of an endpoint: `before` and `after` are what it says of itself, `changes` what was written,
    None for what was removed. `number` counts all calls, `by` is the ARN of the execution."""

    number: int
    at: float
    by: str
    changes: Mapping[str, str | None]
    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True)
class Wait:
    """A wait that gave its token away in the write `begun`. `answered`: the number of the call that answered the token,
    or None. `until`: when the execution went on or ended; None if it still waits."""

    begun: Write
    kind: str
    token: str
    answered: int | None
    until: float | None


def writes(played: Rehearsal) -> list[Write]:
    """Every write of a CONTROL item, in the order they were made."""
    items: dict[str, dict[str, str]] = {}
    found = []
    for number, call in enumerate(played.result.calls):
        if call.operation != "UpdateItem" or call.error or call.request["Key"]["pk"]["S"] != "CONTROL":
            continue
        endpoint = call.request["Key"]["sk"]["S"]
        before = items.get(endpoint, {})
        changes = dict(_changes(call, before))
        items[endpoint] = after = {name: text for name, text in {**before, **changes}.items() if text is not None}
        found.append(Write(number, call.at, call.caller.execution, changes, before, after))
    return found


def _changes(call: Call, before: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    assigned, _, removed = call.request["UpdateExpression"].strip().partition("REMOVE ")
    values = call.request.get("ExpressionAttributeValues", {})
    for name, kept, value in _SET.findall(assigned):
        if kept in before:
            yield name, before[kept]
        else:
            yield name, str(next(iter(values[value].values()))) if value in values else before.get(value)
    for name in removed.replace(",", " ").split():
        yield name, None


def waits(played: Rehearsal) -> Iterator[Wait]:
    """Every wait for a token."""
    executions = {each.arn: each for each in played.world.states.executions}
    answers = {
        call.request["taskToken"]: number
        for number, call in enumerate(played.result.calls)
        if call.operation.startswith("SendTask") and not call.error
    }
    for write in writes(played):
        holder = executions[write.by]
        for kind in _TOKENS:
            token = write.changes.get(kind)
            if token and token != write.before.get(kind):
                next_states = (step.at for step in holder.entered if step.at > write.at)
                yield Wait(write, kind, token, answers.get(token), next(next_states, holder.stop))


def one_has_the_lease(played: Rehearsal) -> list[str]:
    """A lease passes on only from an execution that has freed it or is over, and only its holder changes the endpoint:
    it, or what it called."""
    executions = {each.arn: each for each in played.world.states.executions}
    broken = []
    for write in writes(played):
        old, new = write.before.get("holder"), write.changes.get("holder")
        stop = executions[old].stop if old else None
        if old and new and old != new and (stop is None or stop > write.at):
            broken.append(f"{_name(new)} takes the lease while {_name(old)} has it and runs")
    holder = None
    held = {write.number: write.after.get("holder") for write in writes(played)}
    for number, call in enumerate(played.result.calls):
        holder = held.get(number, holder)
        if call.operation in MOVES and call.caller.execution:
            parent = executions[executions[call.caller.execution].parent]
            if parent.arn != holder and (parent.stop is None or parent.stop > call.at):
                broken.append(f"{parent.name} sends {call.operation} and does not have the lease")
    return broken


def no_token_is_lost(played: Rehearsal) -> list[str]:
    """A token is in the ledger until it is answered, or its wait timed out as meant, or its execution is over. Who
    takes it away answers it."""
    broken = []
    after = writes(played)
    for wait in waits(played):
        if wait.answered is not None:
            continue
        for write in after:
            over = wait.until is not None and write.at >= wait.until
            if (
                write.number > wait.begun.number
                and not over
                and wait.kind in write.changes
                and write.by != wait.begun.by
            ):
                broken.append(f"the {wait.kind} of {_name(wait.begun.by)} is taken away, and nobody answers it")
                break
    return broken


def a_word_ends_the_wait(played: Rehearsal) -> list[str]:
    """No wait of a delivery begins after a stop word, and a wait that is on ends soon after one, or after the event
    that it waits for."""
    broken = []
    for wait in waits(played):
        told = "abort_reason" in wait.begun.after and "back_reason" not in wait.begun.after
        if told and wait.kind != "next_token":
            broken.append(f"{_name(wait.begun.by)} begins to wait after it was told to stop")
        until = played.result.ended if wait.until is None else wait.until
        for write in writes(played):
            heard = "abort_reason" in write.changes and wait.kind != "next_token"
            heard |= "arrived" in write.changes and bool(write.changes["arrived"]) and wait.kind == "endpoint_token"
            if heard and write.before.get(wait.kind) == wait.token and wait.begun.at <= write.at < until - SOON:
                broken.append(
                    f"{_name(wait.begun.by)} waits for {until - write.at:.0f} s more after a word that ends it"
                )
                break
    return broken


def obeys(played: Rehearsal) -> list[str]:
    """No call that moves traffic or capacity to the candidate after a stop word has been taken in: its leave to go on,
    the last that its execution wrote, is older than the word and than a pause."""
    executions = {each.arn: each for each in played.world.states.executions}
    releases = {arn: each for each in played.result.releases for arn in each.executions}
    broken = []
    written = writes(played)
    for number, call in enumerate(played.result.calls):
        release = releases.get(call.caller.execution)
        if release is None or call.operation not in MOVES or restores(release, call.operation, call.request):
            continue
        if not any(is_step(step, call.operation, call.request) for step in release.plan.get("steps", ())):
            continue
        parent = executions[call.caller.execution].parent
        last = next((each for each in reversed(written) if each.number < number and each.by == parent), None)
        if last is None or "hears" not in last.changes:
            broken.append(f"{call.operation} of {release.id} is sent without looking whether it was told to stop")
        elif word := {"abort_reason", "back_reason", "paused"} & set(last.after):
            broken.append(f"{call.operation} of {release.id} is sent although {', '.join(sorted(word))} stands")
    return broken


def takes_stop_words(played: Rehearsal) -> list[str]:
    """A stop word that comes while the release still obeys one is not turned away, unless it goes back anyway."""
    broken = []
    written = writes(played)
    succeeded = [each.id for each in played.result.releases if each.outcome == "Succeeded"]
    for number, call in enumerate(played.result.calls):
        if call.operation == "UpdateItem" and call.error and "SET abort_reason" in call.request["UpdateExpression"]:
            item = next((each.after for each in reversed(written) if each.number < number), {})
            if item.get("release_id") in succeeded and _hears(item):
                reason = call.request["ExpressionAttributeValues"][":reason"]["S"]
                broken.append(f"{reason} is turned away while {item['release_id']} rolls back, and it succeeds")
    return broken


def _hears(item: Mapping[str, str]) -> bool:
    return "holder" in item and "|Abort|" in item.get("hears", "|Abort|")


def obeyed_until(played: Rehearsal, release: str) -> float:
    """Until when a release obeyed a stop word; when the play ended if it never stopped doing so."""
    deaf = (each.at for each in writes(played) if each.before.get("release_id") == release and not _hears(each.after))
    return next(deaf, played.result.ended)


def what_was_done_is_done(played: Rehearsal) -> list[str]:
    """What a person was told was done has its effect: abort ends the release without success; pause lets no step begin
    until a resume; resume and promote end the wait."""
    broken = []
    written = writes(played)
    for each in played.world.states.executions:
        if each.machine.name != "interlock-operate" or each.status != "SUCCEEDED":
            continue
        action = json.loads(each.input)["action"]
        intakes = {one.arn for one in played.world.states.executions if one.parent == each.arn}
        mine = [write for write in written if write.by in intakes]
        if not mine:
            broken.append(f"{action} is said to be done, and the ledger does not know")
        for write in mine:
            broken += [f"{action} is said to be done, and {said}" for said in _without_effect(played, action, write)]
    return broken


def _without_effect(played: Rehearsal, action: str, write: Write) -> Iterator[str]:
    release = next(each for each in played.result.releases if each.id == write.before["release_id"])
    if action == "abort" and release.outcome == "Succeeded":
        yield f"{release.id} succeeded"
    if action == "pause" and release.outcome == "Succeeded":
        later = [each for each in writes(played) if each.number > write.number]
        if not any("paused" in each.changes and each.changes["paused"] is None for each in later):
            yield f"{release.id} succeeded without a resume"
    kind = {"resume": "pause_token", "promote": "bake_token"}.get(action)
    for wait in waits(played):
        until = played.result.ended if wait.until is None else wait.until
        if kind and write.before.get(kind) == wait.token and wait.begun.at <= write.at < until - SOON:
            yield f"{release.id} waits for {until - write.at:.0f} s more"


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


INVARIANTS = (one_has_the_lease, no_token_is_lost, a_word_ends_the_wait, takes_stop_words, obeys, what_was_done_is_done)
