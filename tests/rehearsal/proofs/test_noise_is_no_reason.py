"""What the journal of a release holds is enough to ask another judge: a z-test, peeked at each look, rolls back a model
that is no worse than stable, where Interlock's looked as often and let it through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.evidence.rivals import peeked
from bench.evidence.traffic import Traffic
from rehearsal.report.result import JournalEntry
from tests.rehearsal.proofs.rehearsals import Rehearsals

LOOKS = 10  # of the policy; all further ones are extensions


def looks_that_compare(journal: tuple[JournalEntry, ...]) -> list[Mapping[str, Any]]:
    """The verdicts while there was a stable variant to compare with."""
    verdicts = [entry.document for entry in journal if entry.kind == "VERDICT"]
    return [each for each in verdicts if each["given"]["bake"]["split"]]


def z_test_takes_back(given: Mapping[str, Any]) -> bool:
    """Whether the benchmark's rival would, of the same measurements. It sums them up anyway."""
    columns = {result["Id"]: np.array([[sum(result["Values"])]]) for result in given["results"]}
    return bool(peeked(Traffic(columns, {}), "error_rate").any())


def test_a_peeked_z_test_takes_back_what_the_judge_lets_through(rehearsals: Rehearsals) -> None:
    (release,) = rehearsals["noise-is-no-reason"].result.releases
    looks = looks_that_compare(release.journal)
    rival = [z_test_takes_back(look["given"]) for look in looks]

    assert len(looks) >= LOOKS
    assert any(rival[:LOOKS]), "the z-test would not have rolled it back: choose another seed"
    assert not rival[-1], "asked once, at the end, the z-test sees nothing"
    assert (release.outcome, release.reason) == ("Succeeded", "Delivered")
    assert "Fail" not in {look["verdict"] for look in looks}
