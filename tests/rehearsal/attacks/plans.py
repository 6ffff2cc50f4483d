"""Releases that are attacked: short in virtual time and without traffic, so that a play costs half a second.

Version 1 of digits goes to the endpoint digits, where `plain` serves with two instances, unless the plan creates it.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from rehearsal.account.gateway import Call
from rehearsal.playing import Rehearsal, rehearse
from rehearsal.scenario.harsh import under_harsh_answers
from rehearsal.scenario.model import Scenario
from rehearsal.states.execution import Entered
from rehearsal.world import IMAGE

FOLDER = Path(__file__).parents[3] / "scenarios"
RELEASE = "digits-v1-1"
ENDPOINT = "digits"
STABLE = "plain"
INSTANCES = 2
APPROVED = 30.0  # seconds after which the version is approved

Document = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One play of an attack: its `name`, and the `document` of a scenario. What the attack wants to know of it later
    stands in `notes`."""

    name: str
    document: Document
    notes: tuple[Any, ...] = ()


def operate(action: str) -> Document:
    return {"operate": {"action": action, "endpoint": ENDPOINT}}


def alarm(state: str) -> Document:
    request = {"AlarmName": "team-alarm", "StateValue": state, "StateReason": "By hand"}
    return {"call": {"service": "cloudwatch", "operation": "SetAlarmState", "request": request}}


REJECT: Document = {"reject": {"group": ENDPOINT, "version": 1}}
STOP: Document = {"stop_execution": {"machine": "deliver"}}

_ALARM = {
    "AlarmName": "team-alarm",
    "Namespace": "Team",
    "MetricName": "Complaints",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 0,
    "TreatMissingData": "ignore",
}
CANARY = {"kind": "canary", "steps": [50], "bake": "2m", "traffic": "weights"}
NATIVE = {"kind": "canary", "steps": [50], "bake": "2m", "traffic": "native"}
SHADOW = {"kind": "shadow", "sampling": "50%", "bake": "2m"}
ROLLING = {"kind": "rolling", "batch": 50, "bake": "2m"}
_FOUND = {"name": ENDPOINT, "model": STABLE, "initial_instances": INSTANCES, "tags": {"interlock:group": ENDPOINT}}
_QUICK: dict[str, Any] = {"create_seconds": 60, "provision_seconds": 60, "terminate_seconds": 20, "weights_seconds": 20}
_QUICK |= {
    "transform_start_seconds": 60,
    "transform_run_seconds": 20,
    "capacity_seconds": 60,
    "promoted_shadow": "taken",
}
BAKES = {"machine": "deliver", "state": "Bake", "later": "30s"}
_MOVES = {"endpoint": ENDPOINT, "status": "Updating", "later": "45s"}

_TRACKS = {
    "TargetValue": 900,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
}
_POLICY = {
    "PolicyName": "team",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": _TRACKS,
}
_SCHEDULE = {
    "ScheduledActionName": "morning",
    "Schedule": "cron(0 4 * * ? *)",
    "ScalableTargetAction": {"MinCapacity": 2},
}
SCALES = {"min": 1, "max": 6, "policies": [_POLICY], "schedules": [_SCHEDULE]}
_SCALED = [{**_FOUND, "autoscaling": SCALES}]
_SERVERLESS = {
    "strategy": {"kind": "all_at_once", "bake": "2m"},
    "stage": {"hosting": {"kind": "serverless", "memory_mb": 2048, "max_concurrency": 5}},
    "endpoints": [{"name": ENDPOINT, "model": STABLE, "serverless": True, "tags": {"interlock:group": ENDPOINT}}],
}
_MULTI_MODEL = {
    "strategy": {"kind": "all_at_once", "bake": "2m"},
    "stage": {
        "hosting": {"kind": "multi_model", "prefix": "s3://models-123456789012/digits", "instance_type": "ml.m5.large"},
        "smoke": {"body": ",".join(["0"] * 64)},
    },
    "endpoints": [
        {
            **_FOUND,
            "of_model": {
                "PrimaryContainer": {
                    "Image": IMAGE,
                    "Mode": "MultiModel",
                    "ModelDataUrl": "s3://models-123456789012/digits/",
                }
            },
        }
    ],
    "scenario": {"parameters": {"MultiModelFolder": "digits"}},
}

_RECORD = ",".join(["0"] * 64)
_BATCH: Document = {
    "strategy": {"kind": "all_at_once", "bake": "2m"},
    "stage": {
        "hosting": {
            "kind": "batch",
            "instance_type": "ml.m5.large",
            "sample": {
                "input": "s3://models-123456789012/samples/one.csv",
                "sha256": hashlib.sha256(_RECORD.encode()).hexdigest(),
            },
        },
    },
    "endpoints": [],
    "timeline": [
        {"at": "0m", "put_object": {"bucket": "models-123456789012", "key": "samples/one.csv", "text": _RECORD}}
    ],
    "scenario": {"parameters": {"BatchFolder": "batch"}},
}

_YES = {
    "when": {**BAKES, "time": 3, "later": "2m"},
    "operate": {"action": "approve", "endpoint": ENDPOINT, "version": 1, "before": 100},
}

_COMPONENT = {
    "kind": "inference_components",
    "component": "digits-v",
    "memory_mb": 1024,
    "copies": INSTANCES,
    "instance_type": "ml.m5.large",
    "instances": INSTANCES,
}

PLANS: dict[str, Document] = {
    "weights": {"strategy": CANARY},
    "native": {"strategy": NATIVE},
    "all at once": {"strategy": {"kind": "all_at_once", "bake": "2m"}},
    "serverless": _SERVERLESS,
    "serverless rollback": {**_SERVERLESS, "timeline": [{"when": BAKES, **operate("abort")}]},
    "multi-model": _MULTI_MODEL,
    "multi-model rollback": {**_MULTI_MODEL, "timeline": [{"when": BAKES, **operate("abort")}]},
    "batch": _BATCH,
    "batch rollback": {**_BATCH, "timeline": [*_BATCH["timeline"], {"when": BAKES, **operate("abort")}]},
    "create": {"strategy": CANARY, "endpoints": []},
    "component": {"strategy": ROLLING, "endpoints": [], "stage": {"hosting": _COMPONENT}},
    "rollback": {"strategy": CANARY, "timeline": [{"when": BAKES, **operate("abort")}]},
    "shadow": {"strategy": SHADOW},
    "standby": {"strategy": CANARY, "stage": {"rollback": {"watch": "1m", "standby": "6m"}}},
    "approval": {"strategy": CANARY, "stage": {"approval": {"before": 100, "within": "10m"}}, "timeline": [_YES]},
    "rolling rollback": {"strategy": ROLLING, "timeline": [{"when": _MOVES | {"later": "6m"}, **operate("abort")}]},
    "native rollback": {"strategy": NATIVE, "timeline": [{"when": _MOVES, **operate("abort")}]},
    "autoscaled": {"strategy": CANARY, "endpoints": _SCALED},
    "autoscaled rollback": {
        "strategy": CANARY,
        "endpoints": _SCALED,
        "timeline": [{"when": {**BAKES, "time": 2}, **operate("abort")}],
    },
}
"""What is special about each."""


def document(plan: str | Document, *acts: Document, **more: Any) -> Document:
    """The scenario of a plan, one of PLANS by its name, with more acts; `more` are further fields of the scenario."""
    chosen = PLANS[plan] if isinstance(plan, str) else plan
    stage = {
        "endpoint": ENDPOINT,
        "hosting": {"kind": "realtime", "instance_type": "ml.m5.large", "instances": INSTANCES},
        "strategy": chosen["strategy"],
        "alarms": ["team-alarm"],
        **chosen.get("stage", {}),
    }
    return {
        "scenario": "attacked",
        "about": "A release is attacked.",
        "start": "2026-01-05T09:00:00Z",
        "lasts": "50m",
        "policies": [{"model_package_group": ENDPOINT, "stages": [stage]}],
        "endpoints": chosen.get("endpoints", [_FOUND]),
        "timeline": [
            {"at": "0m", "call": {"service": "cloudwatch", "operation": "PutMetricAlarm", "request": _ALARM}},
            {"at": "1s", **alarm("OK")},
            {"at": "1s", "register": {"group": ENDPOINT, "model": "better"}},
            {"at": f"{APPROVED}s", "approve": {"group": ENDPOINT, "version": 1}},
            *chosen.get("timeline", []),
            *acts,
        ],
        "unsure": {"sagemaker": _QUICK},
        "expect": [{"running": 0}],
        **chosen.get("scenario", {}),
        **more,
    }


def play(written: Document, harsh: bool = False) -> Rehearsal:
    """Play the scenario of a case, if wanted under the harsh answers."""
    return rehearse(Scenario.model_validate(under_harsh_answers(written) if harsh else written), FOLDER)


@cache
def undisturbed(plan: str) -> Rehearsal:
    """A plan as it goes if nobody attacks it."""
    return play(document(plan))


@cache
def begins(plan: str) -> float:
    """From when on a plan goes its own way. Until then its calls are those of a plan before it, which is attacked."""
    mine = _way(plan)
    shared = max((_alike(mine, _way(other)) for other in _before(plan)), default=0)
    return mine[shared].at if shared < len(mine) else math.inf


@cache
def ends(plan: str) -> float:
    """Until when a plan goes its own way. After that it tidies and settles, with the calls of a plan before it that
    ends alike, which is attacked."""
    mine = _tail(plan)
    alike = (other for other in _before(plan) if _reasons(other) == _reasons(plan))
    shared = max((_alike(mine, _tail(other)) for other in alike), default=0)
    return mine[shared - 1].at if shared else math.inf


def _before(plan: str) -> Iterator[str]:
    return takewhile(lambda other: other != plan, PLANS)


def _reasons(plan: str) -> list[str]:
    return [each.reason for each in undisturbed(plan).result.releases]


def _tail(plan: str) -> list[Call]:
    """The calls after it was decided for the last time how the release goes on, from the end."""
    return list(
        takewhile(lambda call: call.caller.state not in ("VerifyEndpoint", "JudgeEvidence"), reversed(_way(plan)))
    )


def _way(plan: str) -> list[Call]:
    """The calls with which a release, or a person who acts on it, goes on."""
    own = re.compile("-(deliver|act|operate):")
    return [call for call in undisturbed(plan).result.calls if own.search(call.caller.execution)]


def _alike(mine: Iterable[Call], others: Iterable[Call]) -> int:
    """How many calls are alike before the first two that are not."""
    pairs = (((a.caller.state, a.operation), (b.caller.state, b.operation)) for a, b in zip(mine, others, strict=False))
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def entered(plan: str) -> list[tuple[int, Entered]]:
    """The states of the release that can be disturbed, numbered from 1: those entered since the plan `begins` and until
    it `ends`, and the one that it is in then. None if it never goes its own way."""
    states = _states(plan)
    before = sum(1 for step in states if step.at < begins(plan))
    until = sum(1 for step in states if step.at <= ends(plan))
    return list(enumerate(states, 1))[max(before - 1, 0) : until] if before < len(states) else []


def _states(plan: str) -> list[Entered]:
    return [step for each in executions(undisturbed(plan), "deliver") for step in each.entered]


def executions(played: Rehearsal, machine: str) -> list[Any]:
    """The executions of one state machine."""
    return [each for each in played.world.states.executions if each.machine.name == f"interlock-{machine}"]
