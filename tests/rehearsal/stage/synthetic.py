"""A made-up Result with one release of each kind, for tests of what is shown rather than of what is simulated."""

from __future__ import annotations

import random

from rehearsal.account.gateway import Call
from rehearsal.aws import Caller
from rehearsal.report import prices
from rehearsal.report.prices import Cost
from rehearsal.report.result import (
    AlarmChange,
    Final,
    Finding,
    JournalEntry,
    Moment,
    Notice,
    Release,
    Restoring,
    Result,
)
from rehearsal.traffic import Minute

START = 1_767_603_600.0  # 2026-01-05T09:00:00Z
ROLE = "arn:aws:iam::123456789012:role/interlock-DeliverRole"


def weights(release: str, at: float, candidate: float) -> Call:
    return Call(
        at,
        Caller(ROLE, f"arn:aws:states:eu-west-1:123456789012:execution:deliver:{release}", "CallSageMaker"),
        "sagemaker",
        "UpdateEndpointWeightsAndCapacities",
        {
            "EndpointName": "digits",
            "DesiredWeightsAndCapacities": [
                {"VariantName": "v2", "DesiredWeight": 1 - candidate},
                {"VariantName": "v3", "DesiredWeight": candidate},
            ],
        },
        "",
        {},
    )


def rolled_back() -> Release:
    why = "error_rate 6.2% is over 1% with 612 requests"
    plan = {
        "decision": "Proceed",
        "strategy": "canary",
        "traffic": "weights",
        "why": "A bake of 90 minutes is longer than guardrails can wait: traffic moves by weights.",
        "warnings": ["Two fleets are paid for while the canary lasts."],
        "steps": [
            {"action": "CreateModel", "request": {"ModelName": "digits-v3-1"}},
            {
                "action": "CreateEndpointConfig",
                "request": {
                    "EndpointConfigName": "digits-v3-1",
                    "ProductionVariants": [
                        {"VariantName": "v2", "ModelName": "digits-v2-1"},
                        {"VariantName": "v3", "ModelName": "digits-v3-1"},
                    ],
                },
            },
            {"action": "PutMetricAlarm", "request": {"AlarmName": "interlock-digits-v3-1-errors"}},
            {"action": "UpdateEndpoint", "request": {"EndpointName": "digits", "EndpointConfigName": "digits-v3-1"}},
            {"action": "UpdateEndpointWeightsAndCapacities", "note": "Send 5 % of the traffic", "request": {}},
            {
                "action": "Bake",
                "note": "Watch 5 %",
                "bake": {"rules": [{"metric": "error_rate", "bound": "max", "value": 0.01}]},
            },
        ],
        "restore": {"action": "UpdateEndpointWeightsAndCapacities", "request": {"EndpointName": "digits"}},
    }
    return Release(
        "digits-v3-1", "digits", 3, "RolledBack", "AlarmRaised",
        "Version 3 was rolled back from digits: its error alarm was raised at 25% of the traffic.",
        START + 10_800, START + 15_240, 74, 6, 0, 8_880, 118, 0,         (
            JournalEntry(START + 10_803, "PLAN", "", plan),
            JournalEntry(START + 13_400, "VERDICT", "4#1", {"verdict": "Pass", "sentence": "0.4% is within 1%"}),
            JournalEntry(START + 14_950, "VERDICT", "6#1", {"verdict": "Fail", "sentence": why}),
            JournalEntry(
                START + 14_941, "ROLLBACK", "",
                {"reason": "AlarmRaised", "sentence": "The error alarm was raised.", "further": "", "step": 5},
            ),
            JournalEntry(START + 15_240, "END", "", {"outcome": "RolledBack"}),
        ),
        (Restoring(START + 14_940, START + 14_941, 0, 6, 0),),
        ("arn:aws:states:eu-west-1:123456789012:execution:deliver:digits-v3-1",),
        (Cost(prices.TRANSITION, 74), Cost(prices.WRITE_UNIT, 31)),
    )  # fmt: skip


def minutes() -> list[Minute]:
    draw, rows = random.Random(7), []
    for index in range(300):
        at = START + index * 60
        share = 0.0
        if 11_700 <= at - START < 13_500:
            share = 0.05
        elif 13_500 <= at - START < 14_940:
            share = 0.25
        for variant, part in (("v2", 1 - share), ("v3", share)):
            if part == 0 and variant == "v3":
                continue
            requests = round((120 + draw.gauss(0, 6)) * part)
            rate = 0.002 if variant == "v2" else 0.004 + 0.1 * (at - START > 14_300)
            errors = sum(draw.random() < rate for _ in range(requests))
            slow = 31_000 + draw.gauss(0, 2_000) + 8_000 * (variant == "v3")
            rows.append(
                Minute("digits", at, variant, "digits-v3-1", part, requests, errors, requests - errors, 12_000.0, slow)
            )
    return rows


def result() -> Result:
    release = rolled_back()
    first = Release(
        "digits-v1-1", "digits", 1, "Succeeded", "Delivered", "Version 1 serves all traffic of digits.",
        START + 60, START + 900, 41, 4, 0, 0, 0, 0,
    )  # fmt: skip
    calls = (weights("digits-v3-1", START + 11_700, 0.05), weights("digits-v3-1", START + 13_500, 0.25),
             weights("digits-v3-1", START + 14_941, 0.0))  # fmt: skip
    return Result(
        "canary-then-rollback",
        "Three versions are approved one after the other; the third one fails in production and is rolled back.",
        7, START, START + 18_000, 3.2, (first, release), calls, tuple(minutes()),
        (AlarmChange(START + 14_940, "interlock-digits-v3-1-errors", "ALARM", "6 > 1"),
         AlarmChange(START + 15_120, "interlock-digits-v3-1-errors", "OK", "")),
        (Notice(START + 15_240, "digits-v3-1 was rolled back",
                "Release digits-v3-1\n\nVersion 3 was rolled back from digits.\nReason: AlarmRaised\n"),),
        (),
        (Moment(START + 10_800, "release", "digits-v3-1 begins"),
         Moment(START + 11_700, "traffic", "weights are set: v2 95%, v3 5%", "digits"),
         Moment(START + 14_940, "alarm", "interlock-digits-v3-1-errors is ALARM", "", False),
         Moment(START + 15_240, "release", "digits-v3-1 ends RolledBack. Version 3 was rolled back.", "", False)),
        Final({}, frozenset({("digits", 3)}), {"digits": {2: 1.0}}, {"digits": "InService"}, {"digits": 2}),
        (Finding("Version 3 is in quarantine", True), Finding("0 requests are lost to a change", False, "3")),
    )  # fmt: skip
