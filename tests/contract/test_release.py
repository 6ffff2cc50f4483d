"""The machines of a release: what deliver keeps and forgets, and which of them may read, change and wait."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from interlock.model.plan import LONGEST_WAIT, PlanDocument
from interlock.policy.agreement import LONGEST_RELEASE
from rehearsal.report.timeline import ENTRIES
from tests.contract.asl import Edge, edges, expressions, flows, reachable
from tests.contract.documents import deployed, machines, of_type, statements
from tests.unit import examples
from tests.unit.planned import (
    BATCH,
    LIKE_STABLE,
    MULTI_MODEL,
    WITH_BASELINE,
    batch,
    deliver,
    multi_model,
    roll_back,
    stages,
)

OWN = ("DeliverMachine", "AdmitMachine", "SettleMachine", "RespondMachine", "RetrainMachine", "MonitorMachine")
"""Machines that touch nothing but Interlock's own ledger, functions, executions, notices and policies."""

ROLES = {"MonitorMachine": "MonitorMachineRole"}
"""Roles that are not named after their machine: MonitorRole is that of the monitors' jobs."""

THE_OWN_SERVICES = {"dynamodb", "lambda", "sfn", "sns", "ssm"}
THE_OWN_PREFIXES = {"dynamodb", "lambda", "states", "sns", "ssm", "logs"}
READS = ("decrypt", "describe", "get", "head", "list", "query")


def states(machine: str) -> dict[str, Any]:
    return dict(machines()[machine].definition["States"])


def calls(machine: str) -> Iterator[tuple[str, str]]:
    """Service and operation of every call that a machine makes."""
    for flow in flows(machines()[machine].definition, machine):
        for state in flow.states.values():
            if state["Type"] == "Task":
                service, operation = state["Resource"].removesuffix(".waitForTaskToken").split(":")[-2:]
                yield service, operation


def granted(role: str) -> set[str]:
    """Every action that a role of the template may do."""
    actions: set[str] = set()
    for policy in deployed()[role]["Properties"]["Policies"]:
        for statement in statements(policy):
            action = statement["Action"]
            actions |= {action} if isinstance(action, str) else set(action)
    return actions


# ---------------------------------------------------------------- who reads, who changes, who waits


def test_observe_only_reads() -> None:
    assert [call for call in calls("ObserveMachine") if not call[1].startswith(READS)] == []
    actions = {action for action in granted("ObserveRole") if not action.startswith("logs:")}
    assert {each for each in actions if not each.partition(":")[2].lower().startswith(READS)} == set()


def test_act_only_changes() -> None:
    assert [call for call in calls("ActMachine") if call[1].startswith(READS)] == []


@pytest.mark.parametrize("machine", OWN)
def test_what_waits_and_remembers_neither_reads_nor_changes_anything_but_interlocks_own(machine: str) -> None:
    assert {service for service, _ in calls(machine)} <= THE_OWN_SERVICES
    role = ROLES.get(machine, machine.removesuffix("Machine") + "Role")
    assert {action.partition(":")[0] for action in granted(role)} <= THE_OWN_PREFIXES


def test_only_act_may_change_what_is_not_interlocks_own() -> None:
    changing = {
        role: {
            action
            for action in granted(role)
            if action.partition(":")[0] in {"sagemaker", "cloudwatch", "application-autoscaling", "s3", "iam"}
            and not action.partition(":")[2].lower().startswith(READS)
        }
        for role in of_type("AWS::IAM::Role")
        if role != "MonitorRole"  # of the monitors' jobs, below
    }
    assert [role for role, actions in changing.items() if actions] == ["ActRole"]


def test_a_monitors_job_reads_and_writes_its_results_and_asks_models() -> None:
    does = {action for action in granted("MonitorRole") if not action.startswith(("ec2:", "ecr:", "kms:", "logs:"))}
    assert does == {"s3:GetObject", "s3:ListBucket", "s3:PutObject", "sagemaker:InvokeEndpoint"}


# ---------------------------------------------------------------- what plans contain, and act

NATIVE: dict[str, Any] = {"strategy": {"kind": "canary", "steps": [50], "bake": "30m", "traffic": "native"}}
SCALING = {"min": 1, "max": 6, "invocations_per_instance": 600}
BY_STEPS = {"min": 1, "max": 6, "by_steps": [{"metric": "cpu", "above": 70, "steps": [{"adjust": 1}]}]}
TWO_CALLS = {"PutStepScalingPolicy": ("PutStepScalingPolicy", "PutStartingAlarm")}
"""The action that makes two calls: the second one needs what the first one answers."""

SHARED = examples.answers(
    endpoint=examples.found(
        examples.endpoint("InService", "interlock-churn-v7-1-canary", examples.live(), examples.live(examples.RELEASE))
    )
)
CREATED = examples.answers(
    endpoint=examples.found(examples.endpoint("Failed", "interlock-churn-v7-1", examples.live()))
)
COMPONENT_CREATED = examples.answers(**examples.HOSTED) | {
    "component": examples.found(examples.component(model="interlock-churn-v7-1"))
}


def every_kind_of_plan() -> list[PlanDocument]:
    """A plan by each move of traffic, and the ways in which they are rolled back."""
    first = deliver(examples.answers(**examples.NOTHING_YET))
    plans = [deliver(), deliver(**LIKE_STABLE), deliver(**WITH_BASELINE), deliver(**NATIVE), first]
    scaled = deliver(examples.answers(**examples.AUTOSCALED))
    asked = {"instance_type": "ml.m5.large", "instances": 2, "autoscaling": SCALING}
    set_by_policy = deliver(examples.answers(**examples.AUTOSCALED), **NATIVE, smoke=None, hosting=asked)
    plans += [
        deliver(hosting={**asked, "autoscaling": BY_STEPS}),
        scaled,
        set_by_policy,
        roll_back(examples.answers(**examples.AUTOSCALED), set_by_policy),
    ]
    published = deliver(multi_model(), **MULTI_MODEL)
    plans += [published, roll_back(multi_model(pointer=published["facts"]["pointer"]["candidate"]), published)]
    tried = deliver(batch(), **BATCH)
    plans += [tried, roll_back(batch(), tried, reached=1)]
    made = deliver(
        examples.answers(**examples.HOSTED | {"component": examples.NO_COMPONENT}), **examples.ROLLING_COMPONENT
    )
    rolled = deliver(examples.answers(**examples.HOSTED), **examples.ROLLING_COMPONENT)
    plans += [made, rolled, roll_back(COMPONENT_CREATED, made)]
    return [*plans, roll_back(SHARED, plans[0]), roll_back(CREATED, first)]


def actions_of(plan: PlanDocument) -> set[str]:
    """What ``act`` may be asked to do by a plan: its steps, but for those that deliver waits in, and its restore."""
    return {step["action"] for step in plan["steps"]} - {"Bake"} | {plan["restore"]["action"]}


def dispatched() -> dict[str, str]:
    """The state that each action leads to."""
    found = {}
    for choice in states("ActMachine")["Dispatch"]["Choices"]:
        condition = re.fullmatch(r"{% \$states\.input\.action = '(\w+)' %}", choice["Condition"])
        assert condition, choice
        found[condition[1]] = choice["Next"]
    return found


def actions_that_machines_name() -> set[str]:
    """Those that stand in a machine itself: monitor puts files and creates jobs, retrain updates packages."""
    texts = [machine.text for machine in machines().values()]
    return {action for text in texts for action in re.findall(r"'action': '(\w+)'", text)}


def actions_that_start_a_retraining() -> set[str]:
    """By a pipeline, a training job or a machine of a team (interlock/retraining/plan.py)."""
    return {"StartPipelineExecution", "CreateTrainingJob", "StartExecution"}


def actions_that_tell_lineage() -> set[str]:
    """What SageMaker's lineage is told (interlock/execution/lineage.py)."""
    return {"CreateAction", "CreateArtifact", "AddAssociation"}


def test_act_has_exactly_the_actions_that_plans_and_machines_contain() -> None:
    contained = set().union(*map(actions_of, every_kind_of_plan()))
    elsewhere = actions_that_machines_name() | actions_that_start_a_retraining() | actions_that_tell_lineage()
    assert set(dispatched()) == contained | elsewhere


@settings(max_examples=60)
@given(stages)
def test_no_plan_contains_an_action_that_act_has_not(fields: dict[str, Any]) -> None:
    assert actions_of(deliver(**fields)) <= set(dispatched())


def test_each_action_leads_to_the_call_of_its_name_and_none_to_no_call() -> None:
    act = states("ActMachine")
    (flow,) = flows(machines()["ActMachine"].definition, "act")
    for action, state in dispatched().items():
        assert state in reachable(flow)
        if action == "None":
            assert act[state]["Type"] == "Succeed"
        elif action not in TWO_CALLS:
            assert act[state]["Resource"].rpartition(":")[2] == action[0].lower() + action[1:]
            assert act[state]["Arguments"] == "{% $states.input.request %}"
    tasks = {name for name, state in act.items() if state["Type"] == "Task"}
    assert tasks == {*dispatched().values(), *(each for both in TWO_CALLS.values() for each in both)} - {"Done"}


def test_a_step_policy_comes_before_the_alarm_that_names_it() -> None:
    act = states("ActMachine")
    (policy, alarm), [state] = (TWO_CALLS["PutStepScalingPolicy"], [dispatched()["PutStepScalingPolicy"]])
    assert (state, act[state]["Next"]) == (policy, alarm)
    assert act[policy]["Resource"].endswith(":applicationautoscaling:putScalingPolicy")
    assert act[policy]["Arguments"] == "{% $states.input.request.Policy %}"
    assert act[alarm]["Resource"].endswith(":cloudwatch:putMetricAlarm")
    assert "'AlarmActions': [$states.result.PolicyARN]" in act[policy]["Assign"]["alarm"]


# ---------------------------------------------------------------- what deliver keeps and forgets


def leaving(state: str, assigning: str) -> list[Edge]:
    """The ways out of a state of deliver on which a variable is assigned."""
    (deliver_,) = flows(machines()["DeliverMachine"].definition, "deliver")
    found = [edge for edge in edges(deliver_) if edge.source == state and assigning in edge.assigns]
    assert found, f"{state} assigns no {assigning}"
    return found


def test_everything_the_judge_is_given_stands_in_the_journal() -> None:
    """So that a record can be judged again."""
    payload = states("DeliverMachine")["JudgeEvidence"]["Arguments"]["Payload"]
    assert set(payload) >= {"bake", "results", "alarms", "error", "looks", "split", "since"}
    written = states("DeliverMachine")["JournalVerdict"]["Arguments"]["Item"]["document"]["S"].partition("'given': {")[
        2
    ]
    values = {name: value.strip("{%} ") for name, value in payload.items()}
    assert {name: value for name, value in values.items() if f"'{name}': {value}" not in written} == {}


def test_every_entry_that_machines_write_into_the_journal_of_a_release_is_one_that_the_report_tells() -> None:
    items = [
        state["Arguments"]["Item"]
        for machine in machines().values()
        for flow in flows(machine.definition, machine.path.name)
        for state in flow.states.values()
        if state.get("Resource", "").endswith(":dynamodb:putItem")
    ]
    entries = [re.search("[A-Z]+", item["sk"]["S"]) for item in items if "RELEASE#" in item["pk"]["S"]]
    kinds = {found[0] for found in entries if found}
    assert {"PLAN", "VERDICT", "ROLLBACK", "PERSON", "LIVE", "END", "RECORD"} == kinds <= set(ENTRIES)


@pytest.mark.parametrize("last", ["Bake", "VerdictDecision", "BeginRollback"])
def test_the_looks_of_a_bake_are_forgotten_with_it(last: str) -> None:
    """The next step would take the start of the bake for its own."""
    assert [edge for edge in leaving(last, "index") if "looks" not in edge.assigns] == []


@pytest.mark.parametrize("forgotten", ["acted", "failingSince", "looks", "waitingSince", "index"])
def test_a_rollback_forgets_what_the_release_was_doing(forgotten: str) -> None:
    """A call that was answered before would pass for an answer to the first step of the rollback."""
    assert [edge for edge in leaving("BeginRollback", "mode") if forgotten not in edge.assigns] == []


def test_a_call_of_a_step_starts_with_the_answers_of_no_other() -> None:
    assert {edge.target for edge in leaving("Fence", "acted")} == {"Act", "ReadControl"}
    assert [edge for edge in leaving("Fence", "stepStarted") if "existing" not in edge.assigns] == []


WAITS_THAT_AN_ABORT_ENDS = ("AwaitSettled", "WaitWhilePaused", "AwaitEndpoint", "Bake")


def test_an_abort_ends_every_wait_of_a_release_that_has_its_lease() -> None:
    waits = {
        name for name, state in states("DeliverMachine").items() if "waitForTaskToken" in state.get("Resource", "")
    }
    assert waits == {*WAITS_THAT_AN_ABORT_ENDS, "WaitForLease"}
    for name in WAITS_THAT_AN_ABORT_ENDS:
        first = states("DeliverMachine")[name]["Catch"]
        assert ["Interlock.Aborted"] in [catcher["ErrorEquals"] for catcher in first], name


@pytest.mark.parametrize("wait", ["Bake", "AwaitEndpoint", "WaitWhilePaused"])
def test_an_abort_while_traffic_moves_or_is_watched_restores_before_anything_else(wait: str) -> None:
    (way,) = (each for each in states("DeliverMachine")[wait]["Catch"] if "Interlock.Aborted" in each["ErrorEquals"])
    if way["Next"] == "HowToRestore":
        way = states("DeliverMachine")["HowToRestore"]["Choices"][1]
    assert way["Next"] == "Act"
    assert way["Assign"]["restoring"] is True
    assert "$plan.restore," in way["Assign"]["step"] or "$plan.restore :" in way["Assign"]["step"]


def test_one_wait_leaves_one_token() -> None:
    """An abort fails the token that it finds. One of a wait that is over would hide the one of the wait that lasts."""
    tokens = {"endpoint_token", "bake_token", "pause_token"}
    for name in WAITS_THAT_AN_ABORT_ENDS:
        written = states("DeliverMachine")[name]["Arguments"]["UpdateExpression"]
        kept, removed = written.split(" REMOVE ")
        (own,) = (token for token in tokens if f"{token} = :token" in kept)
        assert tokens - {own} <= set(removed.split(", ")), name


def test_nobody_takes_a_token_from_a_wait_that_it_only_wakes() -> None:
    """The word that wakes may be lost. Then an abort still has to find the wait."""
    for name in ("WakeEndpoint", "EndBake", "Resume"):
        removed = states("IntakeMachine")[name]["Arguments"]["UpdateExpression"].partition("REMOVE")[2]
        assert "token" not in removed, name


def test_what_restores_is_followed_by_the_rollback_whatever_it_was_answered() -> None:
    first = states("DeliverMachine")["NextStep"]["Choices"][0]
    assert (first["Condition"], first["Next"]) == ("{% $restoring %}", "BeginRollback")
    ways = {
        edge.target for edge in edges(next(flows(machines()["DeliverMachine"].definition, ""))) if edge.source == "Act"
    }
    assert ways == {"NextStep"}


def test_a_call_between_machines_that_ended_without_an_error_code_still_leaves_a_word() -> None:
    """botocore StartSyncExecution: an answer need not have an error; one that is TIMED_OUT may have none."""
    read = re.compile(r"\$(?:states\.result|states\.input|acted)\.Error")
    silent = [
        f"{name}.{expression.field}"
        for name, state in states("DeliverMachine").items()
        if state["Type"] != "Fail"
        for expression in expressions(state)
        if len(read.findall(expression.text)) != len(re.findall(r"\.Error, 'States\.Timeout'\]\[0\]", expression.text))
    ]
    assert silent == []


def test_the_machine_has_time_for_the_longest_release_and_for_another_one_before_it() -> None:
    """What a policy allows must not be cut off (docs: step-functions/latest/dg/service-quotas, one year at most)."""
    limit = machines()["DeliverMachine"].definition["TimeoutSeconds"]
    assert 2 * LONGEST_RELEASE + 30 * LONGEST_WAIT <= limit <= 365 * 86_400
