from __future__ import annotations

import re
from pathlib import Path

import pytest

from interlock.evidence.findings import Verdict
from interlock.evidence.judge import _REASONS
from interlock.execution.settlement import _HEADLINES, OUTCOMES
from interlock.model.reasons import BLAMES_CANDIDATE, Outcome, Reason

ROOT = Path(__file__).parents[3]
CORE = "\n".join(
    path.read_text()
    for path in sorted((ROOT / "layers/interlock/interlock").rglob("*.py"))
    if path.name != "reasons.py"
)
MACHINES = "\n".join(path.read_text() for path in sorted((ROOT / "statemachines").glob("*.asl.yaml")))


@pytest.mark.parametrize("reason", Reason, ids=str)
def test_every_reason_is_given_somewhere(reason: Reason) -> None:
    by_core = re.search(rf"\bReason\.{reason.name}\b", CORE)
    by_machine = re.search(rf"\b{reason.value}\b", MACHINES)
    assert by_core or by_machine


def test_every_reason_that_a_machine_gives_is_one() -> None:
    given = set(re.findall(r"\breason: '?([A-Z][A-Za-z]+)\b", MACHINES))
    given |= set(re.findall(r"'reason': '([A-Z][A-Za-z]+)'", MACHINES))
    assert given
    assert given <= {reason.value for reason in Reason}


def test_the_code_is_the_name() -> None:
    for word in (*Reason, *Outcome):
        assert word.value == "".join(part.capitalize() for part in word.name.split("_")).replace(
            "Sagemaker", "SageMaker"
        )


def test_every_end_has_an_outcome_and_every_outcome_a_headline() -> None:
    assert set(OUTCOMES.values()) == set(Outcome) == set(_HEADLINES)


def test_every_verdict_has_a_reason() -> None:
    assert set(_REASONS) == set(Verdict)


def test_only_faults_of_the_candidate_blame_it() -> None:
    assert {
        Reason.ALARM_RAISED,
        Reason.EVIDENCE_FAILED,
        Reason.GATE_REFUSED,
        Reason.SAMPLE_FAILED,
        Reason.SMOKE_TEST_FAILED,
        Reason.CANDIDATE_FAILED_TO_START,
    } == BLAMES_CANDIDATE
