"""Which way a machine takes, and with what: its expressions, evaluated for one state of its variables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.states.expressions import compile_field
from tests.contract.documents import machines


def states(machine: str) -> dict[str, Any]:
    return dict(machines()[machine].definition["States"])


def evaluated(field: Any, **variables: Any) -> Any:
    """What the rehearsal's interpreter makes of a field."""
    return compile_field(field, "field").evaluate(variables, None)


PLAN: dict[str, Any] = {"restore_from": 3, "restore": {"action": "UpdateEndpointWeightsAndCapacities", "request": {}}}


@pytest.mark.parametrize(("index", "restores"), [(2, False), (3, True), (4, True)])
def test_an_abort_restores_from_the_step_on_that_moves_traffic(index: int, restores: bool) -> None:
    """That step is under way when `index` is its place, so it may have moved some traffic already."""
    first = states("DeliverMachine")["HowToRestore"]["Choices"][1]["Condition"]
    ways = [
        each
        for wait in ("AwaitEndpoint", "Bake")
        for each in states("DeliverMachine")[wait]["Catch"]
        if "Interlock.Aborted" in each["ErrorEquals"]
    ]
    ways += [each for each in states("DeliverMachine")["VerdictDecision"]["Choices"] if each["Next"] == "Act"]
    now = {"mode": "deliver", "index": index, "plan": PLAN}

    assert evaluated(first, **now) is restores
    assert len(ways) == 3
    for way in ways:
        assert evaluated(way["Assign"]["step"], **now)["action"] == (PLAN["restore"]["action"] if restores else "None")


@pytest.mark.parametrize(("mode", "index", "target"), [("deliver", 0, "SettleRelease"), ("deliver", 1, "HowToRestore")])
def test_what_breaks_after_the_first_step_is_rolled_back_and_not_called_refused(
    mode: str, index: int, target: str
) -> None:
    choices = states("DeliverMachine")["Broken"]["Choices"]

    assert next(each["Next"] for each in choices if evaluated(each["Condition"], mode=mode, index=index)) == target


@pytest.mark.parametrize(("looks", "seconds"), [(0, 480), (1, 300), (2, 300)])
def test_only_the_first_look_waits_for_late_metrics(looks: int, seconds: int) -> None:
    """The looks after it are as late by themselves; to wait each time would make a bake longer than the policy says."""
    wait = states("DeliverMachine")["Bake"]["TimeoutSeconds"]

    assert evaluated(wait, looks=looks, step={"bake": {"first": 480}}, verdict={"seconds": 300}) == seconds


@pytest.mark.parametrize("looked", [True, False])
def test_after_a_wait_an_endpoint_is_looked_at_before_it_is_changed(looked: bool) -> None:
    """Somebody may have changed it meanwhile, and that is not overwritten."""
    step = {"awaits": True, "action": "UpdateEndpoint"}
    now = {"looked": looked, "step": step, "plan": {"steps": [step]}, "index": 0, "acted": {}, "restoring": False}
    for choice in ("BeforeStep", "NextStep"):
        state = states("DeliverMachine")[choice]
        ways = (each["Next"] for each in state["Choices"] if evaluated(each["Condition"], **now))
        assert next(ways, state["Default"]) == ("Fence" if looked else "LookAtEndpoint"), choice


def test_a_look_is_asked_for_all_since_the_first_bake() -> None:
    asked = evaluated(
        states("DeliverMachine")["Measure"]["Arguments"]["Input"],
        step={"bake": {"alarms": [], "queries": []}},
        evidenceStarted="09:00",
        since="10:00",
        states={"context": {"State": {"EnteredTime": "11:00"}}},
    )

    assert json.loads(asked)["metrics"] == {"queries": [], "start": "09:00", "end": "11:00"}


@pytest.mark.parametrize(
    ("created", "goes_on"),
    [
        ({"Status": "SUCCEEDED"}, True),
        ({"Status": "FAILED", "Error": "SageMaker.ResourceInUseException"}, True),
        ({"Status": "FAILED", "Error": "SageMaker.ResourceLimitExceededException"}, False),
    ],
)
def test_a_job_of_a_monitor_that_is_there_already_is_the_one_that_was_asked_for(
    created: dict[str, str], goes_on: bool
) -> None:
    """Only this monitor gives this name to this window; the answer, or the record, of an earlier attempt was lost."""
    inner = states("MonitorMachine")["ForEachRun"]["ItemProcessor"]["States"]
    (choice,) = inner["IsJobThere"]["Choices"]

    assert evaluated(choice["Condition"], created=created) is goes_on


def test_a_training_job_that_is_there_already_is_waited_for_by_the_arn_that_sagemaker_gives_it() -> None:
    """Names are in lower case in SageMaker's ARNs (aws/aws-cdk, aws-stepfunctions-tasks), and events carry the ARN."""
    first = states("ActMachine")["CreateTrainingJob"]["Catch"][0]
    asked = {"input": {"request": {"TrainingJobName": "Churn-20260105-0a1b2c3d"}}}

    assert first["ErrorEquals"] == ["SageMaker.ResourceInUseException"]
    found = evaluated(first["Assign"]["arn"], states=asked)
    assert found == "${TrainingJobArn}/churn-20260105-0a1b2c3d"


@pytest.mark.parametrize("remedy", ["retrain", "roll_back", "scale", "wait", "notify"])
def test_of_a_question_about_a_signal_only_the_answer_follows(remedy: str) -> None:
    """A person asks what would be done about a file; each of these would be done without `dry_run`."""
    decision = {"remedy": remedy, "reason": "RemedyChosen", "record": {}, "notice": {}, "run": {"key": "churn/1"}}
    ways = {}
    for name in ("IsItADryRun", "IsItARunOfOurs", "CarryOut"):
        state = states("RespondMachine")[name]
        now = {"told": {"dry_run": True}, "decision": decision, "waited": False}
        met = (each["Next"] for each in state["Choices"] if evaluated(each["Condition"], **now))
        ways[name] = next(met, state["Default"])

    assert ways == {"IsItADryRun": "IsItARunOfOurs", "IsItARunOfOurs": "CarryOut", "CarryOut": "Answer"}


WENT_WRONG: list[tuple[str, str, tuple[Any, ...]]] = [
    ("ObserveMachine", "DescribeAlarms", ("Catch", 0, "Assign", "unread")),
    ("ObserveMachine", "GetMetricData", ("Catch", 1, "Assign", "unread")),
    ("DeliverMachine", "Broken", ("Choices", 1, "Assign", "sentence")),
    ("DeliverMachine", "Broken", ("Choices", 2, "Assign", "because", "sentence")),
    ("SettleMachine", "UpdatePackage", ("Assign", "refused")),
    ("TrackMachine", "Write", ("ItemProcessor", "States", "Act", "Assign", "one", "refused")),
]


@pytest.mark.parametrize("cause", [{}, {"Cause": ""}, {"Cause": "Rate exceeded"}])
@pytest.mark.parametrize(("machine", "state", "path"), WENT_WRONG)
def test_what_went_wrong_is_named_also_where_a_time_out_has_no_cause_or_an_empty_one(
    machine: str, state: str, path: tuple[Any, ...], cause: dict[str, str]
) -> None:
    """Both were recorded on AWS: localstack/localstack, error_handling/test_task_service_lambda.snapshot.json,
    test_invoke_timeout; timeouts/test_timeouts.snapshot.json. An empty text means that nothing went wrong."""
    field: Any = states(machine)[state]
    for name in path:
        field = field[name]
    failure = {"Error": "States.Timeout", **cause}
    seen = {"errorOutput": failure, "input": failure, "result": {"Status": "FAILED", **failure}}

    assert evaluated(field, states=seen) == (cause.get("Cause") or "States.Timeout")
