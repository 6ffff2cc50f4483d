"""How long a machine waits for an answer, and how often it asks again.

While a call hangs, a candidate keeps its traffic and an abort is not carried out. While a wait lasts that nothing ends,
nobody looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from interlock.retraining.plan import TIMEOUT
from tests.contract.asl import flows
from tests.contract.documents import Machine, machines, template

EXPRESS_SECONDS = 300
"""The longest that an Express execution lasts (docs: step-functions/latest/dg/choosing-workflow-type)."""

CONTAINER_SECONDS = 70
"""A container has 60 seconds to answer, and the socket should have 70 (botocore: InvokeEndpoint)."""

COPY_SECONDS = 150
"""S3 answers a copy when it is done, and copies up to 5 GB in one call (botocore CopyObject); an execution of act has
180 seconds."""

LONGEST_UNWAKEABLE = 900
"""Seconds of a Wait state. Nothing can end it, so it must be shorter than a person is patient."""

LONGEST_LOST_WORD = 3600
"""Seconds after which a wait of fixed length looks by itself whether its word was lost."""

FEWEST_RETRIES = 2
"""One throttled call is ordinary, and the next attempt after full jitter may come at once."""

each_machine = pytest.mark.parametrize("machine", machines().values(), ids=machines())


def states(machine: Machine, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for flow in flows(machine.definition, machine.path.name):
        yield from ((name, state) for name, state in flow.states.items() if state["Type"] == kind)


def longest(task: dict[str, Any]) -> int:
    """Seconds after which no answer will come any more."""
    resource = task["Resource"]
    if resource.endswith(".waitForTaskToken"):
        return LONGEST_LOST_WORD
    if resource.endswith(":startSyncExecution"):
        return EXPRESS_SECONDS
    if resource.endswith(":invokeEndpoint"):
        return CONTAINER_SECONDS
    if resource.endswith(":copyObject"):
        return COPY_SECONDS
    if ":dynamodb:" in resource:
        return 30
    if resource.endswith(":lambda:invoke"):
        return 2 * int(template()["Globals"]["Function"]["Timeout"])
    return 60


@each_machine
def test_no_call_is_waited_for_longer_than_its_answer_can_take(machine: Machine) -> None:
    waits = {
        name: (task["TimeoutSeconds"], longest(task))
        for name, task in states(machine, "Task")
        if not isinstance(task["TimeoutSeconds"], str)
    }

    assert {name: both for name, both in waits.items() if both[0] > both[1]} == {}


@each_machine
def test_what_nothing_can_end_is_short(machine: Machine) -> None:
    waits = {name: wait["Seconds"] for name, wait in states(machine, "Wait") if isinstance(wait.get("Seconds"), int)}

    assert {name: seconds for name, seconds in waits.items() if seconds > LONGEST_UNWAKEABLE} == {}


@each_machine
def test_a_fault_that_passes_is_met_with_another_attempt(machine: Machine) -> None:
    """The last retrier of a task is that for faults of the service; those before it are for answers."""
    attempts = {name: int(task["Retry"][-1].get("MaxAttempts", 3)) for name, task in states(machine, "Task")}

    assert {name: number for name, number in attempts.items() if number < FEWEST_RETRIES} == {}


def test_a_retraining_may_last_as_long_as_interlock_waits_for_its_end() -> None:
    """And then a day for its version to be judged; otherwise its execution dies, and nobody is told how it ended."""
    assert machines()["RetrainMachine"].definition["TimeoutSeconds"] >= TIMEOUT + 86_400
