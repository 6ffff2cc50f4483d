"""A sample of every attack; `make attack` plays all of them."""

from __future__ import annotations

import pytest

from tests.rehearsal.attacks.every import ATTACKS, again, broken, sample

SAMPLED = {"stops": 30, "faults": 40, "hands": 30}


@pytest.mark.parametrize(("attack", "number"), [(each, n) for each in ATTACKS for n in range(SAMPLED[each])])
def test_a_release_that_is_attacked_ends_as_it_should(attack: str, number: int) -> None:
    name = sample(attack, SAMPLED[attack])[number]

    found = broken(attack, name)

    assert not found, "\n".join(["", name, *found, f"to repeat it: {again(attack, name)}"])
