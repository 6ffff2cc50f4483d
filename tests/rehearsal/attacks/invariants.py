"""What holds however a release is attacked. Each function says of a played rehearsal what broke, in sentences."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from rehearsal.playing import Rehearsal
from rehearsal.report.result import Release
from rehearsal.report.timeline import is_denied
from tests.rehearsal.attacks.plans import ENDPOINT, STABLE

Invariant = Callable[[Rehearsal], list[str]]

MOVES = ("CreateEndpoint", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities", "PutParameter")
_ENDS = ("succeeded", "rolled back", "failed", "refused", "superseded", "cancelled")


def ends_once(played: Rehearsal) -> list[str]:
    """Every release has one END with a reason and a sentence, and nothing of it is still running."""
    broken = []
    for release in played.result.releases:
        ends = [entry for entry in release.journal if entry.kind == "END"]
        if len(ends) != 1:
            broken.append(f"{release.id} has {len(ends)} ends")
        elif not release.reason or not release.sentence:
            broken.append(f"{release.id} ends without a reason or a sentence")
    return [*broken, *(f"{name} is still running" for name in played.result.final.running)]


def is_told_once(played: Rehearsal, at_most: int = 1) -> list[str]:
    """People get one notice of each end, and the start at most once."""
    bodies = [notice.body.splitlines() for notice in played.result.notices if _is_end(notice.subject)]
    starts = [notice.body.splitlines() for notice in played.result.notices if notice.subject.endswith(" starts")]
    broken = []
    for release in played.result.releases:
        for noun, told, least in (("end", bodies, 1), ("start", starts, 0)):
            number = sum(f"Release: {release.id}" in lines for lines in told)
            if not least <= number <= at_most:
                broken.append(f"the {noun} of {release.id} is told {number} times")
    return broken


def _is_end(subject: str) -> bool:
    return subject.startswith("[Interlock] digits v") and subject.split(" ", 3)[3].startswith(_ENDS)


def leaves_nothing(played: Rehearsal) -> list[str]:
    """No lease, no message, nothing made and not used, unless the end says so. Model and config of a version that was
    live stay, so that it can be live again."""
    final = played.result.final
    said = " ".join(str(entry.document.get("left_behind")) for entry in _ends(played))
    said += " ".join(f"interlock-{each.id}" for each in played.result.releases if each.outcome == "Succeeded")
    broken = [f"{holder} still has the lease of {endpoint}" for endpoint, holder in final.leases.items()]
    broken += [f"{name} is left over, and nobody says so" for name in final.leftovers if name.split()[1] not in said]
    if final.dead_letters:
        broken.append(f"{final.dead_letters} events ended in the dead-letter queue")
    if final.events_waiting:
        broken.append(f"{final.events_waiting} events wait in a queue")
    return broken


def _ends(played: Rehearsal) -> list[Any]:
    return [entry for release in played.result.releases for entry in release.journal if entry.kind == "END"]


def serves_one(played: Rehearsal) -> list[str]:
    """Stable or the candidate has all traffic, as the outcome says; and there was no moment without either."""
    serving = played.result.final.serving.get(ENDPOINT, {})
    broken = []
    found = any(each.at == played.result.started and each.endpoint == ENDPOINT for each in played.result.routed)
    allowed: list[dict[int | str, float]] = [{1: 1.0}, {STABLE: 1.0} if found else {}]
    if serving not in allowed:
        return [f"{ENDPOINT} serves {serving}"]
    last = played.result.releases[-1] if played.result.releases else None
    if last and last.outcome == "Succeeded" and serving != {1: 1.0}:
        broken.append(f"{last.id} succeeded, and {ENDPOINT} serves {serving}")
    if last and last.outcome in ("RolledBack", "Refused", "Cancelled") and serving != allowed[1]:
        broken.append(f"{last.id} is {last.outcome}, and {ENDPOINT} serves {serving}")
    if serving and (status := played.result.final.statuses.get(ENDPOINT, "InService")) != "InService":
        broken.append(f"{ENDPOINT} is {status}")
    if found and any(not each.shares for each in played.result.routed):
        broken.append("for a time nothing served")
    return broken


def keeps_capacity(played: Rehearsal, least: int = 2) -> list[str]:
    """Who serves has as many instances as stable had."""
    instances = played.result.final.instances.get(ENDPOINT, least)
    return [] if instances >= least else [f"{ENDPOINT} has {instances} instances, not {least}"]


def scales_as_before(played: Rehearsal) -> list[str]:
    """Only a variant that is there is registered with Application Auto Scaling; and what serves, as stable was. A
    candidate that somebody else's update removed stays registered until the clean-up (test_clean_up.py)."""
    prefix = f"endpoint/{ENDPOINT}/variant/"
    found = {
        name.removeprefix(prefix): each
        for name, each in played.result.final.registered.items()
        if name.startswith(prefix) and name.removeprefix(prefix) not in _removed_by_others(played)
    }
    variants = played.result.final.variants.get(ENDPOINT, ())
    broken = [f"{name} is gone, and is registered" for name in found if name not in variants]
    was = [
        (call.operation, call.request)
        for call in played.world.gateway.journal
        if call.service == "application-autoscaling" and call.at < played.result.started
    ]
    if not was or broken or len(variants) != 1:
        return broken
    if list(found) != list(variants):
        return [f"{', '.join(found) or 'nothing'} is registered, and {variants[0]} serves"]
    [now] = found.values()
    kept = {
        "RegisterScalableTarget": [now["target"]],
        "PutScalingPolicy": now["policies"].values(),
        "PutScheduledAction": now["schedules"].values(),
    }
    for operation, request in was:
        wanted = {name: each for name, each in request.items() if name != "ResourceId"}
        if not any(wanted.items() <= each.items() for each in kept[operation]):
            broken.append(f"{operation} {wanted} of before does not stand")
    if len(was) != sum(map(len, kept.values())):
        broken.append("more is registered than before")
    return [*broken, *(f"{name} stays" for name, is_so in now["target"]["SuspendedState"].items() if is_so)]


def _removed_by_others(played: Rehearsal) -> set[str]:
    """Candidates that are gone, and whose release left the endpoint as somebody else had made it."""
    moved = {each.id for each in played.result.releases if each.reason == "EndpointMoved"}
    return moved - set(played.result.final.variants.get(ENDPOINT, ()))


def obeys(played: Rehearsal) -> list[str]:
    """After a release was told to stop, no request of its plan moves traffic; the one under way may still arrive. One
    whose execution died in its standby was not told so: a recovery sends the last of its requests."""
    return [
        f"{call.operation} of {release.id} is sent {call.at - release.turned_back:.1f} s after it was told to stop"
        for release in played.result.releases
        if release.turned_back is not None and release.reason != "RecoveredForward"
        for call in played.result.calls
        if call.operation in MOVES
        and call.at > release.turned_back + _UNDER_WAY
        and call.caller.execution in release.executions
        and any(is_step(step, call.operation, call.request) for step in release.plan.get("steps", ()))
        and not restores(release, call.operation, call.request)
    ]


_UNDER_WAY = 1.0  # seconds from the ledger's last look before a call until the call


def is_step(step: Any, operation: str, request: Any) -> bool:
    return bool(step["action"] == operation and step["request"] == request)


def restores(release: Release, operation: str, request: Any) -> bool:
    return is_step(release.plan.get("restore") or {"action": "", "request": {}}, operation, request)


def says_what_is_live(played: Rehearsal) -> list[str]:
    """A version that was delivered is live in the ledger, and one that was taken back is not."""
    live = next((str(each.get("live", "")) for each in played.world.ledger() if each["pk"] == "CONTROL"), "")
    broken = []
    for release in played.result.releases[-1:]:
        is_live = f"'{release.id}'" in live
        if release.reason in ("Delivered", "RecoveredForward") and not is_live:
            broken.append(f"{release.id} is delivered, and the ledger does not say so")
        if release.outcome == "RolledBack" and is_live:
            broken.append(f"{release.id} is rolled back, and live in the ledger")
    return broken


def has_one_holder(played: Rehearsal) -> list[str]:
    """Who changes the endpoint has its lease: executions of releases never change it by turns."""
    spans: dict[str, list[float]] = {}
    parents = {each.arn: each.parent for each in played.world.states.executions}
    for call in played.result.calls:
        if call.operation in MOVES and call.caller.execution:
            spans.setdefault(parents[call.caller.execution], []).append(call.at)
    ordered = sorted((min(at), max(at), arn.rpartition(":")[2]) for arn, at in spans.items())
    return [
        f"{later[2]} changes the endpoint before {earlier[2]} is done"
        for earlier, later in itertools.pairwise(ordered)
        if later[0] < earlier[1]
    ]


def is_permitted(played: Rehearsal) -> list[str]:
    """The template grants every call that was made. What is not there has no tag of the stack, so IAM refuses to delete
    it; this is how a recovery hears that it is gone."""
    there: set[tuple[str, str]] = set()
    denied: set[str] = set()
    for call in played.result.calls:
        made = re.fullmatch(r"(Create|Delete|Stop)(Model|EndpointConfig|Endpoint|TransformJob)", call.operation)
        thing = (made[2], call.request[f"{made[2]}Name"]) if made else ("", "")
        if made and not call.error:
            there ^= {thing}
        elif is_denied(call) and "by the attack" not in call.error and not (made and thing not in there):
            denied.add(f"{call.caller.principal.rpartition('/')[2]} may not {call.operation}")
    return sorted(denied)


ALWAYS: tuple[Invariant, ...] = (
    ends_once,
    is_told_once,
    leaves_nothing,
    serves_one,
    keeps_capacity,
    scales_as_before,
    obeys,
    says_what_is_live,
    has_one_holder,
    is_permitted,
)


def broken(played: Rehearsal, invariants: Iterable[Invariant] = ALWAYS) -> list[str]:
    """Everything that does not hold."""
    return [sentence for invariant in invariants for sentence in invariant(played)]


def reasons(played: Rehearsal) -> Counter[str]:
    """How releases ended."""
    return Counter(f"{each.outcome} {each.reason}" for each in played.result.releases)
