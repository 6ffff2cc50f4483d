"""A plan that asks a person: where the wait stands, what ends it, and what the person is told."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.model.plan import PlanDocument
from tests.unit import examples, planned

CANARY = {"kind": "canary", "steps": [5, 50], "bake": "10m"}
ERRORS = [{"metric": "error_rate", "max": "2%"}]
LIFE_CYCLE = {"stage": "Production", "status": "Approved"}


def plan(before: Any = 100, observed: dict[str, Any] | None = None, **fields: Any) -> PlanDocument:
    approval = {"before": before, "within": "2h", **fields.pop("approval", {})}
    stage = {"strategy": CANARY, "evidence": ERRORS, **fields, "approval": approval}
    return planned.deliver(planned.ADOPTED if observed is None else observed, **stage)


def waits(made: PlanDocument) -> list[int]:
    return [index for index, step in enumerate(made["steps"]) if "approval" in step.get("bake", {})]


@pytest.mark.parametrize("before", [50, 100, [50, 100]])
def test_the_wait_stands_between_the_bake_and_the_step(before: Any) -> None:
    made = plan(before)
    asked = [before] if isinstance(before, int) else before
    for index, percent in zip(waits(made), asked, strict=True):
        bake, wait, step = made["steps"][index - 1 : index + 2]
        assert bake["bake"]["percent"] == wait["bake"]["percent"] < percent
        assert (bake["action"], wait["action"]) == ("Bake", "Bake")
        assert step["note"].startswith(f"Send {percent} % of the traffic")


def test_only_a_yes_to_this_step_of_this_version_ends_it_early() -> None:
    made = plan([50, 100])
    first, second = (made["steps"][index]["hears"] for index in waits(made))
    number = examples.NUMBER
    assert first == f"|Abort|Pause|Approve version {number} before 50|"
    assert second == f"|Abort|Pause|Approve version {number} before 100|"
    assert made["steps"][waits(made)[0] - 1]["hears"] == "|Abort|Pause|Promote|"


def test_it_looks_at_once_at_what_the_bake_looked_at() -> None:
    made = plan()
    bake, wait = (made["steps"][waits(made)[0] + at]["bake"] for at in (-1, 0))
    assert (wait["first"], wait["looks"], wait["bakes"]) == (1, 1, 1)
    for same in ("queries", "rules", "alarms", "period", "split"):
        assert wait[same] == bake[same]


def test_the_notice_has_the_commands_for_yes_and_no() -> None:
    asks = plan()["steps"][waits(plan())[0]]["bake"]["approval"]
    subject, body, answers = asks["notice"]["subject"], asks["notice"]["body"], asks["answers"]
    assert subject == f"[Interlock] {examples.GROUP} v{examples.NUMBER} asks for approval"
    assert f"version {examples.NUMBER} of {examples.GROUP} may get 100 % of the traffic" in body
    assert '\'{"action": "approve", "endpoint": "churn-live", "version": 7, "before": 100}\'' in answers
    assert '\'{"action": "abort", "endpoint": "churn-live"}\'' in answers
    assert f"describe-stacks --stack-name {examples.STACK} " in answers
    assert "No answer within 2 h is a refusal" in answers
    assert "update-model-package" not in answers


def test_a_life_cycle_may_say_yes_and_is_looked_up() -> None:
    made = plan(approval={"life_cycle": LIFE_CYCLE})
    wait = made["steps"][waits(made)[0]]
    assert wait["hears"].endswith("|ModelLifeCycle Production/Approved|")
    assert wait["bake"]["version"] == {"group": examples.GROUP, "number": examples.NUMBER}
    assert "--model-life-cycle Stage=Production,StageStatus=Approved" in wait["bake"]["approval"]["answers"]


def test_a_life_cycle_that_was_there_before_the_release_says_nothing_about_it() -> None:
    version = planned.ADOPTED["version"]["found"]
    had = {"ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"}}
    made = plan(
        observed={**planned.ADOPTED, "version": {"found": {**version, **had}}}, approval={"life_cycle": LIFE_CYCLE}
    )
    wait = made["steps"][waits(made)[0]]
    assert "ModelLifeCycle" not in wait["hears"]
    assert "version" not in wait["bake"]
    assert (
        "The package's life cycle says Production/Approved already, so only operate can approve this release."
        in (made["warnings"])
    )


def test_a_shadow_is_approved_while_it_gets_copies() -> None:
    made = plan(strategy={"kind": "shadow", "sampling": "50%", "bake": "10m"})
    [index] = waits(made)
    assert made["steps"][index]["bake"]["copies"] == 50.0
    assert index < made["restore_from"]


def test_weights_are_chosen_because_guardrails_wait_for_nobody() -> None:
    made = plan(strategy={**CANARY, "steps": [50]}, evidence=[])
    assert made["traffic"] == "weights"
    assert "guardrails wait for no approval" in made["why"]


def test_a_first_deployment_asks_nobody_and_says_so() -> None:
    made = plan(observed=examples.answers(**examples.NOTHING_YET))
    assert waits(made) == []
    assert "First deployment: there is no step before which a person could be asked." in made["warnings"]


def test_the_chance_to_roll_a_good_version_back_is_divided_among_the_parts() -> None:
    alphas = [
        planned.deliver(planned.ADOPTED, strategy=CANARY, evidence=ERRORS),
        plan(100),
        plan([50, 100]),
    ]
    first = [next(step for step in made["steps"] if "bake" in step)["bake"]["rules"][0]["alpha"] for made in alphas]
    assert first == pytest.approx([0.05, 0.025, 0.05 / 3])
