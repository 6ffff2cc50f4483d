"""Each call that a release leads to goes wrong once: denied, throttled, without an answer, or made and not heard of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from rehearsal.account.gateway import Call
from rehearsal.playing import Rehearsal
from tests.rehearsal.attacks import invariants
from tests.rehearsal.attacks.plans import APPROVED, PLANS, Case, Document, begins, document, ends, undisturbed

ABOUT = "every call, denied, throttled once, hanging, or with its answer lost, out and back"

FAULTS: dict[str, Document] = {
    "denied": {"error": {"code": "AccessDeniedException", "message": "Not authorized, by the attack"}},
    "throttled": {"error": {"code": "ThrottlingException", "message": "Rate exceeded"}},
    "hangs": {"hangs": True},
    "lost": {"answer_lost": True},
}
_OTHERS = ("person", "cloudwatch.amazonaws.com")
_LOOKS_ROUND = ("steward", "monitor", "SchedulerRole")  # they come again every five minutes
_TO_DEAD_LETTERS = ("events.amazonaws.com", "SchedulerRole")  # where EventBridge puts what it may not deliver


def cases() -> Iterator[Case]:
    for plan in PLANS:
        for number, who, call in _calls(plan):
            for fault, how in FAULTS.items():
                if fault == "denied" and call.service == "sqs" and "pipe/" in who:
                    continue  # ends the pipe: test_a_pipe_that_may_not_read_its_queue_stops_and_says_why
                wrong = {
                    "service": call.service,
                    "operation": call.operation,
                    "caller": who,
                    "state": call.caller.state,
                    "at": APPROVED,
                    "call": number,
                    **how,
                }
                name = f"{plan}, {who.strip(':')} {call.caller.state} {call.operation} {number} {fault}"
                yield Case(name, document(plan, faults=[wrong]), (plan, fault, who, call.operation))


def _calls(plan: str) -> Iterator[tuple[int, str, Call]]:
    """Each call of the plan: by whom, and the how manieth of its kind it is; of those who look round, one of each."""
    result = undisturbed(plan).result
    counted: Counter[tuple[str, ...]] = Counter()
    for call in result.calls:
        who = _who(call)
        if who in _OTHERS or call.error or call.at < result.started + APPROVED:
            continue
        kind = who, call.service, call.operation, call.caller.state
        counted[kind] += 1
        if begins(plan) <= call.at <= ends(plan) and (
            counted[kind] == 1 or not any(name in who for name in _LOOKS_ROUND)
        ):
            yield counted[kind], who, call


def _who(call: Call) -> str:
    """What an ARN of this caller contains and those of others do not: the state machine, the pipe, or the service."""
    parts = call.caller.execution.split(":")
    if "states" in parts:
        return f":{parts[6]}:"
    return parts[-1] if call.caller.execution else call.caller.principal


def broken(case: Case, played: Rehearsal) -> list[str]:
    """A transient fault changes no outcome. A notice whose answer was lost is sent again: SNS cannot tell. An event
    that may not be delivered is a dead letter."""
    plan, fault, who, operation = case.notes
    told = partial(invariants.is_told_once, at_most=2 if (fault, operation) == ("lost", "Publish") else 1)
    found = invariants.broken(played, [told if each is invariants.is_told_once else each for each in invariants.ALWAYS])
    if fault != "denied" and (seen := invariants.reasons(played)) != (usual := invariants.reasons(undisturbed(plan))):
        found.append(f"it ends as {', '.join(seen)}, not as {', '.join(usual)}")
    if fault == "denied" and any(name in who for name in _TO_DEAD_LETTERS):
        found = [each for each in found if each != "1 events ended in the dead-letter queue"]
    return found
