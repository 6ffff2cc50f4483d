"""A look at the evidence: what the judge is given, and what it answers."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from interlock.model.notices import Notice
from interlock.model.request import Request

LATE_METRICS = 180
"""Seconds after its end until a minute of CloudWatch's metrics is taken to be whole. SageMaker's metrics come in "near
real time", each in its own (docs: sagemaker/latest/dg/monitoring-cloudwatch, which names no bound)."""


class Look(TypedDict):
    """What a look at the evidence saw. ``bake``: of the step; ``results``: of GetMetricData since the release's first
    bake; ``alarms``: of DescribeAlarms; ``error``: why either could not be asked, or empty; ``looks``: how many this
    bake has had before; ``split``: of the traffic, and ``since`` when it has been so (ISO 8601); ``until``: when it was
    measured (ISO 8601; records of before 2026-11-21 have none); ``life_cycle``: the package's ModelLifeCycle, where a
    person is asked and it may answer; ``gate``: Status and Output of the execution that asks a gate, as far as it could
    be read (botocore DescribeExecution)."""

    bake: Request
    results: list[Request]
    alarms: list[Request]
    error: str
    looks: int
    split: NotRequired[Request]
    since: str
    until: NotRequired[str]
    life_cycle: NotRequired[Request]
    gate: NotRequired[Request]


class Judgement(TypedDict):
    """What the evidence says, and what follows. ``next``: Advance, Look, Reallocate, AskGate, Hold or RollBack;
    ``seconds``: until the next look; ``percent``: the candidate's share at this look, and ``split`` the one from here
    on. With Reallocate comes the ``step`` that sets it, with AskGate the one that starts the gate, and with Hold the
    ``notice`` for the person who is to decide."""

    verdict: str
    next: str
    seconds: int
    reason: str
    sentence: str
    findings: list[Request]
    winner: str
    percent: float
    split: Request
    step: NotRequired[Request]
    notice: NotRequired[Notice]
