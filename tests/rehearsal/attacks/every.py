"""All attacks by name, and how one case is played and judged."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from rehearsal.__main__ import KEPT
from rehearsal.playing import Rehearsal
from tests.rehearsal.attacks import faults, hands, stops
from tests.rehearsal.attacks.plans import Case, play

SEED = 20261121


@dataclass(frozen=True)
class Attack:
    """`about` in words; `cases` in an order that never changes; `broken` says what does not hold after a case."""

    about: str
    cases: Callable[[], Iterator[Case]]
    broken: Callable[[Case, Rehearsal], list[str]]


ATTACKS: dict[str, Attack] = {
    "stops": Attack(stops.ABOUT, stops.cases, stops.broken),
    "faults": Attack(faults.ABOUT, faults.cases, faults.broken),
    "hands": Attack(hands.ABOUT, hands.cases, hands.broken),
}

KNOWN: tuple[tuple[str, str, str], ...] = ()
"""Defects that are not mended: the attack, a pattern of cases' names (a regular expression), and what is wrong."""


@cache
def cases(attack: str) -> dict[str, Case]:
    """The cases of an attack by their names."""
    return {case.name: case for case in ATTACKS[attack].cases()}


def sample(attack: str, number: int) -> list[str]:
    """The names of so many of its cases, the same ones each time."""
    return sorted(random.Random(f"{SEED}/{attack}").sample(list(cases(attack)), number))


def broken(attack: str, name: str) -> list[str]:
    """Play one case; what does not hold, in sentences."""
    case = cases(attack)[name]
    return ATTACKS[attack].broken(case, play(case.document))


def judged(pair: tuple[str, str]) -> list[str]:
    """The same for an attack and the name of a case; an error of the rehearsal is something that broke, too."""
    try:
        return broken(*pair)
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


def begin_process() -> None:
    """A process that plays cases collects garbage as seldom as one that plays a scenario."""
    gc.set_threshold(KEPT)


def again(attack: str, name: str) -> str:
    """The command that repeats a case."""
    return f"python -m tests.rehearsal.attacks {attack} --case '{name}'"
