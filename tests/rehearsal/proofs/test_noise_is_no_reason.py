"""What the journal of a release holds is enough to ask another judge: a z-test, peeked at each look, takes back a model
that is no worse than stable, where Interlock's looked as often and let it through."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

from rehearsal.telling.result import JournalEntry
from tests.rehearsal.proofs.rehearsals import Rehearsals

ONE_SIDED_5_PERCENT = 1.645  # the quantile of the normal distribution that a test at 5 % asks for


def z(given: Mapping[str, Any]) -> float:
    """How many standard errors the candidate's error rate lies above that of stable (two proportions, pooled)."""
    sums = {result["Id"]: sum(result["Values"]) for result in given["results"]}
    errors, requests = sums["candidate_error_rate"], sums["candidate_requests"]
    others, of = sums["stable_error_rate"], sums["stable_requests"]
    both = (errors + others) / (requests + of)
    return (errors / requests - others / of) / sqrt(both * (1 - both) * (1 / requests + 1 / of))


def looks_that_compare(journal: tuple[JournalEntry, ...]) -> list[Mapping[str, Any]]:
    """What was given to the judge while there was a stable variant to compare with."""
    verdicts = [entry.document for entry in journal if entry.kind == "VERDICT"]
    return [each for each in verdicts if each["given"]["bake"]["split"]]


def test_a_peeked_z_test_takes_back_what_the_judge_lets_through(rehearsals: Rehearsals) -> None:
    (release,) = rehearsals["noise-is-no-reason"].result.releases
    looks = looks_that_compare(release.journal)
    scores = [z(look["given"]) for look in looks]

    assert len(scores) >= 10
    assert max(scores[:10]) > ONE_SIDED_5_PERCENT, "the z-test would not have taken it back: choose another seed"
    assert scores[-1] < ONE_SIDED_5_PERCENT, "looked at once, at the end, the z-test sees nothing"
    assert (release.outcome, release.reason) == ("Succeeded", "Delivered")
    assert "Fail" not in {look["verdict"] for look in looks}
