"""Start a retraining and judge what it brought, under the policy in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypedDict

from interlock.execution.objects import why_unread
from interlock.model.notices import Notice, about_version
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.policy.in_force import PolicyUnusable, usable_policy
from interlock.retraining.gate import Judged, judge_challenger, judged
from interlock.retraining.plan import PlanFacts, RetrainingPlan, plan, refused
from interlock.retraining.verdict import Contender, GateFacts, Opinion


class PlanRetrainingTask(PlanFacts):
    """A retraining that was decided, and the policies of its group (each null when there is none)."""

    document: str | None
    last_good: str | None


class GateTask(GateFacts):
    """The new version and the live one, and the policies of their group (each null when there is none)."""

    document: str | None
    last_good: str | None


class CompareModelsTask(TypedDict):
    """What the machine ``retrain`` has read. ``of``: its input; ``challenger``: version and arn; ``live``: the live
    version, 0 if none. ``versions`` (DescribeModelPackage) and ``reports`` (texts by URI) as ``observe``
    answered them; ``policy``: its document and last_good."""

    now: str
    group: str
    name: str
    of: Mapping[str, Any]
    challenger: Mapping[str, Any]
    live: int
    versions: list[Mapping[str, Any]]
    reports: list[Mapping[str, Any]]
    policy: Mapping[str, Any]


class RetrainingEnd(TypedDict):
    """How a retraining ended. ``failed``: whether its execution should show as failed."""

    reason: str
    sentence: str
    failed: bool
    notice: Notice


class Comparison(TypedDict):
    """``request``: of UpdateModelPackage. ``end``: the end of the retraining, and ``not_recorded``: the end if that
    request is refused. ``record``: for the ledger."""

    verdict: str
    request: Request
    end: RetrainingEnd
    not_recorded: RetrainingEnd
    record: Request


NO_SECTION = (
    "The policy has no retraining section any more; write retraining: {pipeline: <name>} to have Interlock do it."
)


def plan_retraining(task: PlanRetrainingTask) -> RetrainingPlan:
    """The call that starts a retraining. The same task gets the same answer."""
    try:
        policy, _ = usable_policy(task["group"], task["document"], task["last_good"])
    except PolicyUnusable as unusable:
        return refused(task, unusable.reason, str(unusable))
    if policy.retraining is None:
        return refused(task, Reason.RETRAINING_NOT_CONFIGURED, NO_SECTION)
    return plan(task, policy.retraining)


def compare_models(task: CompareModelsTask) -> Comparison:
    """The verdict about a new version, and the ends that may follow from it."""
    verdict = judge_versions(_gate_task(task))
    reason, said, version = verdict["reason"], verdict["sentence"], task["challenger"]["version"]
    sorry = f"{said} The verdict could not be written to the package, so nothing follows from it; a person decides."
    notice = about_version(task["group"], version, "waits for your approval", f"{sorry}\n\n{verdict['notice']['body']}")
    return {
        "verdict": verdict["verdict"],
        "request": verdict["update"],
        "end": {"reason": reason, "sentence": said, "failed": False, "notice": verdict["notice"]},
        "not_recorded": {"reason": reason, "sentence": sorry, "failed": True, "notice": notice},
        "record": {**verdict["record"], "comparison": verdict["comparison"]},
    }


def judge_versions(task: GateTask) -> Judged:
    """The verdict about a new version. Without a policy that can be used, a person decides."""
    try:
        policy, _ = usable_policy(task["group"], task["document"], task["last_good"])
    except PolicyUnusable as unusable:
        return judged(task, Opinion("Leave", unusable.reason, f"{unusable} So a person decides."))
    if policy.retraining is None:
        return judged(task, Opinion("Leave", Reason.RETRAINING_NOT_CONFIGURED, f"{NO_SECTION} So a person decides."))
    return judge_challenger(task, policy.retraining.gate)


def _gate_task(task: CompareModelsTask) -> GateTask:
    versions, texts = task["versions"], {each["uri"]: each for each in task["reports"]}
    new = (versions[0].get("found") if versions else None) or {}
    live = (versions[1].get("found") if len(versions) > 1 else None) or {}
    challenger, before = task["challenger"], task["of"].get("champion") or {}
    contender = _contender(challenger["version"], new, texts)
    contender["arn"], contender["status"] = challenger["arn"], str(new.get("ModelApprovalStatus", ""))
    return {
        "now": task["now"],
        "group": task["group"],
        "endpoint": str(task["of"].get("endpoint", "")),
        "retraining": task["name"],
        "signal": task["of"].get("signal") or {},
        "challenger": contender,
        "champion": _contender(task["live"], live, texts) if task["live"] else None,
        "champion_at_start": before.get("version"),
        "document": task["policy"].get("document"),
        "last_good": task["policy"].get("last_good"),
    }


def _contender(version: int, package: Mapping[str, Any], texts: Mapping[str, Any]) -> Contender:
    """A version with the reports that its package names (botocore ModelMetrics); null where there is none to read."""
    metrics = package.get("ModelMetrics") or {}
    report = str(((metrics.get("ModelQuality") or {}).get("Statistics") or {}).get("S3Uri"))
    bias = str(((metrics.get("Bias") or {}).get("Report") or {}).get("S3Uri"))
    unread = (why_unread(uri, texts[uri]) for uri in (report, bias) if uri in texts)
    return {
        "version": version,
        "report": _read(texts.get(report)),
        "bias": _read(texts.get(bias)),
        "unread": " ".join(filter(None, unread)),
    }


def _read(answer: Mapping[str, Any] | None) -> Any:
    found = (answer or {}).get("found")
    try:
        return json.loads(found["text"]) if found else None
    except ValueError:
        return None
