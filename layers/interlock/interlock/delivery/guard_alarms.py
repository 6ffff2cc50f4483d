"""Alarms that guard a release: one for each upper limit on requests, a default for errors, and the veto that stops a
native deployment."""

from __future__ import annotations

from interlock.evidence.kinds.registry import METHODS
from interlock.evidence.metrics import METRICS, in_unit, metric_stat
from interlock.model.names import alarm_name
from interlock.model.plan import Step
from interlock.model.request import Request
from interlock.policy.rules import EvidenceRule
from interlock.policy.stage import Stage

DEFAULT_ERROR_LIMIT = 0.05
"""Share of server errors that ends a bake if the policy has no limit for them."""

GUARDED = frozenset(name for name, metric in METRICS.items() if metric.each)
"""Metrics that an alarm can watch."""

CANDIDATE = "the candidate"
"""What an alarm watches, in words."""

VETO_NAMESPACE = "Interlock"
"""The only namespace to which the role of ``act`` may write metrics."""


def is_guarded(rule: EvidenceRule) -> bool:
    """Whether an alarm can act on ``rule``. A comparison needs two variants and a test. A metric without a value for
    each request is too coarse to end a bake at once."""
    return rule.bound == "max" and rule.metric in GUARDED


def guards(release: str, stage: Stage, dimensions: dict[str, str], of: str = CANDIDATE) -> tuple[Step, ...]:
    """PutMetricAlarm steps that watch the candidate, which ``dimensions`` tell from stable, or whatever they are
    ``of``."""
    rules = [rule for rule in stage.evidence if is_guarded(rule)]
    if not any(rule.metric == "error_rate" for rule in rules):
        rules.insert(0, EvidenceRule(metric="error_rate", max=DEFAULT_ERROR_LIMIT))
    return tuple(_guard(release, rule, dimensions, of) for rule in rules)


def _guard(release: str, rule: EvidenceRule, dimensions: dict[str, str], of: str) -> Step:
    """An alarm for ``rule``. It is coarse on purpose: it ends a bake early when the candidate is obviously bad;
    evidence judges the rest. Three minutes decide, all of them unless the kind of metric says otherwise. A minute
    without traffic is not a breach (AWS's guardrail examples: TreatMissingData notBreaching).
    """
    metric = METRICS[rule.metric]
    signal = rule.metric if of == CANDIDATE else f"{rule.metric} of {of}"
    above = f"above {in_unit(metric.unit, rule.value)}"
    stat = metric_stat(metric.name, metric.namespace, dimensions, 60, metric.statistic)
    request: Request = {
        "AlarmName": alarm_name(release, signal.replace("_", "-").replace(" ", "-")),
        "AlarmDescription": f"{metric.title} of {of} {above}",
        "ActionsEnabled": False,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": rule.value,
        "TreatMissingData": "notBreaching",
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 3,
        **METHODS[metric.kind.name].alarm(metric, stat),
    }
    whose = "" if of == CANDIDATE else f" of {of}"
    return Step("PutMetricAlarm", f"Guard: {metric.title}{whose} {above} ends the bake", request)


def veto_alarm(release: str) -> Step:
    """The alarm by which Interlock stops a native deployment.

    No API cancels a running UpdateEndpoint; an alarm in AutoRollbackConfiguration does. SetAlarmState is undone
    "often within seconds" (botocore SetAlarmState), so the alarm watches a metric that only Interlock writes.
    """
    request: Request = {
        "AlarmName": alarm_name(release, "veto"),
        "AlarmDescription": "Interlock stops the deployment",
        "ActionsEnabled": False,
        "Namespace": VETO_NAMESPACE,
        "MetricName": "Veto",
        "Dimensions": [{"Name": "Release", "Value": release}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 0,
        "TreatMissingData": "ignore",
    }
    return Step("PutMetricAlarm", "Veto: lets Interlock stop the deployment", request)


def veto(release: str) -> Request:
    """PutMetricData that raises the veto alarm."""
    datum = {"MetricName": "Veto", "Dimensions": [{"Name": "Release", "Value": release}], "Value": 1.0, "Unit": "Count"}
    return {"Namespace": VETO_NAMESPACE, "MetricData": [datum]}
