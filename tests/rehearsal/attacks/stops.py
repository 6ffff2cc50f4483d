"""Somebody stops the execution of a release at any of its states, and once more while it is recovered."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.playing import Rehearsal
from tests.rehearsal.attacks import invariants
from tests.rehearsal.attacks.plans import PLANS, RELEASE, STOP, Case, Document, document, entered

ABOUT = "stop once, and again in the recovery, at every state of every plan"
CALLED = 0.07  # seconds after a state was entered its call was made, and its answer is not there yet
AGAIN = (2, 5, 9, 14)  # the state of the recovery in which it is stopped again


def cases() -> Iterator[Case]:
    """For each plan and each state that it enters: stopped as it is entered, or when its call was made."""
    for plan in PLANS:
        for number, step in entered(plan):
            for moment, later in (("", 0.0), (" called", CALLED)):
                name = f"{plan}, {number} {step.state}{moment}"
                yield Case(name, document(plan, _stop(number, later)))
                again = number + AGAIN[number % len(AGAIN)]
                yield Case(f"{name}, again", document(plan, _stop(number, later), _stop(again, later)))


def _stop(number: int, later: float) -> Document:
    """Stop it in the nth state that the executions of this release enter."""
    return {"when": {"machine": "deliver", "execution": RELEASE, "time": number, "later": later}, **STOP}


def broken(case: Case, played: Rehearsal) -> list[str]:
    return invariants.broken(played)
