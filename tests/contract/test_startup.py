"""Starting a function costs little more than loading pydantic, whatever the machine."""

from __future__ import annotations

from bench.startup import LIMIT, functions, ratios


def test_no_function_costs_more_than_twice_a_bare_model_to_start() -> None:
    _, found = ratios(rounds=3)
    assert set(found) == set(functions())
    assert {name: ratio for name, ratio in found.items() if ratio > LIMIT} == {}
