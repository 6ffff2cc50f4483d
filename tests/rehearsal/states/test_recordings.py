"""The language does what AWS's own Step Functions was recorded to do: the table is recordings.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.states import DefinitionError, load
from tests.rehearsal.states.account import SEND, Account, lasted, machine, output, refuse, run
from tests.rehearsal.states.conformance import END

Row = dict[str, Any]
ROWS: list[Row] = yaml.safe_load((Path(__file__).parent / "recordings.yaml").read_text(encoding="utf-8"))


def _states(row: Row) -> dict[str, Any]:
    return row["states"] if "states" in row else {"A": {**END, "Output": row["shows"]}}


@pytest.mark.parametrize("row", [row for row in ROWS if "output" in row], ids=lambda row: row["of"])
def test_what_succeeded_on_aws_succeeds_with_the_same_output(row: Row) -> None:
    execution = run(_states(row), row.get("input"))
    assert output(execution) == row["output"]
    assert [entered.state for entered in execution.entered] == row.get("passed", [e.state for e in execution.entered])


@pytest.mark.parametrize("row", [row for row in ROWS if "failure" in row], ids=lambda row: row["of"])
def test_what_failed_on_aws_fails_with_the_same_error_and_cause(row: Row) -> None:
    execution = run(_states(row), row.get("input"))
    error, cause = row["failure"]
    if cause and isinstance(row.get("input"), str):
        cause = cause.replace("{input}", row["input"])
    assert (execution.status, execution.error, execution.cause) == ("FAILED", error, cause)
    assert [entered.state for entered in execution.entered] == row.get("passed", [e.state for e in execution.entered])


@pytest.mark.parametrize("row", [row for row in ROWS if "refused" in row], ids=lambda row: row["of"])
def test_a_definition_is_refused(row: Row) -> None:
    with pytest.raises(DefinitionError) as refused:
        load(machine("A", row["states"]))
    assert row["refused"] in str(refused.value)


def test_each_row_says_how_it_ended() -> None:
    assert all(len({"output", "failure", "refused"} & row.keys()) == 1 for row in ROWS)
    assert all(len({"states", "shows"} & row.keys()) == 1 for row in ROWS)


@pytest.mark.parametrize(("attempts", "calls"), [(0, 1), (2, 3)])
def test_a_retrier_retries_as_often_as_it_says(attempts: int, calls: int) -> None:
    """scenarios/test_base_scenarios test_retry_interval_features_max_attempts_zero, test_map_state_retry."""
    account = Account({("sns", "Publish"): refuse("sns", "Throttled")})
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": attempts}]
    run({"A": {"Type": "Task", "Resource": SEND, "Retry": retry, "End": True}}, account=account)
    assert len(account.calls) == calls


@pytest.mark.parametrize("more", [{"Retry": []}, {"Catch": []}])
def test_an_empty_list_of_retriers_or_catchers_is_none(more: dict[str, Any]) -> None:
    """scenarios/test_base_scenarios test_lambda_empty_retry, test_catch_empty."""
    account = Account({("sns", "Publish"): refuse("sns", "Throttled")})
    execution = run({"A": {"Type": "Task", "Resource": SEND, "End": True, **more}}, account=account)
    assert (execution.status, len(account.calls)) == ("FAILED", 1)


@pytest.mark.parametrize(("seconds", "ends"), [(2.5, "FAILED"), (-1, "FAILED"), (0, "SUCCEEDED"), (1, "SUCCEEDED")])
def test_seconds_are_whole_and_not_negative(seconds: float, ends: str) -> None:
    """base/test_wait test_base_wait_seconds_path, where they come from a path. Of an expression nothing is recorded."""
    execution = run({"A": {"Type": "Wait", "Seconds": "{% $states.input.s %}", "End": True}}, {"s": seconds})
    assert execution.status == ends
    assert ends == "FAILED" or int(lasted(execution)) == seconds
