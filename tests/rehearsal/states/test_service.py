"""The Step Functions API: names, statuses, stopping, events, and what is counted."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.aws import AwsError, Caller
from tests.rehearsal.states.account import HOUR, PERSON, SEND, SEND_AND_WAIT, Account, lasted, machine, output
from tests.rehearsal.states.conformance import END

WAIT = {"W": {"Type": "Wait", "Seconds": 600, "Next": "E"}, "E": {"Type": "Succeed"}}


@pytest.fixture
def account() -> Account:
    return Account()


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(AwsError) as refusal:
        call()
    return refusal.value.code


def test_the_same_name_and_input_is_the_same_execution_while_it_runs(account: Account) -> None:
    """botocore StartExecution."""
    arn = account.create(machine("W", WAIT))
    first, again = account.start(arn, {"a": 1}, "once"), account.start(arn, {"a": 1}, "once")
    assert first is again
    assert code_of(lambda: account.start(arn, {"a": 2}, "once")) == "ExecutionAlreadyExists"
    account.pass_time(HOUR)
    assert code_of(lambda: account.start(arn, {"a": 1}, "once")) == "ExecutionAlreadyExists"
    assert len(account.states.executions) == 1


def test_an_express_name_is_not_unique(account: Account) -> None:
    arn = account.create(machine("A", {"A": END}), type="EXPRESS")
    assert account.start(arn, {}, "once") is not account.start(arn, {}, "once")


def test_executions_without_a_name_get_one(account: Account) -> None:
    arn = account.create(machine("A", {"A": END}))
    assert account.start(arn).name != account.start(arn).name


def test_input_must_be_json(account: Account) -> None:
    arn = account.create(machine("A", {"A": END}))
    request = {"stateMachineArn": arn, "input": "{not json"}
    assert code_of(lambda: account.states.start_execution(request, PERSON)) == "InvalidExecutionInput"


def test_unknown_machines_and_executions_are_said_to_be_so(account: Account) -> None:
    request = {"stateMachineArn": "arn:aws:states:eu-central-1:111122223333:stateMachine:none"}
    assert code_of(lambda: account.states.start_execution(request, PERSON)) == "StateMachineDoesNotExist"
    request = {"executionArn": "arn:aws:states:eu-central-1:111122223333:execution:none:none"}
    assert code_of(lambda: account.states.describe_execution(request, PERSON)) == "ExecutionDoesNotExist"


def test_describe_execution(account: Account) -> None:
    execution = account.start(
        account.create(machine("A", {"A": {"Type": "Fail", "Error": "E", "Cause": "C"}})), {"a": 1}
    )
    account.pass_time(1)
    answer = account.states.describe_execution({"executionArn": execution.arn}, PERSON)
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "E", "C")
    assert json.loads(answer["input"]) == {"a": 1}
    assert answer["stopDate"] > answer["startDate"]


def test_list_executions_has_the_newest_first_and_filters_by_status(account: Account) -> None:
    arn = account.create(machine("W", WAIT))
    old = account.start(arn)
    account.pass_time(HOUR)
    new = account.start(arn)

    def listed(**more: str) -> list[str]:
        answer = account.states.list_executions({"stateMachineArn": arn, **more}, PERSON)
        return [item["executionArn"] for item in answer["executions"]]

    assert listed() == [new.arn, old.arn]
    assert listed(statusFilter="RUNNING") == [new.arn]


def test_a_stopped_execution_is_aborted_and_its_token_is_dead(account: Account) -> None:
    wait = {
        "Type": "Task",
        "Resource": SEND_AND_WAIT,
        "End": True,
        "Arguments": {"Message": "{% $states.context.Task.Token %}"},
    }
    execution = account.start(account.create(machine("A", {"A": wait})))
    account.pass_time(60)
    account.states.stop_execution({"executionArn": execution.arn, "cause": "by hand"}, PERSON)
    assert (execution.status, execution.error, execution.cause) == ("ABORTED", None, "by hand")
    assert code_of(lambda: account.succeed(account.token())) == "TaskTimedOut"
    account.pass_time(HOUR)
    assert execution.status == "ABORTED"


def test_a_redriven_execution_goes_on_with_the_state_that_had_not_ended(account: Account) -> None:
    """docs: step-functions/latest/dg/redrive-executions: "continues the failed execution from the unsuccessful step and
    uses the same input", the machine's timeout "is reset to 0"."""
    states = {
        "A": {"Type": "Task", "Resource": SEND, "Arguments": {"Message": "a"}, "Assign": {"said": "a"}, "Next": "B"},
        "B": {"Type": "Wait", "Seconds": 60, "Next": "C"},
        "C": {"Type": "Succeed", "Output": "{% [$said, $states.context.Execution.RedriveCount] %}"},
    }
    execution = account.start(account.create({**machine("A", states), "TimeoutSeconds": 90}))
    account.pass_time(50)
    account.states.stop_execution({"executionArn": execution.arn}, PERSON)
    account.pass_time(30)
    account.states.redrive_execution({"executionArn": execution.arn}, PERSON)
    assert (execution.status, execution.stop) == ("RUNNING", None)
    account.pass_time(59)
    assert execution.status == "RUNNING"
    account.pass_time(2)
    assert (execution.status, execution.output) == ("SUCCEEDED", '["a",1]')
    assert len(account.calls) == 1
    refused = code_of(lambda: account.states.redrive_execution({"executionArn": execution.arn}, PERSON))
    assert refused == "ExecutionNotRedrivable"


def test_stopping_ends_the_branches_too(account: Account) -> None:
    branch = {
        "StartAt": "W",
        "States": {
            "W": {"Type": "Wait", "Seconds": 60, "Next": "S"},
            "S": {"Type": "Task", "Resource": SEND, "End": True},
        },
    }
    states = {"P": {"Type": "Parallel", "End": True, "Branches": [branch, branch]}}
    execution = account.start(account.create(machine("P", states)))
    account.pass_time(10)
    account.states.stop_execution({"executionArn": execution.arn}, PERSON)
    account.pass_time(HOUR)
    assert account.calls == []


def test_stopping_what_has_ended_changes_nothing(account: Account) -> None:
    execution = account.start(account.create(machine("A", {"A": END})))
    account.pass_time(1)
    account.states.stop_execution({"executionArn": execution.arn}, PERSON)
    assert execution.status == "SUCCEEDED"


def test_a_machines_timeout_ends_its_execution_without_error_or_cause(account: Account) -> None:
    """Recorded on AWS: floci-io/floci, docs/services/step-functions, "Timeouts"."""
    execution = account.start(account.create(machine("W", WAIT, TimeoutSeconds=60)))
    account.pass_time(HOUR)
    assert (execution.status, execution.error, execution.cause) == ("TIMED_OUT", None, None)
    assert lasted(execution) == 60


def test_an_express_execution_ends_after_five_minutes(account: Account) -> None:
    """docs: choosing-workflow-type."""
    execution = account.start(account.create(machine("W", WAIT), type="EXPRESS"))
    account.pass_time(HOUR)
    assert (execution.status, lasted(execution)) == ("TIMED_OUT", 300)


def test_a_persons_synchronous_execution_is_answered_at_its_end(account: Account) -> None:
    states = {"W": {"Type": "Wait", "Seconds": 20, "End": True}}
    request = {"stateMachineArn": account.create(machine("W", states), type="EXPRESS"), "input": '{"a": 1}'}
    answer = account.states.start_sync_execution(request, PERSON)
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", '{"a":1}')
    assert 20 <= (answer["stopDate"] - answer["startDate"]).total_seconds() < 21


def test_only_express_workflows_run_synchronously(account: Account) -> None:
    request = {"stateMachineArn": account.create(machine("A", {"A": END}))}
    assert code_of(lambda: account.states.start_sync_execution(request, PERSON)) == "StateMachineTypeNotSupported"


def test_express_executions_cannot_be_looked_at(account: Account) -> None:
    execution = account.start(account.create(machine("A", {"A": END}), type="EXPRESS"))
    request = {"executionArn": execution.arn}
    assert code_of(lambda: account.states.describe_execution(request, PERSON)) == "InvalidArn"


def test_a_standard_execution_tells_of_its_start_and_its_end(account: Account) -> None:
    """docs: eventbridge-integration."""
    execution = account.start(account.create(machine("A", {"A": {"Type": "Fail", "Error": "E"}})), {"a": 1})
    account.pass_time(1)
    sources = {(source, detail_type, *resources) for source, detail_type, _, resources in account.events}
    assert sources == {("aws.states", "Step Functions Execution Status Change", execution.arn)}
    begun, ended = (detail for _, _, detail, _ in account.events)
    assert (begun["status"], begun["stopDate"], begun["output"]) == ("RUNNING", None, None)
    assert (ended["status"], ended["error"], ended["name"]) == ("FAILED", "E", execution.name)
    assert json.loads(ended["input"]) == {"a": 1}
    assert ended["stopDate"] > ended["startDate"] == 1767603600000


def test_an_input_over_248_kib_is_left_out_of_the_event(account: Account) -> None:
    account.start(account.create(machine("A", {"A": END})), {"a": "x" * 255_000})
    detail = account.events[0][2]
    assert (detail["input"], detail["inputDetails"]) == (None, {"included": False})


def test_an_express_execution_tells_nothing(account: Account) -> None:
    account.start(account.create(machine("A", {"A": END}), type="EXPRESS"))
    account.pass_time(1)
    assert account.events == []


def test_what_is_entered_and_billed(account: Account) -> None:
    """aws.amazon.com/step-functions/pricing; a Map's states count for each item."""
    states = {
        "M": {
            "Type": "Map",
            "Items": "{% [1, 2] %}",
            "Next": "E",
            "ItemProcessor": {"StartAt": "I", "States": {"I": END}},
        },
        "E": {"Type": "Succeed"},
    }
    standard = account.start(account.create(machine("M", states)))
    express = account.start(account.create(machine("M", states), "fast", "EXPRESS"))
    account.pass_time(1)
    assert [entered.state for entered in standard.entered] == ["M", "I", "I", "E"]
    assert (standard.transitions, express.transitions) == (4, 0)
    assert [entered.state for entered in express.entered] == ["M", "I", "I", "E"]


def test_a_wait_costs_the_same_however_long_it_is(account: Account) -> None:
    def transitions(seconds: int) -> tuple[int, int]:
        states = {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}
        execution = account.start(account.create(machine("W", states)))
        account.pass_time(seconds + 1)
        assert execution.status == "SUCCEEDED"
        return execution.transitions, execution.events

    assert transitions(60) == transitions(36_000)


def test_the_same_seed_gives_the_same_history() -> None:
    def history() -> list[Any]:
        account = Account()
        arn = account.create(machine("A", {"A": {"Type": "Task", "Resource": SEND, "Next": "B"}, "B": END}))
        executions = [account.start(arn, {"n": n}) for n in range(5)]
        account.pass_time(10)
        return [(e.name, e.stop, e.entered, e.output) for e in executions]

    assert history() == history()


def test_a_fault_of_the_simulation_is_not_taken_for_a_failure_of_the_machine(account: Account) -> None:
    def broken(request: dict[str, Any]) -> dict[str, Any]:
        raise ZeroDivisionError

    account.answers["sns", "Publish"] = broken
    account.start(account.create(machine("A", {"A": {"Type": "Task", "Resource": SEND, "End": True}})))
    with pytest.raises(ZeroDivisionError):
        account.pass_time(1)


def test_every_expression_is_recorded_with_what_it_saw_and_gave(account: Account) -> None:
    states = {"A": {**END, "Output": "{% $states.input.a %}", "Assign": {"x": "{% $states.input.b %}"}}}
    account.start(account.create(machine("A", states)), {"a": 1, "b": 2})
    account.pass_time(1)
    assert {(e.source, e.result) for e in account.evaluations} == {("$states.input.a", 1), ("$states.input.b", 2)}
    assert account.evaluations[0].variables["states"]["input"] == {"a": 1, "b": 2}


def test_an_execution_can_stop_itself(account: Account) -> None:
    def stop(request: dict[str, Any]) -> dict[str, Any]:
        account.states.stop_execution({"executionArn": execution.arn}, Caller("person"))
        return {"MessageId": "m"}

    account.answers["sns", "Publish"] = stop
    arn = account.create(machine("A", {"A": {"Type": "Task", "Resource": SEND, "Next": "B"}, "B": END}))
    execution = account.start(arn)
    account.pass_time(10)
    assert execution.status == "ABORTED"
    assert [entered.state for entered in execution.entered] == ["A"]


def test_output_is_what_the_last_state_gave(account: Account) -> None:
    execution = account.start(account.create(machine("A", {"A": {**END, "Output": "ü"}})))
    account.pass_time(1)
    assert output(execution) == "ü"
