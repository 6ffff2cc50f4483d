"""Expectations of the loop hold when they should and fail when they should, and say what was seen instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from rehearsal.report.result import Result
from rehearsal.scenario.expectations import Expected
from tests.rehearsal.stage.watched import loop, run, watched

READ: TypeAdapter[Any] = TypeAdapter(Expected)


def held(written: dict[str, Any], result: Result) -> bool:
    (finding,) = READ.validate_python(written).findings(result)
    return bool(finding.held)


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ({"decision": "retrain"}, True),
        ({"decision": "retrain", "reason": "RemedyChosen", "group": "churn", "signal": "data_quality"}, True),
        ({"decision": "retrain", "reason": "Cooldown"}, False),
        ({"decision": "retrain", "group": "digits"}, False),
        ({"decision": "retrain", "signal": "alarm"}, False),
        ({"decision": "notify"}, False),
        ({"decision": "notify", "count": 0}, True),
        ({"decision": "ignore", "count": 2}, True),
        ({"decision": "ignore", "count": 1}, False),
        ({"decision": "ignore", "at_least": 2}, True),
        ({"decision": "ignore", "at_least": 3}, False),
        ({"decision": "ignore", "at_most": 2}, True),
        ({"decision": "ignore", "at_most": 1}, False),
        ({"decision": "notify", "at_most": 1}, True),
        ({"decision": "ignore", "at_least": 1, "at_most": 1}, False),
        ({"retrainings": 1}, True),
        ({"retrainings": 2}, False),
        ({"retrainings": 0, "group": "digits"}, True),
        ({"retraining_reason": "GatePassed"}, True),
        ({"retraining_reason": "GateFailed"}, False),
        ({"retraining_reason": "GatePassed", "group": "digits"}, False),
        ({"verdict": "Approve"}, True),
        ({"verdict": "Approve", "version": 2, "group": "churn"}, True),
        ({"verdict": "Approve", "version": 3}, False),
        ({"verdict": "Reject"}, False),
        ({"monitor_runs": 5}, True),
        ({"monitor_runs": 4}, False),
        ({"monitor_runs": 2, "status": "CompletedWithViolations"}, True),
        ({"monitor_runs": {"at_least": 3}, "status": "Completed"}, True),
        ({"monitor_runs": {"at_least": 4}, "status": "Completed"}, False),
        ({"monitor_runs": {"at_most": 2}, "status": "Completed"}, False),
        ({"monitor_runs": {}, "status": "TooThin"}, False),
        ({"monitor_runs": 0, "status": "TooThin"}, True),
        ({"monitor_runs": 5, "endpoint": "churn", "monitor": "inputs"}, True),
        ({"monitor_runs": 5, "monitor": "fairness"}, False),
    ],
)
def test_an_expectation_holds_or_not(written: dict[str, Any], holds: bool) -> None:
    assert held(written, watched()) is holds


def test_without_a_retraining_nothing_of_it_holds() -> None:
    nothing = replace(watched(), loops=(), decisions=(), monitors=())

    for written in ({"retraining_reason": "GatePassed"}, {"verdict": "Approve"}, {"decision": "ignore"}):
        assert not held(written, nothing)
    assert held({"retrainings": 0}, nothing) and held({"monitor_runs": 0}, nothing)


def test_a_retraining_without_a_verdict_is_no_verdict() -> None:
    assert not held({"verdict": "Leave"}, watched(loops=(loop(verdict=""),)))


def test_what_was_seen_is_said() -> None:
    (finding,) = READ.validate_python({"decision": "notify", "reason": "Cooldown", "group": "churn"}).findings(
        watched()
    )
    (runs,) = READ.validate_python({"monitor_runs": 9, "status": "TooThin"}).findings(watched(run(0)))

    assert finding.text == "The decision of churn is notify because of Cooldown at least 1 time"
    assert finding.seen == "0 times; decisions: ignore NoViolations, retrain RemedyChosen"
    assert (runs.text, runs.seen) == ("A monitor ends TooThin exactly 9 times", "0 times; of 1 run: Completed")


@pytest.mark.parametrize(
    "written",
    [
        {"decision": "retrian"},
        {"decision": "retrain", "count": 1, "at_least": 1},
        {"decision": "retrain", "count": -1},
        {"verdict": "Approved"},
        {"retrainings": -1},
        {"monitor_runs": {"least": 3}},
        {"monitor_runs": 1, "status": "completed"},
    ],
)
def test_what_cannot_be_meant_is_refused(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(written)
