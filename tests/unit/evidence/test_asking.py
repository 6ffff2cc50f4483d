"""What follows the looks of a wait for a person."""

from __future__ import annotations

from typing import Any, cast

import pytest

from interlock.evidence.judge import judge
from interlock.evidence.looks import Judgement, Look
from tests.unit.examples import ERROR_RULE, answered, baked

ASKS = {
    "before": 100,
    "within": 7200,
    "life_cycle": "Production/Approved",
    "notice": {"subject": "[Interlock] churn v7 asks for approval", "body": "May it?"},
    "answers": "Say yes or no.",
}
GOOD = {"Stage": "Production", "StageStatus": "Approved"}


def judged(errors: float | None = 0.0, looks: int = 0, life_cycle: Any = None, alarm: str = "OK") -> Judgement:
    bake = {**baked([ERROR_RULE], alarms=("guard",)), "looks": 1, "bakes": 1, "approval": ASKS}
    values = {} if errors is None else {"candidate_error_rate": errors}
    seen = answered(candidate_requests=200.0, stable_requests=3800.0, **values)
    empty = answered(
        **{query["Id"]: [] for query in bake["queries"] if query["Id"] not in {each["Id"] for each in seen}}
    )
    alarms = [{"AlarmName": "guard", "StateValue": alarm, "StateReason": "Too many errors"}]
    task = {"bake": bake, "results": [*seen, *empty], "alarms": alarms, "error": "", "looks": looks}
    return judge(cast(Look, {**task, "since": "2026-01-05T09:59:30.000Z", "life_cycle": life_cycle or {}}))


@pytest.mark.parametrize(("errors", "verdict"), [(0.0, "Pass"), (4.0, "Inconclusive"), (None, "Error")])
def test_the_first_look_asks_whatever_is_known_and_says_it(errors: float | None, verdict: str) -> None:
    answer = judged(errors)
    assert (answer["verdict"], answer["next"], answer["seconds"]) == (verdict, "Hold", 7200)
    body = answer["notice"]["body"]
    assert body.startswith("May it? It has ")
    assert f"What is known so far ({verdict}): {answer['findings'][0]['sentence']}" in body
    assert body.endswith("Say yes or no.")


@pytest.mark.parametrize("looks", [0, 1])
@pytest.mark.parametrize(("errors", "alarm", "reason"), [(40.0, "OK", "EvidenceFailed"), (0.0, "ALARM", "AlarmRaised")])
def test_a_bad_candidate_is_rolled_back_and_nobody_is_asked(errors: float, alarm: str, reason: str, looks: int) -> None:
    answer = judged(errors, looks, GOOD, alarm)
    assert (answer["next"], answer["reason"]) == ("RollBack", reason)


@pytest.mark.parametrize("errors", [0.0, 4.0, None])
def test_no_answer_is_a_refusal_that_blames_nobody(errors: float | None) -> None:
    answer = judged(errors, looks=1, life_cycle={"Stage": "Production", "StageStatus": "Pending"})
    assert (answer["next"], answer["reason"]) == ("RollBack", "ApprovalExpired")
    assert answer["sentence"] == "Nobody approved the step to 100 % within 2 h. No answer is a refusal."


@pytest.mark.parametrize("looks", [0, 1])
def test_what_the_registry_says_counts_even_if_its_event_was_lost(looks: int) -> None:
    answer = judged(looks=looks, life_cycle=GOOD)
    assert (answer["next"], answer["seconds"]) == ("Advance", 0)
    assert answer["sentence"] == "The package's life cycle says Production/Approved."
