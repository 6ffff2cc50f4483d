"""Every JSONata expression that the machines evaluate gives the same in the reference implementation."""

from __future__ import annotations

import pytest

from tests.rehearsal.proofs.rehearsals import Rehearsals


@pytest.mark.conformance
def test_every_expression_of_every_scenario_agrees_with_the_reference_implementation(rehearsals: Rehearsals) -> None:
    scenarios = rehearsals.all()

    assert sum(played.evaluations for played in scenarios.values()) > 1000
    differences = {each for played in scenarios.values() for each in played.disagreements or ()}
    assert not differences, "\n".join(sorted(differences))
    assert all(played.disagreements is not None for played in scenarios.values()), "the reference was not asked"
