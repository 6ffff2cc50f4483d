"""An alarm, an abort and a rejection end a release whatever it waits for. What a person is told was done is done."""

from __future__ import annotations

from functools import cache

import pytest

from rehearsal.account.gateway import Fault
from rehearsal.world import World
from tests.rehearsal.attacks.stopping import PLANS, WORDS, account, operate, release

SOON = 300.0  # virtual seconds within which stable serves alone again
END = 3 * 3600.0

WAITS = {
    "bring-up": ("weights", "AwaitEndpoint", 0),
    "smoke test": ("weights", "Fence", 4),
    "shift": ("weights", "AwaitEndpoint", 1),
    "bake": ("weights", "Bake", 0),
    "end of a bake": ("weights", "Measure", 1),
    "look": ("weights", "JournalVerdict", 1),
    "last bake": ("weights", "Bake", 2),
    "retirement": ("weights", "AwaitEndpoint", -1),
    "hold": ("hold", "NotifyHeld", 0),
    "question": ("asks", "NotifyHeld", 0),
    "approval": ("asks", "Bake", 2),
    "question to a gate": ("gate", "JournalVerdict", 1),
    "gate": ("gate", "Bake", 3),
    "pause": ("paused", "WaitWhilePaused", 0),
    "busy endpoint": ("busy", "AwaitSettled", 0),
    "busy endpoint before a step": ("busy later", "AwaitEndpoint", 2),
    "guardrails": ("native", "AwaitEndpoint", 0),
    "creation": ("create", "AwaitEndpoint", 0),
}
"""Each wait: the plan it is part of, the state, and how often that state was entered before."""

LOCKED = {"retirement": 2 * 330.0, "busy endpoint before a step": 40 * 60.0}
"""Where SageMaker refuses every change for so long (seconds): until an update has ended, and another has put stable
back; or until its maintenance is over."""


@cache
def began(plan: str) -> tuple[tuple[str, float], ...]:
    """Every state of the release, and the second in which it is entered if nobody says a word."""
    world = account(plan)
    start = world.clock.now
    world.clock.run(until=start + END)
    return tuple((each.state, each.at - start) for each in release(world).entered)


def moment(wait: str) -> tuple[str, float]:
    """The plan, and a second of the wait."""
    plan, state, number = WAITS[wait]
    entered = [at for name, at in began(plan) if name == state]
    return plan, entered[number] + 0.1


def stopped(plan: str, word: str, at: float) -> World:
    """The account in the second in which a word is said."""
    act, _ = WORDS[word]
    world = account(plan, {"at": at} | act)
    world.clock.run(until=world.clock.now + at)
    return world


def answers(world: World) -> list[str]:
    """What each request of a person was answered: SUCCEEDED if it was done."""
    return [each.status for each in world.states.executions if "operate" in each.machine.name]


def stable_of(plan: str) -> dict[int | str, float]:
    """What serves if nothing was released."""
    return {"plain": 1.0} if PLANS[plan]["endpoints"] else {}


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("wait", WAITS)
def test_a_stop_word_ends_every_wait(wait: str, word: str) -> None:
    plan, at = moment(wait)
    world = stopped(plan, word, at)
    said = world.clock.now
    world.clock.run(until=said + SOON + LOCKED.get(wait, 0.0))
    assert world.serving("digits") == stable_of(plan)

    world.clock.run(until=said + END)
    assert world.serving("digits") == stable_of(plan)
    assert release(world).status != "RUNNING"
    assert WORDS[word][1] in f"{release(world).cause} {release(world).output}"
    assert set(answers(world)) <= {"SUCCEEDED"}


@pytest.mark.parametrize("plan", ["weights", "native", "create"])
def test_an_abort_at_the_end_is_done_or_said_to_be_too_late(plan: str) -> None:
    """From the last look at the endpoint on, whenever it comes: what was answered as done is done."""
    moments = [at for name, at in began(plan) if name not in ("NextStep", "VerifyDecision", "EndDecision")]
    last = max(at for name, at in began(plan) if name == "VerifyEndpoint")
    seen = set()
    for at in [each for each in moments if each >= last - 1.0][::2]:
        world = stopped(plan, "abort", at)
        world.clock.run(until=world.clock.now + END)
        done = answers(world) == ["SUCCEEDED"]
        assert world.serving("digits") == (stable_of(plan) if done else {1: 1.0}), at
        assert release(world).status == ("FAILED" if done else "SUCCEEDED"), at
        seen.add(done)
    assert seen == {True, False}


@pytest.mark.parametrize("wait", ["retirement", "guardrails", "creation"])
def test_a_pause_that_means_nothing_is_refused(wait: str) -> None:
    """Until it was, the version was rolled back a day after it had got all traffic."""
    plan, at = moment(wait)
    world = account(plan, {"at": at} | operate("pause"))
    world.clock.run(until=world.clock.now + 26 * 3600.0)
    assert answers(world) == ["FAILED"]
    assert (release(world).status, world.serving("digits")) == ("SUCCEEDED", {1: 1.0})


@pytest.mark.parametrize("word", WORDS)
def test_a_stop_word_ends_a_pause_although_the_word_that_should_have_ended_it_was_lost(word: str) -> None:
    resumed, at = 30 * 60.0, 40 * 60.0
    world = account("paused", {"at": resumed} | operate("resume"), {"at": at} | WORDS[word][0])
    start = world.clock.now
    world.clock.run(until=start + resumed - 1)
    world.gateway.inject([Fault("stepfunctions", "SendTaskSuccess", "InternalServerError", "Service unavailable")])
    world.clock.run(until=start + at - 1)
    assert answers(world) == ["SUCCEEDED", "FAILED"]

    world.gateway.inject([])
    world.clock.run(until=start + at + SOON)
    assert world.serving("digits") == stable_of("paused")
