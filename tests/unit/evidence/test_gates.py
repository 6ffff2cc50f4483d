"""What follows the looks of a wait for a gate, whatever the gate answers."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.evidence.gates import LONGEST_WHY, SPARE, plain
from interlock.evidence.judge import judge
from interlock.evidence.looks import Judgement, Look
from interlock.model.looks import looks_within, rarer_look
from interlock.model.reasons import BLAMES_CANDIDATE, Reason
from tests.unit.examples import ERROR_RULE, answered, baked

ASKS = {
    "name": "check",
    "kind": "function",
    "target": "arn:aws:lambda:eu-west-1:123456789012:function:check",
    "before": 50,
    "within": 7200,
    "machine": "arn:aws:states:eu-west-1:123456789012:stateMachine:interlock-gate",
    "execution": "arn:aws:states:eu-west-1:123456789012:execution:interlock-gate:churn-v7-1-before-50",
    "told": {"release": "churn-v7-1", "before": 50},
}
LAST = next(look for look in range(200) if rarer_look(look) >= ASKS["within"] + SPARE)  # type: ignore[operator]


def judged(
    gate: Any = None, looks: int = 1, errors: float | None = 0.0, alarm: str = "OK", bake: Any = None
) -> Judgement:
    bake = {**baked([ERROR_RULE], alarms=("guard",)), "looks": 1, "bakes": 1, "gate": ASKS, **(bake or {})}
    values = {} if errors is None else {"candidate_error_rate": errors}
    seen = answered(candidate_requests=200.0, stable_requests=3800.0, **values)
    empty = answered(
        **{query["Id"]: [] for query in bake["queries"] if query["Id"] not in {each["Id"] for each in seen}}
    )
    alarms = [{"AlarmName": "guard", "StateValue": alarm, "StateReason": "Too many errors"}]
    task = {"bake": bake, "results": [*seen, *empty], "alarms": alarms, "error": "", "looks": looks}
    return judge(cast(Look, {**task, "since": "2026-01-05T09:59:30.000Z", "gate": gate or {}}))


def ended(**output: str) -> dict[str, str]:
    return {"Status": "SUCCEEDED", "Output": json.dumps(output)}


@pytest.mark.parametrize(("errors", "verdict"), [(0.0, "Pass"), (4.0, "Inconclusive"), (None, "Error")])
def test_the_first_look_asks_whatever_is_known_and_tells_it(errors: float | None, verdict: str) -> None:
    answer = judged(looks=0, errors=errors)
    request = answer["step"]["request"]
    handed = json.loads(request["Input"])
    assert (answer["next"], answer["seconds"], answer["step"]["action"]) == ("AskGate", 60, "StartExecution")
    assert (request["StateMachineArn"], request["Name"]) == (ASKS["machine"], "churn-v7-1-before-50")
    assert (handed["kind"], handed["target"], handed["within"]) == ("function", ASKS["target"], 7200)
    assert handed["told"]["release"] == "churn-v7-1"
    seen = {"verdict": verdict, "findings": [each["sentence"] for each in answer["findings"]]}
    assert handed["told"]["seen"] == seen
    assert answer["step"]["hears"] == "|Abort|Pause|"


@pytest.mark.parametrize("looks", [0, 1])
@pytest.mark.parametrize(("errors", "alarm", "reason"), [(40.0, "OK", "EvidenceFailed"), (0.0, "ALARM", "AlarmRaised")])
def test_a_bad_candidate_goes_back_whatever_the_gate_says(errors: float, alarm: str, reason: str, looks: int) -> None:
    answer = judged(ended(said='{"pass": true}'), looks, errors, alarm)
    assert (answer["next"], answer["reason"]) == ("RollBack", reason)


@pytest.mark.parametrize("gate", [{}, {"Status": "RUNNING"}])
def test_without_an_answer_it_looks_again_until_the_time_is_over(gate: dict[str, str]) -> None:
    assert judged(gate)["next"] == "Look"
    assert judged(gate, LAST - 1)["next"] == "Look"
    answer = judged(gate, LAST)
    assert (answer["next"], answer["reason"]) == ("RollBack", "GateExpired")


@given(some.integers(60, 7 * 86_400))
def test_the_looks_end_a_minute_after_the_time_and_are_few(within: int) -> None:
    answers = [judged(looks=look, bake={"gate": {**ASKS, "within": within}}) for look in (0,)]
    seconds, look = answers[0]["seconds"], 1
    while (answer := judged(looks=look, bake={"gate": {**ASKS, "within": within}}))["next"] == "Look":
        seconds, look = seconds + answer["seconds"], look + 1
    assert (seconds, look < 90) == (within + SPARE, True)
    assert look <= looks_within(within) + 1


@pytest.mark.parametrize(
    ("gate", "following", "reason", "said"),
    [
        (ended(said='{"pass": true}'), "Advance", "Accepted", "passed the step to 50 %; it gave no reason."),
        (ended(said='{"pass": true, "why": "ok."}'), "Advance", "Accepted", "passed the step to 50 %: ok."),
        (ended(said='{"pass": false, "why": "bad"}'), "RollBack", "GateRefused", "refused the step to 50 %: bad."),
        (ended(said='{"pass": false}'), "RollBack", "GateRefused", "refused the step to 50 %; it gave no reason."),
        (ended(said="yes"), "RollBack", "GateBroken", 'answered what cannot be read: yes. Right is {"pass": true}'),
        (ended(said=""), "RollBack", "GateBroken", "answered what cannot be read: nothing."),
        (ended(said='{"pass": "true"}'), "RollBack", "GateBroken", 'cannot be read: {"pass": "true"}.'),
        (ended(said='{"pass": 1}'), "RollBack", "GateBroken", "cannot be read"),
        (ended(said='{"pass": true, "why": 1}'), "RollBack", "GateBroken", "cannot be read"),
        (ended(said="[true]"), "RollBack", "GateBroken", "cannot be read: [true]."),
        (ended(said="true"), "RollBack", "GateBroken", "cannot be read: true."),
        (
            ended(error="States.Timeout", cause=""),
            "RollBack",
            "GateExpired",
            "did not answer with its token within 2 h",
        ),
        (ended(error="NoData", cause=""), "RollBack", "GateBroken", "could not tell: NoData: it gave no cause."),
        (ended(error="", cause=""), "RollBack", "GateBroken", "could not tell"),
        (
            ended(error="Sfn.StateMachineDoesNotExistException", cause="State Machine Does Not Exist: 'arn'"),
            "RollBack",
            "GateBroken",
            "is not there: State Machine Does Not Exist: 'arn'.",
        ),
        (
            ended(
                error="Lambda.AWSLambdaException", cause="User: me is not authorized to perform: lambda:InvokeFunction"
            ),
            "RollBack",
            "GateBroken",
            "may not be started by Interlock: User: me is not authorized",
        ),
        (
            ended(error="ClientError", cause="User: its role is not authorized to perform: s3:GetObject"),
            "RollBack",
            "GateBroken",
            "could not tell: ClientError: User: its role",
        ),
        ({"Status": "ABORTED"}, "RollBack", "GateBroken", "the execution that asked it is ABORTED"),
        ({"Status": "SUCCEEDED"}, "RollBack", "GateBroken", "answered more than can be read"),
    ],
)
def test_every_answer_has_a_consequence_and_a_sentence(
    gate: dict[str, str], following: str, reason: str, said: str
) -> None:
    answer = judged(gate)
    assert (answer["next"], answer["reason"]) == (following, reason)
    assert said in answer["sentence"]
    assert ("Nothing is held against the version." in answer["sentence"]) == (reason == "GateBroken")
    assert (Reason(reason) in BLAMES_CANDIDATE) == (reason == "GateRefused")


def test_an_error_of_the_measurements_does_not_overrule_the_gate() -> None:
    assert judged(ended(said='{"pass": true}'), errors=None)["next"] == "Advance"


@given(some.text())
def test_the_words_of_others_become_plain_text_of_one_line(words: str) -> None:
    line = plain(words)
    assert len(line) <= LONGEST_WHY
    assert line.isprintable()


@given(some.text())
def test_no_answer_breaks_the_judge(said: str) -> None:
    assert judged(ended(said=said))["next"] in ("Advance", "RollBack")
