"""An execution calls an Express execution synchronously: it waits for the end, which is an answer, good or bad."""

import json
from typing import Any

import pytest

from rehearsal.account import shapes
from rehearsal.states import Execution
from tests.rehearsal.states.account import HOUR, PERSON, SEND, Account, lasted, machine, output, refuse
from tests.rehearsal.states.conformance import END

CALL = "arn:aws:states:::aws-sdk:sfn:startSyncExecution"
WAIT = {"W": {"Type": "Wait", "Seconds": 30, "Next": "B"}, "B": END}


def nested(child_states: dict[str, Any], data: Any = None, **more: Any) -> tuple[Account, Execution]:
    """An account in which an execution has begun to call an Express machine of these states; `more` is of its Task."""
    account = Account()
    child = account.create(machine(next(iter(child_states)), child_states), "child", "EXPRESS")
    call = {"StateMachineArn": child, "Input": json.dumps(data or {"n": 1})}
    start = {"Type": "Task", "Resource": CALL, "Arguments": call, "Next": "After", **more}
    return account, account.start(account.create(machine("Start", {"Start": start, "After": END})))


def child_of(account: Account) -> Execution:
    return next(each for each in account.states.executions if each.machine.name == "child")


def test_it_takes_its_time_on_the_same_clock() -> None:
    account, execution = nested(WAIT)
    other = account.start(account.create(machine("W", {"W": {"Type": "Wait", "Seconds": 10, "End": True}}), "other"))
    account.pass_time(20)
    assert (execution.status, other.status) == ("RUNNING", "SUCCEEDED")
    account.pass_time(20)
    result = output(execution)
    assert (result["Status"], json.loads(result["Output"])) == ("SUCCEEDED", {"n": 1})
    assert result["StopDate"] > result["StartDate"]


def test_it_knows_which_execution_called_it() -> None:
    account, execution = nested({"T": {"Type": "Task", "Resource": SEND, "Arguments": {"Message": "m"}, "End": True}})
    account.pass_time(10)
    child = child_of(account)
    assert (execution.parent, child.parent) == ("", execution.arn)
    assert [caller.execution for caller, service, *_ in account.calls if service == "sns"] == [child.arn]
    assert (execution.transitions, child.transitions) == (2, 0)


def test_one_that_a_person_calls_has_no_parent() -> None:
    account = Account()
    arn = account.create(machine("B", {"B": END}), type="EXPRESS")
    account.states.start_sync_execution({"stateMachineArn": arn}, PERSON)
    assert account.states.executions[0].parent == ""


def test_the_answer_is_what_botocore_knows_and_echoes_the_input() -> None:
    """As a public log of a call shows: input and output with their details, and how it is billed."""
    account, execution = nested(WAIT)
    account.pass_time(HOUR)
    result = output(execution)
    child = child_of(account)
    assert (result["ExecutionArn"], result["Name"], result["Input"]) == (child.arn, child.name, '{"n": 1}')
    assert result["InputDetails"] == result["OutputDetails"] == {"Included": True}
    shape = shapes.operation_model("stepfunctions", "StartSyncExecution").output_shape
    assert shape is not None
    assert set(result) <= {name[:1].upper() + name[1:] for name in shape.members}


def test_a_failure_is_an_answer_and_not_an_error() -> None:
    """botocore StartSyncExecution: 200 also when it fails, and an output only if it succeeds."""
    account, execution = nested({"F": {"Type": "Fail", "Error": "Bad", "Cause": "it is"}})
    account.pass_time(1)
    result = output(execution)
    assert (result["Status"], result["Error"], result["Cause"]) == ("FAILED", "Bad", "it is")
    assert "Output" not in result
    assert result["BillingDetails"]["BilledDurationInMilliseconds"] == 100


def test_a_refusal_inside_is_the_answers_error() -> None:
    account, execution = nested({"T": {"Type": "Task", "Resource": SEND, "Arguments": {"Message": "m"}, "End": True}})
    account.answers["sns", "Publish"] = refuse("sns", "Throttled")
    account.pass_time(10)
    result = output(execution)
    assert (result["Status"], result["Error"]) == ("FAILED", "Sns.ThrottledException")


def test_it_ends_after_five_minutes_which_is_an_answer_too() -> None:
    """docs: choosing-workflow-type; botocore StartSyncExecution has the status TIMED_OUT."""
    account, execution = nested({"W": {"Type": "Wait", "Seconds": 600, "End": True}})
    account.pass_time(HOUR)
    result = output(execution)
    assert (result["Status"], result["Error"]) == ("TIMED_OUT", "States.Timeout")
    assert "Output" not in result
    assert lasted(child_of(account)) == 300


def test_the_calling_task_waits_no_longer_than_it_says_and_the_execution_goes_on() -> None:
    """states-language.net, "Timeouts"; nothing stops a synchronous execution whose caller has gone."""
    again = {"ErrorEquals": ["States.Timeout"], "Next": "After", "Output": "too late"}
    account, execution = nested(WAIT, TimeoutSeconds=10, Catch=[again])
    account.pass_time(HOUR)
    assert output(execution) == "too late"
    assert 10 <= lasted(execution) < 11
    assert child_of(account).status == "SUCCEEDED"


def test_a_timeout_that_does_not_come_changes_nothing() -> None:
    account, execution = nested(WAIT, TimeoutSeconds=60)
    account.pass_time(HOUR)
    assert output(execution)["Status"] == "SUCCEEDED"


@pytest.mark.parametrize(("length", "status"), [(100_000, "SUCCEEDED"), (150_000, "FAILED")])
def test_input_and_output_of_the_answer_have_to_fit_into_256_kib_together(length: int, status: str) -> None:
    """docs: service-quotas, of a task's result; the answer of StartSyncExecution echoes the input."""
    account, execution = nested({"B": END}, {"text": "x" * length})
    account.pass_time(10)
    assert child_of(account).status == "SUCCEEDED"
    assert execution.status == status
    assert execution.error == (None if status == "SUCCEEDED" else "States.DataLimitExceeded")


def test_an_input_over_256_kib_never_gets_there() -> None:
    account, execution = nested({"B": END}, {"text": "x" * 262_144})
    account.pass_time(10)
    assert execution.error == "States.DataLimitExceeded"
    assert [each.machine.name for each in account.states.executions] == ["machine"]


def test_an_output_over_256_kib_is_the_answers_error() -> None:
    twice = "{% [$states.input.text, $states.input.text] %}"
    account, execution = nested({"B": {**END, "Output": twice}}, {"text": "x" * 140_000})
    account.pass_time(10)
    assert (output(execution)["Status"], output(execution)["Error"]) == ("FAILED", "States.DataLimitExceeded")


@pytest.mark.parametrize(("passes", "billed"), [(0, 1_100), (3, 1_100), (4, 1_200)])
def test_duration_is_billed_in_steps_of_100_milliseconds(passes: int, billed: int) -> None:
    """aws.amazon.com/step-functions/pricing; entering a state takes 25 ms."""
    after = {f"P{index}": {"Type": "Pass", "Next": f"P{index + 1}"} for index in range(passes)}
    last = {f"P{passes}": {"Type": "Wait", "Seconds": 1, "End": True}}
    account, execution = nested(after | last)
    account.pass_time(HOUR)
    assert output(execution)["BillingDetails"]["BilledDurationInMilliseconds"] == billed


@pytest.mark.parametrize(("items", "billed"), [(1, 64), (400, 64), (500, 128)])
def test_memory_is_billed_in_chunks_of_64_mb(items: int, billed: int) -> None:
    """aws.amazon.com/step-functions/pricing: "50 MB + 50 KB + (32 KB x 400 steps)" are 64 MB."""
    each = {"StartAt": "I", "States": {"I": {**END, "Output": "small"}}}
    over = f"{{% [1..{items}] %}}"
    states = {"M": {"Type": "Map", "Items": over, "ItemProcessor": each, "End": True, "Output": "small"}}
    account, execution = nested(states, {"text": "x" * 32 * 1024})
    account.pass_time(HOUR)
    assert output(execution)["BillingDetails"]["BilledMemoryUsedInMB"] == billed
