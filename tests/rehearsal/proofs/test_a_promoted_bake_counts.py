"""A bake that a person promotes is not judged, and what it showed counts at the looks that follow."""

from __future__ import annotations

from tests.rehearsal.proofs.rehearsals import Rehearsals


def test_the_evidence_of_a_promoted_bake_counts_later(rehearsals: Rehearsals) -> None:
    (release,) = rehearsals["promoted-first"].result.releases
    shifts = [
        call.at
        for call in rehearsals["promoted-first"].calls
        if call.operation == "UpdateEndpointWeightsAndCapacities" and call.caller.execution in release.executions
    ]
    asked = [call for call in rehearsals["promoted-first"].calls if call.operation == "GetMetricData"]

    assert len(shifts) == 3
    assert asked, "nobody measured"
    assert {call.request["StartTime"].timestamp() < shifts[1] for call in asked} == {True}
