"""A plan that asks a gate: where the wait stands, what starts the gate, and which gates may be started."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.delivery.planner import plan_delivery
from interlock.model.names import EXECUTION_NAME_LIMIT, variant_name
from interlock.model.plan import PlanDocument
from tests.unit import examples, planned

CANARY = {"kind": "canary", "steps": [5, 50], "bake": "10m"}
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:check"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:review"
OWN = "arn:aws:states:eu-west-1:123456789012:stateMachine:interlock-gate"
GATE = {"before": 50, "function": FUNCTION, "within": "2h"}


def plan(
    *gates: dict[str, Any],
    targets: str = f"{FUNCTION},{MACHINE}",
    observed: Any = planned.ADOPTED,
    release: str = examples.RELEASE,
    asked: dict[str, Any] | None = None,
    **fields: Any,
) -> PlanDocument:
    stage = {"strategy": CANARY, "evidence": [], **fields, "gates": list(gates)}
    return plan_delivery(
        {
            **planned.asked(observed, release=release, **stage),
            "gate_machine": OWN,
            "gate_targets": targets,
            "asked": asked or {},
        }
    )


def waits(made: PlanDocument) -> list[int]:
    return [index for index, step in enumerate(made["steps"]) if "gate" in step.get("bake", {})]


def test_the_wait_stands_between_the_bake_and_the_step_and_hears_no_promote() -> None:
    made = plan(GATE)
    [index] = waits(made)
    bake, wait, step = made["steps"][index - 1 : index + 2]
    assert step["note"].startswith("Send 50 % of the traffic")
    assert wait["note"] == "Ask the gate check, which has 2 h, before the candidate gets 50 %"
    assert (wait["hears"], wait["bake"]["first"]) == ("|Abort|Pause|", 1)
    for same in ("queries", "rules", "alarms", "period", "split"):
        assert wait["bake"][same] == bake["bake"][same]


def test_the_gate_comes_before_the_person() -> None:
    made = plan(GATE, approval={"before": 50})
    [index] = waits(made)
    assert "approval" in made["steps"][index + 1]["bake"]


def test_the_gate_is_told_what_it_judges() -> None:
    made = plan(GATE, {"before": 100, "state_machine": MACHINE})
    first, second = (made["steps"][index]["bake"]["gate"] for index in waits(made))
    assert (first["kind"], first["target"], first["within"]) == ("function", FUNCTION, 7200)
    assert (second["kind"], second["target"], second["name"]) == ("state_machine", MACHINE, "review")
    assert first["told"] == {
        "release": examples.RELEASE,
        "group": examples.GROUP,
        "version": examples.NUMBER,
        "package": made["facts"]["package"],
        "endpoint": examples.ENDPOINT,
        "variants": {"candidate": variant_name(examples.RELEASE), "stable": "blue"},
        "percent": 5,
        "before": 50,
    }


@pytest.mark.parametrize("release", ["churn-v7-1", "churn-" + "x" * 74])
def test_each_step_of_a_release_has_an_execution_of_its_own(release: str) -> None:
    made = plan(GATE, {**GATE, "before": 100}, release=release)
    arns = [made["steps"][index]["bake"]["gate"]["execution"] for index in waits(made)]
    names = {arn.rpartition(":")[2] for arn in arns}
    assert all(arn.startswith(OWN.replace(":stateMachine:", ":execution:")) for arn in arns)
    assert (len(names), all(len(name) <= EXECUTION_NAME_LIMIT for name in names)) == (2, True)


@pytest.mark.parametrize(
    ("targets", "gate", "parameter"),
    [
        ("", GATE, "GateFunctionArns"),
        (f"{FUNCTION}:live", GATE, "GateFunctionArns"),
        (FUNCTION, {"before": 50, "state_machine": MACHINE}, "GateStateMachineArns"),
    ],
)
def test_a_gate_that_the_stack_does_not_name_is_refused(targets: str, gate: dict[str, Any], parameter: str) -> None:
    made = plan(gate, targets=targets)
    assert (made["decision"], made["reason"]) == ("Refuse", "StrategyImpossible")
    assert "may not start arn:aws:" in made["why"]
    assert parameter in made["why"]


def test_the_way_back_to_a_version_asks_no_gate() -> None:
    made = plan(GATE, targets="", asked={"roll_back": True})
    assert (made["decision"], waits(made)) == ("Proceed", [])


def test_a_first_deployment_asks_no_gate_and_says_so() -> None:
    made = plan(GATE, observed=examples.answers(**examples.NOTHING_YET))
    assert waits(made) == []
    assert "First deployment: there is no step before which a gate could be asked." in made["warnings"]


def test_the_chance_to_roll_a_good_version_back_is_divided_among_the_parts() -> None:
    rules = [{"metric": "error_rate", "max": "2%"}]
    made = [plan(evidence=rules), plan(GATE, evidence=rules), plan(GATE, approval={"before": 100}, evidence=rules)]
    first = [next(step for step in each["steps"] if "bake" in step)["bake"]["rules"][0]["alpha"] for each in made]
    assert first == pytest.approx([0.05, 0.025, 0.05 / 3])
