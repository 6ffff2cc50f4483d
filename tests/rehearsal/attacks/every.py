"""All attacks by name, and how one case is played and judged."""

from __future__ import annotations

import random
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from rehearsal.playing import Rehearsal
from tests.rehearsal.attacks import faults, hands, orders, programs, stops, words
from tests.rehearsal.attacks.plans import Case, play

SEED = 20261121


@dataclass(frozen=True)
class Attack:
    """`about` in words; `cases` in an order that never changes; `broken` says what does not hold after a case."""

    about: str
    cases: Callable[[], Iterator[Case]]
    broken: Callable[[Case, Rehearsal], list[str]]


ATTACKS: dict[str, Attack] = {
    "words": Attack(words.ABOUT, words.cases, words.broken),
    "programs": Attack(programs.ABOUT, programs.cases, programs.broken),
    "stops": Attack(stops.ABOUT, stops.cases, stops.broken),
    "faults": Attack(faults.ABOUT, faults.cases, faults.broken),
    "hands": Attack(hands.ABOUT, hands.cases, hands.broken),
    "orders": Attack(orders.ABOUT, orders.cases, orders.broken),
}

KNOWN: tuple[tuple[str, str, str], ...] = ()
"""Defects that are not mended: the attack, a pattern of cases' names (a regular expression), and what is wrong."""


@cache
def cases(attack: str) -> dict[str, Case]:
    """The cases of an attack by their names."""
    return {case.name: case for case in ATTACKS[attack].cases()}


def case_named(attack: str, name: str) -> Case:
    """One case; any program and any order is one. KeyError or ValueError if there is none of that name."""
    return _READ[attack](name) if attack in _READ else cases(attack)[name]


_READ = {"programs": programs.case_of, "orders": orders.case_of}


def known(attack: str, name: str) -> str:
    """What is known to be wrong with a case, "" for all others."""
    return next((why for each, pattern, why in KNOWN if each == attack and re.fullmatch(pattern, name)), "")


def sample(attack: str, number: int) -> list[str]:
    """The names of so many of its cases, the same ones each time, and none that is known to break."""
    return sorted(random.Random(f"{SEED}/{attack}").sample([n for n in cases(attack) if not known(attack, n)], number))


def broken(attack: str, name: str) -> list[str]:
    """Play one case; what does not hold, in sentences."""
    case = case_named(attack, name)
    return ATTACKS[attack].broken(case, play(case.document))


def judged(pair: tuple[str, str]) -> list[str]:
    """The same for an attack and the name of a case; an error of the rehearsal is something that broke, too."""
    try:
        return broken(*pair)
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


def again(attack: str, name: str) -> str:
    """The command that repeats a case."""
    return shlex.join(["python", "-m", "tests.rehearsal.attacks", attack, "--case", name])
