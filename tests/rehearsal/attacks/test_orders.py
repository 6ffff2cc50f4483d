"""What the attack `orders` plays, and single orders in which a defect of a machine was seen once by breaking it."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.rehearsal.attacks import orders
from tests.rehearsal.attacks.every import broken

TELLING = {
    "bake: end 25, alarm, end": "before the ledger is asked whether the next step may begin",
    "bake: end 54, abort, end": "between the call of a step and the wait for it",
    "bake: abort, end": "just before the bake times out",
    "guardrails: crash, rejection | apart": "while a dead release is recovered, which could go forward",
    "guardrails: crash, pause, rejection, end, alarm | lost rejection | apart": "the same while it waits",
    "bake: pause, settled": "a pause that comes during a bake leaves it alone",
    "hold: abort, settled": "while the evidence cannot tell",
    "hold: promote, settled": "the word that this wait is for",
    "pause: resume, settled": "the word that a pause is for",
}


@pytest.mark.parametrize("order", TELLING, ids=list(TELLING.values()))
def test_a_word_is_obeyed_whenever_it_comes(order: str) -> None:
    assert broken("orders", order) == []


@pytest.mark.parametrize("where", orders.WAITS)
def test_every_order_of_all_that_can_come_together_is_played(where: str) -> None:
    played = {name.partition(" | ")[0] for name in orders.names()}
    words = ("abort", *orders.WAITS[where].words)
    ends = ("end",) if orders.WAITS[where].ends else ()
    for order in permutations(("alarm", "rejection", "WORD", "crash", *ends)):
        assert any(f"{where}: {', '.join(order).replace('WORD', word)}" in played for word in words)


def test_an_order_is_played_as_its_name_says() -> None:
    """The alarm goes first for five steps; the abort goes before the rest of it, and before the bake times out."""
    case = orders.case_of("bake: alarm 5, abort, end, alarm | twice alarm")
    assert case.document["order"]["turns"] == [{"of": "alarm", "steps": 5}, {"of": "abort"}, {}, {"of": "alarm"}]
    assert [act["name"] for act in case.document["timeline"] if "name" in act] == ["alarm", "abort"]
    assert case.document["events"][0]["times"] == 2
