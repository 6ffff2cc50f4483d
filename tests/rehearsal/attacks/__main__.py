"""Plays attacks: `python -m tests.rehearsal.attacks [ATTACK …]` all of their cases, with `--case NAME` one.

Prints a table, and for each case that broke what did not hold and the command that repeats it. `--yaml` prints the
scenario of one case, for `python -m rehearsal run`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

import yaml

from tests.rehearsal.attacks import programs
from tests.rehearsal.attacks.every import (
    ATTACKS,
    again,
    broken,
    case_named,
    cases,
    judged,
    known,
    sample,
)
from tests.rehearsal.garbage import collect_seldom

_AT_A_TIME = 8  # cases that a process gets at once
_TOLD = 500  # cases after which it is told how far it is


def main(arguments: list[str]) -> int:
    """The exit status is 1 if a case broke, also if it was known to."""
    parser = argparse.ArgumentParser(prog="python -m tests.rehearsal.attacks")
    parser.add_argument("attack", nargs="*", help=f"one of {', '.join(ATTACKS)}; all when absent")
    parser.add_argument("--case", help="only the case of this name")
    parser.add_argument("--sample", type=int, help="only so many cases of each attack")
    parser.add_argument("--yaml", action="store_true", help="print the scenario of the case instead of playing it")
    asked = parser.parse_args(arguments)
    attacks = asked.attack or list(ATTACKS)
    if unknown := set(attacks) - set(ATTACKS):
        parser.error(f"no attack {', '.join(sorted(unknown))}; there are {', '.join(ATTACKS)}")
    if asked.case:
        if len(attacks) != 1:
            parser.error("name the attack that the case is of")
        return _one(attacks[0], asked.case, asked.yaml)
    return _table({each: sample(each, asked.sample) if asked.sample else list(cases(each)) for each in attacks})


def _one(attack: str, name: str, as_yaml: bool) -> int:
    try:
        case = case_named(attack, name)
    except (KeyError, ValueError):
        print(f"no case {name!r} in {attack}", file=sys.stderr)
        return 2
    if as_yaml:
        print(yaml.safe_dump(case.document, sort_keys=False))
        return 0
    found = broken(attack, name)
    print("\n".join(found) or "held")
    return 1 if found else 0


def _table(chosen: dict[str, list[str]]) -> int:
    pairs = [(attack, name) for attack, names in chosen.items() for name in names]
    broke: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), collect_seldom) as pool:
        played = zip(pairs, pool.map(judged, pairs, chunksize=_AT_A_TIME), strict=True)
        for number, ((attack, name), found) in enumerate(played, start=1):
            if found:
                broke[attack] += 1
                _tell(attack, name, found)
            if number % _TOLD == 0:
                print(f"{number:>6} of {len(pairs)} cases", flush=True)
    print(f"\n{'attack':<10} {'cases':>6} {'held':>6} {'broke':>6}")
    for attack, names in chosen.items():
        lost = broke[attack]
        print(f"{attack:<10} {len(names):>6} {len(names) - lost:>6} {lost:>6}  {ATTACKS[attack].about}")
    return 1 if broke else 0


def _tell(attack: str, name: str, found: Iterable[str]) -> None:
    why = known(attack, name)
    print(f"\nBROKEN {attack}: {name}{f' (known: {why})' if why else ''}")
    for sentence in found:
        print(f"  {sentence}")
    if attack == "programs":
        name = programs.shortest(name, lambda less: bool(judged((attack, less))))
    print(f"  {again(attack, name)}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
