"""A flood at the door: many events at once, while few functions may run at a time, and an alarm in the middle of it.

`python -m bench.door 10000` prints how long it took until every event was acted on, and until the alarm was.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rehearsal.playing import Rehearsal, rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.world import ACCOUNT, REGION, World

FUNCTIONS_AT_ONCE = 10
ALARM = 550.0  # seconds from the start, when the alarm is raised
BEFORE = 90.0  # seconds from the flood to the alarm: by then the pipe has been scaled up
EACH = 0.001  # seconds from one event to the next
NOBODY = "flood"  # how the endpoints that nobody releases to begin


@dataclass(frozen=True)
class Flood:
    """What became of a flood. Times in seconds of virtual time: `last` from its beginning until the last event had been
    acted on, `alarm` from the alarm until all traffic was back on the stable version."""

    events: int
    acted_on: int
    dead_letters: int
    waiting: int
    throttled: int
    last: float
    alarm: float


def flood(events: int, functions_at_once: int, before: float, harsh: bool = False) -> Flood:
    """Play a release whose candidate is bad, and let so many other events arrive so many seconds before its alarm."""
    begins = ALARM - before
    played = rehearse(_scenario(functions_at_once, harsh), Path(), prepare=partial(_pour, events, begins))
    return _measured(played, events, begins)


def _measured(played: Rehearsal, events: int, begins: float) -> Flood:
    states, result = played.world.states, played.result
    ends: dict[str, float] = {}
    for execution in states.executions:
        if execution.machine.arn == played.world.machine("intake") and execution.status == "SUCCEEDED":
            name = _endpoint(execution.input)
            ends.setdefault(name, execution.stop or 0.0)
    acted_on = {name: end for name, end in ends.items() if name.startswith(NOBODY)}
    raised = next(change.at for change in result.alarms if "error-rate" in change.alarm and change.state == "ALARM")
    restored = (
        call.at
        for call in result.calls
        if call.operation == "UpdateEndpointWeightsAndCapacities" and call.at > raised and not call.error
    )
    return Flood(
        events=events,
        acted_on=len(acted_on),
        dead_letters=result.final.dead_letters,
        waiting=result.final.events_waiting,
        throttled=sum("TooManyRequests" in call.error for call in result.calls),
        last=max(acted_on.values(), default=0.0) - result.started - begins,
        alarm=next(restored, float("inf")) - raised,
    )


def _scenario(functions_at_once: int, harsh: bool) -> Scenario:
    hosting = {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 2}
    stage = {
        "endpoint": "digits",
        "hosting": hosting,
        "strategy": {"kind": "canary", "steps": [20], "bake": "12h"},
        "evidence": [{"metric": "error_rate", "max": "2%", "min_requests": 50}],
    }
    version = {"group": "digits", "version": 1}
    return Scenario.model_validate(
        {
            "scenario": "flood",
            "about": "Many events at once.",
            "start": "2026-01-05T09:00:00Z",
            "lasts": "40m",
            "functions_at_once": functions_at_once,
            "policies": [{"model_package_group": "digits", "stages": [stage]}],
            "endpoints": [
                {"name": "digits", "model": "plain", "initial_instances": 2, "tags": {"interlock:group": "digits"}}
            ],
            "traffic": [{"endpoint": "digits", "requests_per_second": 3}],
            "timeline": [
                {"at": "0m", "register": {"group": "digits", "model": "broken"}},
                {"at": "1m", "approve": version},
            ],
            "unsure": {"delivery": {"messages": "twice", "failing_pipe": "pauses"}} if harsh else {},
            "expect": [{"release": "digits-v1-1", "outcome": "RolledBack"}],
        }
    )


def _pour(events: int, begins: float, world: World) -> None:
    for number in range(events):
        world.clock.after(begins + number * EACH, partial(world.bus.publish, _event(number)))


def _event(number: int) -> dict[str, Any]:
    """An endpoint of somebody else has settled."""
    return {
        "version": "0",
        "id": f"00000000-0000-0000-0000-{number:012}",
        "detail-type": "SageMaker Endpoint State Change",
        "source": "aws.sagemaker",
        "account": ACCOUNT,
        "time": "2026-01-05T09:08:55Z",
        "region": REGION,
        "resources": [],
        "detail": {"EndpointName": f"{NOBODY}-{number}", "EndpointConfigName": NOBODY, "EndpointStatus": "IN_SERVICE"},
    }


def _endpoint(given: str) -> str:
    """The endpoint that the input of an execution of intake tells of; "" if it tells of none."""
    event = json.loads(given)
    if isinstance(event, list):
        event = json.loads(event[0]["body"])
    return str(event.get("detail", {}).get("EndpointName", ""))


def main() -> None:
    """Print what becomes of a flood of as many events as the command line says."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(f"{'answers':8} {'events':>7} {'acted on':>9} {'dead':>5} {'throttled':>10} {'last event':>11} {'alarm':>8}")
    for answers in ("usual", "harsh"):
        found = flood(events, FUNCTIONS_AT_ONCE, BEFORE, answers == "harsh")
        print(
            f"{answers:8} {found.events:7} {found.acted_on:9} {found.dead_letters:5} {found.throttled:10} "
            f"{found.last:9.1f} s {found.alarm:6.1f} s"
        )


if __name__ == "__main__":
    main()
