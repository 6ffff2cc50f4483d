"""Whatever a scenario says must hold, holds, whichever answer AWS would give to what its documentation leaves open."""

from __future__ import annotations

import pytest

from rehearsal.report.result import Result
from tests.rehearsal.proofs.rehearsals import SCENARIOS, Rehearsals


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_expectation_of_a_scenario_holds(rehearsals: Rehearsals, scenario: str) -> None:
    result = rehearsals[scenario].result

    assert not missed(result), f"{missed(result)}\nto watch it: python -m rehearsal run scenarios/{scenario}.yaml"


@pytest.mark.harsh
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_expectation_of_a_scenario_holds_under_the_harsh_answers(rehearsals: Rehearsals, scenario: str) -> None:
    result = rehearsals.harsh(scenario)

    assert not missed(result), (
        f"{missed(result)}\nto watch it: python -m rehearsal run scenarios/{scenario}.yaml --harsh"
    )


def missed(result: Result) -> str:
    """The expectations that did not hold, a line each."""
    return "".join(f"\n  {each.text}: {each.seen}" for each in result.findings if not each.held)
