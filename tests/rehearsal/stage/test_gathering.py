"""A release is everything that its executions did, and everything that the executions they called did."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from rehearsal.account.gateway import Call
from rehearsal.aws import Caller
from rehearsal.report import prices
from rehearsal.report.gathering import Memory, releases
from rehearsal.report.result import AlarmChange, Release
from rehearsal.report.timeline import moment_of_call
from rehearsal.services.dynamodb import Consumed
from rehearsal.states import Entered, Execution, Machine, load
from rehearsal.traffic import Lost

PROGRAM = load({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, express=False)
DELIVER = Machine("arn:aws:states:eu-west-1:1:stateMachine:deliver", "deliver", "STANDARD", "role", PROGRAM)
OBSERVE = Machine("arn:aws:states:eu-west-1:1:stateMachine:observe", "observe", "EXPRESS", "role", PROGRAM)
INTAKE = Machine("arn:aws:states:eu-west-1:1:stateMachine:intake", "intake", "EXPRESS", "role", PROGRAM)
WEIGHTS = "UpdateEndpointWeightsAndCapacities"
DIGITS = {"EndpointName": "digits"}
ALARM = AlarmChange(100.0, "interlock-errors", "ALARM", "")


def execution(
    name: str, machine: Machine, start: float, parent: str = "", entered: Iterable[float] = (), **given: Any
) -> Execution:
    made = Execution(name, name, machine, json.dumps(given), start, parent, stop=start + 1)
    made.entered = [Entered(at, "S", "Pass") for at in entered]
    made.transitions = len(made.entered) if machine is DELIVER else 0
    return made


def call(by: str, what: str, at: float = 50.0, request: Any = None, answer: Any = None, state: str = "S") -> Call:
    service, _, operation = what.rpartition(" ")
    return Call(at, Caller("role", by, state), service or "sagemaker", operation, request or {}, "", answer or {})


def planned(release: str, document: dict[str, Any]) -> Call:
    item = {"pk": {"S": f"RELEASE#{release}"}, "sk": {"S": "PLAN#"}, "document": {"S": json.dumps(document)}}
    return call(release, "dynamodb PutItem", 10.0, {"Item": item})


def gathered(
    executions: list[Execution],
    calls: list[Call],
    alarms: tuple[AlarmChange, ...] = (),
    consumed: tuple[Consumed, ...] = (),
    lost: tuple[Lost, ...] = (),
) -> Release:
    memory = Memory(executions, tuple(calls), alarms, (), lost, consumed, 1_000.0)
    (release,) = releases(memory, DELIVER.arn)
    return release


def test_it_has_what_its_executions_called_and_what_those_called() -> None:
    r1 = execution("r1", DELIVER, 0)
    r1.functions_invoked = 1
    child, grandchild = execution("child", OBSERVE, 1, "r1"), execution("grandchild", OBSERVE, 2, "child")
    grandchild.functions_invoked = 2
    stranger, persons = execution("stranger", OBSERVE, 3, "steward"), execution("persons", OBSERVE, 4)

    release = gathered([r1, child, grandchild, stranger, persons], [])

    assert release.executions == ("r1", "child", "grandchild")
    assert release.functions_invoked == 3


def test_express_executions_add_no_transitions() -> None:
    r1, child = execution("r1", DELIVER, 0, entered=[0, 1]), execution("child", OBSERVE, 1, "r1", entered=[1, 1, 1])

    assert gathered([r1, child], []).transitions == 2


def test_a_look_because_a_wait_ran_out_is_a_poll_and_one_because_of_an_event_is_not() -> None:
    executions = [
        execution("r1", DELIVER, 0),
        execution("patience", OBSERVE, 1, "r1", woken_by="patience"),
        execution("event", OBSERVE, 2, "r1", woken_by="event"),
        execution("stewards", OBSERVE, 3, "steward", woken_by="patience"),
    ]
    served = {"EndpointStatus": "InService"}
    looks = [call(each.name, "DescribeEndpoint", answer=served) for each in executions]
    updating = call("event", "DescribeEndpoint", answer={"EndpointStatus": "Updating"})

    assert gathered(executions, looks).polls == 1
    assert gathered(executions, [call("patience", "DescribeModelPackage")]).polls == 0
    assert gathered(executions, [updating]).polls == 1


def test_restoring_counts_the_states_and_functions_of_executions_that_were_called() -> None:
    r1 = execution("r1", DELIVER, 0, entered=[5, 100.3, 100.4])
    act = execution("act", OBSERVE, 100.5, "r1", entered=[100.5, 100.6, 200])
    door = execution("door", INTAKE, 100.1, entered=[100.1], alarm=ALARM.alarm)
    inside = execution("inside", OBSERVE, 100.15, "door", entered=[100.15, 100.5, 100.9])
    plan = {
        "restore": {"action": WEIGHTS, "request": DIGITS},
        "steps": [{"action": "PutMetricAlarm", "request": {"AlarmName": ALARM.alarm}}],
    }
    calls = [
        planned("r1", plan),
        call("inside", "lambda Invoke", 100.16),
        call("inside", "stepfunctions SendTaskFailure", 100.2),
        call("act", "lambda Invoke", 100.55),
        call("act", WEIGHTS, 100.7, DIGITS),
    ]

    (way,) = gathered([r1, door, inside, act], calls, (ALARM,)).restorings

    assert (way.restored_at, way.functions, way.waits) == (100.7, 2, 0)
    assert way.transitions == len([100.3, 100.4]) + len([100.5, 100.6]) + len([100.1, 100.15])


@pytest.mark.parametrize(
    ("last", "counted"),
    [
        (call("act", "DeleteEndpoint", 70.0, DIGITS), 30),
        (call("", "DeleteEndpoint", 70.0, DIGITS), 0),
        (call("", "DeleteEndpoint", 70.0, {"EndpointName": "other"}), 30),
        (call("", "DeleteEndpoint", 200.0, DIGITS), 30),
        (call("", "DescribeEndpoint", 70.0, DIGITS), 30),
    ],
)
def test_only_what_a_change_of_ours_lost_counts_as_lost(last: Call, counted: int) -> None:
    calls = [planned("r1", {"facts": {"endpoint": "digits"}}), call("act", "UpdateEndpoint", 20.0, DIGITS), last]

    release = gathered([execution("r1", DELIVER, 0)], calls, lost=(Lost("digits", 60.0, 30),))

    assert release.requests_lost == counted


@pytest.mark.parametrize(
    ("inside", "waits"), [([101.0, 102.0, 103.0, 104.0], 0), ([101.0, 101.1, 104.0], 1), ([101.0], 1)]
)
def test_the_caller_of_an_execution_does_not_wait_but_the_execution_may(inside: list[float], waits: int) -> None:
    r1 = execution("r1", DELIVER, 0, entered=[5, 100.9, 104.6])
    observe = execution("observe", OBSERVE, 101, "r1", entered=inside)
    observe.stop = 104.5
    plan = {
        "restore": {"action": WEIGHTS, "request": DIGITS},
        "steps": [{"action": "PutMetricAlarm", "request": {"AlarmName": ALARM.alarm}}],
    }
    calls = [planned("r1", plan), call("r1", WEIGHTS, 104.7, DIGITS)]

    (way,) = gathered([r1, observe], calls, (ALARM,)).restorings

    assert way.waits == waits


def test_it_costs_what_its_executions_and_those_they_called_used() -> None:
    r1, child = execution("r1", DELIVER, 0, entered=[0, 1]), execution("child", OBSERVE, 1, "r1")
    others = execution("others", OBSERVE, 1, "steward")
    calls = [call("child", "lambda Invoke"), call("others", "lambda Invoke")]
    consumed = tuple(Consumed(each, write_units=1) for each in ("r1", "child", "others"))

    release = gathered([r1, child, others], calls, consumed=consumed)

    amounts = {each.price: each.amount for each in release.costs}
    assert amounts[prices.TRANSITION] == 2
    assert amounts[prices.EXPRESS_REQUEST] == 1
    assert amounts[prices.FUNCTION_REQUEST] == 1
    assert amounts[prices.WRITE_UNIT] == 2
    assert release.cost_usd == sum(each.dollars for each in release.costs) > 0


def test_a_moment_comes_from_the_execution_that_made_the_call() -> None:
    moment = moment_of_call(call("child", "DeleteEndpoint", request=DIGITS))

    assert moment is not None and moment.source == "child"
