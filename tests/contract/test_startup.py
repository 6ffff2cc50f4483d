"""Starting a function costs little more than loading pydantic, whatever the machine."""

from __future__ import annotations

from bench.startup import CALLS_LIMIT, calls


def test_no_function_makes_many_more_calls_to_start_than_a_bare_model() -> None:
    found = calls()
    assert len(found) > 10
    assert {name: ratio for name, ratio in found.items() if ratio > CALLS_LIMIT} == {}
