"""Made-up runs, decisions and a retraining, for tests of what is shown of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rehearsal.report.prices import Cost, instance_hour
from rehearsal.report.result import Release, Result
from rehearsal.report.retrainings import Loop, Rule
from rehearsal.report.watching import Decision, FeatureDrift, Monitor, MonitorRun, TrafficDrift, Violated
from tests.rehearsal.stage.synthetic import START, result

HOUR = 3600.0
DECIDED = START + 3.35 * HOUR
COSTS = (Cost(instance_hour("processing", "ml.m5.large"), 1 / 60),)


def run(hour: int, charge: float = 0.03, version: int = 1, **changed: Any) -> MonitorRun:
    """The run of the window that begins so many hours after the start."""
    drifted = charge > 0.1
    begin = START + hour * HOUR
    found = MonitorRun(
        f"job-{hour}", "churn", "inputs", begin, begin + HOUR, begin + HOUR + 1140,
        "CompletedWithViolations" if drifted else "Completed", "said", "data_quality", version, 720,
        (Violated("baseline_drift_check", "charge"),) if drifted else (),
        (FeatureDrift("charge", charge, 0.1, 0.5, 1e-9, drifted), FeatureDrift("age", 0.02, 0.1),
         FeatureDrift("plan", 0.05, 0.1)),
        COSTS,
    )  # fmt: skip
    return replace(found, **changed)


def decision(at: float, remedy: str = "ignore", reason: str = "NoViolations", **changed: Any) -> Decision:
    found = Decision(at, "churn", "churn/inputs/2026/01/05/10", "data_quality", remedy, reason, f"Because of {reason}.")
    return replace(found, **changed)


def rule(verdict: str, low: float | None, high: float | None, text: str = "accuracy better by 1 %") -> Rule:
    return Rule(text, "accuracy", verdict, f"accuracy: {verdict}.", 0.83, 0.80, low, high)


def loop(**changed: Any) -> Loop:
    """A retraining that was approved and led to the release churn-v2-1."""
    made = Loop(
        "churn-20260105-1", "churn", "churn", {"run": "churn/inputs/2026/01/05/11"},
        decision(DECIDED, "retrain", "RemedyChosen"), DECIDED, START + 3.5 * HOUR, "GatePassed",
        "It is approved.", False, 2, 1, "Approve", "GatePassed", "It shows all.", START + 3.45 * HOUR,
        (rule("Pass", 0.01, 0.05),), "churn-v2-1", costs=COSTS,
    )  # fmt: skip
    return replace(made, **changed)


def watched(*runs: MonitorRun, **changed: Any) -> Result:
    """A rehearsal with one monitor, whose requests drift from the second hour on, and one retraining."""
    live = Release(
        "churn-v2-1", "churn", 2, "Succeeded", "Delivered", "Version 2 is live.", START + 3.6 * HOUR,
        START + 4.5 * HOUR, 1, 1, 0, 0, 0, 0,
    )  # fmt: skip
    retrain = decision(DECIDED, "retrain", "RemedyChosen")
    every = runs or (run(0), run(1), run(2, 0.4), run(3, 0.4), run(5, 0.02, 2))
    base = replace(
        result(),
        ended=START + 8 * HOUR,
        releases=(live,),
        decisions=(decision(START + HOUR), decision(START + 2 * HOUR), retrain),
        loops=(loop(),),
        monitors=(Monitor("churn", "inputs", "data_quality", every),),
        drifts=(TrafficDrift("churn", "prices", START + 2 * HOUR, START + 8 * HOUR),),
    )  # fmt: skip
    return replace(base, **changed)
