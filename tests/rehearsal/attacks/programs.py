"""Random programs of what may come together: people's words, approvals, stops, calls that fail, events that get lost.

A program is a line of text, `weights | abort@12 | hangs 3 UpdateItem | gone CloudWatch Alarm State Change`, so that
its name says all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from rehearsal.playing import Rehearsal
from tests.rehearsal.attacks import invariants
from tests.rehearsal.attacks.faults import FAULTS
from tests.rehearsal.attacks.plans import (
    ENDPOINT,
    PLANS,
    REJECT,
    STOP,
    Case,
    Document,
    alarm,
    document,
    operate,
)

ABOUT = "random programs of people, approvals, stops, faults and fates of events"
NUMBER = 800
MOST_STATES = 90  # a release enters about so many
RESUMED = ("70m", "90m", "3h", "4h", "5h")  # so that no release stays paused
LASTS = "8h"  # where no event of the endpoint arrives, each wait for it takes half an hour

ACTS: dict[str, Document] = {
    **{word: operate(word) for word in ("abort", "pause", "resume", "promote")},
    "alarm": alarm("ALARM"),
    "calm": alarm("OK"),
    "reject": REJECT,
    "approve": {"approve": {"group": ENDPOINT, "version": 1}},
    "second": {"register": {"group": ENDPOINT, "model": "better", "status": "Approved"}},
    "stop": STOP,
    "annotate": {"annotate": {"group": ENDPOINT, "version": 1, "metadata": {"owner": "ann"}}},
}
OPERATIONS = {
    "UpdateItem": "dynamodb",
    "PutItem": "dynamodb",
    "GetItem": "dynamodb",
    "Invoke": "lambda",
    "Publish": "sns",
    "StartSyncExecution": "stepfunctions",
    "SendTaskSuccess": "stepfunctions",
    "SendTaskFailure": "stepfunctions",
    "DescribeEndpoint": "sagemaker",
    "UpdateEndpoint": "sagemaker",
    "UpdateEndpointWeightsAndCapacities": "sagemaker",
    "CreateEndpointConfig": "sagemaker",
    "DeleteModel": "sagemaker",
    "ReceiveMessage": "sqs",
}
TRANSIENT = ("throttled", "hangs", "lost")
EVENTS = (
    "SageMaker Endpoint State Change",
    "SageMaker Model Package State Change",
    "CloudWatch Alarm State Change",
    "Step Functions Execution Status Change",
)
FATES: dict[str, Document] = {"gone": {"lost": True}, "late": {"late": "4m"}, "twice": {"times": 2}}

_acts = some.builds("{}@{}".format, some.sampled_from(list(ACTS)), some.integers(1, MOST_STATES))
_calls = some.builds(
    "{} {} {}".format, some.sampled_from(TRANSIENT), some.integers(1, 40), some.sampled_from(list(OPERATIONS))
)
_fates = some.builds("{} {}".format, some.sampled_from(list(FATES)), some.sampled_from(EVENTS))

programs: some.SearchStrategy[str] = some.builds(
    lambda plan, acts, calls, fates: " | ".join([plan, *acts, *calls, *fates]),
    some.sampled_from(list(PLANS)),
    some.lists(_acts, max_size=4, unique=True),
    some.lists(_calls, max_size=2, unique=True),
    some.lists(_fates, max_size=2, unique_by=lambda fate: fate.partition(" ")[2]),
)


def case_of(program: str) -> Case:
    """The case that a program describes. KeyError or ValueError if it describes none."""
    plan, *parts = program.split(" | ")
    acts, faults, fates = [], [], []
    for part in parts:
        first, _, rest = part.partition(" ")
        if "@" in part:
            word, _, number = part.partition("@")
            when = {"machine": "deliver", "time": int(number), "later": 0.1}
            acts.append({"when": when, "may_be_refused": True, **ACTS[word]})
        elif first in FATES:
            fates.append({"match": {"detail-type": [rest]}, **FATES[first]})
        else:
            number, operation = rest.split()
            call = {"service": OPERATIONS[operation], "operation": operation, "caller": "arn:aws:", "at": "30s"}
            faults.append({**call, "call": int(number), **FAULTS[first]})
    acts += [{"at": at, **operate("resume")} for at in RESUMED]
    return Case(program, document(plan, *acts, faults=faults, events=fates, lasts=LASTS), (program,))


@cache
def drawn() -> tuple[str, ...]:
    """The same programs each time."""
    found: dict[str, None] = {}
    checks = list(HealthCheck)

    @settings(
        max_examples=NUMBER, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=checks
    )
    @given(programs)
    def draw(program: str) -> None:
        found[program] = None

    draw()
    return tuple(found)


def cases() -> Iterator[Case]:
    return map(case_of, drawn())


def broken(case: Case, played: Rehearsal) -> list[str]:
    """All that holds after a single attack, but for notices that a lost answer or a repeated stop doubles."""
    doubled = "Publish" in case.name or "lost" in case.name or "stop@" in case.name
    told = partial(invariants.is_told_once, at_most=3 if doubled else 1)
    others = (invariants.serves_one, invariants.is_told_once)
    return invariants.broken(played, (*(each for each in invariants.ALWAYS if each not in others), told, _serves_one))


def _serves_one(played: Rehearsal) -> list[str]:
    """Stable or one version has all traffic; nothing serves only where nothing served before."""
    serving = played.result.final.serving.get(ENDPOINT, {})
    found = any(each.at == played.result.started for each in played.result.routed)
    return [] if list(serving.values()) == [1.0] or not (serving or found) else [f"{ENDPOINT} serves {serving}"]


def shortest(program: str, breaks: Callable[[str], Any]) -> str:
    """Leave out what the program does not need in order to break."""
    plan, *parts = program.split(" | ")
    for part in list(parts):
        less = [each for each in parts if each != part]
        if breaks(" | ".join([plan, *less])):
            parts = less
    return " | ".join([plan, *parts])
