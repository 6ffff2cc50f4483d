"""Around each kind of wait, every order of events, a person's word, a crash and the wait's own end.

A case is a line of text: `bake: alarm, abort, end, crash` lets these four come to the same instant, and all that
follows from the alarm goes before all that follows from the abort. `end` is what the wait waits for: its time-out, or
its event. `alarm 5` lets only five steps go before; `apart` does one thing after the other, some seconds between;
`twice` and `lost` say what becomes of the events of alarms and rejections.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import permutations

from rehearsal.playing import Rehearsal
from tests.rehearsal.attacks import control, invariants
from tests.rehearsal.attacks.plans import (
    BAKES,
    CANARY,
    ENDPOINT,
    NATIVE,
    REJECT,
    STABLE,
    STOP,
    Case,
    Document,
    alarm,
    document,
    executions,
    operate,
    play,
)

ABOUT = "every order of events, a person's word, a crash and the end of a wait, around each kind of wait"

SEED = 20261122
RANDOM = 300
MOST_STEPS = 80  # so many lead from one wait to the next; fewer follow from a word
EARLY = 1.0  # seconds before the end of the wait; an event is as long on its way
WITHIN = 4.0  # how late anything may become; a release gets to its next wait meanwhile
LASTS = 30.0
APART = 4.0
INSIDE = 30.0  # seconds after a wait has begun that does not end by itself
RESUMED = 400.0  # seconds after which, and twice after which, a person resumes and promotes, whatever happened
AFTER = 1900.0  # what is left of a release after it was resumed for the last time
HEARD = 15.0  # seconds within which a word is taken in, or its event lost
STEWARD = 330.0  # the same if it is

_HEARD = "SageMaker Endpoint State Change"
_UNHEARD = {"match": {"detail-type": [_HEARD], "detail": {"EndpointStatus": ["IN_SERVICE"]}}, "first": 2, "lost": True}
_TOO_FEW = [{"metric": "error_rate", "max": "2%", "min_requests": 100}]
_HOLDS = {"evidence": _TOO_FEW, "inconclusive": {"extensions": 1, "then": "hold"}}
_SECOND = {"at": "5m", "register": {"group": ENDPOINT, "model": "better", "status": "Approved"}}
_MAINTAIN = {"at": "29s", "maintain": {"endpoint": ENDPOINT, "lasts": "4m"}}


@dataclass(frozen=True)
class _Wait:
    """A wait: the plan it is part of, the state, and which time that the release numbered so is in it. `ends`: it ends
    by itself. `words`: what a person can say there, but for abort."""

    plan: Document
    state: str
    time: int = 0
    release: str = "digits-v1"
    ends: bool = True
    words: tuple[str, ...] = ("pause",)
    events: list[Document] = field(default_factory=list)


_WEIGHTS: Document = {"strategy": CANARY}
WAITS: dict[str, _Wait] = {
    "bring-up": _Wait(_WEIGHTS, "AwaitEndpoint"),
    "bring-up unheard": _Wait(_WEIGHTS, "AwaitEndpoint", events=[_UNHEARD]),
    "shift": _Wait(_WEIGHTS, "AwaitEndpoint", 1),
    "bake": _Wait(_WEIGHTS, "Bake", words=("pause", "promote")),
    "last bake": _Wait(_WEIGHTS, "Bake", -1, words=("pause", "promote")),
    "retirement": _Wait(_WEIGHTS, "AwaitEndpoint", -1),
    "hold": _Wait({"strategy": CANARY, "stage": _HOLDS}, "Bake", -1, ends=False, words=("promote", "pause")),
    "pause": _Wait(
        {"strategy": CANARY, "timeline": [{"when": BAKES, **operate("pause")}]},
        "WaitWhilePaused",
        ends=False,
        words=("resume", "pause"),
    ),
    "busy": _Wait({"strategy": CANARY, "timeline": [_MAINTAIN]}, "AwaitSettled"),
    "queue": _Wait({"strategy": CANARY, "timeline": [_SECOND]}, "WaitForLease", release="digits-v2"),
    "guardrails": _Wait({"strategy": NATIVE}, "AwaitEndpoint"),
    "creation": _Wait({"strategy": CANARY, "endpoints": []}, "AwaitEndpoint"),
    "rollback": _Wait({"strategy": CANARY, "timeline": [{"when": BAKES, **operate("abort")}]}, "AwaitEndpoint", -1),
}

_SETTLED = {
    "source": "aws.sagemaker",
    "detail-type": _HEARD,
    "detail": {"EndpointName": ENDPOINT, "EndpointStatus": "IN_SERVICE", "Tags": {}},
}
STOPS = {
    "alarm": ("AlarmRaised", "AlarmAlreadyRaised"),
    "rejection": ("VersionRejected", "VersionNotApproved"),
    "abort": ("AbortedByPerson",),
    "crash": ("ExecutionStopped",),
}
"""What ends a release, and the reasons that it then may have."""
_FATES: dict[str, Document] = {"": {}, "twice": {"times": 2}, "lost": {"lost": True}}
_EVENTS = {
    "alarm": {"detail-type": ["CloudWatch Alarm State Change"], "detail": {"state": {"value": ["ALARM"]}}},
    "rejection": {
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelApprovalStatus": ["Rejected"]},
    },
}


def _act(thing: str, wait: _Wait) -> Document:
    if thing == "crash":
        return {"stop_execution": {**STOP["stop_execution"], "name": wait.release}}
    if thing == "rejection":
        return {"reject": {**REJECT["reject"], "version": int(wait.release[-1])}}
    if thing == "settled":
        return {"send_event": _SETTLED}
    return alarm("ALARM") if thing == "alarm" else operate(thing)


@cache
def moment(name: str) -> float:
    """The second of the scenario in which a wait ends, if nobody disturbs it; or one in the midst of it."""
    wait = WAITS[name]
    played = play(document(wait.plan, events=wait.events, lasts="40m"))
    release = next(each for each in executions(played, "deliver") if each.name.startswith(wait.release))
    spans = list(zip(release.entered, [*release.entered[1:], None], strict=True))
    begun, following = [(one, after) for one, after in spans if one.state == wait.state][wait.time]
    if following is None or not wait.ends:
        return round(begun.at + INSIDE - played.result.started, 3)
    return round(following.at - played.result.started, 3)


def case_of(name: str) -> Case:
    """The case that a line of text describes. KeyError or ValueError if it describes none."""
    where, _, rest = name.partition(": ")
    line, *more = rest.split(" | ")
    wait, turns = WAITS[where], [_turn(each) for each in line.split(", ")]
    fates = {thing: fate for fate, thing in (each.split() for each in more if each != "apart")}
    things = list(dict.fromkeys(thing for thing, _ in turns))
    at = moment(where)
    apart = "apart" in more
    middle = things.index("end") if "end" in things else 0
    said = {
        thing: at - EARLY + (APART * (place - middle) if apart else 0.0)
        for place, thing in enumerate(things)
        if thing != "end"
    }
    acts = [{"at": when, "name": thing, "may_be_refused": True, **_act(thing, wait)} for thing, when in said.items()]
    later = [{"at": at + RESUMED * n, **operate(word)} for n in (1, 2) for word in ("resume", "promote")]
    events = [{"match": _EVENTS[thing], **_FATES[fate]} for thing, fate in fates.items()]
    written = document(wait.plan, *acts, *later, events=[*events, *wait.events], lasts=at + AFTER)
    if not apart:
        order = {"at": at - EARLY - 0.01, "lasts": LASTS, "within": WITHIN}
        written["order"] = {**order, "turns": [_written(thing, steps) for thing, steps in turns]}
    return Case(name, written, (where, said, fates))


def _turn(text: str) -> tuple[str, int | None]:
    thing, _, steps = text.partition(" ")
    return thing, int(steps) if steps else None


def _written(thing: str, steps: int | None) -> Document:
    turn: Document = {} if thing == "end" else {"of": thing}
    return {**turn, **({"steps": steps} if steps else {})}


def names() -> Iterator[str]:
    """Every order of two things in each wait; then every order of two events, a word, a crash and the end, at once or
    apart and with every fate of the events by turns; then deeper ones by chance."""
    for where, wait in WAITS.items():
        ends = ("end",) if wait.ends else ()
        for first, second in permutations(("alarm", "rejection", "settled", "abort", *wait.words, "crash", *ends), 2):
            yield f"{where}: {first}, {second}"
        for number, order in enumerate(permutations(("alarm", "rejection", "WORD", "crash", *ends))):
            word = ("abort", *wait.words)[number % (1 + len(wait.words))]
            yield f"{where}: {', '.join(order).replace('WORD', word)}{_fates(number)}{_pace(number)}"
    yield from dict.fromkeys(_by_chance(random.Random(SEED)) for _ in range(RANDOM))


def _fates(number: int) -> str:
    fates = zip(_EVENTS, (list(_FATES)[number % 3], list(_FATES)[number // 3 % 3]), strict=True)
    return "".join(f" | {fate} {thing}" for thing, fate in fates if fate)


def _pace(number: int) -> str:
    return " | apart" if number % 4 == 3 else ""


def _by_chance(chance: random.Random) -> str:
    """Three to five things, two of which are interrupted by the others."""
    where = chance.choice(list(WAITS))
    wait = WAITS[where]
    things: Sequence[str] = ("alarm", "rejection", "settled", "abort", *wait.words, "crash")
    chosen = chance.sample(things, chance.randint(2, 4)) + ["end"] * wait.ends
    chance.shuffle(chosen)
    turns = [f"{each} {chance.randint(1, MOST_STEPS)}" if place < 2 else each for place, each in enumerate(chosen)]
    fates = _fates(chance.randrange(9)) if {"alarm", "rejection"} <= set(chosen) else ""
    return f"{where}: {', '.join([*turns, *chosen[:2]])}{fates}"


def cases() -> Iterator[Case]:
    return map(case_of, names())


_OTHERS = (invariants.serves_one, invariants.obeys)  # said more exactly here


def broken(case: Case, played: Rehearsal) -> list[str]:
    """All that always holds, all that the ledger has to show; and a stop word that comes in time stops the release."""
    where, said, fates = case.notes
    found = invariants.broken(played, (each for each in invariants.ALWAYS if each not in _OTHERS))
    found += invariants.broken(played, (*control.INVARIANTS, _serves_one))
    wait = WAITS[where]
    release = next((each for each in played.result.releases if each.id.startswith(wait.release)), None)
    if release is None or where == "rollback":
        return found
    stops = [thing for thing in said if thing in STOPS and (where != "queue" or thing in ("rejection", "crash"))]
    reasons = {reason for thing in said for reason in STOPS.get(thing, ())}
    if release.outcome != "Succeeded":
        return [*found, *([f"it ends as {release.outcome} {release.reason}"] if release.reason not in reasons else [])]
    until = control.obeyed_until(played, release.id)
    for thing in stops:
        at = played.result.started + said[thing] + (STEWARD if fates.get(thing) == "lost" else HEARD)
        if at < until and (thing != "crash" or release.reason != "RecoveredForward"):
            found.append(f"it succeeds in spite of the {thing}")
    return found


def _serves_one(played: Rehearsal) -> list[str]:
    """The version that succeeded last has all traffic, or stable if none did; nothing serves only where nothing did."""
    serving = played.result.final.serving.get(ENDPOINT, {})
    last = next((each for each in reversed(played.result.releases) if each.outcome == "Succeeded"), None)
    found = any(each.at == played.result.started for each in played.result.routed)
    wanted: dict[int | str, float] = {last.version: 1.0} if last else {STABLE: 1.0} if found else {}
    return [] if serving == wanted else [f"{ENDPOINT} serves {serving}, not {wanted}"]
