"""What is different about the evidence of a shadow: its requests are copies of stable's, and it answers nobody."""

from __future__ import annotations

from typing import Any, cast

import pytest

from interlock.evidence.forecast import forecast
from interlock.evidence.judge import judge
from interlock.evidence.looks import Judgement, Look
from tests.unit.examples import ERRORS_LIKE_STABLE, SHADOW, answered, baked

BAKE = baked([ERRORS_LIKE_STABLE], percent=0, strategy=SHADOW)


def look(candidate: float, stable: float) -> Judgement:
    measured = answered(
        candidate_requests=candidate, stable_requests=stable, candidate_error_rate=0.0, stable_error_rate=stable / 50
    )
    given: dict[str, Any] = {"bake": BAKE, "results": measured, "alarms": [], "error": "", "looks": 0, "since": ""}
    return judge(cast(Look, given))


def test_copies_of_the_wanted_share_are_compared_and_the_candidate_has_no_traffic() -> None:
    answer = look(800.0, 4000.0)
    assert (answer["verdict"], answer["percent"]) == ("Pass", 0)


@pytest.mark.parametrize("copied", [400.0, 1600.0, 4000.0])
def test_more_or_fewer_copies_than_wanted_void_the_comparison(copied: float) -> None:
    """Somebody who changes the weight of the production variant changes the share that is copied."""
    answer = look(copied, 4000.0)
    assert (answer["verdict"], answer["next"]) == ("Error", "Look")
    assert answer["sentence"] == (
        f"The comparison is void: the candidate got copies of {copied * 10:.0f} of 40000 requests, where 20 % should "
        "be copied. Find out whether somebody changed the weights."
    )


def test_a_forecast_counts_the_copies() -> None:
    (seen,) = forecast([BAKE], rate=10.0)
    assert (seen.percent, seen.requests) == (0, round(10.0 * 0.2 * BAKE["seconds"]))
