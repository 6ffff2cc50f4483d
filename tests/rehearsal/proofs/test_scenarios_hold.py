"""Whatever a scenario says must hold, holds."""

from __future__ import annotations

import pytest

from tests.rehearsal.proofs.rehearsals import SCENARIOS, Rehearsals


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_expectation_of_a_scenario_holds(rehearsals: Rehearsals, scenario: str) -> None:
    findings = rehearsals[scenario].result.findings

    missed = "".join(f"\n  {each.text}: {each.seen}" for each in findings if not each.held)
    assert not missed, f"{missed}\nto watch it: python -m rehearsal run scenarios/{scenario}.yaml"
