"""From the event of an alarm, or the word of a person, to the call that puts all traffic back on stable, nothing else
is asked and nobody waits.

Everything that the whole account does in between counts, whoever does it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rehearsal.account.gateway import Call
from rehearsal.report.result import Release
from rehearsal.scenario.expectations.kind import WRITES
from tests.rehearsal.proofs.rehearsals import Played, Rehearsals, Step

FUNCTIONS, TRANSITIONS = 1, 10
SECONDS = 5.0  # of virtual time; a state, a call and a function take a fraction of one, a wait takes more


@dataclass(frozen=True)
class Way:
    """What lay between an alarm or a word and the call that restores traffic. ``changes``: the calls meanwhile that
    change something in SageMaker, with that one."""

    release: str
    seconds: float
    functions: tuple[str, ...]
    states: tuple[str, ...]
    waits: tuple[str, ...]
    changes: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.release}: {self.seconds:.2f} s, {len(self.functions)} functions {self.functions}, "
            f"{len(self.states)} states {self.states}, waits {self.waits}, changes {self.changes}"
        )

    @property
    def short(self) -> bool:
        """Whether nothing else was asked, and nobody waited."""
        few = len(self.functions) <= FUNCTIONS and len(self.states) <= TRANSITIONS
        return few and not self.waits and self.seconds <= SECONDS


def restorings(played: Played) -> Iterator[Way]:
    """One for each release, carried out by one call at a time, that an alarm's event rolled back."""
    for release in played.result.releases:
        by_calls = release.plan.get("traffic") in ("weights", "pointer")
        if by_calls and (release.outcome, release.reason) == ("RolledBack", "AlarmRaised"):
            restored = next(call.at for call in played.calls if _restores(call, release))
            heard = next((door for door in _alarms_heard(played, release) if door[0].at <= restored), None)
            if heard:  # otherwise the event was late, lost or throttled, and came again or was looked for
                yield _way(played, release, heard, restored)


def _restores(call: Call, release: Release) -> bool:
    """Whether a call takes every request from the release's candidate."""
    if call.operation == "PutParameter" and call.caller.execution in release.executions:
        return bool(call.request == release.plan["restore"]["request"])
    if call.operation != "UpdateEndpointWeightsAndCapacities" or call.caller.execution not in release.executions:
        return False
    weights = {each["VariantName"]: each["DesiredWeight"] for each in call.request["DesiredWeightsAndCapacities"]}
    taken = [weights.pop(variant) for variant in {variant for variant, _ in release.candidates} if variant in weights]
    return taken == [0] and all(weights.values())


def _alarms_heard(played: Played, release: Release) -> Iterator[list[Step]]:
    """The steps of each execution that an event of the release's alarms started, and that was not throttled."""
    throttled = {call.caller.execution for call in played.calls if call.service == "lambda" and call.error}
    for call in played.calls_of_roles():
        asks = call.service == "lambda" and call.at >= release.started and call.caller.execution not in throttled
        if asks and _alarm_told(json.loads(call.request["Payload"])) in release.guards:
            yield [step for step in played.steps if step.execution == call.caller.execution]


def _alarm_told(payload: Any) -> str:
    """The alarm of whose event a message tells; "" if it tells of none."""
    if not isinstance(payload, list):
        return ""
    event = json.loads(payload[0]["body"])
    return str(event["detail"]["alarmName"]) if event.get("source") == "aws.cloudwatch" else ""


def taken_back(played: Played, release: Release) -> Way:
    """The way from a person's word, which starts `operate`, to the call that takes the version back."""
    restored = next(call.at for call in played.calls if _restores(call, release))
    asked = [step for step in played.steps if step.state == "AskIntake" and step.at <= restored]
    return _way(played, release, asked[-1:], restored)


def _way(played: Played, release: Release, heard: list[Step], restored: float) -> Way:
    """What the door does after it has woken the release is not on the way, nor what `operate` does then."""
    began = heard[0].at
    calls = [call for call in played.calls_of_roles() if began <= call.at <= restored]
    woken = next(call for call in calls if call.operation == "SendTaskFailure")
    told = {heard[0].execution, woken.caller.execution}
    by_time = sorted(played.steps, key=lambda step: step.at)
    states = [step for step in by_time if began <= step.at <= (woken.at if step.execution in told else restored)]
    return Way(
        release=f"{played.result.scenario} {release.id}",
        seconds=restored - began,
        functions=tuple(call.request["FunctionName"].rpartition(":")[2] for call in calls if call.service == "lambda"),
        states=tuple(step.state for step in states),
        waits=tuple(step.state for step in states if step.type == "Wait"),
        changes=tuple(
            call.operation for call in calls if call.service == "sagemaker" and call.operation.startswith(WRITES)
        ),
    )


def test_restoring_takes_one_function_and_ten_transitions_and_no_wait(rehearsals: Rehearsals) -> None:
    ways = [way for played in rehearsals.all().values() for way in restorings(played)]

    assert len(ways) >= 3, "too few scenarios have an alarm roll a release back"
    too_long = [str(way) for way in ways if not way.short]
    assert not too_long, "\n".join(too_long)


def test_one_call_takes_back_a_version_that_is_live(rehearsals: Rehearsals) -> None:
    """While stable stands by, from the operator's word to the call."""
    played = rehearsals["standby-aborted"]
    [release] = played.result.releases
    [live] = [entry.at for entry in release.journal if entry.kind == "LIVE"]
    way = taken_back(played, release)

    assert release.turned_back is not None
    assert release.turned_back > live
    assert way.short, str(way)
    assert way.states[0] == "AskIntake"
    assert way.changes == ("UpdateEndpointWeightsAndCapacities",)
