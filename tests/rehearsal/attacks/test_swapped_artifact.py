"""Somebody puts another artifact in the place of the approved one, at any moment until the candidate serves."""

from __future__ import annotations

import itertools

import pytest

from rehearsal.world import World
from tests.rehearsal.attacks.stopping import account, release

MOMENTS = ("Admit", "NotifyStart", "AwaitEndpoint")
"""The state of the release in which it happens: before its plan; before the model is made; while the candidate starts.
"""
CASES = [
    *(("weights", *each) for each in itertools.product(MOMENTS, ("recorded", "absent"), ("checked", "ignored"))),
    *((plan, state, "absent", "ignored") for plan in ("native", "create") for state in MOMENTS),
]
"""Plan and moment, and the answers to the questions package_etag and model_etag."""


def swapped(plan: str, state: str, back: bool = False, **answers: str) -> World:
    """The account after a release during which the artifact was replaced, and if wanted put ``back`` a moment later."""
    world = account(plan, sagemaker=answers)
    seen: list[float] = []

    def watch() -> None:
        running = [each for each in world.states.executions if each.name == "digits-v1-1"]
        if running and any(entered.state == state for entered in running[0].entered):
            seen.append(world.clock.now)
            world.replace_artifact("digits", 1, "broken")
            if back:
                world.clock.after(5.0, lambda: world.replace_artifact("digits", 1, "better"))
            return
        world.clock.after(0.05, watch)

    world.clock.after(60.0, watch)
    world.clock.run(until=world.clock.now + 5400)
    assert seen, f"the release never came to {state}"
    return world


@pytest.mark.parametrize(("plan", "state", "recorded", "checked"), CASES)
def test_an_artifact_that_was_swapped_does_not_stay_live(plan: str, state: str, recorded: str, checked: str) -> None:
    world = swapped(plan, state, package_etag=recorded, model_etag=checked)
    assert release(world).status == "FAILED"
    assert release(world).error in ("Interlock.Refused", "Interlock.RolledBack")
    assert "artifact" in str(release(world).cause) or "model data" in str(release(world).cause)
    assert world.serving("digits") == ({} if plan == "create" else {"plain": 1.0})
    quarantined = [item for item in world.ledger() if item["sk"].startswith("QUARANTINE#")]
    assert not quarantined, "the version that was approved is not to blame"


def test_an_artifact_that_was_swapped_and_put_back_is_seen() -> None:
    """The containers may have started from the other one."""
    world = swapped("weights", "AwaitEndpoint", back=True, model_etag="ignored")
    assert "was replaced" in str(release(world).cause)
    assert world.serving("digits") == {"plain": 1.0}
