"""Releases that somebody or something stops: plans with every kind of wait, and the words that end one.

A play is the same up to the word, whatever the word is, so one play without a word tells when each wait begins.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rehearsal.playing import begin
from rehearsal.scenario.model import Scenario
from rehearsal.setting import set_up
from rehearsal.states.execution import Execution
from rehearsal.world import World

FOLDER = Path(__file__).parents[3] / "scenarios"
RELEASE = "digits-v1-1"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:check"

Act = dict[str, Any]


def operate(action: str) -> Act:
    return {"operate": {"action": action, "endpoint": "digits"}}


def _alarm(state: str) -> Act:
    request = {"AlarmName": "team-alarm", "StateValue": state, "StateReason": "By hand"}
    return {"call": {"service": "cloudwatch", "operation": "SetAlarmState", "request": request}}


WORDS: dict[str, tuple[Act, str]] = {
    "alarm": (_alarm("ALARM"), "AlarmRaised"),
    "abort": (operate("abort"), "AbortedByPerson"),
    "rejection": ({"reject": {"group": "digits", "version": 1}}, "VersionRejected"),
}
"""What ends a release, and the reason that it then has."""

_CANARY = {"kind": "canary", "steps": [20, 50], "bake": "10m", "traffic": "weights"}
_STAGE = {
    "endpoint": "digits",
    "hosting": {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 4},
    "strategy": _CANARY,
    "alarms": ["team-alarm"],
}
_TOO_FEW = [{"metric": "error_rate", "max": "2%", "min_requests": 100}]
_FOUND = {"name": "digits", "model": "plain", "initial_instances": 4, "tags": {"interlock:group": "digits"}}


def _plan(timeline: Iterable[Act] = (), endpoints: Iterable[Act] = (_FOUND,), **stage: Any) -> Act:
    return {"stage": _STAGE | stage, "timeline": list(timeline), "endpoints": list(endpoints)}


PLANS: dict[str, Act] = {
    "weights": _plan(smoke={"body": ",".join(["0"] * 64), "content_type": "text/csv"}),
    "hold": _plan(evidence=_TOO_FEW, inconclusive={"extensions": 1, "then": "hold"}),
    "asks": _plan(approval={"before": 50, "within": "4h"}),
    "asks the registry": _plan(
        approval={"before": 50, "within": "4h", "life_cycle": {"stage": "Production", "status": "Approved"}}
    ),
    "gate": _plan(
        [{"at": "1s", "make_function": {"name": "check"}}],
        gates=[{"before": 50, "function": FUNCTION, "within": "30m"}],
    )
    | {"parameters": {"GateFunctionArns": FUNCTION}},
    "supersede": _plan(newer="supersede"),
    "standby, supersede": _plan(newer="supersede", rollback={"standby": "6h"}),
    "standby, reject": _plan(newer="reject", rollback={"standby": "6h"}),
    "paused": _plan([{"at": "12m", **operate("pause")}]),
    "native": _plan(strategy={"kind": "canary", "steps": [25], "bake": "10m", "traffic": "native"}),
    "create": _plan(endpoints=()),
    "busy": _plan([{"at": "59s", "maintain": {"endpoint": "digits", "lasts": "40m"}}]),
    "busy later": _plan([{"at": "15m", "maintain": {"endpoint": "digits", "lasts": "40m"}}]),
}
"""Releases of version 1 of digits, by what is special about them. There is no traffic: nothing depends on it."""


def account(plan: str, *acts: Act, sagemaker: Act | None = None, parameters: Act | None = None) -> World:
    """The account in which a plan is about to be carried out, and ``acts`` will be done. ``sagemaker``: answers to
    what is unsure; ``parameters`` of the template, if not those of the plan."""
    chosen = PLANS[plan]
    ready = (
        {"AlarmName": "team-alarm", "Namespace": "Team", "MetricName": "Complaints", "Statistic": "Sum"}
        | {"Period": 60, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0}
        | {"TreatMissingData": "ignore"}
    )
    put = {"service": "cloudwatch", "operation": "PutMetricAlarm", "request": ready}
    scenario = Scenario.model_validate(
        {
            "scenario": "stopped",
            "about": "A release is stopped.",
            "start": "2026-01-05T09:00:00Z",
            "lasts": "48h",
            "parameters": chosen.get("parameters", {}) if parameters is None else parameters,
            "policies": [{"model_package_group": "digits", "stages": [chosen["stage"]]}],
            "endpoints": chosen["endpoints"],
            "timeline": [
                {"at": "0m", "call": put},
                {"at": "1s", **_alarm("OK")},
                {"at": "1s", "register": {"group": "digits", "model": "better"}},
                {"at": "1m", "approve": {"group": "digits", "version": 1}},
                *chosen["timeline"],
                *acts,
            ],
            "unsure": {"sagemaker": sagemaker or {}},
            "expect": [{"running": 0}],
        }
    )
    world = set_up(scenario, FOLDER)
    begin(scenario, world, FOLDER)
    return world


def release(world: World) -> Execution:
    """The execution of the release."""
    return next(each for each in world.states.executions if each.name == RELEASE)


def words(world: World) -> list[str]:
    """What each look of the release concluded, as its journal says."""
    verdicts = [each for each in world.ledger() if each["sk"].startswith("VERDICT#")]
    return [json.loads(each["document"])["sentence"] for each in verdicts]
