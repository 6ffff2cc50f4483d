"""A signal, a policy and a memory, each with whatever a test wants to be different."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from interlock.execution.remedies import decide_remedy
from interlock.model.signal import Signal, Violation
from tests.unit.examples import ENDPOINT, GROUP, document

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PIPELINE = {"pipeline": "churn-train"}
LIVE = {"endpoint": ENDPOINT, "version": 7, "config": "churn-config-7", "since": "2026-01-01T00:00:00Z"}


def at(hours: float = 0) -> str:
    return (NOW + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def policy(remedies: list[dict[str, Any]] | None = None, retraining: dict[str, Any] | None = None) -> str:
    content = json.loads(document()) | {"remedies": remedies or []}
    return json.dumps(content | ({"retraining": retraining} if retraining is not None else {}))


def drift(*subjects: str, check: str = "baseline_drift_check", **fields: Any) -> dict[str, Any]:
    """A data quality signal of the live version, with a violation a subject."""
    violations = tuple(Violation(check, subject, "Baseline drift distance: 0.4") for subject in subjects)
    values: dict[str, Any] = {
        "kind": "data_quality",
        "group": GROUP,
        "endpoint": ENDPOINT,
        "version": 7,
        "run": f"{ENDPOINT}/inputs/2026/01/05/11",
        "since": at(-1),
        "severity": "medium",
        "sentence": "Monitor inputs found drift." if subjects else "Monitor inputs found nothing.",
        "evidence": "s3://monitoring/results/constraint_violations.json",
        "violations": violations,
        "count": len(violations),
    }
    return Signal(**(values | fields)).as_dict()


def past(hours: float, run: str = "", reason: str = "DriftNotConfirmed", **fields: Any) -> dict[str, Any]:
    """A decision ``hours`` from now (negative: before)."""
    values = {"remedy": "ignore", "kind": "data_quality", "version": 7, "subjects": ["tenure"], "severity": "medium"}
    return {"at": at(hours), "run": run or f"run{hours}", "reason": reason} | values | fields


def weighed(
    signal: dict[str, Any],
    remedies: list[dict[str, Any]] | None = None,
    retraining: dict[str, Any] | None = PIPELINE,
    decisions: list[dict[str, Any]] | None = None,
    remedy: dict[str, Any] | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """The answer of ``decide_remedy``."""
    task = {
        "now": at(),
        "group": GROUP,
        "document": policy(remedies, retraining),
        "last_good": None,
        "signal": signal,
        "live": LIVE,
        "previous": {"version": 6},
        "releasing": False,
        "memory": {"decisions": decisions or [], "remedy": remedy or {}},
        "instances": 1,
        "most_instances": 2,
    }
    return dict(decide_remedy(task | facts))  # type: ignore[arg-type]


def said(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["remedy"], answer["reason"]
