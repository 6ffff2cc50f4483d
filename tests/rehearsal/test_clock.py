"""Virtual time is ordered, needs no waiting, and a seed decides everything."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import pytest

from rehearsal.clock import Clock, Timer

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_actions_run_in_order_of_time_and_then_of_arrival() -> None:
    clock, seen = Clock(NINE, seed=1), []
    clock.after(2, lambda: seen.append("late"))
    clock.after(1, lambda: seen.append("first"))
    clock.after(1, lambda: seen.append("second"))
    clock.run(clock.now + 10)
    assert seen == ["first", "second", "late"]


def test_now_is_the_time_of_the_action_and_then_the_end_of_the_run() -> None:
    clock, seen = Clock(NINE, seed=1), []
    clock.after(90, lambda: seen.append(clock.iso()))
    clock.run(clock.now + 3600)
    assert seen == ["2026-01-05T09:01:30.000Z"]
    assert clock.datetime() == datetime(2026, 1, 5, 10, tzinfo=UTC)


def test_an_action_may_put_more_on_the_queue_even_for_this_instant() -> None:
    clock, seen = Clock(NINE, seed=1), []
    clock.after(1, lambda: clock.after(0, lambda: seen.append(clock.iso())))
    clock.run(clock.now + 1)
    assert seen == ["2026-01-05T09:00:01.000Z"]


def test_what_is_due_after_the_end_stays_for_the_next_run() -> None:
    clock, seen = Clock(NINE, seed=1), []
    clock.after(10, lambda: seen.append("done"))
    clock.run(clock.now + 9)
    assert seen == []
    clock.run(clock.now + 1)
    assert seen == ["done"]


def test_a_cancelled_timer_does_nothing() -> None:
    clock, seen = Clock(NINE, seed=1), []
    clock.after(1, lambda: seen.append("x")).cancel()
    clock.run(clock.now + 2)
    assert seen == []


def test_the_past_is_refused() -> None:
    clock = Clock(NINE, seed=1)
    with pytest.raises(ValueError, match="already"):
        clock.at(clock.now - 1, lambda: None)


def test_of_what_is_due_almost_together_the_chosen_goes_first_and_the_rest_is_late() -> None:
    clock = Clock(NINE, seed=1)
    seen: list[tuple[str, str]] = []
    for cause, seconds in (("one", 1.0), ("one", 1.5), ("two", 2.0), ("two", 9.0)):
        clock.at(clock.now + seconds, lambda who=cause: seen.append((who, clock.iso()[18:21])), cause)  # type: ignore[misc]
    clock.let_choose(lambda due: next((each for each in due if each.cause == "two"), due[0]), within=1.0)
    clock.run(clock.now + 10)
    assert seen == [("two", "2.0"), ("one", "2.0"), ("one", "2.0"), ("two", "9.0")]


def test_without_a_choice_time_decides_again() -> None:
    clock = Clock(NINE, seed=1)
    seen: list[int] = []
    clock.let_choose(lambda due: due[-1], within=5.0)
    clock.let_choose(None)
    for second in (1, 2):
        clock.after(second, partial(seen.append, second))
    clock.run(clock.now + 10)
    assert seen == [1, 2]


def test_what_follows_from_an_action_has_its_cause() -> None:
    clock = Clock(NINE, seed=1)
    causes: list[list[str]] = []

    def choose(due: Sequence[Timer]) -> Timer:
        causes.append([each.cause for each in due])
        return due[0]

    clock.let_choose(choose)
    clock.at(clock.now + 1, lambda: clock.after(1, lambda: clock.after(1, list)), "a person")
    clock.after(5, list)
    clock.run(clock.now + 10)
    assert causes == [["a person"], ["a person"], ["a person"], [""]]


def test_run_while_stops_as_soon_as_its_condition_fails() -> None:
    clock = Clock(NINE, seed=1)
    seen: list[int] = []
    for second in range(5):
        clock.after(second, partial(seen.append, second))
    clock.run_while(lambda: len(seen) < 3)
    assert seen == [0, 1, 2]
    assert clock.iso() == "2026-01-05T09:00:02.000Z"


def test_each_name_has_its_own_random_stream() -> None:
    one, two = Clock(NINE, seed=1), Clock(NINE, seed=1)
    one.random("traffic").random()
    assert one.random("jitter").random() == two.random("jitter").random()
    assert one.random("jitter").random() != one.random("traffic").random()
    assert one.random("jitter").random() != Clock(NINE, seed=2).random("jitter").random()


def test_ids_are_the_same_in_every_process() -> None:
    program = (
        "from datetime import datetime, UTC; from rehearsal.clock import Clock;"
        "c = Clock(datetime(2026, 1, 5, tzinfo=UTC), 7); print(c.uuid(), c.random('x').random())"
    )
    runs = {subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout for _ in range(2)}
    clock = Clock(NINE, 7)
    assert runs == {f"{clock.uuid()} {clock.random('x').random()}\n".encode()}
