"""How often evidence may be wrong, as the page about it promises to people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.examples import baked

PAGE = (Path(__file__).parents[3] / "docs/evidence.md").read_text(encoding="utf-8")


def promised(said: str) -> float:
    """The percentage behind the words, as a fraction."""
    found = re.search(rf"{said}\D*? at most (\d+) %", PAGE)
    assert found, said
    return int(found[1]) / 100


def rules(*evidence: dict[str, str]) -> list[dict[str, float]]:
    """The rules of a bake with stable and candidate side by side, as the judge gets them."""
    return list(baked(list(evidence))["rules"])


FIVE = [{"metric": name, "max": "2%"} for name in ("error_rate", "client_error_rate", "model_error_rate")]
FIVE += [{"metric": "error_rate", "margin": "50%"}, {"metric": "mean_latency", "margin": "50%"}]


@pytest.mark.parametrize("number", [1, 2, 5])
def test_all_rules_of_a_release_together_roll_back_a_good_candidate_as_seldom_as_promised(number: int) -> None:
    chance = promised("rolls back a good candidate in")

    assert chance == 0.05
    assert sum(rule["alpha"] for rule in rules(*FIVE[:number])) == pytest.approx(chance)


def test_a_rule_passes_a_bad_candidate_as_seldom_as_promised() -> None:
    assert {rule["beta"] for rule in rules(*FIVE)} == {promised("A rule passes a bad candidate in")} == {0.10}


def test_a_winner_is_named_where_there_is_none_as_seldom_as_promised() -> None:
    (goal,) = rules({"metric": "conversion", "better_by": "5%"})

    assert goal["beta"] == promised("names a winner where there is none in") == 0.05
