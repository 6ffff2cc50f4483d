"""Gates in a policy: who answers, before which step, and what is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.policy.agreement import LONGEST_RELEASE
from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from tests.unit import examples

CANARY = {"kind": "canary", "steps": [5, 50], "bake": "10m"}
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:check:live"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:check"
GATE = {"before": 50, "function": FUNCTION}


def stage(*gates: dict[str, Any], **fields: Any) -> Any:
    document = examples.document(**{"strategy": CANARY, **fields}, gates=list(gates))
    return read_policy(document, examples.GROUP).stage


@pytest.mark.parametrize(("who", "target"), [({"function": FUNCTION}, FUNCTION), ({"state_machine": MACHINE}, MACHINE)])
def test_a_gate_is_a_function_or_a_state_machine_and_has_an_hour(who: dict[str, str], target: str) -> None:
    [gate] = stage({"before": 50, **who}).gates
    assert (gate.target, gate.before, gate.within) == (target, 50, 3600)


@pytest.mark.parametrize(
    ("gates", "fields", "said"),
    [
        ([{"before": 50}], {}, "write function or state_machine, the ARN of what answers; got neither"),
        ([{**GATE, "state_machine": MACHINE}], {}, "the ARN of what answers; got both"),
        ([{"before": 50, "function": "check"}], {}, "write the ARN of a Lambda function"),
        ([{"before": 50, "function": MACHINE}], {}, "write the ARN of a Lambda function"),
        ([{"before": 50, "state_machine": f"{MACHINE}:1"}], {}, "write the ARN of a state machine"),
        ([{**GATE, "within": "30s"}], {}, "a gate has from 1m to 7d to answer"),
        ([{**GATE, "within": "8d"}], {}, "a gate has from 1m to 7d to answer"),
        ([GATE, GATE], {}, "two gates stand before 50; let one of them ask both questions"),
        ([{**GATE, "before": 30}], {}, "30 is no step of this strategy; write 50 or 100"),
        ([{**GATE, "before": 5}], {}, "nothing is known of a candidate before 5, its first step; write 50 or 100"),
        ([GATE], {"strategy": {**CANARY, "traffic": "native"}}, "traffic: weights, or leave gates out"),
        (
            [{**GATE, "before": 100}],
            {"strategy": {"kind": "ab_test", "duration": "1h", "winner": "person"}, "evidence": []},
            "gates is of no use with winner: person",
        ),
    ],
)
def test_a_gate_that_cannot_be_asked_is_refused_by_name(gates: list[Any], fields: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        stage(*gates, **fields)
    assert said in str(caught.value)


def test_the_time_for_answers_counts_for_the_longest_release() -> None:
    assert LONGEST_RELEASE == 120 * 86_400
    long = {"strategy": {"kind": "canary", "steps": [1, 2, 3], "bake": ["29d", "30d", "30d", "30d"]}, "evidence": []}
    assert stage({**GATE, "before": 100, "within": "1d"}, **long)
    with pytest.raises(PolicyError, match="which is more than 120 d"):
        stage({**GATE, "before": 100, "within": "2d"}, **long)


def test_the_looks_for_answers_count_for_what_one_execution_can_have() -> None:
    many = {"strategy": {"kind": "canary", "steps": [5, 50], "bake": "10h", "looks": 100}, "evidence": []}
    asked = [{**GATE, "before": before, "within": "7d"} for before in (50, 100)]
    assert stage(**many)
    assert stage(*asked[:1], **many, inconclusive={"extensions": 0})
    rules = {"evidence": [{"metric": "error_rate", "max": "2%"}], "inconclusive": {"extensions": 1}}
    with pytest.raises(PolicyError, match=r"and gates up to 1[0-9][0-9], more than one execution can have"):
        stage(*asked, **{**many, **rules})
    assert stage(**{**many, **rules})
