"""The loop's part of what `--json` prints: decisions, retrainings and monitors. Its keys are a contract."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rehearsal.report.result import Result, instant
from rehearsal.report.retrainings import Loop
from rehearsal.report.watching import Decision, Monitor, MonitorRun


def loop_json(result: Result) -> dict[str, Any]:
    """Times as ISO 8601 in UTC, costs in dollars at list prices."""
    return {
        "decisions": [_decision(each) for each in result.decisions],
        "loops": [_loop(each, result.ended) for each in result.loops],
        "monitors": [_monitor(each) for each in result.monitors],
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {**asdict(decision), "at": instant(decision.at), "subjects": list(decision.subjects)}


def _loop(loop: Loop, ended: float) -> dict[str, Any]:
    return {
        "name": loop.name,
        "group": loop.group,
        "endpoint": loop.endpoint,
        "signal": dict(loop.signal),
        "decision": _decision(loop.decision) if loop.decision else None,
        "started": instant(loop.started),
        "ended": None if loop.ended is None else instant(loop.ended),
        "virtual_seconds": round((loop.ended or ended) - loop.started, 3),
        "reason": loop.reason,
        "sentence": loop.sentence,
        "version": loop.version or None,
        "champion": loop.champion or None,
        "verdict": loop.verdict,
        "rules": [asdict(each) for each in loop.rules],
        "release": loop.release or None,
        "cost_usd": round(loop.cost_usd, 6),
    }


def _monitor(monitor: Monitor) -> dict[str, Any]:
    month = monitor.usd_per_month
    return {
        "endpoint": monitor.endpoint,
        "monitor": monitor.name,
        "kind": monitor.kind,
        "runs": [_run(each) for each in monitor.runs],
        "cost_usd": round(monitor.cost_usd, 6),
        "usd_per_month": None if month is None else round(month, 4),
    }


def _run(run: MonitorRun) -> dict[str, Any]:
    return {
        "window": [instant(run.begin), instant(run.end)],
        "ended": instant(run.ended),
        "version": run.version,
        "status": run.status,
        "sentence": run.sentence,
        "records": run.records,
        "violations": [asdict(each) for each in run.violations],
    }
