"""The conformance definitions in an engine that somebody else wrote: moto's, which is LocalStack's."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rehearsal.states.account import machine
from tests.rehearsal.states.conformance import CASES, Case
from tests.rehearsal.states.moto_engine import engine, run

OTHERWISE = {
    "assign-and-output-see-the-variables-of-before": "it assigns before it evaluates Output; docs: transforming-data "
    "has both evaluated in parallel",
}
"""Where that engine does something else, and why it is not followed."""


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    with engine() as client:
        yield client


@pytest.mark.parametrize(
    ("name", "case"),
    [(name, case) for name, case in CASES.items() if not case.error],
    ids=lambda value: str(value)[:50],
)
def test_the_other_engine_gives_the_same_output(moto: Any, name: str, case: Case) -> None:
    outcome = run(moto, machine(next(iter(case.states)), case.states), case.data)
    agrees = outcome == ("SUCCEEDED", case.output)
    assert agrees != (name in OTHERWISE), outcome


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.error], ids=lambda case: case.error)
def test_the_other_engine_fails_with_the_same_error(moto: Any, case: Case) -> None:
    outcome = run(moto, machine(next(iter(case.states)), case.states), case.data)
    assert outcome == ("FAILED", case.error)
