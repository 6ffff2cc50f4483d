"""How long the bakes of a release may take together: as long as the execution that carries it out has for them."""

from __future__ import annotations

import pytest

from interlock.policy.agreement import LONGEST_RELEASE, too_long
from interlock.strategies.canary import Canary

TWO_MONTHS = Canary.model_validate({"kind": "canary", "steps": [5], "bake": "30d"})


@pytest.mark.parametrize(
    ("bakes", "held", "refused"),
    [(2, False, False), (2, True, True), (3, False, True)],
    ids=["just as long", "and a day for a person", "once more"],
)
def test_a_release_may_take_just_as_long_as_the_page_says(bakes: int, held: bool, refused: bool) -> None:
    assert LONGEST_RELEASE == 2 * 2 * 30 * 86_400
    assert bool(too_long(TWO_MONTHS, TWO_MONTHS.bakes, bakes, held)) is refused
