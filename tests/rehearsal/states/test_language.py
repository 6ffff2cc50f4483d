"""Each construct of the States Language does what its specification says, and a wrong definition is refused."""

import json
from typing import Any

import pytest

from rehearsal.states import DefinitionError, load
from rehearsal.states.options import Options
from tests.rehearsal.states.account import INVOKE, SEND, SEND_AND_WAIT, Account, lasted, machine, output, run
from tests.rehearsal.states.conformance import CASES, END, Case


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_construct(case: Case) -> None:
    execution = run(case.states, case.data)
    if case.error:
        assert (execution.status, execution.error) == ("FAILED", case.error)
    else:
        assert output(execution) == case.output


States = dict[str, Any]


def problems(states: States, express: bool = False) -> str:
    with pytest.raises(DefinitionError) as refused:
        load(machine(next(iter(states)), states), express)
    return "\n".join(refused.value.problems)


WRONG: dict[str, tuple[States, str]] = {
    "an unknown field": ({"A": {**END, "ResultPath": "$.x"}}, "/States/A/ResultPath: this field is not supported"),
    "a field of another type": ({"A": {**END, "Seconds": 1}}, "/States/A/Seconds: this field is not supported"),
    "no way on": ({"A": {"Type": "Pass"}}, "/States/A: needs either a Next or End"),
    "an assignment by a Choice itself": (
        {"A": {"Type": "Choice", "Choices": [{"Condition": True, "Next": "A"}], "Assign": {"x": 1}}},
        "/States/A/Assign: this field is not supported here",
    ),
    "two ways on": ({"A": {**END, "Next": "A"}}, "/States/A: needs either a Next or End"),
    "a target that is not there": ({"A": {"Type": "Pass", "Next": "B"}}, "there is no state 'B'"),
    "a state nobody reaches": ({"A": END, "B": END}, "/States/B: MISSING_TRANSITION_TARGET"),
    "no end": ({"A": {"Type": "Pass", "Next": "A"}}, "MISSING_END_STATE"),
    "no such type": ({"A": {"Type": "Task2"}}, "/States/A/Type: must be one of"),
    "an expression that cannot be read": ({"A": {**END, "Output": "{% a[1,2) %}"}}, "INVALID_JSONATA_EXPRESSION"),
    "a name without $": ({"A": {**END, "Output": {"v": "{% input.a %}"}}}, "UNSUPPORTED_JSONATA_EXPRESSION"),
    "the whole context": ({"A": {**END, "Output": "{% $$.a %}"}}, "Reference to '$$' is not supported"),
    "an expression that reads the time": ({"A": {**END, "Output": "{% $now() %}"}}, "$now is not offered"),
    "a placeholder nobody filled": ({"A": {**END, "Output": "${Table}"}}, "${Table} was not substituted"),
    "a variable named states": ({"A": {**END, "Assign": {"states": 1}}}, "not a name that a variable can have"),
    "States.ALL in company": (
        {
            "A": {
                "Type": "Task",
                "Resource": SEND,
                "End": True,
                "Catch": [{"ErrorEquals": ["X", "States.ALL"], "Next": "A"}],
            }
        },
        "/States/A/Catch[0]/ErrorEquals: States.ALL must stand alone",
    ),
    "an API that does not exist": (
        {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sagemaker:updateEndpoints", "End": True}},
        "has no API action 'updateEndpoints'",
    ),
    "a job to be run to its end": (
        {"A": {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTransformJob.sync", "End": True}},
        "not a service integration offered here",
    ),
    "a literal time without a zone": (
        {"A": {"Type": "Wait", "Timestamp": "2026-01-05T09:30:00", "End": True}},
        "/States/A/Timestamp: String does not match RFC3339 timestamp",
    ),
    "a wait for nothing": ({"A": {"Type": "Wait", "End": True}}, "a Wait has either Seconds or Timestamp"),
    "a variable assigned in two scopes": (
        {
            "A": {
                "Type": "Map",
                "End": True,
                "Assign": {"x": 1},
                "ItemProcessor": {"StartAt": "B", "States": {"B": {**END, "Assign": {"x": 2}}}},
            }
        },
        "$x is assigned here and in an outer scope",
    ),
}


@pytest.mark.parametrize(("states", "expected"), WRONG.values(), ids=WRONG.keys())
def test_refused(states: States, expected: str) -> None:
    assert expected in problems(states)


def test_everything_wrong_is_said_at_once() -> None:
    said = problems({"A": {"Type": "Pass", "Next": "B", "X": 1}, "C": {"Type": "Wait"}})
    assert all(word in said for word in ("/States/A/X", "'B'", "/States/C"))


def test_jsonpath_is_refused() -> None:
    with pytest.raises(DefinitionError, match="QueryLanguage: must be JSONata"):
        load({"StartAt": "A", "States": {"A": END}})


def test_an_express_workflow_cannot_wait_for_a_token() -> None:
    assert "does not support '.waitForTaskToken'" in problems(
        {"A": {"Type": "Task", "Resource": SEND_AND_WAIT, "End": True}}, express=True
    )


def test_the_api_refuses_a_wrong_definition_with_all_that_is_wrong() -> None:
    with pytest.raises(Exception, match=r"InvalidDefinition.*there is no state 'B'"):
        Account().create(machine("A", {"A": {"Type": "Pass", "Next": "B"}}))


def test_an_undefined_result_is_explained_with_state_field_and_expression() -> None:
    """Recorded on AWS: floci-io/floci, docs/services/step-functions."""
    execution = run({"A": {"Type": "Pass", "Next": "B"}, "B": {**END, "Output": {"x": ["{% $states.input.y %}"]}}})
    assert execution.cause == (
        "An error occurred while executing the state 'B' (entered at the event id #4). The JSONata expression "
        "'$states.input.y' specified for the field 'Output/x[0]' returned nothing (undefined)."
    )


@pytest.mark.parametrize("expression", ["1/0", "$sum", "'a' + 1", "$number('x')"])
def test_an_expression_that_throws_is_a_query_evaluation_error(expression: str) -> None:
    execution = run({"A": {**END, "Output": f"{{% {expression} %}}"}})
    assert execution.error == "States.QueryEvaluationError"


def test_a_condition_must_be_a_boolean() -> None:
    states = {"A": {"Type": "Choice", "Choices": [{"Condition": "{% 'yes' %}", "Next": "B"}], "Default": "B"}, "B": END}
    assert run(states).error == "States.QueryEvaluationError"


def test_no_rule_and_no_default_is_a_runtime_error() -> None:
    """Recorded on AWS: floci-io/floci, docs/services/step-functions."""
    states = {"A": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "B"}]}, "B": END}
    assert run(states).error == "States.Runtime"


def test_the_context_object() -> None:
    """docs: input-output-contextobject."""
    account = Account()
    arn = account.create(machine("A", {"A": {**END, "Output": "{% $states.context %}"}}), name="look")
    execution = account.start(arn, {"a": 1}, name="once")
    account.pass_time(1)
    context = output(execution)
    assert context["Execution"]["Id"] == execution.arn == "arn:aws:states:eu-central-1:111122223333:execution:look:once"
    assert (context["Execution"]["Name"], context["Execution"]["Input"]) == ("once", {"a": 1})
    assert context["Execution"]["StartTime"] == "2026-01-05T09:00:00.000Z"
    assert context["State"] == {"Name": "A", "EnteredTime": "2026-01-05T09:00:00.025Z"}
    assert context["StateMachine"] == {"Id": arn, "Name": "look"}


def test_a_wait_takes_its_seconds_and_nothing_else_waits() -> None:
    account = Account()
    arn = account.create(
        machine("A", {"A": {"Type": "Wait", "Seconds": "{% $states.input.s %}", "Next": "B"}, "B": {"Type": "Succeed"}})
    )
    long, short = account.start(arn, {"s": 500}), account.start(arn, {"s": 10})
    account.pass_time(100)
    assert (long.status, short.status) == ("RUNNING", "SUCCEEDED")
    account.pass_time(401)
    assert lasted(long) == pytest.approx(500.05, abs=0.001)


def test_a_wait_until_a_timestamp() -> None:
    execution = run({"A": {"Type": "Wait", "Timestamp": "2026-01-05T09:30:00Z", "End": True}})
    assert lasted(execution) == pytest.approx(1800, abs=0.001)


def test_map_iterations_run_at_once_up_to_their_limit() -> None:
    def seconds(limit: int) -> int:
        execution = run(
            {
                "A": {
                    "Type": "Map",
                    "End": True,
                    "Items": "{% [1..6] %}",
                    "MaxConcurrency": limit,
                    "ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}},
                }
            }
        )
        assert output(execution) == [1, 2, 3, 4, 5, 6]
        return round(lasted(execution))

    assert (seconds(0), seconds(3), seconds(1)) == (10, 20, 60)


def test_the_first_failing_iteration_ends_the_others() -> None:
    fail_late = {"Type": "Choice", "Choices": [{"Condition": "{% $states.input = 1 %}", "Next": "F"}], "Default": "W"}
    execution = run(
        {
            "A": {
                "Type": "Map",
                "End": True,
                "Items": "{% [1, 2] %}",
                "ItemProcessor": {
                    "StartAt": "C",
                    "States": {
                        "C": fail_late,
                        "F": {"Type": "Fail", "Error": "One"},
                        "W": {"Type": "Wait", "Seconds": 600, "End": True},
                    },
                },
            }
        }
    )
    assert (execution.status, execution.error) == ("FAILED", "One")
    assert lasted(execution) < 1


def test_an_empty_map_gives_an_empty_list() -> None:
    states = {"A": {"Type": "Map", "End": True, "Items": [], "ItemProcessor": {"StartAt": "B", "States": {"B": END}}}}
    assert output(run(states)) == []


def test_a_payload_over_256_kib_ends_the_execution_where_no_wildcard_catches_it() -> None:
    """docs: concepts-error-handling, States.DataLimitExceeded; service-quotas. It was recorded otherwise, too."""
    account = Account({("lambda", "Invoke"): lambda request: {"Payload": json.dumps("x" * 262_144).encode()}})
    account.states.options = Options(too_large="caught by its name")
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    execution = run(
        {
            "A": {"Type": "Task", "Resource": INVOKE, "Arguments": {"FunctionName": "f"}, "Next": "B", "Catch": catch},
            "B": END,
        },
        account=account,
    )
    assert execution.error == "States.DataLimitExceeded"


def test_text_that_utf_8_cannot_write_is_passed_on() -> None:
    """JSON may escape half of a surrogate pair."""
    half = {"Type": "Pass", "Output": "{% $parse('\"\\\\ud800\"') %}", "Next": "B"}
    assert output(run({"A": half, "B": {"Type": "Pass", "Output": "{% $length($states.input) %}", "End": True}})) == 1


def test_a_history_of_25000_events_ends_a_standard_execution() -> None:
    """docs: service-quotas."""
    states = {
        "A": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "E"}], "Default": "A"},
        "E": {"Type": "Succeed"},
    }
    execution = run(states)
    assert (execution.status, execution.transitions) == ("FAILED", 12_500)
    assert "maximum number of history events" in str(execution.cause)
