"""Cold starts: few requests have one, and silence means that there was none."""

from __future__ import annotations

import pytest

from tests.unit.evidence.weighed import Rule, Values, weighed

COLD_START: Rule = {"metric": "cold_start", "max": "20s"}
REQUESTS: Values = {"candidate_requests": [200.0] * 10}


@pytest.mark.parametrize(("seconds", "verdict"), [(6.0, "Pass"), (20.0, "Pass"), (21.0, "Fail")])
def test_those_that_there_were_are_held_against_the_limit(seconds: float, verdict: str) -> None:
    found = weighed(COLD_START, **REQUESTS, candidate_cold_start=[seconds * 1e6])
    assert found.verdict == verdict
    assert found.candidate == seconds * 1e6
    assert "as far as measured" in found.sentence


def test_their_mean_counts() -> None:
    values = [30e6, 6e6]
    assert weighed(COLD_START, **REQUESTS, candidate_cold_start=values).verdict == "Pass"


def test_a_candidate_without_any_passes_if_it_was_asked_often_enough() -> None:
    found = weighed(COLD_START, **REQUESTS)
    assert (found.verdict, found.sentence) == ("Pass", "None of the 2000 requests of the candidate had a cold start.")
    assert weighed(COLD_START, candidate_requests=[9.0] * 10).verdict == "Inconclusive"
    assert weighed(COLD_START, candidate_requests=[0.0] * 10).verdict == "Inconclusive"
