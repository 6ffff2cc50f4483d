"""The wait for a gate of the team's own before a step: a bake whose first look starts the gate, and whose further looks
read its answer."""

from __future__ import annotations

from dataclasses import replace

from interlock.delivery.release import Release
from interlock.delivery.steps import Steps
from interlock.model.names import EXECUTION_NAME_LIMIT, shortened
from interlock.model.plan import ABORT, PAUSE, Step
from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.policy.stage import Stage


def gated(release: Release, watched: Step) -> Steps:
    """The wait that follows the bake ``watched`` if the policy has a gate before the next step; none otherwise.

    It goes on measuring what the bake measured, so a rule that the candidate breaks meanwhile ends it, as do an alarm,
    an abort and a rejection. ``promote`` does not: nobody's word stands for the gate's.
    """
    stage, bake = release.stage, watched.bake or {}
    following = next((share for share in stage.strategy.shares if share > bake["percent"]), None)
    gate = next((each for each in stage.gates if each.before == following), None)
    if gate is None:
        return ()
    name = gate.target.partition(":function:" if gate.function else ":stateMachine:")[2]
    told = {
        "release": release.name,
        "version": release.version.number,
        "package": release.version.arn,
        "endpoint": stage.endpoint,
        "variants": {"candidate": release.candidate, "stable": release.stable.name},
        "percent": bake["percent"],
        "before": gate.before,
    }
    asks: Request = {
        "name": name,
        "kind": "function" if gate.function else "state_machine",
        "target": gate.target,
        "before": gate.before,
        "within": gate.within,
        "execution": shortened(f"{release.name}-before-{gate.before}", EXECUTION_NAME_LIMIT),
        "told": told,
    }
    note = f"Ask the gate {name}, which has {in_words(gate.within)}, before the candidate gets {gate.before} %"
    look = {"first": 1, "looks": 1, "bakes": 1, "gate": asks}
    return (replace(watched, note=note, bake={**bake, **look}, hears=(ABORT, PAUSE)),)


def started_by(step: Step, machine: str, group: str) -> Step:
    """The ``step`` with the execution of the state machine ``machine`` that hands the release of the ``group`` to the
    gate, if it waits for one."""
    if not step.bake or "gate" not in step.bake:
        return step
    gate = step.bake["gate"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{gate['execution']}"
    asks = {**gate, "machine": machine, "execution": execution, "told": {**gate["told"], "group": group}}
    return replace(step, bake={**step.bake, "gate": asks})


def unstartable(stage: Stage, targets: str) -> str:
    """Why a gate of ``stage`` may not be started, as a sentence; empty if all may. ``targets``: the ARNs that the stack
    lets Interlock start, with commas between."""
    allowed = targets.split(",")
    found = next((gate for gate in stage.gates if gate.target not in allowed), None)
    if found is None:
        return ""
    parameter = "GateFunctionArns" if found.function else "GateStateMachineArns"
    return (
        f"gates: Interlock may not start {found.target}. Name it in the parameter {parameter} of the stack and update"
        " the stack, or name another one in the policy."
    )
