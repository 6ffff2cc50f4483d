"""A sample of every attack; `make attack` plays all of them."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest
from hypothesis import Phase, given, settings

from tests.rehearsal.attacks import programs
from tests.rehearsal.attacks.every import KNOWN, again, broken, cases, sample

SAMPLED = {"stops": 22, "words": 20, "faults": 30, "hands": 20, "orders": 20}
PROGRAMS = 12
TRIED = 20


@pytest.mark.parametrize(("attack", "number"), [(each, n) for each, most in SAMPLED.items() for n in range(most)])
def test_a_release_that_is_attacked_ends_as_it_should(attack: str, number: int) -> None:
    name = sample(attack, SAMPLED[attack])[number]

    found = broken(attack, name)

    assert not found, "\n".join(["", name, *found, f"to repeat it: {again(attack, name)}"])


@settings(max_examples=PROGRAMS, derandomize=True, phases=[Phase.explicit, Phase.generate, Phase.shrink])
@given(programs.programs)
def test_whatever_comes_together_a_release_ends_as_it_should(program: str) -> None:
    found = broken("programs", program)

    assert not found, "\n".join(["", program, *found, f"to repeat it: {again('programs', program)}"])


def test_what_is_known_to_break_still_does() -> None:
    """Or else it has been mended, and is to be taken from the list, which may be empty. Not every case of a pattern
    breaks."""
    for attack, pattern, _ in KNOWN:
        matching = [name for name in cases(attack) if re.fullmatch(pattern, name)]
        assert any(broken(attack, name) for name in matching[:TRIED]), pattern


def test_a_program_is_shortened_to_what_breaks_it() -> None:
    program = "weights | abort@12 | hangs 3 UpdateItem | twice CloudWatch Alarm State Change"
    assert programs.shortest(program, lambda less: "hangs" in less) == "weights | hangs 3 UpdateItem"


def test_the_command_that_is_printed_repeats_a_case() -> None:
    name = sample("orders", 1)[0]
    command = [sys.executable, *shlex.split(again("orders", name))[1:]]
    played = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (played.stdout, played.returncode) == ("held\n", 0), played.stderr
